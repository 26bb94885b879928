//! The felrapport: for the supplier, in Swedish, grouped by rule, as a page (HTML) and for Excel (CSV); and the same
//! faults as a Parquet table.

mod csv;
mod html;
mod wording;

use super::delivery::Delivery;
use super::take::Intake;
use crate::contract::{Catalogue, Contract, Severity};
use crate::error::{Error, Result};
use crate::fault::{Count, FaultLog, Place, Rule};
use crate::job::Job;
use crate::lake::{self, Writer};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use chrono::NaiveDate;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a felrapport tells of a delivery, or of one that has not come.
pub(super) struct Felrapport<'a> {
    pub contract: &'a Contract,
    pub catalogue: &'a Catalogue,
    /// None where no delivery is there.
    pub uttagsdatum: Option<NaiveDate>,
    pub outcome: &'static str,
    pub rows: u64,
    pub rejected: u64,
    pub faults: &'a FaultLog,
}

impl<'a> Felrapport<'a> {
    pub fn of(
        contract: &'a Contract,
        catalogue: &'a Catalogue,
        uttagsdatum: NaiveDate,
        intake: &'a Intake,
    ) -> Felrapport<'a> {
        let is_older = intake.faults.iter().any(|(place, _)| place.rule == Rule::Older);
        let outcome = match (intake.is_accepted(), is_older) {
            (true, false) => "Leveransen är mottagen.",
            (true, true) => "Leveransen är mottagen men läses inte.",
            (false, _) => "Leveransen är inte mottagen.",
        };
        let (rows, rejected, faults) = (intake.rows, intake.rejected, &intake.faults);
        Felrapport { contract, catalogue, uttagsdatum: Some(uttagsdatum), outcome, rows, rejected, faults }
    }

    /// Of a delivery that was expected and has not come.
    pub fn of_expected(contract: &'a Contract, catalogue: &'a Catalogue, faults: &'a FaultLog) -> Felrapport<'a> {
        let outcome = "En leverans som skulle ha kommit saknas.";
        Felrapport { contract, catalogue, uttagsdatum: None, outcome, rows: 0, rejected: 0, faults }
    }

    /// What it is about, in one line.
    fn title(&self) -> String {
        match self.uttagsdatum {
            Some(date) => format!("{}, uttag {date}", self.contract.title),
            None => self.contract.title.clone(),
        }
    }

    /// The causes by rule, in the order of checking.
    fn by_rule(&self) -> Vec<(Rule, Vec<(&Place, &Count)>)> {
        let mut groups: Vec<(Rule, Vec<(&Place, &Count)>)> = Vec::new();
        for cause in self.faults.iter() {
            match groups.last_mut() {
                Some((rule, causes)) if *rule == cause.0.rule => causes.push(cause),
                _ => groups.push((cause.0.rule, vec![cause])),
            }
        }
        groups
    }

    /// The column as its contract titles it.
    fn column_title<'b>(&'b self, place: &'b Place) -> &'b str {
        let name = place.column.as_deref().unwrap_or_default();
        self.contract.column(name).map_or(name, |column| column.title.as_str())
    }

    /// Writes the page and the CSV file, `<stem>.html` and `<stem>.csv`.
    ///
    /// # Errors
    /// [`Error::Io`] where they cannot be written.
    pub fn write(&self, stem: &Path) -> Result<()> {
        self.texts(stem)?.iter().try_for_each(|(path, text)| lake::write_file(path, text.as_bytes()))
    }

    fn texts(&self, stem: &Path) -> Result<[(PathBuf, String); 2]> {
        Ok([(extended(stem, "html"), html::page(self)), (extended(stem, "csv"), csv::text(self)?)])
    }
}

/// What follows of a fault.
fn consequence(rule: Rule, severity: Severity) -> &'static str {
    match severity {
        Severity::Stop => "leveransen tas inte emot",
        Severity::Reject => "raden tas inte med",
        Severity::Note => match rule {
            Rule::Older => "leveransen träder inte i kraft",
            Rule::NeverDelivered => "svaren är okända",
            Rule::Late | Rule::Stale => "svaren är okända för perioder som saknas",
            Rule::UnknownColumn => "kolumnen läses inte",
            Rule::LineEnd => "raden tas med",
            _ => "raden tas med, uppgiften räknas som saknad",
        },
    }
}

