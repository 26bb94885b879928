//! Vintages: what left the agency before, and what it tells beside a new one.
//!
//! A reader has every earlier vintage. He is taken to know which counts have not changed since: they are one cell of
//! the joint system, and what was published of it once is known for good. A count that has changed is a cell of its
//! own in each vintage, held together by the relations of that vintage. The change itself is a count of persons: where
//! it is from 1 to fewer than the threshold, the value that was published stays, and where neither count is shown,
//! their difference is a cell that is protected like a small count.

use super::change::Changes;
use super::displayed::Displayed;
use super::join::{Codes, Joint};
use super::pattern::Status;
use super::system::{Broken, Cell, Relation, System, Term, Unit};
use super::table::{MartTable, Sheet};
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a vintage showed of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub status: Status,
    /// Deltaganden, personer and further measures that were shown, where these were not the row's own.
    pub kept: Option<(i64, i64, Vec<i64>)>,
}

impl Seen {
    /// Deltaganden and personer that a reader was given.
    fn shown(&self, own: (i64, i64)) -> Option<(i64, i64)> {
        match &self.kept {
            Some((deltaganden, personer, _)) => Some((*deltaganden, *personer)),
            None => (!self.status.unseen()).then_some(own),
        }
    }
}

/// One vintage as the ledger keeps it: every mart with its true counts, and what was shown of each row.
#[derive(Clone, Debug)]
pub struct Vintage {
    pub name: String,
    pub tables: Vec<(MartTable, Vec<Seen>)>,
}

/// Row of a mart: its name and key.
type Place = (String, Vec<String>);

/// An earlier vintage with its own system.
struct Earlier {
    joint: Joint,
    /// By row of the vintage.
    seen: Vec<Seen>,
}

/// What earlier vintages say of one row of the new one.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// What the reader was last given, with the further measures.
    pub shown: Option<(i64, i64, Vec<i64>)>,
    /// Whether it was withheld in the last vintage of which a table has the row, if there is one.
    pub was_withheld: Option<bool>,
}

/// The new marts together with all earlier vintages: one system, in which the cells of the new ones come first.
pub(super) struct Timeline {
    pub system: System,
    pub status: Vec<Status>,
    /// Cell of the new marts → cell of the system.
    pub cell_of: Vec<usize>,
    /// Row of the new release → what was shown of it before.
    pub past: Vec<Past>,
}

/// Builds the system of the new marts alone, where no vintage has been before.
pub(super) fn alone(joint: &Joint, status: Vec<Status>) -> Timeline {
    let rows = joint.cell_of.len();
    let cells = joint.system.cells.len();
    Timeline { system: joint.system.clone(), status, cell_of: (0..cells).collect(), past: vec![Past::default(); rows] }
}

/// Builds the system of the new marts and of all earlier vintages, oldest first.
///
/// # Errors
/// [`Error::Broken`] where the marts of a vintage do not keep their relations.
pub(super) fn together(
    joint: &Joint,
    status: &[Status],
    history: &[Vintage],
    threshold_min: i64,
    codes: &Codes,
) -> Result<Timeline> {
    let mut earlier = Vec::with_capacity(history.len());
    for vintage in history {
        earlier.push(Earlier::of(vintage, threshold_min, codes)?);
    }
    let mut line = Line::new(joint, &earlier);
    line.unite_unchanged(joint, &earlier);
    line.lay_out(joint, status, &earlier)
}

impl Earlier {
    fn of(vintage: &Vintage, threshold_min: i64, codes: &Codes) -> Result<Earlier> {
        let mut tables: Vec<&(MartTable, Vec<Seen>)> = vintage.tables.iter().collect();
        tables.sort_by(|a, b| a.0.contract.name.cmp(&b.0.contract.name));
        let mut sheets: Vec<Sheet> = Vec::with_capacity(tables.len());
        let mut seen = Vec::new();
        for (mart, states) in tables {
            let first = sheets.last().map_or(0, |sheet| sheet.first + sheet.rows.len());
            let mut order: Vec<usize> = (0..mart.rows.len()).collect();
            order.sort_by(|&a, &b| mart.rows[a].cmp(&mart.rows[b]));
            seen.extend(order.into_iter().map(|row| states[row].clone()));
            sheets.push(Sheet::new(mart.clone(), threshold_min, first)?);
        }
        let hidden: BTreeSet<(String, usize)> = sheets
            .iter()
            .flat_map(|sheet| (0..sheet.rows.len()).map(move |row| (sheet, row)))
            .filter(|(sheet, row)| seen[sheet.first + row].status == Status::Hidden)
            .map(|(sheet, row)| (sheet.name().to_owned(), row))
            .collect();
        let shown = |sheet: &Sheet, row: usize| !hidden.contains(&(sheet.name().to_owned(), row));
        Ok(Earlier { joint: Joint::new(sheets, &shown, codes)?, seen })
    }
}

