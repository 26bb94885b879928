//! Remarks beside numbers (code list `markering`: preliminary, revised, kept …) where a format has no column for them.
//!
//! PX has notes: one for the table, where every number has a remark, and one for each row that has another. JSON-stat
//! has the remark's letter under `status` of each number.

use super::cube::Cube;
use super::table::{Cell, Labels};
use crate::protect::Mark;
use std::collections::{BTreeMap, BTreeSet};

/// The remark that holds of every number that has no other; none where some number has none.
pub fn common(cube: &Cube<'_>) -> Option<Mark> {
    let mut times: BTreeMap<Mark, usize> = BTreeMap::new();
    cube.marks.iter().for_each(|(_, mark)| *times.entry(*mark).or_default() += 1);
    if times.contains_key(&Mark::None) {
        return None;
    }
    times.into_iter().max_by_key(|(mark, times)| (*times, std::cmp::Reverse(*mark))).map(|(mark, _)| mark)
}

/// The rows whose remark is not that of the whole table: their place in each dimension but the measures'.
pub fn own<'c>(cube: &'c Cube<'_>) -> impl Iterator<Item = (&'c [usize], Mark)> {
    let common = common(cube);
    let rows = cube.marks.iter().filter(move |(_, mark)| *mark != Mark::None && Some(*mark) != common);
    rows.map(|(place, mark)| (place.as_slice(), *mark))
}

/// The remark in words.
pub fn words(mark: Mark, labels: &Labels, language: usize) -> &str {
    let title = if language == 0 { Labels::title } else { Labels::title_en };
    title(labels, "markering", mark.code())
}

/// Every remark that the cube shows.
pub fn shown(cube: &Cube<'_>) -> BTreeSet<Mark> {
    cube.marks.iter().map(|(_, mark)| *mark).filter(|mark| *mark != Mark::None).collect()
}

/// The number of a cell → the letter of its remark; of cells that hold a number.
pub fn letters(cube: &Cube<'_>) -> BTreeMap<usize, &'static str> {
    let sizes = cube.sizes();
    let (measures, times) = (cube.measures.len(), sizes.last().copied().unwrap_or(1));
    let mut letters = BTreeMap::new();
    for (place, mark) in cube.marks.iter().filter(|(_, mark)| *mark != Mark::None) {
        let Some((time, before)) = place.split_last() else { continue };
        let row = before.iter().zip(&sizes).fold(0, |at, (place, size)| at * size + place);
        for measure in 0..measures {
            let at = (row * measures + measure) * times + time;
            if !matches!(cube.cells[at], Cell::Missing(_)) {
                letters.insert(at, mark.symbol());
            }
        }
    }
    letters
}
