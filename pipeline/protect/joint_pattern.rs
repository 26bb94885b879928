//! The joint pattern of a release as another auditor is given it: one linear system of all its tables and of every
//! vintage before, and beside it what we hold proven of each withheld count.

use super::audit::{AuditReport, Method};
use super::jj::Jj;
use super::join::Joint;
use super::pattern::{Need, Status, need};
use super::proof::{places, reason};
use super::system::Unit;
use super::vintage::Timeline;
use std::collections::BTreeSet;

/// One withheld count of the joint system.
#[derive(Clone, Debug)]
pub struct WithheldCount {
    /// Its number in the JJ file.
    pub number: usize,
    /// Mart and key of its first row; a count that only earlier vintages have, or that is a change since, has neither.
    pub place: Option<(String, String)>,
    pub unit: Unit,
    pub reason: &'static str,
    /// How far from its value a reader must hold it possible; of deltaganden the width.
    pub need: Need,
    /// What he must at least hold possible, inclusive.
    pub low: i64,
    pub high: i64,
    pub method: Method,
    pub safe: bool,
}

/// A system with its pattern, and every withheld count by its number.
#[derive(Clone, Debug)]
pub struct JointPattern {
    pub jj: Jj,
    pub counts: Vec<WithheldCount>,
}

impl JointPattern {
    pub(super) fn new(joint: &Joint, time: &Timeline, status: &[Status], report: &AuditReport) -> JointPattern {
        let places = places(joint, time);
        // A crossing that no table shows, and of which nothing is said, is nothing that an auditor could ask for.
        let is_held = |cell: &usize| status[*cell] != Status::Hidden;
        let of_relations = time.system.relations.iter().flat_map(|relation| &relation.terms).map(|term| term.cell);
        let cells: BTreeSet<usize> = (0..status.len()).filter(is_held).chain(of_relations).collect();
        let cells: Vec<usize> = cells.into_iter().collect();
        let system = time.system.part(&cells);
        let units = Jj::units(&system);
        let mut counts = Vec::new();
        for interval in &report.intervals {
            let state = status[interval.cell];
            let asked = need(&time.system.cells[interval.cell], state);
            let number = cells.partition_point(|cell| *cell < interval.cell);
            for (at, &unit) in units.iter().enumerate() {
                let (low, high) = match unit {
                    Unit::Deltaganden => interval.deltaganden,
                    Unit::Personer => interval.personer,
                };
                counts.push(WithheldCount {
                    number: number * units.len() + at,
                    place: places.get(&interval.cell).map(|(mart, key)| ((*mart).to_owned(), key.join("/"))),
                    unit,
                    reason: reason(state),
                    need: if unit == Unit::Personer { asked } else { Need { down: 0, up: 0, ..asked } },
                    low,
                    high,
                    method: interval.method,
                    safe: interval.safe,
                });
            }
        }
        let status = cells.iter().map(|&cell| status[cell]).collect();
        JointPattern { jj: Jj { system, status }, counts }
    }
}
