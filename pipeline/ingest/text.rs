//! Text cut into blocks at the ends of records, so that each can be read by itself.

use super::batch::RECORD;
use super::reader::{Stop, Text, failed, too_long};
use crate::fault::{FaultLog, Rule};

/// Bytes that a block is filled to: so many that a block is worth handing over, so few that a delivery of any length
/// fills all that are under way. At most [`RECORD`].
pub const BLOCK: usize = 1 << 18;

/// Whole records of a text file.
pub struct Block {
    pub text: String,
    /// Line feeds before it.
    pub lines: u64,
    /// The file ends with it, and not with a line end.
    pub is_cut_off: bool,
}

/// Cuts a file into blocks.
pub(super) struct Cutter {
    name: String,
    input: Text,
    /// The delimiter of a file whose fields may be quoted.
    quoted_by: Option<u8>,
    size: usize,
    carry: Vec<u8>,
    lines: u64,
    /// Why nothing follows what was cut.
    ended: Option<Ended>,
}

enum Ended {
    Whole,
    Failed(std::io::Error),
    TooLong,
}

impl Cutter {
    pub fn new(name: &str, input: Text, quoted_by: Option<u8>, size: usize) -> Cutter {
        let size = size.clamp(1, RECORD);
        Cutter { name: name.to_owned(), input, quoted_by, size, carry: Vec::new(), lines: 0, ended: None }
    }

    /// The next block; `None` at the end.
    ///
    /// # Errors
    /// [`Stop`] at a byte that the encoding lacks, or at a record that may not be held whole: after the records
    /// before it.
    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Block>, Stop> {
        let mut held = std::mem::take(&mut self.carry);
        let mut wanted = self.size;
        let cut = loop {
            self.fill(&mut held, wanted);
            match (&self.ended, last_cut(&held, self.quoted_by)) {
                (Some(Ended::Whole), _) => break held.len(),
                (_, Some(cut)) => break cut,
                (Some(_), None) => break 0,
                (None, None) if held.len() >= RECORD => self.ended = Some(Ended::TooLong),
                (None, None) => wanted = (held.len() * 2).min(RECORD),
            }
        };
        if cut == 0 {
            return self.end(&held, faults);
        }
        self.carry.extend_from_slice(&held[cut..]);
        held.truncate(cut);
        let lines = self.lines;
        self.lines += line_feeds(&held);
        let is_cut_off =
            self.carry.is_empty() && matches!(self.ended, Some(Ended::Whole)) && held.last() != Some(&b'\n');
        // The decoder gives UTF-8, and a record is whole letters.
        Ok(Some(Block { text: String::from_utf8(held).unwrap_or_default(), lines, is_cut_off }))
    }

    fn fill(&mut self, held: &mut Vec<u8>, wanted: usize) {
        while self.ended.is_none() && held.len() < wanted {
            let missing = wanted - held.len();
            held.reserve(missing);
            match self.input.append(held, missing) {
                Ok(0) => self.ended = Some(Ended::Whole),
                Ok(_) => {}
                Err(error) => self.ended = Some(Ended::Failed(error)),
            }
        }
    }

    /// Notes letters of cp850 in a file of cp1252, which the contract has agreed to.
    pub fn note_strays(&self, faults: &mut FaultLog) {
        match self.input.strays() {
            0 => {}
            strays => faults.add_counted(Rule::Cp850, &self.name, strays, "cp1252 alone"),
        }
    }

    fn end(&self, rest: &[u8], faults: &mut FaultLog) -> Result<Option<Block>, Stop> {
        match &self.ended {
            Some(Ended::Failed(error)) => {
                let row = self.lines + line_feeds(rest) + 1;
                Err(failed(error, &self.name, row, self.input.encoding(), faults))
            }
            Some(Ended::TooLong) => Err(too_long(&self.name, self.lines + 1, faults)),
            Some(Ended::Whole) | None => Ok(None),
        }
    }
}

/// Where the last whole record ends, if one does: at a line end that no quotation encloses.
fn last_cut(text: &[u8], quoted_by: Option<u8>) -> Option<usize> {
    let is_quoted = quoted_by.is_some() && memchr::memchr(b'"', text).is_some();
    match quoted_by.filter(|_| is_quoted) {
        None => memchr::memrchr(b'\n', text).map(|at| at + 1),
        Some(delimiter) => last_unquoted(text, delimiter),
    }
}

/// The states of `csv_core`, as far as they tell where a record ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// At the start of a field, where a quotation mark opens one.
    Start,
    Field,
    Quoted,
    /// After a quotation mark within quotes: the second of two, or the end.
    Mark,
}

fn last_unquoted(text: &[u8], delimiter: u8) -> Option<usize> {
    let (mut within, mut cut) = (Within::Start, None);
    for (at, byte) in text.iter().enumerate() {
        within = match (within, *byte) {
            (Within::Quoted, b'"') => Within::Mark,
            (Within::Quoted, _) => Within::Quoted,
            (Within::Mark, b'"') => Within::Quoted,
            (Within::Start, b'"') => Within::Quoted,
            (_, b'\n') => {
                cut = Some(at + 1);
                Within::Start
            }
            (_, b'\r') => Within::Start,
            (_, byte) if byte == delimiter => Within::Start,
            _ => Within::Field,
        };
    }
    cut
}

pub(super) fn line_feeds(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
