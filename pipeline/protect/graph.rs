//! A system as the search sees it: which cells hang together through which lines, and how far each may fall.

use super::desk::Desk;
use super::lines::{Line, Reach, lines};
use super::system::{Cell, System};

/// Keeps sums of weights far from overflow.
const WEIGHT_MAX: i64 = 1 << 40;

/// A system as the search sees it: which cells hang together, how far each may fall.
#[derive(Debug)]
pub struct Graph {
    pub(super) lines: Vec<Line>,
    /// Per cell, equalities and their factors.
    pub(super) equalities: Vec<Vec<(usize, i64)>>,
    /// Per cell, inequalities.
    pub(super) limits: Vec<Vec<usize>>,
    /// Persons that the cell can lose, and gain.
    pub(super) room: Vec<i64>,
    pub(super) rise: Vec<i64>,
    pub(super) personer: Vec<i64>,
    pub(super) weight: Vec<i64>,
    /// Whether the cell is withheld or hidden: free to move.
    pub(super) free: Vec<bool>,
    /// Whether the cell can be nothing but what it is.
    pub(super) known: Vec<bool>,
    pub(super) free_count: Vec<usize>,
    pub(super) weight_min: Vec<i64>,
    /// Cells that searches have looked at so far: a measure of work that is the same on every machine.
    pub(super) looked: std::cell::Cell<u64>,
    pub(super) desk: Desk,
}

impl Graph {
    pub fn new(system: &System) -> Graph {
        let bounds = |of: fn(&Cell) -> i64| system.cells.iter().map(of).collect();
        let mut reach = Reach { room: bounds(room), rise: bounds(rise) };
        let lines = lines(system, &mut reach);
        let cells = system.cells.len();
        let mut graph = Graph {
            lines: Vec::with_capacity(lines.len()),
            equalities: vec![Vec::new(); cells],
            limits: vec![Vec::new(); cells],
            room: reach.room,
            rise: reach.rise,
            personer: system.cells.iter().map(|c| c.personer).collect(),
            weight: system
                .cells
                .iter()
                .map(|c| i64::try_from(c.weight).unwrap_or(WEIGHT_MAX).min(WEIGHT_MAX))
                .collect(),
            free: system.cells.iter().map(|c| !c.shown && !c.is_known).collect(),
            known: system.cells.iter().map(|c| c.is_known).collect(),
            free_count: Vec::new(),
            weight_min: Vec::new(),
            looked: std::cell::Cell::new(0),
            desk: Desk::default(),
        };
        lines.into_iter().for_each(|line| graph.take_line(line));
        graph.desk = Desk::new(cells, graph.lines.len());
        graph
    }

    fn take_line(&mut self, line: Line) {
        let index = self.lines.len();
        for &(cell, factor) in &line.terms {
            match line.slack {
                None => self.equalities[cell].push((index, factor)),
                Some(_) => self.limits[cell].push(index),
            }
        }
        self.free_count.push(line.terms.iter().filter(|(c, _)| self.free[*c]).count());
        self.weight_min.push(line.terms.iter().map(|(c, _)| self.weight[*c]).min().unwrap_or(0));
        self.lines.push(line);
    }

    /// Lets a cell move from now on without cost.
    pub fn free(&mut self, cell: usize) {
        if !self.free[cell] {
            self.free[cell] = true;
            for &(line, _) in &self.equalities[cell] {
                self.free_count[line] += 1;
            }
        }
    }

    /// Bars a cell that was free: it is published.
    pub fn bar(&mut self, cell: usize) {
        if self.free[cell] {
            self.free[cell] = false;
            for &(line, _) in &self.equalities[cell] {
                self.free_count[line] -= 1;
            }
        }
    }

    pub fn cell_count(&self) -> usize {
        self.free.len()
    }

    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// A line's cells, with their factors.
    pub fn terms(&self, line: usize) -> &[(usize, i64)] {
        &self.lines[line].terms
    }

    /// How much a line's sum may grow; none for an equality.
    pub fn slack(&self, line: usize) -> Option<i64> {
        self.lines[line].slack
    }

    pub fn equalities_of(&self, cell: usize) -> &[(usize, i64)] {
        &self.equalities[cell]
    }

    /// Every line of a cell.
    pub fn lines_of(&self, cell: usize) -> impl Iterator<Item = usize> {
        self.equalities[cell].iter().map(|(line, _)| *line).chain(self.limits[cell].iter().copied())
    }

    /// Persons that a cell can lose, where both measures move alike.
    pub fn room(&self, cell: usize) -> i64 {
        self.room[cell]
    }

    /// Persons that a cell can gain, where both measures move alike.
    pub fn rise(&self, cell: usize) -> i64 {
        self.rise[cell]
    }

    pub fn is_free(&self, cell: usize) -> bool {
        self.free[cell]
    }
}

/// Persons that a cell can lose. Where somebody has several deltaganden one person stays, so that no deltagande is
/// left without a person.
pub(super) fn room(cell: &Cell) -> i64 {
    let stays = i64::from(!cell.is_free && cell.deltaganden > cell.personer);
    (cell.personer.saturating_sub(cell.range.0) - stays).max(0)
}

/// Persons that a cell can gain.
pub(super) fn rise(cell: &Cell) -> i64 {
    cell.range.1.saturating_sub(cell.personer)
}