/// What the ledger is to remember of the new release.
pub(super) fn entry(joint: &Joint, displayed: &Displayed) -> Vintage {
    let table = |sheet: &Sheet| {
        let seen = |row: usize| {
            let cell = joint.cell_of[sheet.first + row];
            Seen { status: displayed.status[cell], kept: displayed.kept(cell, sheet.first + row) }
        };
        let mart = MartTable { contract: sheet.contract.clone(), rows: sheet.rows.clone() };
        (mart, (0..sheet.rows.len()).map(seen).collect())
    };
    Vintage { name: String::new(), tables: joint.sheets.iter().map(table).collect() }
}

/// The rows of a release by their place.
fn places(joint: &Joint) -> impl Iterator<Item = (Place, usize)> + '_ {
    joint.sheets.iter().flat_map(|sheet| {
        let place =
            |(at, row): (usize, &super::table::MartRow)| ((sheet.name().to_owned(), row.key.clone()), sheet.first + at);
        sheet.rows.iter().enumerate().map(place)
    })
}

fn counts(joint: &Joint, row: usize) -> (i64, i64) {
    let cell = &joint.system.cells[joint.cell_of[row]];
    (cell.deltaganden, cell.personer)
}

fn further(joint: &Joint, row: usize) -> Vec<i64> {
    let sheet = joint.sheets.iter().rev().find(|sheet| sheet.first <= row);
    sheet.map_or_else(Vec::new, |sheet| sheet.rows[row - sheet.first].further.clone())
}

/// Cells of all releases in one numbering: the new one's first, then those of each vintage.
struct Line {
    /// Where the cells of each vintage begin.
    first: Vec<usize>,
    root: Vec<usize>,
    /// Per vintage, rows by place.
    rows: Vec<HashMap<Place, usize>>,
}

impl Line {
    fn new(joint: &Joint, earlier: &[Earlier]) -> Line {
        let mut first = Vec::with_capacity(earlier.len());
        let mut next = joint.system.cells.len();
        for one in earlier {
            first.push(next);
            next += one.joint.system.cells.len();
        }
        let rows = earlier.iter().map(|one| places(&one.joint).collect()).collect();
        Line { first, root: (0..next).collect(), rows }
    }

    fn find(&mut self, mut cell: usize) -> usize {
        while self.root[cell] != cell {
            self.root[cell] = self.root[self.root[cell]];
            cell = self.root[cell];
        }
        cell
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.root[a.max(b)] = a.min(b);
    }

    /// A row's cell is that of the vintage before, where its counts are the same.
    fn unite_unchanged(&mut self, joint: &Joint, earlier: &[Earlier]) {
        for later in 1..=earlier.len() {
            let (now, first) = match earlier.get(later) {
                Some(one) => (&one.joint, self.first[later]),
                None => (joint, 0),
            };
            for (place, row) in places(now) {
                let Some(&before) = self.rows[later - 1].get(&place) else { continue };
                if counts(now, row) == counts(&earlier[later - 1].joint, before) {
                    let old = self.first[later - 1] + earlier[later - 1].joint.cell_of[before];
                    self.unite(first + now.cell_of[row], old);
                }
            }
        }
    }

