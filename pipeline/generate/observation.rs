//! What a perfect reading of the deliveries would find, and the one reason where that is not the truth.
//!
//! Written a second time beside `sql/derived`, on purpose and from the same rules (design §5): the first
//! observation status that holds, then what makes one component unknown, then the rows themselves.

use super::deltagande::{Deltagande, Radslag};
use super::levnad::{Levnad, SICK_PAY_DAYS};
use super::person::Person;
use super::tackning::Tackning;
use super::tid::{add_months, day, month_of, shift};
use chrono::{Datelike, NaiveDate};

/// The registers were drawn on this day.
pub const UTTAG: NaiveDate = day(2023, 6, 30);
/// The last day that the registers hold anything about.
pub const KNOWN_TILL: NaiveDate = day(2023, 5, 31);
/// SUS was drawn on this day.
pub const UTTAG_SUS: NaiveDate = day(2023, 1, 31);
/// First day of sjukpenning and bistånd in the deliveries.
pub const REGISTERS_FROM: NaiveDate = day(2017, 1, 1);
/// The last day of bistånd in the deliveries: the file of a month is drawn two months later.
pub const BISTAND_TILL: NaiveDate = day(2023, 4, 30);
/// First day of employer declarations.
pub const AGI_FROM: NaiveDate = day(2019, 1, 1);

/// Months until a register has settled: `efterslapning` of the delivery contracts.
#[derive(Clone, Copy)]
pub struct Efterslapning {
    pub sjukpenning: u32,
    pub bistand: u32,
    pub agi: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matpunkt {
    Intag,
    Avslut,
    SexManader,
}

impl Matpunkt {
    pub const ALL: [Matpunkt; 3] = [Matpunkt::Intag, Matpunkt::Avslut, Matpunkt::SexManader];

    pub const fn name(self) -> &'static str {
        match self {
            Matpunkt::Intag => "intag",
            Matpunkt::Avslut => "avslut",
            Matpunkt::SexManader => "sex_manader",
        }
    }

    /// The day that is asked about; none without slutdatum.
    pub fn day(self, deltagande: &Deltagande) -> Option<NaiveDate> {
        match self {
            Matpunkt::Intag => Some(shift(deltagande.start, -1)),
            Matpunkt::Avslut => deltagande.slut.map(|slut| shift(slut, 1)),
            Matpunkt::SexManader => deltagande.slut.map(|slut| add_months(slut, 6)),
        }
    }

    /// A day in the month that registers by month are asked about: that of the day, at intag the month before
    /// the start.
    fn month_day(self, deltagande: &Deltagande, when: NaiveDate) -> NaiveDate {
        match self {
            Matpunkt::Intag => shift(deltagande.start.with_day(1).unwrap_or(deltagande.start), -1),
            _ => when,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Komponent {
    Sjukpenning,
    Rehabiliteringspenning,
    EkonomisktBistand,
    Arbete,
}

impl Komponent {
    pub const ALL: [Komponent; 4] =
        [Komponent::Sjukpenning, Komponent::Rehabiliteringspenning, Komponent::EkonomisktBistand, Komponent::Arbete];

    pub const fn name(self) -> &'static str {
        match self {
            Komponent::Sjukpenning => "sjukpenning",
            Komponent::Rehabiliteringspenning => "rehabiliteringspenning",
            Komponent::EkonomisktBistand => "ekonomiskt_bistand",
            Komponent::Arbete => "arbete",
        }
    }
}

/// Why what can be derived is not the truth; in the order in which they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Orsak {
    AvvisadRad,
    AnnanSamverkansform,
    Felregistrering,
    EjKopplingsbar,
    Avliden,
    Pagar,
    EjMogen,
    Utvandrad,
    OsakerDod,
    UtanforPeriod,
    KommunEjRapporterad,
    Sjuklonperiod,
    SenRad,
    EjLankad,
    /// A bug of the generator: nothing above explains the difference.
    Oforklarad,
}

impl Orsak {
    pub const fn name(self) -> &'static str {
        match self {
            Orsak::AvvisadRad => "avvisad_rad",
            Orsak::AnnanSamverkansform => "annan_samverkansform",
            Orsak::Felregistrering => "felregistrering",
            Orsak::EjKopplingsbar => "ej_kopplingsbar",
            Orsak::Avliden => "avliden",
            Orsak::Pagar => "pagar",
            Orsak::EjMogen => "ej_mogen",
            Orsak::Utvandrad => "utvandrad",
            Orsak::OsakerDod => "osaker_dod",
            Orsak::UtanforPeriod => "utanfor_period",
            Orsak::KommunEjRapporterad => "kommun_ej_rapporterad",
            Orsak::Sjuklonperiod => "sjuklonperiod",
            Orsak::SenRad => "sen_rad",
            Orsak::EjLankad => "ej_lankad",
            Orsak::Oforklarad => "oforklarad",
        }
    }
}

/// One deltagande of one person, with all that is known of both.
pub struct Observation<'a> {
    pub person: &'a Person,
    pub levnad: &'a Levnad,
    pub deltagande: &'a Deltagande,
    /// The number that stands in SUS.
    pub sus_nummer: &'a str,
    pub tackning: &'a Tackning,
    pub efterslapning: Efterslapning,
}

