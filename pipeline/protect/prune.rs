//! Shows again what was withheld on the way and is not needed: the dearest cells of the upper level first.

use super::choose::Choice;
use super::pattern::{Status, Witnesses, need};
use super::system::System;
use std::cmp::Reverse;

/// Publishes every secondary cell of the upper level without which all others keep their witnesses.
pub(super) fn prune(system: &System, choice: &mut Choice) {
    if !choice.stuck.is_empty() {
        return;
    }
    let upper = |cell: &usize| system.cells[*cell].part_of.is_none() && choice.status[*cell] == Status::Secondary;
    let mut cells: Vec<usize> = (0..system.cells.len()).filter(upper).collect();
    cells.sort_by_key(|&cell| (Reverse(system.cells[cell].weight), cell));
    for cell in cells {
        let mut fewer = Witnesses::new(system.cells.len());
        for shift in choice.witnesses.shifts.iter().filter(|shift| !shift.contains_key(&cell)) {
            fewer.add(shift.clone());
        }
        choice.status[cell] = Status::Published;
        let is_safe = |witnesses: &Witnesses, status: &[Status]| {
            (0..status.len()).all(|other| witnesses.satisfies(other, need(&system.cells[other], status[other])))
        };
        if is_safe(&fewer, &choice.status) {
            choice.witnesses = fewer;
        } else {
            choice.status[cell] = Status::Secondary;
        }
    }
}
