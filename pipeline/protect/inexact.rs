//! Marts whose counts are not shown as they are: their true counts are held to what the contract says, and replaced
//! before anything else sees them.

use super::cell_key::{KEYS, NoiseTable, round};
use super::join::{Codes, Joint};
use super::table::{Sheet, further};
use super::treatment::{Treatment, settle_links};
use crate::error::{Error, Result};

/// Perturbs and rounds; cell keys are gone afterwards, from every mart.
///
/// # Errors
/// [`Error::Contract`] where methods are mixed, [`Error::Broken`] where the true counts do not keep a relation that
/// the mart declares, or a cell key is none.
pub(super) fn replace_counts(sheets: &mut [Sheet], codes: &Codes) -> Result<()> {
    settle_links(sheets)?;
    hold_true(sheets, codes)?;
    for sheet in sheets {
        let key = further(&sheet.contract).position(|column| column.custom_text("matt") == Some("cellnyckel"));
        let broken = |reason: &str| Error::Broken { table: sheet.contract.full_name(), reason: reason.into() };
        match sheet.policy.treatment {
            Treatment::Suppression => {}
            Treatment::Rounding { base } => {
                for row in &mut sheet.rows {
                    (row.deltaganden, row.personer) = round(row.deltaganden, row.personer, base);
                }
            }
            Treatment::CellKey { most, variance, threshold } => {
                let table = NoiseTable::new(most, variance, threshold);
                for row in &mut sheet.rows {
                    let cell_key = key.map(|key| row.further[key]).filter(|key| (0..KEYS).contains(key));
                    let cell_key = cell_key.ok_or_else(|| broken("a cell key is not from 0 to 2^32"))?;
                    (row.deltaganden, row.personer) = table.perturb(row.deltaganden, row.personer, cell_key);
                }
            }
        }
        // The key of a cell with one person is that person's.
        if let Some(key) = key {
            sheet.rows.iter_mut().for_each(|row| row.further[key] = 0);
        }
    }
    Ok(())
}

/// The relations of marts that take no part in the joint system must hold on their true counts all the same.
fn hold_true(sheets: &[Sheet], codes: &Codes) -> Result<()> {
    let mut true_sheets: Vec<Sheet> =
        sheets.iter().filter(|sheet| sheet.policy.treatment != Treatment::Suppression).cloned().collect();
    let mut first = 0;
    for sheet in &mut true_sheets {
        sheet.policy.treatment = Treatment::Suppression;
        sheet.first = first;
        first += sheet.rows.len();
    }
    Joint::new(true_sheets, &|_, _| true, codes).map(|_| ())
}
