//! The ledger of vintages: what has left the agency, and what was true when it did. Never removed.
//!
//! `proof/argangar/<vintage>/` holds `celler.parquet` (every row of every mart: its true counts, its status, and the
//! numbers that were shown where these were older ones) and `utgava.json` (of which run, approved by whom). It is
//! confidential. What a vintage showed stands for good: later ones are proven jointly with it.

use crate::contract::{Catalogue, Contract};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake::{self, Writer};
use crate::layer::Layer;
use crate::protect::{MartRow, MartTable, Rule, Seen, Status, Vintage};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FOLDER: &str = "argangar";
const CELLS: &str = "celler.parquet";
const EDITION: &str = "utgava.json";
/// Stands between codes of a key and between numbers; no code holds it.
const BETWEEN: char = '\u{1f}';

/// What is known of a vintage beside its cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub vintage: String,
    /// Its place in time, from 1.
    pub number: usize,
    pub run_id: String,
    pub uttagsdatum: String,
    pub approved_by: String,
    /// `slutlig` or `preliminar`.
    pub status: String,
    /// Mart → version of its contract, and its method where it is none that shows true counts.
    pub contracts: BTreeMap<String, String>,
}

/// The folder of the ledger.
pub fn folder(root: &Path) -> PathBuf {
    root.join(Layer::Proof.name()).join(FOLDER)
}

/// The approvals in the order in which they were given.
///
/// # Errors
/// [`Error::Io`] or [`Error::Unexpected`] where one cannot be read: then nothing may be approved.
pub fn approvals(root: &Path) -> Result<Vec<Approval>> {
    let folder = folder(root);
    let failed = |source| Error::Io { path: folder.clone(), source };
    let mut found: Vec<Approval> = Vec::new();
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        let path = path.join(EDITION);
        let text = fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let unread = |error| Error::Unexpected(format!("{} of the ledger cannot be read: {error}", path.display()));
        found.push(serde_json::from_str(&text).map_err(unread)?);
    }
    found.sort_by_key(|approval| approval.number);
    Ok(found)
}

/// The vintages with their cells, oldest first.
///
/// # Errors
/// [`Error::Disclosure`] where a mart's key or method has changed since: then its cells cannot be compared, and a new
/// vintage is not proven; [`Error::Parquet`] where cells cannot be read.
pub fn vintages(root: &Path, catalogue: &Catalogue, approvals: &[Approval]) -> Result<Vec<Vintage>> {
    let of = |approval: &Approval| {
        let path = folder(root).join(&approval.vintage).join(CELLS);
        let mut tables: BTreeMap<String, (MartTable, Vec<Seen>)> = BTreeMap::new();
        // A mart that had no rows is a mart all the same: relations name it.
        for name in approval.contracts.keys() {
            let contract = catalogue.contract(Layer::Mart, name)?.clone();
            tables.insert(name.clone(), (MartTable { contract, rows: Vec::new() }, Vec::new()));
        }
        for batch in lake::read(&path)? {
            take(&batch?, &path, &mut tables)?;
        }
        for (mart, (table, _)) in &tables {
            let now = version(&table.contract);
            let same = approval.contracts.get(mart).is_some_and(|then| kept(then) == kept(&now));
            if !same {
                let reason = format!("its key or method is not that of the vintage {}", approval.vintage);
                return Err(Error::Disclosure { table: format!("mart.{mart}"), reason });
            }
        }
        Ok(Vintage { name: approval.vintage.clone(), tables: tables.into_values().collect() })
    };
    approvals.iter().map(of).collect()
}

/// What two vintages of a mart must have in common: the first digit of the contract's version, and the method.
fn kept(version: &str) -> (Option<&str>, Option<&str>) {
    (version.split('.').next(), version.split_once('+').map(|(_, method)| method))
}

/// The version of a mart's contract, with the method where the counts in the ledger are not the true ones.
fn version(contract: &Contract) -> String {
    let is_rounded = contract.custom.contains_key("avrundning");
    match (contract.custom_text("metod"), is_rounded) {
        (Some("cellnyckel"), _) => format!("{}+cellnyckel", contract.version),
        (_, true) => format!("{}+avrundning", contract.version),
        _ => contract.version.clone(),
    }
}

