//! Excel workbooks (xlsx), through the streaming cell reader with caps: a small workbook can claim a sheet of
//! half a terabyte, and only the cells that are there may cost memory.

use super::batch::{Batch, BatchBuilder};
use super::header::{is_header, last_row, match_header};
use super::reader::Stop;
use super::summary::Summary;
use super::workbook_claims::look_at;
use crate::contract::{Contract, DateForm, Severity};
use crate::fault::{FaultLog, Rule};
use calamine::{DataRef, Reader as _, Xlsx};
use std::fs::File;
use std::path::Path;

/// Caps of a workbook; beyond them the delivery is refused.
const CELLS: usize = 5_000_000;
const COLUMNS: u32 = 256;
const LETTERS: usize = 10_000;
/// Letters of all cells together: a shared string costs a workbook nothing, however many cells have it.
const TEXT: usize = 64 << 20;

/// What a cell holds, before it is known which column it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cell {
    Text(String),
    /// A text of so many bytes, as nearly all are: it needs no room beside the cell.
    Short(u8, [u8; SHORT]),
    /// Year, month and day; how they are written is the matched column's to say.
    Day(u16, u8, u8),
    /// `#N/A` and its like: no value, and not an empty one either.
    Error,
}

const SHORT: usize = 22;

static EMPTY: Cell = Cell::Short(0, [0; SHORT]);

/// A worksheet, read within the caps.
pub struct Workbook {
    name: String,
    contract: Contract,
    rows: std::vec::IntoIter<(u64, Vec<Cell>)>,
    builder: BatchBuilder,
    summary: Summary,
    places: Vec<usize>,
    records: u64,
}

impl Workbook {
    pub fn open(contract: &Contract, path: &Path, name: &str, faults: &mut FaultLog) -> Result<Workbook, Stop> {
        let rows = match read_sheet(contract, path) {
            Ok(rows) => rows,
            Err(expected) => {
                faults.add(Rule::Unreadable, name, None, None, &expected);
                return Err(Stop);
            }
        };
        let texts = |cells: &[Cell]| cells.iter().map(|cell| cell.text(DateForm::Dashed)).collect::<Vec<String>>();
        let mut first = rows.iter().take_while(|(row, _)| *row <= last_row(contract));
        // Where there is none, the first row is told to be none.
        let place = first.position(|(_, cells)| is_header(contract, &texts(cells))).unwrap_or(0);
        let mut rows = rows.into_iter();
        let Some((row, header)) = rows.nth(place) else {
            faults.add(Rule::Empty, name, None, None, "a header and rows");
            return Err(Stop);
        };
        let header = texts(&header);
        let places = match_header(contract, &header, name, row, faults)?;
        let (name, builder, summary) = (name.to_owned(), BatchBuilder::new(contract), Summary::of(contract));
        Ok(Workbook { name, contract: contract.clone(), rows, builder, summary, places, records: 0 })
    }

    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        while !self.builder.is_full() {
            let Some((row, cells)) = self.rows.next() else {
                self.summary.end(&self.name, faults)?;
                break;
            };
            let first = cells.first().unwrap_or(&EMPTY).text(DateForm::Dashed);
            if self.summary.is_it(&first, &self.name, row, faults)? {
                continue;
            }
            self.records += 1;
            let cells = || self.places.iter().map(|place| cells.get(*place).unwrap_or(&EMPTY));
            let mut keep = true;
            let errors = self.contract.columns.iter().zip(&self.places).zip(cells());
            for ((column, place), _) in errors.filter(|(_, cell)| **cell == Cell::Error) {
                let severity = column.fault_severity();
                let expected = format!("a value, not an error (column {} of the sheet)", letters(*place));
                faults.add_as(severity, Rule::Type, &self.name, Some(&column.name), Some(row), &expected);
                keep &= severity == Severity::Note;
            }
            if keep {
                let texts = self.contract.columns.iter().zip(cells()).map(|(column, cell)| cell.text(column.form()));
                let texts: Vec<String> = texts.collect();
                self.builder.push(row, texts.iter().map(String::as_str));
            }
        }
        Ok(self.builder.take())
    }

    pub const fn records(&self) -> u64 {
        self.records
    }
}

