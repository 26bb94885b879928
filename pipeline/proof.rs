//! From mart to proof: reads the unprotected counts, has them protected, and writes down what was withheld and why.
//!
//! `proof/<run-id>/` is confidential: it says how closely a withheld cell can be bounded.

use crate::contract::{Catalogue, Contract};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::log::Event;
use crate::protect::{Codes, MartRow, MartTable, Proof, Settings, Unit, further, protect};
use crate::stage::Night;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// # Errors
/// [`Error::Disclosure`] where it cannot be proven that no one is revealed: then nothing is published.
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    job.progress.begin("protect", None);
    let folder = job.layer(Layer::Mart);
    let (marts, releases) = marts(&job.catalogue, &folder)?;
    let (protected, proof) =
        protect(marts, &releases, &settings(job.settings.threshold, &job.catalogue, &folder, false)?)?;
    keep_marts(job, &night.run_id)?;
    write(job, &night.run_id, &proof)?;
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

/// The marts of a folder that releases show, and the contracts of these.
///
/// # Errors
/// [`Error::Contract`] where a release names no mart, [`Error::Broken`] where a mart is not as its contract says.
pub fn marts(catalogue: &Catalogue, folder: &Path) -> Result<(Vec<MartTable>, Vec<Arc<Contract>>)> {
    let mut releases: Vec<Arc<Contract>> = Vec::new();
    let mut marts: Vec<MartTable> = Vec::new();
    for contract in catalogue.layer(Layer::Release) {
        let name = contract.custom_text("mart").ok_or_else(|| contract.fault("mart is not named"))?;
        releases.push(contract.clone());
        if !marts.iter().any(|mart| mart.contract.name == name) {
            marts.push(read(folder, catalogue.contract(Layer::Mart, name)?)?);
        }
    }
    Ok((marts, releases))
}

/// What settings, code lists and the names of areas say about protection.
///
/// # Errors
/// As [`marts`].
pub fn settings(threshold_min: i64, catalogue: &Catalogue, folder: &Path, is_preliminary: bool) -> Result<Settings> {
    Ok(Settings { threshold_min, codes: codes(catalogue, folder)?, is_preliminary })
}

/// Where the marts of a run are kept, for the day when it is approved.
pub fn kept_marts(root: &Path, run_id: &str) -> PathBuf {
    root.join(Layer::Proof.name()).join(run_id).join(Layer::Mart.name())
}

fn keep_marts(job: &Job, run_id: &str) -> Result<()> {
    let (from, to) = (job.layer(Layer::Mart), kept_marts(&job.root, run_id));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    fs::create_dir_all(&to).map_err(failed(&to))?;
    for entry in fs::read_dir(&from).map_err(failed(&from))? {
        let path = entry.map_err(failed(&from))?.path();
        if let (Some(name), Some("parquet")) = (path.file_name(), path.extension().and_then(|e| e.to_str())) {
            let bytes = fs::read(&path).map_err(failed(&path))?;
            lake::write_file(&to.join(name), &bytes)?;
        }
    }
    Ok(())
}