fn take(batch: &RecordBatch, path: &Path, tables: &mut BTreeMap<String, (MartTable, Vec<Seen>)>) -> Result<()> {
    let broken = || Error::Parquet { path: path.to_owned(), reason: "it does not hold the cells of a vintage".into() };
    let text = |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>()).ok_or_else(broken);
    let number =
        |name: &str| batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).ok_or_else(broken);
    let (mart, key, status) = (text("mart")?, text("nyckel")?, text("status")?);
    let (deltaganden, personer) = (number("deltaganden")?, number("personer")?);
    let (further, kept) = (text("ovriga")?, text("kvar")?);
    let whole = |text: &str| -> Result<Vec<i64>> {
        let numbers = text.split(BETWEEN).filter(|part| !part.is_empty());
        numbers.map(|part| part.parse().map_err(|_| broken())).collect()
    };
    for row in 0..batch.num_rows() {
        let (table, seen) = tables.get_mut(mart.value(row)).ok_or_else(broken)?;
        table.rows.push(MartRow {
            key: key.value(row).split(BETWEEN).map(str::to_owned).collect(),
            deltaganden: deltaganden.value(row),
            personer: personer.value(row),
            further: whole(further.value(row))?,
        });
        let kept = match kept.is_null(row) {
            true => None,
            false => match whole(kept.value(row))?.as_slice() {
                [deltaganden, personer, further @ ..] => Some((*deltaganden, *personer, further.to_vec())),
                _ => return Err(broken()),
            },
        };
        seen.push(Seen { status: state(status.value(row)).ok_or_else(broken)?, kept });
    }
    Ok(())
}

const PUBLISHED: &str = "publicerad";
const SECONDARY: &str = "sekundar";
const HIDDEN: &str = "dold";

fn state(name: &str) -> Option<Status> {
    match name {
        PUBLISHED => Some(Status::Published),
        SECONDARY => Some(Status::Secondary),
        HIDDEN => Some(Status::Hidden),
        rule => Rule::named(rule).map(Status::Primary),
    }
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Published => PUBLISHED,
        Status::Secondary => SECONDARY,
        Status::Hidden => HIDDEN,
        Status::Primary(rule) => rule.name(),
    }
}

/// Writes a vintage down, whole or not at all.
///
/// # Errors
/// [`Error::Io`] or [`Error::Parquet`]; then the ledger is as it was.
pub fn enter(job: &Job, approval: &Approval, vintage: &Vintage) -> Result<()> {
    let target = folder(&job.root).join(&approval.vintage);
    let staging = folder(&job.root).join(format!(".{}", approval.vintage));
    let failed = |source| Error::Io { path: staging.clone(), source };
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(failed)?;
    }
    fs::create_dir_all(&staging).map_err(failed)?;
    let text = |name: &str, nullable: bool| Field::new(name, DataType::Utf8, nullable);
    let number = |name: &str| Field::new(name, DataType::Int64, false);
    let schema = Arc::new(Schema::new(vec![
        text("mart", false),
        text("nyckel", false),
        number("deltaganden"),
        number("personer"),
        text("ovriga", false),
        text("status", false),
        text("kvar", true),
    ]));
    let metadata = [("finsam.table", "proof.argangar"), ("finsam.run_id", approval.run_id.as_str())];
    let mut writer = Writer::create(&staging.join(CELLS), schema.clone(), &metadata)?;
    for (table, seen) in &vintage.tables {
        let batch = RecordBatch::try_new(schema.clone(), columns(table, seen));
        writer.write(&batch.map_err(|error| Error::Unexpected(format!("write the ledger: {error}")))?)?;
    }
    writer.finish()?;
    let text = serde_json::to_string_pretty(approval).map_err(|error| Error::Unexpected(error.to_string()))?;
    lake::write_file(&staging.join(EDITION), text.as_bytes())?;
    lake::sync_folder(&staging)?;
    lake::rename(&staging, &target)
}

fn columns(table: &MartTable, seen: &[Seen]) -> Vec<ArrayRef> {
    let joined = |numbers: &[i64]| numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(&BETWEEN.to_string());
    let kept = |seen: &Seen| {
        let (deltaganden, personer, further) = seen.kept.as_ref()?;
        Some(joined(&[&[*deltaganden, *personer], further.as_slice()].concat()))
    };
    let rows = &table.rows;
    let text = |of: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new((0..rows.len()).map(|row| Some(of(row))).collect::<StringArray>())
    };
    vec![
        text(&|_| table.contract.name.clone()),
        text(&|row| rows[row].key.join(&BETWEEN.to_string())),
        Arc::new(rows.iter().map(|row| row.deltaganden).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.personer).collect::<Int64Array>()),
        text(&|row| joined(&rows[row].further)),
        text(&|row| name(seen[row].status).to_owned()),
        Arc::new(seen.iter().map(kept).collect::<StringArray>()),
    ]
}

/// The versions of the marts' contracts, with their methods.
pub fn versions<'a>(contracts: impl Iterator<Item = &'a Arc<Contract>>) -> BTreeMap<String, String> {
    contracts.map(|contract| (contract.name.clone(), version(contract))).collect()
}
