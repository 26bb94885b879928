//! Writes one delivery as an agency would: the file in the format, encoding and layout of its contract, and
//! last `leverans.yaml`, which says that the delivery is whole.
//!
//! Everything is read off the contract; a fixture names only the columns that it cares about:
//!
//! ```ignore
//! let mut delivery = DeliveryWriter::create(&contract, deliveries, uttagsdatum)?;
//! let row = delivery.row(&[("deltagande_id", "D0000001"), ("slut_datum", "2022-05-31")])?;
//! delivery.finish(&Leverans::of_all(fran, till))?;
//! ```
//!
//! Rows go to disk as they come, except of a workbook or SAS data set, which is put together in memory.

mod columnar;
mod hashing;
mod packing;
mod sas;
mod text;
mod workbook;

use crate::contract::{Contract, Format};
use crate::error::{Error, Result};
use chrono::NaiveDate;
use serde::Serialize;
use serde_yaml_ng::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The file that makes a folder a delivery.
pub const MANIFEST: &str = "leverans.yaml";

/// Whom a delivery is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Population {
    /// Everyone that the register holds.
    Alla(Everyone),
    /// The persons of a list, as it was on a day (`YYYY-MM-DD`).
    Lista { lista: String, datum: String },
}

/// The text `alla`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Everyone {
    #[serde(rename = "alla")]
    Alla,
}

/// What a delivery says about itself beside its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leverans {
    /// First and last day that the rows are about, both included.
    pub fran: NaiveDate,
    pub till: NaiveDate,
    pub population: Population,
    /// It holds not all of its period, but what replaces, adds to or removes rows delivered before.
    pub corrects: bool,
}

impl Leverans {
    /// A delivery about everyone in the register, from one day to another inclusive.
    pub const fn of_all(fran: NaiveDate, till: NaiveDate) -> Leverans {
        Leverans { fran, till, population: Population::Alla(Everyone::Alla), corrects: false }
    }

    /// A delivery about the persons of a list drawn on a day.
    pub fn of_list(fran: NaiveDate, till: NaiveDate, lista: &str, datum: NaiveDate) -> Leverans {
        let population = Population::Lista { lista: lista.to_owned(), datum: datum.to_string() };
        Leverans { fran, till, population, corrects: false }
    }

    /// The same of rows that correct what was delivered before.
    pub fn correcting(self) -> Leverans {
        Leverans { corrects: true, ..self }
    }
}

#[derive(Serialize)]
struct Manifest<'a> {
    leverans: &'a str,
    uttagsdatum: String,
    period: Period,
    population: &'a Population,
    #[serde(skip_serializing_if = "Option::is_none")]
    omfattning: Option<&'static str>,
    filer: Vec<DeliveredFile>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    kontrollsummor: BTreeMap<&'a str, i64>,
}

#[derive(Serialize)]
struct Period {
    fran: String,
    till: String,
}

#[derive(Serialize)]
struct DeliveredFile {
    namn: String,
    /// Data rows; a header is not counted.
    rader: u64,
    sha256: String,
}

enum Form {
    Text(Box<text::TextFile>),
    Workbook(Box<workbook::Sheet>),
    Parquet(Box<columnar::ParquetFile>),
    Sas(Box<sas::SasFile>),
}

/// One delivery being written; nothing takes it for a delivery before [`DeliveryWriter::finish`].
pub struct DeliveryWriter {
    contract: Contract,
    uttagsdatum: NaiveDate,
    folder: PathBuf,
    file_name: String,
    form: Form,
    cells: Vec<String>,
    row_count: u64,
    first_row: u64,
    /// Column position and sum so far of every control total.
    sums: Vec<(usize, i64)>,
}

impl DeliveryWriter {
    /// Opens `deliveries/<contract>/<uttagsdatum>/<filnamn>`, in the first format of the contract.
    ///
    /// # Errors
    /// As [`DeliveryWriter::create_named`].
    pub fn create(contract: &Contract, deliveries: &Path, uttagsdatum: NaiveDate) -> Result<DeliveryWriter> {
        let file_name = property(contract, "filnamn")?;
        match contract.format_of(file_name)? {
            format if format == contract.formats()?.first().copied() => {
                DeliveryWriter::create_named(contract, file_name, deliveries, uttagsdatum)
            }
            _ => Err(contract.fault("filnamn has not the suffix of the first format")),
        }
    }

