//! The proof: for every withheld cell, how far a reader must hold it possible.
//!
//! Every witness is checked anew against the relations as declared. Where witnesses do not reach far enough
//! the cell's interval is solved for. What is not proven is not published.

use super::choose::complete;
use super::linear;
use super::pattern::{Status, Witnesses, is_witness, need};
use super::system::{System, Unit};

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

/// Proves a pattern, with witnesses that are known and with others if they do not suffice.
pub fn audit(system: &System, status: &[Status], known: &Witnesses) -> AuditReport {
    let of_cell = system.relations_of_cell();
    let mut checked = Witnesses::new(system.cells.len());
    for shift in known.shifts.iter().filter(|shift| is_witness(system, &of_cell, status, shift)) {
        checked.add(shift.clone());
    }
    let short = |w: &Witnesses| (0..status.len()).any(|c| !w.satisfies(c, need(&system.cells[c], status[c])));
    if short(&checked) {
        checked = complete(system, status, checked).witnesses;
    }
    let mut report = AuditReport { witness_count: checked.shifts.len(), ..AuditReport::default() };
    let mut solver = linear::Solver::new(system, status);
    for (cell, &state) in status.iter().enumerate() {
        if !state.withheld() || state == Status::Hidden {
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
