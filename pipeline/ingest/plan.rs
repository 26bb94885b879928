//! What the next run would read, and why; read off stamps, receipts and succession, changing nothing.

use super::delivery::{Delivery, MANIFEST, ManifestFile, Scan, Stamp, open};
use super::people::People;
use super::store::{Why, require_key, why_read};
use super::succession::{InForce, candidates, covered};
use super::{by_role, expected, lists};
use crate::error::Result;
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::stage::Night;
use serde::Serialize;

/// A delivery and what a run would do with it.
#[derive(Debug, Serialize)]
pub struct PlannedDelivery {
    pub table: String,
    pub uttagsdatum: String,
    pub is_read: bool,
    pub why: String,
    /// Whether something else may be in force after it is read.
    #[serde(skip)]
    pub changes: bool,
}

/// Also gives the night as the receipts tell it: what ingest finds where every delivery is as it was.
///
/// # Errors
/// As a run that stops before it has read anything.
pub fn plan(job: &Job) -> Result<(Vec<PlannedDelivery>, Night)> {
    require_key(job)?;
    let scan = Scan::of(&job.layer(Layer::Deliveries), &job.catalogue, job.today)?;
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
    night.refused.extend(scan.strangers.iter().map(|folder| Refusal::stray(folder)));
    night.refused.extend(scan.early.iter().map(|folder| Refusal::early(folder)));
    night.refused.sort();
    night.in_force.sort_by(InForce::in_order);
    night.overdue = expected::of_night(job, &scan, &night.in_force)?;
    Ok((planned, night))
}

/// `digest` is that of the people whom the contract depends on, where it is known.
fn decide(
    job: &Job,
    delivery: &Delivery,
    accepted: &mut Vec<InForce>,
    night: &mut Night,
    digest: Option<String>,
) -> Result<PlannedDelivery> {
    let line = |is_read: bool, changes: bool, why: &str| PlannedDelivery {
        table: delivery.contract.name.clone(),
        uttagsdatum: delivery.uttagsdatum.to_string(),
        is_read,
        why: why.to_owned(),
        changes,
    };
    if covered(&delivery.contract, delivery, accepted) {
        return Ok(line(false, false, "a newer delivery is in force"));
    }
    let receipt = Receipt::read(&Receipt::path(&job.folder("receipts"), delivery));
    let Some(receipt) = receipt.filter(|receipt| !receipt.is_older) else {
        return Ok(line(true, true, Why::New.text()));
    };
    if let Some(in_force) = receipt.in_force() {
        accepted.extend(InForce::of(delivery, in_force, accepted).unwrap_or_default());
    }
    let why = digest.map(|digest| why_read(job, delivery, &digest)).transpose()?;
    let line = match why {
        None => line(true, true, "the people of SUS may have changed"),
        Some(Some(Why::Touched)) if holds_what_it_held(job, delivery, &receipt) => {
            line(true, false, &format!("{}, but hold what they held", Why::Touched.text()))
        }
        // Made again of the same bytes by the same rules, it is the same; a refused one cannot be made again.
        Some(Some(why @ (Why::CoreMissing | Why::ListForgotten))) => line(true, !receipt.accepted, why.text()),
        Some(Some(why)) => line(true, true, why.text()),
        Some(None) if !receipt.accepted => line(false, false, "refused before, and unchanged"),
        Some(None) => line(false, false, "unchanged"),
    };
    if !receipt.accepted {
        night.refused.push(Refusal::of(&receipt));
    }
    night.receipts.push(receipt);
    Ok(line)
}

/// Whether the files of a delivery can be read and have the bytes of its receipt, and its `leverans.yaml` still
/// describes those.
pub(super) fn holds_what_it_held(job: &Job, delivery: &Delivery, receipt: &Receipt) -> bool {
    let Ok(manifest) = &delivery.manifest else { return false };
    for file in &manifest.filer {
        let path = delivery.path(file);
        let found = open(&path).and_then(|_| lake::sha256(&path)).ok();
        let print = found.map(|(found, _)| job.pseudonymiser.file_print(&found));
        if print.is_none() || receipt.prints.get(&file.namn) != print.as_ref() {
            return false;
        }
    }
    let stamp = |stamps: &[Stamp]| stamps.iter().find(|stamp| stamp.name == MANIFEST).cloned();
    let untouched = stamp(&receipt.stamps) == stamp(&delivery.stamps);
    let rows: u64 = manifest.filer.iter().map(|file| file.rader).sum();
    let mut files = manifest.filer.iter();
    let described = |file: &ManifestFile| job.pseudonymiser.file_print(&file.sha256.to_ascii_lowercase());
    let describes = files.all(|file| receipt.prints.get(&file.namn) == Some(&described(file)));
    let same_scope = receipt.scope.as_ref() == Some(&manifest.scope());
    untouched || receipt.accepted && receipt.rows == rows && describes && same_scope
}
