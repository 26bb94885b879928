//! Whether everything that is in force could be read again: before the pseudonyms of a whole data root are made anew.

use super::delivery::Scan;
use super::lists;
use super::plan::holds_what_it_held;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::receipt::Receipt;
use arrow::array::AsArray;
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Table and uttagsdatum of what was in force after the last night, the lists that are remembered among it; empty where
/// there was no night.
///
/// # Errors
/// [`Error::Parquet`] where `core.leverans` is not whole.
pub fn in_force_before(job: &Job) -> Result<BTreeSet<(String, NaiveDate)>> {
    let mut found = BTreeSet::new();
    let path = job.layer(Layer::Core).join("leverans").join("leverans.parquet");
    if path.exists() {
        for batch in lake::read(&path)? {
            let batch = batch?;
            let column = |name: &str| {
                let reason = format!("{name} is missing");
                batch.column_by_name(name).ok_or(Error::Broken { table: "core.leverans".into(), reason })
            };
            let (tables, dates) = (column("tabell_namn")?, column("uttags_datum")?);
            let (tables, dates) = (tables.as_string::<i32>(), dates.as_primitive::<Date32Type>());
            let rows = (0..batch.num_rows()).map(|row| Some((tables.value(row).to_owned(), dates.value_as_date(row)?)));
            found.extend(rows.flatten());
        }
    }
    let lists = job.catalogue.layer(Layer::Deliveries).filter(|contract| lists::is_list(contract));
    found.extend(lists.filter_map(|contract| Some((contract.name.clone(), lists::dated(job, contract)?))));
    Ok(found)
}

/// Deliveries that are in force and could not be read again as they were read: gone, changed, or damaged since.
///
/// # Errors
/// [`Error::Io`] where a delivery cannot be looked at.
pub fn not_there(job: &Job, in_force: &BTreeSet<(String, NaiveDate)>) -> Result<Vec<String>> {
    let scan = Scan::of(&job.layer(Layer::Deliveries), &job.catalogue, job.today)?;
    let mut missing = Vec::new();
    for (table, date) in in_force {
        let delivery = scan.deliveries.iter().find(|d| &d.contract.name == table && &d.uttagsdatum == date);
        let is_there = match delivery {
            None => false,
            Some(delivery) => {
                let receipt = Receipt::read(&Receipt::path(&job.folder("receipts"), delivery));
                match receipt.filter(|receipt| receipt.accepted) {
                    Some(receipt) => receipt.stamps == delivery.stamps || holds_what_it_held(job, delivery, &receipt),
                    None => false,
                }
            }
        };
        if !is_there {
            missing.push(format!("{table} {date}"));
        }
    }
    Ok(missing)
}
