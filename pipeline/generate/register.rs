//! Renders lives as the registers hold them: sjukpenning here, bistånd and pay beside.

use super::chance::Chance;
use super::facit::Facit;
use super::geografi::Geografi;
use super::leveranser::Leveranser;
use super::levnad::{FkRad, Levnad};
use super::nummer::Nummer;
use super::observation::{KNOWN_TILL, REGISTERS_FROM, UTTAG};
use super::person::Person;
use super::tackning::Tackning;
use super::tid::shift;
use crate::error::Result;
use chrono::{Datelike, NaiveDate};

/// One row in so many is at fault: below what the contract tolerates.
const SJUKPENNING_FAULT: u64 = 400;

/// What rendering needs beside the person.
pub struct Render<'a> {
    pub map: &'a Geografi,
    pub tackning: &'a Tackning,
    pub nummer: &'a mut Nummer,
    pub leveranser: &'a mut Leveranser,
    pub facit: &'a mut Facit,
}

impl Render<'_> {
    /// Sjukpenning and rehabiliteringspenning: the number is the one of the extract.
    ///
    /// # Errors
    /// As [`super::delivery::DeliveryWriter::row`].
    pub fn sjukpenning(
        &mut self,
        chance: &mut Chance,
        person: &Person,
        levnad: &Levnad,
        deltagare: bool,
    ) -> Result<()> {
        for rad in levnad.sjukfall.iter().flat_map(|sjukfall| &sjukfall.rader) {
            if !rad.levererad || rad.fran > KNOWN_TILL || rad.till < REGISTERS_FROM {
                continue;
            }
            let row = SjukpenningRow::new(chance, rad);
            row.write(self.leveranser, person.latest_number(), rad.forman, &row.till)?;
            let count = self.leveranser.sjukpenning.row_count();
            if count.is_multiple_of(SJUKPENNING_FAULT) {
                self.spoil_sjukpenning(&row, person, rad, deltagare, count / SJUKPENNING_FAULT)?;
            }
        }
        Ok(())
    }

    /// A further row that is at fault; columns beside the number are only checked for participants.
    fn spoil_sjukpenning(
        &mut self,
        row: &SjukpenningRow,
        person: &Person,
        rad: &FkRad,
        deltagare: bool,
        way: u64,
    ) -> Result<()> {
        let own = person.latest_number();
        let before = compact(shift(rad.fran, -40));
        let (rule, at) = match (deltagare, way % 3) {
            (true, 0) => ("nyckel", row.write(self.leveranser, own, rad.forman, &row.till)?),
            (true, 1) => ("kodlista", row.write(self.leveranser, own, "XX", &row.till)?),
            (true, _) => {
                // Another extent than the row above, so that the key is not the fault.
                let other = SjukpenningRow { omfattning: if rad.omfattning == 25 { 50 } else { 25 }, ..row.clone() };
                ("slut_fore_start", other.write(self.leveranser, own, rad.forman, &before)?)
            }
            (false, _) => {
                let number = self.nummer.invalid(way)?;
                ("identitetsnummer", row.write(self.leveranser, &number, rad.forman, &row.till)?)
            }
        };
        let fil = self.leveranser.sjukpenning.file_name().to_owned();
        self.facit.reject("fk_sjukpenning", UTTAG, &fil, at, rule)
    }
}

#[derive(Clone)]
struct SjukpenningRow {
    fran: String,
    till: String,
    omfattning: i64,
    brutto: String,
    netto: String,
}

impl SjukpenningRow {
    /// A row that runs on when the register is drawn is open, or ends with what is paid so far.
    fn new(chance: &mut Chance, rad: &FkRad) -> SjukpenningRow {
        let days = (rad.till.min(KNOWN_TILL) - rad.fran).num_days() + 1;
        let netto = days * rad.omfattning;
        let till = if rad.is_open() {
            (*chance.pick(&["", "00000000", "99991231"])).to_owned()
        } else {
            compact(rad.till.min(KNOWN_TILL))
        };
        SjukpenningRow {
            fran: compact(rad.fran),
            till,
            omfattning: rad.omfattning,
            brutto: days.to_string(),
            netto: format!("{},{:02}", netto / 100, netto % 100),
        }
    }

    fn write(&self, leveranser: &mut Leveranser, number: &str, forman: &str, till: &str) -> Result<u64> {
        leveranser.sjukpenning.row(&[
            ("personnummer", number),
            ("forman_kod", forman),
            ("fran_datum", &self.fran),
            ("till_datum", till),
            ("omfattning_procent", &self.omfattning.to_string()),
            ("brutto_dagar_antal", &self.brutto),
            ("netto_dagar_antal", &self.netto),
        ])
    }
}

fn compact(day: NaiveDate) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}
