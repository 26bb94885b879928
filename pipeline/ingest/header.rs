//! Which field of a file holds which column of the contract.

use super::reader::Stop;
use crate::contract::Contract;
use crate::fault::{FaultLog, Rule};

/// For each contract column its place in the file.
pub type Places = Vec<usize>;

/// Finds every contract column in a header row.
///
/// A header that we do not know is a value too: it is named by position, and only declared names are suggested.
///
/// # Errors
/// [`Stop`] with one fault per missing column; one alone where nothing matches, as with a wrong delimiter.
pub fn match_header(
    contract: &Contract,
    header: &[String],
    file: &str,
    row: u64,
    faults: &mut FaultLog,
) -> Result<Places, Stop> {
    let known = |name: &str, text: &str| name == text.trim();
    let places: Vec<Option<usize>> = contract
        .columns
        .iter()
        .map(|column| {
            header
                .iter()
                .position(|text| known(&column.header, text) || column.aliases.iter().any(|alias| known(alias, text)))
        })
        .collect();
    if places.iter().all(Option::is_none) {
        let expected = format!("{} columns named as in the contract, {} found", places.len(), header.len());
        faults.add(Rule::Header, file, None, Some(row), &expected);
        return Err(Stop);
    }
    for (column, _) in contract.columns.iter().zip(&places).filter(|(_, place)| place.is_none()) {
        let near = header
            .iter()
            .enumerate()
            .filter(|(index, _)| !places.contains(&Some(*index)))
            .map(|(index, text)| (strsim::normalized_damerau_levenshtein(text.trim(), &column.header), index + 1))
            .filter(|(likeness, _)| *likeness > 0.6)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let expected = match near {
            Some((_, position)) => format!("the header {} (column {position} is near)", column.header),
            None => format!("the header {}", column.header),
        };
        faults.add(Rule::Header, file, Some(&column.name), Some(row), &expected);
    }
    if !contract.custom_flag("overskjutandeKolumner") {
        for index in (0..header.len()).filter(|index| !places.contains(&Some(*index))) {
            faults.add(Rule::UnknownColumn, file, None, Some(row), &format!("no column at position {}", index + 1));
        }
    }
    places.into_iter().collect::<Option<Places>>().ok_or(Stop)
}
