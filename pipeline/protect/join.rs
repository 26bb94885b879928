//! From the marts of a release to one system: rows that are the same cell are joined, and every declared
//! relation becomes equations and inequalities. Nothing here knows any mart by name.

use super::hidden::leave_out;
use super::known;
use super::members::{areas, choose, divided, families, parts_of, split, weight};
use super::rules::{Kind, Persons, Rule};
use super::system::{Broken, Cell, Relation, Sense, System, Term, Unit};
use super::table::Sheet;
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Komponent → the group of the coarser classification that it belongs to.
pub type Groups = BTreeMap<String, String>;

/// What code lists and names of areas say about how codes hang together.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    pub groups: Groups,
    /// Mart, column and division → code → the value of the division that it belongs to; without one it belongs to none.
    pub divisions: BTreeMap<(String, String, String), BTreeMap<String, String>>,
    /// Level and area → the area of a level above that it lies in.
    pub upper: BTreeMap<(String, String), String>,
}

/// The sheets of a release and their joint system.
#[derive(Debug)]
pub(super) struct Joint {
    pub sheets: Vec<Sheet>,
    pub system: System,
    /// Row of the release → cell.
    pub cell_of: Vec<usize>,
    /// Column of a sheet, row of the release → the cell that the codes of that column add up to.
    wholes: BTreeMap<(usize, usize), Vec<Option<usize>>>,
}

impl Joint {
    /// # Errors
    /// [`Error::Contract`] where a rule cannot be used, [`Error::Broken`] where the marts do not keep one.
    pub fn new(sheets: Vec<Sheet>, shown: &dyn Fn(&Sheet, usize) -> bool, codes: &Codes) -> Result<Joint> {
        let rows: usize = sheets.iter().map(|sheet| sheet.rows.len()).sum();
        let mut joiner =
            Joiner { sheets: &sheets, codes, root: (0..rows).collect(), relations: Vec::new(), known: BTreeSet::new() };
        for sheet in &sheets {
            joiner.known.extend(known::nothing(sheet, codes)?.into_iter().map(|row| sheet.first + row));
        }
        joiner.join()?;
        let cell_of = joiner.number();
        joiner.same_counts(&cell_of)?;
        let mut wholes = BTreeMap::new();
        joiner.relate(&cell_of, &mut wholes)?;
        let relations = std::mem::take(&mut joiner.relations);
        let mut cells = joiner.cells(&cell_of, shown)?;
        joiner.known.iter().for_each(|&row| cells[cell_of[row]].is_known = true);
        // Every relation is held to the true counts, also those that a reader learns nothing from.
        match System::new(cells, relations) {
            Ok(System { mut cells, relations }) => {
                let relations = leave_out(&mut cells, relations);
                let system = System::new(cells, relations).unwrap_or_else(|(system, _)| system);
                Ok(Joint { sheets, system, cell_of, wholes })
            }
            Err((system, broken)) => Err(name_broken(&sheets, &cell_of, &system, broken)),
        }
    }

    /// The cell that the codes of a sheet's column add up to, for a row of that sheet.
    pub fn whole(&self, sheet: usize, column: usize, row: usize) -> Option<usize> {
        self.wholes.get(&(sheet, column)).and_then(|cells| cells[row])
    }
}

/// Names the table and what does not hold; never a value.
fn name_broken(sheets: &[Sheet], cell_of: &[usize], system: &System, broken: Broken) -> Error {
    let (cell, reason) = match broken {
        Broken::Cell(cell) => (cell, "a row has more persons than deltaganden, or none of one measure only".to_owned()),
        Broken::Relation(index) => {
            let relation = &system.relations[index];
            let cells = relation.terms.len();
            let unit =
                if relation.terms.iter().all(|t| t.unit == Unit::Deltaganden) { "deltaganden" } else { "personer" };
            let last = relation.terms.iter().map(|t| t.cell).max().unwrap_or(0);
            let held = if relation.sense == Sense::Equal { "add up" } else { "stay within their bound" };
            (last, format!("{unit} of {cells} linked cells do not {held}"))
        }
    };
    let row = cell_of.iter().position(|&c| c == cell).unwrap_or(0);
    let sheet = sheets.iter().rev().find(|sheet| sheet.first <= row);
    let place = sheet.map_or_else(String::new, |s| format!(" (key {})", s.rows[row - s.first].key.join("/")));
    Error::Broken {
        table: sheet.map_or_else(String::new, |s| s.contract.full_name()),
        reason: format!("{reason}{place}"),
    }
}

struct Joiner<'a> {
    sheets: &'a [Sheet],
    codes: &'a Codes,
    root: Vec<usize>,
    relations: Vec<Relation>,
    /// Rows that everybody knows to be nothing.
    known: BTreeSet<usize>,
}

type Wholes = BTreeMap<(usize, usize), Vec<Option<usize>>>;

impl<'a> Joiner<'a> {
    fn find(&mut self, mut row: usize) -> usize {
        while self.root[row] != row {
            self.root[row] = self.root[self.root[row]];
            row = self.root[row];
        }
        row
    }

