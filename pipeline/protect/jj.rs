//! JJ files: the linear systems that τ-ARGUS and sdcTable read and write. By them our patterns are given to other
//! auditors, and theirs to ours.
//!
//! `0`, the number of cells, a line for each (`index value weight status lb ub LPL UPL SPL`; status `s` published, `u`
//! primary, `m` secondary, `z` empty), the number of relations, a line for each (`rhs n : index (factor) …`).

use super::pattern::{Need, Rule, Status, need};
use super::system::{Cell, Relation, Sense, System, Unit};
use std::fmt::Write as _;

/// Cost of a cell whatever it holds, against the root of its weight.
const COST_BASE: u64 = 40;
/// Stands for a weight that bars a cell from being withheld.
const BARRED: u64 = 1 << 40;

/// A system as a JJ file states it: one measure, protection levels cell by cell.
#[derive(Clone, Debug)]
pub struct Jj {
    pub system: System,
    pub status: Vec<Status>,
}

impl Jj {
    /// Reads the text of a JJ file.
    ///
    /// # Errors
    /// What is wrong and in which line, counted from 1; never a value.
    pub fn parse(text: &str) -> Result<Jj, String> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, l)| !l.trim().is_empty());
        let mut next = |what: &str| lines.next().ok_or_else(|| format!("it ends before {what}"));
        next("the line 0")?;
        let (at, count) = next("the number of cells")?;
        let count: usize = count.trim().parse().map_err(|_| format!("line {at}: not a number of cells"))?;
        let (mut cells, mut status) = (Vec::new(), Vec::new());
        for index in 0..count {
            let (at, line) = next("the last cell")?;
            let (number, cell, state) = cell(line).ok_or_else(|| format!("line {at}: not a cell of nine fields"))?;
            if number != index {
                return Err(format!("line {at}: cells are numbered from 0 in order"));
            }
            cells.push(cell);
            status.push(state);
        }
        let (at, lines_left) = next("the number of relations")?;
        let relations: usize =
            lines_left.trim().parse().map_err(|_| format!("line {at}: not a number of relations"))?;
        let mut read = Vec::with_capacity(relations);
        for _ in 0..relations {
            let (at, line) = next("the last relation")?;
            let fault = || format!("line {at}: not a relation `rhs n : cell (factor) …` over cells of the file");
            let (constant, terms) = relation(line).ok_or_else(fault)?;
            if terms.iter().any(|(cell, _)| *cell >= count) {
                return Err(fault());
            }
            read.push((constant, terms));
        }
        if read.iter().any(|(constant, _)| *constant != 0) {
            // A published cell of 1 carries the constants.
            let one = Cell { weight: BARRED, is_known: true, ..Cell::count(1, 1, 2) };
            cells.push(one);
            status.push(Status::Published);
        }
        let relations = read.into_iter().map(|(constant, mut terms)| {
            if constant != 0 {
                terms.push((count, -constant));
            }
            Relation::new(Sense::Equal, Unit::Personer, terms)
        });
        let system = System::new(cells, relations.collect());
        let system = system.map_err(|_| "the cells do not keep a relation, or lie outside their bounds".to_owned())?;
        Ok(Jj { system, status })
    }

    /// The measures of a cell that are cells of the file, one after the other.
    pub(super) fn units(system: &System) -> &'static [Unit] {
        if system.is_single() { &[Unit::Personer] } else { &[Unit::Deltaganden, Unit::Personer] }
    }

    /// The text of a JJ file. τ-ARGUS knows one measure and sums only: each measure of a cell is a cell there, and an
    /// inequality a sum with a cell of its own for what is left over.
    pub fn write(system: &System, status: &[Status]) -> String {
        let units = Jj::units(system);
        let at =
            |cell: usize, unit: Unit| cell * units.len() + units.iter().position(|known| *known == unit).unwrap_or(0);
        let counts = system.cells.iter().flat_map(|cell| units.iter().map(|&unit| cell.value(unit).abs()));
        let most = counts.max().unwrap_or(0) * 2 + 1000;
        let mut cells: Vec<String> = Vec::new();
        for (index, cell) in system.cells.iter().enumerate() {
            for &unit in units {
                cells.push(cell_line(cells.len(), cell, status[index], unit, most));
            }
        }
        let mut relations = String::new();
        let mut count = 0;
        let mut relate = |terms: Vec<(usize, i64)>, left_over: Option<i64>, cells: &mut Vec<String>| {
            let mut terms = terms;
            if let Some(left_over) = left_over {
                terms.push((cells.len(), 1));
                cells.push(format!("{} {left_over} 1 m 0 {most} 0 0 0", cells.len()));
            }
            let written: Vec<String> = terms.iter().map(|(cell, factor)| format!("{cell} ({factor})")).collect();
            let _ = writeln!(relations, "0 {} : {}", terms.len(), written.join(" "));
            count += 1;
        };
        for relation in &system.relations {
            let sum: i64 = relation.terms.iter().map(|t| t.factor * system.cells[t.cell].value(t.unit)).sum();
            let terms = relation.terms.iter().map(|t| (at(t.cell, t.unit), t.factor)).collect();
            relate(terms, (relation.sense == Sense::AtMost).then_some(-sum), &mut cells);
        }
        for (index, cell) in system.cells.iter().enumerate().filter(|(_, cell)| units.len() == 2 && !cell.is_free) {
            let terms = vec![(at(index, Unit::Personer), 1), (at(index, Unit::Deltaganden), -1)];
            relate(terms, Some(cell.deltaganden - cell.personer), &mut cells);
        }
        format!("0\n{}\n{}\n{count}\n{relations}", cells.len(), cells.join("\n"))
    }
}

