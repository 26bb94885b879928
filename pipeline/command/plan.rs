//! `finsam plan`: what a run would do, and why. Changes nothing.

use super::print_json;
use crate::error::{Result, exit};
use crate::ingest::{PlannedDelivery, plan as plan_deliveries};
use crate::job::Job;
use crate::publish;
use crate::stage::STAGES;
use crate::talk;
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
    let deliveries = plan_deliveries(job)?;
    let changed = deliveries.iter().filter(|delivery| delivery.is_read).count();
    let current = publish::current(&job.root);
    let stages = STAGES
        .iter()
        .enumerate()
        .map(|(place, stage)| {
            let (runs, why) = match (place, &current) {
                (0, _) => (changed > 0, format!("{changed} deliveries to read")),
                (_, None) => (true, "no release is in force".to_owned()),
                (_, Some(_)) if changed > 0 => (true, format!("{changed} deliveries are read again")),
                (_, Some((run_id, _))) => (false, format!("{run_id} is in force, unless rules or settings changed")),
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
