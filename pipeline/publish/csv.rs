//! CSV, twice: `<table>.csv` for Swedish Excel (UTF-8 with byte-order mark, semicolon, decimal comma, CRLF, titles
//! and words), and `<table>.plain.csv` for programs (RFC 4180, column names and codes, missing values empty).

use super::table::{Cell, Labels, cells};
use super::{Edition, table};
use crate::contract::{Column, Contract};
use crate::error::{Error, Result};
use crate::lake;
use crate::protect::{Protected, ProtectedTable, decimals};
use std::path::Path;

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    for table in protected.tables() {
        let name = &table.contract().name;
        lake::write_file(&folder.join(format!("{name}.csv")), &swedish(table, edition.labels)?)?;
        lake::write_file(&folder.join(format!("{name}.plain.csv")), &plain(table, edition.labels)?)?;
    }
    Ok(())
}

fn swedish(table: &ProtectedTable, labels: &Labels) -> Result<Vec<u8>> {
    let contract = table.contract();
    let mut text = Vec::from("\u{feff}".as_bytes());
    let mut writer = csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(&mut text);
    let failed = |error: &dyn std::fmt::Display| failed(contract, error);
    writer.write_record(contract.columns.iter().map(|column| &column.title)).map_err(|e| failed(&e))?;
    for row in table.rows() {
        let cells = cells(contract, row, labels)?;
        let fields = contract.columns.iter().zip(&cells).map(|(column, cell)| word(column, cell, labels));
        writer.write_record(fields).map_err(|e| failed(&e))?;
    }
    writer.flush().map_err(|e| failed(&e))?;
    drop(writer);
    Ok(text)
}

fn plain(table: &ProtectedTable, labels: &Labels) -> Result<Vec<u8>> {
    let contract = table.contract();
    let mut text = Vec::new();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut text);
    let failed = |error: &dyn std::fmt::Display| failed(contract, error);
    writer.write_record(contract.columns.iter().map(|column| &column.name)).map_err(|e| failed(&e))?;
    for row in table.rows() {
        let cells = table::cells(contract, row, labels)?;
        let fields = contract.columns.iter().zip(cells).map(|(column, cell)| match cell {
            Cell::Text(text) => text,
            Cell::Whole(number) => number.to_string(),
            Cell::Decimal(number) => format!("{number:.0$}", usize::from(decimals(column))),
            Cell::Missing(_) => String::new(),
        });
        writer.write_record(fields).map_err(|e| failed(&e))?;
    }
    writer.flush().map_err(|e| failed(&e))?;
    drop(writer);
    Ok(text)
}

/// A cell in Swedish words and numbers.
pub(super) fn word(column: &Column, cell: &Cell, labels: &Labels) -> String {
    match cell {
        Cell::Text(code) => labels.title(list(column), code).to_owned(),
        Cell::Whole(number) => number.to_string(),
        Cell::Decimal(number) => format!("{number:.0$}", usize::from(decimals(column))).replace('.', ","),
        Cell::Missing(missing) => missing.symbol().to_owned(),
    }
}

/// The list that holds a column's titles; none where the column has no codes.
pub(super) fn list(column: &Column) -> &str {
    column.code_list.as_deref().unwrap_or_default()
}

fn failed(contract: &Contract, error: &dyn std::fmt::Display) -> Error {
    Error::Format { path: format!("{}.csv", contract.name).into(), reason: error.to_string() }
}
