//! What a perfect reading of the deliveries would find, and the one reason where that is not the truth.
//!
//! Written a second time beside `sql/derived`, on purpose and from the same rules (design §5): the first
//! observation status that holds, then what makes one component unknown, then the rows themselves.

use super::deltagande::{Deltagande, Radslag};
use super::levnad::{Levnad, SICK_PAY_DAYS, Sjukfall};
use super::matning::{Efterslapning, Fraga, Komponent, Matpunkt};
use super::orsak::Orsak;
use super::person::Person;
use super::stod::Stod;
use super::tackning::Tackning;
use super::tid::{add_months, day, month_of, shift};
use chrono::{Datelike, NaiveDate};

/// The registers were drawn on this day.
pub const UTTAG: NaiveDate = day(2023, 6, 30);
/// The last day that the registers hold anything about.
pub const KNOWN_TILL: NaiveDate = day(2023, 5, 31);
/// SUS was drawn on this day.
pub const UTTAG_SUS: NaiveDate = day(2023, 1, 31);
/// First day of sjukpenning, bistånd and what has no other day below in the deliveries.
pub const REGISTERS_FROM: NaiveDate = day(2017, 1, 1);
/// The last day of bistånd in the deliveries: the file of a month is drawn two months later.
pub const BISTAND_TILL: NaiveDate = day(2023, 4, 30);
/// First day of employer declarations.
pub const AGI_FROM: NaiveDate = day(2019, 1, 1);
/// First day of sjukersättning and aktivitetsersättning.
pub const SICKNESS_COMPENSATION_FROM: NaiveDate = day(2003, 1, 1);
/// First day of categories of job seekers: since then they have two digits.
pub const AF_FROM: NaiveDate = day(1995, 1, 1);

/// The truth (none where there is no such day), and why it cannot be derived.
pub type Svar = (Option<bool>, Option<Orsak>);

/// One deltagande of one person, with all that is known of both.
#[derive(Clone, Copy)]
pub struct Observation<'a> {
    pub person: &'a Person,
    pub levnad: &'a Levnad,
    pub stod: &'a Stod,
    pub deltagande: &'a Deltagande,
    /// The number that stands in SUS.
    pub sus_nummer: &'a str,
    pub tackning: &'a Tackning,
    pub efterslapning: Efterslapning,
}

