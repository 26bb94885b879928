//! Who may be kept: the population of SUS, with every number linked to theirs, less those who may not be joined.

use super::delivery::{Delivery, Scan};
use super::sets::Sets;
use super::succession::candidates;
use super::take::{Context, Taken, take};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::pseudonymise::Pseudonym;
use crate::stage::Night;
use arrow::array::{Array, AsArray, FixedSizeBinaryArray};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Codes of `nummerbyte` that never link two numbers: a false identity is nobody's other number.
const UNLINKED: [&str; 1] = ["FI"];

/// Reads the withdrawn samtycken out of core.
pub(super) fn add_withdrawn(job: &Job, night: &Night, contract: &Contract, sets: &mut Sets) -> Result<()> {
    for path in core_files(job, night, &contract.name) {
        for batch in lake::read(&path)? {
            let batch = batch?;
            let ids = batch.column_by_name("deltagande_id");
            let ids = ids.ok_or_else(|| contract.fault("deltagande_id is missing in core"))?;
            sets.withdrawn.extend(ids.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    Ok(())
}

/// Reads the protected people straight from their deliveries: the list is never stored.
pub(super) fn gather_protected(job: &Job, scan: &Scan, sets: &mut Sets) -> Result<()> {
    let mut protected = BTreeSet::new();
    for contract in with_role(job, "skydd") {
        // Protection is never lifted by a delivery that fails: the newest that can be read counts.
        for delivery in candidates(scan, &contract) {
            let mut found = Vec::new();
            let accepted = collect(job, delivery, &mut |taken| {
                found.extend(taken.pseudonyms.values().flat_map(pseudonyms));
                Ok(())
            })?;
            if accepted {
                protected.extend(found);
                break;
            }
        }
    }
    let links = links(job, scan)?;
    sets.protected = linked(protected, &links);
    Ok(())
}

/// Reads the population out of core and adds every number linked to it.
pub(super) fn gather_population(job: &Job, night: &Night, scan: &Scan, sets: &mut Sets) -> Result<()> {
    let mut people = BTreeSet::new();
    for contract in with_role(job, "population") {
        for path in core_files(job, night, &contract.name) {
            for batch in lake::read(&path)? {
                let batch = batch?;
                let column = batch.column_by_name("pseudonym");
                let column = column.ok_or_else(|| contract.fault("pseudonym is missing in core"))?;
                people.extend(pseudonyms(column.as_fixed_size_binary()));
            }
        }
    }
    sets.population = Some(linked(people, &links(job, scan)?));
    Ok(())
}

fn with_role(job: &Job, role: &str) -> Vec<Arc<Contract>> {
    let contracts = job.catalogue.layer(Layer::Deliveries);
    contracts.filter(|contract| contract.custom_text("roll") == Some(role)).cloned().collect()
}

fn core_files(job: &Job, night: &Night, table: &str) -> Vec<std::path::PathBuf> {
    let core = job.layer(Layer::Core).join(table);
    let in_force = night.in_force.iter().filter(|in_force| in_force.table == table);
    let dates: BTreeSet<_> = in_force.map(|in_force| in_force.uttagsdatum).collect();
    dates.into_iter().map(|date| core.join(format!("{date}.parquet"))).collect()
}

fn pseudonyms(column: &FixedSizeBinaryArray) -> Vec<Pseudonym> {
    column.iter().flatten().filter_map(|bytes| Pseudonym::try_from(bytes).ok()).collect()
}

/// Reads a delivery without keeping a row of it.
fn collect(job: &Job, delivery: &Delivery, sink: &mut dyn FnMut(Taken) -> Result<()>) -> Result<bool> {
    let sets = Sets::default();
    let context = Context {
        catalogue: &job.catalogue,
        pseudonymiser: &job.pseudonymiser,
        sets: &sets,
        spill: job.folder("spill").join("personer"),
        progress: &job.progress,
    };
    Ok(take(delivery, &context, sink)?.is_accepted())
}

/// Which numbers were exchanged for which, both ways.
fn links(job: &Job, scan: &Scan) -> Result<BTreeMap<Pseudonym, Vec<Pseudonym>>> {
    let mut links: BTreeMap<Pseudonym, Vec<Pseudonym>> = BTreeMap::new();
    for contract in with_role(job, "nummerbyte") {
        let code = contract.columns.iter().find(|column| column.code_list.as_deref() == Some("nummerbyte"));
        let code = code.ok_or_else(|| contract.fault("no column has the code list nummerbyte"))?.name.clone();
        let pair: Vec<String> =
            contract.columns.iter().filter(|c| c.identity.is_some()).map(|c| c.name.clone()).collect();
        let [former, new] = pair.as_slice() else { return Err(contract.fault("two identity columns are needed")) };
        for delivery in candidates(scan, &contract) {
            collect(job, delivery, &mut |taken| {
                let missing = || Error::Unexpected("a change of number lost a column".into());
                let codes = taken.columns.get(&code).ok_or_else(missing)?.as_string::<i32>().clone();
                let former = taken.pseudonyms.get(former).ok_or_else(missing)?;
                let new = taken.pseudonyms.get(new).ok_or_else(missing)?;
                for row in 0..codes.len() {
                    if UNLINKED.contains(&codes.value(row)) {
                        continue;
                    }
                    let ends = (Pseudonym::try_from(former.value(row)), Pseudonym::try_from(new.value(row)));
                    if let (Ok(former), Ok(new)) = ends {
                        links.entry(former).or_default().push(new);
                        links.entry(new).or_default().push(former);
                    }
                }
                Ok(())
            })?;
        }
    }
    Ok(links)
}

/// The people and everyone linked to them, however far.
fn linked(people: BTreeSet<Pseudonym>, links: &BTreeMap<Pseudonym, Vec<Pseudonym>>) -> BTreeSet<Pseudonym> {
    let mut waiting: Vec<Pseudonym> = people.iter().copied().collect();
    let mut all = people;
    while let Some(person) = waiting.pop() {
        for other in links.get(&person).into_iter().flatten() {
            if all.insert(*other) {
                waiting.push(*other);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_followed_both_ways_and_a_cycle_ends() {
        let mut links: BTreeMap<Pseudonym, Vec<Pseudonym>> = BTreeMap::new();
        for (former, new) in [(1, 2), (2, 3), (3, 1), (8, 9)] {
            links.entry([former; 16]).or_default().push([new; 16]);
            links.entry([new; 16]).or_default().push([former; 16]);
        }
        let all = linked(BTreeSet::from([[2; 16]]), &links);
        assert_eq!(all, BTreeSet::from([[1; 16], [2; 16], [3; 16]]));
    }
}
