//! `finsam gc`: what is past its retention, and with `--yes` its removal.

use super::print_json;
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::job;
use crate::log::{Event, Log, Override, Reason};
use crate::retention::{Past, made_of, past, remove, retire};
use crate::settings::Settings;
use crate::talk;
use chrono::NaiveDate;
use clap::Args;
use std::path::Path;

/// What is asked for.
#[derive(Args)]
pub struct Wanted {
    /// Remove what is listed; without it nothing is touched.
    #[arg(long)]
    yes: bool,
    /// Also the deliveries themselves, as they were handed in.
    #[arg(long)]
    leveranser: bool,
    /// Count from this day; else idag in finsam.toml, else today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    idag: Option<NaiveDate>,
    /// Why, for the log.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[arg(long)]
    json: bool,
}

pub fn gc(root: &Path, catalogue: &Catalogue, wanted: &Wanted) -> Result<u8> {
    if !root.is_dir() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such data root");
        return Err(Error::Io { path: root.to_owned(), source });
    }
    let reason = wanted.reason.as_deref().map(Reason::parse).transpose()?;
    let named = wanted.idag.or(Settings::read(root)?.idag);
    let today = named.unwrap_or_else(|| job::now().date_naive());
    let _lock = job::lock(root)?;
    let past = past(root, catalogue, today, wanted.leveranser)?;
    if wanted.yes && !past.is_empty() {
        let mut overrides = Vec::new();
        overrides.extend(named.map(|day| Override::Today { day }));
        overrides.extend(wanted.leveranser.then_some(Override::Deliveries));
        overrides.extend(catalogue.is_of_folder().then_some(Override::Rules));
        let (key_id, rules) = (None, catalogue.digest());
        let log = |event: &Event<'_>| Log::of(root).append(event, job::now()).map(drop);
        log(&Event::Start { command: "gc", key_id, rules, overrides: &overrides, reason: reason.as_ref() })?;
        let outcome = carry_out(root, &past, &log);
        let exit_code = outcome.as_ref().map_or_else(Error::exit_code, |()| exit::DONE);
        log(&Event::Stop { command: "gc", exit_code })?;
        outcome?;
    }
    tell(&past, wanted)
}

fn carry_out(root: &Path, past: &[Past], log: &dyn Fn(&Event<'_>) -> Result<()>) -> Result<()> {
    retire(root, past)?;
    for (layer, files) in made_of(root, past)? {
        files.iter().try_for_each(|file| remove(file))?;
        log(&Event::RemovedTables { layer, files: files.len() })?;
    }
    for one in past {
        one.files.iter().chain(&one.delivery).try_for_each(|path| remove(path))?;
        let (contract, uttagsdatum) = (one.contract.as_str(), one.uttagsdatum);
        log(&Event::Removed { contract, uttagsdatum, files: one.files.len(), delivery: one.delivery.is_some() })?;
    }
    Ok(())
}

fn tell(past: &[Past], wanted: &Wanted) -> Result<u8> {
    if wanted.json {
        print_json(&past)?;
        return Ok(exit::DONE);
    }
    let lines = past.iter().map(|one| {
        let delivery = if one.delivery.is_some() { " and the delivery" } else { "" };
        format!("{:<22} {}  due {}: {} files{delivery}\n", one.contract, one.uttagsdatum, one.due, one.files.len())
    });
    talk::data(&lines.collect::<String>())?;
    let said = match (past.is_empty(), wanted.yes) {
        (true, _) => "nothing is past its retention",
        (false, false) => "nothing was touched; --yes removes it, with every derived table, which the next run remakes",
        (false, true) => "removed; the next run makes what is left of it",
    };
    talk::line(said);
    Ok(exit::DONE)
}
