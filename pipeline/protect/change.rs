//! Changes since an earlier vintage: a count that has changed by few tells of the few who came or went. Where a value
//! of before is kept its remark says that the change is of fewer than the threshold; where neither count is shown
//! nothing is said, and their difference is a cell that is protected like a small count.

use super::pattern::{self, Need, Rule, Status};
use super::system::{Cell, Relation, Sense, Term, Unit};

/// The system while changes between vintages are added to it.
pub(super) struct Changes {
    pub cells: Vec<Cell>,
    pub states: Vec<Status>,
    pub relations: Vec<Relation>,
}

impl Changes {
    /// Protects the difference of two counts of one row where it is of few.
    pub fn compare(&mut self, (old, before): (usize, (i64, i64)), (new, now): (usize, (i64, i64)), is_hidden: bool) {
        let by = (now.0 - before.0, now.1 - before.1);
        let threshold = self.cells[new].threshold;
        let is_few = |by: i64| by != 0 && by.abs() < threshold;
        let is_hidden = is_hidden || self.states[new] == Status::Hidden;
        if is_hidden || self.cells[new].is_amount || !(is_few(by.0) || is_few(by.1)) {
            return;
        }
        let shown = |state: Status| state == Status::Published;
        // The value of before is kept, and its remark says so, only where both measures are near it.
        let is_kept = shown(self.states[old]) && by.0.abs() < threshold && by.1.abs() < threshold;
        let need = if is_kept { need_of_kept(by.1, threshold) } else { need_of_change(by.1, threshold) };
        match (shown(self.states[old]), shown(self.states[new])) {
            // Both are public already: nothing can be taken back.
            (true, true) if self.cells[new].is_known => {}
            (true, _) => self.withhold(new, need),
            (false, true) if self.cells[new].is_known => self.withhold(old, need.mirrored()),
            (false, _) => {
                // What was withheld stays so: a new count beside it would tell of the old one.
                if shown(self.states[new]) {
                    self.states[new] = Status::Secondary;
                }
                self.difference((old, new), by, need, threshold);
            }
        }
    }

    /// A cell that must be held possible so far from its value: by its own rule, and by this one.
    fn withhold(&mut self, cell: usize, need: Need) {
        let before = pattern::need(&self.cells[cell], self.states[cell]);
        self.cells[cell].own = Some(before.with(need));
        if !matches!(self.states[cell], Status::Primary(_)) {
            self.states[cell] = Status::Primary(Rule::SmallChange);
        }
    }

    fn difference(&mut self, (old, new): (usize, usize), by: (i64, i64), need: Need, threshold: i64) {
        let cell = self.cells.len();
        let count = Cell::count(by.0, by.1, threshold);
        self.cells.push(Cell { own: Some(need), range: (-FAR, FAR), is_free: true, weight: 1, ..count });
        self.states.push(Status::Primary(Rule::SmallChange));
        for unit in [Unit::Deltaganden, Unit::Personer] {
            let terms = [(new, 1), (old, -1), (cell, -1)].map(|(cell, factor)| Term { cell, unit, factor });
            self.relations.push(Relation { sense: Sense::Equal, terms: terms.to_vec() });
        }
    }
}

/// As far as a small count: from 1 to the threshold, in the direction of the change.
fn need_of_change(persons: i64, threshold: i64) -> Need {
    let (near, far) = (persons.abs().max(1) - 1, (threshold - persons.abs()).max(0));
    let (down, up) = if persons >= 0 { (near, far) } else { (far, near) };
    Need { down, up, width: threshold - 1 }
}

/// That nobody came or went must be possible, in an interval as wide as that of any withheld count. A change of the
/// threshold cannot be: the remark of a kept value says that it is of fewer.
fn need_of_kept(persons: i64, threshold: i64) -> Need {
    Need { down: persons.max(0), up: (-persons).max(0), width: threshold - 1 }
}

/// No count changes by as much.
const FAR: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: i64 = 5;

    /// Twenty persons before and `now` after, with what is shown of each.
    fn changed(now: i64, states: [Status; 2]) -> Changes {
        let cells = [20, now].map(|count| Cell::count(count, count, THRESHOLD)).to_vec();
        let mut changes = Changes { cells, states: states.to_vec(), relations: Vec::new() };
        changes.compare((0, (20, 20)), (1, (now, now)), false);
        changes
    }

    #[test]
    fn beside_a_kept_value_it_must_be_possible_that_nobody_came_or_went() {
        for (now, down, up) in [(22, 2, 0), (17, 0, 3)] {
            let changes = changed(now, [Status::Published, Status::Published]);
            assert_eq!(changes.states[1], Status::Primary(Rule::SmallChange));
            assert_eq!(changes.cells[1].own, Some(Need { down, up, width: 4 }));
            assert_eq!(changes.cells.len(), 2, "a value that is shown needs no cell of its own for the change");
        }
    }

    #[test]
    fn a_change_of_which_nothing_is_shown_is_protected_like_a_small_count() {
        for (now, down, up) in [(22, 1, 3), (19, 4, 0)] {
            let changes = changed(now, [Status::Secondary, Status::Secondary]);
            assert_eq!(changes.states[2], Status::Primary(Rule::SmallChange));
            assert_eq!(changes.cells[2].own, Some(Need { down, up, width: 4 }));
            assert_eq!(changes.relations.len(), 2, "new less old is the change, of each measure");
        }
    }

    #[test]
    fn a_change_of_many_is_no_matter() {
        let changes = changed(25, [Status::Published, Status::Published]);
        assert_eq!((changes.states[1], changes.cells.len()), (Status::Published, 2));
    }

    #[test]
    fn what_was_withheld_stays_so() {
        let changes = changed(22, [Status::Secondary, Status::Published]);
        assert_eq!(changes.states[1], Status::Secondary);
    }
}
