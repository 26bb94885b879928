//! Shows again what was withheld on the way and is not needed: the dearest cells of the upper level first.

use super::choose::Choice;
use super::pattern::{Status, Witnesses, need};
use super::system::{Step, System};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Publishes every secondary cell of the upper level without which all others keep their witnesses.
pub(super) fn prune(system: &System, choice: &mut Choice) {
    if !choice.stuck.is_empty() {
        return;
    }
    let upper = |cell: &usize| system.cells[*cell].part_of.is_none() && choice.status[*cell] == Status::Secondary;
    let mut cells: Vec<usize> = (0..system.cells.len()).filter(upper).collect();
    cells.sort_by_key(|&cell| (Reverse(system.cells[cell].weight), cell));
    let mut kept = Kept::new(&choice.witnesses, system.cells.len());
    let mut shown = false;
    for cell in cells {
        let without: BTreeSet<usize> = kept.moving[cell].iter().map(|(index, _)| *index).collect();
        if kept.suffices(system, &choice.status, cell, &without) {
            choice.status[cell] = Status::Published;
            kept.drop(&without, &choice.witnesses);
            shown = true;
        }
    }
    if shown {
        let mut fewer = Witnesses::new(system.cells.len());
        let shifts = choice.witnesses.shifts.iter().zip(&kept.is_kept);
        shifts.filter(|(_, kept)| **kept).for_each(|(shift, _)| {
            fewer.add(shift.clone());
        });
        choice.witnesses = fewer;
    }
}

/// The witnesses that are left, by the cells that they move.
struct Kept {
    moving: Vec<Vec<(usize, Step)>>,
    /// Per witness, the cells that it moves.
    moved: Vec<Vec<usize>>,
    is_kept: Vec<bool>,
}

impl Kept {
    fn new(witnesses: &Witnesses, cells: usize) -> Kept {
        let mut moving = vec![Vec::new(); cells];
        let mut moved = Vec::with_capacity(witnesses.shifts.len());
        for (index, shift) in witnesses.shifts.iter().enumerate() {
            shift.iter().for_each(|(&cell, &step)| moving[cell].push((index, step)));
            moved.push(shift.keys().copied().collect());
        }
        Kept { moving, moved, is_kept: vec![true; witnesses.shifts.len()] }
    }

    /// Whether every other withheld cell keeps what it needs without some witnesses. Those with the fewest
    /// witnesses are looked at first: there it fails, if it does.
    fn suffices(&self, system: &System, status: &[Status], shown: usize, without: &BTreeSet<usize>) -> bool {
        let touched: BTreeSet<usize> = without.iter().flat_map(|index| self.moved[*index].iter().copied()).collect();
        let mut touched: Vec<usize> = touched.into_iter().filter(|&cell| cell != shown).collect();
        touched.sort_by_key(|&cell| self.moving[cell].len());
        touched.into_iter().all(|cell| {
            let left = self.moving[cell].iter().filter(|(index, _)| !without.contains(index));
            let still = (Step::default(), Step::default());
            let (low, high) = left.fold(still, |(low, high), (_, step)| (low.min(*step), high.max(*step)));
            let need = need(&system.cells[cell], status[cell]);
            need.is_met((low.deltaganden, high.deltaganden), (low.personer, high.personer))
        })
    }

    fn drop(&mut self, without: &BTreeSet<usize>, witnesses: &Witnesses) {
        for &index in without {
            self.is_kept[index] = false;
            for cell in witnesses.shifts[index].keys() {
                self.moving[*cell].retain(|(other, _)| *other != index);
            }
        }
    }
}