impl Observation<'_> {
    /// What there is to say of every komponent at a mätpunkt.
    pub fn of(&self, matpunkt: Matpunkt) -> [(Komponent, Svar); Komponent::ALL.len()] {
        let status = self.status(matpunkt);
        Komponent::ALL.map(|komponent| {
            let fraga = Fraga::new(matpunkt, self.deltagande, komponent);
            let truth = fraga.map(|fraga| self.truth(&fraga));
            let orsak = match (status, fraga) {
                (Some(orsak), _) => Some(orsak),
                (None, None) => Some(Orsak::Pagar),
                (None, Some(fraga)) => self.unknown(&fraga).or_else(|| self.difference(&fraga)),
            };
            (komponent, (truth, orsak))
        })
    }

    /// Whether the person lived on it; none where there is no such day.
    pub fn truth_at(&self, matpunkt: Matpunkt, komponent: Komponent) -> Option<bool> {
        Fraga::new(matpunkt, self.deltagande, komponent).map(|fraga| self.truth(&fraga))
    }

    /// The row and then the observation status: the first that holds.
    fn status(&self, matpunkt: Matpunkt) -> Option<Orsak> {
        match self.deltagande.slag {
            Radslag::Avvisad(_) => return Some(Orsak::AvvisadRad),
            Radslag::AnnanForm => return Some(Orsak::AnnanSamverkansform),
            Radslag::Felregistrering => return Some(Orsak::Felregistrering),
            Radslag::Ordinarie => {}
        }
        if self.deltagande.atertaget.is_some() || self.person.skyddad {
            return Some(Orsak::EjKopplingsbar);
        }
        let when = matpunkt.day(self.deltagande);
        let dod = self.person.dod.as_ref();
        let dead = dod.is_some_and(|dod| when.map_or(dod.datum <= UTTAG, |when| dod.senast < when));
        let ended = self.deltagande.slut.is_some_and(|slut| slut <= UTTAG_SUS);
        let Some(when) = when else { return Some(if dead { Orsak::Avliden } else { Orsak::Pagar }) };
        let abroad = self.person.utvandring.is_some_and(|u| u.fran <= when && u.till.is_none_or(|till| when <= till));
        // A number found to be false leaves the population as one who emigrates does.
        let found_out = self.person.falsk && self.person.identiteter.last().is_some_and(|own| own.fran <= when);
        if dead {
            Some(Orsak::Avliden)
        } else if matpunkt != Matpunkt::Intag && !ended {
            Some(Orsak::Pagar)
        } else if when > UTTAG || self.is_early(matpunkt) {
            Some(Orsak::EjMogen)
        } else if abroad || found_out {
            Some(Orsak::Utvandrad)
        } else if dod.is_some_and(|dod| dod.tidigast < when && when <= dod.senast) {
            Some(Orsak::OsakerDod)
        } else {
            None
        }
    }

    /// What makes one component unknown at a mätpunkt that is observed.
    fn unknown(&self, fraga: &Fraga) -> Option<Orsak> {
        let register = fraga.komponent.register();
        let ((first, last), (asked_first, asked_last)) = (register.period(), fraga.window());
        let lag = self.efterslapning.of(register) + fraga.months_later();
        if asked_first < first || last < asked_last {
            Some(Orsak::UtanforPeriod)
        } else if self.seen(fraga) {
            // What is there is there, however early it was looked for.
            None
        } else if add_months(fraga.when, lag) > UTTAG {
            Some(Orsak::EjMogen)
        } else if fraga.komponent == Komponent::EkonomisktBistand && !self.is_reported(fraga.month) {
            Some(Orsak::KommunEjRapporterad)
        } else if fraga.komponent == Komponent::Sjukpenning && self.in_sick_pay_days(fraga.when) {
            Some(Orsak::Sjuklonperiod)
        } else {
            None
        }
    }

    /// Too early for every register that covers the day.
    fn is_early(&self, matpunkt: Matpunkt) -> bool {
        let lived_on = Komponent::ALL.into_iter().filter(|komponent| komponent.is_lived_on());
        let questions = lived_on.filter_map(|komponent| Fraga::new(matpunkt, self.deltagande, komponent));
        let reasons: Vec<Option<Orsak>> = questions.map(|fraga| self.unknown(&fraga)).collect();
        reasons.contains(&Some(Orsak::EjMogen))
            && reasons.iter().all(|orsak| matches!(orsak, Some(Orsak::EjMogen | Orsak::UtanforPeriod)))
    }

    /// The fourteen days before a sjukfall's first row, in a month with pay.
    fn in_sick_pay_days(&self, when: NaiveDate) -> bool {
        let before_first = |first: NaiveDate| shift(first, -SICK_PAY_DAYS) <= when && when < first;
        self.linked_to(self.person.latest_number())
            && self.levnad.sjukfall.iter().filter_map(Sjukfall::first_seen).any(before_first)
            && when >= AGI_FROM
            && self.sees_pay(when)
    }

    fn truth(&self, fraga: &Fraga) -> bool {
        let month = month_of(fraga.month);
        match fraga.komponent {
            Komponent::Sjukpenning => self.levnad.has_day("SP", fraga.when),
            Komponent::Rehabiliteringspenning => self.levnad.has_day("RP", fraga.when),
            Komponent::EkonomisktBistand => self.levnad.bistand.has(month),
            Komponent::Arbete => self.levnad.arbete.has(month),
            Komponent::ArbeteNastaManad => self.levnad.arbete.has(month + 1),
            _ => self.stod.holds(fraga),
        }
    }

    /// What stands in the delivered rows of the numbers linked to the one in SUS.
    fn seen(&self, fraga: &Fraga) -> bool {
        let of_the_extract = self.linked_to(self.person.latest_number());
        let row = |forman: &str| {
            let mut rader = self.levnad.sjukfall.iter().flat_map(|sjukfall| &sjukfall.rader);
            of_the_extract && rader.any(|rad| rad.forman == forman && rad.is_seen_on(fraga.when))
        };
        match fraga.komponent {
            Komponent::Sjukpenning => row("SP"),
            Komponent::Rehabiliteringspenning => row("RP"),
            Komponent::EkonomisktBistand => {
                fraga.month <= BISTAND_TILL
                    && self.levnad.bistand.has(month_of(fraga.month))
                    && self.is_reported(fraga.month)
                    && self.linked_in_month(fraga.month)
            }
            Komponent::Arbete | Komponent::ArbeteNastaManad => self.sees_pay(fraga.window().0),
            _ => of_the_extract && self.stod.shows(fraga),
        }
    }

    /// Whether the kommun lived in reported a month.
    fn is_reported(&self, month: NaiveDate) -> bool {
        self.tackning.reported(self.person.kommun_on(month), month_of(month))
    }

    fn sees_pay(&self, when: NaiveDate) -> bool {
        when <= KNOWN_TILL && self.levnad.arbete.has(month_of(when)) && self.linked_in_month(when)
    }

    /// Rows by month carry the number that was in force on the first day of the month.
    fn linked_in_month(&self, when: NaiveDate) -> bool {
        self.linked_to(self.person.number_on(when.with_day(1).unwrap_or(when)))
    }

    /// A false identity is linked to nothing but itself.
    fn linked_to(&self, nummer: &str) -> bool {
        !self.person.falsk || nummer == self.sus_nummer
    }

    /// Why the rows do not say what was; none where they do.
    fn difference(&self, fraga: &Fraga) -> Option<Orsak> {
        match (self.truth(fraga), self.seen(fraga)) {
            (true, true) | (false, false) => None,
            (true, false) if self.person.falsk => Some(Orsak::EjLankad),
            (true, false) if self.levnad.lacks(fraga) || self.stod.lacks(fraga) => Some(Orsak::SenRad),
            (false, true) if self.stod.has_left(fraga) => Some(Orsak::SenAvaktualisering),
            _ => Some(Orsak::Oforklarad),
        }
    }
}
