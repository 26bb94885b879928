//! Lists that protect: withdrawn samtycken and skyddade personuppgifter.
//!
//! The last accepted list stays in force when its delivery is refused, replaced by a bad one or taken away, for an
//! empty folder must not lift anybody's protection. So it is remembered beside the receipts: as keyed digests of a
//! kind of their own, which join to no table and say nothing without the key.

use super::delivery::Delivery;
use super::take::Taken;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake::{self, Writer};
use crate::pseudonymise::Pseudonymiser;
use arrow::array::{ArrayRef, AsArray, FixedSizeBinaryArray, RecordBatch};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Stands for one entry of a list.
pub type Digest = [u8; 16];

/// Whether a contract's deliveries are such lists.
pub fn is_list(contract: &Contract) -> bool {
    matches!(contract.custom_text("roll"), Some("samtycke" | "skydd"))
}

/// Where the list in force is remembered.
pub(super) fn path(job: &Job, contract: &Contract) -> PathBuf {
    job.folder("receipts").join(&contract.name).join("i_kraft.parquet")
}

/// The date of the list that is remembered; `None` where there is none of this key and domain.
pub(super) fn dated(job: &Job, contract: &Contract) -> Option<NaiveDate> {
    let metadata = lake::metadata(&path(job, contract)).ok()?;
    is_ours(job, &metadata).then(|| date(&metadata)).flatten()
}

/// The entries that are remembered; none where there has never been a list.
///
/// # Errors
/// [`Error::Key`] where they were made with another key or domain and say nothing under this one.
pub(super) fn read(job: &Job, contract: &Contract) -> Result<BTreeSet<Digest>> {
    let path = path(job, contract);
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    if !is_ours(job, &lake::metadata(&path)?) {
        return Err(Error::Key {
            path,
            reason: format!("the list of {} was remembered with another key or domain", contract.name),
            hint: format!("hand in a delivery of {} that is at least as new, or name the key of before", contract.name),
        });
    }
    let mut entries = BTreeSet::new();
    for batch in lake::read(&path)? {
        let batch = batch?;
        entries.extend(batch.column(0).as_fixed_size_binary().iter().flatten().flat_map(Digest::try_from));
    }
    Ok(entries)
}

/// Remembers the list of an accepted delivery. Where a newer one is remembered, whose delivery is gone or it would not
/// be read, nobody on either may lose protection: both are remembered together, as of the newer's date.
pub(super) fn remember(job: &Job, delivery: &Delivery, entries: &BTreeSet<Digest>) -> Result<()> {
    let path = path(job, &delivery.contract);
    let remembered = dated(job, &delivery.contract).filter(|date| *date > delivery.uttagsdatum);
    let mut entries = entries.clone();
    if remembered.is_some() {
        entries.extend(read(job, &delivery.contract)?);
    }
    let held = FixedSizeBinaryArray::try_from_iter(entries.iter());
    let held = if entries.is_empty() { Ok(FixedSizeBinaryArray::new_null(16, 0)) } else { held };
    let batch = held.and_then(|held| RecordBatch::try_from_iter([("avtryck", Arc::new(held) as ArrayRef)]));
    let batch = batch.map_err(|error| Error::Unexpected(format!("remember a list: {error}")))?;
    let uttagsdatum = remembered.unwrap_or(delivery.uttagsdatum).to_string();
    let metadata = [
        ("finsam.uttagsdatum", uttagsdatum.as_str()),
        ("finsam.key_check", job.pseudonymiser.key_check()),
        ("finsam.domain", job.settings.domain.as_str()),
    ];
    let mut writer = Writer::create(&path, batch.schema(), &metadata)?;
    writer.write(&batch)?;
    writer.finish().map(drop)
}

/// The entries of some rows of a list: ids of inregistreringar, or people.
pub(super) fn entries(contract: &Contract, taken: &Taken, pseudonymiser: &Pseudonymiser) -> Result<Vec<Digest>> {
    if contract.custom_text("roll") == Some("skydd") {
        let people = taken.pseudonyms.values().flat_map(|column| column.iter().flatten());
        return Ok(people.map(|pseudonym| pseudonymiser.list_digest(pseudonym)).collect());
    }
    let ids = taken.columns.get("deltagande_id");
    let ids = ids.ok_or_else(|| contract.fault("there is no deltagande_id whose samtycke could be withdrawn"))?;
    Ok(ids.as_string::<i32>().iter().flatten().map(|id| pseudonymiser.list_digest(id.as_bytes())).collect())
}

/// How many of the withdrawn are no deltagande of these core files: what is misspelled protects nobody.
///
/// # Errors
/// [`Error::Parquet`] where a core file is not whole.
pub(super) fn unmet(job: &Job, withdrawn: &BTreeSet<Digest>, files: &[PathBuf]) -> Result<u64> {
    let mut met = BTreeSet::new();
    for path in files.iter().filter(|_| !withdrawn.is_empty()) {
        for batch in lake::read(path)? {
            let batch = batch?;
            let ids = batch.column_by_name("deltagande_id").and_then(|column| column.as_string_opt::<i32>());
            let digests = ids.into_iter().flatten().flatten().map(|id| job.pseudonymiser.list_digest(id.as_bytes()));
            met.extend(digests.filter(|digest| withdrawn.contains(digest)));
        }
    }
    Ok((withdrawn.len() - met.len()) as u64)
}

pub(super) fn is_ours(job: &Job, metadata: &[(String, String)]) -> bool {
    let has = |key: &str, value: &str| metadata.iter().any(|pair| pair.0 == key && pair.1 == value);
    has("finsam.key_check", job.pseudonymiser.key_check()) && has("finsam.domain", &job.settings.domain)
}

fn date(metadata: &[(String, String)]) -> Option<NaiveDate> {
    metadata.iter().find(|(key, _)| key == "finsam.uttagsdatum").and_then(|(_, date)| date.parse().ok())
}
