//! From a delivery to its core file, receipt and felrapport; a delivery that is unchanged is not read again.

use super::core_rows::core_batch;
use super::delivery::{Delivery, MANIFEST, Manifest, ManifestFile};
use super::felrapport;
use super::lists;
use super::matches::Matches;
use super::people::People;
use super::sets::Sets;
use super::take::{Context, Intake, take};
use super::text::BLOCK;
use super::uniqueness::place;
use crate::contract::{Contract, Severity, arrow_schema};
use crate::error::{Error, Result};
use crate::fault::Rule;
use crate::job::Job;
use crate::lake::{self, Writer};
use crate::layer::Layer;
use crate::log::{Event, Head};
use crate::receipt::{Grounds, Receipt};
use arrow::array::{AsArray, BooleanArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int64Type;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The metadata of a core file that tells what it was made of.
const MADE_OF: &str = "finsam.made_of";

/// A delivery with its receipt.
pub struct Settled {
    pub receipt: Receipt,
    /// Whether it was read this time.
    pub was_read: bool,
}

/// Why a delivery is read (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    New,
    Verified,
    Touched,
    Rules,
    People,
    Domain,
    CoreMissing,
    ListForgotten,
}

impl Why {
    pub const fn text(self) -> &'static str {
        match self {
            Why::New => "new",
            Why::Verified => "all are verified",
            Why::Touched => "its files were touched",
            Why::Rules => "its contract or the program changed",
            Why::People => "the people of SUS changed",
            Why::Domain => "the domain changed",
            Why::CoreMissing => "its core file is missing, or of another reading",
            Why::ListForgotten => "its list is not remembered",
        }
    }
}

/// The program that reads deliveries: its version, and the digest of the sources that decide what becomes of them
/// (`pipeline/build.rs`), for a rule in Rust may change between two builds of one version.
const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("FINSAM_SOURCES"));

/// What the outcome of taking a delivery depends on, beside its bytes; `sets` is the digest of the people.
///
/// # Errors
/// [`Error::Contract`] where the contract names a code list that is not there.
pub(super) fn grounds_of(job: &Job, contract: &Contract, sets: String) -> Result<Grounds> {
    let mut hash = Sha256::new();
    hash.update(&contract.digest);
    if let Ok(core) = job.catalogue.contract(Layer::Core, &contract.name) {
        hash.update(&core.digest);
    }
    // A list is whole: its titles are taken for codes, and a role may read its further columns (`nummerbyte`).
    for list in contract.columns.iter().filter_map(|column| column.code_list.as_deref()) {
        hash.update(format!("{list} {}\u{1f}", job.catalogue.code_list(list)?.digest()));
    }
    Ok(Grounds {
        contract: crate::hex(&hash.finalize()),
        key_id: job.pseudonymiser.key_id().to_owned(),
        key_check: job.pseudonymiser.key_check().to_owned(),
        domain: job.settings.domain.clone(),
        sets,
        program: PROGRAM.to_owned(),
    })
}

pub(super) fn core_path(job: &Job, delivery: &Delivery) -> PathBuf {
    job.layer(Layer::Core).join(&delivery.contract.name).join(format!("{}.parquet", delivery.uttagsdatum))
}

/// Skyddade personer are read and never stored: they have no core contract.
fn is_stored(job: &Job, contract: &Contract) -> bool {
    job.catalogue.contract(Layer::Core, &contract.name).is_ok()
}

