//! The joint linked system: every cell of every table of a release, and everything that a reader knows about
//! how they hang together. Pure arithmetic; what the cells *are* is `table`'s matter.
//!
//! A cell has two measures, deltaganden and personer, which share one status. A reader knows of each cell
//! that both are whole, that 0 ≤ personer ≤ deltaganden, and that one is zero exactly when the other is; the
//! rest he knows from [`Relation`]s.

use super::pattern::Need;
use std::collections::BTreeMap;

/// How far a cell's two counts are from their true values in another table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub deltaganden: i64,
    pub personer: i64,
}

impl Step {
    pub const fn both(by: i64) -> Step {
        Step { deltaganden: by, personer: by }
    }

    /// The lower of each count.
    pub fn min(self, other: Step) -> Step {
        let (deltaganden, personer) = (self.deltaganden, self.personer);
        Step { deltaganden: deltaganden.min(other.deltaganden), personer: personer.min(other.personer) }
    }

    /// The higher of each count.
    pub fn max(self, other: Step) -> Step {
        let (deltaganden, personer) = (self.deltaganden, self.personer);
        Step { deltaganden: deltaganden.max(other.deltaganden), personer: personer.max(other.personer) }
    }

    pub const fn of(&self, unit: Unit) -> i64 {
        match unit {
            Unit::Deltaganden => self.deltaganden,
            Unit::Personer => self.personer,
        }
    }
}

/// A whole table that differs from the true one in these cells.
pub type Shift = BTreeMap<usize, Step>;

/// Which of a cell's two counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    Deltaganden,
    Personer,
}

/// No amount in kronor is as large.
const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// One cell: the same cell in two tables is one cell here.
#[derive(Clone, Debug)]
pub struct Cell {
    pub deltaganden: i64,
    pub personer: i64,
    /// Fewer persons than this and more than none are few, in persons.
    pub threshold: i64,
    /// What withholding it costs the reader; never 0.
    pub weight: u64,
    /// Whether some table of the release would show it. A hidden cell is never published, and needs no proof.
    pub shown: bool,
    /// Whether everybody knows without the tables that it is nothing; it protects no other cell.
    pub is_known: bool,
    /// What the cell needs when it is withheld for its own sake, where that is not as the threshold says.
    pub own: Option<Need>,
    /// How wide the cell's interval must be when it is withheld for another's sake.
    pub spread: i64,
    /// Least and greatest count that a reader holds possible without any table.
    pub range: (i64, i64),
    /// Whether it is an amount in kronor, not people.
    pub is_amount: bool,
    /// Whether the two measures go their own ways, as changes since an earlier vintage do.
    pub is_free: bool,
}

impl Cell {
    /// A count of persons of which a reader knows that it is whole and not negative.
    pub fn count(deltaganden: i64, personer: i64, threshold: i64) -> Cell {
        Cell {
            deltaganden,
            personer,
            threshold,
            weight: 1,
            shown: true,
            is_known: false,
            own: None,
            spread: threshold - 1,
            range: (0, i64::MAX),
            is_amount: false,
            is_free: false,
        }
    }

    /// An amount: both measures are it. A negative one may be anything.
    pub fn amount(kronor: i64, percent: i64) -> Cell {
        let spread = (kronor.abs() * percent / 100).max(1);
        let range = (if kronor < 0 { -AMOUNT_MAX } else { 0 }, AMOUNT_MAX);
        Cell { spread, range, is_amount: true, is_free: kronor < 0, ..Cell::count(kronor, kronor, spread + 1) }
    }

    pub const fn is_count(&self) -> bool {
        !self.is_amount
    }

    pub fn value(&self, unit: Unit) -> i64 {
        match unit {
            Unit::Deltaganden => self.deltaganden,
            Unit::Personer => self.personer,
        }
    }
}

/// One count in a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    pub cell: usize,
    pub unit: Unit,
    pub factor: i64,
}

/// How the sum of a relation's terms stands to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sense {
    Equal,
    AtMost,
}

/// A public truth about the counts: Σ factor · count = 0, or ≤ 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    pub sense: Sense,
    pub terms: Vec<Term>,
}

impl Relation {
    /// The relation over one unit.
    pub fn new(sense: Sense, unit: Unit, terms: impl IntoIterator<Item = (usize, i64)>) -> Relation {
        let mut all: Vec<Term> = terms.into_iter().map(|(cell, factor)| Term { cell, unit, factor }).collect();
        all.sort_unstable_by_key(|term| term.cell);
        all.dedup_by(|next, term| {
            let is_same = next.cell == term.cell;
            if is_same {
                term.factor += next.factor;
            }
            is_same
        });
        all.retain(|term| term.factor != 0);
        Relation { sense, terms: all }
    }
}

