//! The felrapport for Swedish Excel: `;`, UTF-8 with a byte-order mark, one line per row that is at fault.

use super::wording::expected;
use super::{Felrapport, consequence};
use crate::error::{Error, Result};
use crate::fault::HINTS_TOLD;

const HEAD: [&str; 11] =
    ["Fil", "Rad", "Kolumn", "Kolumnens titel", "Regel", "Fel", "Följd", "Antal", "Väntat", "Upplysning", "Åtgärd"];

/// `Antal` counts all faults of the cause, also where its rows are more than were kept.
pub(super) fn text(report: &Felrapport<'_>) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| Error::Unexpected(format!("write the felrapport: {error}"));
    let terminator = ::csv::Terminator::CRLF;
    let mut writer = ::csv::WriterBuilder::new().delimiter(b';').terminator(terminator).from_writer(Vec::new());
    writer.write_record(HEAD).map_err(|error| failed(&error))?;
    for (place, count) in report.faults.iter() {
        let rows: Vec<Option<u64>> = count.rows.iter().copied().map(Some).collect();
        let hints = count.hints();
        for row in if rows.is_empty() { vec![None] } else { rows } {
            let hints: Vec<&str> = hints.iter().take(HINTS_TOLD).map(|(hint, _)| hint.as_str()).collect();
            let cells = [
                place.file.clone(),
                row.map(|row| row.to_string()).unwrap_or_default(),
                place.column.clone().unwrap_or_default(),
                report.column_title(place).to_owned(),
                place.rule.code().to_owned(),
                place.rule.text().to_owned(),
                consequence(place.rule, count.severity).to_owned(),
                count.faults.to_string(),
                expected(report.contract, report.catalogue, place),
                hints.join(", "),
                place.rule.advice().to_owned(),
            ];
            writer.write_record(cells.map(inert)).map_err(|error| failed(&error))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| failed(&error))?;
    Ok(format!("\u{feff}{text}"))
}

/// A cell that Excel cannot take for a formula: the names of files are the supplier's.
fn inert(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn no_cell_begins_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1"] {
            assert_eq!(inert(cell.into()), format!("'{cell}"));
        }
        assert_eq!(inert("deltagande.csv".into()), "deltagande.csv");
    }
}
