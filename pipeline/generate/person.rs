//! A person of the demo country: numbers, birth, sex, where they lived, when they left.

use super::chance::Chance;
use super::nummer::{Nummer, Slag};
use super::tid::{day, first_day, month_of, shift};
use crate::error::Result;
use chrono::{Datelike, NaiveDate};

/// The day on which false identities are found out.
pub const FALSE_UNTIL: NaiveDate = day(2022, 11, 1);

/// A number and the first day on which it was in force.
pub struct Identitet {
    pub nummer: String,
    pub fran: NaiveDate,
    /// Why it took the place of the one before (`GN`, `GS`, `FI`); empty for the first.
    pub byte: &'static str,
}

/// A death, as it was and as it is written.
pub struct Dod {
    pub datum: NaiveDate,
    /// As in folkbokföringen: whole, or with month and day unknown.
    pub skriven: String,
    pub tidigast: NaiveDate,
    pub senast: NaiveDate,
}

/// Time abroad, or out of the register for another reason.
#[derive(Clone, Copy)]
pub struct Utvandring {
    pub fran: NaiveDate,
    /// Why folkbokföringen says that they left.
    pub kod: &'static str,
    /// Last day abroad; none for those who have not returned.
    pub till: Option<NaiveDate>,
}

pub struct Person {
    /// First to last; never empty.
    pub identiteter: Vec<Identitet>,
    pub fodd: NaiveDate,
    pub kvinna: bool,
    pub utrikes: bool,
    /// First day in a kommun (position among the kommuner); never empty, the first from birth.
    pub bosattningar: Vec<(NaiveDate, usize)>,
    pub dod: Option<Dod>,
    pub utvandring: Option<Utvandring>,
    pub skyddad: bool,
    /// The first number was false and must not be linked to the last.
    pub falsk: bool,
}

impl Person {
    /// A person with one number or several, living in a kommun throughout.
    ///
    /// # Errors
    /// As [`Nummer::next`].
    pub fn draw(
        chance: &mut Chance,
        nummer: &mut Nummer,
        fodd: NaiveDate,
        kvinna: bool,
        kommun: usize,
    ) -> Result<Person> {
        let utrikes = chance.promille(330);
        let identiteter = identiteter(chance, nummer, utrikes)?;
        Ok(Person {
            identiteter,
            fodd,
            kvinna,
            utrikes,
            bosattningar: vec![(fodd, kommun)],
            dod: None,
            utvandring: None,
            skyddad: false,
            falsk: false,
        })
    }

    /// Puts a false identity before the person's own: they were known by another number until [`FALSE_UNTIL`].
    ///
    /// # Errors
    /// As [`Nummer::next`].
    pub fn falsify(&mut self, nummer: &mut Nummer) -> Result<()> {
        let own = nummer.next(Slag::Personnummer)?;
        self.identiteter.truncate(1);
        self.identiteter.push(Identitet { nummer: own, fran: FALSE_UNTIL, byte: "FI" });
        self.falsk = true;
        Ok(())
    }

    /// The number in force on a day.
    pub fn number_on(&self, when: NaiveDate) -> &str {
        let later = self.identiteter.iter().rev().find(|identitet| identitet.fran <= when);
        later.or(self.identiteter.first()).map_or("", |identitet| identitet.nummer.as_str())
    }

    /// The number in force today.
    pub fn latest_number(&self) -> &str {
        self.identiteter.last().map_or("", |identitet| identitet.nummer.as_str())
    }

    /// The kommun lived in on a day.
    pub fn kommun_on(&self, when: NaiveDate) -> usize {
        let current = self.bosattningar.iter().rev().find(|(fran, _)| *fran <= when);
        current.or(self.bosattningar.first()).map_or(0, |(_, kommun)| *kommun)
    }

