//! Areas that are too small to be shown by themselves: what they have is withheld together, so that a reader
//! sees only their sum, and each of them could have what another has.
//!
//! The witnesses are whole areas changing place: everything that one area has is another's, sums over areas
//! unchanged. They prove most cells of small areas at once, where single circuits find no room.

use super::choose::Chooser;
use super::system::{Shift, Step, System};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// An area none of whose counts reaches this many times the threshold is withheld with its like from the
/// start; larger ones only if their cells cannot be protected otherwise.
const SMALL_TIMES: i64 = 10;
/// Cells of an area, at least: one of which only a few are counted is protected cell by cell.
const CROSSED_MIN: usize = 30;
/// Areas that are given to one area in a witness, at most.
const GIVEN_MAX: usize = 16;

/// Areas that one may change places with, tried for a cell.
const SWAPPED_MAX: usize = 3;
/// Areas that are withheld together, at least.
const COMPANY: usize = 4;

/// The areas of a system: area → cell of the upper level → the area's part of it.
pub(super) type Areas = BTreeMap<usize, BTreeMap<usize, usize>>;

impl Chooser<'_> {
    pub(super) fn areas(system: &System) -> Areas {
        let mut areas = Areas::new();
        for (index, cell) in system.cells.iter().enumerate() {
            if let Some((area, upper)) = cell.part_of {
                areas.entry(area).or_default().insert(upper, index);
            }
        }
        areas
    }

    /// The areas that are too small from the start.
    pub(super) fn small_areas(&self) -> Vec<usize> {
        let small = |cells: &BTreeMap<usize, usize>| {
            cells.len() >= CROSSED_MIN
                && cells.values().map(|&c| &self.system.cells[c]).all(|c| c.personer < SMALL_TIMES * c.threshold)
        };
        self.areas.iter().filter(|(_, cells)| small(cells)).map(|(&area, _)| area).collect()
    }

    /// The smallest areas that must be withheld too, so that some pooled ones have enough to change places with.
    pub(super) fn company(&self, more: &[usize]) -> Vec<usize> {
        let size = |area: &usize| self.areas[area].values().map(|&c| self.system.cells[c].personer).max();
        let mut others: Vec<usize> =
            self.areas.keys().copied().filter(|a| !more.contains(a) && !self.pooled.contains(a)).collect();
        others.sort_by_key(|area| (size(area), *area));
        others.truncate(COMPANY.saturating_sub(self.pooled.len() + more.len()));
        others
    }

    /// Lets a stuck cell's area have what the other small areas have of just that cell, in the true table or in
    /// the one that takes the cell of the upper level highest.
    pub(super) fn gather(&mut self, cell: usize) -> bool {
        let Some((area, upper)) = self.system.cells[cell].part_of.filter(|part| self.pooled.contains(&part.0)) else {
            return false;
        };
        let areas = std::mem::take(&mut self.areas);
        self.swap_with_best(&areas, (area, upper));
        for start in [self.choice.witnesses.best[upper].1, None] {
            if self.is_satisfied(cell) {
                break;
            }
            let start = start.map_or_else(Shift::new, |index| self.choice.witnesses.shifts[index].clone());
            let mut others: Vec<(i64, usize)> = self
                .pooled
                .iter()
                .filter(|&&other| other != area)
                .filter_map(|&other| Some((other, *areas[&other].get(&upper)?)))
                .map(|(other, c)| (-self.held(c, &start).personer, other))
                .filter(|(held, _)| *held < 0)
                .collect();
            others.sort_unstable();
            let others: Vec<usize> = others.into_iter().map(|(_, other)| other).collect();
            self.receive_at_once(&areas, (area, cell), &others, start.clone());
            if self.is_satisfied(cell) {
                break;
            }
            self.receive(&areas, (area, Some(cell)), &others, start);
        }
        self.areas = areas;
        self.is_satisfied(cell)
    }

    /// Of all that is possible for one small area, everything is possible for another: the two change places in
    /// the tables that take that one's cell highest and lowest.
    fn swap_with_best(&mut self, areas: &Areas, (area, upper): (usize, usize)) {
        let cell = areas[&area][&upper];
        let mut others: Vec<(i64, usize, usize)> = self
            .pooled
            .iter()
            .filter(|&&other| other != area)
            .filter_map(|&other| Some((other, *areas[&other].get(&upper)?)))
            .map(|(other, c)| (-self.choice.witnesses.persons(c).1 - self.system.cells[c].personer, other, c))
            .collect();
        others.sort_unstable();
        for (_, other, twin) in others.into_iter().take(SWAPPED_MAX) {
            let best = self.choice.witnesses.best[twin];
            for index in [best.1, best.0].into_iter().flatten() {
                if self.is_satisfied(cell) {
                    return;
                }
                let mut shift = self.choice.witnesses.shifts[index].clone();
                let uppers = areas[&area].keys().chain(areas[&other].keys()).collect::<BTreeSet<_>>();
                for upper in uppers {
                    let (Some(&a), Some(&b)) = (areas[&area].get(upper), areas[&other].get(upper)) else { continue };
                    let (held_a, held_b) = (self.held(a, &shift), self.held(b, &shift));
                    for (moved, held) in [(a, held_b), (b, held_a)] {
                        let true_cell = &self.system.cells[moved];
                        let step = Step {
                            deltaganden: held.deltaganden - true_cell.deltaganden,
                            personer: held.personer - true_cell.personer,
                        };
                        shift.insert(moved, step);
                    }
                }
                self.witness(shift);
            }
        }
    }

    fn held(&self, cell: usize, shift: &Shift) -> Step {
        let step = shift.get(&cell).copied().unwrap_or_default();
        let held = &self.system.cells[cell];
        Step { deltaganden: held.deltaganden + step.deltaganden, personer: held.personer + step.personer }
    }

    /// Withholds everything of the areas that any of them has, and lets them change places.
    pub(super) fn pool(&mut self, more: Vec<usize>) {
        if more.is_empty() {
            return;
        }
        self.pooled.extend(more);
        let (areas, pooled) = (std::mem::take(&mut self.areas), self.pooled.iter().copied().collect::<Vec<_>>());
        let mut sums: BTreeMap<usize, i64> = BTreeMap::new();
        for (upper, &cell) in pooled.iter().flat_map(|area| &areas[area]) {
            *sums.entry(*upper).or_default() += self.system.cells[cell].personer;
        }
        for (upper, &cell) in pooled.iter().flat_map(|area| &areas[area]) {
            if sums[upper] > 0 {
                self.withhold(cell);
            }
        }
        let size = |area: &usize| areas[area].values().map(|&c| self.system.cells[c].personer).sum::<i64>();
        let mut by_size: Vec<usize> = pooled.to_vec();
        by_size.sort_by_key(|area| (Reverse(size(area)), *area));
        for &area in &pooled {
            self.give_away(&areas, area, &by_size);
            self.receive(&areas, (area, None), &by_size, Shift::new());
        }
        self.areas = areas;
    }

    /// One other area has all that this one has, and this one nothing.
    fn give_away(&mut self, areas: &Areas, area: usize, others: &[usize]) {
        for &other in others.iter().rev().filter(|&&other| other != area) {
            let mut shift = Shift::new();
            self.give(areas, area, other, &mut shift);
            if self.witness(shift) {
                return;
            }
        }
    }

    /// This area has all that so many others have as its cell needs, checked once.
    fn receive_at_once(&mut self, areas: &Areas, (area, cell): (usize, usize), others: &[usize], start: Shift) {
        let goal = 2 * self.system.cells[cell].threshold;
        let mut shift = start;
        for &other in others {
            if self.held(cell, &shift).personer >= goal {
                break;
            }
            self.give(areas, other, area, &mut shift);
        }
        self.witness(shift);
    }

    /// This area has all that others have, one after another, until its cells (or the one meant) need no more.
    fn receive(&mut self, areas: &Areas, (area, meant): (usize, Option<usize>), others: &[usize], start: Shift) {
        let mut shift = start;
        let mut given = 0;
        for &other in others.iter().filter(|&&other| other != area) {
            let done = match meant {
                Some(cell) => self.is_satisfied(cell),
                None => areas[&area].values().all(|&cell| self.is_satisfied(cell)),
            };
            if done || given == GIVEN_MAX {
                return;
            }
            let before = shift.clone();
            self.give(areas, other, area, &mut shift);
            if self.witness(shift.clone()) {
                given += 1;
            } else {
                // The two share persons, so that together they would have more than there are.
                shift = before;
            }
        }
    }

    /// Moves all that an area has in the table at hand.
    fn give(&self, areas: &Areas, from: usize, to: usize, shift: &mut Shift) {
        for (upper, &cell) in &areas[&from] {
            let held = self.held(cell, shift);
            let Some(&taker) = areas[&to].get(upper).filter(|_| held.deltaganden > 0) else { continue };
            let steps = [(cell, -held.deltaganden, -held.personer), (taker, held.deltaganden, held.personer)];
            for (moved, deltaganden, personer) in steps {
                let step = shift.entry(moved).or_default();
                step.deltaganden += deltaganden;
                step.personer += personer;
            }
        }
    }
}
