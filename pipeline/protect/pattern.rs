//! Which cells are withheld and why, and the tables that a reader must hold possible because of it.

use super::system::{Cell, System};
use std::collections::BTreeMap;

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

/// A whole table that differs from the true one in these cells, both measures by the same amount, and keeps
/// everything that is published and every relation: a reader cannot tell it from the truth.
pub type Shift = BTreeMap<usize, i64>;

/// The alternative tables found so far and how far they take each cell.
#[derive(Clone, Debug, Default)]
pub struct Witnesses {
    pub shifts: Vec<Shift>,
    /// Per cell, the lowest (≤ 0) and highest (≥ 0) shift of any witness.
    pub reach: Vec<(i64, i64)>,
}

impl Witnesses {
    pub fn new(cells: usize) -> Witnesses {
        Witnesses { shifts: Vec::new(), reach: vec![(0, 0); cells] }
    }

    /// Keeps a witness if it takes some cell further than those before it.
    pub fn add(&mut self, shift: Shift) -> bool {
        let mut further = false;
        for (&cell, &by) in &shift {
            let reach = &mut self.reach[cell];
            further |= by < reach.0 || by > reach.1;
            *reach = (reach.0.min(by), reach.1.max(by));
        }
        if further {
            self.shifts.push(shift);
        }
        further
    }

    pub fn satisfies(&self, cell: usize, need: Need) -> bool {
        let (low, high) = self.reach[cell];
        low <= -need.down && high >= need.up && high - low >= need.width
    }
}

/// Whether a shift is a witness: it moves withheld cells only, leaves every cell possible, and keeps every
/// relation that it touches. Checked against the relations as declared, not against what the search uses.
pub fn is_witness(system: &System, of_cell: &[Vec<usize>], status: &[Status], shift: &Shift) -> bool {
    shift.iter().all(|(&cell, &by)| by == 0 || (status[cell].withheld() && system.sound(cell, by)))
        && shift.keys().flat_map(|&cell| &of_cell[cell]).all(|&relation| system.keeps(relation, shift))
}
