//! Which field of a file holds which column of the contract.

use super::reader::Stop;
use crate::contract::{Column, Contract};
use crate::fault::{FaultLog, Rule};

/// For each contract column its place in the file.
pub type Places = Vec<usize>;

/// The last row on which the header may stand: people put a title above a table that they fill in.
pub fn last_row(contract: &Contract) -> u64 {
    contract.custom_number("rubrikHogstRad").map_or(1, |row| row.max(1).unsigned_abs())
}

/// Whether a row is the header: at least half of the contract's columns are named in it.
pub fn is_header(contract: &Contract, row: &[String]) -> bool {
    let folded: Vec<String> = row.iter().map(|text| text.trim().to_lowercase()).collect();
    let is_there = |column: &&Column| {
        let mut names = column.aliases.iter().chain([&column.header]);
        names.any(|name| folded.contains(&name.to_lowercase()))
    };
    contract.columns.iter().filter(is_there).count() * 2 >= contract.columns.len()
}

/// Finds every contract column in a header row.
///
/// Case and surrounding blanks do not matter. A header that we do not know is a value too: it is named by position,
/// and only declared names are suggested.
///
/// # Errors
/// [`Stop`] with one fault per missing column; one alone where most are missing, as with a wrong delimiter.
pub fn match_header(
    contract: &Contract,
    header: &[String],
    file: &str,
    row: u64,
    faults: &mut FaultLog,
) -> Result<Places, Stop> {
    // Suppliers write LopNr and Lopnr: case and surrounding blanks tell no column from another.
    let folded: Vec<String> = header.iter().map(|text| text.trim().to_lowercase()).collect();
    let known = |name: &str, text: &str| name.to_lowercase() == text;
    let places: Vec<Option<usize>> = contract
        .columns
        .iter()
        .map(|column| {
            folded
                .iter()
                .position(|text| known(&column.header, text) || column.aliases.iter().any(|alias| known(alias, text)))
        })
        .collect();
    let missing = places.iter().filter(|place| place.is_none()).count();
    // Another delimiter, no header row, another file: one cause, though many columns are missing.
    if missing * 2 > places.len() {
        let expected = format!("{} columns named as in the contract, {} found", places.len(), header.len());
        faults.add(Rule::Header, file, None, Some(row), &expected);
        return Err(Stop);
    }
    let mut repeated = false;
    for (column, place) in contract.columns.iter().zip(&places) {
        let Some(at) = *place else { continue };
        if let Some(index) = (at + 1..folded.len()).find(|index| folded[*index] == folded[at]) {
            let expected = format!("the header {} once (columns {} and {})", column.header, at + 1, index + 1);
            faults.add(Rule::Header, file, Some(&column.name), Some(row), &expected);
            repeated = true;
        }
    }
    if repeated {
        return Err(Stop);
    }
    let mut spare: Vec<usize> = (0..header.len()).filter(|index| !places.contains(&Some(*index))).collect();
    for (column, _) in contract.columns.iter().zip(&places).filter(|(_, place)| place.is_none()) {
        let near = nearest(column, header, &spare);
        let expected = match near {
            Some(index) => format!("the header {} (column {} is near)", column.header, index + 1),
            None => format!("the header {}", column.header),
        };
        faults.add(Rule::Header, file, Some(&column.name), Some(row), &expected);
        if let Some(index) = near {
            let hint = format!("kolumn {} har en rubrik som liknar den", index + 1);
            faults.hint(Rule::Header, file, Some(&column.name), hint);
            // A header that is misspelt is not an unknown column as well.
            spare.retain(|other| *other != index);
        }
    }
    if !contract.custom_flag("overskjutandeKolumner") {
        for index in spare {
            faults.add(Rule::UnknownColumn, file, None, Some(row), &format!("no column at position {}", index + 1));
            faults.hint(Rule::UnknownColumn, file, None, format!("kolumn {}", index + 1));
        }
    }
    places.into_iter().collect::<Option<Places>>().ok_or(Stop)
}

/// The place of the header, of those that are no column's, that is nearest to a column's own.
fn nearest(column: &Column, header: &[String], spare: &[usize]) -> Option<usize> {
    let names = || column.aliases.iter().chain([&column.header]);
    let likeness = |text: &str| {
        let alike = names().map(|name| strsim::normalized_damerau_levenshtein(text, &name.to_lowercase()));
        alike.fold(0.0, f64::max)
    };
    let near = spare.iter().map(|index| (likeness(&header[*index].trim().to_lowercase()), *index));
    near.filter(|(likeness, _)| *likeness > 0.6).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, index)| index)
}
