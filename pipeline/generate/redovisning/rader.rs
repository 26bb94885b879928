//! Rows with faults planted among them, and codes of which each occurs.

use crate::contract::{Catalogue, Code};
use crate::error::Result;
use crate::generate::chance::Chance;
use crate::generate::delivery::DeliveryWriter;
use crate::generate::facit::Facit;
use crate::generate::leveranser::Utlamnande;
use chrono::NaiveDate;

/// One row in so many is followed by one at fault, up to so many in a delivery.
const FAULT: u64 = 70;
const FAULTS_MOST: u64 = 12;

/// The row before once more, with another text in a column (the same row, where there is none), and the rule that it
/// breaks.
pub struct Fel {
    pub column: &'static str,
    pub text: &'static str,
    pub rule: &'static str,
}

pub const DUBBLETT: Fel = Fel { column: "", text: "", rule: "nyckel" };

/// A delivery whose faults facit is told of.
pub struct Rader<'a> {
    contract: &'static str,
    uttag: NaiveDate,
    writer: DeliveryWriter,
    facit: &'a mut Facit,
    faults: &'static [Fel],
    planted: u64,
}

impl<'a> Rader<'a> {
    /// # Errors
    /// As [`Utlamnande::open`].
    pub fn open(
        utlamnande: &Utlamnande<'_>,
        contract: &'static str,
        uttag: NaiveDate,
        facit: &'a mut Facit,
        faults: &'static [Fel],
    ) -> Result<Rader<'a>> {
        let writer = utlamnande.open(contract, uttag)?;
        Ok(Rader::of(writer, contract, uttag, facit, faults))
    }

    /// Over a delivery that is open already.
    pub const fn of(
        writer: DeliveryWriter,
        contract: &'static str,
        uttag: NaiveDate,
        facit: &'a mut Facit,
        faults: &'static [Fel],
    ) -> Rader<'a> {
        Rader { contract, uttag, writer, facit, faults, planted: 0 }
    }

    /// Writes a row, and after some of them one that ingest must reject.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn row(&mut self, values: &[(&str, &str)]) -> Result<()> {
        self.writer.row(values)?;
        if self.writer.row_count() / FAULT <= self.planted || self.planted == FAULTS_MOST {
            return Ok(());
        }
        let turn = usize::try_from(self.planted).unwrap_or(0) % self.faults.len();
        let fel = &self.faults[turn];
        self.planted += 1;
        let spoiled: Vec<(&str, &str)> = values
            .iter()
            .map(|(column, text)| (*column, if *column == fel.column { fel.text } else { *text }))
            .collect();
        let at = self.writer.row(&spoiled)?;
        let file = self.writer.file_name().to_owned();
        self.facit.reject(self.contract, self.uttag, &file, at, fel.rule)
    }

    /// # Errors
    /// As [`Utlamnande::close`].
    pub fn close(self, utlamnande: &mut Utlamnande<'_>, fran: NaiveDate, till: NaiveDate) -> Result<()> {
        utlamnande.close(self.contract, self.writer, fran, till)
    }
}

/// The codes of a list: each once, and then as chance has it.
pub struct Koder {
    codes: Vec<Code>,
    drawn: usize,
}

impl Koder {
    /// # Errors
    /// [`crate::error::Error::Contract`] where there is no such list.
    pub fn of(catalogue: &Catalogue, list: &str) -> Result<Koder> {
        Ok(Koder { codes: catalogue.code_list(list)?.codes.clone(), drawn: 0 })
    }

    /// Those with a text in a further column of the list.
    ///
    /// # Errors
    /// As [`Koder::of`], and where the list has no such column.
    pub fn with(catalogue: &Catalogue, list: &str, column: &str, text: &str) -> Result<Koder> {
        let list = catalogue.code_list(list)?;
        let chosen: Vec<bool> = list.further(column)?.map(|(_, held)| held == text).collect();
        let codes = list.codes.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(code, _)| code.clone());
        Ok(Koder { codes: codes.collect(), drawn: 0 })
    }

    pub fn draw(&mut self, chance: &mut Chance) -> &str {
        self.drawn += 1;
        if self.drawn <= self.codes.len() { &self.codes[self.drawn - 1].code } else { &chance.pick(&self.codes).code }
    }

    /// As people write it: the code while each is drawn once, then the title.
    pub fn written(&mut self, chance: &mut Chance) -> &str {
        self.drawn += 1;
        if self.drawn <= self.codes.len() { &self.codes[self.drawn - 1].code } else { &chance.pick(&self.codes).title }
    }

    pub fn all(&self) -> &[Code] {
        &self.codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_drawn_before_one_is_drawn_again() {
        let catalogue = Catalogue::embedded().expect("sound contracts");
        let mut chance = Chance::new(1, 0);
        for mut codes in [
            Koder::of(&catalogue, "svarsskala").expect("a list"),
            Koder::with(&catalogue, "preciserad_inriktning", "inriktning_kod", "STRUKTUR").expect("a column"),
        ] {
            let all: Vec<String> = codes.all().iter().map(|code| code.code.clone()).collect();
            let drawn: Vec<String> = all.iter().map(|_| codes.draw(&mut chance).to_owned()).collect();
            assert_eq!(drawn, all);
            assert!(all.contains(&codes.draw(&mut chance).to_owned()));
        }
        assert!(Koder::with(&catalogue, "svarsskala", "finns_inte", "").is_err());
    }
}