    /// Moves on the first of a month. Not in a month of `avoid`: which kommun answers for the month of a move is
    /// a question for other tests.
    pub fn move_to(&mut self, month: u32, kommun: usize, avoid: &[NaiveDate]) {
        if avoid.iter().all(|when| month_of(*when) != month) && kommun != self.kommun_on(first_day(month)) {
            self.bosattningar.push((first_day(month), kommun));
        }
    }

    /// Dies on a day; one time in three folkbokföringen knows the month or the year only.
    pub fn die(&mut self, chance: &mut Chance, datum: NaiveDate) {
        let (year, month) = (datum.year(), datum.month());
        let year_end = day(year, 12, 31);
        let month_end = shift(super::tid::add_months(day(year, month, 1), 1), -1);
        let (skriven, tidigast, senast) = match chance.below(12) {
            0 => (format!("{year}-00-00"), day(year, 1, 1), year_end),
            1 => (format!("{year}"), day(year, 1, 1), year_end),
            2 | 3 => (format!("{year}-{month:02}-00"), day(year, month, 1), month_end),
            _ => (datum.to_string(), datum, datum),
        };
        self.dod = Some(Dod { datum, skriven, tidigast, senast });
        self.utvandring = None;
    }
}

/// One number for most; a few have changed theirs, some twice.
fn identiteter(chance: &mut Chance, nummer: &mut Nummer, utrikes: bool) -> Result<Vec<Identitet>> {
    let first = if utrikes && chance.promille(90) {
        match chance.below(20) {
            0 | 1 => Slag::UtanManad,
            2 => Slag::UtanDag,
            _ => Slag::Samordningsnummer,
        }
    } else if chance.promille(10) {
        Slag::MedPlus
    } else {
        Slag::Personnummer
    };
    let coordination = !matches!(first, Slag::Personnummer | Slag::MedPlus);
    let mut all = vec![Identitet { nummer: nummer.next(first)?, fran: day(1960, 1, 1), byte: "" }];
    if !chance.promille(if coordination { 400 } else { 12 }) {
        return Ok(all);
    }
    let changed = shift(day(2015, 1, 1), chance.between(0, 2200));
    let byte = if coordination { "GS" } else { "GN" };
    all.push(Identitet { nummer: nummer.next(Slag::Personnummer)?, fran: changed, byte });
    if chance.promille(200) {
        let again = shift(changed, chance.between(60, 600));
        all.push(Identitet { nummer: nummer.next(Slag::Personnummer)?, fran: again, byte: "GN" });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn someone() -> Person {
        let (mut chance, mut nummer) = (Chance::new(1, 1), Nummer::new(1));
        Person::draw(&mut chance, &mut nummer, day(1980, 1, 1), true, 5).expect("a person")
    }

    #[test]
    fn a_false_identity_keeps_its_number_until_it_is_found_out() {
        let mut person = someone();
        person.falsify(&mut Nummer::new(9)).expect("a number");
        assert_ne!(person.number_on(day(2022, 10, 31)), person.number_on(day(2022, 11, 1)));
        assert_eq!(person.latest_number(), person.number_on(day(2022, 11, 1)));
    }

    #[test]
    fn nobody_moves_in_a_month_that_is_measured() {
        let mut person = someone();
        person.move_to(month_of(day(2020, 3, 1)), 7, &[day(2020, 3, 15)]);
        assert_eq!(person.kommun_on(day(2020, 3, 20)), 5);
        person.move_to(month_of(day(2020, 4, 1)), 7, &[day(2020, 3, 15)]);
        assert_eq!((person.kommun_on(day(2020, 3, 31)), person.kommun_on(day(2020, 4, 1))), (5, 7));
    }

    #[test]
    fn a_death_lies_within_what_is_written_of_it() {
        let mut chance = Chance::new(2, 2);
        for _ in 0..50 {
            let mut person = someone();
            person.die(&mut chance, day(2021, 2, 14));
            let dod = person.dod.expect("a death");
            assert!(dod.tidigast <= dod.datum && dod.datum <= dod.senast);
            assert!(dod.skriven.starts_with("2021"));
        }
    }
}
