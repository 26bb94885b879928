//! What is written down of a proof: every withheld count with its reason and its proven interval.
//! Confidential: it says which cells are small.

use super::audit::{AuditReport, Interval, Method};
use super::join::Joint;
use super::pattern::Status;
use super::system::Unit;
use super::vintage::Timeline;
use std::collections::BTreeMap;

/// One withheld count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofCell {
    /// Name of the mart.
    pub table: String,
    /// Codes in the order of the mart contract's primary key.
    pub key: Vec<String>,
    pub unit: Unit,
    /// `fa_personer`, `hela_gruppen` or `sekundar`.
    pub reason: &'static str,
    /// Of a secondary cell, one primary cell that could be computed without it: mart and key.
    pub protects: Option<String>,
    /// What a reader must at least hold possible, inclusive.
    pub low: i64,
    pub high: i64,
    pub method: Method,
    pub safe: bool,
}

impl ProofCell {
    /// Withheld for its own sake, not so that another cannot be computed.
    pub fn is_primary(&self) -> bool {
        self.reason != reason(Status::Secondary)
    }
}

/// The proof of one release.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    cells: Vec<ProofCell>,
    /// Different cells in the joint system; a cell that stands in two tables is one.
    pub cell_count: usize,
    pub relation_count: usize,
    pub primary_count: usize,
    pub secondary_count: usize,
    pub witness_count: usize,
    pub program_count: usize,
}

impl Proof {
    /// Every withheld row of every mart, both measures, by table and key.
    pub fn cells(&self) -> &[ProofCell] {
        &self.cells
    }

    pub(super) fn new(joint: &Joint, time: &Timeline, status: &[Status], report: &AuditReport) -> Proof {
        let places = places(joint, time);
        let place = |cell: usize| places.get(&cell).map(|(mart, key)| format!("{mart}|{}", key.join("/")));
        let mut names: BTreeMap<usize, String> = BTreeMap::new();
        for cell in report.protects.values() {
            names.entry(*cell).or_insert_with(|| place(*cell).unwrap_or_else(|| "tidigare utgåva".into()));
        }
        let intervals: BTreeMap<usize, &Interval> = report.intervals.iter().map(|i| (i.cell, i)).collect();
        let mut cells = Vec::new();
        for sheet in &joint.sheets {
            for (index, row) in sheet.rows.iter().enumerate() {
                let cell = time.cell_of[joint.cell_of[sheet.first + index]];
                let Some(interval) = intervals.get(&cell) else { continue };
                for (unit, (low, high)) in
                    [(Unit::Deltaganden, interval.deltaganden), (Unit::Personer, interval.personer)]
                {
                    cells.push(ProofCell {
                        table: sheet.name().to_owned(),
                        key: row.key.clone(),
                        unit,
                        reason: reason(status[cell]),
                        protects: report.protects.get(&cell).and_then(|cell| names.get(cell).cloned()),
                        low,
                        high,
                        method: interval.method,
                        safe: interval.safe,
                    });
                }
            }
        }
        let count = |wanted: fn(&Status) -> bool| status.iter().filter(|s| wanted(s)).count();
        Proof {
            cells,
            cell_count: status.len(),
            relation_count: time.system.relations.len(),
            primary_count: count(|s| matches!(s, Status::Primary(_))),
            secondary_count: count(|s| *s == Status::Secondary),
            witness_count: report.witness_count,
            program_count: report.program_count,
        }
    }
}

/// Mart and key of the first row of each cell of the system that the new release has.
pub(super) fn places<'a>(joint: &'a Joint, time: &Timeline) -> BTreeMap<usize, (&'a str, &'a [String])> {
    let mut places = BTreeMap::new();
    for sheet in &joint.sheets {
        for (index, row) in sheet.rows.iter().enumerate() {
            let cell = time.cell_of[joint.cell_of[sheet.first + index]];
            places.entry(cell).or_insert((sheet.name(), row.key.as_slice()));
        }
    }
    places
}

pub(super) const fn reason(status: Status) -> &'static str {
    match status {
        Status::Primary(rule) => rule.name(),
        Status::Secondary => "sekundar",
        Status::Published | Status::Hidden => "",
    }
}
