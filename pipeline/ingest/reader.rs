//! One reader per format. A file is handed out piece by piece, in order, and each piece is read by itself: into
//! [`Batch`]es and structural faults.

use super::batch::{Batch, BatchBuilder, RECORD};
use super::columnar::Columnar;
use super::decode::{Decoded, Encoding};
use super::delimited::Delimited;
use super::fixed_width::FixedWidth;
use super::layout::Layout;
use super::marks::Marks;
use super::packed::{self, Packed};
use super::sas::Sas;
use super::sieve::{Sieve, Sifted};
use super::summary::Summary;
use super::text::{BLOCK, Block, Cutter};
use super::workbook::Workbook;
use crate::contract::Contract;
use crate::error::Result as Outcome;
use crate::fault::{FaultLog, Rule};
use std::io;
use std::path::Path;

/// The file cannot be read further; the reason is in the fault log.
#[derive(Debug)]
pub struct Stop;

/// A part of a file that can be read without the parts before it.
pub(super) enum Piece {
    /// Blocks that follow each other.
    Blocks(Vec<Block>),
    /// A row group of a Parquet file.
    Group(usize),
    /// Read already.
    Rows(Box<Parsed>),
}

/// What was read of a piece.
#[derive(Default)]
pub(super) struct Parsed {
    pub batches: Vec<Batch>,
    /// Rows that the sieve dropped; they are in no batch.
    pub sifted: Sifted,
    /// Records, those at fault and those dropped included, the header not.
    pub records: u64,
    pub faults: FaultLog,
    /// The file cannot be read further.
    pub stopped: bool,
    /// Whether the last line of the file, which is no row, is among these.
    pub summary: Summary,
    /// The first record, whatever it is.
    pub first: Option<u64>,
}

/// Where rows go that are read: past the sieve, if there is one, into batches.
pub(super) struct Sifter<'a> {
    pub sieve: Option<&'a Sieve<'a>>,
    pub builder: BatchBuilder,
    /// Room for those of a block, and for what the sieve says of its rows.
    pub marks: Marks,
    pub strangers: Vec<bool>,
}

impl<'a> Sifter<'a> {
    pub fn new(sieve: Option<&'a Sieve<'a>>, contract: &Contract) -> Sifter<'a> {
        Sifter { sieve, builder: BatchBuilder::new(contract), marks: Marks::default(), strangers: Vec::new() }
    }
}

impl Parsed {
    /// Takes a row; `field` gives the text of each of so many contract columns, `is_stranger` is the sieve's.
    #[inline]
    pub fn push<'t>(
        &mut self,
        (row, is_stranger): (u64, bool),
        field: impl Copy + Fn(usize) -> &'t str,
        columns: usize,
        sifter: &mut Sifter<'_>,
    ) {
        if sifter.sieve.is_some_and(|sieve| sieve.drops((row, is_stranger), field, &mut self.sifted)) {
            return;
        }
        sifter.builder.push(row, (0..columns).map(field));
        if sifter.builder.is_full() {
            self.batches.extend(sifter.builder.take());
        }
    }

    /// Notes that there is a record, by its row and first field; whether it is the last line and no row, or cannot be
    /// one because that line was before it.
    #[inline]
    pub fn ends<'t>(&mut self, row: u64, first: impl FnOnce() -> &'t str, name: &str) -> bool {
        self.first.get_or_insert(row);
        if !self.summary.is_expected() {
            return false;
        }
        match self.summary.is_it(first(), name, row, &mut self.faults) {
            Ok(is_it) => is_it,
            Err(Stop) => {
                self.stopped = true;
                true
            }
        }
    }

    /// Notes that nothing more can be read, and why.
    pub fn stop(&mut self, why: impl FnOnce(&mut FaultLog) -> Stop) {
        let Stop = why(&mut self.faults);
        self.stopped = true;
    }
}

/// How the pieces of a file are read.
pub(super) enum Reader {
    Delimited(Delimited),
    FixedWidth(FixedWidth),
    Columnar(Columnar),
    /// The pieces are read where they are handed out.
    Whole,
}

/// Where the pieces of a file come from.
pub(super) enum Source {
    Text {
        cutter: Box<Cutter>,
        first: Option<Block>,
        /// Blocks of a piece.
        together: usize,
        /// What was found at the end.
        end: Option<Box<Parsed>>,
    },
    Groups(std::ops::Range<usize>),
    Workbook(Box<Workbook>),
    Sas(Box<Sas>),
}

impl Reader {
    /// Opens a file in the contract's layout. `name` stands in faults, `size` is that of a block.
    ///
    /// # Errors
    /// [`Stop`] where the format, the encoding or the header is another.
    pub fn open(
        contract: &Contract,
        layout: &Layout,
        path: &Path,
        (name, size): (&str, usize),
        faults: &mut FaultLog,
    ) -> Result<(Reader, Source), Stop> {
        // A FIFO would be waited for; why it cannot be read is told where it is hashed.
        if !path.is_file() {
            faults.add(Rule::Unreadable, name, None, None, "a readable file");
            return Err(Stop);
        }
        Ok(match layout {
            Layout::Delimited { encoding, delimiter } => {
                let file = open(path, name, *encoding, faults)?;
                let (reader, cutter, first) = Delimited::open(contract, file, *delimiter, (name, size), faults)?;
                (Reader::Delimited(reader), Source::text(cutter, first))
            }
            Layout::FixedWidth { encoding, positions, width } => {
                let cutter = Cutter::new(name, open(path, name, *encoding, faults)?, None, size);
                let reader = FixedWidth::new(contract, positions, *width, name);
                (Reader::FixedWidth(reader), Source::text(cutter, None))
            }
            Layout::Workbook => {
                (Reader::Whole, Source::Workbook(Box::new(Workbook::open(contract, path, name, faults)?)))
            }
            Layout::Sas => (Reader::Whole, Source::Sas(Box::new(Sas::open(contract, path, name, faults)?))),
            Layout::Columnar => {
                let (reader, groups) = Columnar::open(contract, path, name, faults)?;
                (Reader::Columnar(reader), Source::Groups(0..groups))
            }
        })
    }

