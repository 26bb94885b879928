//! Which rows of a mart belong together by a rule, and what withholding a row costs.

use super::join::{Codes, Groups};
use super::rules::{Rule, Where};
use super::table::Sheet;
use crate::error::Result;
use std::collections::BTreeMap;

/// Cost of withholding: a cell's base, and factors for totals and the upper level. Found by trial: the upper
/// level stays whole wherever the lower one can carry the protection.
const WEIGHT_BASE: u64 = 8;
const WEIGHT_ROOT: u64 = 4;
const WEIGHT_TOTAL: u64 = 3;
const WEIGHT_LEVEL: u64 = 5;
const WEIGHT_ZERO: u64 = 4;

/// The row with the code of the whole, and the others.
pub(super) fn split(sheet: &Sheet, group: &[usize], column: usize, whole: &str) -> (Option<usize>, Vec<usize>) {
    let (wholes, parts): (Vec<usize>, Vec<usize>) = group.iter().partition(|&&row| sheet.code(row, column) == whole);
    (wholes.first().copied(), parts)
}

/// The areas of one level, each with those of another level that it is made of: rows that differ in level and area
/// only. The whole country has all of them; of other levels the names of areas say which lies where.
pub(super) fn areas(
    sheet: &Sheet,
    group: &[usize],
    (level, area): (&str, &str),
    (whole, part): (&str, &str),
    codes: &Codes,
) -> Result<Vec<(usize, Vec<usize>)>> {
    let (level, area) = (sheet.column(level)?, sheet.column(area)?);
    let of = |wanted: &str| -> Vec<usize> {
        group.iter().copied().filter(|&row| sheet.code(row, level) == wanted).collect()
    };
    let below = of(part);
    let mut lying_in: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &row in &below {
        if let Some(place) = codes.upper.get(&(part.to_owned(), sheet.code(row, area).to_owned())) {
            lying_in.entry(place).or_default().push(row);
        }
    }
    let made = of(whole).into_iter().map(|upper| {
        let place = sheet.code(upper, area);
        let parts = if place == whole { below.clone() } else { lying_in.get(place).cloned().unwrap_or_default() };
        (upper, parts)
    });
    Ok(made.filter(|(_, parts)| !parts.is_empty()).collect())
}

/// The parts by the division that they belong to; without a division all together.
pub(super) fn divided(
    sheet: &Sheet,
    parts: Vec<usize>,
    column: usize,
    is_divided: bool,
    divisions: Option<&BTreeMap<String, String>>,
) -> Vec<Vec<usize>> {
    if !is_divided {
        return vec![parts];
    }
    let mut by_division: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in parts {
        let division = divisions.and_then(|divisions| divisions.get(sheet.code(row, column)));
        if let Some(division) = division.filter(|division| !division.is_empty()) {
            by_division.entry(division).or_default().push(row);
        }
    }
    by_division.into_values().collect()
}

pub(super) fn choose(sheet: &Sheet, group: &[usize], rows: &Where) -> Result<Vec<usize>> {
    let mut chosen = Vec::new();
    for &row in group {
        if sheet.chosen(row, rows)? {
            chosen.push(row);
        }
    }
    Ok(chosen)
}

/// The chosen rows of a group, without that of the column's own total where there are others: it is their sum.
pub(super) fn parts_of(sheet: &Sheet, group: &[usize], rows: &Where, column: &str) -> Result<Vec<usize>> {
    let mut parts = choose(sheet, group, rows)?;
    let total = sheet.contract.column(column).and_then(|column| column.custom_text("totalkod"));
    if let (Some(total), true) = (total, parts.len() > 1) {
        let at = sheet.column(column)?;
        parts.retain(|&row| sheet.code(row, at) != total);
    }
    Ok(parts)
}

/// A group's row and the rows of all its components, all with the same value.
pub(super) struct Family<'a> {
    pub whole: usize,
    pub parts: Vec<usize>,
    pub value: &'a str,
}

pub(super) fn families<'a>(sheet: &'a Sheet, rule: &Rule, groups: &Groups) -> Result<Vec<Family<'a>>> {
    let Rule::Union { column, within, whole, part, value, .. } = rule else { return Ok(Vec::new()) };
    let (column, within, value) = (sheet.column(column)?, sheet.column(within)?, sheet.column(value)?);
    let mut families = Vec::new();
    for group in sheet.groups(&[column, within]) {
        for &row in group.iter().filter(|&&row| sheet.code(row, within) == whole) {
            let mine = |&&other: &&usize| {
                sheet.code(other, within) == part
                    && groups.get(sheet.code(other, column)).is_some_and(|g| g == sheet.code(row, column))
            };
            let parts: Vec<usize> = group.iter().filter(mine).copied().collect();
            let declared = groups.values().filter(|g| *g == sheet.code(row, column)).count();
            // Without all its components a group is no union of those that are there.
            if parts.len() == declared && declared > 0 {
                families.push(Family { whole: row, parts, value: sheet.code(row, value) });
            }
        }
    }
    Ok(families)
}

/// What withholding a row costs: totals and the upper level more, larger counts more.
pub(super) fn weight(sheet: &Sheet, index: usize, upper: bool) -> u64 {
    let row = &sheet.rows[index];
    let mut weight = WEIGHT_BASE + WEIGHT_ROOT * row.personer.max(0).unsigned_abs().isqrt();
    for rule in &sheet.policy.rules {
        if let Rule::Sum { column, total, .. } = rule
            && sheet.columns.iter().position(|c| c == column).is_some_and(|at| row.key[at] == *total)
        {
            weight *= WEIGHT_TOTAL;
        }
    }
    if upper {
        weight *= WEIGHT_LEVEL;
    }
    if row.personer == 0 { weight * WEIGHT_ZERO } else { weight }
}
