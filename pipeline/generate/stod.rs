//! What a person lived on beside sjukpenning, bistånd and pay, and as what they were registered with
//! Arbetsförmedlingen. Drawn from a chance of its own, so that the lives in [`super::levnad`] stay as they are.

use super::chance::Chance;
use super::deltagande::{Kalla, Utfall};
use super::observation::{KNOWN_TILL, REGISTERS_FROM};
use super::person::Person;
use super::tid::{add_months, day, month_of, shift};
use chrono::{Datelike, NaiveDate, Weekday};

/// Sjukersättning or aktivitetsersättning; both days included.
pub struct Sjukersattning {
    pub forman: &'static str,
    pub fran: NaiveDate,
    /// None where it was granted until further notice.
    pub till: Option<NaiveDate>,
    pub grad: &'static str,
}

/// A period in a category of job seekers.
pub struct Inskrivning {
    pub fran: NaiveDate,
    pub till: Option<NaiveDate>,
    pub skat: &'static str,
}

/// Months (first and last) in a programme with pay.
pub struct Program {
    pub ersattning: &'static str,
    pub fran: u32,
    pub till: u32,
    pub omfattning: i64,
}

/// Weeks with a-kassa, by their Mondays.
pub struct Akassa {
    pub ersattning: &'static str,
    pub fran: NaiveDate,
    pub till: NaiveDate,
}

pub struct Studier {
    pub fran: NaiveDate,
    pub till: NaiveDate,
    pub omfattning: i64,
}

#[derive(Default)]
pub struct Stod {
    pub sjukersattning: Vec<Sjukersattning>,
    pub inskrivningar: Vec<Inskrivning>,
    pub program: Vec<Program>,
    pub akassa: Vec<Akassa>,
    pub studier: Vec<Studier>,
}

/// Grades and how common they are; the codes are not in order of size, and 00 is dormant.
const GRADES: [(&str, u32); 6] = [("01", 55), ("02", 20), ("03", 8), ("04", 6), ("05", 4), ("00", 7)];

impl Stod {
    /// Of a participant in an insats from `start` to `slut`.
    pub fn of_participant(
        chance: &mut Chance,
        person: &Person,
        (start, slut): (NaiveDate, NaiveDate),
        kalla: Kalla,
        utfall: Utfall,
    ) -> Stod {
        let mut stod = Stod::default();
        if kalla == Kalla::Aktivitetsersattning {
            let granted = shift(start, -chance.between(100, 1000));
            stod.grant(chance, person, granted);
        }
        if kalla == Kalla::Arbetsmarknadsstod || chance.promille(350) {
            let end = shift(slut, chance.between(-20, 300));
            let from = shift(start, -chance.between(60, 900));
            stod.register(chance, person, from, end);
        }
        if matches!(utfall, Utfall::Studier | Utfall::ArbeteOchStudier) {
            let from = shift(slut, chance.between(1, 60));
            stod.study(chance, from);
        }
        stod.end_with(person);
        stod
    }

    /// Of someone in no insats.
    pub fn of_other(chance: &mut Chance, person: &Person) -> Stod {
        let mut stod = Stod::default();
        let some_day = |chance: &mut Chance| shift(REGISTERS_FROM, chance.between(-300, 2200));
        if chance.promille(30) {
            let granted = some_day(chance);
            stod.grant(chance, person, granted);
        }
        if chance.promille(80) {
            let from = some_day(chance);
            let till = shift(from, chance.between(60, 700));
            stod.register(chance, person, from, till);
        }
        if chance.promille(40) {
            let from = some_day(chance);
            stod.study(chance, from);
        }
        stod.end_with(person);
        stod
    }

    /// Aktivitetsersättning for three years at most to those under thirty, else sjukersättning; now and then in two
    /// grades at once.
    fn grant(&mut self, chance: &mut Chance, person: &Person, granted: NaiveDate) {
        let fran = granted.with_day(1).unwrap_or(granted);
        let young = age(person, fran) < 30;
        let till =
            (young || chance.promille(150)).then(|| shift(add_months(fran, 12 + 12 * chance.below(3) as u32), -1));
        let forman = if young { "AE" } else { "SE" };
        let (first, _) = GRADES[chance.weighted(&GRADES.map(|(_, weight)| weight))];
        let second = if first == "02" && chance.promille(300) { Some("04") } else { None };
        for grad in [Some(first), second].into_iter().flatten() {
            self.sjukersattning.push(Sjukersattning { forman, fran, till, grad });
        }
    }

