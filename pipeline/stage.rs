//! The table of contents: which stages there are, what each reads and writes, and how a night runs through them.

use crate::error::{Error, Result, exit};
use crate::ingest::{InForce, Overdue};
use crate::job::Job;
use crate::layer::Layer;
use crate::log::Event;
use crate::protect::Protected;
use crate::receipt::Receipt;
use crate::refusal::{self, Refusal};
use crate::{aggregate, derive, ingest, lab, proof, publish, rotation};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;

/// One step to the next promise. `run` reads and writes the layers that stand here, and nothing else.
pub struct Stage {
    pub name: &'static str,
    pub purpose: &'static str,
    pub reads: &'static [Layer],
    pub writes: Layer,
    pub run: fn(&Job, &mut Night) -> Result<()>,
}

/// The whole pipeline. Read this first.
pub const STAGES: [Stage; 5] = [
    Stage {
        name: "ingest",
        purpose: "decode, check and pseudonymise every delivery by its contract",
        reads: &[Layer::Deliveries],
        writes: Layer::Core,
        run: ingest::run,
    },
    Stage {
        name: "derive",
        purpose: "decide what each participant lived on before the insats, at its end and up to three years after",
        reads: &[Layer::Core],
        writes: Layer::Derived,
        run: derive::run,
    },
    Stage {
        name: "aggregate",
        purpose: "count deltaganden and persons",
        reads: &[Layer::Core, Layer::Derived],
        writes: Layer::Mart,
        run: aggregate::run,
    },
    Stage {
        name: "protect",
        purpose: "withhold what could reveal a person, and prove that it is enough",
        reads: &[Layer::Mart],
        writes: Layer::Proof,
        run: proof::run,
    },
    Stage {
        name: "publish",
        purpose: "write every protected table in every format, and make the release the one in force",
        reads: &[Layer::Mart, Layer::Proof],
        writes: Layer::Release,
        run: publish::run,
    },
];

/// What a night has found so far; the stages hand it on.
#[derive(Default)]
pub struct Night {
    pub run_id: String,
    pub in_force: Vec<InForce>,
    pub receipts: Vec<Receipt>,
    /// Deliveries that were read, not trusted by their receipt.
    pub read: u64,
    /// What was handed in and is not in force, by name.
    pub refused: Vec<Refusal>,
    /// Deliveries that were in force last night and are no longer there, one line each.
    pub gone: Vec<String>,
    /// Deliveries that should have come by the day of the run, and have not. They change no exit code: a night
    /// that is whole but for what nobody has sent is done.
    pub overdue: Vec<Overdue>,
    /// What is worth knowing and changes nothing.
    pub notes: Vec<String>,
    pub protected: Option<Protected>,
    /// Whether a release was written.
    pub published: bool,
}

impl Night {
    /// The exit code of a night that came to its end.
    pub fn exit_code(&self) -> u8 {
        if self.refused.is_empty() && self.gone.is_empty() { exit::DONE } else { exit::DELIVERY_REFUSED }
    }

    /// The newest uttagsdatum in force: the date of everything that this night writes.
    pub fn newest(&self) -> Option<NaiveDate> {
        self.in_force.iter().map(|in_force| in_force.uttagsdatum).max()
    }
}

/// Runs a night: ingest, and where anything differs from the release in force, everything after it.
///
/// # Errors
/// What stops a stage; the release that was in force then still is.
pub fn run_stages(job: &Job) -> Result<Night> {
    let mut night = Night::default();
    rotation::settle(job)?;
    job.empty_spill()?;
    let stages = run_each(job, &mut night);
    job.progress.finish();
    job.empty_spill()?;
    match stages {
        Ok(()) => Ok(night),
        Err(error) => Err(refusal::explained(error, &night)),
    }
}

fn run_each(job: &Job, night: &mut Night) -> Result<()> {
    let [first, rest @ ..] = &STAGES;
    night.notes.extend(job.settings.without_effect(&job.catalogue));
    (first.run)(job, night)?;
    night.run_id = run_id(job, night)?;
    if publish::current(&job.root).is_some_and(|(run_id, _)| run_id == night.run_id) && layers_are_there(job) {
        return lab::keep(job, night);
    }
    for stage in rest {
        job.log(&Event::Stage { run_id: &night.run_id, stage: stage.name });
        (stage.run)(job, night)?;
    }
    night.published = true;
    job.log(&Event::Published { run_id: &night.run_id });
    Ok(())
}

/// The marts and the derived tables may have been removed by hand; then they are made again.
pub(crate) fn layers_are_there(job: &Job) -> bool {
    let whole = |layer: Layer, names: &[&str]| {
        names.iter().all(|name| job.layer(layer).join(format!("{name}.parquet")).exists())
    };
    whole(Layer::Derived, &derive::TABLES) && whole(Layer::Mart, &aggregate::MARTS)
}

/// The newest uttagsdatum and 12 digits of the hash of everything that the figures and the manifest depend on.
///
/// # Errors
/// [`Error::Required`] where no delivery is in force.
pub(crate) fn run_id(job: &Job, night: &Night) -> Result<String> {
    let newest = night.newest().ok_or_else(|| Error::Required {
        contract: "(any)".into(),
        reason: "is missing: no delivery is in force".into(),
    })?;
    let mut hash = Sha256::new();
    hash.update(job.catalogue.digest());
    hash.update(format!("{} {}", job.settings.domain, job.settings.threshold_in_effect(&job.catalogue)));
    hash.update(job.pseudonymiser.key_check());
    hash.update(env!("CARGO_PKG_VERSION"));
    for one in &night.in_force {
        hash.update(format!("\n{} {} {} {}", one.table, one.uttagsdatum, one.from, one.till));
        hash.update(format!(" {} {:?} {}", one.population, one.population_date, one.omfattning.code()));
    }
    // What is not in force stands in the manifest: one run-id, one manifest.
    for refusal in &night.refused {
        hash.update(format!("\n{}", refusal.line()));
    }
    let in_force: BTreeSet<(String, String)> =
        night.in_force.iter().map(|one| (one.table.clone(), one.uttagsdatum.to_string())).collect();
    let mut receipts: Vec<&Receipt> = night
        .receipts
        .iter()
        .filter_map(Receipt::in_force)
        .filter(|receipt| in_force.contains(&(receipt.table.clone(), receipt.uttagsdatum.clone())))
        .collect();
    receipts.sort_by_key(|receipt| (&receipt.table, &receipt.uttagsdatum));
    for receipt in receipts {
        hash.update(serde_json::to_vec(&(&receipt.prints, &receipt.grounds)).unwrap_or_default());
    }
    Ok(format!("{newest}-{}", &crate::hex(&hash.finalize())[..12]))
}

/// Removes files of a layer that no table of ours has: what an earlier version wrote.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be read.
pub fn keep_only(job: &Job, layer: Layer, names: &[&str]) -> Result<()> {
    let folder = job.layer(layer);
    let failed = |source| Error::Io { path: folder.clone(), source };
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && !names.contains(&stem.as_str()) {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}