/// Cells and relations; the cells' true values keep every relation.
#[derive(Clone, Debug)]
pub struct System {
    pub cells: Vec<Cell>,
    pub relations: Vec<Relation>,
}

/// What the true values do not keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The relation of this index.
    Relation(usize),
    /// The cell of this index: negative, more persons than deltaganden, or one of them zero alone.
    Cell(usize),
}

impl System {
    /// Relations are sorted and made unique, so that their order in the contracts changes nothing.
    ///
    /// # Errors
    /// [`Broken`] naming the first cell or relation that the true values do not keep.
    pub fn new(cells: Vec<Cell>, mut relations: Vec<Relation>) -> Result<System, (System, Broken)> {
        relations.retain(|relation| !relation.terms.is_empty());
        // Equal ones are the same: their order among themselves decides nothing.
        relations.sort_unstable();
        relations.dedup();
        let system = System { cells, relations };
        let sound = (0..system.cells.len()).find(|&c| !system.sound(c, Step::default())).map(Broken::Cell);
        let broken = sound
            .or_else(|| (0..system.relations.len()).find(|&r| !system.keeps(r, &Shift::new())).map(Broken::Relation));
        match broken {
            None => Ok(system),
            Some(broken) => Err((system, broken)),
        }
    }

    /// Whether a cell whose counts are shifted is still one that could be.
    pub fn sound(&self, cell: usize, step: Step) -> bool {
        let cell = &self.cells[cell];
        let (deltaganden, personer) = (cell.deltaganden + step.deltaganden, cell.personer + step.personer);
        let (least, greatest) = cell.range;
        let within = least <= personer && personer <= greatest;
        within && (cell.is_free || (personer <= deltaganden && (personer == 0) == (deltaganden == 0)))
    }

    /// Whether the cells have one measure only: no relation is over deltaganden.
    pub fn is_single(&self) -> bool {
        !self.relations.iter().flat_map(|relation| &relation.terms).any(|term| term.unit == Unit::Deltaganden)
    }

    /// Whether a relation holds when the counts of some cells are shifted.
    pub fn keeps(&self, relation: usize, shift: &Shift) -> bool {
        let relation = &self.relations[relation];
        let sum: i64 = relation
            .terms
            .iter()
            .map(|t| {
                t.factor * (self.cells[t.cell].value(t.unit) + shift.get(&t.cell).map_or(0, |step| step.of(t.unit)))
            })
            .sum();
        match relation.sense {
            Sense::Equal => sum == 0,
            Sense::AtMost => sum <= 0,
        }
    }

    /// For every cell, the relations that it is in.
    pub fn relations_of_cell(&self) -> Vec<Vec<usize>> {
        let mut of_cell = vec![Vec::new(); self.cells.len()];
        for (index, relation) in self.relations.iter().enumerate() {
            for term in &relation.terms {
                if of_cell[term.cell].last() != Some(&index) {
                    of_cell[term.cell].push(index);
                }
            }
        }
        of_cell
    }

    /// The cells that hang together through relations over cells that `through` lets pass; each component
    /// sorted, components by their first cell. Cells that are not let pass are in none.
    pub fn components(&self, through: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut root: Vec<usize> = (0..self.cells.len()).collect();
        for relation in &self.relations {
            let mut passing = relation.terms.iter().map(|t| t.cell).filter(|&c| through(c));
            if let Some(first) = passing.next() {
                for other in passing {
                    let (a, b) = (find(&mut root, first), find(&mut root, other));
                    root[a.max(b)] = a.min(b);
                }
            }
        }
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for cell in (0..self.cells.len()).filter(|&c| through(c)) {
            members.entry(find(&mut root, cell)).or_default().push(cell);
        }
        members.into_values().collect()
    }

    /// The part of the system on some cells (sorted), with their relations; the cells are numbered anew in
    /// that order. Made for whole components: a relation that reaches outside is left out.
    pub fn part(&self, cells: &[usize]) -> System {
        let mut number = vec![usize::MAX; self.cells.len()];
        for (new, &old) in cells.iter().enumerate() {
            number[old] = new;
        }
        let relations = self
            .relations
            .iter()
            .filter(|relation| relation.terms.iter().all(|t| number[t.cell] != usize::MAX))
            .map(|relation| Relation {
                sense: relation.sense,
                terms: relation.terms.iter().map(|t| Term { cell: number[t.cell], ..*t }).collect(),
            })
            .collect();
        System { cells: cells.iter().map(|&c| self.cells[c].clone()).collect(), relations }
    }
}

fn find(root: &mut [usize], mut cell: usize) -> usize {
    while root[cell] != cell {
        root[cell] = root[root[cell]];
        cell = root[cell];
    }
    cell
}
