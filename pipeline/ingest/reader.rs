//! One reader per format; each turns a file into [`Batch`]es and structural faults.

use super::batch::Batch;
use super::columnar::Columnar;
use super::delimited::Delimited;
use super::fixed_width::FixedWidth;
use super::workbook::Workbook;
use crate::contract::Contract;
use crate::fault::{FaultLog, Rule};
use std::io;
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
}

impl Reader {
    /// Opens a file in the contract's format. `name` stands in faults.
    ///
    /// # Errors
    /// [`Stop`] where the format, the encoding or the header is another.
    pub fn open(contract: &Contract, path: &Path, name: &str, faults: &mut FaultLog) -> Result<Reader, Stop> {
        Ok(match contract.custom_text("format") {
            Some("avgransad") => Reader::Delimited(Box::new(Delimited::open(contract, path, name, faults)?)),
            Some("fastbredd") => Reader::FixedWidth(Box::new(FixedWidth::open(contract, path, name, faults)?)),
            Some("xlsx") => Reader::Workbook(Box::new(Workbook::open(contract, path, name, faults)?)),
            Some("parquet") => Reader::Columnar(Box::new(Columnar::open(contract, path, name, faults)?)),
            _ => {
                faults.add(Rule::UnknownContract, name, None, None, "a format in the contract");
                return Err(Stop);
            }
        })
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// [`Stop`] where the rest of the file cannot be read.
    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        match self {
            Reader::Delimited(reader) => reader.next(faults),
            Reader::FixedWidth(reader) => reader.next(faults),
            Reader::Workbook(reader) => reader.next(faults),
            Reader::Columnar(reader) => reader.next(faults),
        }
    }

    /// Records read so far, those at fault included, the header not.
    pub fn records(&self) -> u64 {
        match self {
            Reader::Delimited(reader) => reader.records(),
            Reader::FixedWidth(reader) => reader.records(),
            Reader::Workbook(reader) => reader.records(),
            Reader::Columnar(reader) => reader.records(),
        }
    }
}

/// A read error as a fault: a byte that the encoding lacks, or a file that cannot be read.
pub(super) fn failed(error: &io::Error, name: &str, row: u64, encoding: &str, faults: &mut FaultLog) -> Stop {
    if error.kind() == io::ErrorKind::InvalidData {
        faults.add(Rule::Encoding, name, None, Some(row), encoding);
    } else {
        faults.add(Rule::Unreadable, name, None, None, "a readable file");
    }
    Stop
}
