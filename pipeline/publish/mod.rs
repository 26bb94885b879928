//! From protected counts to a release: every table in every format, in a folder that never changes again.
//!
//! A writer here takes `&Protected`, which only `protect` makes: unprotected counts cannot be published by mistake,
//! because that does not compile. The manifest is written last; renaming `CURRENT` is the commit.

mod csv;
mod database;
mod excel;
mod parquet;
mod table;

pub use table::Labels;

use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::protect::{PUBLISHED, Protected};
use crate::stage::Night;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The name of the file that is written last.
pub const MANIFEST: &str = "manifest.json";

/// What a writer knows beside the tables.
pub struct Edition<'a> {
    pub run_id: &'a str,
    /// The newest uttagsdatum: the only date inside the files.
    pub date: chrono::NaiveDate,
    pub labels: &'a Labels,
    pub threads: usize,
}

/// A format of the release.
pub struct Format {
    pub name: &'static str,
    pub purpose: &'static str,
    /// Writes all tables into the folder.
    pub write: fn(&Protected, &Edition<'_>, &Path) -> Result<()>,
}

/// Every format; anything that lists them reads this. The database is last: it is made of the Parquet files.
pub const FORMATS: [Format; 4] = [
    Format {
        name: "parquet",
        purpose: "for programs; numbers typed, missing values null with a status",
        write: parquet::write,
    },
    Format {
        name: "csv",
        purpose: "for Swedish Excel (;, decimal comma) and, as .plain.csv, for programs",
        write: csv::write,
    },
    Format { name: "excel", purpose: "for reading: one sheet per table, titles in Swedish", write: excel::write },
    Format { name: "duckdb", purpose: "for ad hoc queries; opens in DuckDB 1.0 and later", write: database::write },
];

#[derive(Serialize)]
struct ManifestOut<'a> {
    run_id: &'a str,
    uttagsdatum: String,
    program: &'static str,
    rules: &'a str,
    status: &'static str,
    deliveries: Vec<DeliveryOut>,
    not_in_force: &'a [String],
    tables: Vec<TableOut>,
    files: Vec<FileOut>,
}

#[derive(Serialize)]
struct DeliveryOut {
    tabell: String,
    uttagsdatum: String,
    rows: u64,
    rejected: u64,
    sha256: Vec<String>,
}

#[derive(Serialize)]
struct TableOut {
    name: String,
    title: String,
    contract: String,
    rows: usize,
    withheld: usize,
}

#[derive(Serialize)]
struct FileOut {
    name: String,
    size: u64,
    sha256: String,
}

/// Writes the release of this night and makes it the one in force.
///
/// # Errors
/// [`Error::Io`] or [`Error::Format`]; the release that was in force then still is.
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    let (Some(protected), Some(date)) = (night.protected.take(), night.newest()) else {
        return Err(Error::Unexpected("publish was called before protect".into()));
    };
    let labels = Labels::read(job)?;
    let edition = Edition { run_id: &night.run_id, date, labels: &labels, threads: job.settings.threads };
    let releases = job.layer(Layer::Release);
    let staging = releases.join(format!(".ofardig-{}", night.run_id));
    let target = releases.join(&night.run_id);
    remove(&staging)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    fs::create_dir_all(&staging).map_err(failed(&staging))?;
    for format in &FORMATS {
        job.progress.begin(&format!("publish {}", format.name), None);
        (format.write)(&protected, &edition, &staging)?;
        job.progress.end("");
    }
    let files = files(&staging)?;
    let manifest = manifest(job, night, &protected, date, files)?;
    lake::write_file(&staging.join(MANIFEST), manifest.as_bytes())?;
    lake::sync_folder(&staging)?;
    // A folder of the same name is a release whose manifest was lost, or the same bytes: neither is in force yet.
    remove(&target)?;
    lake::rename(&staging, &target)?;
    lake::write_file(&job.root.join("CURRENT"), format!("{}\n", night.run_id).as_bytes())
}

/// The release in force, if there is one.
pub fn current(root: &Path) -> Option<(String, PathBuf)> {
    let run_id = fs::read_to_string(root.join("CURRENT")).ok()?.trim().to_owned();
    let folder = root.join(Layer::Release.name()).join(&run_id);
    folder.join(MANIFEST).exists().then_some((run_id, folder))
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Io { path: folder.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

fn files(folder: &Path) -> Result<Vec<FileOut>> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        names.push(entry.map_err(failed)?.path());
    }
    names.sort();
    names.into_iter().map(|path| file_out(&path).map_err(|source| Error::Io { path, source })).collect()
}

/// Hashes a file and makes it durable.
fn file_out(path: &Path) -> std::io::Result<FileOut> {
    let mut file = File::open(path)?;
    file.sync_all()?;
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(FileOut { name, size, sha256: crate::hex(&hash.finalize()) })
}

fn manifest(
    job: &Job,
    night: &Night,
    protected: &Protected,
    date: chrono::NaiveDate,
    files: Vec<FileOut>,
) -> Result<String> {
    let in_force = |table: &str, date: &str| {
        night.in_force.iter().any(|one| one.table == table && one.uttagsdatum.to_string() == date)
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
            .filter(|receipt| in_force(&receipt.table, &receipt.uttagsdatum))
            .map(|receipt| DeliveryOut {
                tabell: receipt.table.clone(),
                uttagsdatum: receipt.uttagsdatum.clone(),
                rows: receipt.rows,
                rejected: receipt.rejected,
                sha256: receipt.sha256.values().cloned().collect(),
            })
            .collect(),
        not_in_force: &night.refused,
        tables: protected
            .tables()
            .iter()
            .map(|table| TableOut {
                name: table.contract().name.clone(),
                title: table.contract().title.clone(),
                contract: table.contract().version.clone(),
                rows: table.rows().len(),
                withheld: table.rows().iter().filter(|row| row.status() != PUBLISHED).count(),
            })
            .collect(),
        files,
    };
    serde_json::to_string_pretty(&manifest).map_err(|error| Error::Unexpected(format!("write the manifest: {error}")))
}
