//! What förbund report of themselves, and statistics of the country: deliveries without identity numbers.
//!
//! Drawn from streams of chance of their own, after all persons: the registers stay as they were. Counts agree with
//! the country's insatser and förbund, except where a source is known to disagree.

mod ekonomi;
mod indikator;
mod rader;
mod statistik;
mod uppfoljning;

use super::deltagande::{Deltagande, Radslag, SUS_CLOSED};
use super::facit::Facit;
use super::geografi::{Forbund, Geografi};
use super::insats::{Anonyma, Insatser};
use super::leveranser::Utlamnande;
use super::tid::day;
use crate::contract::Catalogue;
use crate::error::Result;
use chrono::Datelike;
use std::collections::BTreeMap;

/// The first stream of chance here; each part has one.
const STREAM: u64 = 8 << 40;
/// Years that SUS is delivered for.
const SUS_YEARS: std::ops::RangeInclusive<i32> = 2018..=2022;

/// Deltaganden with personuppgifter by förbund and year: those active any day of it.
#[derive(Default)]
pub struct Deltagarantal(BTreeMap<(String, i32), u64>);

impl Deltagarantal {
    pub fn count(&mut self, insatser: &Insatser, deltagande: &Deltagande) {
        if deltagande.slag != Radslag::Ordinarie {
            return;
        }
        let forbund = &insatser.all[deltagande.insats].forbund_id;
        let last = deltagande.slut.unwrap_or(SUS_CLOSED).year();
        for year in SUS_YEARS.filter(|year| (deltagande.start.year()..=last).contains(year)) {
            *self.0.entry((forbund.clone(), year)).or_default() += 1;
        }
    }

    /// With the anonymous ones: what SUS says of a förbund and year.
    fn in_sus(&self, underlag: &Underlag<'_>, forbund: &str, year: i32) -> u64 {
        let of_year =
            |counted: &&Anonyma| counted.ar == year && underlag.insatser.all[counted.insats].forbund_id == forbund;
        let anonymous: u64 = underlag.anonyma.iter().filter(of_year).map(|counted| counted.kvinnor + counted.man).sum();
        anonymous + self.0.get(&(forbund.to_owned(), year)).copied().unwrap_or_default()
    }
}

/// What the deliveries here are made of.
pub struct Underlag<'a> {
    pub catalogue: &'a Catalogue,
    pub map: &'a Geografi,
    pub insatser: &'a Insatser,
    pub anonyma: &'a [Anonyma],
    pub deltagare: &'a Deltagarantal,
    pub seed: u64,
    pub scale: f64,
}

impl Underlag<'_> {
    /// Förbund in force at the end of a year.
    fn forbund(&self, year: i32) -> impl Iterator<Item = &Forbund> {
        let last = day(year, 12, 31);
        self.map.forbund.iter().filter(move |own| own.fran <= last && own.till.is_none_or(|till| till >= last))
    }
}

/// Writes them all.
///
/// # Errors
/// As [`super::delivery::DeliveryWriter::row`].
pub fn write(utlamnande: &mut Utlamnande<'_>, facit: &mut Facit, underlag: &Underlag<'_>) -> Result<()> {
    ekonomi::write(utlamnande, facit, underlag)?;
    uppfoljning::write(utlamnande, facit, underlag)?;
    indikator::write(utlamnande, facit, underlag)?;
    statistik::write(utlamnande, underlag)
}
