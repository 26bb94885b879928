//! Another key for a whole data root.
//!
//! A pseudonym cannot be given another key without the number, and no number is ever stored. So every delivery in
//! force is read again, into a data root of its own below the old one: `rotation/`, whose deliveries and log are
//! those of the old. Nothing of the old is touched until the new one is whole; a marker says when it is. From then on
//! whoever runs next finishes the exchange, and the release is the last to change. A crash before it leaves the old.

use crate::error::{Error, Result};
use crate::ingest;
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::log::Event;
use crate::pseudonymise::Pseudonymiser;
use crate::publish;
use crate::retention::Retired;
use crate::stage::{Night, run_stages};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Below the data root, while a key is exchanged.
pub const FOLDER: &str = "rotation";

/// Says that the new data root is whole, and of which keys.
const MARKER: &str = "klar.json";

/// Folders that hold pseudonyms, or say which key made them: none of the old may stay.
const REPLACED: [&str; 6] = ["core", "derived", "mart", "receipts", "faults", "lab"];

/// Folders with one folder per run: those of before stay, they hold no pseudonym.
const ADDED_TO: [Layer; 2] = [Layer::Proof, Layer::Release];

/// What the marker says.
#[derive(Serialize, Deserialize)]
struct Whole {
    former_key_id: String,
    key_id: String,
    run_id: String,
}

/// A file that says which key it was made with.
#[derive(Debug)]
pub struct KeyedFile {
    pub path: PathBuf,
    pub key_check: String,
}

/// Every Parquet file of a data root that names a key; one that cannot be read is made anew by the next run.
///
/// # Errors
/// [`Error::Io`] where a folder cannot be listed.
pub fn keyed_files(root: &Path) -> Result<Vec<KeyedFile>> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = REPLACED.iter().map(|name| root.join(name)).collect();
    while let Some(folder) = waiting.pop() {
        let failed = |source| Error::Io { path: folder.clone(), source };
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                let metadata = lake::metadata(&path).unwrap_or_default();
                let check = metadata.into_iter().find(|(key, _)| key == "finsam.key_check");
                found.extend(check.map(|(_, key_check)| KeyedFile { path, key_check }));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Exchanges the key of a data root whose lock the job holds; the job has the new key after it.
///
/// # Errors
/// As [`prepare`] and [`settle`].
pub fn rotate(job: &mut Job, pseudonymiser: Pseudonymiser) -> Result<Night> {
    let night = prepare(job, pseudonymiser)?;
    settle(job)?;
    Ok(night)
}

/// Reads everything again with the new key, beside what is there, as far as the marker.
///
/// # Errors
/// [`Error::Required`] where a delivery in force is gone or changed, or one of which only a link of a protected number
/// is left, [`Error::Key`] where the data root was made with another key than the job's, and what stops a night. The
/// data root is then as before.
pub fn prepare(job: &mut Job, pseudonymiser: Pseudonymiser) -> Result<Night> {
    settle(job)?;
    let key_id = job.pseudonymiser.key_id().to_owned();
    for file in keyed_files(&job.root)? {
        if file.key_check != job.pseudonymiser.key_check() {
            return Err(crate::derive::another_key(&file.path));
        }
    }
    let before = ingest::in_force_before(job)?;
    require(ingest::not_there(job, &before)?, "is needed to make the pseudonyms anew, and is gone or changed")?;
    let alone = ingest::protecting_alone(job)?.into_iter().collect();
    require(alone, "is gone, and a change of number in it protects a number that nothing else protects")?;
    let root = job.root.clone();
    let staging = root.join(FOLDER);
    begin(&staging)?;
    // What was removed is not read again for the new key.
    Retired::read(&root)?.write(&staging)?;
    // From here to the marker the job works on the new root alone.
    job.root.clone_from(&staging);
    let former = std::mem::replace(&mut job.pseudonymiser, pseudonymiser);
    let made = run_stages(job).and_then(|night| {
        let after = ingest::in_force_before(job)?;
        // What came since may be in force in its place.
        let is_replaced =
            |(table, date): &(String, _)| after.difference(&before).any(|one| &one.0 == table && one.1 > *date);
        let lost = before.difference(&after).filter(|one| !is_replaced(one));
        require(lost.map(|(table, date)| format!("{table} {date}")).collect(), "was in force, and is now refused")?;
        Ok(night)
    });
    job.root = root;
    match made {
        Ok(night) => {
            let run_id = night.run_id.clone();
            let whole = Whole { former_key_id: key_id, key_id: job.pseudonymiser.key_id().to_owned(), run_id };
            let text = serde_json::to_string_pretty(&whole).map_err(|e| Error::Unexpected(e.to_string()))?;
            lake::write_file(&staging.join(MARKER), text.as_bytes())?;
            Ok(night)
        }
        Err(error) => {
            job.pseudonymiser = former;
            remove(&staging)?;
            Err(error)
        }
    }
}

/// Finishes an exchange that came as far as its marker, and clears away one that did not. Each step may be taken
/// twice: whatever was done before a crash is found done.
///
/// # Errors
/// [`Error::Io`]; the next run tries again.
pub fn settle(job: &Job) -> Result<()> {
    let staging = job.root.join(FOLDER);
    let Some(whole) = fs::read_to_string(staging.join(MARKER)).ok().and_then(|text| serde_json::from_str(&text).ok())
    else {
        return remove(&staging);
    };
    let Whole { former_key_id, key_id, run_id } = whole;
    for layer in ADDED_TO {
        for path in listed(&staging.join(layer.name()))? {
            let target = job.layer(layer).join(path.file_name().unwrap_or_default());
            create(&job.layer(layer))?;
            remove(&target)?;
            lake::rename(&path, &target)?;
        }
    }
    for name in REPLACED {
        replace(&staging, &job.root, name)?;
    }
    publish::put_in_force(job, &run_id)?;
    job.log(&Event::KeyRotated { former_key_id: &former_key_id, key_id: &key_id });
    // The marker goes first: with it and without what lies aside, the next run would take the new for the old.
    let marker = staging.join(MARKER);
    fs::remove_file(&marker).map_err(|source| Error::Io { path: marker, source })?;
    lake::sync_folder(&staging)?;
    remove(&staging)
}

/// Puts a new folder in place of the old, which is kept aside until all are in place: where something lies aside, or
/// an empty folder for what never was, the old one is gone from its place.
fn replace(staging: &Path, root: &Path, name: &str) -> Result<()> {
    let (new, old, aside) = (staging.join(name), root.join(name), staging.join("former").join(name));
    if !aside.exists() {
        // Nothing new and nothing aside: what is in place is all that there is.
        if !new.exists() {
            return Ok(());
        }
        create(&staging.join("former"))?;
        if old.exists() {
            lake::rename(&old, &aside)?;
        } else {
            create(&aside)?;
        }
    }
    if new.exists() { lake::rename(&new, &old) } else { Ok(()) }
}

fn begin(staging: &Path) -> Result<()> {
    remove(staging)?;
    create(staging)?;
    for shared in [Layer::Deliveries.name(), "log"] {
        create(&staging.with_file_name(shared))?;
        let link = staging.join(shared);
        symlink(Path::new("..").join(shared), &link).map_err(|source| Error::Io { path: link, source })?;
    }
    Ok(())
}

fn require(missing: Vec<String>, reason: &str) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::Required { contract: missing.join(", "), reason: reason.into() })
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries.map_err(failed)?.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect(),
    }
}

fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })
}

/// Links in it are removed, and what they lead to stays.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::Io { path: folder.to_owned(), source: error }),
        _ => Ok(()),
    }
}
