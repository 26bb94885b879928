//! Excel workbooks (xlsx), through the streaming cell reader with caps: a small workbook can claim a sheet of
//! half a terabyte, and only the cells that are there may cost memory.

use super::batch::{Batch, BatchBuilder};
use super::header::match_header;
use super::reader::Stop;
use crate::contract::{Column, Contract, DateForm, Kind};
use crate::fault::{FaultLog, Rule};
use calamine::{DataRef, Reader as _, Xlsx};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Caps of a workbook; beyond them the delivery is refused.
const BYTES: u64 = 64 << 20;
const CELLS: usize = 5_000_000;
const COLUMNS: u32 = 256;
const LETTERS: usize = 10_000;

/// A worksheet, read within the caps.
pub struct Workbook {
    rows: std::vec::IntoIter<(u64, Vec<String>)>,
    builder: BatchBuilder,
    places: Vec<usize>,
    records: u64,
}

impl Workbook {
    pub fn open(contract: &Contract, path: &Path, name: &str, faults: &mut FaultLog) -> Result<Workbook, Stop> {
        let mut rows = match read_sheet(contract, path) {
            Ok(rows) => rows.into_iter(),
            Err(expected) => {
                faults.add(Rule::Unreadable, name, None, None, &expected);
                return Err(Stop);
            }
        };
        let Some((row, header)) = rows.next() else {
            faults.add(Rule::Empty, name, None, None, "a header and rows");
            return Err(Stop);
        };
        let header: Vec<String> = header.into_iter().collect();
        let places = match_header(contract, &header, name, row, faults)?;
        Ok(Workbook { rows, builder: BatchBuilder::new(contract), places, records: 0 })
    }

    pub fn next(&mut self, _faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        while !self.builder.is_full() {
            let Some((row, fields)) = self.rows.next() else { break };
            self.records += 1;
            let field = |place: &usize| fields.get(*place).map_or("", String::as_str);
            self.builder.push(row, self.places.iter().map(field));
        }
        Ok(self.builder.take())
    }

    pub const fn records(&self) -> u64 {
        self.records
    }
}

/// The rows that hold anything, with their numbers from 1; what was expected where it cannot be read.
fn read_sheet(contract: &Contract, path: &Path) -> Result<Vec<(u64, Vec<String>)>, String> {
    let file = File::open(path).map_err(|_| "a readable file".to_owned())?;
    if file.metadata().map_or(0, |meta| meta.len()) > BYTES {
        return Err(format!("a workbook of at most {} MiB", BYTES >> 20));
    }
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|_| "a workbook (xlsx)".to_owned())?;
    let sheet = contract.custom_text("blad").unwrap_or("Blad1").to_owned();
    if !workbook.sheet_names().contains(&sheet) {
        return Err(format!("a sheet named {sheet}"));
    }
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|_| format!("a sheet named {sheet}"))?;
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    let mut count = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| "a sheet whose cells can be read".to_owned())? {
        let (row, column) = cell.get_position();
        let text = text_of(cell.get_value(), date_form_at(contract, column));
        if text.is_empty() {
            continue;
        }
        count += 1;
        if count > CELLS || column >= COLUMNS || text.len() > LETTERS {
            return Err(format!("at most {CELLS} cells in {COLUMNS} columns, {LETTERS} letters each"));
        }
        let number = u64::from(row) + 1;
        if rows.last().is_none_or(|(last, _)| *last != number) {
            rows.push((number, Vec::new()));
        }
        if let Some((_, fields)) = rows.last_mut() {
            let place = column as usize;
            if fields.len() <= place {
                fields.resize(place + 1, String::new());
            }
            fields[place] = text;
        }
    }
    Ok(rows)
}

/// How a date cell is written as text: as the contract's column at that place, if it is a date.
fn date_form_at(contract: &Contract, column: u32) -> DateForm {
    let is_date = |column: &&Column| column.kind == Kind::Date;
    contract.columns.get(column as usize).filter(is_date).map_or(DateForm::Dashed, |column| column.date_form)
}

fn text_of(value: &DataRef<'_>, form: DateForm) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(value) => (if *value { "J" } else { "N" }).to_owned(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            match form {
                DateForm::Month => format!("{year:04}{month:02}"),
                DateForm::Compact => format!("{year:04}{month:02}{day:02}"),
                DateForm::Dashed | DateForm::Partial => format!("{year:04}-{month:02}-{day:02}"),
            }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.chars().take(10).collect(),
    }
}
