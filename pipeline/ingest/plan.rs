//! What the next run would read, and why; read off stamps, receipts and succession, changing nothing.

use super::delivery::{Delivery, Scan};
use super::people::People;
use super::store::{require_key, why_read};
use super::succession::{InForce, candidates, covered};
use super::{by_role, lists};
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
    let (mut planned, mut night) = (Vec::new(), Night::default());
    let mut people = People::new(job, &scan);
    // While lists and SUS stand, the people are those of the last night; once one is read again, they may be others.
    let mut may_change = false;
    let mut contracts = by_role(job)?;
    let is_population = |role: Option<&str>| role == Some("population");
    contracts.sort_by_key(|c| (!lists::is_list(c), !is_population(c.custom_text("roll"))));
    for contract in &contracts {
        let decides = lists::is_list(contract) || is_population(contract.custom_text("roll"));
        if !lists::is_list(contract) {
            people.lists_are_settled()?;
        }
        if !decides {
            people.population_is_settled(&night);
        }
        let mut accepted: Vec<InForce> = Vec::new();
        for delivery in candidates(&scan, contract) {
            let digest = people.known_digest(contract).filter(|digest| digest.is_empty() || !may_change);
            let line = decide(job, delivery, &mut accepted, &mut night, digest)?;
            may_change |= line.is_read && decides;
            planned.push(line);
        }
        night.in_force.extend(accepted);
    }
    planned.sort_by(|a, b| (&a.table, &a.uttagsdatum).cmp(&(&b.table, &b.uttagsdatum)));
    Ok(planned)
}

/// `digest` is that of the people whom the contract depends on, where it is known.
fn decide(
    job: &Job,
    delivery: &Delivery,
    accepted: &mut Vec<InForce>,
    night: &mut Night,
    digest: Option<String>,
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
    let Some(receipt) = receipt.filter(|receipt| !receipt.is_older) else { return Ok(line(true, "new")) };
    if receipt.accepted {
        accepted.extend(InForce::of(delivery, &receipt, accepted).unwrap_or_default());
    }
    let was_accepted = receipt.accepted;
    night.receipts.push(receipt);
    let Some(digest) = digest else { return Ok(line(true, "the people of SUS may have changed")) };
    Ok(match why_read(job, delivery, &digest)? {
        Some(why) => line(true, why),
        None if !was_accepted => line(false, "refused before, and unchanged"),
        None => line(false, "unchanged"),
    })
}
