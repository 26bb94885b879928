//! How long what is made of a delivery may be kept: as its contract says (`gallras`), from uttagsdatum on.
//!
//! What goes is told first and removed only when asked for; releases and proofs, which hold no person, stand. What
//! is gone stays gone: `receipts/gallrat.json` names for each contract the last uttagsdatum that was removed, and a
//! delivery up to that day is not taken any more. So a night does not ask for today's date.

use crate::contract::{Catalogue, Contract};
use crate::error::{Error, Result};
use crate::lake;
use crate::layer::Layer;
use chrono::{Months, NaiveDate};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The last uttagsdatum of each contract that may not be taken any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retired(BTreeMap<String, NaiveDate>);

impl Retired {
    fn path(root: &Path) -> PathBuf {
        root.join("receipts").join("gallrat.json")
    }

    /// None where nothing was ever removed.
    ///
    /// # Errors
    /// [`Error::Io`] where it is there and cannot be read: then nothing may be taken.
    pub fn read(root: &Path) -> Result<Retired> {
        let path = Retired::path(root);
        let failed = |source| Error::Io { path: path.clone(), source };
        match fs::read_to_string(&path) {
            Ok(text) => parsed(&text).map(Retired).map_err(failed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Retired::default()),
            Err(source) => Err(failed(source)),
        }
    }

    pub fn holds(&self, contract: &str, uttagsdatum: NaiveDate) -> bool {
        self.0.get(contract).is_some_and(|last| uttagsdatum <= *last)
    }

    fn add(&mut self, root: &Path, past: &[Past]) -> Result<()> {
        for one in past {
            let last = self.0.entry(one.contract.clone()).or_insert(one.uttagsdatum);
            *last = one.uttagsdatum.max(*last);
        }
        self.write(root)
    }

    /// Writes it into a data root; nothing where nothing was ever removed.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    pub fn write(&self, root: &Path) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let dates: BTreeMap<&String, String> = self.0.iter().map(|(name, date)| (name, date.to_string())).collect();
        let text = serde_json::to_string_pretty(&dates).map_err(|e| Error::Unexpected(e.to_string()))?;
        lake::write_file(&Retired::path(root), text.as_bytes())
    }
}

fn parsed(text: &str) -> std::io::Result<BTreeMap<String, NaiveDate>> {
    let dates: BTreeMap<String, String> = serde_json::from_str(text)?;
    let parsed = dates.into_iter().map(|(name, date)| Ok((name, date.parse().map_err(std::io::Error::other)?)));
    parsed.collect()
}

/// A delivery past its retention, and what there is of it.
#[derive(Debug, Serialize)]
pub struct Past {
    pub contract: String,
    #[serde(serialize_with = "dashed")]
    pub uttagsdatum: NaiveDate,
    /// The day on which it was to go.
    #[serde(serialize_with = "dashed")]
    pub due: NaiveDate,
    /// Core, receipt and felrapport.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
    /// The folder as it was handed in, where it is to go too.
    #[serde(skip)]
    pub delivery: Option<PathBuf>,
}

fn dashed<S: Serializer>(day: &NaiveDate, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Every delivery past its retention on a day; with `deliveries` also those of which only the folder is left.
///
/// # Errors
/// [`Error::Io`] where a folder cannot be listed.
pub fn past(root: &Path, catalogue: &Catalogue, today: NaiveDate, deliveries: bool) -> Result<Vec<Past>> {
    let mut found = Vec::new();
    for contract in catalogue.layer(Layer::Deliveries) {
        let mut files: BTreeMap<NaiveDate, Vec<PathBuf>> = BTreeMap::new();
        for folder in [Layer::Core.name(), "receipts", "faults"] {
            for (date, path) in dated(&root.join(folder).join(&contract.name))? {
                files.entry(date).or_default().push(path);
            }
        }
        let handed_in = dated(&root.join(Layer::Deliveries.name()).join(&contract.name))?;
        let folders: BTreeMap<NaiveDate, PathBuf> = handed_in.into_iter().filter(|_| deliveries).collect();
        let dates: BTreeSet<NaiveDate> = files.keys().chain(folders.keys()).copied().collect();
        for uttagsdatum in dates {
            let Some(due) = due(contract, uttagsdatum).filter(|due| *due <= today) else { continue };
            found.push(Past {
                contract: contract.name.clone(),
                uttagsdatum,
                due,
                files: files.remove(&uttagsdatum).unwrap_or_default(),
                delivery: folders.get(&uttagsdatum).cloned(),
            });
        }
    }
    Ok(found)
}

/// The day on which what is made of a delivery is to be gone.
pub fn due(contract: &Contract, uttagsdatum: NaiveDate) -> Option<NaiveDate> {
    let years = contract.retention.as_ref()?.years;
    uttagsdatum.checked_add_months(Months::new(12 * years))
}

/// Files and folders that are named by a date.
fn dated(folder: &Path) -> Result<Vec<(NaiveDate, PathBuf)>> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(date) = name.get(..10).and_then(|date| date.parse().ok()) {
            found.push((date, path));
        }
    }
    found.sort();
    Ok(found)
}

/// The pseudonymised tables that were made of core: they go with any part of it, and the next run makes them anew.
///
/// # Errors
/// [`Error::Io`] where a folder cannot be listed.
pub fn made_of(root: &Path, past: &[Past]) -> Result<Vec<(&'static str, Vec<PathBuf>)>> {
    let core = root.join(Layer::Core.name());
    if !past.iter().flat_map(|one| &one.files).any(|file| file.starts_with(&core)) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for name in [Layer::Derived.name(), "lab"] {
        let folder = root.join(name);
        let failed = |source| Error::Io { path: folder.clone(), source };
        if folder.exists() {
            let entries = fs::read_dir(&folder).map_err(failed)?.map(|entry| entry.map(|entry| entry.path()));
            let mut files = entries.collect::<std::io::Result<Vec<PathBuf>>>().map_err(failed)?;
            files.sort();
            found.push((name, files));
        }
    }
    Ok(found)
}

/// Removes one file or folder; one that is gone already is no fault.
///
/// # Errors
/// [`Error::Io`] where it cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Notes that these deliveries may not be taken any more; done before anything is removed, so that a run that finds
/// half of it gone does not read them anew.
///
/// # Errors
/// [`Error::Io`] where it cannot be noted.
pub fn retire(root: &Path, past: &[Past]) -> Result<()> {
    Retired::read(root)?.add(root, past)
}