/// Where the felrapport of a delivery lies, without its ending.
fn stem(job: &Job, delivery: &Delivery) -> PathBuf {
    job.folder("faults").join(&delivery.contract.name).join(delivery.uttagsdatum.to_string())
}

/// A name with an ending more: dots in it stay.
fn extended(stem: &Path, ending: &str) -> PathBuf {
    let name = stem.file_name().unwrap_or_default().to_string_lossy();
    stem.with_file_name(format!("{name}.{ending}"))
}

/// Writes all three of a delivery; removes those of an earlier reading where there is nothing to report any more.
pub(super) fn write(job: &Job, delivery: &Delivery, intake: &Intake) -> Result<()> {
    let report = Felrapport::of(&delivery.contract, &job.catalogue, delivery.uttagsdatum, intake);
    write_all(&report, &stem(job, delivery))
}

/// Writes the felrapport of files that were checked and not taken in, as a page and for Excel, also where it has
/// nothing to tell; the page's path.
///
/// # Errors
/// [`Error::Io`] where it cannot be written.
pub fn write_felrapport(
    folder: &Path,
    catalogue: &Catalogue,
    contract: &Contract,
    uttagsdatum: NaiveDate,
    intake: &Intake,
) -> Result<PathBuf> {
    let mut report = Felrapport::of(contract, catalogue, uttagsdatum, intake);
    report.outcome = match intake.is_accepted() {
        true => "Leveransen skulle tas emot.",
        false => "Leveransen skulle inte tas emot.",
    };
    let stem = folder.join(format!("{}-{uttagsdatum}", contract.name));
    report.write(&stem)?;
    Ok(extended(&stem, "html"))
}

/// As [`write`], of any report.
pub(super) fn write_all(report: &Felrapport<'_>, stem: &Path) -> Result<()> {
    let table = extended(stem, "parquet");
    if report.faults.is_empty() {
        for path in [extended(stem, "html"), extended(stem, "csv"), table] {
            if path.exists() {
                fs::remove_file(&path).map_err(|source| Error::Io { path, source })?;
            }
        }
        return Ok(());
    }
    let texts = report.texts(stem)?;
    let is_there = |(path, text): &(PathBuf, String)| fs::read(path).is_ok_and(|before| before == text.as_bytes());
    // The table is written first: where the texts are those of these faults, so is the table.
    if table.exists() && texts.iter().all(is_there) {
        return Ok(());
    }
    let batch = batch(report.faults)?;
    let mut writer = Writer::create(&table, batch.schema(), &[("finsam.table", "faults")])?;
    writer.write(&batch)?;
    writer.finish()?;
    texts.iter().try_for_each(|(path, text)| lake::write_file(path, text.as_bytes()))
}

/// One row per fault whose row number was kept; `antal` is the number of all faults of the cause.
fn batch(faults: &FaultLog) -> Result<RecordBatch> {
    let mut rows = Vec::new();
    for (place, count) in faults.iter() {
        if count.rows.is_empty() {
            rows.push((place, count, None));
        }
        rows.extend(count.rows.iter().map(|row| (place, count, i64::try_from(*row).ok())));
    }
    let text = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
        Arc::new((0..rows.len()).map(of).collect::<StringArray>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("fil_namn", text(&|i| Some(rows[i].0.file.clone()).filter(|file| !file.is_empty()))),
        ("kolumn_namn", text(&|i| rows[i].0.column.clone())),
        ("regel_kod", text(&|i| Some(rows[i].0.rule.code().to_owned()))),
        ("allvar_kod", text(&|i| Some(rows[i].1.severity.name().to_owned()))),
        ("rad_nr", Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>())),
        ("fel_antal", Arc::new(rows.iter().map(|row| Some(row.1.faults)).collect::<UInt64Array>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .map_err(|error| Error::Unexpected(format!("write the fault table: {error}")))
}