/// Writes a proof down, under the name of its run or vintage.
///
/// # Errors
/// [`Error::Io`] where it cannot be written.
pub fn write(job: &Job, name: &str, proof: &Proof) -> Result<()> {
    lake::write_file(&job.layer(Layer::Proof).join(name).join("undertryckning.csv"), &written(proof)?)
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

/// What the code lists and `mart.omrade` say about how codes hang together.
///
/// # Errors
/// As [`marts`].
pub fn codes(catalogue: &Catalogue, folder: &Path) -> Result<Codes> {
    let pairs = |list: &str, column: &str| -> Result<BTreeMap<String, String>> {
        let list = catalogue.code_list(list)?;
        let pairs = list.further(column)?.filter(|(_, further)| !further.is_empty());
        Ok(pairs.map(|(code, further)| (code.to_owned(), further.to_owned())).collect())
    };
    let mut codes = Codes { groups: pairs("forsorjning", "grupp_kod")?, ..Codes::default() };
    for contract in catalogue.layer(Layer::Mart) {
        for (column, division) in divisions(contract) {
            let list = contract.column(column).and_then(|column| column.code_list.as_deref());
            let list = list.ok_or_else(|| contract.fault(format!("{column} has no code list to divide it")))?;
            let name = (contract.name.clone(), column.to_owned(), division.to_owned());
            codes.divisions.insert(name, pairs(list, division)?);
        }
    }
    let omrade = catalogue.contract(Layer::Mart, "omrade")?;
    for batch in lake::read(&folder.join("omrade.parquet"))? {
        let batch = batch?;
        let [level, area, upper] = ["niva_kod", "omrade_kod", "del_av_kod"].map(|name| text(&batch, omrade, name));
        let (level, area, upper) = (level?, area?, upper?);
        let at = |column: &ArrayRef, row: usize| column.as_string::<i32>().value(row).to_owned();
        codes.upper.extend((0..batch.num_rows()).map(|r| ((at(&level, r), at(&area, r)), at(&upper, r))));
    }
    Ok(codes)
}

/// The columns of a mart whose codes are divided, and the column of their code list that divides them.
fn divisions(contract: &Contract) -> impl Iterator<Item = (&str, &str)> {
    let relations = contract.custom.get("relationer").and_then(|value| value.as_sequence()).into_iter().flatten();
    relations.filter_map(|one| Some((one.get("kolumn")?.as_str()?, one.get("uppdelning")?.as_str()?)))
}

/// Every withheld count with its reason and proven interval.
fn written(proof: &Proof) -> Result<Vec<u8>> {
    let failed = |error: &dyn std::fmt::Display| Error::Unexpected(format!("write the proof: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["tabell", "nyckel", "matt", "orsak", "skyddar", "minst", "hogst", "bevis"])
        .map_err(|e| failed(&e))?;
    for cell in proof.cells() {
        let unit = match cell.unit {
            Unit::Deltaganden => "deltaganden",
            Unit::Personer => "personer",
        };
        let (low, high) = (cell.low.to_string(), cell.high.to_string());
        let (key, method) = (cell.key.join("/"), cell.method.name());
        let protects = cell.protects.as_deref().unwrap_or_default();
        let record = [cell.table.as_str(), &key, unit, cell.reason, protects, &low, &high, method];
        writer.write_record(record).map_err(|e| failed(&e))?;
    }
    writer.into_inner().map_err(|e| failed(&e))
}

/// A mart in memory: keys as text, counts as numbers.
fn read(folder: &Path, contract: &Arc<Contract>) -> Result<MartTable> {
    let mut rows = Vec::new();
    for batch in lake::read(&folder.join(format!("{}.parquet", contract.name)))? {
        let batch = batch?;
        let key: Vec<ArrayRef> =
            contract.key().iter().map(|column| text(&batch, contract, &column.name)).collect::<Result<_>>()?;
        let (deltaganden, personer) = counts(&batch, contract)?;
        let further: Vec<ArrayRef> =
            further(contract).map(|column| numbers(&batch, contract, &column.name)).collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            rows.push(MartRow {
                key: key.iter().map(|column| column.as_string::<i32>().value(row).to_owned()).collect(),
                deltaganden: deltaganden.as_ref().map_or(0, |d| d.as_primitive::<Int64Type>().value(row)),
                personer: personer.as_ref().map_or(0, |p| p.as_primitive::<Int64Type>().value(row)),
                further: further.iter().map(|column| column.as_primitive::<Int64Type>().value(row)).collect(),
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

/// Deltaganden and personer; of amounts, the amount for both; of an open mart, neither.
fn counts(batch: &RecordBatch, contract: &Contract) -> Result<(Option<ArrayRef>, Option<ArrayRef>)> {
    let of = |matt: &str| {
        let column = contract.columns.iter().find(|column| column.custom_text("matt") == Some(matt));
        let missing =
            || Error::Broken { table: contract.full_name(), reason: format!("no column has the measure {matt}") };
        numbers(batch, contract, &column.ok_or_else(missing)?.name).map(Some)
    };
    match contract.custom_text("skydd") {
        Some("oppet") => Ok((None, None)),
        Some("belopp") => Ok((of("belopp")?, of("belopp")?)),
        _ => Ok((of("deltaganden")?, of("personer")?)),
    }
}

fn numbers(batch: &RecordBatch, contract: &Contract, name: &str) -> Result<ArrayRef> {
    let broken = |reason: String| Error::Broken { table: contract.full_name(), reason };
    let column = batch.column_by_name(name).ok_or_else(|| broken(format!("{name} is missing")))?;
    let column = cast(column, &DataType::Int64).map_err(|error| broken(error.to_string()))?;
    if column.null_count() > 0 {
        return Err(broken(format!("{name} is empty in a measure")));
    }
    Ok(column)
}
