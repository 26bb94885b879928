//! Delimited text. The number of fields of every record is checked here: column readers fill short rows in silence.

use super::batch::{Batch, BatchBuilder, RECORD};
use super::header::{Places, match_header};
use super::reader::{Stop, Text, failed, too_long};
use super::summary::Summary;
use crate::contract::Contract;
use crate::fault::{FaultLog, Rule};
use csv_core::ReadRecordResult;
use std::io::BufRead;

/// A delimited file being read.
pub struct Delimited {
    name: String,
    input: Text,
    parser: csv_core::Reader,
    builder: BatchBuilder,
    summary: Summary,
    places: Places,
    fields: usize,
    overflow: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Line feeds passed so far.
    lines: u64,
    records: u64,
    done: bool,
}

impl Delimited {
    pub fn open(
        contract: &Contract,
        input: Text,
        delimiter: u8,
        name: &str,
        faults: &mut FaultLog,
    ) -> Result<Delimited, Stop> {
        // Register text separated by tab or pipe is never quoted, and there a quotation mark is text.
        let parser = csv_core::ReaderBuilder::new().delimiter(delimiter).quoting(delimiter == b';').build();
        let mut reader = Delimited {
            name: name.to_owned(),
            input,
            parser,
            builder: BatchBuilder::new(contract),
            summary: Summary::of(contract),
            places: (0..contract.columns.len()).collect(),
            fields: contract.columns.len(),
            overflow: contract.custom_flag("overskjutandeKolumner"),
            text: vec![0; 1 << 12],
            ends: vec![0; 64],
            lines: 0,
            records: 0,
            done: false,
        };
        if contract.custom_flag("rubrikrad") {
            reader.read_header(contract, faults)?;
        }
        Ok(reader)
    }

    fn read_header(&mut self, contract: &Contract, faults: &mut FaultLog) -> Result<(), Stop> {
        let Some((row, count)) = self.record(faults)? else {
            faults.add(Rule::Empty, &self.name, None, None, "a header and rows");
            return Err(Stop);
        };
        let header: Vec<String> = (0..count).map(|i| self.field(i).to_owned()).collect();
        self.places = match_header(contract, &header, &self.name, row, faults)?;
        self.fields = count;
        self.records = 0;
        Ok(())
    }

    /// Reads one record into `text` and `ends`; its line and number of fields.
    fn record(&mut self, faults: &mut FaultLog) -> Result<Option<(u64, usize)>, Stop> {
        let (mut written, mut ended) = (0, 0);
        let mut row = None;
        loop {
            let encoding = self.input.get_ref().encoding();
            let input = match self.input.fill_buf() {
                Ok(input) => input,
                Err(error) => return Err(failed(&error, &self.name, self.lines + 1, encoding, faults)),
            };
            if row.is_none() {
                // Empty lines, and the line feed after a carriage return, come before the record.
                let before = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                if before > 0 {
                    self.lines += line_feeds(&input[..before]);
                    self.input.consume(before);
                    continue;
                }
            }
            let row = *row.get_or_insert(self.lines + 1);
            let (result, read, wrote, found) =
                self.parser.read_record(input, &mut self.text[written..], &mut self.ends[ended..]);
            self.lines += line_feeds(&input[..read]);
            self.input.consume(read);
            written += wrote;
            ended += found;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull if self.text.len() >= RECORD => {
                    return Err(too_long(&self.name, row, faults));
                }
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.records += 1;
                    return Ok(Some((row, ended)));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn field(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        // The decoder gives UTF-8 and the delimiter is ASCII: fields are whole letters.
        std::str::from_utf8(&self.text[start..self.ends[index]]).unwrap_or_default()
    }

    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        while !self.done && !self.builder.is_full() {
            let Some((row, count)) = self.record(faults)? else {
                self.done = true;
                if !self.input.get_ref().ends_with_line_end() {
                    faults.add(Rule::LineEnd, &self.name, None, None, "a line end");
                }
                self.summary.end(&self.name, faults)?;
                break;
            };
            let first = std::str::from_utf8(&self.text[..self.ends[0]]).unwrap_or_default();
            if self.summary.is_it(first, &self.name, row, faults)? {
                self.records -= 1;
                continue;
            }
            if count == self.fields || (self.overflow && count > self.fields) {
                self.push(row);
            } else {
                self.refuse_row(row, count, faults)?;
            }
        }
        Ok(self.builder.take())
    }

    fn push(&mut self, row: u64) {
        let mut builder = std::mem::replace(&mut self.builder, BatchBuilder::empty());
        builder.push(row, self.places.iter().map(|place| self.field(*place)));
        self.builder = builder;
    }

    /// A short last record without line end is a file cut off; any other wrong count is one row at fault.
    fn refuse_row(&mut self, row: u64, count: usize, faults: &mut FaultLog) -> Result<(), Stop> {
        let at_end = matches!(self.input.fill_buf(), Ok([]));
        if at_end && count < self.fields && !self.input.get_ref().ends_with_line_end() {
            faults.add(Rule::Truncated, &self.name, None, Some(row), &format!("{} fields", self.fields));
            return Err(Stop);
        }
        faults.add(Rule::FieldCount, &self.name, None, Some(row), &format!("{} fields", self.fields));
        Ok(())
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn strays(&self) -> u64 {
        self.input.get_ref().strays()
    }

    pub const fn records(&self) -> u64 {
        self.records
    }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