/// The letters of a column, as the sheet shows them.
fn letters(place: usize) -> String {
    let letter = |place: usize| char::from(b'A' + (place % 26) as u8);
    if place < 26 { letter(place).to_string() } else { format!("{}{}", letter(place / 26 - 1), letter(place)) }
}

/// The rows that hold anything, with their numbers from 1; what was expected where it cannot be read.
fn read_sheet(contract: &Contract, path: &Path) -> Result<Vec<(u64, Vec<Cell>)>, String> {
    let file = File::open(path).map_err(|_| "a readable file".to_owned())?;
    let mut workbook: Xlsx<_> = Xlsx::new(look_at(file)?).map_err(|_| "a workbook (xlsx)".to_owned())?;
    let sheet = contract.custom_text("blad").unwrap_or("Blad1").to_owned();
    if !workbook.sheet_names().contains(&sheet) {
        return Err(format!("a sheet named {sheet}"));
    }
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|_| format!("a sheet named {sheet}"))?;
    let mut rows: Vec<(u64, Vec<Cell>)> = Vec::new();
    // Cells that are empty cost as much, where one stands to their right.
    let (mut count, mut letters) = (0, 0);
    while let Some(cell) = cells.next_cell().map_err(|_| "a sheet whose cells can be read".to_owned())? {
        let (row, column) = cell.get_position();
        let held = held(cell.get_value());
        if held == EMPTY {
            continue;
        }
        let length = held.length();
        letters += length;
        if count >= CELLS || column >= COLUMNS || length > LETTERS {
            return Err(format!("at most {CELLS} cells in {COLUMNS} columns, {LETTERS} letters each"));
        }
        if letters > TEXT {
            return Err(format!("at most {} MiB of text", TEXT >> 20));
        }
        let number = u64::from(row) + 1;
        if rows.last().is_none_or(|(last, _)| *last != number) {
            rows.push((number, Vec::new()));
        }
        if let Some((_, fields)) = rows.last_mut() {
            let place = column as usize;
            if fields.len() <= place {
                count += place + 1 - fields.len();
                fields.resize(place + 1, EMPTY.clone());
            }
            fields[place] = held;
        }
    }
    Ok(rows)
}

impl Cell {
    fn of(text: &str) -> Cell {
        let mut bytes = [0; SHORT];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(length), Some(place)) => {
                place.copy_from_slice(text.as_bytes());
                Cell::Short(length, bytes)
            }
            _ => Cell::Text(text.to_owned()),
        }
    }

    /// Bytes of its text.
    fn length(&self) -> usize {
        match self {
            Cell::Text(text) => text.len(),
            Cell::Short(length, _) => usize::from(*length),
            Cell::Day(..) | Cell::Error => 0,
        }
    }

    /// The text that a delimited file would hold.
    fn text(&self, form: DateForm) -> String {
        match (self, form) {
            (Cell::Text(text), _) => text.clone(),
            (Cell::Short(length, bytes), _) => String::from_utf8_lossy(&bytes[..usize::from(*length)]).into_owned(),
            (Cell::Day(year, month, _), DateForm::Month) => format!("{year:04}{month:02}"),
            (Cell::Day(year, month, day), DateForm::Week) => {
                let day = chrono::NaiveDate::from_ymd_opt(i32::from(*year), u32::from(*month), u32::from(*day));
                day.map(|day| day.format("%G%V").to_string()).unwrap_or_default()
            }
            (Cell::Day(year, month, day), DateForm::Compact) => format!("{year:04}{month:02}{day:02}"),
            (Cell::Day(year, month, day), DateForm::Dashed | DateForm::Partial) => {
                format!("{year:04}-{month:02}-{day:02}")
            }
            (Cell::Error, _) => String::new(),
        }
    }
}

fn held(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => EMPTY.clone(),
        DataRef::Error(_) => Cell::Error,
        DataRef::Int(number) => Cell::of(&number.to_string()),
        DataRef::Float(number) => Cell::of(&number.to_string()),
        DataRef::String(text) => Cell::of(text.trim()),
        DataRef::SharedString(text) => Cell::of(text.trim()),
        DataRef::Bool(value) => Cell::of(if *value { "J" } else { "N" }),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            Cell::Day(year, month, day)
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::of(&text.chars().take(10).collect::<String>()),
    }
}
