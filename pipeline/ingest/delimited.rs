//! Delimited text. The number of fields of every record is checked here: column readers fill short rows in silence.

use super::batch::RECORD;
use super::header::{Places, is_header, last_row, match_header};
use super::marks::Line;
use super::reader::{Parsed, Sifter, Stop, Text, too_long};
use super::summary::Summary;
use super::text::{Block, Cutter, line_feeds};
use crate::contract::Contract;
use crate::fault::{FaultLog, Rule};
use csv_core::ReadRecordResult;

/// What is known of a delimited file before its rows are read.
pub struct Delimited {
    name: String,
    delimiter: u8,
    places: Places,
    fields: usize,
    overflow: bool,
    summary: Summary,
}

impl Delimited {
    /// Also gives the file in blocks, from its first row on.
    pub(super) fn open(
        contract: &Contract,
        input: Text,
        delimiter: u8,
        (name, size): (&str, usize),
        faults: &mut FaultLog,
    ) -> Result<(Delimited, Cutter, Option<Block>), Stop> {
        let mut reader = Delimited {
            name: name.to_owned(),
            delimiter,
            places: (0..contract.columns.len()).collect(),
            fields: contract.columns.len(),
            overflow: contract.custom_flag("overskjutandeKolumner"),
            summary: Summary::of(contract),
        };
        let mut cutter = Cutter::new(name, input, reader.is_quoted().then_some(delimiter), size);
        let first = if contract.custom_flag("rubrikrad") {
            Some(reader.read_header(contract, &mut cutter, faults)?)
        } else {
            None
        };
        Ok((reader, cutter, first))
    }

    /// The last line that is no row, if the contract has one.
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Register text separated by tab or pipe is never quoted, and there a quotation mark is text.
    const fn is_quoted(&self) -> bool {
        self.delimiter == b';'
    }

    /// What follows the header in its block.
    fn read_header(&mut self, contract: &Contract, cutter: &mut Cutter, faults: &mut FaultLog) -> Result<Block, Stop> {
        // A title may stand above; where no row is the header, the first is told to be none.
        let mut first: Option<(u64, Vec<String>)> = None;
        'blocks: while let Some(block) = cutter.next(faults)? {
            let mut records = Records::of(self, &block);
            while let Some(record) = records.next() {
                let record = record.map_err(|row| too_long(&self.name, row, faults))?;
                if first.is_some() && record.row > last_row(contract) {
                    break 'blocks;
                }
                let header: Vec<String> = (0..record.count).map(|i| records.field(i).to_owned()).collect();
                if is_header(contract, &header) {
                    let (at, lines) = (records.at, records.lines);
                    self.places = match_header(contract, &header, &self.name, record.row, faults)?;
                    self.fields = record.count;
                    return Ok(Block { text: block.text[at..].to_owned(), lines, is_cut_off: block.is_cut_off });
                }
                first.get_or_insert((record.row, header));
            }
        }
        if let Some((row, header)) = first {
            match_header(contract, &header, &self.name, row, faults)?;
        }
        faults.add(Rule::Empty, &self.name, None, None, "a header and rows");
        Err(Stop)
    }

    /// The rows of a block, after those that were parsed already.
    pub(super) fn parse(&self, block: &Block, sifter: &mut Sifter<'_>, parsed: &mut Parsed) {
        let holds = |byte| memchr::memchr(byte, block.text.as_bytes()).is_some();
        if holds(b'\r') || (self.is_quoted() && holds(b'"')) {
            let mut records = Records::of(self, block);
            while let Some(record) = records.next().filter(|_| !parsed.stopped) {
                match record {
                    Ok(record) => {
                        let is_cut = block.is_cut_off && records.at == block.text.len();
                        let field = |place: usize| records.field(place);
                        self.take(Record { is_cut, ..record }, field, sifter, parsed);
                    }
                    Err(row) => parsed.stop(|faults| too_long(&self.name, row, faults)),
                }
            }
        } else {
            self.parse_plain(block, sifter, parsed);
        }
        if block.is_cut_off && !parsed.stopped {
            parsed.faults.add(Rule::LineEnd, &self.name, None, None, "a line end");
        }
    }

    /// Without quotation marks and carriage returns a line is a record and every delimiter divides.
    fn parse_plain(&self, block: &Block, sifter: &mut Sifter<'_>, parsed: &mut Parsed) {
        let mut marks = std::mem::take(&mut sifter.marks);
        marks.find(block.text.as_bytes(), self.delimiter);
        let mut strangers = std::mem::take(&mut sifter.strangers);
        strangers.clear();
        let text = |line: &Line, place: usize| {
            let (from, end) = marks.field(line, place);
            // Delimiters are ASCII: fields are whole letters.
            block.text.get(from..end).unwrap_or_default()
        };
        if let Some(sieve) = sifter.sieve {
            let place = self.places[sieve.first()];
            let first = |line: Line| if place < line.count { text(&line, place) } else { "" };
            sieve.look_up(marks.lines(self.fields).map(first), &mut strangers);
        }
        for (at, line) in marks.lines(self.fields).enumerate() {
            let row = block.lines + at as u64 + 1;
            if line.from == line.end {
                continue;
            }
            if line.end - line.from >= RECORD {
                parsed.stop(|faults| too_long(&self.name, row, faults));
            }
            if parsed.stopped {
                break;
            }
            let is_cut = block.is_cut_off && line.end == block.text.len();
            let is_stranger = strangers.get(at).copied().unwrap_or(false);
            let record = Record { row, count: line.count, is_cut, is_stranger };
            self.take(record, |place| text(&line, place), sifter, parsed);
        }
        (sifter.marks, sifter.strangers) = (marks, strangers);
    }

    /// A record is passed on or refused.
    #[inline]
    fn take<'t>(
        &self,
        Record { row, count, is_cut, is_stranger }: Record,
        field: impl Copy + Fn(usize) -> &'t str,
        sifter: &mut Sifter<'_>,
        parsed: &mut Parsed,
    ) {
        if parsed.ends(row, || field(0), &self.name) {
            return;
        }
        parsed.records += 1;
        if count == self.fields || (self.overflow && count > self.fields) {
            return parsed.push((row, is_stranger), |column| field(self.places[column]), self.places.len(), sifter);
        }
        let expected = format!("{} fields", self.fields);
        // A short last record without line end is a file cut off; any other wrong count is one row at fault.
        if is_cut && count < self.fields {
            parsed.stop(|faults| {
                faults.add(Rule::Truncated, &self.name, None, Some(row), &expected);
                Stop
            });
        } else {
            parsed.faults.add(Rule::FieldCount, &self.name, None, Some(row), &expected);
        }
    }
}

