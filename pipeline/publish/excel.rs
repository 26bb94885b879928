//! Excel, two workbooks by the checklist of the British statistical service for spreadsheets that everybody can read:
//! `finsam.xlsx` to read (cover, contents, notes, a sheet per table) and `finsam_data.xlsx` to compute with.
//!
//! One Excel table per sheet with one header row, title in A1, text above the table, links between the sheets; nothing
//! merged, filled, coloured or hidden, no formulas, no headers and footers. Numbers stay numbers. What is withheld
//! shows its symbol in the one, and is an empty cell beside its status in the other.

mod book;
mod front;
mod tables;
mod tidy;

use super::notes::Notes;
use super::table::{Cell, cells};
use super::{Edition, Labels};
use crate::error::Result;
use crate::protect::{Missing, Protected, ProtectedTable};
use std::path::Path;

/// The sheet that leads to the others.
const CONTENTS: &str = "Innehåll";
const NOTES: &str = "Noter";

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    let notes = Notes::of(protected);
    let book = book::Book::begin(&folder.join("finsam.xlsx"), super::TITLE, edition)?;
    let book = book.page(|workbook| front::cover(workbook.add_worksheet(), protected, edition))?;
    let book = book.page(|workbook| front::contents(workbook.add_worksheet(), protected))?;
    let mut book = book.page(|workbook| front::notes(workbook.add_worksheet(), &notes, edition))?;
    for table in protected.tables() {
        let cells = rows(table, edition.labels)?;
        book = book.page(|workbook| tables::fill(workbook.add_worksheet(), table, &cells, &notes, edition.labels))?;
    }
    book.save()?;
    let title = format!("{}: data", super::TITLE);
    let mut book = book::Book::begin(&folder.join("finsam_data.xlsx"), &title, edition)?
        .page(|workbook| front::data_contents(workbook.add_worksheet(), protected, edition))?;
    for table in protected.tables() {
        let cells = rows(table, edition.labels)?;
        book = book.page(|workbook| tidy::fill(workbook.add_worksheet(), table, &cells, edition.labels))?;
    }
    book.save()
}

fn rows(table: &ProtectedTable, labels: &Labels) -> Result<Vec<Vec<Cell>>> {
    table.rows().iter().map(|row| cells(table.contract(), row, labels)).collect()
}

/// Why a cell has no number; none where it has one.
fn missing(cell: &Cell) -> Option<Missing> {
    match cell {
        Cell::Missing(missing) => Some(*missing),
        _ => None,
    }
}
