//! Excel: `finsam.xlsx`, one sheet per table, made to be read by people and by screen readers.
//!
//! One Excel table per sheet with one header row, title in A1, text above the table, nothing merged, coloured or
//! hidden, no formulas. Numbers stay numbers; what is withheld shows its symbol, explained on the first sheet.

use super::csv::{list, word};
use super::table::{Cell, cells};
use super::{Edition, Labels};
use crate::error::{Error, Result};
use crate::protect::{Missing, Protected, ProtectedTable};
use chrono::Datelike;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Table, TableColumn, TableStyle, Workbook, Worksheet, XlsxError,
};
use std::path::Path;

const NAME: &str = "finsam.xlsx";
/// The header of every table, counted from 0.
const HEADER_ROW: u32 = 3;

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    let path = folder.join(NAME);
    let failed = |error: XlsxError| failed(&path, &error);
    let mut workbook = Workbook::new();
    let (year, month, day) = (edition.date.year(), edition.date.month(), edition.date.day());
    let moment = ExcelDateTime::from_ymd(
        u16::try_from(year).unwrap_or_default(),
        u8::try_from(month).unwrap_or_default(),
        u8::try_from(day).unwrap_or_default(),
    );
    let properties = DocProperties::new()
        .set_title("Uppföljning av insatser finansierade av samordningsförbund")
        .set_author("finsam")
        .set_creation_datetime(&moment.map_err(failed)?);
    workbook.set_properties(&properties);
    contents(workbook.add_worksheet(), protected, edition).map_err(failed)?;
    for table in protected.tables() {
        let sheet = workbook.add_worksheet();
        fill(sheet, table, edition, &path)?;
    }
    workbook.save(&path).map_err(failed)
}

/// The first sheet: what the file is, which tables it holds, what the symbols mean.
fn contents(sheet: &mut Worksheet, protected: &Protected, edition: &Edition<'_>) -> std::result::Result<(), XlsxError> {
    let heading = Format::new().set_bold();
    sheet.set_name("Innehåll")?;
    print_wide(sheet);
    let mut width = 0;
    sheet.write_with_format(0, 0, "Uppföljning av insatser finansierade av samordningsförbund", &heading)?;
    sheet.write(1, 0, format!("Uttag till och med {}. Körning {}.", edition.date, edition.run_id))?;
    let mut row = 3;
    if !edition.not_in_force.is_empty() {
        sheet.write_with_format(row, 0, "Ej i kraft", &heading)?;
        for name in &edition.not_in_force {
            sheet.write(row, 1, name.as_str())?;
            row += 1;
        }
        row += 1;
    }
    sheet.write_with_format(row, 0, "Tabell", &heading)?.write_with_format(row, 1, "Innehåll", &heading)?;
    for table in protected.tables() {
        row += 1;
        let words = format!("{}. {}", table.contract().title, table.contract().description);
        width = width.max(letters(&words));
        sheet.write(row, 0, table.contract().name.as_str())?;
        sheet.write(row, 1, words)?;
    }
    row += 2;
    sheet.write_with_format(row, 0, "Tecken", &heading)?.write_with_format(row, 1, "Betydelse", &heading)?;
    for missing in Missing::ALL {
        row += 1;
        sheet.write(row, 0, missing.symbol())?;
        sheet.write(row, 1, edition.labels.title("cellstatus", missing.code()))?;
    }
    // As wide as the longest text: what runs over the last column is not on the printed page.
    sheet.set_column_width(0, 30)?.set_column_width(1, width as f64)?;
    Ok(())
}

fn fill(sheet: &mut Worksheet, table: &ProtectedTable, edition: &Edition<'_>, path: &Path) -> Result<()> {
    let contract = table.contract();
    let failed = |error: XlsxError| failed(path, &error);
    // Excel allows 31 characters in a sheet's name; ours are shorter, and a longer one is refused here.
    sheet.set_name(contract.name.as_str()).map_err(failed)?;
    let heading = Format::new().set_bold();
    sheet.write_with_format(0, 0, contract.title.as_str(), &heading).map_err(failed)?;
    sheet.write(1, 0, contract.description.as_str()).map_err(failed)?;
    let columns: Vec<TableColumn> =
        contract.columns.iter().map(|column| TableColumn::new().set_header(column.title.as_str())).collect();
    let last_row = HEADER_ROW + u32::try_from(table.rows().len().max(1)).unwrap_or(u32::MAX - HEADER_ROW);
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let mut excel_table = Table::new();
    excel_table = excel_table
        .set_columns(&columns)
        .set_name(format!("tabell_{}", contract.name))
        .set_style(TableStyle::None)
        .set_autofilter(true);
    sheet.add_table(HEADER_ROW, 0, last_row, last_column, &excel_table).map_err(failed)?;
    sheet.set_freeze_panes(HEADER_ROW + 1, 0).map_err(failed)?;
    let decimal = Format::new().set_num_format("0.0");
    // A header also has the button of its filter.
    let mut widths: Vec<usize> = contract.columns.iter().map(|column| letters(&column.title) + 4).collect();
    for (index, row) in table.rows().iter().enumerate() {
        let at = HEADER_ROW + 1 + u32::try_from(index).unwrap_or(u32::MAX - HEADER_ROW - 1);
        for (place, (column, cell)) in contract.columns.iter().zip(cells(contract, row, edition.labels)?).enumerate() {
            widths[place] = widths[place].max(letters(&word(column, &cell, edition.labels)) + 1);
            let place = u16::try_from(place).unwrap_or(u16::MAX);
            write_cell(sheet, at, place, list(column), &cell, edition.labels, &decimal).map_err(failed)?;
        }
    }
    // On paper a text above the table ends where the table does.
    let lacking = letters(&contract.description).saturating_sub(widths.iter().sum());
    widths.iter_mut().rev().take(1).for_each(|width| *width += lacking);
    for (place, width) in widths.into_iter().enumerate() {
        sheet.set_column_width(u16::try_from(place).unwrap_or(u16::MAX), width as f64).map_err(failed)?;
    }
    sheet.set_repeat_rows(HEADER_ROW, HEADER_ROW).map_err(failed)?;
    print_wide(sheet);
    Ok(())
}

/// On paper: landscape A4, one page wide and as many high as it takes, with the page's number.
fn print_wide(sheet: &mut Worksheet) {
    const A4: u8 = 9;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0).set_footer("&L&A&RSida &P av &N");
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    place: u16,
    list: &str,
    cell: &Cell,
    labels: &Labels,
    decimal: &Format,
) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Text(code) => sheet.write_string(row, place, labels.title(list, code))?,
        Cell::Whole(number) => sheet.write_number(row, place, *number as f64)?,
        Cell::Decimal(number) => sheet.write_number_with_format(row, place, *number, decimal)?,
        Cell::Missing(missing) => sheet.write_string(row, place, missing.symbol())?,
    };
    Ok(())
}

fn failed(path: &Path, error: &XlsxError) -> Error {
    let fault = || Error::Format { path: path.to_owned(), reason: error.to_string() };
    Error::of_disk(path, error).unwrap_or_else(fault)
}
