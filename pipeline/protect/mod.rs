//! Disclosure protection: which cells of a release are withheld, and the proof that this is enough.
//!
//! The claim (design §6): a reader who knows every number of the release, every relation between its cells
//! that the mart contracts declare, and that counts are whole and not negative, can bound no withheld cell
//! closer than the policy allows. Reading order: `rules` (what the contracts declare), `join` (one system of
//! all marts), `primary`, `choose` (which cells beside them; `search` finds circuits), `audit` (the proof;
//! `linear` where whole-number witnesses do not reach), `release` (the tables that writers are given).
//!
//! What is not here: no reading or writing, no person rows, no rounding or noise.

mod audit;
mod choose;
mod graph;
mod join;
mod known;
mod linear;
mod neighbourhood;
mod pattern;
mod primary;
mod proof;
mod prune;
mod release;
mod rules;
mod search;
mod system;
mod table;
mod transfer;
mod value;

#[cfg(test)]
mod tests;

pub use audit::{AuditReport, Interval, Method, audit};
pub use choose::{Choice, choose};
pub use join::Groups;
pub use pattern::{Rule, Status, Witnesses};
pub use proof::{Proof, ProofCell};
pub use release::{ProtectedRow, ProtectedTable};
pub use rules::threshold;
pub use system::{Cell, Relation, Sense, Shift, Step, System, Term, Unit};
pub use table::{MartRow, MartTable};
pub use value::{Missing, PUBLISHED, Value};

use crate::contract::Contract;
use crate::error::{Error, Result};
use join::Joint;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use table::Sheet;

/// What the settings and the code lists say about protection.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Persons; raises the contracts' thresholds, never lowers them. 0 leaves them.
    pub threshold_min: i64,
    /// Komponent → its group in finsam3, from the code list `forsorjning`.
    pub groups: Groups,
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
    marts.sort_by(|a, b| a.contract.name.cmp(&b.contract.name));
    let mut sheets: Vec<Sheet> = Vec::with_capacity(marts.len());
    for mart in marts {
        let first = sheets.last().map_or(0, |sheet| sheet.first + sheet.rows.len());
        sheets.push(Sheet::new(mart, settings.threshold_min, first)?);
    }
    let shown = |sheet: &Sheet, row: usize| release.iter().any(|contract| release::shows(contract, sheet, row));
    let joint = Joint::new(sheets, &shown, &settings.groups)?;
    let primary = primary::primary(&joint)?;
    let (status, report) = solve(&joint.system, primary);
    let proof = Proof::new(&joint, &status, &report);
    if let Some(open) = proof.cells().iter().find(|cell| !cell.safe) {
        let count = proof.cells().iter().filter(|cell| !cell.safe).count();
        let reason = format!("{count} counts can be bounded too closely, the first withheld as {}", open.reason);
        return Err(Error::Disclosure { table: open.table.clone(), reason });
    }
    let tables = release.iter().map(|contract| release::table(contract, &joint, &status)).collect::<Result<_>>()?;
    Ok((Protected { tables }, proof))
}

/// Chooses and proves component by component: what does not hang together needs no common proof.
fn solve(system: &System, primary: Vec<Status>) -> (Vec<Status>, AuditReport) {
    let components = system.components(|_| true);
    let next = AtomicUsize::new(0);
    let solved = Mutex::new(Vec::with_capacity(components.len()));
    let work = || {
        while let Some(cells) = components.get(next.fetch_add(1, Ordering::Relaxed)) {
            let part = system.part(cells);
            let choice = choose(&part, cells.iter().map(|&cell| primary[cell]).collect());
            let report = audit(&part, &choice.status, &choice.witnesses);
            solved.lock().unwrap_or_else(PoisonError::into_inner).push((cells, choice.status, report));
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
        whole.witness_count += report.witness_count;
        whole.program_count += report.program_count;
    }
    whole.intervals.sort_by_key(|interval| interval.cell);
    (status, whole)
}
