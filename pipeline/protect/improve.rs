//! Makes a pattern cheaper: some secondary cells that stand together are shown again, what that leaves unprotected is
//! protected anew as cheaply as can be, and the change stays if it costs less. The choice of cells is drawn, from a
//! seed that never changes: the same table always gives the same pattern.

use super::choose::Chooser;
use super::pattern::{Need, Status};
use super::prune::Kept;
use super::search::{Bounds, Circuit};
use std::collections::BTreeSet;

/// Tries per secondary cell, and at most in all.
const TRIES_PER_CELL: usize = 36;
const TRIES_MAX: usize = 100_000;
/// Cells that searches may look at, per cell of the system; of two measures a sixth, for a cell there is in many lines.
const WORK_PER_CELL: u64 = 40_000;
/// Secondary cells that are shown again at once, at most.
const RUINED_MAX: u64 = 6;
/// Cells that one try may protect anew.
const AFFECTED_MAX: usize = 16;
/// Tries of one search.
const EFFORT: usize = 250;

/// The change that one try makes.
#[derive(Default)]
struct Change {
    shown: Vec<usize>,
    withheld: Vec<usize>,
    /// Witnesses that were found on the way.
    found: Vec<usize>,
    cost: i64,
}

impl Chooser<'_> {
    /// Tries changes, and keeps those that make the pattern cheaper.
    pub(super) fn improve(&mut self, kept: &mut Kept) {
        let tries = ((0..self.choice.status.len()).filter(|&c| self.may_go(c)).count() * TRIES_PER_CELL).min(TRIES_MAX);
        let mut dice = Dice(tries as u64);
        let mut cells: Vec<usize> = Vec::new();
        let each = if self.system.is_single() { WORK_PER_CELL } else { WORK_PER_CELL / 6 };
        let limit = self.work(kept) + each * self.system.cells.len() as u64;
        for number in 0..tries {
            if self.work(kept) > limit {
                return;
            }
            if number % 64 == 0 {
                cells = (0..self.choice.status.len()).filter(|&c| self.may_go(c)).collect();
            }
            let Some(&first) = cells.get(dice.below(cells.len() as u64) as usize) else { return };
            if self.may_go(first) {
                self.try_without(first, kept, &mut dice);
            }
        }
    }

    /// Whether a cell is secondary and need not stay so.
    fn may_go(&self, cell: usize) -> bool {
        self.choice.status[cell] == Status::Secondary && !self.is_given[cell]
    }

    fn try_without(&mut self, first: usize, kept: &mut Kept, dice: &mut Dice) {
        let mut change = Change { shown: self.ruined(first, dice), ..Change::default() };
        let without: BTreeSet<usize> =
            change.shown.iter().flat_map(|&cell| kept.moving[cell].iter().map(|(index, _)| *index)).collect();
        let gain: i64 = change.shown.iter().map(|&cell| self.graph.weight(cell)).sum();
        for &cell in &change.shown {
            self.choice.status[cell] = Status::Published;
            self.graph.bar(cell);
        }
        let cheaper = self.protect_anew(&mut change, &without, kept, gain) && change.cost < gain;
        if cheaper {
            without.iter().for_each(|&index| kept.drop(index));
            return;
        }
        change.found.iter().for_each(|&index| kept.drop(index));
        for &cell in &change.withheld {
            self.choice.status[cell] = Status::Published;
            self.graph.bar(cell);
        }
        for &cell in &change.shown {
            self.choice.status[cell] = Status::Secondary;
            self.graph.free(cell);
        }
    }

    /// A secondary cell and some that share a line with it.
    fn ruined(&self, first: usize, dice: &mut Dice) -> Vec<usize> {
        let mut cells = vec![first];
        let count = 1 + dice.below(RUINED_MAX) as usize;
        while cells.len() < count {
            let from = cells[dice.below(cells.len() as u64) as usize];
            let mut lines = self.graph.equalities.of(from);
            let drawn = dice.below(lines.len().max(1) as u64) as usize;
            let Some((line, _)) = lines.nth(drawn) else { break };
            let is_new = |cell: &usize| self.may_go(*cell) && !cells.contains(cell);
            let beside: Vec<usize> = self.graph.terms.of(line).map(|t| t.0).filter(is_new).collect();
            match beside.get(dice.below(beside.len().max(1) as u64) as usize) {
                Some(&cell) => cells.push(cell),
                None if dice.below(3) == 0 => break,
                None => {}
            }
        }
        cells
    }

    /// Protects what is touched; false where that fails or costs as much as was gained.
    fn protect_anew(&mut self, change: &mut Change, without: &BTreeSet<usize>, kept: &mut Kept, gain: i64) -> bool {
        let touched: BTreeSet<usize> = without.iter().flat_map(|&index| kept.cells_of(index)).collect();
        let mut waiting: Vec<usize> =
            touched.into_iter().filter(|&cell| !kept.suffices(cell, self.need_of(cell), without)).collect();
        if waiting.len() > AFFECTED_MAX {
            return false;
        }
        while let Some(cell) = waiting.pop() {
            let need = self.need_of(cell);
            if kept.suffices(cell, need, without) {
                continue;
            }
            let before = change.withheld.len();
            if !self.protect_one(cell, need, change, without, kept, gain) {
                return false;
            }
            waiting.extend(&change.withheld[before..]);
        }
        true
    }

    /// One circuit, or one each way.
    fn protect_one(
        &mut self,
        cell: usize,
        need: Need,
        change: &mut Change,
        without: &BTreeSet<usize>,
        kept: &mut Kept,
        gain: i64,
    ) -> bool {
        for (sign, walk) in need.walks() {
            let bounds = Bounds { effort: EFFORT, dearest: gain - change.cost - 1 };
            let Some(circuit) = self.graph.circuit((cell, sign), walk, bounds) else { continue };
            let fresh: Vec<usize> = circuit.iter().map(|t| t.0).filter(|&c| !self.graph.is_free(c)).collect();
            let cost: i64 = fresh.iter().map(|&c| self.graph.weight(c)).sum();
            if change.cost + cost >= gain {
                continue;
            }
            change.cost += cost;
            for cell in fresh {
                self.choice.status[cell] = Status::Secondary;
                self.graph.free(cell);
                change.withheld.push(cell);
            }
            self.keep_ends(&circuit, change, kept);
            if kept.suffices(cell, need, without) {
                return true;
            }
        }
        false
    }

    /// Keeps the tables at both ends of a circuit.
    fn keep_ends(&mut self, circuit: &Circuit, change: &mut Change, kept: &mut Kept) {
        for shift in self.ends(circuit) {
            change.found.push(kept.add(shift));
        }
    }
}

/// The same throws on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
}
