//! From protected counts to a release: every table in every format, in a folder that never changes again.
//!
//! A writer here takes `&Protected`, which only `protect` makes: unprotected counts cannot be published by mistake,
//! because that does not compile. The manifest is written last; renaming `CURRENT` is the commit.

mod csv;
mod database;
mod excel;
mod manifest;
mod parquet;
mod table;

pub use manifest::MANIFEST;
pub use table::Labels;

use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::protect::Protected;
use crate::refusal::Refusal;
use crate::stage::Night;
use std::fs;
use std::path::{Path, PathBuf};

/// What a writer knows beside the tables.
pub struct Edition<'a> {
    pub run_id: &'a str,
    /// The newest uttagsdatum: the only date inside the files.
    pub date: chrono::NaiveDate,
    pub labels: &'a Labels,
    /// Deliveries that were refused, by contract and date: the mark of the release.
    pub not_in_force: Vec<String>,
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

/// Writes the release of this night and makes it the one in force.
///
/// # Errors
/// [`Error::Io`] or [`Error::Format`]; the release that was in force then still is.
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    let (Some(protected), Some(date)) = (night.protected.take(), night.newest()) else {
        return Err(Error::Unexpected("publish was called before protect".into()));
    };
    let labels = Labels::read(job)?;
    let releases = job.layer(Layer::Release);
    let staging = releases.join(format!(".ofardig-{}", night.run_id));
    let target = releases.join(&night.run_id);
    remove(&staging)?;
    // The same run-id means the same bytes: an earlier release of it is whole and never touched again.
    if manifest::is_whole(&target, &night.run_id) {
        return put_in_force(job, &night.run_id);
    }
    let refusals = night.refused.iter().filter(|refusal| refusal.is_delivery());
    // What was read of it before is in force; what lies there now is not.
    let marked = |refusal: &Refusal| if refusal.stays { ", så som den nu ligger" } else { "" };
    let not_in_force = refusals.map(|refusal| format!("{}{}", refusal.name, marked(refusal))).collect();
    let edition = Edition { run_id: &night.run_id, date, labels: &labels, not_in_force };
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
    let files = manifest::files(&staging)?;
    let manifest = manifest::text(job, night, &protected, date, files)?;
    lake::write_file(&staging.join(MANIFEST), manifest.as_bytes())?;
    lake::sync_folder(&staging)?;
    // A folder of the same name is here only where it is not whole: something was taken from it by hand.
    remove(&target)?;
    lake::rename(&staging, &target)?;
    put_in_force(job, &night.run_id)
}

/// The commit: from here on this release is the one that readers are given.
///
/// # Errors
/// [`Error::Io`].
pub fn put_in_force(job: &Job, run_id: &str) -> Result<()> {
    lake::write_file(&job.root.join("CURRENT"), format!("{run_id}\n").as_bytes())
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