struct Record {
    /// Its first line.
    row: u64,
    /// Its number of fields.
    count: usize,
    /// The file ends with it, and not with a line end.
    is_cut: bool,
    /// As the sieve says.
    is_stranger: bool,
}

/// The records of a block, one by one, by the rules of quotation.
struct Records<'b> {
    block: &'b Block,
    parser: csv_core::Reader,
    at: usize,
    lines: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<'b> Records<'b> {
    fn of(file: &Delimited, block: &'b Block) -> Records<'b> {
        let parser = csv_core::ReaderBuilder::new().delimiter(file.delimiter).quoting(file.is_quoted()).build();
        Records { block, parser, at: 0, lines: block.lines, text: vec![0; 1 << 12], ends: vec![0; 64] }
    }

    /// Reads a record into `text` and `ends`; the line of one that may not be held whole.
    fn next(&mut self) -> Option<Result<Record, u64>> {
        let rest = &self.block.text.as_bytes()[self.at..];
        // Empty lines, and the line feed after a carriage return, come before the record.
        let before = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.lines += line_feeds(&rest[..before]);
        self.at += before;
        let (row, from) = (self.lines + 1, self.at);
        let (mut written, mut ended) = (0, 0);
        loop {
            let input = &self.block.text.as_bytes()[self.at..];
            let (result, read, wrote, found) =
                self.parser.read_record(input, &mut self.text[written..], &mut self.ends[ended..]);
            self.lines += line_feeds(&input[..read]);
            self.at += read;
            written += wrote;
            ended += found;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record if self.at - from >= RECORD => return Some(Err(row)),
                ReadRecordResult::Record => {
                    return Some(Ok(Record { row, count: ended, is_cut: false, is_stranger: false }));
                }
                ReadRecordResult::End => return None,
            }
        }
    }

    fn field(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        // The decoder gives UTF-8 and the delimiter is ASCII: fields are whole letters.
        std::str::from_utf8(&self.text[start..self.ends[index]]).unwrap_or_default()
    }
}
