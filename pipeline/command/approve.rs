//! `finsam approve`: a night's release leaves the agency as a vintage, proven jointly with every one before.
//! `finsam rollback`: an earlier release is in force again.

use super::print_json;
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::job::Job;
use crate::layer::Layer;
use crate::ledger::{self, Approval};
use crate::log::{Event, Reason};
use crate::protect::protect_after;
use crate::publish::{self, MANIFEST};
use crate::{proof, talk};
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// What is asked for.
pub struct Wanted<'a> {
    pub run_id: &'a str,
    pub vintage: &'a str,
    pub by: &'a str,
    pub is_preliminary: bool,
    pub json: bool,
}

#[derive(Serialize)]
struct Outcome<'a> {
    vintage: &'a str,
    run_id: &'a str,
    /// Vintages that it was proven with.
    earlier: usize,
    cells: usize,
    relations: usize,
    primary: usize,
    secondary: usize,
    /// Rows with another status than in the last vintage.
    changed: usize,
    seconds: f64,
    release: String,
}

pub fn approve(mut job: Job, wanted: &Wanted<'_>) -> Result<u8> {
    check_name(wanted.vintage)?;
    let by = Reason::parse(wanted.by)?;
    job.lock()?;
    job.begin("approve", Some(&by))?;
    job.end("approve", carry_out(&job, wanted))
}

/// Names of vintages are names of folders.
fn check_name(name: &str) -> Result<()> {
    let sound = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if sound && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() <= 30 {
        return Ok(());
    }
    Err(Error::Usage("name a vintage with small letters, digits and _, a letter first: ar2022".into()))
}

fn carry_out(job: &Job, wanted: &Wanted<'_>) -> Result<u8> {
    let began = Instant::now();
    let manifest = manifest_of(&job.root, &job.catalogue, wanted.run_id)?;
    let approvals = ledger::approvals(&job.root)?;
    let earlier: Vec<Approval> = approvals.iter().filter(|a| a.vintage != wanted.vintage).cloned().collect();
    let number = match approvals.iter().find(|a| a.vintage == wanted.vintage) {
        Some(same) if same.run_id != wanted.run_id => {
            return Err(Error::Asked {
                what: format!("approve {}: a vintage of this name has left the agency, of another run", wanted.vintage),
                hint: "what is published stands; give the new vintage another name".into(),
            });
        }
        // Killed between the ledger and the release: the same marts give the same bytes again.
        Some(same) => same.number,
        None => approvals.last().map_or(0, |last| last.number) + 1,
    };
    let before: Vec<Approval> = earlier.into_iter().filter(|a| a.number < number).collect();
    let history = ledger::vintages(&job.root, &job.catalogue, &before)?;
    let kept = proof::kept_marts(&job.root, wanted.run_id);
    let (mut marts, releases) = proof::marts(&job.catalogue, &kept)?;
    let settings = proof::settings(job.settings.threshold, &job.catalogue, &kept, wanted.is_preliminary)?;
    job.progress.begin("protect with every vintage before", None);
    let outcome = protect_after(&mut marts, &releases, &settings, &history)?;
    job.progress.end(&format!("{} cells with {} vintages before", outcome.proof.cell_count, history.len()));
    let text = |key: &str| manifest.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let approval = Approval {
        vintage: wanted.vintage.to_owned(),
        number,
        run_id: wanted.run_id.to_owned(),
        uttagsdatum: text("uttagsdatum"),
        approved_by: wanted.by.trim().to_owned(),
        status: if wanted.is_preliminary { "preliminar" } else { "slutlig" }.into(),
        contracts: ledger::versions(outcome.entry.tables.iter().map(|(table, _)| &table.contract)),
    };
    proof::write(job, wanted.vintage, &outcome.proof)?;
    if !approvals.iter().any(|a| a.vintage == wanted.vintage) {
        ledger::enter(job, &approval, &outcome.entry)?;
    }
    publish::vintage(job, &outcome, &approval, &manifest, &kept)?;
    job.log(&Event::Approved { vintage: wanted.vintage, run_id: wanted.run_id, changed: outcome.changed });
    tell(job, wanted, &outcome, history.len(), began)
}

fn tell(
    job: &Job,
    wanted: &Wanted<'_>,
    outcome: &crate::protect::Outcome,
    earlier: usize,
    began: Instant,
) -> Result<u8> {
    let release = job.layer(Layer::Release).join(wanted.vintage);
    let out = Outcome {
        vintage: wanted.vintage,
        run_id: wanted.run_id,
        earlier,
        cells: outcome.proof.cell_count,
        relations: outcome.proof.relation_count,
        primary: outcome.proof.primary_count,
        secondary: outcome.proof.secondary_count,
        changed: outcome.changed,
        seconds: began.elapsed().as_secs_f64(),
        release: release.display().to_string(),
    };
    if wanted.json {
        print_json(&out)?;
    } else {
        talk::line(&format!(
            "approved {} of {} in {}; proven with {earlier} vintages before; {} rows changed status",
            out.vintage, out.run_id, out.release, out.changed
        ));
    }
    Ok(exit::DONE)
}

/// The manifest of a release that was made by these rules.
///
/// # Errors
/// [`Error::Asked`] where there is none, or it was made by others.
pub(super) fn manifest_of(root: &Path, catalogue: &Catalogue, run_id: &str) -> Result<serde_json::Value> {
    let path = root.join(Layer::Release.name()).join(run_id).join(MANIFEST);
    let asked = |what: String| Error::Asked { what, hint: "`finsam status` names the release in force".into() };
    let is_plain = !run_id.is_empty() && run_id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let text = if is_plain { fs::read_to_string(&path).ok() } else { None };
    let text = text.ok_or_else(|| asked(format!("find the release {run_id}")))?;
    let manifest: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| Error::Unexpected(format!("{}: {error}", path.display())))?;
    if manifest.get("rules").and_then(|value| value.as_str()) != Some(catalogue.digest()) {
        return Err(Error::Asked {
            what: format!("protect {run_id} again: it was made by other contracts than these"),
            hint: "`finsam run`, and take the release of these rules; or give --rules those of then".into(),
        });
    }
    Ok(manifest)
}

/// Puts an earlier release in force; without a name, the newest one before that in force.
///
/// # Errors
/// [`Error::Asked`] where there is no such release, or it is not whole.
pub fn rollback(root: &Path, run_id: Option<&str>, reason: Option<&Reason>) -> Result<u8> {
    let _lock = crate::job::lock(root)?;
    let log = crate::log::Log::of(root);
    let overrides = &[];
    log.append(&Event::Start { command: "rollback", key_id: None, rules: "", overrides, reason }, crate::job::now())?;
    let outcome = publish::roll_back(root, run_id);
    let exit_code = outcome.as_ref().map_or_else(Error::exit_code, |_| exit::DONE);
    if let Ok((from, to)) = &outcome {
        log.append(&Event::RolledBack { from, to }, crate::job::now())?;
    }
    log.append(&Event::Stop { command: "rollback", exit_code }, crate::job::now())?;
    let (from, to) = outcome?;
    talk::line(&format!("{to} is in force, {from} is not; the next night publishes anew if its inputs differ from it"));
    Ok(exit::DONE)
}
