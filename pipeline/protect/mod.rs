//! Disclosure protection: which cells of a release are withheld, and the proof that this is enough.
//!
//! The claim (design §6): a reader who knows every number of the release, every relation between its cells
//! that the mart contracts declare, and that counts are whole and not negative, can bound no withheld cell
//! closer than the policy allows. Reading order: `rules` (what the contracts declare), `join` (one system of
//! all marts), `primary`, `choose` (which cells beside them; `search` finds circuits along `lines`, `program`
//! moves many cells at once), `audit` (the proof; `linear` where whole-number witnesses do not reach), `release` (the
//! tables that writers are given).
//!
//! A mart may instead be perturbed by cell key or rounded (`treatment`, `cell_key`, `inexact`); it then takes no part
//! in the system, and nothing of it is withheld.
//!
//! What is not here: no reading or writing, no person rows.

mod audit;
mod cell_key;
mod change;
mod choose;
mod desk;
mod displayed;
mod graph;
mod hidden;
mod improve;
mod inexact;
mod jj;
mod join;
mod joint_pattern;
mod known;
mod linear;
mod lines;
mod measure;
mod members;
mod pattern;
mod primary;
mod program;
mod proof;
mod prune;
mod release;
mod rules;
mod search;
mod system;
mod table;
mod treatment;
mod value;
mod vintage;

#[cfg(test)]
mod tests;

pub use audit::{AuditReport, Interval, Method, audit};
pub use choose::{Choice, choose};
pub use displayed::Mark;
pub use jj::Jj;
pub use join::{Codes, Groups};
pub use joint_pattern::{JointPattern, WithheldCount};
pub use measure::{decimals, shown};
pub use pattern::{Need, Rule, Status, Witnesses, need};
pub use proof::{Proof, ProofCell};
pub use release::{ProtectedRow, ProtectedTable};
pub use rules::threshold;
pub use system::{Cell, Relation, Sense, Shift, Step, System, Term, Unit};
pub use table::{MartRow, MartTable, further};
pub use value::{Missing, PUBLISHED, Value};
pub use vintage::{Seen, Vintage};

use crate::contract::Contract;
use crate::error::{Error, Result};
use displayed::Displayed;
use join::Joint;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use table::Sheet;
use vintage::Timeline;

/// What the settings and the code lists say about protection.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Persons; raises the contracts' thresholds, never lowers them. 0 leaves them.
    pub threshold_min: i64,
    pub codes: Codes,
    /// Whether the figures are marked as preliminary.
    pub is_preliminary: bool,
}

/// The tables that may be shown. Only [`protect`] makes it; it is the only thing that a writer takes.
#[derive(Clone, Debug)]
pub struct Protected {
    tables: Vec<ProtectedTable>,
}

impl Protected {
    /// In the order of the release contracts.
    pub fn tables(&self) -> &[ProtectedTable] {
        &self.tables
    }
}

/// Protects all marts of a release together and proves it.
///
/// # Errors
/// [`Error::Disclosure`] where a withheld cell could be bounded closer than the policy allows,
/// [`Error::Broken`] where the marts do not keep the relations that they declare, [`Error::Contract`] where a
/// declaration cannot be used.
pub fn protect(
    mut marts: Vec<MartTable>,
    release: &[Arc<Contract>],
    settings: &Settings,
) -> Result<(Protected, Proof)> {
    let Outcome { protected, proof, .. } = protect_after(&mut marts, release, settings, &[])?;
    Ok((protected, proof))
}

/// What became of the marts of a vintage.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub protected: Protected,
    pub proof: Proof,
    /// What the ledger is to remember, without a name.
    pub entry: Vintage,
    /// Rows whose status differs from that in the last vintage that has them.
    pub changed: usize,
}

/// Protects all marts of a release together with everything that was published before, oldest vintage first.
///
/// # Errors
/// As [`protect`].
pub fn protect_after(
    marts: &mut Vec<MartTable>,
    release: &[Arc<Contract>],
    settings: &Settings,
    history: &[Vintage],
) -> Result<Outcome> {
    let Solved { joint, time, status, report } = solve_jointly(marts, release, settings, history)?;
    let proof = Proof::new(&joint, &time, &status, &report);
    refuse_open(&proof, &report)?;
    let seen = Displayed::new(&joint, &time, &status, settings.is_preliminary);
    let tables = release.iter().map(|contract| release::table(contract, &joint, &seen)).collect::<Result<_>>()?;
    let entry = vintage::entry(&joint, &seen);
    let changed = seen.changed(&joint);
    Ok(Outcome { protected: Protected { tables }, proof, entry, changed })
}

/// The joint system of a release and of every vintage before it, with the pattern that is chosen for it and what is
/// proven of each withheld cell: for other auditors. Safe or not, it is handed out.
///
/// # Errors
/// As [`protect`], but for [`Error::Disclosure`].
pub fn pattern_after(
    marts: &mut Vec<MartTable>,
    release: &[Arc<Contract>],
    settings: &Settings,
    history: &[Vintage],
) -> Result<JointPattern> {
    let Solved { joint, time, status, report } = solve_jointly(marts, release, settings, history)?;
    Ok(JointPattern::new(&joint, &time, &status, &report))
}

