//! Crossings that no table shows. They enter only as sums (design §6): what a reader knows through them is that the
//! parts that he sees are at most the whole. A cell that is shown nowhere and is what is left of a sum in which all
//! else is shown can be computed, and is protected as if it were shown.

use super::system::{Cell, Relation, Sense, Term};

/// Marks the cells that can be computed of shown ones as shown, and takes the others out of the relations.
pub(super) fn leave_out(cells: &mut [Cell], relations: Vec<Relation>) -> Vec<Relation> {
    let mut left = relations;
    loop {
        let before = left.len();
        let found: Vec<usize> = left.iter().filter_map(|relation| computable(cells, relation)).collect();
        if found.is_empty() {
            break;
        }
        found.into_iter().for_each(|cell| cells[cell].shown = true);
        debug_assert_eq!(before, left.len());
    }
    left = left.into_iter().filter_map(|relation| among_shown(cells, relation)).collect();
    left
}

/// Whether everybody sees the cell, or knows it without a table.
fn seen(cell: &Cell) -> bool {
    cell.shown || cell.is_known
}

/// The only cell of a sum that is not seen.
fn computable(cells: &[Cell], relation: &Relation) -> Option<usize> {
    if relation.sense == Sense::AtMost {
        return None;
    }
    let mut unseen = relation.terms.iter().filter(|term| !seen(&cells[term.cell]));
    let first = unseen.next()?;
    let only = unseen.next().is_none() && relation.terms.len() > 1;
    only.then_some(first.cell)
}

/// What a relation says of the cells that are seen: nothing, or that some are at most others.
fn among_shown(cells: &[Cell], relation: Relation) -> Option<Relation> {
    if relation.terms.iter().all(|term| seen(&cells[term.cell])) {
        return Some(relation);
    }
    let unseen: Vec<&Term> = relation.terms.iter().filter(|term| !seen(&cells[term.cell])).collect();
    // Of an equality, the side on which all is seen is at least what is seen of the other.
    let turn = match relation.sense {
        Sense::AtMost if unseen.iter().all(|term| term.factor > 0) => 1,
        Sense::Equal if unseen.iter().all(|term| term.factor > 0) => 1,
        Sense::Equal if unseen.iter().all(|term| term.factor < 0) => -1,
        Sense::AtMost | Sense::Equal => return None,
    };
    let kept: Vec<Term> = relation
        .terms
        .iter()
        .filter(|term| seen(&cells[term.cell]))
        .map(|term| Term { factor: term.factor * turn, ..*term })
        .collect();
    // That a count is not negative needs no relation.
    let says = kept.iter().any(|term| term.factor > 0) && kept.iter().any(|term| term.factor < 0);
    says.then_some(Relation { sense: Sense::AtMost, terms: kept })
}

#[cfg(test)]
mod tests {
    use super::super::system::Unit;
    use super::*;

    fn cells(shown: &[bool]) -> Vec<Cell> {
        shown.iter().map(|&shown| Cell { shown, ..Cell::count(5, 5, 5) }).collect()
    }

    fn sum(sense: Sense, parts: usize) -> Relation {
        let terms = std::iter::once((0, 1)).chain((1..=parts).map(|part| (part, -1)));
        Relation::new(sense, Unit::Personer, terms)
    }

    #[test]
    fn what_is_left_of_a_sum_is_protected() {
        let mut all = cells(&[true, true, false]);
        let left = leave_out(&mut all, vec![sum(Sense::Equal, 2)]);
        assert!(all[2].shown);
        assert_eq!(left, [sum(Sense::Equal, 2)]);
    }

    #[test]
    fn parts_that_are_seen_are_at_most_the_whole() {
        let mut all = cells(&[true, true, false, false]);
        let left = leave_out(&mut all, vec![sum(Sense::Equal, 3), sum(Sense::AtMost, 3)]);
        let at_most = Relation::new(Sense::AtMost, Unit::Personer, [(0, -1), (1, 1)]);
        assert_eq!(left, [at_most], "the whole may have any number of persons in parts that nobody sees");
        assert!(!all[2].shown && !all[3].shown);
    }

    #[test]
    fn of_a_whole_that_is_not_seen_nothing_is_known() {
        let mut all = cells(&[false, true, true, false]);
        assert!(leave_out(&mut all, vec![sum(Sense::Equal, 3)]).is_empty());
    }
}