impl Observation<'_> {
    /// The truth at a mätpunkt (none where there is no such day), and why it cannot be derived.
    pub fn of(&self, matpunkt: Matpunkt, komponent: Komponent) -> (Option<bool>, Option<Orsak>) {
        let when = matpunkt.day(self.deltagande);
        let truth = when.map(|when| self.truth(matpunkt, komponent, when));
        if let Some(orsak) = self.status(matpunkt, when) {
            return (truth, Some(orsak));
        }
        let (Some(when), Some(truth)) = (when, truth) else { return (None, Some(Orsak::Pagar)) };
        let orsak = self
            .unknown(matpunkt, komponent, when)
            .or_else(|| (self.seen(matpunkt, komponent, when) != truth).then(|| self.why_not_seen(when)));
        (Some(truth), orsak)
    }

    /// The row and then the observation status: the first that holds.
    fn status(&self, matpunkt: Matpunkt, when: Option<NaiveDate>) -> Option<Orsak> {
        match self.deltagande.slag {
            Radslag::Avvisad(_) => return Some(Orsak::AvvisadRad),
            Radslag::AnnanForm => return Some(Orsak::AnnanSamverkansform),
            Radslag::Felregistrering => return Some(Orsak::Felregistrering),
            Radslag::Ordinarie => {}
        }
        if self.deltagande.atertaget.is_some() || self.person.skyddad {
            return Some(Orsak::EjKopplingsbar);
        }
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
        } else if when > UTTAG || self.is_early(matpunkt, when) {
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
    fn unknown(&self, matpunkt: Matpunkt, komponent: Komponent, when: NaiveDate) -> Option<Orsak> {
        let month_day = matpunkt.month_day(self.deltagande, when);
        let (asked, (first, last), lag) = match komponent {
            Komponent::Sjukpenning | Komponent::Rehabiliteringspenning => {
                (when, (REGISTERS_FROM, UTTAG), self.efterslapning.sjukpenning)
            }
            Komponent::EkonomisktBistand => (month_day, (REGISTERS_FROM, BISTAND_TILL), self.efterslapning.bistand),
            Komponent::Arbete => (month_day, (AGI_FROM, UTTAG), self.efterslapning.agi),
        };
        if asked < first || last < asked {
            Some(Orsak::UtanforPeriod)
        } else if self.seen(matpunkt, komponent, when) {
            // What is there is there, however early it was looked for.
            None
        } else if self.is_late(when, lag) {
            Some(Orsak::EjMogen)
        } else if komponent == Komponent::EkonomisktBistand
            && !self.tackning.reported(self.person.kommun_on(month_day), month_of(month_day))
        {
            Some(Orsak::KommunEjRapporterad)
        } else if komponent == Komponent::Sjukpenning && self.in_sick_pay_days(when) {
            Some(Orsak::Sjuklonperiod)
        } else {
            None
        }
    }

    /// Too early for every register that covers the day.
    fn is_early(&self, matpunkt: Matpunkt, when: NaiveDate) -> bool {
        let reasons = Komponent::ALL.map(|komponent| self.unknown(matpunkt, komponent, when));
        reasons.contains(&Some(Orsak::EjMogen))
            && reasons.iter().all(|orsak| matches!(orsak, Some(Orsak::EjMogen | Orsak::UtanforPeriod)))
    }

    /// The fourteen days before a sjukfall's first row, in a month with pay.
    fn in_sick_pay_days(&self, when: NaiveDate) -> bool {
        let before_first = |first: NaiveDate| shift(first, -SICK_PAY_DAYS) <= when && when < first;
        self.linked_to(self.person.latest_number())
            && self.levnad.sjukfall.iter().filter_map(|s| s.first_seen()).any(before_first)
            && when >= AGI_FROM
            && self.sees_pay(when)
    }

    fn truth(&self, matpunkt: Matpunkt, komponent: Komponent, when: NaiveDate) -> bool {
        let month = month_of(matpunkt.month_day(self.deltagande, when));
        match komponent {
            Komponent::Sjukpenning => self.levnad.has_day("SP", when),
            Komponent::Rehabiliteringspenning => self.levnad.has_day("RP", when),
            Komponent::EkonomisktBistand => self.levnad.bistand.has(month),
            Komponent::Arbete => self.levnad.arbete.has(month),
        }
    }

    /// What stands in the delivered rows of the numbers linked to the one in SUS.
    fn seen(&self, matpunkt: Matpunkt, komponent: Komponent, when: NaiveDate) -> bool {
        let month_day = matpunkt.month_day(self.deltagande, when);
        let row = |forman: &str| {
            let rader = || self.levnad.sjukfall.iter().flat_map(|sjukfall| &sjukfall.rader);
            self.linked_to(self.person.latest_number())
                && rader().any(|rad| rad.forman == forman && rad.is_seen_on(when))
        };
        match komponent {
            Komponent::Sjukpenning => row("SP"),
            Komponent::Rehabiliteringspenning => row("RP"),
            Komponent::EkonomisktBistand => {
                month_day <= BISTAND_TILL
                    && self.levnad.bistand.has(month_of(month_day))
                    && self.tackning.reported(self.person.kommun_on(month_day), month_of(month_day))
                    && self.linked_in_month(month_day)
            }
            Komponent::Arbete => self.sees_pay(month_day),
        }
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

    fn why_not_seen(&self, when: NaiveDate) -> Orsak {
        let missing = |sjukfall: &&super::levnad::Sjukfall| {
            let last = sjukfall.rader.last().map_or(sjukfall.sjuk_fran, |rad| rad.till);
            sjukfall.sjuk_fran <= when && when <= last && sjukfall.rader.iter().any(|rad| !rad.levererad)
        };
        if self.person.falsk {
            Orsak::EjLankad
        } else if self.levnad.sjukfall.iter().any(|s| missing(&s)) {
            Orsak::SenRad
        } else {
            Orsak::Oforklarad
        }
    }

    fn is_late(&self, when: NaiveDate, lag: u32) -> bool {
        add_months(when, lag) > UTTAG
    }
}
