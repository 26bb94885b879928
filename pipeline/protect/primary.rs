//! Primary cells: those that say something about few, or one thing about everybody in a group.

use super::join::Joint;
use super::pattern::{Rule, Status};
use super::table::Sheet;
use crate::error::Result;

/// The status of every cell before secondary cells are chosen.
///
/// # Errors
/// [`crate::error::Error::Contract`] where `kansligaVarden` names no key column.
pub(super) fn primary(joint: &Joint) -> Result<Vec<Status>> {
    let mut status: Vec<Status> = joint
        .system
        .cells
        .iter()
        .map(|cell| match cell.personer {
            _ if cell.is_known => Status::Published,
            _ if !cell.shown => Status::Hidden,
            few if few > 0 && few < cell.threshold => Status::Primary(Rule::FewPersons),
            _ => Status::Published,
        })
        .collect();
    for sheet in &joint.sheets {
        for row in whole_groups(sheet)? {
            let cell = &mut status[joint.cell_of[sheet.first + row]];
            if *cell == Status::Published && !joint.system.cells[joint.cell_of[sheet.first + row]].is_known {
                *cell = Status::Primary(Rule::WholeGroup);
            }
        }
    }
    Ok(status)
}

/// The zeros of every group in which everybody has one and the same sensitive value: shown, they would say
/// so of each of them, however many they are.
fn whole_groups(sheet: &Sheet) -> Result<Vec<usize>> {
    let Some((column, codes)) = &sheet.policy.sensitive else { return Ok(Vec::new()) };
    let column = sheet.column(column)?;
    let mut zeros = Vec::new();
    for group in sheet.groups(&[column]).into_values() {
        let (some, none): (Vec<usize>, Vec<usize>) = group.iter().partition(|&&row| sheet.rows[row].deltaganden > 0);
        if let [only] = some.as_slice()
            && codes.iter().any(|code| code == sheet.code(*only, column))
        {
            zeros.extend(none);
        }
    }
    Ok(zeros)
}
