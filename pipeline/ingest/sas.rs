//! SAS data sets (sas7bdat): untrusted input, read a window of rows at a time.
//!
//! What a column holds decides what it may be taken for: numbers that are codes or identities have lost their
//! leading zeros when they come, so a contract's text column takes character columns alone.

use super::batch::{BYTES, Batch, BatchBuilder, ROWS};
use super::decode::{Encoding, Letters};
use super::header::match_header;
use super::reader::Stop;
use super::sas_claims::look_at;
use crate::contract::{Column, Contract, DateForm, Kind};
use crate::fault::{FaultLog, Rule};
use chrono::{Days, NaiveDate};
use sas7bdat::{ColumnMeta, CompressionKind, Dataset, Endianness, IoBackendPreference, LogicalType};
use sas7bdat::{OpenOptions, RowSelection};
use std::fs::File;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Most rows of a compressed file: the place of each is held (12 bytes) while the file is read.
const COMPRESSED_ROWS: u64 = 8 << 20;
/// Bytes of the longest row.
const ROW: u32 = 1 << 20;
const DAY: f64 = 86_400.0;

/// A data set being read.
pub struct Sas {
    name: String,
    data: Dataset,
    cells: Vec<Cell>,
    letters: Letters,
    builder: BatchBuilder,
    rows: u64,
    records: u64,
}

/// Where a contract column lies in a row of the file, and how it is written as text.
struct Cell {
    from: usize,
    till: usize,
    big: bool,
    form: Form,
}

enum Form {
    Text,
    /// A number, with this decimal mark.
    Number(char),
    /// Days or seconds since 1960.
    Day(DateForm),
    Moment(DateForm),
}

impl Sas {
    pub fn open(contract: &Contract, path: &Path, name: &str, faults: &mut FaultLog) -> Result<Sas, Stop> {
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let mut file = File::open(path).map_err(|_| "a readable file".to_owned())?;
            look_at(&mut file)?;
            let options = OpenOptions::builder().io_backend(IoBackendPreference::Buffered).build();
            let data = Dataset::open_with(path, options).map_err(|_| "a sas7bdat file".to_owned())?;
            within(&data).map(|()| data)
        }));
        let data = opened.unwrap_or_else(|_| Err("a sas7bdat file".to_owned())).map_err(|expected| {
            faults.add(Rule::Unreadable, name, None, None, &expected);
            Stop
        })?;
        let letters = letters(contract, data.metadata().encoding.as_deref().unwrap_or_default(), name, faults)?;
        let header: Vec<String> = data.columns().iter().map(|column| column.name().to_owned()).collect();
        let places = match_header(contract, &header, name, 1, faults)?;
        let big = data.metadata().endianness == Endianness::Big;
        let cells: Vec<Option<Cell>> = contract
            .columns
            .iter()
            .zip(&places)
            .map(|(column, place)| {
                let cell = cell(column, &data.columns()[*place], data.metadata().row_len, big);
                if let Err(expected) = &cell {
                    faults.add(Rule::ColumnType, name, Some(&column.name), None, expected);
                }
                cell.ok()
            })
            .collect();
        let cells = cells.into_iter().collect::<Option<Vec<Cell>>>().ok_or(Stop)?;
        let rows = data.metadata().row_count - data.metadata().deleted_row_count;
        let (name, builder) = (name.to_owned(), BatchBuilder::new(contract));
        let mut sas = Sas { name, data, cells, letters, builder, rows, records: 0 };
        // A window that holds no row has the crate note every page's place, once for all windows.
        sas.read(RowSelection::range(u64::MAX, u64::MAX), faults).map(|_| sas)
    }

    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        let before = self.records;
        // Long rows may come of few bytes, where they are packed.
        let window = (BYTES as u64 / u64::from(self.data.metadata().row_len.max(1))).clamp(1, ROWS as u64);
        self.read(RowSelection::range(before, before + window), faults)?;
        let whole = self.records - before == window;
        if !whole && self.records != self.rows {
            faults.add(Rule::Truncated, &self.name, None, Some(self.records), &format!("{} rows", self.rows));
            return Err(Stop);
        }
        Ok(self.builder.take())
    }

    fn read(&mut self, window: RowSelection, faults: &mut FaultLog) -> Result<(), Stop> {
        let (data, builder, records) = (&self.data, &mut self.builder, &mut self.records);
        let (cells, letters) = (&self.cells, &self.letters);
        let mut texts = vec![String::new(); cells.len()];
        let mut undecoded = false;
        let read = catch_unwind(AssertUnwindSafe(|| {
            let scan = data.scan().select(window);
            scan.visit_raw_rows(|row| {
                for (cell, text) in cells.iter().zip(&mut texts) {
                    text.clear();
                    undecoded |= cell.write(row.bytes, letters, text).is_none();
                }
                *records += 1;
                if undecoded {
                    return Ok(ControlFlow::Break(()));
                }
                builder.push(*records, texts.iter().map(String::as_str));
                Ok(ControlFlow::Continue(()))
            })
        }));
        if undecoded {
            faults.add(Rule::Encoding, &self.name, None, Some(self.records), self.letters.name());
            return Err(Stop);
        }
        if !matches!(read, Ok(Ok(_))) {
            faults.add(Rule::Unreadable, &self.name, None, Some(self.records + 1), "rows that can be read");
            return Err(Stop);
        }
        Ok(())
    }

    pub const fn records(&self) -> u64 {
        self.records
    }
}

