//! What cannot be: zeros that everybody knows without the tables, because a register is not delivered or a code does
//! not apply. They are shown, and no other cell is protected by them.

use super::join::Codes;
use super::members::{areas, families, split};
use super::rules::Rule;
use super::table::Sheet;
use crate::error::Result;
use std::collections::BTreeSet;

/// The rows of a mart that are known to be nothing.
///
/// # Errors
/// [`crate::error::Error::Contract`] where a relation names no column.
pub(super) fn nothing(sheet: &Sheet, codes: &Codes) -> Result<BTreeSet<usize>> {
    let mut known = BTreeSet::new();
    for rule in &sheet.policy.rules {
        if let Rule::None { column, codes } = rule {
            known.extend(not_used(sheet, sheet.column(column)?, codes)?);
        }
    }
    for rule in &sheet.policy.rules {
        let Rule::Union { all, .. } = rule else { continue };
        // A group has nobody of whom all components say what no component says.
        for family in families(sheet, rule, &codes.groups)?.iter().filter(|family| family.value == *all) {
            if family.parts.iter().any(|row| known.contains(row)) {
                known.insert(family.whole);
            }
        }
    }
    for rule in &sheet.policy.rules {
        let Rule::Sum { column, total, .. } = rule else { continue };
        let column = sheet.column(column)?;
        // Of what is nothing in all, every part is nothing.
        for group in sheet.groups(&[column]) {
            if let (Some(whole), parts) = split(sheet, &group, column, total)
                && known.contains(&whole)
            {
                known.extend(parts);
            }
        }
    }
    for rule in &sheet.policy.rules {
        let Rule::Levels { level, area, whole, part, .. } = rule else { continue };
        // What is nothing on the upper level is nothing in every part of it.
        for group in sheet.groups(&[sheet.column(level)?, sheet.column(area)?]) {
            for (upper, parts) in areas(sheet, &group, (level, area), (whole, part), codes)? {
                if known.contains(&upper) {
                    known.extend(parts);
                }
            }
        }
    }
    Ok(known)
}

/// Rows of the upper level with these codes, where nobody has any of them: no quarter, no sex. That one of them has
/// none by chance is not known.
fn not_used(sheet: &Sheet, column: usize, codes: &[String]) -> Result<Vec<usize>> {
    let mut rows = Vec::new();
    let has_total = |at: &usize| sheet.contract.key()[*at].custom_text("totalkod").is_some();
    let mut left_out: Vec<usize> = (0..sheet.columns.len()).filter(has_total).collect();
    left_out.push(column);
    for mut group in sheet.groups(&left_out) {
        if let Some((level, whole)) = sheet.policy.levels()
            && sheet.code(group[0], sheet.column(level)?) != whole
        {
            continue;
        }
        group.retain(|&row| codes.iter().any(|code| code == sheet.code(row, column)));
        if group.iter().all(|&row| sheet.rows[row].deltaganden == 0) {
            rows.extend(group);
        }
    }
    Ok(rows)
}
