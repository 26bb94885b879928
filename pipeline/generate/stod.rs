//! What a person lived on beside sjukpenning, bistånd and pay, and as what they were registered with
//! Arbetsförmedlingen: the truth that these registers are rendered from.
//!
//! Drawn from a chance of its own, so that the lives in [`super::levnad`] stay as they are.

mod liv;
mod sokande;

pub use liv::Livslopp;
pub use sokande::{Grupp, Kategorier, Period, Sokande};

use super::chance::Chance;
use super::matning::{Fraga, Komponent, Register};
use super::observation::KNOWN_TILL;
use super::person::Person;
use super::tid::{first_day, month_of, shift};
use chrono::{Datelike, NaiveDate, Weekday};

/// Sjukersättning or aktivitetsersättning as decided; both days included.
#[derive(Clone)]
pub struct Beslut {
    pub forman: &'static str,
    pub fran: NaiveDate,
    /// None where it was granted until further notice.
    pub till: Option<NaiveDate>,
    pub grad: &'static str,
    /// The right is kept and nothing is paid, while the person tries to work.
    pub vilande: bool,
    /// False for what was granted only after the extract, for a time before it.
    pub levererad: bool,
}

/// Pay in a programme for a month, in one extent.
pub struct Programmanad {
    pub ersattning: &'static str,
    /// The month that is paid for; it is paid the month after.
    pub manad: u32,
    pub omfattning: i64,
    /// Days paid; none where it is a supplement only.
    pub dagar: i64,
    pub levererad: bool,
}

/// A week with a-kassa.
pub struct Akassavecka {
    pub mandag: NaiveDate,
    pub ersattning: &'static str,
    /// None where the week was asked for and not granted.
    pub dagar: i64,
    pub levererad: bool,
}

/// A term with studiemedel; both days included.
pub struct Studier {
    pub fran: NaiveDate,
    pub till: NaiveDate,
    pub omfattning: i64,
    pub levererad: bool,
}

#[derive(Default)]
pub struct Stod {
    pub beslut: Vec<Beslut>,
    pub program: Vec<Programmanad>,
    pub akassa: Vec<Akassavecka>,
    pub studier: Vec<Studier>,
    pub sokande: Sokande,
}

impl Beslut {
    /// Per cent that it pays on a day.
    pub fn percent_on(&self, when: NaiveDate) -> i64 {
        match self.grad {
            _ if !self.pays_on(when) => 0,
            "01" => 100,
            "02" => 50,
            "03" => 75,
            "04" => 25,
            _ => 67,
        }
    }

    /// Whether it pays on a day.
    fn pays_on(&self, when: NaiveDate) -> bool {
        self.grad != "00" && !self.vilande && self.fran <= when && self.till.is_none_or(|till| when <= till)
    }
}

impl Programmanad {
    /// The month in which it is paid.
    pub const fn paid(&self) -> u32 {
        self.manad + 1
    }
}

impl Stod {
    /// Whether the person lived on what is asked about.
    pub fn holds(&self, fraga: &Fraga) -> bool {
        if fraga.komponent.register() == Register::Sokandekategori {
            return is_so(self.sokande.period_on(fraga.when), fraga.komponent);
        }
        self.any_row(fraga, |_, _| true)
    }

    /// Whether the rows say so, as delivered.
    pub fn shows(&self, fraga: &Fraga) -> bool {
        if fraga.komponent.register() == Register::Sokandekategori {
            return is_so(self.sokande.row_on(fraga.when), fraga.komponent);
        }
        self.any_row(fraga, |levererad, first| levererad && first <= KNOWN_TILL)
    }

    /// Whether a row that would answer was made only after the extract.
    pub fn lacks(&self, fraga: &Fraga) -> bool {
        self.any_row(fraga, |levererad, _| !levererad)
    }

    /// Whether the person had left Arbetsförmedlingen, or its category so late that nobody knew, whatever it says.
    pub fn has_left(&self, fraga: &Fraga) -> bool {
        fraga.komponent.register() == Register::Sokandekategori
            && (self.sokande.period_on(fraga.when).is_none() || fraga.when > KNOWN_TILL)
    }

