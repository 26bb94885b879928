//! Primary cells: those that say something about few, one thing about everybody in a group, or an amount of which
//! one contributor has nearly all.

use super::join::Joint;
use super::pattern::{Need, Rule, Status};
use super::rules::{Amounts, Kind};
use super::table::Sheet;
use crate::error::Result;

/// The status of every cell before secondary cells are chosen.
///
/// # Errors
/// [`crate::error::Error::Contract`] where `kansligaVarden` names no key column.
pub(super) fn primary(joint: &mut Joint) -> Result<Vec<Status>> {
    let mut status: Vec<Status> = joint
        .system
        .cells
        .iter()
        .map(|cell| match cell.personer {
            _ if cell.is_known => Status::Published,
            _ if !cell.shown => Status::Hidden,
            few if cell.is_count() && few > 0 && few < cell.threshold => Status::Primary(Rule::FewPersons),
            _ => Status::Published,
        })
        .collect();
    for sheet in &joint.sheets {
        if let Kind::Amounts(amounts) = &sheet.policy.kind {
            for row in 0..sheet.rows.len() {
                let cell = joint.cell_of[sheet.first + row];
                if status[cell].unseen() || joint.system.cells[cell].is_known {
                    continue;
                }
                if let Some((rule, need)) = too_telling(sheet, row, amounts) {
                    status[cell] = Status::Primary(rule);
                    joint.system.cells[cell].own = Some(need);
                }
            }
        }
        for row in whole_groups(sheet)? {
            let cell = &mut status[joint.cell_of[sheet.first + row]];
            if *cell == Status::Published && !joint.system.cells[joint.cell_of[sheet.first + row]].is_known {
                *cell = Status::Primary(Rule::WholeGroup);
            }
        }
    }
    Ok(status)
}

/// Which rule an amount falls under, and how far from its value a reader must hold it possible (facts: Handbook on
/// Statistical Disclosure Control, ch. 4): with `x1 ≥ x2` the largest contributors and `T` the whole,
/// p%: `T − x1 − x2 < p/100 · x1`; dominance: `x1 (+ x2) > k/100 · T`.
fn too_telling(sheet: &Sheet, row: usize, amounts: &Amounts) -> Option<(Rule, Need)> {
    let whole = sheet.rows[row].personer.abs();
    let (largest, second) = (sheet.measure(row, "storst").abs(), sheet.measure(row, "nast_storst").abs());
    let contributors = sheet.measure(row, "bidragsgivare");
    if whole == 0 || contributors == 0 {
        return None;
    }
    let (count, percent) = amounts.dominance;
    let leading = if count > 1 { largest + second } else { largest };
    let lacking = largest * amounts.percent / 100 - (whole - largest - second);
    let rule = if contributors < amounts.least {
        Rule::FewContributors
    } else if leading * 100 > whole * percent {
        Rule::Dominance
    } else if lacking > 0 {
        Rule::Percent
    } else {
        return None;
    };
    // At least what the p% rule asks of one who knows nothing but the whole.
    let far = lacking.max(whole * amounts.percent / 100).max(1);
    Some((rule, Need { down: far.min(whole), up: far, width: far + far.min(whole) }))
}

/// The zeros of every group in which everybody has one and the same sensitive value: shown, they would say
/// so of each of them, however many they are.
fn whole_groups(sheet: &Sheet) -> Result<Vec<usize>> {
    let Some((column, codes)) = &sheet.policy.sensitive else { return Ok(Vec::new()) };
    let column = sheet.column(column)?;
    let mut zeros = Vec::new();
    for group in sheet.groups(&[column]) {
        let (some, none): (Vec<usize>, Vec<usize>) = group.iter().partition(|&&row| sheet.rows[row].deltaganden > 0);
        if let [only] = some.as_slice()
            && codes.iter().any(|code| code == sheet.code(*only, column))
        {
            zeros.extend(none);
        }
    }
    Ok(zeros)
}
