//! `finsam status`: which release is in force, of which deliveries, what is wrong with them, what has not come, and
//! what is in force.

use super::print_json;
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::ingest::{Match, Omfattning, Overdue, Scan, overdue, reaches};
use crate::job;
use crate::lake;
use crate::layer::Layer;
use crate::publish;
use crate::receipt::{FaultLine, Receipt, Total};
use crate::settings::Settings;
use crate::talk;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Int32Type, Int64Type};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Serialize)]
struct Status {
    release: Option<String>,
    folder: Option<String>,
    deliveries: Vec<Line>,
    /// What should have come by today, and has not.
    overdue: Vec<Overdue>,
    /// `core.leverans`: what is in force for which table, period and population, by its columns.
    in_force: Vec<Map<String, Value>>,
    unknown_folders: Vec<String>,
    early_folders: Vec<String>,
    waiting_for_manifest: Vec<String>,
    past_retention: Vec<String>,
}

#[derive(Serialize)]
struct Line {
    table: String,
    uttagsdatum: String,
    /// `accepted`, `refused`, `older` (than what was in force when it came) or `not taken`.
    state: &'static str,
    rows: u64,
    kept: u64,
    outside: u64,
    left_out: u64,
    rejected: u64,
    noted: u64,
    /// The people of SUS, and those of them whom a register knows.
    matched: Option<Match>,
    /// Identity numbers of all rows, by what is known of them.
    numbers: BTreeMap<String, u64>,
    control_totals: BTreeMap<String, Total>,
    causes: Vec<String>,
    /// The felrapport, below the data root, where there is anything to tell.
    report: Option<String>,
}

pub fn status(root: &Path, catalogue: &Catalogue, idag: Option<NaiveDate>, json: bool) -> Result<u8> {
    if !root.is_dir() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such data root");
        return Err(Error::Io { path: root.to_owned(), source });
    }
    let today = idag.unwrap_or(job::today(&Settings::read(root)?));
    let scan = Scan::of(&root.join(Layer::Deliveries.name()), catalogue, today)?;
    let receipts: Vec<Option<Receipt>> = scan
        .deliveries
        .iter()
        .map(|delivery| Receipt::read(&Receipt::path(&root.join("receipts"), delivery)))
        .collect();
    let accepted = receipts.iter().flatten().filter_map(|receipt| receipt.in_force());
    let ends = accepted.filter_map(|of| Some((of.table.as_str(), of.scope.as_ref()?.period.till)));
    let overdue = overdue(catalogue, &reaches(&scan, ends), today)?;
    let lines =
        scan.deliveries.iter().zip(&receipts).map(|(delivery, receipt)| {
            line(&delivery.contract.name, &delivery.uttagsdatum.to_string(), receipt.as_ref())
        });
    let current = publish::current(root);
    let status = Status {
        release: current.as_ref().map(|(run_id, _)| run_id.clone()),
        folder: current.map(|(_, folder)| folder.display().to_string()),
        deliveries: lines.collect(),
        in_force: in_force(root)?,
        overdue,
        unknown_folders: scan.strangers,
        early_folders: scan.early,
        waiting_for_manifest: scan.waiting,
        past_retention: scan.retired,
    };
    if json {
        print_json(&status)?;
    } else {
        talk::data(&told(&status))?;
    }
    Ok(exit::DONE)
}

fn line(table: &str, uttagsdatum: &str, receipt: Option<&Receipt>) -> Line {
    let (table, uttagsdatum) = (table.to_owned(), uttagsdatum.to_owned());
    let Some(receipt) = receipt else {
        let state = "not taken";
        let (rows, kept, outside, left_out, rejected, noted) = (0, 0, 0, 0, 0, 0);
        let (matched, numbers, causes, report) = (None, BTreeMap::new(), Vec::new(), None);
        let control_totals = BTreeMap::new();
        return Line {
            table,
            uttagsdatum,
            state,
            rows,
            kept,
            outside,
            left_out,
            rejected,
            noted,
            matched,
            numbers,
            control_totals,
            causes,
            report,
        };
    };
    let causes = receipt.faults.iter().map(FaultLine::to_string);
    let report = (!receipt.faults.is_empty()).then(|| format!("faults/{table}/{uttagsdatum}.html"));
    Line {
        table,
        uttagsdatum,
        state: receipt.state(),
        rows: receipt.rows,
        kept: receipt.kept,
        outside: receipt.outside,
        left_out: receipt.left_out,
        rejected: receipt.rejected,
        noted: receipt.noted,
        matched: receipt.matched,
        numbers: receipt.numbers.clone(),
        causes: causes.collect(),
        report,
        control_totals: receipt.totals.clone(),
    }
}