    /// The last line that is no row, where the reader of pieces cannot tell whether it is the last.
    pub fn summary(&self) -> Summary {
        match self {
            Reader::Delimited(reader) => reader.summary().clone(),
            Reader::FixedWidth(reader) => reader.summary().clone(),
            Reader::Columnar(_) | Reader::Whole => Summary::default(),
        }
    }

    /// Reads a piece, in one part or several; `sink` says whether it wants more.
    pub fn parse(&self, piece: Piece, sifter: &mut Sifter<'_>, sink: &mut dyn FnMut(Parsed) -> bool) {
        match (self, piece) {
            (Reader::Columnar(reader), Piece::Group(group)) => reader.parse(group, sifter, sink),
            (_, Piece::Blocks(blocks)) => self.blocks(blocks, sifter, sink),
            // This is one part: what the sink says of more is of no use.
            (_, Piece::Rows(parsed)) => drop(sink(*parsed)),
            _ => {}
        }
    }

    /// Blocks that follow each other, handed on when there are rows enough.
    fn blocks(&self, blocks: Vec<Block>, sifter: &mut Sifter<'_>, sink: &mut dyn FnMut(Parsed) -> bool) {
        let mut parsed = Parsed { summary: self.summary(), ..Parsed::default() };
        for block in blocks {
            if !parsed.batches.is_empty() {
                let next = Parsed { summary: parsed.summary.clone(), ..Parsed::default() };
                parsed.batches.extend(sifter.builder.take());
                if !sink(std::mem::replace(&mut parsed, next)) {
                    return;
                }
            }
            match self {
                Reader::Delimited(reader) => reader.parse(&block, sifter, &mut parsed),
                Reader::FixedWidth(reader) => reader.parse(&block, sifter, &mut parsed),
                // No other format comes in blocks.
                Reader::Columnar(_) | Reader::Whole => {}
            }
            if parsed.stopped {
                break;
            }
        }
        parsed.batches.extend(sifter.builder.take());
        sink(parsed);
    }
}

impl Source {
    fn text(cutter: Cutter, first: Option<Block>) -> Source {
        Source::Text { cutter: Box::new(cutter), first, together: 1, end: None }
    }

    /// So many blocks of text are a piece from here on.
    pub fn hand_out_together(&mut self, blocks: usize) {
        if let Source::Text { together, .. } = self {
            *together = blocks;
        }
    }

    /// The next piece; `None` at the end.
    pub fn next(&mut self) -> Option<Piece> {
        let mut parsed = Parsed::default();
        let ended = match self {
            Source::Groups(groups) => return groups.next().map(Piece::Group),
            Source::Text { cutter, first, together, end } => {
                let mut blocks: Vec<Block> = first.take().into_iter().collect();
                while blocks.len() < *together && end.is_none() {
                    match cutter.next(&mut parsed.faults) {
                        Ok(Some(block)) => blocks.push(block),
                        ended => {
                            parsed.stopped = ended.is_err();
                            if !parsed.stopped {
                                cutter.note_strays(&mut parsed.faults);
                            }
                            *end = Some(Box::new(std::mem::take(&mut parsed)));
                        }
                    }
                }
                if !blocks.is_empty() {
                    return Some(Piece::Blocks(blocks));
                }
                parsed = end.take().map_or_else(Parsed::default, |end| *end);
                if parsed.stopped { Err(Stop) } else { Ok(()) }
            }
            Source::Workbook(reader) => {
                let before = reader.records();
                let read = reader.next(&mut parsed.faults);
                parsed.take(read, reader.records() - before)
            }
            Source::Sas(reader) => {
                let before = reader.records();
                let read = reader.next(&mut parsed.faults);
                parsed.take(read, reader.records() - before)
            }
        };
        parsed.stopped = ended.is_err();
        if parsed.batches.is_empty() {
            // The end; and what was found there.
            *self = Source::Groups(0..0);
        }
        (!parsed.batches.is_empty() || parsed.records > 0 || !parsed.faults.is_empty())
            .then(|| Piece::Rows(Box::new(parsed)))
    }
}

impl Parsed {
    /// What a reader gave that reads where it is asked.
    fn take(&mut self, read: Result<Option<Batch>, Stop>, records: u64) -> Result<(), Stop> {
        self.records = records;
        self.batches.extend(read?);
        Ok(())
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
    let Ok((reader, mut source)) = Reader::open(contract, &layout, path, (&name, BLOCK), faults) else { return Ok(0) };
    let (mut records, mut stopped) = (0, false);
    let mut sifter = Sifter::new(None, contract);
    while let Some(piece) = source.next().filter(|_| !stopped) {
        reader.parse(piece, &mut sifter, &mut |parsed| {
            records += parsed.records;
            faults.add_log(parsed.faults);
            stopped = parsed.stopped;
            !stopped
        });
    }
    Ok(records)
}

/// A text file as UTF-8, with the encoding that it is in.
pub(super) type Text = Decoded<Packed>;

fn open(path: &Path, name: &str, encoding: Encoding, faults: &mut FaultLog) -> Result<Text, Stop> {
    let file = Packed::open(path).map_err(|error| failed(&error, name, 1, encoding, faults))?;
    Ok(Decoded::new(file, encoding))
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