/// Why a delivery must be read (again); `None` where its receipt still holds.
///
/// # Errors
/// [`Error::Contract`] where the contract names a code list that is not there.
pub(super) fn why_read(job: &Job, delivery: &Delivery, sets: &str) -> Result<Option<Why>> {
    let receipt = Receipt::read(&Receipt::path(&job.folder("receipts"), delivery));
    let Some(receipt) = receipt.filter(|receipt| !receipt.is_older) else {
        return Ok(Some(Why::New));
    };
    let now = grounds_of(job, &delivery.contract, sets.to_owned())?;
    let is_remembered = !receipt.accepted
        || !lists::is_list(&delivery.contract)
        || lists::dated(job, &delivery.contract) >= Some(delivery.uttagsdatum);
    // Also of a refused delivery an earlier reading may be in force: without its rows it must not be.
    let is_whole = |held: &Receipt| !is_stored(job, &delivery.contract) || is_of(job, delivery, held);
    let whole = receipt.in_force().is_none_or(is_whole);
    Ok(if job.verify {
        Some(Why::Verified)
    } else if receipt.stamps != delivery.stamps {
        Some(Why::Touched)
    } else if receipt.grounds.contract != now.contract || receipt.grounds.program != now.program {
        Some(Why::Rules)
    } else if receipt.grounds.sets != now.sets {
        Some(Why::People)
    } else if receipt.grounds != now {
        Some(Why::Domain)
    } else if !whole {
        Some(Why::CoreMissing)
    } else if !is_remembered {
        Some(Why::ListForgotten)
    } else {
        None
    })
}

/// The key must be the one that core was made with: with another, every person would become someone else overnight.
///
/// # Errors
/// [`Error::Key`] where it is another.
pub(super) fn require_key(job: &Job) -> Result<()> {
    for contract in job.catalogue.layer(Layer::Core).filter(|contract| contract.name != "leverans") {
        let Ok(entries) = fs::read_dir(job.layer(Layer::Core).join(&contract.name)) else { continue };
        let files = entries.flatten().map(|entry| entry.path());
        for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "parquet")) {
            // A file that cannot be read is made anew; only one that names another key is refused.
            match crate::derive::require_key(job, &file) {
                Err(error @ Error::Key { .. }) => return Err(error),
                _ => continue,
            }
        }
    }
    Ok(())
}

/// Takes a delivery, or trusts its receipt.
///
/// # Errors
/// Trouble that is not the delivery's own.
pub(super) fn settle(job: &Job, delivery: &Delivery, people: &mut People<'_>) -> Result<Settled> {
    let digest = people.digest(&delivery.contract)?;
    if why_read(job, delivery, &digest)?.is_none()
        && let Some(receipt) = Receipt::read(&Receipt::path(&job.folder("receipts"), delivery))
    {
        return Ok(Settled { receipt, was_read: false });
    }
    let total = delivery.manifest.as_ref().ok().map(|manifest| manifest.filer.iter().map(|file| file.rader).sum());
    job.progress.begin(&delivery.name(), total);
    let path = Receipt::path(&job.folder("receipts"), delivery);
    let grounds = grounds_of(job, &delivery.contract, digest)?;
    let intake = read(job, delivery, people.sets(&delivery.contract)?, &grounds)?;
    let mut receipt = receipt_of(job, delivery, &intake, grounds);
    if !receipt.accepted {
        // Read by other rules, or of people who have changed since, it would not be what is asked for now.
        let before = Receipt::read(&path).and_then(|before| before.in_force().cloned());
        let stays = |before: &Receipt| before.grounds == receipt.grounds && is_of(job, delivery, before);
        receipt.earlier = before.filter(stays).map(Box::new);
    }
    felrapport::write(job, delivery, &intake)?;
    receipt.log = log(job, delivery, &receipt);
    receipt.write(&path)?;
    let word = receipt.state();
    let counts = format!(
        "{word}: {} rows, {} kept, {} outside, {} left out, {} rejected, {} anonymised",
        receipt.rows, receipt.kept, receipt.outside, receipt.left_out, receipt.rejected, receipt.anonymised
    );
    job.progress.end(&counts);
    if intake.spent.is_long() {
        job.progress.say(&format!("{:<32} {}", "", intake.spent));
    }
    Ok(Settled { receipt, was_read: true })
}

