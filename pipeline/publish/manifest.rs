//! `manifest.json`: of what a release was made, what was not in force, its tables, and the hash of every file.
//!
//! It is written last: a folder whose manifest names what lies there is a whole release.

use crate::error::{Error, Result};
use crate::ingest::{Overdue, is_list, overdue_in_release};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::ledger::Approval;
use crate::protect::{Mark, Outcome, PUBLISHED, Protected, ProtectedTable};
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::stage::Night;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::Path;

/// The name of the file that is written last.
pub const MANIFEST: &str = "manifest.json";

#[derive(Serialize)]
struct ManifestOut<'a> {
    run_id: &'a str,
    uttagsdatum: String,
    program: &'static str,
    rules: &'a str,
    status: &'static str,
    deliveries: Vec<DeliveryOut>,
    /// What was handed in and is not in force, by paths below the data root.
    not_in_force: Vec<String>,
    /// Deliveries that were overdue on the newest uttagsdatum.
    overdue: Vec<String>,
    tables: Vec<TableOut>,
    files: Vec<FileOut>,
}

#[derive(Serialize)]
struct DeliveryOut {
    tabell: String,
    uttagsdatum: String,
    /// Not of lists that protect: how many are on them is nobody's to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<u64>,
    /// Keyed, as in receipts and log.
    prints: Vec<String>,
}

#[derive(Serialize)]
struct TableOut {
    name: String,
    title: String,
    contract: String,
    rows: usize,
    withheld: usize,
}

/// One file of a release.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileOut {
    name: String,
    size: u64,
    sha256: String,
}

/// Whether a folder holds a whole release of that run-id: every file is there, with the bytes that it was made with.
pub(super) fn is_whole(folder: &Path, run_id: &str) -> bool {
    #[derive(Deserialize)]
    struct Written {
        run_id: String,
        files: Vec<FileOut>,
    }
    let text = fs::read_to_string(folder.join(MANIFEST)).unwrap_or_default();
    let Ok(written) = serde_json::from_str::<Written>(&text) else { return false };
    let is_there = |file: &FileOut| file_out(&folder.join(&file.name)).is_ok_and(|found| found == *file);
    written.run_id == run_id && !written.files.is_empty() && written.files.iter().all(is_there)
}

/// Hashes the files of a folder and makes them durable.
///
/// # Errors
/// [`Error::Io`] where one cannot be read.
pub(super) fn files(folder: &Path) -> Result<Vec<FileOut>> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        names.push(entry.map_err(failed)?.path());
    }
    names.sort();
    names.into_iter().map(|path| file_out(&path).map_err(|source| Error::Io { path, source })).collect()
}

fn file_out(path: &Path) -> std::io::Result<FileOut> {
    File::open(path)?.sync_all()?;
    let (sha256, size) = lake::sha256(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(FileOut { name, size, sha256 })
}

/// The text of `manifest.json`.
///
/// # Errors
/// [`Error::Unexpected`] where it cannot be put into words.
pub(super) fn text(
    job: &Job,
    night: &Night,
    protected: &Protected,
    date: chrono::NaiveDate,
    files: Vec<FileOut>,
) -> Result<String> {
    let in_force = |table: &str, date: &str| {
        night.in_force.iter().any(|one| one.table == table && one.uttagsdatum.to_string() == date)
    };
    let protects = |table: &str| {
        let contract = job.catalogue.contract(Layer::Deliveries, table);
        contract.is_ok_and(|contract| is_list(contract))
    };
    let manifest = ManifestOut {
        run_id: &night.run_id,
        uttagsdatum: date.to_string(),
        program: env!("CARGO_PKG_VERSION"),
        rules: job.catalogue.digest(),
        status: "internal: a night's release; what leaves the agency is a vintage",
        deliveries: night
            .receipts
            .iter()
            .filter_map(Receipt::in_force)
            .filter(|receipt| in_force(&receipt.table, &receipt.uttagsdatum))
            .map(|receipt| DeliveryOut {
                tabell: receipt.table.clone(),
                uttagsdatum: receipt.uttagsdatum.clone(),
                rows: Some(receipt.rows).filter(|_| !protects(&receipt.table)),
                rejected: Some(receipt.rejected).filter(|_| !protects(&receipt.table)),
                prints: receipt.prints.values().cloned().collect(),
            })
            .collect(),
        not_in_force: night.refused.iter().map(Refusal::line).collect(),
        overdue: overdue_in_release(&job.catalogue, &night.in_force)?.iter().map(Overdue::to_string).collect(),
        tables: tables(protected),
        files,
    };
    serde_json::to_string_pretty(&manifest).map_err(|error| Error::Unexpected(format!("write the manifest: {error}")))
}

/// The text of a vintage's `manifest.json`: that of its run, with the approval, and its own tables and files.
///
/// # Errors
/// [`Error::Unexpected`] where it cannot be put into words.
pub(super) fn of_vintage(
    manifest_of_run: &serde_json::Value,
    approval: &Approval,
    outcome: &Outcome,
    files: Vec<FileOut>,
) -> Result<String> {
    #[derive(Serialize)]
    struct VintageOut<'a> {
        approval: &'a Approval,
        /// Rows with another status than in the last vintage.
        changed_status: usize,
        /// Rows that show the number of the last vintage.
        kept: usize,
        revised: usize,
    }
    let marked = |mark: Mark| {
        let rows = outcome.protected.tables().iter().flat_map(|table| table.rows());
        rows.filter(|row| row.mark() == mark).count()
    };
    let vintage = VintageOut {
        approval,
        changed_status: outcome.changed,
        kept: marked(Mark::Kept),
        revised: marked(Mark::Revised),
    };
    let failed = |error: serde_json::Error| Error::Unexpected(format!("write the manifest: {error}"));
    let mut manifest = manifest_of_run.clone();
    manifest["status"] = format!("vintage {}, {}", approval.vintage, approval.status).into();
    manifest["vintage"] = serde_json::to_value(vintage).map_err(failed)?;
    manifest["tables"] = serde_json::to_value(tables(&outcome.protected)).map_err(failed)?;
    manifest["files"] = serde_json::to_value(files).map_err(failed)?;
    serde_json::to_string_pretty(&manifest).map_err(failed)
}

fn tables(protected: &Protected) -> Vec<TableOut> {
    let table = |table: &ProtectedTable| TableOut {
        name: table.contract().name.clone(),
        title: table.contract().title.clone(),
        contract: table.contract().version.clone(),
        rows: table.rows().len(),
        withheld: table.rows().iter().filter(|row| row.status() != PUBLISHED).count(),
    };
    protected.tables().iter().map(table).collect()
}
