//! From mart to proof: reads the unprotected counts, has them protected, and writes down what was withheld and why.
//!
//! `proof/<run-id>/` is confidential: it says how closely a withheld cell can be bounded.

use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::log::Event;
use crate::protect::{Groups, MartRow, MartTable, Proof, Settings, Unit, protect};
use crate::stage::Night;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use std::collections::BTreeMap;
use std::sync::Arc;

/// # Errors
/// [`Error::Disclosure`] where it cannot be proven that no one is revealed: then nothing is published.
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    job.progress.begin("protect", None);
    let mut releases: Vec<Arc<Contract>> = Vec::new();
    let mut marts: Vec<MartTable> = Vec::new();
    for contract in job.catalogue.layer(Layer::Release) {
        let name = contract.custom_text("mart").ok_or_else(|| contract.fault("mart is not named"))?;
        releases.push(contract.clone());
        if !marts.iter().any(|mart| mart.contract.name == name) {
            marts.push(read(job, job.catalogue.contract(Layer::Mart, name)?)?);
        }
    }
    let settings = Settings { threshold_min: job.settings.threshold, groups: groups(job)? };
    let (protected, proof) = protect(marts, &releases, &settings)?;
    let folder = job.layer(Layer::Proof).join(&night.run_id);
    lake::write_file(&folder.join("undertryckning.csv"), &written(&proof)?)?;
    let summary = format!(
        "{} cells, {} relations; withheld {} primary and {} secondary; proven by {} witnesses and {} linear programs",
        proof.cell_count,
        proof.relation_count,
        proof.primary_count,
        proof.secondary_count,
        proof.witness_count,
        proof.program_count
    );
    job.progress.end(&summary);
    log(job, &night.run_id, &proof);
    night.protected = Some(protected);
    Ok(())
}

/// What was decided, mart by mart: counts of cells, and none of their values.
fn log(job: &Job, run_id: &str, proof: &Proof) {
    let mut withheld: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for cell in proof.cells().iter().filter(|cell| cell.unit == Unit::Deltaganden) {
        let (primary, secondary) = withheld.entry(&cell.table).or_default();
        *if cell.is_primary() { primary } else { secondary } += 1;
    }
    let threshold = job.settings.threshold_in_effect(&job.catalogue);
    for (table, (primary, secondary)) in withheld {
        job.log(&Event::Disclosure { run_id, table, threshold, primary, secondary });
    }
    let (cells, relations) = (proof.cell_count, proof.relation_count);
    job.log(&Event::Proof { run_id, cells, relations, witnesses: proof.witness_count, programs: proof.program_count });
}

/// Komponent → its group, from the code list.
fn groups(job: &Job) -> Result<Groups> {
    let list = job.catalogue.code_list("forsorjning")?;
    let groups = list.further("grupp_kod")?.filter(|(_, group)| !group.is_empty());
    Ok(groups.map(|(komponent, group)| (komponent.to_owned(), group.to_owned())).collect())
}

/// Every withheld count with its reason and proven interval.
fn written(proof: &Proof) -> Result<Vec<u8>> {
    let failed = |error: &dyn std::fmt::Display| Error::Unexpected(format!("write the proof: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["tabell", "nyckel", "matt", "orsak", "minst", "hogst", "bevis"]).map_err(|e| failed(&e))?;
    for cell in proof.cells() {
        let unit = match cell.unit {
            Unit::Deltaganden => "deltaganden",
            Unit::Personer => "personer",
        };
        let (low, high) = (cell.low.to_string(), cell.high.to_string());
        let (key, method) = (cell.key.join("/"), cell.method.name());
        let record = [cell.table.as_str(), &key, unit, cell.reason, &low, &high, method];
        writer.write_record(record).map_err(|e| failed(&e))?;
    }
    writer.into_inner().map_err(|e| failed(&e))
}

/// A mart in memory: keys as text, counts as numbers.
fn read(job: &Job, contract: &Arc<Contract>) -> Result<MartTable> {
    let mut rows = Vec::new();
    for batch in lake::read(&job.layer(Layer::Mart).join(format!("{}.parquet", contract.name)))? {
        let batch = batch?;
        let key: Vec<ArrayRef> =
            contract.key().iter().map(|column| text(&batch, contract, &column.name)).collect::<Result<_>>()?;
        let deltaganden = measure(&batch, contract, "deltaganden")?;
        let personer = measure(&batch, contract, "personer")?;
        for row in 0..batch.num_rows() {
            rows.push(MartRow {
                key: key.iter().map(|column| column.as_string::<i32>().value(row).to_owned()).collect(),
                deltaganden: deltaganden.as_primitive::<Int64Type>().value(row),
                personer: personer.as_primitive::<Int64Type>().value(row),
            });
        }
    }
    Ok(MartTable { contract: contract.clone(), rows })
}

fn text(batch: &RecordBatch, contract: &Contract, name: &str) -> Result<ArrayRef> {
    let broken = |reason: String| Error::Broken { table: contract.full_name(), reason };
    let column = batch.column_by_name(name).ok_or_else(|| broken(format!("{name} is missing")))?;
    let column = cast(column, &DataType::Utf8).map_err(|error| broken(error.to_string()))?;
    if column.null_count() > 0 {
        return Err(broken(format!("{name} is empty in a key")));
    }
    Ok(column)
}

fn measure(batch: &RecordBatch, contract: &Contract, measure: &str) -> Result<ArrayRef> {
    let broken = |reason: String| Error::Broken { table: contract.full_name(), reason };
    let column = contract.columns.iter().find(|column| column.custom_text("matt") == Some(measure));
    let column = column.ok_or_else(|| broken(format!("no column has the measure {measure}")))?;
    let column = batch.column_by_name(&column.name).ok_or_else(|| broken(format!("{} is missing", column.name)))?;
    cast(column, &DataType::Int64).map_err(|error| broken(error.to_string()))
}