    /// Whether a row answers with ja, of those that are taken by whether they were delivered and by their first day.
    fn any_row(&self, fraga: &Fraga, takes: impl Fn(bool, NaiveDate) -> bool) -> bool {
        let granted = |forman: &str| {
            let mut rows = self.beslut.iter().filter(|one| takes(one.levererad, one.fran));
            rows.any(|one| one.forman == forman && one.pays_on(fraga.when))
        };
        let paid = |ersattning: &str| {
            let mut rows = self.program.iter().filter(|one| takes(one.levererad, first_day(one.paid())));
            rows.any(|one| one.ersattning == ersattning && one.manad == month_of(fraga.month) && one.dagar > 0)
        };
        match fraga.komponent {
            Komponent::Sjukersattning => granted("SE"),
            Komponent::Aktivitetsersattning => granted("AE"),
            Komponent::Aktivitetsstod => paid("AS"),
            Komponent::Utvecklingsersattning => paid("UE"),
            Komponent::Etableringsersattning => paid("EE"),
            Komponent::AKassa => {
                let mut weeks = self.akassa.iter().filter(|one| takes(one.levererad, one.mandag));
                weeks.any(|one| one.mandag == fraga.monday() && one.dagar > 0)
            }
            Komponent::Studiemedel => {
                let mut terms = self.studier.iter().filter(|one| takes(one.levererad, one.fran));
                terms.any(|one| one.fran <= fraga.when && fraga.when <= one.till)
            }
            _ => false,
        }
    }

    /// What answers a question was not known when the registers were drawn, whatever the komponent.
    pub fn be_late(&mut self, fraga: &Fraga) {
        let (when, monday, month) = (fraga.when, fraga.monday(), month_of(fraga.month));
        self.beslut.iter_mut().filter(|one| one.pays_on(when)).for_each(|one| one.levererad = false);
        self.program.iter_mut().filter(|one| one.manad == month).for_each(|one| one.levererad = false);
        self.akassa.iter_mut().filter(|one| one.mandag == monday).for_each(|one| one.levererad = false);
        let terms = self.studier.iter_mut().filter(|one| one.fran <= when && when <= one.till);
        terms.for_each(|one| one.levererad = false);
    }

    /// Nothing is paid to someone dead or abroad.
    pub fn end_with(&mut self, person: &Person) {
        let dead = person.dod.as_ref().map(|dod| dod.datum);
        let gone = person.utvandring.map(|abroad| shift(abroad.fran, -1));
        let Some(left) = [dead, gone].into_iter().flatten().min() else { return };
        self.beslut.retain(|one| one.fran <= left);
        self.beslut.iter_mut().for_each(|one| one.till = Some(one.till.map_or(left, |till| till.min(left))));
        self.program.retain(|one| one.manad <= month_of(left));
        self.akassa.retain(|one| one.mandag <= left);
        self.studier.retain(|one| one.fran <= left);
        self.studier.iter_mut().for_each(|one| one.till = one.till.min(left));
        self.sokande.end(left);
    }

    /// Enters the periods with Arbetsförmedlingen; nothing is put in after that.
    pub fn enter(&mut self, chance: &mut Chance) {
        self.sokande.enter(chance);
    }
}

/// Whether someone in this category is what is asked about.
fn is_so(period: Option<&Period>, komponent: Komponent) -> bool {
    period.is_some_and(|period| match komponent {
        Komponent::SubventioneratArbete => period.grupp == Grupp::Subventionerat,
        Komponent::Nystartsjobb => period.grupp == Grupp::Nystart,
        _ => true,
    })
}

/// Age in the year of a day, as near as it matters here.
pub fn age(person: &Person, when: NaiveDate) -> i32 {
    when.year() - person.fodd.year()
}

fn monday(when: NaiveDate) -> NaiveDate {
    when.week(Weekday::Mon).first_day()
}

#[cfg(test)]
mod tests;
