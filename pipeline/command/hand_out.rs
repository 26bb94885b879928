//! `finsam audit --release`: our own pattern for another auditor. Nothing is protected again in another way: the same
//! marts, settings and vintages give the same pattern as when the release was made.

use super::approve::manifest_of;
use super::print_json;
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::layer::Layer;
use crate::ledger::{self, Approval};
use crate::protect::{Jj, JointPattern, Unit, WithheldCount, pattern_after};
use crate::settings::Settings;
use crate::{job, lake, proof, talk};
use serde::Serialize;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const SYSTEM: &str = "system.jj";
const COUNTS: &str = "tal.csv";

#[derive(Serialize)]
struct Outcome<'a> {
    release: &'a str,
    run_id: &'a str,
    /// Vintages that are part of the system.
    earlier: usize,
    cells: usize,
    relations: usize,
    /// Withheld counts, deltaganden and persons each for itself.
    withheld: usize,
    not_safe: usize,
}

/// Writes the joint system of a release or vintage and the intervals that we hold proven; confidential, for it holds
/// every true count. Exit code 13 where one is not safe.
///
/// # Errors
/// [`Error::Asked`] where there is no such release, its marts are gone, or it is to be written among releases,
/// [`Error::Locked`] where a run is under way.
pub fn hand_out(root: &Path, catalogue: &Catalogue, name: &str, folder: &Path, json: bool) -> Result<u8> {
    job::require_stillness(root)?;
    make_private(root, folder)?;
    let settings = Settings::read(root)?;
    let approvals = ledger::approvals(root)?;
    let vintage = approvals.iter().find(|approval| approval.vintage == name);
    let run_id = vintage.map_or(name, |approval| approval.run_id.as_str());
    manifest_of(root, catalogue, run_id)?;
    // A night's release is internal, and proven by itself.
    let before: Vec<Approval> = match vintage {
        Some(vintage) => approvals.iter().filter(|a| a.number < vintage.number).cloned().collect(),
        None => Vec::new(),
    };
    let history = ledger::vintages(root, catalogue, &before)?;
    let kept = proof::kept_marts(root, run_id);
    let (mut marts, releases) = proof::marts(catalogue, &kept)?;
    // That figures are preliminary is a mark beside them; the pattern is the same.
    let settings = proof::settings(settings.threshold, catalogue, &kept, false)?;
    let JointPattern { jj, counts } = pattern_after(&mut marts, &releases, &settings, &history)?;
    lake::write_file(&folder.join(SYSTEM), Jj::write(&jj.system, &jj.status).as_bytes())?;
    lake::write_file(&folder.join(COUNTS), &written(&counts)?)?;
    let not_safe = counts.iter().filter(|count| !count.safe).count();
    let (cells, relations) = (jj.system.cells.len(), jj.system.relations.len());
    let out =
        Outcome { release: name, run_id, earlier: before.len(), cells, relations, withheld: counts.len(), not_safe };
    if json {
        print_json(&out)?;
    } else {
        talk::line(&format!(
            "{cells} cells, {relations} relations, {} vintages before; {} withheld counts, {not_safe} not safe; in {}",
            out.earlier,
            out.withheld,
            folder.display()
        ));
    }
    Ok(if not_safe == 0 { exit::DONE } else { exit::DISCLOSURE })
}

/// Makes the folder, for its owner alone; never where releases are.
fn make_private(root: &Path, folder: &Path) -> Result<()> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    let releases = root.join(Layer::Release.name());
    let refuse_among = |place: Option<PathBuf>| match place.zip(releases.canonicalize().ok()) {
        Some((place, releases)) if place.starts_with(&releases) => Err(Error::Asked {
            what: "write every true count among releases".into(),
            hint: "name a folder that only those may read who may read proof/".into(),
        }),
        _ => Ok(()),
    };
    // Nothing is made where it may not be, and what was made may still be elsewhere than its name says.
    let whole = std::path::absolute(folder).map_err(failed)?;
    refuse_among(whole.ancestors().find_map(|place| place.canonicalize().ok()))?;
    fs::create_dir_all(folder).map_err(failed)?;
    refuse_among(folder.canonicalize().ok())?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(failed)
}

fn written(counts: &[WithheldCount]) -> Result<Vec<u8>> {
    let failed = |error: &dyn std::fmt::Display| Error::Unexpected(format!("write {COUNTS}: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header =
        ["nummer", "tabell", "nyckel", "matt", "orsak", "ned", "upp", "bredd", "minst", "hogst", "bevis", "sakert"];
    writer.write_record(header).map_err(|e| failed(&e))?;
    for count in counts {
        let unit = match count.unit {
            Unit::Deltaganden => "deltaganden",
            Unit::Personer => "personer",
        };
        let (table, key) = count.place.as_ref().map_or(("", ""), |(table, key)| (table.as_str(), key.as_str()));
        let numbers = [count.need.down, count.need.up, count.need.width, count.low, count.high];
        let [down, up, width, low, high] = numbers.map(|number| number.to_string());
        let number = count.number.to_string();
        let safe = if count.safe { "ja" } else { "nej" };
        let method = count.method.name();
        let record = [number.as_str(), table, key, unit, count.reason, &down, &up, &width, &low, &high, method, safe];
        writer.write_record(record).map_err(|e| failed(&e))?;
    }
    writer.into_inner().map_err(|e| failed(&e))
}
