//! The felrapport: for the supplier, in Swedish, grouped by rule; and the same faults as a Parquet table.

use super::delivery::Delivery;
use super::take::Intake;
use crate::contract::Severity;
use crate::error::{Error, Result};
use crate::fault::{FaultLog, ROWS_KEPT, Rule};
use crate::job::Job;
use crate::lake::{self, Writer};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the felrapport of a delivery lies.
pub(super) fn path(job: &Job, delivery: &Delivery) -> PathBuf {
    job.folder("faults").join(&delivery.contract.name).join(format!("{}.txt", delivery.uttagsdatum))
}

/// Writes both; removes those of an earlier reading where there is nothing to report any more.
pub(super) fn write(job: &Job, delivery: &Delivery, intake: &Intake) -> Result<()> {
    let path = path(job, delivery);
    let table = path.with_extension("parquet");
    if intake.faults.is_empty() {
        for path in [path, table] {
            if path.exists() {
                fs::remove_file(&path).map_err(|source| Error::Io { path, source })?;
            }
        }
        return Ok(());
    }
    lake::write_file(&path, text(delivery, intake).as_bytes())?;
    let batch = batch(&intake.faults)?;
    let mut writer = Writer::create(&table, batch.schema(), &[("finsam.table", "faults")])?;
    writer.write(&batch)?;
    writer.finish().map(|_| ())
}

fn text(delivery: &Delivery, intake: &Intake) -> String {
    let mut text = String::new();
    let is_older = intake.faults.iter().any(|(place, _)| place.rule == Rule::Older);
    let outcome = match (intake.is_accepted(), is_older) {
        (true, false) => "Leveransen är mottagen.",
        (true, true) => "Leveransen är mottagen men läses inte.",
        (false, _) => "Leveransen är inte mottagen.",
    };
    let _ = writeln!(text, "Felrapport: {}, uttag {}", delivery.contract.title, delivery.uttagsdatum);
    let _ = writeln!(text, "{outcome} Rader: {}. Avvisade: {}.", intake.rows, intake.rejected);
    for (place, count) in intake.faults.iter() {
        let consequence = match count.severity {
            Severity::Stop => "leveransen tas inte emot",
            Severity::Reject => "raden tas inte med",
            Severity::Note if place.rule == Rule::Older => "leveransen träder inte i kraft",
            Severity::Note => "raden tas med",
        };
        let _ = writeln!(text, "\n{} ({}): {}", place.rule.text(), place.rule.code(), consequence);
        let _ = write!(text, "  Fil: {}", place.file);
        if let Some(column) = &place.column {
            let title = delivery.contract.column(column).map_or(column.as_str(), |column| column.title.as_str());
            let _ = write!(text, "  Kolumn: {title} ({column})");
        }
        let _ = writeln!(text, "  Antal: {}", count.faults);
        if !count.rows.is_empty() {
            let rows: Vec<String> = count.rows.iter().take(20).map(u64::to_string).collect();
            let more = if count.faults > 20 { " …" } else { "" };
            let _ = writeln!(text, "  Rader: {}{more}", rows.join(", "));
        }
        let _ = writeln!(text, "  Gör så här: {}", place.rule.advice());
    }
    let _ = writeln!(text, "\nHögst {ROWS_KEPT} radnummer per orsak sparas; alla är räknade.");
    text
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
        ("fil_namn", text(&|i| Some(rows[i].0.file.clone()))),
        ("kolumn_namn", text(&|i| rows[i].0.column.clone())),
        ("regel_kod", text(&|i| Some(rows[i].0.rule.code().to_owned()))),
        ("allvar_kod", text(&|i| Some(rows[i].1.severity.name().to_owned()))),
        ("rad_nr", Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>())),
        ("fel_antal", Arc::new(rows.iter().map(|row| Some(row.1.faults)).collect::<UInt64Array>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .map_err(|error| Error::Unexpected(format!("write the fault table: {error}")))
}
