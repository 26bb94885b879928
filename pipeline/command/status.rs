//! `finsam status`: which release is in force, of which deliveries, what is wrong with them, and what has not come.

use super::print_json;
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::ingest::{Match, Overdue, Scan, overdue, reaches};
use crate::job;
use crate::layer::Layer;
use crate::publish;
use crate::receipt::{FaultLine, Receipt};
use crate::settings::Settings;
use crate::talk;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Serialize)]
struct Status {
    release: Option<String>,
    folder: Option<String>,
    deliveries: Vec<Line>,
    /// What should have come by today, and has not.
    overdue: Vec<Overdue>,
    unknown_folders: Vec<String>,
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
    let scan = Scan::of(&root.join(Layer::Deliveries.name()), catalogue)?;
    let receipts: Vec<Option<Receipt>> = scan
        .deliveries
        .iter()
        .map(|delivery| Receipt::read(&Receipt::path(&root.join("receipts"), delivery)))
        .collect();
    let in_force = receipts.iter().flatten().filter_map(|receipt| receipt.in_force());
    let in_force = in_force.filter_map(|of| Some((of.table.as_str(), of.scope.as_ref()?.period.till)));
    let overdue = overdue(catalogue, &reaches(&scan, in_force), today)?;
    let lines =
        scan.deliveries.iter().zip(&receipts).map(|(delivery, receipt)| {
            line(&delivery.contract.name, &delivery.uttagsdatum.to_string(), receipt.as_ref())
        });
    let current = publish::current(root);
    let status = Status {
        release: current.as_ref().map(|(run_id, _)| run_id.clone()),
        folder: current.map(|(_, folder)| folder.display().to_string()),
        deliveries: lines.collect(),
        overdue,
        unknown_folders: scan.strangers,
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
    for folder in &status.unknown_folders {
        text += &format!("deliveries/{folder} belongs to no contract\n");
    }
    for folder in &status.waiting_for_manifest {
        text += &format!("deliveries/{folder} has no leverans.yaml yet\n");
    }
    text
}
