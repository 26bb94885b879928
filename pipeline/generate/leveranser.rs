//! The deliveries of the country while they are being written.

use super::agi::Agileveranser;
use super::bistand::Bistandsleveranser;
use super::delivery::{DeliveryWriter, Leverans};
use super::observation::{REGISTERS_FROM, UTTAG, UTTAG_SUS};
use super::tid::day;
use crate::contract::Catalogue;
use crate::error::Result;
use crate::layer::Layer;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// First day that SUS is delivered for.
const SUS_FROM: NaiveDate = day(2018, 1, 1);
/// First day that folkbokföringen and changes of number are delivered for.
const PERSONS_FROM: NaiveDate = day(1950, 1, 1);

/// Opens and closes deliveries, and counts their rows.
pub struct Utlamnande<'a> {
    pub catalogue: &'a Catalogue,
    pub folder: PathBuf,
    /// Rows per contract.
    pub rows: BTreeMap<String, u64>,
}

impl<'a> Utlamnande<'a> {
    pub fn new(catalogue: &'a Catalogue, folder: &Path) -> Utlamnande<'a> {
        Utlamnande { catalogue, folder: folder.to_owned(), rows: BTreeMap::new() }
    }

    /// # Errors
    /// As [`DeliveryWriter::create`].
    pub fn open(&self, contract: &str, uttag: NaiveDate) -> Result<DeliveryWriter> {
        DeliveryWriter::create(self.catalogue.contract(Layer::Deliveries, contract)?, &self.folder, uttag)
    }

    /// In a file of that name, whose suffix says which of the contract's formats it has.
    ///
    /// # Errors
    /// As [`DeliveryWriter::create_named`].
    pub fn open_named(&self, contract: &str, file: &str, uttag: NaiveDate) -> Result<DeliveryWriter> {
        let contract = self.catalogue.contract(Layer::Deliveries, contract)?;
        DeliveryWriter::create_named(contract, file, &self.folder, uttag)
    }

    /// # Errors
    /// As [`DeliveryWriter::finish`].
    pub fn close(&mut self, contract: &str, writer: DeliveryWriter, fran: NaiveDate, till: NaiveDate) -> Result<()> {
        self.finish(contract, writer, &Leverans::of_all(fran, till))
    }

    /// # Errors
    /// As [`DeliveryWriter::finish`].
    pub fn finish(&mut self, contract: &str, writer: DeliveryWriter, leverans: &Leverans) -> Result<()> {
        *self.rows.entry(contract.to_owned()).or_default() += writer.row_count();
        writer.finish(leverans).map(drop)
    }
}

/// A delivery per calendar year; the last one is part of a year.
pub struct Arsvis {
    contract: &'static str,
    first_year: i32,
    writers: Vec<DeliveryWriter>,
}

impl Arsvis {
    /// Opens one delivery per year to 2023; a year is drawn at the end of March of the next.
    ///
    /// # Errors
    /// As [`DeliveryWriter::create`].
    pub fn open(utlamnande: &Utlamnande<'_>, contract: &'static str, first: NaiveDate) -> Result<Arsvis> {
        let writers = (first.year()..=UTTAG.year())
            .map(|year| utlamnande.open(contract, if year == UTTAG.year() { UTTAG } else { day(year + 1, 3, 31) }))
            .collect::<Result<_>>()?;
        Ok(Arsvis { contract, first_year: first.year(), writers })
    }

    /// The delivery that a year belongs to.
    pub fn of_year(&mut self, year: i32) -> Option<&mut DeliveryWriter> {
        usize::try_from(year - self.first_year).ok().and_then(|index| self.writers.get_mut(index))
    }

    /// # Errors
    /// As [`DeliveryWriter::finish`].
    pub fn close(self, utlamnande: &mut Utlamnande<'_>) -> Result<()> {
        for (year, writer) in (self.first_year..).zip(self.writers) {
            utlamnande.close(self.contract, writer, day(year, 1, 1), day(year, 12, 31).min(UTTAG))?;
        }
        Ok(())
    }

    /// The day on which the delivery of a year was drawn.
    pub fn uttag(year: i32) -> NaiveDate {
        if year == UTTAG.year() { UTTAG } else { day(year + 1, 3, 31) }
    }
}

/// Everything with a row per person, open at the same time.
pub struct Leveranser {
    pub deltagande: DeliveryWriter,
    pub forsorjning: DeliveryWriter,
    pub sysselsattning: DeliveryWriter,
    pub samtycke: DeliveryWriter,
    pub skyddade: DeliveryWriter,
    pub nummerbyte: DeliveryWriter,
    pub folkbokforing: DeliveryWriter,
    pub sjukpenning: DeliveryWriter,
    pub agi: Agileveranser,
    pub bistand: Bistandsleveranser,
}

impl Leveranser {
    /// # Errors
    /// As [`DeliveryWriter::create`].
    pub fn open(utlamnande: &Utlamnande<'_>) -> Result<Leveranser> {
        Ok(Leveranser {
            deltagande: utlamnande.open("sus_deltagande", UTTAG_SUS)?,
            forsorjning: utlamnande.open("sus_forsorjning", UTTAG_SUS)?,
            sysselsattning: utlamnande.open("sus_sysselsattning", UTTAG_SUS)?,
            samtycke: utlamnande.open("samtycke_atertaget", UTTAG_SUS)?,
            skyddade: utlamnande.open("skyddade_personer", UTTAG)?,
            nummerbyte: utlamnande.open("nummerbyte", UTTAG)?,
            folkbokforing: utlamnande.open("folkbokforing", UTTAG)?,
            sjukpenning: utlamnande.open("fk_sjukpenning", UTTAG)?,
            agi: Agileveranser::open(utlamnande)?,
            bistand: Bistandsleveranser::open(utlamnande)?,
        })
    }

    /// # Errors
    /// As [`DeliveryWriter::finish`].
    pub fn close(self, utlamnande: &mut Utlamnande<'_>) -> Result<()> {
        utlamnande.close("sus_deltagande", self.deltagande, SUS_FROM, day(2022, 12, 31))?;
        utlamnande.close("sus_forsorjning", self.forsorjning, SUS_FROM, day(2022, 12, 31))?;
        utlamnande.close("sus_sysselsattning", self.sysselsattning, SUS_FROM, day(2022, 12, 31))?;
        utlamnande.close("samtycke_atertaget", self.samtycke, SUS_FROM, UTTAG_SUS)?;
        utlamnande.close("skyddade_personer", self.skyddade, PERSONS_FROM, UTTAG)?;
        utlamnande.close("nummerbyte", self.nummerbyte, PERSONS_FROM, UTTAG)?;
        utlamnande.close("folkbokforing", self.folkbokforing, PERSONS_FROM, UTTAG)?;
        utlamnande.close("fk_sjukpenning", self.sjukpenning, REGISTERS_FROM, UTTAG)?;
        self.agi.close(utlamnande)?;
        self.bistand.close(utlamnande)
    }
}
