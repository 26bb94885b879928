//! From deliveries to core: every delivery decoded, checked by its contract, pseudonymised, written.
//!
//! Nothing is written before its identity numbers are exchanged, and nothing is joined, grouped or sorted here.
//! Order: withdrawn samtycken and protected people; SUS; then, with the population known, the rest.

mod again;
mod batch;
mod check;
mod check_files;
mod columnar;
mod core_rows;
mod decode;
mod delimited;
mod delivery;
mod door;
mod expected;
mod felrapport;
mod fixed_width;
mod header;
mod in_force;
mod judge;
mod key_digest;
mod layout;
mod linked;
mod links;
mod lists;
mod marks;
mod matches;
mod near;
mod numbers;
mod packed;
mod parquet_claims;
mod parquet_pages;
mod partial_date;
mod pass;
mod people;
mod plan;
mod reader;
mod removal;
mod sas;
mod sas_claims;
mod sets;
mod sieve;
mod store;
mod stream;
mod succession;
mod summary;
mod take;
mod text;
mod uniqueness;
mod workbook;
mod workbook_claims;

pub use again::{in_force_before, not_there};
pub use check_files::check_files;
pub use delivery::{Delivery, MANIFEST, Manifest, Misstated, Omfattning, Period, Population, Scan, Stamp};
pub use expected::{Overdue, overdue, overdue_in_release, reaches};
pub use felrapport::write_felrapport;
pub use judge::Spent;
pub use linked::protecting_alone;
pub use lists::is_list;
pub use matches::Match;
pub use plan::{PlannedDelivery, plan};
pub use reader::decode;
pub use sets::Sets;
pub use succession::{InForce, candidates, covered};
pub use take::{Context, ControlTotal, FileTally, Intake, Taken, take};
pub use text::BLOCK;

use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::layer::Layer;
use crate::refusal::Refusal;
use crate::stage::Night;
use people::People;
use std::sync::Arc;

/// The roles of delivery contracts, in the order in which they are taken.
const ROLES: [&str; 7] = ["samtycke", "skydd", "nummerbyte", "population", "referens", "bilaga", "register"];

/// Takes every delivery that is new or changed; core then holds what is in force.
///
/// # Errors
/// [`Error::Required`] where a contract that the night cannot do without has no accepted newest delivery.
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    store::require_key(job)?;
    let scan = Scan::of(&job.layer(Layer::Deliveries), &job.catalogue, job.today)?;
    night.refused.extend(scan.strangers.iter().map(|folder| Refusal::stray(folder)));
    night.refused.extend(scan.early.iter().map(|folder| Refusal::early(folder)));
    for folder in &scan.waiting {
        night.notes.push(format!("deliveries/{folder}: no {MANIFEST} yet, still being copied"));
    }
    for folder in &scan.retired {
        night.notes.push(format!("deliveries/{folder}: past its retention and removed, not taken any more"));
    }
    let contracts = by_role(job)?;
    let mut people = People::new(job, &scan);
    let (lists, others): (Vec<_>, Vec<_>) = contracts.iter().partition(|contract| lists::is_list(contract));
    let (population, rest): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|contract| contract.custom_text("roll") == Some("population"));
    for contract in lists {
        settle(job, night, &scan, contract, &mut people)?;
        note_remembered(job, night, contract);
    }
    people.lists_are_settled()?;
    let have_gone = removal::remove_stale(job, &scan, &population, &mut people)?;
    for contract in population {
        let settled = settle(job, night, &scan, contract, &mut people);
        if settled.is_err() && have_gone {
            // Nobody knows any more who may be followed: no register stays as it was.
            removal::remove_followed(job, &rest)?;
        }
        settled?;
    }
    people.population_is_settled(night);
    match people.unmet()? {
        0 => {}
        unmet => night.notes.push(format!(
            "withdrawn samtycken without a deltagande in SUS: {unmet}; they protect nobody: ask for the list again, \
             with the ids as SUS writes them"
        )),
    }
    removal::remove_stale(job, &scan, &rest, &mut people)?;
    for contract in rest {
        settle(job, night, &scan, contract, &mut people)?;
    }
    people.remember()?;
    night.in_force.sort_by(InForce::in_order);
    night.refused.sort();
    in_force::write(job, &night.in_force)?;
    night.overdue = expected::tell(job, &scan, &night.in_force)?;
    require(&contracts, night)
}

fn by_role(job: &Job) -> Result<Vec<Arc<Contract>>> {
    let mut contracts: Vec<Arc<Contract>> = job.catalogue.layer(Layer::Deliveries).cloned().collect();
    let place = |contract: &Contract| ROLES.iter().position(|role| Some(*role) == contract.custom_text("roll"));
    for contract in &contracts {
        if place(contract).is_none() {
            return Err(contract.fault(format!("roll is none of {}", ROLES.join(", "))));
        }
    }
    contracts.sort_by_key(|contract| (place(contract), contract.name.clone()));
    Ok(contracts)
}

/// Says where a list is in force without its delivery.
fn note_remembered(job: &Job, night: &mut Night, contract: &Contract) {
    let Some(date) = lists::dated(job, contract) else { return };
    if !night.in_force.iter().any(|one| one.table == contract.name && one.uttagsdatum == date) {
        night.notes.push(format!(
            "{} {date}: the delivery is gone or refused, and its list stays in force until a newer one is accepted",
            contract.name
        ));
    }
}

/// Decides which deliveries of a contract are in force, newest first; what was accepted stays when a newer one fails.
fn settle(job: &Job, night: &mut Night, scan: &Scan, contract: &Arc<Contract>, people: &mut People<'_>) -> Result<()> {
    let mut accepted: Vec<InForce> = Vec::new();
    let mut older: Vec<String> = Vec::new();
    for delivery in candidates(scan, contract) {
        if covered(contract, delivery, &accepted) {
            store::note_older(job, delivery)?;
            older.push(delivery.uttagsdatum.to_string());
            continue;
        }
        let settled = store::settle(job, delivery, people)?;
        night.read += u64::from(settled.was_read);
        let receipt = settled.receipt;
        if let Some(in_force) = receipt.in_force() {
            accepted.extend(InForce::of(delivery, in_force, &accepted).unwrap_or_default());
        }
        if !receipt.accepted {
            night.refused.push(Refusal::of(&receipt));
        }
        night.receipts.push(receipt);
    }
    if !older.is_empty() {
        older.reverse();
        night.notes.push(format!("{} {}: kept but not read, newer is in force", contract.name, older.join(", ")));
    }
    removal::remove_superseded(job, scan, contract, &accepted, night)?;
    night.in_force.extend(accepted);
    Ok(())
}

fn require(contracts: &[Arc<Contract>], night: &Night) -> Result<()> {
    for contract in contracts.iter().filter(|contract| contract.custom_flag("kravs")) {
        let reason = if night.refused.iter().any(|refusal| refusal.contract.as_ref() == Some(&contract.name)) {
            "was refused"
        } else if !night.in_force.iter().any(|in_force| in_force.table == contract.name) {
            "is missing"
        } else {
            continue;
        };
        return Err(Error::Required { contract: contract.name.clone(), reason: reason.into() });
    }
    Ok(())
}
