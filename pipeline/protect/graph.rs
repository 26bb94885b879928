//! A system as the search sees it: which cells hang together through which lines, and how far each may fall.

use super::desk::Desk;
use super::lines::{Line, Reach, lines};
use super::system::{Cell, Shift, System};
use std::collections::{BTreeMap, VecDeque};

/// Keeps sums of weights far from overflow.
const WEIGHT_MAX: i64 = 1 << 40;
/// Guessed cost of repairing a line.
const GUESS: i64 = 100;

/// A system as the search sees it: which cells hang together, how far each may fall.
#[derive(Debug)]
pub struct Graph {
    /// Per line, its cells and their factors, by cell.
    pub(super) terms: Ties,
    /// Per line, how much its sum may grow; none for an equality.
    slack: Vec<Option<i64>>,
    /// Per cell, equalities and their factors.
    pub(super) equalities: Ties,
    /// Per cell, inequalities and their factors.
    pub(super) limits: Ties,
    pub(super) places: Vec<Place>,
    /// Per line, the cells that move without cost, and the cheapest of all.
    free_count: Vec<usize>,
    weight_min: Vec<i64>,
    /// Per line, the guessed cost of repairing it.
    pub(super) guess: Vec<i64>,
    /// Cells that searches have looked at so far: a measure of work that is the same on every machine.
    pub(super) looked: std::cell::Cell<u64>,
    pub(super) desk: Desk,
}

/// What a search asks of a cell.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) weight: i64,
    /// Persons that the cell can lose, and gain.
    pub(super) room: i64,
    pub(super) rise: i64,
    pub(super) personer: i64,
    /// Whether the cell is withheld or hidden: free to move.
    pub(super) is_free: bool,
    /// Whether the cell can be nothing but what it is.
    pub(super) is_known: bool,
}

/// For each of many things its ties to others, one after the other in memory: the number of the other and a factor.
#[derive(Debug)]
pub(super) struct Ties {
    first: Vec<usize>,
    all: Vec<(u32, i32)>,
}

impl Ties {
    /// Of each thing in turn.
    fn new(each: impl IntoIterator<Item = Vec<(usize, i64)>>) -> Ties {
        let mut ties = Ties { first: vec![0], all: Vec::new() };
        // A search that is led astray by a number cut short finds nothing: every circuit is checked as declared.
        let short = |(other, factor): (usize, i64)| {
            (u32::try_from(other).unwrap_or(u32::MAX), i32::try_from(factor).unwrap_or(i32::MAX))
        };
        for one in each {
            ties.all.extend(one.into_iter().map(short));
            ties.first.push(ties.all.len());
        }
        ties
    }

    pub fn of(&self, one: usize) -> impl ExactSizeIterator<Item = (usize, i64)> + Clone {
        self.slice(one).iter().map(|&(other, factor)| (other as usize, i64::from(factor)))
    }

    fn slice(&self, one: usize) -> &[(u32, i32)] {
        &self.all[self.first[one]..self.first[one + 1]]
    }

    /// The factor of one tie among those of a thing that are in order; 0 where there is none.
    pub fn factor(&self, one: usize, other: usize) -> i64 {
        let ties = self.slice(one);
        ties.binary_search_by_key(&other, |tie| tie.0 as usize).map_or(0, |at| i64::from(ties[at].1))
    }
}

