//! Which cells are withheld and why, and the tables that a reader must hold possible because of it.

use super::system::{Cell, Shift, Step, System};

/// Why a cell is withheld for its own sake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// From one person to fewer than the threshold.
    FewPersons,
    /// A zero beside which everybody in a group has one sensitive value.
    WholeGroup,
}

impl Rule {
    /// The name in the proof.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::FewPersons => "fa_personer",
            Rule::WholeGroup => "hela_gruppen",
        }
    }
}

/// Whether a cell is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Published,
    Primary(Rule),
    /// Withheld so that a primary cell cannot be computed.
    Secondary,
    /// In no table of the release.
    Hidden,
}

impl Status {
    pub const fn withheld(self) -> bool {
        !matches!(self, Status::Published)
    }
}

/// How far from its true value, in persons, a reader must hold a cell possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    pub down: i64,
    pub up: i64,
    pub width: i64,
}

impl Need {
    /// Whether intervals around the true values are wide enough: persons in full; of deltaganden, which are no
    /// persons, the width.
    pub fn is_met(&self, deltaganden: (i64, i64), personer: (i64, i64)) -> bool {
        personer.0 <= -self.down
            && personer.1 >= self.up
            && personer.1 - personer.0 >= self.width
            && deltaganden.1 - deltaganden.0 >= self.width
    }
}

/// Design §6: a primary cell's interval reaches from 1 (from 0 where the zero is what is sensitive) to the
/// threshold; a secondary cell's is at least threshold − 1 wide.
pub fn need(cell: &Cell, status: Status) -> Need {
    match status {
        Status::Published | Status::Hidden => Need { down: 0, up: 0, width: 0 },
        Status::Primary(Rule::FewPersons) => {
            let (down, up) = (cell.personer - 1, cell.threshold - cell.personer);
            Need { down, up, width: cell.threshold - 1 }
        }
        Status::Primary(Rule::WholeGroup) => Need { down: 0, up: cell.threshold, width: cell.threshold },
        Status::Secondary => Need { down: 0, up: 0, width: cell.threshold - 1 },
    }
}

/// The alternative tables found so far and how far they take each cell. Each keeps everything that is
/// published and every relation: a reader cannot tell it from the truth.
#[derive(Clone, Debug, Default)]
pub struct Witnesses {
    pub shifts: Vec<Shift>,
    /// Per cell, the lowest (≤ 0) and highest (≥ 0) step of any witness, each measure for itself.
    pub reach: Vec<(Step, Step)>,
}

impl Witnesses {
    pub fn new(cells: usize) -> Witnesses {
        Witnesses { shifts: Vec::new(), reach: vec![(Step::default(), Step::default()); cells] }
    }

    /// Keeps a witness if it takes some cell further than those before it.
    pub fn add(&mut self, shift: Shift) -> bool {
        let mut further = false;
        for (&cell, &step) in &shift {
            let (low, high) = &mut self.reach[cell];
            let wider = (
                Step { deltaganden: low.deltaganden.min(step.deltaganden), personer: low.personer.min(step.personer) },
                Step {
                    deltaganden: high.deltaganden.max(step.deltaganden),
                    personer: high.personer.max(step.personer),
                },
            );
            further |= wider != (*low, *high);
            (*low, *high) = wider;
        }
        if further {
            self.shifts.push(shift);
        }
        further
    }

    /// Persons that the cell can be fewer, and more.
    pub fn persons(&self, cell: usize) -> (i64, i64) {
        (self.reach[cell].0.personer, self.reach[cell].1.personer)
    }

    pub fn satisfies(&self, cell: usize, need: Need) -> bool {
        let (low, high) = self.reach[cell];
        need.is_met((low.deltaganden, high.deltaganden), (low.personer, high.personer))
    }
}

/// Whether a shift is a witness: it moves withheld cells only, leaves every cell possible, and keeps every
/// relation that it touches. Checked against the relations as declared, not against what the search uses.
pub fn is_witness(system: &System, of_cell: &[Vec<usize>], status: &[Status], shift: &Shift) -> bool {
    let still = |step: Step| step == Step::default();
    shift.iter().all(|(&cell, &step)| still(step) || (status[cell].withheld() && system.sound(cell, step))) && {
        // A large shift meets the same relation from many cells; each is looked at once.
        let mut touched: Vec<usize> = shift.keys().flat_map(|&cell| of_cell[cell].iter().copied()).collect();
        touched.sort_unstable();
        touched.dedup();
        touched.into_iter().all(|relation| system.keeps(relation, shift))
    }
}
