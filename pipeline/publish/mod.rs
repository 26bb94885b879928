//! From protected counts to a release: every table in every format, in a folder that never changes again.
//!
//! A writer here takes `&Protected`, which only `protect` makes: unprotected counts cannot be published by mistake,
//! because that does not compile. The manifest is written last; renaming `CURRENT` is the commit.

mod csv;
mod cube;
mod database;
mod excel;
mod json_stat;
mod lasmig;
mod manifest;
mod notes;
mod parquet;
pub mod px;
mod remarks;
mod table;

pub use manifest::MANIFEST;
pub use table::Labels;

use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::ledger::Approval;
use crate::protect::{Outcome, Protected};
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
    /// Its approval, where the release is a vintage.
    pub vintage: Option<&'a Approval>,
    /// `sql/release/<name>.sql`: common questions by name, for the database.
    pub questions: Vec<(&'a str, &'a str)>,
}

const TITLE: &str = "Uppföljning av insatser finansierade av samordningsförbund";

/// What everybody should know before a number is used.
const QUALITY: [&str; 3] = [
    "Uppgifter som skulle kunna avslöja enskilda är utelämnade. Andelar och medelvärden är beräknade av de skyddade \
     talen.",
    "Okänt är inte detsamma som nej: tabellerna om täckning visar hur många som kunde följas, och varför inte övriga.",
    "En person kan ha flera deltaganden. Deltaganden kan läggas samman över områden, personer kan det inte.",
];

const CONTACT: &str = "Den enhet vid myndigheten som har lämnat ut filen.";

/// A format of the release.
pub struct Format {
    pub name: &'static str,
    pub purpose: &'static str,
    /// Its files, and in Swedish what they are for: for the readers of the release.
    pub files: &'static str,
    pub words: &'static str,
    /// Writes all tables into the folder.
    pub write: fn(&Protected, &Edition<'_>, &Path) -> Result<()>,
}

/// Every format; anything that lists them reads this. The database comes after Parquet, of which it is made.
pub const FORMATS: [Format; 7] = [
    Format {
        name: "parquet",
        purpose: "for programs; numbers typed, missing values null with a status",
        files: "<tabell>.parquet",
        words: "för program; typade tal, tomt värde med status där inget visas",
        write: parquet::write,
    },
    Format {
        name: "csv",
        purpose: "for Swedish Excel (;, decimal comma) and, as .plain.csv, for programs",
        files: "<tabell>.csv, <tabell>.plain.csv",
        words: "för svensk Excel (semikolon, decimalkomma, benämningar) respektive för program (RFC 4180, koder)",
        write: csv::write,
    },
    Format {
        name: "excel",
        purpose: "for reading, with cover, contents and notes; as finsam_data.xlsx for computing",
        files: "finsam.xlsx, finsam_data.xlsx",
        words: "för att läsa, med försättsblad, innehåll och noter, respektive för att räkna: koder och tomma celler",
        write: excel::write,
    },
    Format {
        name: "px",
        purpose: "for PxWeb and PX programs, in Swedish and English; checked as written",
        files: "<tabell>.px",
        words: "för PxWeb och PX-program, på svenska och engelska",
        write: px::write,
    },
    Format {
        name: "json-stat",
        purpose: "JSON-stat 2.0 as PxWeb gives it; .json in Swedish, .en.json in English",
        files: "<tabell>.json, <tabell>.en.json",
        words: "JSON-stat 2.0, på svenska respektive engelska",
        write: json_stat::write,
    },
    Format {
        name: "duckdb",
        purpose: "for ad hoc queries; opens in DuckDB 1.0 and later",
        files: "finsam.duckdb",
        words: "för egna frågor i SQL (DuckDB 1.0 och senare): tabeller, vyer med benämningar, färdiga frågor",
        write: database::write,
    },
    Format {
        name: "lasmig",
        purpose: "says what the release is, in Swedish",
        files: "LASMIG.md",
        words: "den här texten",
        write: lasmig::write,
    },
];

/// Writes the release of this night and makes it the one in force.
///
/// # Errors
/// [`Error::Io`] or [`Error::Format`]; the release that was in force then still is.
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    let (Some(protected), Some(date)) = (night.protected.take(), night.newest()) else {
        return Err(Error::Unexpected("publish was called before protect".into()));
    };
    let labels = Labels::read(job, &job.layer(Layer::Mart))?;
    let target = job.layer(Layer::Release).join(&night.run_id);
    // The same run-id means the same bytes: an earlier release of it is whole and never touched again.
    if manifest::is_whole(&target, &night.run_id) {
        return put_in_force(job, &night.run_id);
    }
    let refusals = night.refused.iter().filter(|refusal| refusal.is_delivery());
    // What was read of it before is in force; what lies there now is not.
    let marked = |refusal: &Refusal| if refusal.stays { ", så som den nu ligger" } else { "" };
    let not_in_force = refusals.map(|refusal| format!("{}{}", refusal.name, marked(refusal))).collect();
    let questions = job.catalogue.sql_of(Layer::Release).collect();
    let edition = Edition { run_id: &night.run_id, date, labels: &labels, not_in_force, vintage: None, questions };
    write_release(job, &protected, &edition, &night.run_id, |files| {
        manifest::text(job, night, &protected, date, files)
    })?;
    put_in_force(job, &night.run_id)
}

