//! A table to compute with: codes and their words side by side, numbers alone in their columns.

use super::book::{Outcome, at, headed, header_width, letters, link, table, widen};
use super::{CONTENTS, Labels, missing};
use crate::contract::{Column, Kind};
use crate::protect::{PUBLISHED, ProtectedTable};
use crate::publish::csv::list;
use crate::publish::table::Cell;
use rust_xlsxwriter::Worksheet;

/// The header is on the fourth row of every sheet, so that a program need not look for it.
const HEADER: u32 = 3;

pub fn fill(sheet: &mut Worksheet, protected: &ProtectedTable, rows: &[Vec<Cell>], labels: &Labels) -> Outcome {
    let contract = protected.contract();
    headed(sheet, &contract.name, &contract.title)?;
    let grain = match contract.grain.as_str() {
        "" => String::new(),
        grain => format!("Bladet har {grain}. "),
    };
    let about = format!("{grain}En tom cell har sitt skäl i status_kod, av ett beräknat tal i kolumnen efter det.");
    sheet.write(1, 0, about)?;
    link(sheet, 2, 0, CONTENTS, "Till innehållet")?;
    let headers: Vec<String> = contract.columns.iter().flat_map(headers).collect();
    table(sheet, HEADER, rows.len(), &format!("data_{}", contract.name), &contract.title, &headers)?;
    let mut widths: Vec<usize> = headers.iter().map(|header| header_width(header)).collect();
    for (index, row) in rows.iter().enumerate() {
        let (at, mut place) = (HEADER + 1 + at(index), 0);
        for (column, cell) in contract.columns.iter().zip(row) {
            write(sheet, at, place, column, cell, labels, &mut widths)?;
            place += u16::try_from(headers_of(column)).unwrap_or(1);
        }
    }
    widen(sheet, &widths)
}

/// The names of a column and of what is told beside it: the words of a code, the status of a computed number.
fn headers(column: &Column) -> Vec<String> {
    let name = &column.name;
    match (&column.code_list, column.kind) {
        (Some(_), _) => {
            let words = name.strip_suffix("_kod").map_or_else(|| format!("{name}_titel"), str::to_owned);
            vec![name.clone(), words]
        }
        (None, Kind::Decimal) => vec![name.clone(), format!("{name}_status_kod")],
        (None, _) => vec![name.clone()],
    }
}

fn headers_of(column: &Column) -> usize {
    headers(column).len()
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    place: u16,
    column: &Column,
    cell: &Cell,
    labels: &Labels,
    widths: &mut [usize],
) -> Outcome {
    let mut wide = |place: u16, text: &str| {
        let width = &mut widths[usize::from(place)];
        *width = (*width).max(letters(text) + 2);
    };
    match cell {
        Cell::Text(code) => {
            wide(place, code);
            sheet.write_string(row, place, code.as_str())?;
            if column.code_list.is_some() {
                let words = labels.title(list(column), code);
                wide(place + 1, words);
                sheet.write_string(row, place + 1, words)?;
            }
        }
        Cell::Whole(number) => {
            sheet.write_number(row, place, *number as f64)?;
        }
        Cell::Decimal(number) => {
            sheet.write_number(row, place, *number)?;
        }
        // A cell that has no number is empty: a program that adds the column up cannot take it for one.
        Cell::Missing(_) => {}
    }
    if column.code_list.is_none() && column.kind == Kind::Decimal {
        sheet.write_string(row, place + 1, missing(cell).map_or(PUBLISHED, |missing| missing.code()))?;
    }
    Ok(())
}
