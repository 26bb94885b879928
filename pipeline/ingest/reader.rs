//! One reader per format; each turns a file into [`Batch`]es and structural faults.

use super::batch::{Batch, RECORD};
use super::columnar::Columnar;
use super::decode::{Decoded, Encoding};
use super::delimited::Delimited;
use super::fixed_width::FixedWidth;
use super::layout::Layout;
use super::packed::{self, Packed};
use super::sas::Sas;
use super::workbook::Workbook;
use crate::contract::Contract;
use crate::error::Result as Outcome;
use crate::fault::{FaultLog, Rule};
use std::io::{self, BufReader};
use std::path::Path;

/// The file cannot be read further; the reason is in the fault log.
#[derive(Debug)]
pub struct Stop;

/// A delivered file being read.
pub enum Reader {
    Delimited(Box<Delimited>),
    FixedWidth(Box<FixedWidth>),
    Workbook(Box<Workbook>),
    Columnar(Box<Columnar>),
    Sas(Box<Sas>),
}

impl Reader {
    /// Opens a file in the contract's layout. `name` stands in faults.
    ///
    /// # Errors
    /// [`Stop`] where the format, the encoding or the header is another.
    pub fn open(
        contract: &Contract,
        layout: &Layout,
        path: &Path,
        name: &str,
        faults: &mut FaultLog,
    ) -> Result<Reader, Stop> {
        Ok(match layout {
            Layout::Delimited { encoding, delimiter } => {
                let file = open(path, name, *encoding, faults)?;
                Reader::Delimited(Box::new(Delimited::open(contract, file, *delimiter, name, faults)?))
            }
            Layout::FixedWidth { encoding, positions, width } => {
                let file = open(path, name, *encoding, faults)?;
                Reader::FixedWidth(Box::new(FixedWidth::open(contract, file, positions, *width, name)))
            }
            Layout::Workbook => Reader::Workbook(Box::new(Workbook::open(contract, path, name, faults)?)),
            Layout::Columnar => Reader::Columnar(Box::new(Columnar::open(contract, path, name, faults)?)),
            Layout::Sas => Reader::Sas(Box::new(Sas::open(contract, path, name, faults)?)),
        })
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// [`Stop`] where the rest of the file cannot be read.
    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        match self {
            Reader::Delimited(reader) => {
                let batch = reader.next(faults)?;
                if batch.is_none() {
                    note_strays(reader.strays(), reader.name(), faults);
                }
                Ok(batch)
            }
            Reader::FixedWidth(reader) => {
                let batch = reader.next(faults)?;
                if batch.is_none() {
                    note_strays(reader.strays(), reader.name(), faults);
                }
                Ok(batch)
            }
            Reader::Workbook(reader) => reader.next(faults),
            Reader::Columnar(reader) => reader.next(faults),
            Reader::Sas(reader) => reader.next(faults),
        }
    }

    /// Records read so far, those at fault included, the header not.
    pub fn records(&self) -> u64 {
        match self {
            Reader::Delimited(reader) => reader.records(),
            Reader::FixedWidth(reader) => reader.records(),
            Reader::Workbook(reader) => reader.records(),
            Reader::Columnar(reader) => reader.records(),
            Reader::Sas(reader) => reader.records(),
        }
    }
}

/// Reads a file to its end and checks no more than its structure; the records found. What decoding alone costs, and
/// what a hostile file can do to a reader.
///
/// # Errors
/// [`crate::error::Error::Contract`] where the contract does not describe its own format; the file's faults are in
/// the log.
pub fn decode(contract: &Contract, path: &Path, faults: &mut FaultLog) -> Outcome<u64> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(layout) = Layout::of(contract, &name)? else { return Ok(0) };
    let Ok(mut reader) = Reader::open(contract, &layout, path, &name, faults) else { return Ok(0) };
    while let Ok(Some(batch)) = reader.next(faults) {
        drop(batch);
    }
    Ok(reader.records())
}

/// A text file as UTF-8, with the encoding that it is in.
pub(super) type Text = BufReader<Decoded<Packed>>;

fn open(path: &Path, name: &str, encoding: Encoding, faults: &mut FaultLog) -> Result<Text, Stop> {
    let file = Packed::open(path).map_err(|error| failed(&error, name, 1, encoding, faults))?;
    Ok(BufReader::with_capacity(1 << 16, Decoded::new(file, encoding)))
}

/// Letters of cp850 in a file of cp1252, which the contract has agreed to.
fn note_strays(strays: u64, name: &str, faults: &mut FaultLog) {
    if strays > 0 {
        faults.add_counted(Rule::Cp850, name, strays, "cp1252 alone");
    }
}

/// A read error as a fault: a byte that the encoding lacks, or a file that cannot be read.
pub(super) fn failed(error: &io::Error, name: &str, row: u64, encoding: Encoding, faults: &mut FaultLog) -> Stop {
    if error.kind() == io::ErrorKind::InvalidData {
        faults.add(Rule::Encoding, name, None, Some(row), encoding.name());
    } else {
        let expected = packed::expected(error.kind()).unwrap_or_else(|| "a readable file".to_owned());
        faults.add(Rule::Unreadable, name, None, None, &expected);
    }
    Stop
}

/// A record that may not be held whole.
pub(super) fn too_long(name: &str, row: u64, faults: &mut FaultLog) -> Stop {
    let expected = format!("records of at most {} KiB; is a quotation mark not closed?", RECORD >> 10);
    faults.add(Rule::Unreadable, name, None, Some(row), &expected);
    Stop
}