/// The rows of `core.leverans`; none before the first night.
fn in_force(root: &Path) -> Result<Vec<Map<String, Value>>> {
    let path = root.join(Layer::Core.name()).join("leverans").join("leverans.parquet");
    let mut rows = Vec::new();
    if !path.exists() {
        return Ok(rows);
    }
    for batch in lake::read(&path)? {
        let batch = batch?;
        let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        for row in 0..batch.num_rows() {
            rows.push(names.iter().cloned().zip(batch.columns().iter().map(|column| cell(column, row))).collect());
        }
    }
    Ok(rows)
}

fn cell(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Date32 => column.as_primitive::<Date32Type>().value_as_date(row).map(|date| date.to_string()).into(),
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        _ => Value::Null,
    }
}

fn told(status: &Status) -> String {
    let mut text = match (&status.release, &status.folder) {
        (Some(release), Some(folder)) => format!("release in force: {release}\n  in {folder}\n"),
        _ => "no release is in force; `finsam run` makes one\n".to_owned(),
    };
    text += &format!(
        "\n{:<22} {:<11} {:<9} {:>10} {:>10} {:>10} {:>8} {:>8} {:>6}\n",
        "delivery", "uttag", "state", "rows", "kept", "outside", "left out", "rejected", "known"
    );
    for line in &status.deliveries {
        let known = line.matched.and_then(|matched| matched.promille());
        text += &format!(
            "{:<22} {:<11} {:<9} {:>10} {:>10} {:>10} {:>8} {:>8} {:>6}\n",
            line.table,
            line.uttagsdatum,
            line.state,
            line.rows,
            line.kept,
            line.outside,
            line.left_out,
            line.rejected,
            known.map_or(String::new(), |known| format!("{known} ‰"))
        );
        for (column, total) in &line.control_totals {
            text += &format!("    {column}: {}\n", reconciled(total));
        }
        for cause in &line.causes {
            text += &format!("    {cause}\n");
        }
        if let Some(report) = &line.report {
            text += &format!("    the felrapport is {report}\n");
        }
    }
    for overdue in &status.overdue {
        text += &format!("overdue: {overdue}\n    the felrapport is {}\n", overdue.report);
    }
    text += &told_in_force(&status.in_force);
    for folder in &status.unknown_folders {
        text += &format!("deliveries/{folder} belongs to no contract\n");
    }
    for folder in &status.early_folders {
        text += &format!("deliveries/{folder} is dated after today\n");
    }
    for folder in &status.waiting_for_manifest {
        text += &format!("deliveries/{folder} has no leverans.yaml yet\n");
    }
    text
}

fn reconciled(total: &Total) -> String {
    let sign = if total.agrees { "agrees" } else { "DIFFERS" };
    match (total.stated, total.found) {
        (Some(_), Some(found)) if total.agrees => format!("control total {found} {sign}"),
        (stated, Some(found)) => {
            let stated = stated.map_or("nothing".to_owned(), |stated| stated.to_string());
            format!("control total {sign}: stated {stated}, found {found}")
        }
        _ => format!("control total {sign}"),
    }
}

/// A line per table, delivery and period.
fn told_in_force(rows: &[Map<String, Value>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{:<22} {:<11} {:<11} {:<11} {}\n", "in force", "uttag", "from", "before", "of whom");
    for row in rows {
        let of = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
        let list = row.get("population_datum").and_then(Value::as_str).map(|date| format!(" {date}"));
        text += &format!(
            "{:<22} {:<11} {:<11} {:<11} {}{}{}\n",
            of("tabell_namn"),
            of("uttags_datum"),
            of("period_fran_datum"),
            of("period_till_datum"),
            of("population_kod"),
            list.unwrap_or_default(),
            if of("omfattning_kod") == Omfattning::Rattelse.code() { ", corrects" } else { "" }
        );
    }
    text
}
