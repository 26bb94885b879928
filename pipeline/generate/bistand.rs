//! Ekonomiskt bistånd as it is delivered: a file per month, drawn when the month has settled, and in April of the next
//! year the file of the whole year, which replaces the year's months.
//!
//! Of earlier years only the whole ones are left. What month files have otherwise than the year that replaced them
//! (rows that came late, amounts that were not settled, the month that was paid) is never the truth.

use super::chance::Chance;
use super::delivery::DeliveryWriter;
use super::leveranser::Utlamnande;
use super::levnad::Levnad;
use super::nummer::Slag;
use super::observation::{BISTAND_TILL, REGISTERS_FROM};
use super::person::Person;
use super::register::Render;
use super::tid::{day, first_day, month_of, shift, year_month};
use crate::error::Result;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

const CONTRACT: &str = "ekonomiskt_bistand";
/// The last year that is delivered whole, and the only one of which the months are left too.
const LAST_WHOLE_YEAR: i32 = 2022;
/// One row in so many is at fault: below what the contract tolerates.
const FAULT: u64 = 700;
/// Of so many rows of a month that a year replaced, one is late, one not settled, and one in the month after too.
const PRELIMINARY: u64 = 20;

/// A delivery per whole year, and one per month of the last whole year and after it.
pub struct Bistandsleveranser {
    years: BTreeMap<i32, DeliveryWriter>,
    months: BTreeMap<u32, DeliveryWriter>,
}

/// When a whole year is drawn.
const fn year_uttag(year: i32) -> NaiveDate {
    day(year + 1, 4, 15)
}

/// When a month is drawn: as late as its register settles (`efterslapning` of the contract).
fn month_uttag(month: u32) -> NaiveDate {
    shift(first_day(month + 3), -1)
}

impl Bistandsleveranser {
    /// # Errors
    /// As [`DeliveryWriter::create`].
    pub fn open(utlamnande: &Utlamnande<'_>) -> Result<Bistandsleveranser> {
        let years = REGISTERS_FROM.year()..=LAST_WHOLE_YEAR;
        let months = month_of(day(LAST_WHOLE_YEAR, 1, 1))..=month_of(BISTAND_TILL);
        Ok(Bistandsleveranser {
            years: years.map(|year| Ok((year, utlamnande.open(CONTRACT, year_uttag(year))?))).collect::<Result<_>>()?,
            months: months
                .map(|month| Ok((month, utlamnande.open(CONTRACT, month_uttag(month))?)))
                .collect::<Result<_>>()?,
        })
    }

    /// # Errors
    /// As [`DeliveryWriter::finish`].
    pub fn close(self, utlamnande: &mut Utlamnande<'_>) -> Result<()> {
        for (year, writer) in self.years {
            utlamnande.close(CONTRACT, writer, day(year, 1, 1), day(year, 12, 31))?;
        }
        for (month, writer) in self.months {
            utlamnande.close(CONTRACT, writer, first_day(month), shift(first_day(month + 1), -1))?;
        }
        Ok(())
    }

    /// The delivery that is in force for a month in the end, and when it was drawn.
    fn in_force(&mut self, month: u32) -> Option<(&mut DeliveryWriter, NaiveDate)> {
        let year = year_month(month).0;
        match self.years.get_mut(&year) {
            Some(writer) => Some((writer, year_uttag(year))),
            None => self.months.get_mut(&month).map(|writer| (writer, month_uttag(month))),
        }
    }

    /// The delivery of a month that a whole year has replaced.
    fn replaced(&mut self, month: u32) -> Option<&mut DeliveryWriter> {
        self.months.get_mut(&month).filter(|_| year_month(month).0 <= LAST_WHOLE_YEAR)
    }
}