fn receipt_of(job: &Job, delivery: &Delivery, intake: &Intake, grounds: Grounds) -> Receipt {
    let print = |(name, sha256): (&String, &String)| (name.clone(), job.pseudonymiser.file_print(sha256));
    let prints = intake.sha256.iter().map(print);
    Receipt {
        table: delivery.contract.name.clone(),
        uttagsdatum: delivery.uttagsdatum.to_string(),
        accepted: intake.is_accepted(),
        is_older: false,
        grounds,
        stamps: delivery.stamps.clone(),
        prints: prints.collect(),
        rows: intake.rows,
        kept: intake.kept,
        outside: intake.outside,
        left_out: intake.left_out,
        anonymised: intake.anonymised,
        rejected: intake.rejected,
        noted: intake.faults.total(Severity::Note),
        totals: Receipt::totals(&intake.totals, &intake.faults),
        faults: Receipt::lines(&intake.faults),
        numbers: intake.qualities.named(),
        matched: intake.matched,
        scope: delivery.manifest.as_ref().ok().map(Manifest::scope),
        earlier: None,
        log: None,
    }
}

/// Tells the supplier of a delivery that came when a newer one was in force. One that was in force in its time has
/// the receipt and the felrapport of then.
///
/// # Errors
/// [`Error::Io`] where they cannot be written.
pub(super) fn note_older(job: &Job, delivery: &Delivery) -> Result<()> {
    let path = Receipt::path(&job.folder("receipts"), delivery);
    if Receipt::read(&path).is_some_and(|receipt| !receipt.is_older || receipt.stamps == delivery.stamps) {
        return Ok(());
    }
    let mut intake = Intake::default();
    intake.faults.add(Rule::Older, MANIFEST, None, None, "a date later than those in force");
    felrapport::write(job, delivery, &intake)?;
    let receipt = receipt_of(job, delivery, &intake, grounds_of(job, &delivery.contract, String::new())?);
    let mut receipt = Receipt { accepted: false, is_older: true, ..receipt };
    receipt.log = log(job, delivery, &receipt);
    receipt.write(&path)
}

/// Tells the log how a delivery was taken.
fn log(job: &Job, delivery: &Delivery, receipt: &Receipt) -> Option<Head> {
    job.log(&Event::Delivery {
        contract: &delivery.contract.name,
        uttagsdatum: delivery.uttagsdatum,
        outcome: receipt.state(),
        key_id: &receipt.grounds.key_id,
        prints: receipt.prints.values().map(String::as_str).collect(),
        rows: receipt.rows,
        kept: receipt.kept,
        outside: receipt.outside,
        left_out: receipt.left_out,
        anonymised: receipt.anonymised,
        rejected: receipt.rejected,
        noted: receipt.noted,
        numbers: &receipt.numbers,
    })
}

fn read(job: &Job, delivery: &Delivery, sets: &Sets, grounds: &Grounds) -> Result<Intake> {
    let context = Context {
        catalogue: &job.catalogue,
        pseudonymiser: &job.pseudonymiser,
        sets,
        spill: job.folder("spill").join(format!("{}-{}", delivery.contract.name, delivery.uttagsdatum)),
        progress: &job.progress,
        threads: job.settings.threads,
        block: BLOCK,
    };
    let core = job.catalogue.contract(Layer::Core, &delivery.contract.name).ok();
    let path = core_path(job, delivery);
    let mut writer = core.map(|core| create(job, delivery, core, (&path, grounds))).transpose()?;
    let mut list = lists::is_list(&delivery.contract).then(BTreeSet::new);
    let mut matches = Matches::of(delivery, sets);
    let mut intake = take(delivery, &context, &mut |taken| {
        matches.add(&taken);
        if let Some(list) = &mut list {
            list.extend(lists::entries(&delivery.contract, &taken, &job.pseudonymiser)?);
        }
        match (core, &mut writer) {
            (Some(core), Some(writer)) => writer.write(&core_batch(core, &taken, delivery.uttagsdatum)?),
            _ => Ok(()),
        }
    })?;
    matches.finish(&mut intake);
    if !intake.is_accepted() {
        return Ok(intake);
    }
    match (core, writer) {
        (Some(core), Some(writer)) if !intake.repeated.is_empty() => {
            // The rows have no name in core before those that are repeated are gone.
            let all = job.folder("spill").join("alla_rader.parquet");
            fs::create_dir_all(job.folder("spill")).map_err(|source| Error::Io { path: all.clone(), source })?;
            writer.finish_as(&all)?;
            intake.kept = rewrite_without(job, delivery, core, (&all, &path, grounds), &intake.repeated)?;
            fs::remove_file(&all).map_err(|source| Error::Io { path: all, source })?;
        }
        (_, Some(writer)) => drop(writer.finish()?),
        _ => {}
    }
    if let Some(list) = list {
        lists::remember(job, delivery, &list)?;
    }
    Ok(intake)
}