    /// As [`DeliveryWriter::create`], with a file name of its own: its suffix says which of the contract's formats
    /// is written. An earlier `leverans.yaml` there is removed first.
    ///
    /// # Errors
    /// [`Error::Contract`] where the contract does not say how the file looks; [`Error::Io`].
    pub fn create_named(
        contract: &Contract,
        file_name: &str,
        deliveries: &Path,
        uttagsdatum: NaiveDate,
    ) -> Result<DeliveryWriter> {
        let folder = deliveries.join(&contract.name).join(uttagsdatum.to_string());
        let failed = |source| Error::Io { path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        match fs::remove_file(folder.join(MANIFEST)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(failed(source)),
            _ => {}
        }
        let path = folder.join(file_name);
        let format =
            contract.format_of(file_name)?.ok_or_else(|| contract.fault("no format has that file's suffix"))?;
        let form = match format {
            Format::Delimited | Format::FixedWidth => {
                Form::Text(Box::new(text::TextFile::create(contract, format, &path)?))
            }
            Format::Workbook => Form::Workbook(Box::new(workbook::Sheet::create(contract, &path, uttagsdatum)?)),
            Format::Parquet => Form::Parquet(Box::new(columnar::ParquetFile::create(contract, &path)?)),
            Format::Sas => Form::Sas(Box::new(sas::SasFile::create(contract, &path))),
        };
        let has_header = format == Format::Workbook || (format.is_text() && contract.custom_flag("rubrikrad"));
        Ok(DeliveryWriter {
            sums: control_totals(contract)?,
            cells: vec![String::new(); contract.columns.len()],
            contract: contract.clone(),
            uttagsdatum,
            folder,
            file_name: file_name.to_owned(),
            form,
            row_count: 0,
            first_row: if has_header { 2 } else { 1 },
        })
    }

    /// Writes the contract's blank row with these columns changed; gives the row's number in the file, counted
    /// from 1 with the header included (for Parquet the record's number).
    ///
    /// # Errors
    /// [`Error::Contract`] for a column that the contract lacks, [`Error::Format`] for text that does not fit the
    /// encoding, the width or the type, [`Error::Io`]. No message holds the text.
    pub fn row(&mut self, values: &[(&str, &str)]) -> Result<u64> {
        self.row_with(values, &[])
    }

    /// As [`DeliveryWriter::row`], with further fields after the last column of the contract
    /// (`overskjutandeKolumner`).
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`], and where the contract has no further fields.
    pub fn row_with(&mut self, values: &[(&str, &str)], extra: &[&str]) -> Result<u64> {
        if !extra.is_empty() && !self.contract.custom_flag("overskjutandeKolumner") {
            return Err(self.contract.fault("the layout has no fields after the last column"));
        }
        for (cell, column) in self.cells.iter_mut().zip(&self.contract.columns) {
            cell.clear();
            cell.push_str(&column.blank);
        }
        for (name, text) in values {
            let Some(position) = self.contract.position(name) else {
                return Err(self.contract.fault(format!("there is no column {name} to write")));
            };
            self.cells[position].clear();
            self.cells[position].push_str(text);
        }
        match &mut self.form {
            Form::Text(file) => file.write(&self.contract, &self.cells, extra)?,
            Form::Workbook(sheet) => sheet.write(&self.cells)?,
            Form::Parquet(file) => file.write(&self.contract, &self.cells)?,
            Form::Sas(file) => file.write(&self.contract, &self.cells)?,
        }
        for (position, sum) in &mut self.sums {
            // What is no number adds nothing: a total is of what can be read.
            *sum += self.cells[*position].parse::<i64>().unwrap_or(0);
        }
        self.row_count += 1;
        Ok(self.first_row + self.row_count - 1)
    }

    /// Data rows so far.
    pub const fn row_count(&self) -> u64 {
        self.row_count
    }

    /// The name of the data file.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Closes the data file and, last, writes `leverans.yaml`; gives the delivery's folder.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Format`], [`Error::Parquet`].
    pub fn finish(self, leverans: &Leverans) -> Result<PathBuf> {
        let sha256 = match self.form {
            Form::Text(file) => file.finish()?,
            Form::Workbook(sheet) => sheet.finish()?,
            Form::Parquet(file) => file.finish()?,
            Form::Sas(file) => file.finish()?,
        };
        let columns = &self.contract.columns;
        let manifest = Manifest {
            leverans: &self.contract.name,
            uttagsdatum: self.uttagsdatum.to_string(),
            period: Period { fran: leverans.fran.to_string(), till: leverans.till.to_string() },
            population: &leverans.population,
            omfattning: leverans.corrects.then_some("rattelse"),
            filer: vec![DeliveredFile { namn: self.file_name, rader: self.row_count, sha256 }],
            kontrollsummor: self.sums.iter().map(|(position, sum)| (columns[*position].name.as_str(), *sum)).collect(),
        };
        let path = self.folder.join(MANIFEST);
        let text = serde_yaml_ng::to_string(&manifest)
            .map_err(|e| Error::Format { path: path.clone(), reason: e.to_string() })?;
        fs::write(&path, text).map_err(|source| Error::Io { path, source })?;
        Ok(self.folder)
    }
}

fn property<'a>(contract: &'a Contract, name: &str) -> Result<&'a str> {
    contract.custom_text(name).ok_or_else(|| contract.fault(format!("there is no {name}")))
}

fn control_totals(contract: &Contract) -> Result<Vec<(usize, i64)>> {
    let Some(names) = contract.custom.get("kontrollsummor").and_then(Value::as_sequence) else {
        return Ok(Vec::new());
    };
    names
        .iter()
        .filter_map(Value::as_str)
        .map(|name| {
            let position = contract.position(name);
            Ok((position.ok_or_else(|| contract.fault(format!("there is no column {name} to sum")))?, 0))
        })
        .collect()
}

#[cfg(test)]
mod tests;
