//! What goes from core: what is no longer in force, and rows about people who may no longer be followed.

use super::delivery::{Delivery, Scan};
use super::lists;
use super::people::People;
use super::store::{core_path, is_of};
use super::succession::{InForce, candidates};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::layer::Layer;
use crate::log::Event;
use crate::receipt::Receipt;
use crate::stage::{Night, keep_only};
use std::fs;
use std::sync::Arc;

/// Core holds what is in force and nothing else: the same files whether deliveries came one by one or all at once,
/// and nobody who has withdrawn stays behind in an older file, also where the night goes no further.
///
/// # Errors
/// [`Error::Io`] where a folder of core cannot be listed or a file not removed.
pub(super) fn remove_superseded(
    job: &Job,
    scan: &Scan,
    contract: &Contract,
    in_force: &[InForce],
    night: &mut Night,
) -> Result<()> {
    let folder = job.layer(Layer::Core).join(&contract.name);
    let failed = |source| Error::Io { path: folder.clone(), source };
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let date = name.trim_end_matches(".parquet");
        if name.ends_with(".parquet") && in_force.iter().any(|one| one.uttagsdatum.to_string() == date) {
            continue;
        }
        let is_there = |d: &Delivery| d.contract.name == contract.name && d.uttagsdatum.to_string() == date;
        // A list stays in force without its delivery.
        if name.ends_with(".parquet") && !lists::is_list(contract) && !scan.deliveries.iter().any(is_there) {
            night.gone.push(format!("{} {date}: was in force, and its delivery is gone", contract.name));
        }
        fs::remove_file(entry.path()).map_err(failed)?;
    }
    Ok(())
}

/// Removes what was kept under other lists or of other people than those of this night, and what was derived from it,
/// before it is read again: whoever may no longer be followed is gone at once, also where the night fails on the way.
/// Whether there was any.
///
/// # Errors
/// [`Error::Io`] where a file cannot be removed, and as [`People::digest`].
pub(super) fn remove_stale(
    job: &Job,
    scan: &Scan,
    contracts: &[&Arc<Contract>],
    people: &mut People<'_>,
) -> Result<bool> {
    let mut stale = Vec::new();
    for delivery in contracts.iter().flat_map(|contract| candidates(scan, contract)) {
        let path = core_path(job, delivery);
        let receipt = Receipt::read(&Receipt::path(&job.folder("receipts"), delivery));
        let Some(receipt) = receipt.filter(|_| path.exists()) else { continue };
        let sets = people.digest(&delivery.contract)?;
        // A file of another reading holds whom that reading held.
        if !receipt.in_force().is_some_and(|held| held.grounds.sets == sets && is_of(job, delivery, held)) {
            stale.push(path);
        }
    }
    if stale.is_empty() {
        return Ok(false);
    }
    job.log(&Event::PeopleChanged { core_files: stale.len() });
    keep_only(job, Layer::Derived, &[])?;
    for path in stale {
        fs::remove_file(&path).map_err(|source| Error::Io { path, source })?;
    }
    Ok(true)
}

/// Removes every core file whose rows are those of the people of SUS.
///
/// # Errors
/// [`Error::Io`] where a file cannot be removed.
pub(super) fn remove_followed(job: &Job, contracts: &[&Arc<Contract>]) -> Result<()> {
    for contract in contracts.iter().filter(|contract| contract.custom_text("avgransning") == Some("deltagare")) {
        let folder = job.layer(Layer::Core).join(&contract.name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|source| Error::Io { path: folder, source })?;
        }
    }
    Ok(())
}
