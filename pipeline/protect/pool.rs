//! Areas that go together: where an area of the lower level has a cell that must be withheld, everything of that
//! area is, for as long as the system hangs together (a year); what they have in common is then only known as a sum.
//!
//! Why that is enough: a reader cannot tell the truth from the table where one of the areas has what all of them
//! have together and the others nothing, because every relation within an area is kept by sums, and the relation
//! to the upper level sees only the sum. That table is a witness for every cell of every area in the pool, checked
//! like any other. So no search is needed for them, and nothing is withheld of an area that is not in the pool.

use super::pattern::{Rule, Status, Witnesses, is_witness};
use super::system::{Sense, Shift, Step, System, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// The cells of one kind, by area: the parts of one cell of the upper level.
type Kind = BTreeMap<u32, usize>;

/// Withholds whole areas and adds their witnesses. `areas` names the area of each cell, 0 for the upper level.
pub fn pool(system: &System, areas: &[u32], status: &mut [Status], witnesses: &mut Witnesses) {
    let kinds = kinds(system, areas);
    let mut members: BTreeSet<u32> = (0..status.len())
        .filter(|&cell| areas[cell] > 0 && matches!(status[cell], Status::Primary(_)))
        .map(|cell| areas[cell])
        .collect();
    if members.is_empty() {
        return;
    }
    while let Some(another) = kinds.iter().find_map(|kind| wanted(system, status, kind, &members)) {
        members.insert(another);
    }
    for kind in &kinds {
        let cells: Vec<usize> = members.iter().filter_map(|area| kind.get(area)).copied().collect();
        // A kind that nobody in the pool has anything of is known to be nothing, withheld or not.
        if cells.iter().all(|&cell| system.cells[cell].deltaganden == 0) {
            continue;
        }
        for cell in cells {
            if status[cell] == Status::Published {
                status[cell] = Status::Secondary;
            }
        }
    }
    let of_cell = system.relations_of_cell();
    let ring: Vec<u32> = members.into_iter().collect();
    for (place, &area) in ring.iter().enumerate() {
        let mut count = ring.len() - 1;
        while count > 0 {
            let others: Vec<u32> = (1..=count).map(|step| ring[(place + step) % ring.len()]).collect();
            let shift = moved(system, &kinds, area, &others);
            if is_witness(system, &of_cell, status, &shift) {
                witnesses.add(shift);
                break;
            }
            // All persons of the pool in one area may be more than the country has, if some are in two areas.
            count /= 2;
        }
    }
}

/// Every relation that sums areas into a cell of the upper level.
fn kinds(system: &System, areas: &[u32]) -> Vec<Kind> {
    let sums = system.relations.iter().filter(|relation| {
        let deltaganden = relation.terms.iter().all(|term| term.unit == Unit::Deltaganden);
        relation.sense == Sense::Equal && deltaganden
    });
    sums.filter_map(|relation| {
        let parts: Vec<usize> = relation.terms.iter().map(|term| term.cell).filter(|&cell| areas[cell] > 0).collect();
        let kind: Kind = parts.iter().map(|&cell| (areas[cell], cell)).collect();
        (kind.len() == parts.len() && parts.len() + 1 == relation.terms.len() && kind.len() > 1).then_some(kind)
    })
    .collect()
}

/// An area that the pool needs, for it to have enough of a kind that is not to be bounded.
fn wanted(system: &System, status: &[Status], kind: &Kind, members: &BTreeSet<u32>) -> Option<u32> {
    let inside = || members.iter().filter_map(|area| kind.get(area)).copied();
    let personer: i64 = inside().map(|cell| system.cells[cell].personer).sum();
    let threshold = inside().map(|cell| system.cells[cell].threshold).max()?;
    let is_open = inside().any(|cell| status[cell] == Status::Primary(Rule::WholeGroup));
    if (personer == 0 && !is_open || personer >= threshold) && members.len() > 1 {
        return None;
    }
    let outside = kind.iter().filter(|(area, _)| !members.contains(*area));
    let (area, cell) = outside.max_by_key(|(area, cell)| (system.cells[**cell].personer, u32::MAX - **area))?;
    (system.cells[*cell].personer > 0 || members.len() == 1).then_some(*area)
}

/// The table where `area` has what the others have, and they have nothing.
fn moved(system: &System, kinds: &[Kind], area: u32, others: &[u32]) -> Shift {
    let mut shift = Shift::new();
    for kind in kinds {
        let Some(&taker) = kind.get(&area) else { continue };
        let mut sum = Step::default();
        for giver in others.iter().filter_map(|other| kind.get(other)) {
            let cell = &system.cells[*giver];
            sum.deltaganden += cell.deltaganden;
            sum.personer += cell.personer;
            shift.insert(*giver, Step { deltaganden: -cell.deltaganden, personer: -cell.personer });
        }
        shift.insert(taker, sum);
    }
    shift
}