impl Graph {
    pub fn new(system: &System) -> Graph {
        let bounds = |of: fn(&Cell) -> i64| system.cells.iter().map(of).collect();
        let mut reach = Reach { room: bounds(room), rise: bounds(rise) };
        let lines = lines(system, &mut reach);
        let place = |(cell, (room, rise)): (&Cell, (i64, i64))| Place {
            weight: i64::try_from(cell.weight).unwrap_or(WEIGHT_MAX).min(WEIGHT_MAX),
            room,
            rise,
            personer: cell.personer,
            is_free: !cell.shown && !cell.is_known,
            is_known: cell.is_known,
        };
        let places: Vec<Place> = system.cells.iter().zip(reach.room.into_iter().zip(reach.rise)).map(place).collect();
        let tied = |is_limit: bool| {
            let mut tied = vec![Vec::new(); places.len()];
            for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.slack.is_some() == is_limit) {
                line.terms.iter().for_each(|&(cell, factor)| tied[cell].push((index, factor)));
            }
            Ties::new(tied)
        };
        let free = |line: &Line| line.terms.iter().filter(|(cell, _)| places[*cell].is_free).count();
        let least = |line: &Line| line.terms.iter().map(|(cell, _)| places[*cell].weight).min().unwrap_or(0);
        let (free_count, weight_min): (Vec<usize>, Vec<i64>) =
            lines.iter().map(|line| (free(line), least(line))).unzip();
        Graph {
            equalities: tied(false),
            limits: tied(true),
            guess: free_count.iter().zip(&weight_min).map(|(&free, &least)| guess(free, least)).collect(),
            free_count,
            weight_min,
            slack: lines.iter().map(|line| line.slack).collect(),
            looked: std::cell::Cell::new(0),
            desk: Desk::new(places.len(), lines.len()),
            terms: Ties::new(lines.into_iter().map(|line| line.terms)),
            places,
        }
    }

    /// Lets a cell move from now on without cost.
    pub fn free(&mut self, cell: usize) {
        self.set_free(cell, true);
    }

    /// Bars a cell that was free: it is published.
    pub fn bar(&mut self, cell: usize) {
        self.set_free(cell, false);
    }

    fn set_free(&mut self, cell: usize, is_free: bool) {
        if std::mem::replace(&mut self.places[cell].is_free, is_free) == is_free {
            return;
        }
        for (line, _) in self.equalities.of(cell) {
            let count = &mut self.free_count[line];
            *count = if is_free { *count + 1 } else { *count - 1 };
            self.guess[line] = guess(*count, self.weight_min[line]);
        }
    }

    pub fn cell_count(&self) -> usize {
        self.places.len()
    }

    pub fn line_count(&self) -> usize {
        self.slack.len()
    }

    /// How much a line's sum may grow; none for an equality.
    pub fn slack(&self, line: usize) -> Option<i64> {
        self.slack[line]
    }

    /// Every line of a cell.
    pub fn lines_of(&self, cell: usize) -> impl Iterator<Item = usize> {
        self.equalities.of(cell).chain(self.limits.of(cell)).map(|(line, _)| line)
    }

    /// Persons that a cell can lose, where both measures move alike.
    pub fn room(&self, cell: usize) -> i64 {
        self.places[cell].room
    }

    /// Persons that a cell can gain, where both measures move alike.
    pub fn rise(&self, cell: usize) -> i64 {
        self.places[cell].rise
    }

    pub fn weight(&self, cell: usize) -> i64 {
        self.places[cell].weight
    }

    pub fn is_free(&self, cell: usize) -> bool {
        self.places[cell].is_free
    }

    pub fn is_known(&self, cell: usize) -> bool {
        self.places[cell].is_known
    }

    /// Some cells, and those that hang together with them most closely, `most` in all.
    pub fn near(&self, cells: &[usize], most: usize) -> Vec<bool> {
        let (mut near, mut waiting) = (vec![false; self.cell_count()], VecDeque::from_iter(cells.iter().copied()));
        cells.iter().for_each(|&cell| near[cell] = true);
        let mut count = cells.len();
        while let Some(cell) = waiting.pop_front() {
            for (other, _) in self.lines_of(cell).flat_map(|line| self.terms.of(line)) {
                if count < most && !near[other] && !self.is_known(other) {
                    (near[other], count) = (true, count + 1);
                    waiting.push_back(other);
                }
            }
        }
        near
    }

    /// The parts of a shift that have no line in common: each is a shift by itself.
    pub fn parts(&self, shift: &Shift) -> Vec<Shift> {
        let mut of_line: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &cell in shift.keys() {
            self.lines_of(cell).for_each(|line| of_line.entry(line).or_default().push(cell));
        }
        let mut left = shift.clone();
        let mut parts = Vec::new();
        while let Some((first, step)) = left.pop_first() {
            let (mut part, mut waiting) = (Shift::from([(first, step)]), vec![first]);
            while let Some(cell) = waiting.pop() {
                for other in self.lines_of(cell).filter_map(|line| of_line.remove(&line)).flatten() {
                    if let Some(step) = left.remove(&other) {
                        part.insert(other, step);
                        waiting.push(other);
                    }
                }
            }
            parts.push(part);
        }
        parts
    }
}

/// High on purpose: half-repaired circuits are finished before others are begun, which finds a good circuit in
/// milliseconds where the best one would take minutes. A line with two free cells can as a rule be repaired through the
/// other one.
fn guess(free_count: usize, weight_min: i64) -> i64 {
    if free_count >= 2 { GUESS } else { GUESS + 2 * weight_min }
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