    /// Numbers the cells anew, gives each what all releases say of it, and adds the differences.
    fn lay_out(&mut self, joint: &Joint, status: &[Status], earlier: &[Earlier]) -> Result<Timeline> {
        let mut number: BTreeMap<usize, usize> = BTreeMap::new();
        let of: Vec<usize> = (0..self.root.len())
            .map(|cell| {
                let root = self.find(cell);
                let next = number.len();
                *number.entry(root).or_insert(next)
            })
            .collect();
        let mut cells: Vec<Option<Cell>> = vec![None; number.len()];
        let mut states = vec![Status::Hidden; number.len()];
        for (cell, held) in joint.system.cells.iter().enumerate() {
            cells[of[cell]] = Some(held.clone());
            states[of[cell]] = status[cell];
        }
        let mut relations = renumbered(&joint.system, |cell| of[cell]);
        for (at, one) in earlier.iter().enumerate() {
            for (cell, held) in one.joint.system.cells.iter().enumerate() {
                let cell = of[self.first[at] + cell];
                cells[cell].get_or_insert_with(|| held.clone());
            }
            for (row, seen) in one.seen.iter().enumerate() {
                let cell = of[self.first[at] + one.joint.cell_of[row]];
                match seen.status {
                    Status::Published => {
                        // What has been published is known for good: it is shown again, and protects nothing.
                        states[cell] = Status::Published;
                        cells[cell].iter_mut().for_each(|cell| cell.is_known = true);
                    }
                    old if states[cell] == Status::Hidden => states[cell] = old,
                    _ => {}
                }
            }
            relations.extend(renumbered(&one.joint.system, |cell| of[self.first[at] + cell]));
        }
        let cells = cells.into_iter().flatten().collect();
        let mut changes = Changes { cells, states, relations };
        let past = self.follow(joint, earlier, &of, &mut changes);
        let Changes { cells, states, relations } = changes;
        let system = System::new(cells, relations).map_err(|(_, broken)| broken_in_time(&broken))?;
        Ok(Timeline { system, status: states, cell_of: of[..joint.system.cells.len()].to_vec(), past })
    }

    /// Compares every row of every release with the same row before.
    fn follow(&self, joint: &Joint, earlier: &[Earlier], of: &[usize], changes: &mut Changes) -> Vec<Past> {
        let mut past = Vec::new();
        for later in 1..=earlier.len() {
            let (now, first) = match earlier.get(later) {
                Some(one) => (&one.joint, self.first[later]),
                None => (joint, 0),
            };
            for (place, row) in places(now) {
                let own = counts(now, row);
                let cell = of[first + now.cell_of[row]];
                let mut mine = Past::default();
                for before in 0..later {
                    let Some(&old_row) = self.rows[before].get(&place) else { continue };
                    let (old, seen) = (&earlier[before], &earlier[before].seen[old_row]);
                    let old_own = counts(&old.joint, old_row);
                    if let Some((deltaganden, personer)) = seen.shown(old_own) {
                        let measures = seen.kept.as_ref().map_or_else(|| further(&old.joint, old_row), |k| k.2.clone());
                        mine.shown = Some((deltaganden, personer, measures));
                    }
                    // What no table had says nothing of what a later one is to withhold.
                    if seen.status != Status::Hidden {
                        mine.was_withheld = Some(seen.status.withheld());
                    }
                    let old_cell = of[self.first[before] + old.joint.cell_of[old_row]];
                    if old_own != own && old_cell != cell {
                        changes.compare((old_cell, old_own), (cell, own), seen.status == Status::Hidden);
                    }
                }
                if later == earlier.len() {
                    if mine.was_withheld == Some(true)
                        && changes.states[cell] == Status::Published
                        && !changes.cells[cell].is_known
                    {
                        // The pattern is stable: what was withheld stays so.
                        changes.states[cell] = Status::Secondary;
                    }
                    past.push((row, mine));
                }
            }
        }
        past.sort_by_key(|(row, _)| *row);
        past.into_iter().map(|(_, mine)| mine).collect()
    }
}

fn renumbered(system: &System, number: impl Fn(usize) -> usize) -> Vec<Relation> {
    let relation = |relation: &Relation| {
        let mut factors: BTreeMap<(usize, Unit), i64> = BTreeMap::new();
        for term in &relation.terms {
            *factors.entry((number(term.cell), term.unit)).or_default() += term.factor;
        }
        let terms = factors.into_iter().filter(|(_, factor)| *factor != 0);
        let terms = terms.map(|((cell, unit), factor)| Term { cell, unit, factor }).collect();
        Relation { sense: relation.sense, terms }
    };
    system.relations.iter().map(relation).collect()
}

fn broken_in_time(broken: &Broken) -> Error {
    let what = match broken {
        Broken::Relation(_) => "a relation of an earlier vintage",
        Broken::Cell(_) => "a count of an earlier vintage",
    };
    Error::Broken { table: "proof.argangar".into(), reason: format!("{what} does not hold") }
}
