//! Which cells are withheld and why, and the tables that a reader must hold possible because of it.

use super::search::Walk;
use super::system::{Cell, Sense, Shift, Step, System, Unit};

/// Why a cell is withheld for its own sake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// From one person to fewer than the threshold.
    FewPersons,
    /// A zero beside which everybody in a group has one sensitive value.
    WholeGroup,
    /// An amount of fewer contributors than the contract asks.
    FewContributors,
    /// An amount that one or two contributors have most of.
    Dominance,
    /// An amount by which the second largest contributor knows the largest too closely.
    Percent,
    /// A change of few since an earlier vintage.
    SmallChange,
}

impl Rule {
    /// The name in the proof.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::FewPersons => "fa_personer",
            Rule::WholeGroup => "hela_gruppen",
            Rule::FewContributors => "fa_bidragsgivare",
            Rule::Dominance => "dominans",
            Rule::Percent => "p_procent",
            Rule::SmallChange => "liten_andring",
        }
    }

    /// The rule of a name in the proof.
    pub fn named(name: &str) -> Option<Rule> {
        let all = [
            Rule::FewPersons,
            Rule::WholeGroup,
            Rule::FewContributors,
            Rule::Dominance,
            Rule::Percent,
            Rule::SmallChange,
        ];
        all.into_iter().find(|rule| rule.name() == name)
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
    /// Whether a table has the cell, and shows no value of it.
    pub const fn withheld(self) -> bool {
        matches!(self, Status::Primary(_) | Status::Secondary)
    }

    /// Whether a reader is given no value: it is withheld, or no table has it.
    pub const fn unseen(self) -> bool {
        !matches!(self, Status::Published)
    }
}

/// How far from its true value, in persons, a reader must hold a cell possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    pub down: i64,
    pub up: i64,
    pub width: i64,
}

impl Need {
    /// How a circuit through the cell must be walkable, either way round.
    pub fn walks(self) -> [(i64, Walk); 2] {
        let spread = (self.width - self.down - self.up).max(0);
        let (down, up) = (self.down, self.up);
        [(1, Walk { along: up + spread, back: down }), (-1, Walk { along: down + spread, back: up })]
    }

    /// The need of one of two counts, from that of the other: what one has more the other has less.
    pub fn mirrored(self) -> Need {
        Need { down: self.up, up: self.down, width: self.width }
    }

    /// Both needs at once.
    pub fn with(self, other: Need) -> Need {
        Need { down: self.down.max(other.down), up: self.up.max(other.up), width: self.width.max(other.width) }
    }

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
        Status::Primary(_) if cell.own.is_some() => cell.own.unwrap_or_default(),
        Status::Primary(Rule::FewPersons) => {
            let (down, up) = (cell.personer - 1, cell.threshold - cell.personer);
            Need { down, up, width: cell.threshold - 1 }
        }
        Status::Primary(Rule::WholeGroup) => Need { down: 0, up: cell.threshold, width: cell.threshold },
        // Amounts bring their own need.
        Status::Primary(_) => Need { down: 0, up: 0, width: cell.spread },
        Status::Secondary => Need { down: 0, up: 0, width: cell.spread },
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
            let wider = (low.min(step), high.max(step));
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

    /// The width of the narrower of the two measures' intervals.
    pub fn width(&self, cell: usize) -> i64 {
        let (low, high) = self.reach[cell];
        (high.deltaganden - low.deltaganden).min(high.personer - low.personer)
    }

    pub fn satisfies(&self, cell: usize, need: Need) -> bool {
        let (low, high) = self.reach[cell];
        need.is_met((low.deltaganden, high.deltaganden), (low.personer, high.personer))
    }
}

/// Checks shifts against the relations as declared, not against what the search uses.
#[derive(Debug)]
pub struct Checker<'a> {
    system: &'a System,
    /// Per cell, its terms: relation, unit, factor.
    terms: Vec<Vec<(usize, Unit, i64)>>,
    /// Per relation, the sum of the true counts, and what the shift at hand adds to it.
    sums: Vec<i64>,
    added: Vec<i64>,
}

impl<'a> Checker<'a> {
    pub fn new(system: &'a System) -> Checker<'a> {
        let mut terms = vec![Vec::new(); system.cells.len()];
        let mut sums = Vec::with_capacity(system.relations.len());
        for (index, relation) in system.relations.iter().enumerate() {
            sums.push(relation.terms.iter().map(|t| t.factor * system.cells[t.cell].value(t.unit)).sum());
            relation.terms.iter().for_each(|t| terms[t.cell].push((index, t.unit, t.factor)));
        }
        Checker { system, terms, added: vec![0; sums.len()], sums }
    }

    /// Whether a shift is a witness: it moves unseen cells only, leaves every cell possible, and keeps every
    /// relation.
    pub fn is_witness(&mut self, status: &[Status], shift: &Shift) -> bool {
        let possible = |(&cell, &step): (&usize, &Step)| {
            step == Step::default() || (status[cell].unseen() && self.system.sound(cell, step))
        };
        if !shift.iter().all(possible) {
            return false;
        }
        for (&cell, step) in shift {
            for &(relation, unit, factor) in &self.terms[cell] {
                self.added[relation] += factor * step.of(unit);
            }
        }
        let mut keeps = true;
        for relation in shift.keys().flat_map(|&cell| &self.terms[cell]).map(|term| term.0) {
            let sum = self.sums[relation] + std::mem::take(&mut self.added[relation]);
            keeps &= match self.system.relations[relation].sense {
                // A relation met again has nothing added, and its true sum keeps it.
                Sense::Equal => sum == 0,
                Sense::AtMost => sum <= 0,
            };
        }
        keeps
    }
}