    /// Unemployed with a-kassa, then in a programme with its pay, then unemployed again until it ends.
    fn register(&mut self, chance: &mut Chance, person: &Person, fran: NaiveDate, till: NaiveDate) {
        let (fran, till) = (fran.max(day(2016, 1, 1)), till.max(shift(fran.max(day(2016, 1, 1)), 30)));
        let length = (till - fran).num_days();
        let program = shift(fran, length / 3);
        let after = shift(program, chance.between(20, length.max(40) / 2));
        let young = age(person, program) < 25;
        let ersattning = match (young, person.utrikes && chance.promille(400)) {
            (_, true) => "EE",
            (true, _) => "UE",
            _ => "AS",
        };
        let first = *chance.pick(&["11", "11", "11", "14", "21", "22"]);
        let skat = if young { "69" } else { *chance.pick(&["70", "70", "54", "81"]) };
        let open = till >= KNOWN_TILL || chance.promille(100);
        self.inskrivningar.push(Inskrivning { fran, till: Some(shift(program, -1)), skat: first });
        // Rows are never corrected: what was entered by mistake stays, and the next one holds.
        if chance.promille(80) {
            self.inskrivningar.push(Inskrivning { fran: program, till: Some(shift(program, 3)), skat: "96" });
        }
        self.inskrivningar.push(Inskrivning { fran: program, till: Some(shift(after, -1)), skat });
        self.inskrivningar.push(Inskrivning { fran: after, till: (!open).then_some(till), skat: "98" });
        let omfattning = *chance.pick(&[100, 100, 100, 75, 50, 25]);
        self.program.push(Program { ersattning, fran: month_of(program), till: month_of(after), omfattning });
        if chance.promille(450) {
            let ersattning = if chance.promille(250) { "GRU" } else { "INK" };
            self.akassa.push(Akassa {
                ersattning,
                fran: monday(fran),
                till: monday(program).min(monday(shift(fran, 210))),
            });
        }
    }

    /// One or two terms of twenty weeks.
    fn study(&mut self, chance: &mut Chance, from: NaiveDate) {
        let omfattning = *chance.pick(&[100, 100, 100, 75, 50]);
        let mut fran = monday(from);
        for _ in 0..1 + chance.below(2) {
            self.studier.push(Studier { fran, till: shift(fran, 139), omfattning });
            fran = shift(fran, 182);
        }
    }

    /// Nothing begins that is not known yet, or after death or emigration.
    fn end_with(&mut self, person: &Person) {
        let dead = person.dod.as_ref().map(|dod| dod.datum);
        let gone = person.utvandring.map(|abroad| shift(abroad.fran, -1));
        let left = [dead, gone].into_iter().flatten().min();
        let last = left.unwrap_or(KNOWN_TILL).min(KNOWN_TILL);
        let cut = |till: Option<NaiveDate>| till.into_iter().chain(left).min();
        self.sjukersattning.retain(|one| one.fran <= last);
        self.sjukersattning.iter_mut().for_each(|one| one.till = cut(one.till));
        self.inskrivningar.retain(|one| one.fran <= last);
        self.inskrivningar.iter_mut().for_each(|one| one.till = cut(one.till));
        self.program.iter_mut().for_each(|one| one.till = one.till.min(month_of(last)));
        self.akassa.iter_mut().for_each(|one| one.till = one.till.min(last));
        self.studier.retain(|one| one.fran <= last);
        self.studier.iter_mut().for_each(|one| one.till = one.till.min(last));
    }
}

/// Age in the year of a day, as near as it matters here.
pub fn age(person: &Person, when: NaiveDate) -> i32 {
    when.year() - person.fodd.year()
}

fn monday(when: NaiveDate) -> NaiveDate {
    when.week(Weekday::Mon).first_day()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::nummer::Nummer;

    #[test]
    fn what_is_drawn_is_in_order_and_ends_with_life() {
        let mut chance = Chance::new(3, 3);
        for index in 0..300 {
            let mut nummer = Nummer::new(index);
            let mut person = Person::draw(&mut chance, &mut nummer, day(1990, 1, 1), true, 0).expect("a person");
            person.die(&mut chance, day(2020, 5, 5));
            let times = (day(2019, 2, 1), day(2020, 1, 1));
            let kalla = if index % 2 == 0 { Kalla::Aktivitetsersattning } else { Kalla::Arbetsmarknadsstod };
            let stod = Stod::of_participant(&mut chance, &person, times, kalla, Utfall::Studier);
            let spells = stod.sjukersattning.iter().map(|one| (one.fran, one.till));
            let spells = spells.chain(stod.inskrivningar.iter().map(|one| (one.fran, one.till)));
            for (fran, till) in spells.chain(stod.studier.iter().map(|one| (one.fran, Some(one.till)))) {
                assert!(till.is_some_and(|till| fran <= till && till <= day(2020, 5, 5)), "{fran} {till:?}");
            }
            assert!(stod.akassa.iter().all(|one| one.fran.weekday() == Weekday::Mon));
        }
    }
}
