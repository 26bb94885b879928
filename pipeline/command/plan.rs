//! `finsam plan`: what a run would do, and why. Changes nothing.

use super::print_json;
use crate::error::{Result, exit};
use crate::ingest::{Overdue, PlannedDelivery, plan as plan_deliveries};
use crate::job::Job;
use crate::stage::{Night, STAGES, layers_are_there, run_id};
use crate::{publish, talk};
use serde::Serialize;

#[derive(Serialize)]
struct Plan {
    deliveries: Vec<PlannedDelivery>,
    stages: Vec<PlannedStage>,
    overdue: Vec<Overdue>,
}

#[derive(Serialize)]
struct PlannedStage {
    stage: &'static str,
    runs: bool,
    why: String,
}

pub fn plan(job: &Job, json: bool) -> Result<u8> {
    let (deliveries, foreseen) = plan_deliveries(job)?;
    let changed = deliveries.iter().filter(|delivery| delivery.is_read).count();
    let after = after_ingest(job, &deliveries, &foreseen);
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
    let plan = Plan { deliveries, stages, overdue: foreseen.overdue };
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
    let overdue = plan.overdue.iter().map(|overdue| format!("late  {overdue}\n"));
    talk::data(&deliveries.chain(stages).chain(overdue).collect::<String>())?;
    Ok(exit::DONE)
}

/// Whether the stages after ingest would run, and why.
fn after_ingest(job: &Job, deliveries: &[PlannedDelivery], foreseen: &Night) -> (bool, String) {
    let Some((current, _)) = publish::current(&job.root) else {
        return (true, "no release is in force".into());
    };
    let changing = deliveries.iter().filter(|delivery| delivery.changes).count();
    if changing > 0 {
        return (true, format!("{changing} deliveries are new, or read by other rules"));
    }
    match run_id(job, foreseen) {
        Err(_) => (true, "no delivery is in force".into()),
        Ok(next) if next != current => (true, format!("deliveries, rules or settings are not those of {current}")),
        Ok(_) if !layers_are_there(job) => (true, "a table of derived or mart is missing".into()),
        Ok(_) => (false, format!("{current} is in force and nothing has changed")),
    }
}