/// What a core file was made of: its receipt must tell the same, or a night ended between the two.
fn made_of(grounds: &Grounds, prints: &BTreeMap<String, String>) -> String {
    crate::hex(&Sha256::digest(serde_json::to_vec(&(grounds, prints)).unwrap_or_default()))
}

/// Whether the core file of a delivery is the one that a receipt tells of.
pub(super) fn is_of(job: &Job, delivery: &Delivery, receipt: &Receipt) -> bool {
    let metadata = lake::metadata(&core_path(job, delivery)).unwrap_or_default();
    let made_of = made_of(&receipt.grounds, &receipt.prints);
    metadata.iter().any(|(key, value)| key == MADE_OF && *value == made_of)
}

fn create(job: &Job, delivery: &Delivery, core: &Contract, (path, grounds): (&Path, &Grounds)) -> Result<Writer> {
    let date = delivery.uttagsdatum.to_string();
    let files = delivery.manifest.iter().flat_map(|manifest| &manifest.filer);
    let print = |file: &ManifestFile| job.pseudonymiser.file_print(&file.sha256.to_ascii_lowercase());
    let prints = files.map(|file| (file.namn.clone(), print(file))).collect();
    let metadata = [
        ("finsam.table", core.full_name()),
        ("finsam.contract", core.version.clone()),
        ("finsam.uttagsdatum", date),
        ("finsam.key_id", job.pseudonymiser.key_id().to_owned()),
        ("finsam.key_check", job.pseudonymiser.key_check().to_owned()),
        ("finsam.domain", job.settings.domain.clone()),
        (MADE_OF, made_of(grounds, &prints)),
    ];
    let metadata: Vec<(&str, &str)> = metadata.iter().map(|(key, value)| (*key, value.as_str())).collect();
    Writer::create(path, arrow_schema(core), &metadata)
}

/// Writes the core file without the rows whose key was there before; there are few, so this is rare.
fn rewrite_without(
    job: &Job,
    delivery: &Delivery,
    core: &Contract,
    (all, path, grounds): (&Path, &Path, &Grounds),
    repeated: &[u64],
) -> Result<u64> {
    let delivered = delivery.manifest.iter().flat_map(|manifest| &manifest.filer).map(|file| file.namn.as_str());
    let orders: BTreeMap<&str, u64> = delivered.zip(0..).collect();
    let is_repeated = |file: &str, row: i64| {
        let place = orders.get(file).map(|order| place(*order, row.unsigned_abs()));
        place.is_some_and(|place| repeated.binary_search(&place).is_ok())
    };
    let mut writer = create(job, delivery, core, (path, grounds))?;
    for batch in lake::read(all)? {
        let batch = batch?;
        let missing = || core.fault("fil_namn and rad_nr are needed to find a row again");
        let files = batch.column_by_name("fil_namn").ok_or_else(missing)?.as_string::<i32>();
        let rows = batch.column_by_name("rad_nr").ok_or_else(missing)?.as_primitive::<Int64Type>();
        let keep: BooleanArray =
            (0..batch.num_rows()).map(|i| Some(!is_repeated(files.value(i), rows.value(i)))).collect();
        let kept = filter_record_batch(&batch, &keep).map_err(|e| Error::Unexpected(e.to_string()))?;
        writer.write(&kept)?;
    }
    writer.finish()
}