impl Render<'_> {
    /// Bistånd to the household, one row a month that the kommun reported; either adult may come first.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn bistand(
        &mut self,
        chance: &mut Chance,
        person: &Person,
        partner: Option<&Person>,
        levnad: &Levnad,
    ) -> Result<()> {
        if levnad.bistand.is_empty() {
            return Ok(());
        }
        let children: Vec<String> = (0..chance.weighted(&[50, 20, 20, 10]))
            .map(|_| self.nummer.next(Slag::Personnummer))
            .collect::<Result<_>>()?;
        let partner_first = chance.promille(450);
        let (first, second) = match partner {
            Some(partner) if partner_first => (partner, Some(person)),
            other => (person, other),
        };
        for month in month_of(REGISTERS_FROM)..=month_of(BISTAND_TILL) {
            let kommun = person.kommun_on(first_day(month));
            if !levnad.bistand.has(month) || !self.tackning.reported(kommun, month) {
                continue;
            }
            let belopp = chance.between(900, 14_000).to_string();
            let household = Hushall { first, second, children: &children, kommun: &self.map.kommuner[kommun].kod };
            let Some((writer, uttag)) = self.leveranser.bistand.in_force(month) else { continue };
            let number = first.number_on(first_day(month));
            household.write(writer, month, &belopp, number)?;
            let count = writer.row_count();
            if count.is_multiple_of(FAULT) {
                let invalid = self.nummer.invalid(count / FAULT)?;
                let row = household.write(writer, month, &belopp, &invalid)?;
                self.facit.reject(CONTRACT, uttag, writer.file_name(), row, "identitetsnummer")?;
            }
            self.replaced_bistand(&household, month, &belopp, (count, levnad.bistand.has(month + 1)))?;
        }
        Ok(())
    }

    /// The row as the kommun had it in the month's own file; `nr` counts rows, and says what is otherwise there.
    fn replaced_bistand(
        &mut self,
        household: &Hushall<'_>,
        month: u32,
        belopp: &str,
        (nr, goes_on): (u64, bool),
    ) -> Result<()> {
        let (late, unsettled) = (nr % PRELIMINARY == 0, nr % PRELIMINARY == 1);
        let number = |month: u32| household.first.number_on(first_day(month));
        if let Some(writer) = self.leveranser.bistand.replaced(month).filter(|_| !late) {
            household.write(writer, month, if unsettled { "0" } else { belopp }, number(month))?;
        }
        let next = month + 1;
        if let Some(writer) = self.leveranser.bistand.replaced(next).filter(|_| nr % PRELIMINARY == 2 && !goes_on) {
            household.write(writer, next, belopp, number(next))?;
        }
        Ok(())
    }
}

struct Hushall<'a> {
    first: &'a Person,
    second: Option<&'a Person>,
    children: &'a [String],
    kommun: &'a str,
}

impl Hushall<'_> {
    fn write(&self, writer: &mut DeliveryWriter, month: u32, belopp: &str, number: &str) -> Result<u64> {
        let (year, month_number) = year_month(month);
        // Socialstyrelsen's 1 is a man, 2 a woman.
        let sex = |person: &Person| if person.kvinna { "2" } else { "1" };
        let age = |person: &Person| (year - person.fodd.year()).to_string();
        let second_age = self.second.map(age).unwrap_or_default();
        let extra: Vec<&str> = self.children.iter().map(String::as_str).collect();
        writer.row_with(
            &[
                ("ar", &year.to_string()),
                ("manad_nr", &format!("{month_number:02}")),
                ("kommun_kod", self.kommun),
                ("barn_antal", &self.children.len().to_string()),
                ("belopp_antal", belopp),
                ("personnummer_1", number),
                ("hushallsstatus_1_kod", "1"),
                ("flykting_1_kod", "0"),
                ("kon_1_kod", sex(self.first)),
                ("alder_1_antal", &age(self.first)),
                ("personnummer_2", self.second.map_or("", |second| second.number_on(first_day(month)))),
                ("kon_2_kod", self.second.map_or("", sex)),
                ("alder_2_antal", &second_age),
            ],
            &extra,
        )
    }
}