/// Refuses what would be held beyond bounds.
fn within(data: &Dataset) -> Result<(), String> {
    let held = data.metadata();
    if held.row_len > ROW {
        return Err(format!("rows of at most {} MiB", ROW >> 20));
    }
    if held.compression != CompressionKind::None && held.row_count > COMPRESSED_ROWS {
        return Err(format!(
            "at most {COMPRESSED_ROWS} rows in a compressed file; deliver it uncompressed, or as several"
        ));
    }
    Ok(())
}

/// The encoding that the file declares, which must be the contract's where that states one.
fn letters(contract: &Contract, declared: &str, name: &str, faults: &mut FaultLog) -> Result<Letters, Stop> {
    let stated = contract.custom_text("teckenkodning").and_then(Encoding::named);
    let held = match declared {
        "UTF-8" => Some(Encoding::Utf8),
        "US-ASCII" => Some(stated.unwrap_or(Encoding::Utf8)),
        "ISO-8859-1" => Some(Encoding::Iso8859_1),
        "WINDOWS-1252" => Some(Encoding::Cp1252),
        _ => None,
    };
    match held.filter(|held| stated.is_none_or(|stated| stated == *held)) {
        Some(encoding) => Ok(encoding.letters()),
        None => {
            let expected = stated.map_or("utf-8, iso-8859-1 or cp1252", Encoding::name);
            faults.add(Rule::Encoding, name, None, None, &format!("{expected} as the encoding that the file declares"));
            Err(Stop)
        }
    }
}

/// How a column of the file becomes a column of the contract; what was expected where it cannot.
fn cell(column: &Column, held: &ColumnMeta, row_len: u32, big: bool) -> Result<Cell, &'static str> {
    let form = match (held.logical_type, column.kind) {
        (LogicalType::String, _) => Form::Text,
        (LogicalType::Date, Kind::Date) => Form::Day(column.date_form),
        (LogicalType::DateTime, Kind::Date) => Form::Moment(column.date_form),
        (LogicalType::Integer | LogicalType::Float, Kind::Integer | Kind::Long | Kind::Date | Kind::Boolean) => {
            Form::Number('.')
        }
        (LogicalType::Integer | LogicalType::Float, Kind::Decimal) => Form::Number(column.decimal_mark),
        (_, Kind::Text | Kind::Uuid) => return Err("a character column; a number has lost its leading zeros"),
        _ => return Err("a character column, a number or a date"),
    };
    let (from, width) = (held.offset, held.physical_width);
    let is_wide_as_number = matches!(form, Form::Text) || (1..=8).contains(&width);
    match from.checked_add(width).filter(|till| *till <= row_len && is_wide_as_number) {
        Some(till) => Ok(Cell { from: from as usize, till: till as usize, big, form }),
        None => Err("a column within the row"),
    }
}

impl Cell {
    /// Writes the cell as the text that a delimited file would hold; `None` where its letters are of another encoding.
    fn write(&self, row: &[u8], letters: &Letters, text: &mut String) -> Option<()> {
        let bytes = row.get(self.from..self.till)?;
        let Form::Text = self.form else {
            text.push_str(&self.number(bytes).map_or_else(String::new, |number| self.shown(number)));
            return Some(());
        };
        let end = bytes.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
        letters.decode(&bytes[..end], text)
    }

    /// A number, of which the file may have left out the last bytes; nothing where the value is missing.
    fn number(&self, bytes: &[u8]) -> Option<f64> {
        let mut whole = [0; 8];
        if self.big {
            whole[..bytes.len()].copy_from_slice(bytes);
        } else {
            whole[8 - bytes.len()..].copy_from_slice(bytes);
        }
        let number = if self.big { f64::from_be_bytes(whole) } else { f64::from_le_bytes(whole) };
        (!number.is_nan()).then_some(number)
    }

    fn shown(&self, number: f64) -> String {
        let (days, form) = match self.form {
            Form::Text | Form::Number('.') => return number.to_string(),
            Form::Number(mark) => return number.to_string().replace('.', &mark.to_string()),
            Form::Day(form) => (number, form),
            Form::Moment(form) => ((number / DAY).floor(), form),
        };
        let date = (days.fract() == 0.0).then(|| day(days)).flatten();
        // What is no day is handed on as the number that it is, and is refused by the check of its type.
        date.map_or_else(|| number.to_string(), |date| form.shown(date))
    }
}

/// The numbers of 1 March of the years 4000 and 8000, which are no leap years to SAS: without them an end that is open
/// (31 December 9999, 2936547) would be two days before it.
const LEAPLESS: [f64; 2] = [745_154.0, 2_206_123.0];

/// The day that SAS counts as so many days after 1 January 1960.
fn day(days: f64) -> Option<NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(1960, 1, 1)?;
    let days = days + LEAPLESS.iter().filter(|first| days >= **first).count() as f64;
    // A cast from float saturates, and what is beyond the calendar is no day.
    let count = Days::new(days.abs() as u64);
    if days < 0.0 { epoch.checked_sub_days(count) } else { epoch.checked_add_days(count) }
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_counted_as_sas_counts_them() {
        for (number, text) in [
            (0.0, "1960-01-01"),
            (-1.0, "1959-12-31"),
            (14_669.0, "2000-02-29"),
            (745_153.0, "4000-02-28"),
            (745_154.0, "4000-03-01"),
            (2_206_122.0, "8000-02-28"),
            (2_206_123.0, "8000-03-01"),
            (2_936_547.0, "9999-12-31"),
        ] {
            assert_eq!(day(number).map(|day| day.to_string()).as_deref(), Some(text));
        }
    }
}
