//! Shows again what was withheld on the way and is not needed, dearest first.
//!
//! A secondary cell goes if every other withheld cell keeps what it needs: by the witnesses that do not move it, or by
//! new ones that are found without it. A witness that is met on the way stays, whatever becomes of the try.

use super::choose::Chooser;
use super::pattern::{Need, Status, Witnesses, need};
use super::search::Bounds;
use super::system::{Shift, Step};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Cells that one try may look for new witnesses for.
const AFFECTED_MAX: usize = 60;
/// Cells that searches may look at, per cell of the system: what is left over then stays withheld.
const WORK_PER_CELL: u64 = 1500;
/// Tries of one search.
const EFFORT: usize = 120;

impl Chooser<'_> {
    /// Publishes every secondary cell without which all others can be protected; not where cells are stuck.
    pub(super) fn prune(&mut self) {
        if !self.choice.stuck.is_empty() {
            return;
        }
        let status = &self.choice.status;
        let may_go = |&cell: &usize| status[cell] == Status::Secondary && !self.is_given[cell];
        let mut cells: Vec<usize> = (0..status.len()).filter(may_go).collect();
        cells.sort_by_key(|&cell| (Reverse(self.system.cells[cell].weight), cell));
        let mut kept = Kept::new(&self.choice.witnesses, self.system.cells.len());
        let limit = self.work(&kept) + WORK_PER_CELL * self.system.cells.len() as u64;
        for cell in cells {
            if self.work(&kept) < limit {
                self.show_again(cell, &mut kept);
            }
        }
        self.improve(&mut kept);
        let mut fewer = Witnesses::new(self.system.cells.len());
        kept.shifts.into_iter().flatten().for_each(|shift| {
            fewer.add(shift);
        });
        self.choice.witnesses = fewer;
    }

    /// What has been looked at so far: the same on every machine, and in time nearly so.
    pub(super) fn work(&self, kept: &Kept) -> u64 {
        self.graph.looked.get() + 4 * kept.looked.get()
    }

    /// Publishes one secondary cell if the others can do without it.
    fn show_again(&mut self, cell: usize, kept: &mut Kept) {
        let without: BTreeSet<usize> = kept.moving[cell].iter().map(|(index, _)| *index).collect();
        let needs = |other: usize| need(&self.system.cells[other], self.choice.status[other]);
        let touched: BTreeSet<usize> =
            without.iter().flat_map(|&index| kept.cells_of(index)).filter(|&other| other != cell).collect();
        let affected: Vec<(usize, Need)> = touched
            .into_iter()
            .map(|other| (other, needs(other)))
            .filter(|(other, need)| !kept.suffices(*other, *need, &without))
            .collect();
        if affected.len() > AFFECTED_MAX {
            return;
        }
        self.choice.status[cell] = Status::Published;
        self.graph.bar(cell);
        let all = affected.iter().all(|&(other, need)| {
            kept.suffices(other, need, &without) || {
                self.find_again(other, need, kept);
                kept.suffices(other, need, &without)
            }
        });
        if all {
            without.iter().for_each(|&index| kept.drop(index));
        } else {
            self.choice.status[cell] = Status::Secondary;
            self.graph.free(cell);
        }
    }

    /// Looks for circuits through what is withheld that move a cell both ways.
    fn find_again(&mut self, cell: usize, need: Need, kept: &mut Kept) {
        let bounds = Bounds { effort: EFFORT, dearest: 0 };
        for (sign, walk) in need.walks() {
            let Some(circuit) = self.graph.circuit((cell, sign), walk, bounds) else { continue };
            for shift in self.ends(&circuit) {
                kept.add(shift);
            }
            if kept.suffices(cell, need, &BTreeSet::new()) {
                return;
            }
        }
    }
}

/// The witnesses that are left, by the cells that they move.
pub(super) struct Kept {
    shifts: Vec<Option<Shift>>,
    pub(super) moving: Vec<Vec<(usize, Step)>>,
    /// Steps of witnesses that were looked at so far, as [`super::graph::Graph`] counts cells.
    looked: std::cell::Cell<u64>,
}

impl Kept {
    fn new(witnesses: &Witnesses, cells: usize) -> Kept {
        let mut kept = Kept { shifts: Vec::new(), moving: vec![Vec::new(); cells], looked: std::cell::Cell::new(0) };
        witnesses.shifts.iter().for_each(|shift| {
            kept.add(shift.clone());
        });
        kept
    }

    /// Its number.
    pub(super) fn add(&mut self, shift: Shift) -> usize {
        let index = self.shifts.len();
        shift.iter().for_each(|(&cell, &step)| self.moving[cell].push((index, step)));
        self.shifts.push(Some(shift));
        index
    }

    pub(super) fn cells_of(&self, index: usize) -> Vec<usize> {
        let cells: Vec<usize> = self.shifts[index].iter().flat_map(|shift| shift.keys().copied()).collect();
        self.looked.set(self.looked.get() + cells.len() as u64);
        cells
    }

    /// Whether a cell has what it needs without some witnesses.
    pub(super) fn suffices(&self, cell: usize, need: Need, without: &BTreeSet<usize>) -> bool {
        let (mut low, mut high) = (Step::default(), Step::default());
        self.looked.set(self.looked.get() + self.moving[cell].len() as u64);
        for (_, step) in self.moving[cell].iter().filter(|(index, _)| !without.contains(index)) {
            (low, high) = (low.min(*step), high.max(*step));
            if need.is_met((low.deltaganden, high.deltaganden), (low.personer, high.personer)) {
                return true;
            }
        }
        need.is_met((low.deltaganden, high.deltaganden), (low.personer, high.personer))
    }

    pub(super) fn drop(&mut self, index: usize) {
        let Some(shift) = self.shifts[index].take() else { return };
        for cell in shift.keys() {
            self.moving[*cell].retain(|(other, _)| *other != index);
        }
    }
}