/// Writes a vintage beside the nights' releases: the tables as its approval lets them be shown. What is in force stays
/// so.
///
/// # Errors
/// As [`run`].
pub fn vintage(
    job: &Job,
    outcome: &Outcome,
    approval: &Approval,
    manifest_of_run: &serde_json::Value,
    marts: &Path,
) -> Result<()> {
    let labels = Labels::read(job, marts)?;
    let name = &approval.vintage;
    if manifest::is_whole(&job.layer(Layer::Release).join(name), &approval.run_id) {
        return Ok(());
    }
    let date = approval.uttagsdatum.parse().map_err(|_| Error::Unexpected("a manifest has no uttagsdatum".into()))?;
    let lines = manifest_of_run.get("not_in_force").and_then(|lines| lines.as_array()).into_iter().flatten();
    let not_in_force = lines.filter_map(|line| line.as_str()).map(str::to_owned).collect();
    let run_id = &approval.run_id;
    let questions = job.catalogue.sql_of(Layer::Release).collect();
    let edition = Edition { run_id, date, labels: &labels, not_in_force, vintage: Some(approval), questions };
    let protected = &outcome.protected;
    write_release(job, protected, &edition, name, |files| {
        manifest::of_vintage(manifest_of_run, approval, outcome, files)
    })
}

/// Writes every format and the manifest into a folder of the release layer, whole or not at all.
fn write_release(
    job: &Job,
    protected: &Protected,
    edition: &Edition<'_>,
    name: &str,
    manifest: impl FnOnce(Vec<manifest::FileOut>) -> Result<String>,
) -> Result<()> {
    let releases = job.layer(Layer::Release);
    let (staging, target) = (releases.join(format!(".ofardig-{name}")), releases.join(name));
    remove(&staging)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    fs::create_dir_all(&staging).map_err(failed(&staging))?;
    for format in &FORMATS {
        job.progress.begin(&format!("publish {}", format.name), None);
        (format.write)(protected, edition, &staging)?;
        job.progress.end("");
    }
    let files = manifest::files(&staging)?;
    lake::write_file(&staging.join(MANIFEST), manifest(files)?.as_bytes())?;
    lake::sync_folder(&staging)?;
    // A folder of the same name is here only where it is not whole: something was taken from it by hand.
    remove(&target)?;
    lake::rename(&staging, &target)
}

/// Puts an earlier release in force: the one named, else the newest before that in force. What was in force, and what
/// is now.
///
/// # Errors
/// [`Error::Asked`] where there is none, or not every file of it is as it was written.
pub fn roll_back(root: &Path, run_id: Option<&str>) -> Result<(String, String)> {
    let asked = |what: String| Error::Asked { what, hint: "the folder release/ holds what there is".into() };
    let (from, _) = current(root).ok_or_else(|| asked("roll back: no release is in force".into()))?;
    let releases = root.join(Layer::Release.name());
    let to = match run_id {
        Some(run_id) => run_id.to_owned(),
        None => {
            before(&releases, &from).ok_or_else(|| asked(format!("roll back: there is no release before {from}")))?
        }
    };
    let is_plain = to.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_plain || !manifest::is_whole(&releases.join(&to), &to) {
        return Err(asked(format!("roll back: there is no whole release {to}")));
    }
    lake::write_file(&root.join("CURRENT"), format!("{to}\n").as_bytes())?;
    Ok((from, to))
}

/// The release that was made last before another one.
fn before(releases: &Path, current: &str) -> Option<String> {
    let made = |name: &str| fs::metadata(releases.join(name).join(MANIFEST)).and_then(|data| data.modified()).ok();
    let limit = made(current)?;
    let names = fs::read_dir(releases).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let nights = names.filter(|name| name != current && manifest::is_whole(&releases.join(name), name));
    let earlier = nights.filter_map(|name| Some((made(&name)?, name))).filter(|(at, _)| *at <= limit);
    earlier.max().map(|(_, name)| name)
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