/// One measure of a cell, with what it needs: of deltaganden the width is asked for, of persons all.
fn cell_line(number: usize, cell: &Cell, status: Status, unit: Unit, most: i64) -> String {
    let value = cell.value(unit);
    let Need { down, up, width } = need(cell, status);
    let (letter, levels) = match (status, unit) {
        (Status::Published, _) => (if value == 0 { "z" } else { "s" }, (0, 0, 0)),
        (Status::Hidden, _) => ("m", (0, 0, 0)),
        // A width is no pair of levels: τ-ARGUS is told to see that the cell is not known, we compare the width.
        (Status::Secondary, _) | (_, Unit::Deltaganden) => ("m", (0, 0, width)),
        (Status::Primary(_), Unit::Personer) => ("u", (down, up, width)),
    };
    let (least, greatest) = (cell.range.0.max(-most), cell.range.1.min(most));
    let (down, up, width) = levels;
    format!("{number} {value} {} {letter} {least} {greatest} {down} {up} {width}", cell.weight)
}

/// A whole number, also where it is written with decimals.
fn whole(text: &str) -> Option<i64> {
    let value: f64 = text.parse().ok()?;
    (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
}

fn cell(line: &str) -> Option<(usize, Cell, Status)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [index, value, weight, status, least, greatest, lower, upper, sliding] = fields.as_slice() else { return None };
    let value = whole(value)?;
    let (down, up, sliding) = (whole(lower)?, whole(upper)?, whole(sliding)?);
    let weight: f64 = weight.parse().ok()?;
    let need = Need { down, up, width: sliding.max(down + up) };
    let threshold = down.max(up).max(sliding).max(1) + 1;
    let cell = Cell {
        // Few cells first, then cheap ones: what a τ-ARGUS cell costs is its value as a rule. A zero hides little.
        weight: if value == 0 { BARRED >> 10 } else { COST_BASE + (weight.abs() as u64).min(BARRED).isqrt() },
        is_known: *status == "z",
        own: Some(need),
        spread: sliding,
        range: (whole(least)?, whole(greatest)?),
        is_free: least.starts_with('-'),
        ..Cell::count(value, value, threshold)
    };
    let status = match *status {
        "s" | "z" => Status::Published,
        "u" => Status::Primary(Rule::FewPersons),
        "m" => Status::Secondary,
        _ => return None,
    };
    Some((index.parse().ok()?, cell, status))
}

fn relation(line: &str) -> Option<(i64, Vec<(usize, i64)>)> {
    let (head, tail) = line.split_once(':')?;
    let mut head = head.split_whitespace();
    let (constant, count): (i64, usize) = (whole(head.next()?)?, head.next()?.parse().ok()?);
    let tail = tail.replace(['(', ')'], " ");
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let pairs = fields.chunks(2).map(|pair| match pair {
        [cell, factor] => Some((cell.parse().ok()?, whole(factor)?)),
        _ => None,
    });
    let terms: Vec<(usize, i64)> = pairs.collect::<Option<_>>()?;
    (terms.len() == count).then_some((constant, terms))
}