/// A release and all vintages before it as one system, with its pattern and what was found of it.
struct Solved {
    joint: Joint,
    time: Timeline,
    status: Vec<Status>,
    report: AuditReport,
}

fn solve_jointly(
    marts: &mut Vec<MartTable>,
    release: &[Arc<Contract>],
    settings: &Settings,
    history: &[Vintage],
) -> Result<Solved> {
    marts.sort_by(|a, b| a.contract.name.cmp(&b.contract.name));
    let mut sheets: Vec<Sheet> = Vec::with_capacity(marts.len());
    for mart in std::mem::take(marts) {
        let first = sheets.last().map_or(0, |sheet| sheet.first + sheet.rows.len());
        sheets.push(Sheet::new(mart, settings.threshold_min, first)?);
    }
    inexact::replace_counts(&mut sheets, &settings.codes)?;
    let mut tables: BTreeMap<&str, Vec<&Contract>> = BTreeMap::new();
    for contract in release {
        tables.entry(contract.custom_text("mart").unwrap_or_default()).or_default().push(contract);
    }
    let shown = |sheet: &Sheet, row: usize| {
        tables.get(sheet.name()).is_some_and(|of| of.iter().any(|contract| release::shows(contract, sheet, row)))
    };
    let mut joint = Joint::new(sheets, &shown, &settings.codes)?;
    let primary = primary::primary(&mut joint)?;
    let time = match history {
        [] => vintage::alone(&joint, primary),
        _ => vintage::together(&joint, &primary, history, settings.threshold_min, &settings.codes)?,
    };
    let (status, report) = solve(&time.system, time.status.clone());
    Ok(Solved { joint, time, status, report })
}

/// Nothing is published while a count can be bounded too closely: of this release, of an earlier one, or of what
/// changed between them.
fn refuse_open(proof: &Proof, report: &AuditReport) -> Result<()> {
    let count = report.unsafe_cells().count();
    let refused = |table: &str, reason: String| Err(Error::Disclosure { table: table.to_owned(), reason });
    match proof.cells().iter().find(|cell| !cell.safe) {
        Some(open) => refused(
            &open.table,
            format!("{count} counts can be bounded too closely, the first withheld as {}", open.reason),
        ),
        None if count > 0 => refused(
            "earlier vintages",
            format!("{count} counts of theirs, or changes since, can be bounded too closely"),
        ),
        None => Ok(()),
    }
}

/// Adds secondary cells to a pattern of primary ones, and proves it.
pub fn solve(system: &System, primary: Vec<Status>) -> (Vec<Status>, AuditReport) {
    by_component(system, primary, |part, status| {
        let choice = choose(part, status);
        let report = audit(part, &choice.status, &choice.witnesses);
        (choice.status, report)
    })
}

/// Proves a pattern as it is, by witnesses and, where they do not reach, by programs; `exactly` solves for every cell.
pub fn prove(system: &System, status: Vec<Status>, exactly: bool) -> AuditReport {
    let (_, report) = by_component(system, status, |part, status| {
        let report =
            if exactly { audit::exact(part, &status) } else { audit(part, &status, &Witnesses::new(part.cells.len())) };
        (status, report)
    });
    report
}

/// Works component by component: what does not hang together needs no common proof.
fn by_component(
    system: &System,
    primary: Vec<Status>,
    work_on: impl Fn(&System, Vec<Status>) -> (Vec<Status>, AuditReport) + Sync,
) -> (Vec<Status>, AuditReport) {
    let mut components = system.components(|_| true);
    // Where nothing is withheld there is nothing to prove.
    components.retain(|cells| cells.iter().any(|&cell| primary[cell].withheld()));
    let next = AtomicUsize::new(0);
    let solved = Mutex::new(Vec::with_capacity(components.len()));
    let work = || {
        while let Some(cells) = components.get(next.fetch_add(1, Ordering::Relaxed)) {
            let part = system.part(cells);
            let (status, report) = work_on(&part, cells.iter().map(|&cell| primary[cell]).collect());
            solved.lock().unwrap_or_else(PoisonError::into_inner).push((cells, status, report));
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads.min(components.len())).for_each(|_| {
            scope.spawn(work);
        });
    });
    let mut solved = solved.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Threads finish in any order; the report does not show it.
    solved.sort_by_key(|(cells, ..)| cells.first().copied());
    let (mut status, mut whole) = (primary.clone(), AuditReport::default());
    for (cells, part, report) in solved {
        cells.iter().zip(part).for_each(|(&cell, state)| status[cell] = state);
        let intervals = report.intervals.into_iter().map(|i| Interval { cell: cells[i.cell], ..i });
        whole.intervals.extend(intervals);
        whole.protects.extend(report.protects.iter().map(|(&a, &b)| (cells[a], cells[b])));
        whole.witness_count += report.witness_count;
        whole.program_count += report.program_count;
    }
    whole.intervals.sort_by_key(|interval| interval.cell);
    (status, whole)
}
