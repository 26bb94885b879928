//! A table to read: words for codes, numbers as Swedish readers write them, symbols where nothing is shown.

use super::book::{Outcome, at, headed, header_width, letters, lines, link, table, widen};
use super::{CONTENTS, Labels, missing};
use crate::contract::Column;
use crate::protect::ProtectedTable;
use crate::publish::csv::{list, word};
use crate::publish::notes::Notes;
use crate::publish::table::Cell;
use rust_xlsxwriter::{Format, FormatAlign, Worksheet};
use std::collections::BTreeSet;

/// The text above a narrow table is not broken at the table's edge.
const NARROWEST: usize = 90;

pub fn fill(
    sheet: &mut Worksheet,
    protected: &ProtectedTable,
    rows: &[Vec<Cell>],
    notes: &Notes,
    labels: &Labels,
) -> Outcome {
    let contract = protected.contract();
    headed(sheet, &contract.name, &contract.title)?;
    let headers: Vec<String> = contract.columns.iter().map(|column| notes.header(column)).collect();
    let mut widths: Vec<usize> = headers.iter().map(|header| header_width(header)).collect();
    let mut withheld = BTreeSet::new();
    for row in rows {
        for ((column, cell), width) in contract.columns.iter().zip(row).zip(&mut widths) {
            *width = (*width).max(letters(&word(column, cell, labels)) + 2);
            withheld.extend(missing(cell));
        }
    }
    // On paper a text above the table ends where the table does.
    let lacking = NARROWEST.saturating_sub(widths.iter().sum());
    widths.iter_mut().rev().take(1).for_each(|width| *width += lacking);
    let mut said = lines(&contract.description, widths.iter().sum());
    let signs: Vec<String> = withheld
        .iter()
        .map(|missing| format!("{} {}", missing.symbol(), labels.title("cellstatus", missing.code())))
        .collect();
    said.push(match signs.join("; ") {
        signs if signs.is_empty() => "Tabellen har inga tecken i stället för tal.".into(),
        signs => format!("Tecken i stället för tal: {signs}."),
    });
    if headers.iter().zip(&contract.columns).any(|(header, column)| *header != column.title) {
        said.push(format!("Noterna i rubrikerna förklaras på bladet {}.", super::NOTES));
    }
    for (place, line) in said.iter().enumerate() {
        sheet.write(at(place) + 1, 0, line.as_str())?;
    }
    let header = at(said.len()) + 2;
    link(sheet, header - 1, 0, CONTENTS, "Till innehållet")?;
    table(sheet, header, rows.len(), &format!("tabell_{}", contract.name), &contract.title, &headers)?;
    let formats: Vec<Format> = contract.columns.iter().map(format).collect();
    let symbol = Format::new().set_align(FormatAlign::Right);
    // Beside a number, which stands to the right, a text needs room.
    let apart = Format::new().set_indent(1);
    for (index, row) in rows.iter().enumerate() {
        let at = header + 1 + at(index);
        for (place, ((column, cell), format)) in contract.columns.iter().zip(row).zip(&formats).enumerate() {
            let place = u16::try_from(place).unwrap_or(u16::MAX);
            match cell {
                Cell::Text(code) => {
                    sheet.write_string_with_format(at, place, labels.title(list(column), code), &apart)?
                }
                Cell::Whole(number) => sheet.write_number_with_format(at, place, *number as f64, format)?,
                Cell::Decimal(number) => sheet.write_number_with_format(at, place, *number, format)?,
                Cell::Missing(_) => sheet.write_string_with_format(at, place, word(column, cell, labels), &symbol)?,
            };
        }
    }
    widen(sheet, &widths)
}

/// Counts and sums with space between thousands, shares with one decimal, kronor without; years as they are.
fn format(column: &Column) -> Format {
    let is_whole = !matches!(column.kind, crate::contract::Kind::Decimal);
    let code = match (column.key_position, column.custom_text("enhet")) {
        (Some(_), _) => "0",
        (None, Some("kronor")) => "#,##0",
        (None, _) if is_whole => "#,##0",
        (None, _) => "0.0",
    };
    Format::new().set_num_format(code)
}
