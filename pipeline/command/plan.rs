//! `finsam plan`: what a run would do, and why. Changes nothing.

use super::print_json;
use crate::error::{Error, Result, exit};
use crate::ingest::{Delivery, InForce, MANIFEST, PlannedDelivery, Scan, candidates, covered, plan as plan_deliveries};
use crate::job::Job;
use crate::layer::Layer;
use crate::receipt::Receipt;
use crate::stage::{Night, STAGES, layers_are_there, run_id};
use crate::{lake, publish, talk};
use serde::Serialize;

#[derive(Serialize)]
struct Plan {
    deliveries: Vec<PlannedDelivery>,
    stages: Vec<PlannedStage>,
}

#[derive(Serialize)]
struct PlannedStage {
    stage: &'static str,
    runs: bool,
    why: String,
}

pub fn plan(job: &Job, json: bool) -> Result<u8> {
    let mut deliveries = plan_deliveries(job)?;
    let changed = deliveries.iter().filter(|delivery| delivery.is_read).count();
    let after = after_ingest(job, &mut deliveries)?;
    let stages = STAGES
        .iter()
        .enumerate()
        .map(|(place, stage)| {
            let (runs, why) = match place {
                0 => (changed > 0, format!("{changed} deliveries to read")),
                _ => after.clone(),
            };
            PlannedStage { stage: stage.name, runs, why }
        })
        .collect();
    let plan = Plan { deliveries, stages };
    if json {
        print_json(&plan)?;
        return Ok(exit::DONE);
    }
    let deliveries = plan.deliveries.iter().map(|delivery| {
        let word = if delivery.is_read { "read" } else { "keep" };
        format!("{word:<5} {:<22} {}  {}\n", delivery.table, delivery.uttagsdatum, delivery.why)
    });
    let stages = plan.stages.iter().map(|stage| {
        let word = if stage.runs { "run" } else { "skip" };
        format!("{word:<5} {:<22} {}\n", stage.stage, stage.why)
    });
    talk::data(&deliveries.chain(stages).collect::<String>())?;
    Ok(exit::DONE)
}

/// Whether the stages after ingest would run, and why.
fn after_ingest(job: &Job, deliveries: &mut [PlannedDelivery]) -> Result<(bool, String)> {
    let Some((current, _)) = publish::current(&job.root) else {
        return Ok((true, "no release is in force".into()));
    };
    let scan = Scan::of(&job.layer(Layer::Deliveries), &job.catalogue)?;
    let mut others = 0;
    for planned in deliveries.iter_mut().filter(|planned| planned.is_read) {
        let is_it = |delivery: &&Delivery| {
            delivery.contract.name == planned.table && delivery.uttagsdatum.to_string() == planned.uttagsdatum
        };
        let Some(delivery) = scan.deliveries.iter().find(is_it) else { continue };
        match planned.why.as_str() {
            TOUCHED if holds_what_it_held(job, delivery)? => planned.why += ", but hold what they held",
            why if LOST.contains(&why) => {}
            _ => others += 1,
        }
    }
    if others > 0 {
        return Ok((true, format!("{others} deliveries are new, or read by other rules")));
    }
    Ok(match run_id(job, &foreseen(job, &scan)) {
        Err(_) => (true, "no delivery is in force".into()),
        Ok(next) if next != current => (true, format!("deliveries, rules or settings are not those of {current}")),
        Ok(_) if !layers_are_there(job) => (true, "a table of derived or mart is missing".into()),
        Ok(_) => (false, format!("{current} is in force and nothing has changed")),
    })
}

/// Why a delivery is read although its bytes may be the same (`ingest::plan`).
const TOUCHED: &str = "its files were touched";
const LOST: [&str; 2] = ["its core file is missing", "its list is not remembered"];

/// The night as its receipts tell it: what ingest finds where every delivery is as it was.
fn foreseen(job: &Job, scan: &Scan) -> Night {
    let mut night = Night::default();
    scan.strangers.iter().for_each(|folder| night.refuse(format!("deliveries/{folder}: stray")));
    for contract in job.catalogue.layer(Layer::Deliveries) {
        let mut accepted: Vec<InForce> = Vec::new();
        for delivery in candidates(scan, contract) {
            if covered(contract, delivery, &accepted) {
                continue;
            }
            let Some(receipt) = receipt(job, delivery) else { continue };
            if let Some(in_force) = receipt.in_force() {
                accepted.extend(InForce::of(delivery, in_force, &accepted).unwrap_or_default());
            }
            night.receipts.push(receipt);
        }
        night.in_force.extend(accepted);
    }
    night.in_force.sort_by(|a, b| (&a.table, a.uttagsdatum, a.from).cmp(&(&b.table, b.uttagsdatum, b.from)));
    night
}

fn receipt(job: &Job, delivery: &Delivery) -> Option<Receipt> {
    Receipt::read(&Receipt::path(&job.folder("receipts"), delivery)).filter(|receipt| !receipt.is_older)
}

/// Whether the files of a delivery have the bytes of its receipt, and its `leverans.yaml` still describes those.
fn holds_what_it_held(job: &Job, delivery: &Delivery) -> Result<bool> {
    let (Some(receipt), Some(manifest)) = (receipt(job, delivery), &delivery.manifest) else { return Ok(false) };
    for file in &manifest.filer {
        let path = delivery.folder.join(&file.namn);
        let found = match lake::sha256(&path) {
            Ok((found, _)) => Some(found),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::Io { path, source }),
        };
        if found.is_none() || receipt.sha256.get(&file.namn) != found.as_ref() {
            return Ok(false);
        }
    }
    let stamp = |stamps: &[crate::ingest::Stamp]| stamps.iter().find(|stamp| stamp.name == MANIFEST).cloned();
    let untouched = stamp(&receipt.stamps) == stamp(&delivery.stamps);
    let rows: u64 = manifest.filer.iter().map(|file| file.rader).sum();
    let mut files = manifest.filer.iter();
    let describes = files.all(|file| receipt.sha256.get(&file.namn) == Some(&file.sha256.to_ascii_lowercase()));
    Ok(untouched || receipt.accepted && receipt.rows == rows && describes)
}