    fn unite(&mut self, rows: &[usize]) {
        for pair in rows.windows(2) {
            let (a, b) = (self.find(pair[0]), self.find(pair[1]));
            self.root[a.max(b)] = a.min(b);
        }
    }

    fn sheet(&self, name: &str, of: &Sheet) -> Result<&'a Sheet> {
        let found = self.sheets.iter().find(|sheet| sheet.name() == name);
        found.ok_or_else(|| of.contract.fault(format!("a relation names the mart {name}, which is not in the release")))
    }

    /// Joins the rows that are the same cell.
    fn join(&mut self) -> Result<()> {
        for sheet in self.sheets.iter().filter(|sheet| sheet.is_exact()) {
            for rule in &sheet.policy.rules {
                match rule {
                    Rule::Same { over, rows } => {
                        for group in sheet.groups(&[sheet.column(over)?]) {
                            let chosen = choose(sheet, &group, rows)?;
                            self.unite(&chosen.iter().map(|r| sheet.first + r).collect::<Vec<_>>());
                        }
                    }
                    Rule::Levels { level, area, whole, part, .. } => {
                        for group in sheet.groups(&[sheet.column(level)?, sheet.column(area)?]) {
                            for (upper, parts) in areas(sheet, &group, (level, area), (whole, part), self.codes)? {
                                // The only area that it is made of is the area itself, seen from another level.
                                if let [only] = parts.as_slice() {
                                    self.unite(&[sheet.first + only, sheet.first + upper]);
                                }
                            }
                        }
                    }
                    Rule::Parts { column, rows, link, .. } => {
                        let other = self.sheet(&link.mart, sheet)?;
                        for group in sheet.groups(&[sheet.column(column)?]) {
                            let mut group = parts_of(sheet, &group, rows, column)?;
                            group.retain(|row| !self.known.contains(&(sheet.first + row)));
                            // The only part that there can be is the whole.
                            if let [only] = group.as_slice() {
                                self.unite(&[sheet.first + only, other.first + sheet.linked(*only, link, other)?]);
                            }
                        }
                    }
                    Rule::Union { .. } => {
                        for family in families(sheet, rule, &self.codes.groups)? {
                            if let [only] = family.parts.as_slice() {
                                self.unite(&[sheet.first + family.whole, sheet.first + only]);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Numbers the cells in the order of their first row.
    fn number(&mut self) -> Vec<usize> {
        let (mut number, mut next) = (vec![usize::MAX; self.root.len()], 0);
        (0..self.root.len())
            .map(|row| {
                let root = self.find(row);
                if number[root] == usize::MAX {
                    (number[root], next) = (next, next + 1);
                }
                number[root]
            })
            .collect()
    }

    fn same_counts(&self, cell_of: &[usize]) -> Result<()> {
        let mut counts: Vec<Option<(i64, i64)>> = vec![None; cell_of.len()];
        for sheet in self.sheets {
            for (index, row) in sheet.rows.iter().enumerate() {
                let mine = (row.deltaganden, row.personer);
                if *counts[cell_of[sheet.first + index]].get_or_insert(mine) != mine {
                    let reason = format!("rows that are the same cell differ (key {})", row.key.join("/"));
                    return Err(Error::Broken { table: sheet.contract.full_name(), reason });
                }
            }
        }
        Ok(())
    }

    fn cells(&self, cell_of: &[usize], shown: &dyn Fn(&Sheet, usize) -> bool) -> Result<Vec<Cell>> {
        let mut cells: Vec<Option<Cell>> = vec![None; cell_of.iter().max().map_or(0, |last| last + 1)];
        for sheet in self.sheets {
            let level = sheet.policy.levels().map(|(column, whole)| Ok::<_, Error>((sheet.column(column)?, whole)));
            let level = level.transpose()?;
            for (index, row) in sheet.rows.iter().enumerate() {
                let seen = match &sheet.policy.kind {
                    Kind::Amounts(amounts) => Cell::amount(row.personer, amounts.percent),
                    Kind::People | Kind::Open => Cell::count(row.deltaganden, row.personer, 0),
                };
                let unseen = Cell { weight: 0, shown: false, ..seen };
                let cell = cells[cell_of[sheet.first + index]].get_or_insert(unseen);
                cell.is_known |= sheet.is_open(index)?;
                let upper = level.is_some_and(|(column, whole)| row.key[column] == whole);
                if cell.is_count() {
                    cell.threshold = cell.threshold.max(sheet.policy.threshold);
                    cell.spread = cell.threshold - 1;
                }
                cell.weight = cell.weight.saturating_add(weight(sheet, index, upper));
                cell.shown |= shown(sheet, index);
            }
        }
        Ok(cells.into_iter().flatten().collect())
    }

    fn relate(&mut self, cell_of: &[usize], wholes: &mut Wholes) -> Result<()> {
        for (number, sheet) in self.sheets.iter().enumerate() {
            let cell = |row: &usize| cell_of[sheet.first + row];
            let before = self.relations.len();
            for rule in &sheet.policy.rules {
                match rule {
                    Rule::Sum { column, total, division, deltaganden, persons } => {
                        let name = (sheet.name().to_owned(), column.clone(), division.clone().unwrap_or_default());
                        let column = sheet.column(column)?;
                        let known = wholes.entry((number, column)).or_insert_with(|| vec![None; sheet.rows.len()]);
                        for group in sheet.groups(&[column]) {
                            let (whole, parts) = split(sheet, &group, column, total);
                            let Some(whole) = whole else { continue };
                            group.iter().for_each(|&row| known[row] = Some(cell(&whole)));
                            for parts in
                                divided(sheet, parts, column, division.is_some(), self.codes.divisions.get(&name))
                            {
                                let parts: Vec<usize> = parts.iter().map(cell).collect();
                                self.add_up(cell(&whole), &parts, (*deltaganden, *persons));
                            }
                        }
                    }
                    Rule::Levels { level, area, whole, part, persons } => {
                        for group in sheet.groups(&[sheet.column(level)?, sheet.column(area)?]) {
                            for (upper, parts) in areas(sheet, &group, (level, area), (whole, part), self.codes)? {
                                let upper = cell(&upper);
                                let parts: Vec<usize> = parts.iter().map(cell).collect();
                                self.add_up(upper, &parts, (Persons::Equal, *persons));
                            }
                        }
                    }
                    Rule::Parts { column: name, rows, link, persons } => {
                        let column = sheet.column(name)?;
                        let other = self.sheet(&link.mart, sheet)?;
                        let known = wholes.entry((number, column)).or_insert_with(|| vec![None; sheet.rows.len()]);
                        for group in sheet.groups(&[column]) {
                            let group = parts_of(sheet, &group, rows, name)?;
                            if group.is_empty() {
                                continue;
                            }
                            let whole = cell_of[other.first + sheet.linked(group[0], link, other)?];
                            group.iter().for_each(|&row| known[row] = Some(whole));
                            self.add_up(whole, &group.iter().map(cell).collect::<Vec<_>>(), (Persons::Equal, *persons));
                        }
                    }
                    _ => self.bound(sheet, rule, cell_of)?,
                }
            }
            // Of such a mart the wholes of shares are wanted, and no relation holds.
            if !sheet.is_exact() {
                self.relations.truncate(before);
            }
        }
        Ok(())
    }

    /// The relations that are no sums.
    fn bound(&mut self, sheet: &Sheet, rule: &Rule, cell_of: &[usize]) -> Result<()> {
        let cell = |row: &usize| cell_of[sheet.first + row];
        match rule {
            Rule::AtMost { rows, link } => {
                let other = self.sheet(&link.mart, sheet)?;
                for row in choose(sheet, &(0..sheet.rows.len()).collect::<Vec<_>>(), rows)? {
                    let whole = cell_of[other.first + sheet.linked(row, link, other)?];
                    self.at_most(&[(cell(&row), 1), (whole, -1)]);
                }
            }
            Rule::Union { any, all, .. } => {
                for family in families(sheet, rule, &self.codes.groups)?.iter().filter(|family| family.parts.len() > 1)
                {
                    let whole = cell(&family.whole);
                    if family.value == *any {
                        let mut sum: Vec<(usize, i64)> = vec![(whole, 1)];
                        sum.extend(family.parts.iter().map(|row| (cell(row), -1)));
                        self.at_most(&sum);
                        family.parts.iter().for_each(|row| self.at_most(&[(cell(row), 1), (whole, -1)]));
                    } else if family.value == *all {
                        family.parts.iter().for_each(|row| self.at_most(&[(whole, 1), (cell(row), -1)]));
                    }
                }
            }
            Rule::OnePerson { rows } => {
                for row in choose(sheet, &(0..sheet.rows.len()).collect::<Vec<_>>(), rows)? {
                    let term = |unit, factor| Term { cell: cell(&row), unit, factor };
                    let terms = vec![term(Unit::Deltaganden, 1), term(Unit::Personer, -1)];
                    self.relations.push(Relation { sense: Sense::Equal, terms });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A whole and its parts, deltaganden and personer each in its way; a whole that has no parts here says nothing.
    fn add_up(&mut self, whole: usize, parts: &[usize], (deltaganden, personer): (Persons, Persons)) {
        if parts.is_empty() {
            return;
        }
        let mut sum: Vec<(usize, i64)> = vec![(whole, 1)];
        sum.extend(parts.iter().map(|&part| (part, -1)));
        for (unit, how) in [(Unit::Deltaganden, deltaganden), (Unit::Personer, personer)] {
            match how {
                Persons::Equal => self.relations.push(Relation::new(Sense::Equal, unit, sum.iter().copied())),
                Persons::AtMost => {
                    self.relations.push(Relation::new(Sense::AtMost, unit, sum.iter().copied()));
                    let parts = parts.iter().map(|&p| Relation::new(Sense::AtMost, unit, [(p, 1), (whole, -1)]));
                    self.relations.extend(parts);
                }
            }
        }
    }

    fn at_most(&mut self, terms: &[(usize, i64)]) {
        for unit in [Unit::Deltaganden, Unit::Personer] {
            self.relations.push(Relation::new(Sense::AtMost, unit, terms.iter().copied()));
        }
    }
}
