//! `finsam plan`: what a run would do, and why. Changes nothing.

use super::print_json;
use crate::error::{Result, exit};
use crate::ingest::{PlannedDelivery, plan as plan_deliveries};
use crate::job::Job;
use crate::publish;
use crate::stage::STAGES;
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
    for delivery in &plan.deliveries {
        let word = if delivery.is_read { "read" } else { "keep" };
        println!("{word:<5} {:<22} {}  {}", delivery.table, delivery.uttagsdatum, delivery.why);
    }
    for stage in &plan.stages {
        let word = if stage.runs { "run" } else { "skip" };
        println!("{word:<5} {:<22} {}", stage.stage, stage.why);
    }
    Ok(exit::DONE)
}
