//! The proof: for every withheld cell, how far a reader must hold it possible.
//!
//! Every witness is checked anew against the relations as declared. Where witnesses do not reach far enough
//! the cell's interval is solved for. What is not proven is not published.

use super::choose::complete;
use super::linear;
use super::pattern::{Checker, Status, Witnesses, need};
use super::system::{System, Unit};
use std::collections::BTreeMap;

/// How a cell's interval was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Two whole-number tables that the reader cannot tell from the true one: he can do no better, and
    /// neither could one who solved in whole numbers.
    Witness,
    /// Linear programs over all that hangs together with the cell.
    Linear,
}

impl Method {
    /// The name in the proof.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Witness => "heltalsvittne",
            Method::Linear => "linjarprogram",
        }
    }
}

/// The interval of one withheld cell, both measures. A witness's interval is an inner one: the reader's is at
/// least as wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub cell: usize,
    pub deltaganden: (i64, i64),
    pub personer: (i64, i64),
    pub method: Method,
    pub safe: bool,
}

/// What the audit found: every withheld cell, by cell.
#[derive(Clone, Debug, Default)]
pub struct AuditReport {
    pub intervals: Vec<Interval>,
    /// Secondary cell → a primary cell that a witness moves through it.
    pub protects: BTreeMap<usize, usize>,
    /// Witnesses that were checked.
    pub witness_count: usize,
    /// Linear programs that were solved.
    pub program_count: usize,
}

impl AuditReport {
    /// The cells that a reader can bound closer than the policy allows.
    pub fn unsafe_cells(&self) -> impl Iterator<Item = &Interval> {
        self.intervals.iter().filter(|interval| !interval.safe)
    }
}

/// What a reader knows of every withheld cell, solved for one by one: as exact as linear programs are.
pub fn exact(system: &System, status: &[Status]) -> AuditReport {
    let mut solver = linear::Solver::new(system, status);
    let mut intervals = Vec::new();
    for cell in (0..status.len()).filter(|&cell| status[cell].withheld()) {
        let bounds = (solver.bounds(cell, Unit::Deltaganden), solver.bounds(cell, Unit::Personer));
        let held = (system.cells[cell].deltaganden, system.cells[cell].personer);
        let (deltaganden, personer) = (bounds.0.unwrap_or((held.0, held.0)), bounds.1.unwrap_or((held.1, held.1)));
        let around = |bounds: (i64, i64), value: i64| (bounds.0 - value, bounds.1 - value);
        let safe =
            need(&system.cells[cell], status[cell]).is_met(around(deltaganden, held.0), around(personer, held.1));
        intervals.push(Interval { cell, deltaganden, personer, method: Method::Linear, safe });
    }
    AuditReport { intervals, program_count: solver.solved, ..AuditReport::default() }
}

/// Proves a pattern, with witnesses that are known and with others if they do not suffice.
pub fn audit(system: &System, status: &[Status], known: &Witnesses) -> AuditReport {
    let mut checker = Checker::new(system);
    let mut checked = Witnesses::new(system.cells.len());
    for shift in &known.shifts {
        if checker.is_witness(status, shift) {
            checked.add(shift.clone());
        }
    }
    let short = |w: &Witnesses| (0..status.len()).any(|c| !w.satisfies(c, need(&system.cells[c], status[c])));
    if short(&checked) {
        checked = complete(system, status, checked).witnesses;
    }
    let mut report = AuditReport { witness_count: checked.shifts.len(), ..AuditReport::default() };
    for shift in &checked.shifts {
        let Some(primary) = shift.keys().find(|cell| matches!(status[**cell], Status::Primary(_))) else { continue };
        for cell in shift.keys().filter(|cell| status[**cell] == Status::Secondary) {
            report.protects.entry(*cell).or_insert(*primary);
        }
    }
    let mut solver = linear::Solver::new(system, status);
    for (cell, &state) in status.iter().enumerate() {
        if !state.withheld() {
            continue;
        }
        let need = need(&system.cells[cell], state);
        let true_cell = &system.cells[cell];
        let (low, high) = checked.reach[cell];
        let (deltaganden, personer) = (true_cell.deltaganden, true_cell.personer);
        let mut interval = Interval {
            cell,
            deltaganden: (deltaganden + low.deltaganden, deltaganden + high.deltaganden),
            personer: (personer + low.personer, personer + high.personer),
            method: Method::Witness,
            safe: checked.satisfies(cell, need),
        };
        if !interval.safe {
            interval.method = Method::Linear;
            if let (Some(d), Some(p)) = (solver.bounds(cell, Unit::Deltaganden), solver.bounds(cell, Unit::Personer)) {
                interval.deltaganden = d;
                interval.personer = p;
                let around = |bounds: (i64, i64), value: i64| (bounds.0 - value, bounds.1 - value);
                interval.safe = need.is_met(around(d, deltaganden), around(p, personer));
            }
        }
        report.intervals.push(interval);
    }
    report.program_count = solver.solved;
    report
}
