//! What the next run would read, and why; read off stamps, receipts and succession, changing nothing.

use super::delivery::{Delivery, Scan};
use super::sets::Sets;
use super::store::{require_key, why_read};
use super::succession::{InForce, candidates, covered};
use super::{ROLES, by_role, people};
use crate::error::Result;
use crate::job::Job;
use crate::layer::Layer;
use crate::receipt::Receipt;
use crate::stage::Night;
use serde::Serialize;

/// A delivery and what a run would do with it.
#[derive(Debug, Serialize)]
pub struct PlannedDelivery {
    pub table: String,
    pub uttagsdatum: String,
    pub is_read: bool,
    pub why: String,
}

/// # Errors
/// As a run that stops before it has read anything.
pub fn plan(job: &Job) -> Result<Vec<PlannedDelivery>> {
    require_key(job)?;
    let scan = Scan::of(&job.layer(Layer::Deliveries), &job.catalogue)?;
    let (mut planned, mut night, mut sets) = (Vec::new(), Night::default(), Sets::default());
    // While the population stands, the people are those in core; once SUS is read again, they may be others.
    let mut people_may_change = false;
    let mut contracts = by_role(job)?;
    let late = |role: Option<&str>| matches!(role, Some("skydd" | "nummerbyte"));
    contracts.sort_by_key(|contract| late(contract.custom_text("roll")));
    debug_assert!(ROLES.contains(&"population"), "the population is a role");
    for contract in &contracts {
        let role = contract.custom_text("roll");
        if role == Some("population") {
            people::gather_protected(job, &scan, &mut sets)?;
        }
        let mut accepted: Vec<InForce> = Vec::new();
        for delivery in candidates(&scan, contract) {
            let line = decide(job, delivery, &mut accepted, &sets, people_may_change)?;
            people_may_change |= line.is_read && matches!(role, Some("samtycke" | "population"));
            planned.push(line);
        }
        night.in_force.extend(accepted);
        if !people_may_change && role == Some("samtycke") {
            people::add_withdrawn(job, &night, contract, &mut sets)?;
        }
        if !people_may_change && role == Some("population") {
            people::gather_population(job, &night, &scan, &mut sets)?;
        }
    }
    planned.sort_by(|a, b| (&a.table, &a.uttagsdatum).cmp(&(&b.table, &b.uttagsdatum)));
    Ok(planned)
}

fn decide(
    job: &Job,
    delivery: &Delivery,
    accepted: &mut Vec<InForce>,
    sets: &Sets,
    people_may_change: bool,
) -> Result<PlannedDelivery> {
    let line = |is_read: bool, why: &str| PlannedDelivery {
        table: delivery.contract.name.clone(),
        uttagsdatum: delivery.uttagsdatum.to_string(),
        is_read,
        why: why.to_owned(),
    };
    if covered(&delivery.contract, delivery, accepted) {
        return Ok(line(false, "a newer delivery is in force"));
    }
    let receipt = Receipt::read(&Receipt::path(&job.folder("receipts"), delivery));
    if let Some(receipt) = &receipt
        && receipt.accepted
    {
        accepted.extend(InForce::of(delivery, receipt, accepted).unwrap_or_default());
    }
    let depends = delivery.contract.custom_text("avgransning") == Some("deltagare");
    if people_may_change && depends && receipt.is_some() {
        return Ok(line(true, "the people of SUS may have changed"));
    }
    Ok(match why_read(job, delivery, sets)? {
        Some(why) => line(true, why),
        None if receipt.is_some_and(|receipt| !receipt.accepted) => line(false, "refused before, and unchanged"),
        None => line(false, "unchanged"),
    })
}
