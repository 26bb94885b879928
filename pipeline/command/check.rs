//! `finsam check`: a supplier's or operator's look at a delivery before it is handed in. Nothing is written or kept.

use super::print_json;
use crate::contract::{Catalogue, Contract, Severity};
use crate::error::{Error, Result, exit};
use crate::ingest::{Intake, MANIFEST, check_files, write_felrapport};
use crate::layer::Layer;
use crate::receipt::Receipt;
use crate::talk;
use chrono::NaiveDate;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Serialize)]
struct Outcome {
    contract: String,
    accepted: bool,
    rows: u64,
    rejected: u64,
    noted: u64,
    files: Vec<File>,
    faults: Vec<crate::receipt::FaultLine>,
}

#[derive(Serialize)]
struct File {
    file: String,
    rows: u64,
    rejected: u64,
    noted: u64,
    /// The rule that stops it, if one does.
    stopped: Option<&'static str>,
}

pub fn check(
    catalogue: &Catalogue,
    files: &[PathBuf],
    contract: Option<String>,
    uttagsdatum: Option<NaiveDate>,
    felrapport: Option<&Path>,
    json: bool,
) -> Result<u8> {
    let (stated, files): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|file| file.ends_with(MANIFEST));
    let stated = stated.first().map(|manifest| manifest.with_file_name(""));
    // A folder with nothing but leverans.yaml is named by it.
    let (named, files) = match (&stated, files.is_empty()) {
        (Some(folder), true) => (vec![folder.join(MANIFEST)], files),
        _ => (files.clone(), files),
    };
    for path in &files {
        let readable = std::fs::File::open(path).and_then(|file| file.metadata());
        let source = match readable {
            Ok(meta) if meta.is_file() => continue,
            Ok(_) => std::io::Error::other("it is no file"),
            Err(error) => error,
        };
        return Err(Error::Input { path: path.clone(), source });
    }
    let (contract, uttagsdatum) = place(catalogue, &named, contract, uttagsdatum)?;
    let (names, intake) = check_files(catalogue, &contract, &files, uttagsdatum, stated.as_deref())?;
    if let Some(folder) = felrapport {
        let written = write_felrapport(folder, catalogue, &contract, uttagsdatum, &intake)?;
        talk::line(&format!("felrapport: {}", written.display()));
    }
    let outcome = Outcome {
        contract: contract.name.clone(),
        accepted: intake.is_accepted(),
        rows: intake.rows,
        rejected: intake.rejected,
        noted: intake.faults.total(Severity::Note),
        files: names.iter().map(|name| found(&intake, name)).collect(),
        faults: Receipt::lines(&intake.faults),
    };
    if json {
        print_json(&outcome)?;
    } else {
        let mut text = intake.faults.to_string();
        for file in outcome.files.iter().filter(|_| outcome.files.len() > 1) {
            text += &match file.stopped {
                Some(rule) => format!("{}: cannot be taken ({rule}); {} rows read\n", file.file, file.rows),
                None => {
                    format!("{}: {} rows, {} rejected, {} noted\n", file.file, file.rows, file.rejected, file.noted)
                }
            };
        }
        let word = if outcome.accepted { "would be accepted" } else { "would be refused" };
        let Outcome { contract, rows, rejected, .. } = &outcome;
        talk::data(&format!("{text}{contract}: {word}; {rows} rows, {rejected} rejected\n"))?;
    }
    Ok(if outcome.accepted { exit::DONE } else { exit::DELIVERY_REFUSED })
}

/// What was found in one of the files.
fn found(intake: &Intake, name: &str) -> File {
    let tally = intake.files.iter().find(|tally| tally.name == name);
    let own = || intake.faults.iter().filter(|(place, _)| place.file == name);
    let stopped = own().find(|(_, count)| count.severity == Severity::Stop);
    File {
        file: name.to_owned(),
        rows: tally.map_or(0, |tally| tally.rows),
        rejected: tally.map_or(0, |tally| tally.rejected),
        noted: own().filter(|(_, count)| count.severity == Severity::Note).map(|(_, count)| count.faults).sum(),
        stopped: stopped.map(|(place, _)| place.rule.code()),
    }
}

/// Contract and date as named, or as the folders `<contract>/<uttagsdatum>/` say.
fn place(
    catalogue: &Catalogue,
    files: &[PathBuf],
    contract: Option<String>,
    uttagsdatum: Option<NaiveDate>,
) -> Result<(Arc<Contract>, NaiveDate)> {
    let folder = |above: usize| {
        let path = files.first()?.canonicalize().ok()?;
        Some(path.ancestors().nth(above)?.file_name()?.to_string_lossy().into_owned())
    };
    let date = uttagsdatum.or_else(|| folder(1)?.parse().ok());
    let date = date.ok_or_else(|| Error::Usage("check: name the date of extraction with --uttagsdatum".into()))?;
    let name = contract.or_else(|| folder(2)).unwrap_or_default();
    let found = catalogue.contract(Layer::Deliveries, &name).map_err(|_| {
        let near = catalogue
            .layer(Layer::Deliveries)
            .max_by(|a, b| strsim::jaro(&a.name, &name).total_cmp(&strsim::jaro(&b.name, &name)));
        let near = near.map_or("", |contract| contract.name.as_str());
        Error::Usage(format!("check: {name:?} is no contract; name one with --contract, for example {near}"))
    })?;
    Ok((found.clone(), date))
}
