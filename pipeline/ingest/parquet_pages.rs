//! What a Parquet file claims of its row groups and pages, looked at before anything is unpacked: the reader makes room
//! for a page as large as its header says, and some packings give more than that. A page of a few kilobytes may say or
//! hold two gigabytes, and one long text of a dictionary may be that of every row.
//!
//! The headers are walked as the reader will walk them; a header that could be read in two ways is refused.

use super::batch::ROWS;
use super::parquet_claims::Walk;
use flate2::read::MultiGzDecoder;
use parquet::basic::{Compression, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// Unpacked bytes of a row group that are held at a time: of every column that is read its dictionary, and the pages
/// that some thousands of rows lie in. Programs write pages and dictionaries of a megabyte.
const HELD: u64 = 64 << 20;
/// The largest dictionary that is not looked into: its texts are short enough.
const SMALL: u64 = 1 << 10;
/// Rows that a file of any size may claim, and further rows for each of its bytes.
const ALWAYS: u64 = 1 << 20;
const PER_BYTE: u64 = 16;
/// Bytes of a page's header, and of one with long statistics.
const HEADER: u64 = 1 << 10;
const LONGEST: u64 = 1 << 16;
/// No more comes of a byte in gzip and in lz4 than so many.
const GZIP: u64 = 1032;
const LZ4: u64 = 255;
/// Encodings of texts that tell a text from the one before it: how much they unpack to is known when it is done.
const DELTAS: [u64; 2] = [6, 7];

/// Whether the footer keeps to what the file holds: chunks that lie in it, and no more rows than it can have.
///
/// # Errors
/// What was expected.
pub(super) fn within(metadata: &ParquetMetaData, length: u64) -> Result<(), String> {
    let size = |size: i64| u64::try_from(size).ok();
    let columns = || metadata.row_groups().iter().flat_map(|group| group.columns());
    let chunks = columns().try_fold(0, |sum: u64, chunk| sum.checked_add(size(chunk.compressed_size())?));
    if chunks.is_none_or(|chunks| chunks > length) {
        return Err("columns that lie in the file".to_owned());
    }
    let rows = metadata.row_groups().iter().try_fold(0, |sum: u64, group| sum.checked_add(size(group.num_rows())?));
    if rows.is_none_or(|rows| rows > ALWAYS.saturating_add(length.saturating_mul(PER_BYTE))) {
        return Err(format!("at most {PER_BYTE} rows for each byte of the file"));
    }
    if columns().any(|chunk| matches!(chunk.compression(), Compression::BROTLI(_) | Compression::LZO)) {
        return Err("columns packed with zstd, snappy, gzip or lz4, or not packed".to_owned());
    }
    Ok(())
}

/// Looks at the pages of the columns that are read, by the place of each among the columns of the file.
///
/// # Errors
/// What was expected where they would unpack to more than may be held.
pub(super) fn look_at(path: &Path, metadata: &ParquetMetaData, group: usize, roots: &[usize]) -> Result<(), String> {
    let mut file = File::open(path).map_err(|_| BROKEN.to_owned())?;
    let (group, schema) = (metadata.row_group(group), metadata.file_metadata().schema_descr());
    let leaves = group.columns().iter().enumerate();
    let read = leaves.filter(|(leaf, _)| roots.contains(&schema.get_column_root_idx(*leaf))).map(|(_, chunk)| chunk);
    let read: Vec<&ColumnChunkMetaData> = read.collect();
    let claims = read.iter().map(|chunk| claims(&mut file, chunk)).collect::<Result<Vec<Claims>, String>>()?;
    if claims.iter().map(|claims| claims.dictionary + claims.pages).sum::<u64>() > HELD {
        let held = HELD >> 20;
        return Err(format!("pages of which a row group unpacks to at most {held} MiB at a time; write smaller ones"));
    }
    let texts = read.iter().zip(&claims).filter(|(chunk, _)| chunk.column_type() == Type::BYTE_ARRAY);
    let mut longest = 0;
    for (chunk, claims) in texts {
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        longest += if claims.dictionary > SMALL { longest_text(&file, chunk, rows)? } else { claims.dictionary };
    }
    if longest * ROWS as u64 > HELD {
        return Err(format!("rows whose texts are at most {} KiB together", (HELD / ROWS as u64) >> 10));
    }
    Ok(())
}

const BROKEN: &str = "pages whose headers can be read";

/// What a chunk of a column unpacks to, in bytes.
#[derive(Default)]
struct Claims {
    dictionary: u64,
    /// Of the pages that the rows of one batch lie in, where they are most.
    pages: u64,
}

fn claims(file: &mut File, chunk: &ColumnChunkMetaData) -> Result<Claims, String> {
    let broken = || BROKEN.to_owned();
    let (mut at, mut left) = chunk.byte_range();
    let mut claims = Claims::default();
    let (mut rows, mut batch, mut held, mut first) = (0_u64, 0, 0_u64, true);
    while left > 0 {
        let header = header(file, at, left).ok_or_else(broken)?;
        let whole = header.length + header.packed;
        left = left.checked_sub(whole).ok_or_else(broken)?;
        let data = at + header.length;
        at += whole;
        let bytes = header.packed.max(header.unpacked);
        if bytes > HELD {
            return Err(format!("pages that unpack to at most {} MiB; write smaller ones", HELD >> 20));
        }
        gives_no_more(file, data, &header, chunk.compression())?;
        match header.kind {
            Kind::Index => {}
            // Every writer has it first, and an entry takes at least a byte.
            Kind::Dictionary if first && header.values <= header.unpacked => claims.dictionary = bytes,
            Kind::Dictionary => return Err(broken()),
            Kind::Data if chunk.column_type() == Type::BYTE_ARRAY && DELTAS.contains(&header.encoding) => {
                return Err("texts that are plain or by dictionary, not by their differences (delta)".to_owned());
            }
            Kind::Data => {
                let last = (rows + header.values).saturating_sub(1) / ROWS as u64;
                held = if rows / ROWS as u64 == batch { held + bytes } else { bytes };
                claims.pages = claims.pages.max(held);
                (held, batch) = if last > rows / ROWS as u64 { (bytes, last) } else { (held, rows / ROWS as u64) };
                rows += header.values;
            }
        }
        first = false;
    }
    Ok(claims)
}

/// Whether a page holds what it says, where its packing may give more and the reader takes all of it.
fn gives_no_more(file: &mut File, at: u64, header: &Header, packing: Compression) -> Result<(), String> {
    match packing {
        Compression::GZIP(_) if header.packed.saturating_mul(GZIP) > HELD && header.kind != Kind::Index => {
            let levels = header.levels.min(header.packed);
            let mut counted = || -> io::Result<u64> {
                file.seek(SeekFrom::Start(at + levels))?;
                let unpacked = MultiGzDecoder::new(io::BufReader::new(file.take(header.packed - levels)));
                io::copy(&mut unpacked.take(header.unpacked + 1), &mut io::sink())
            };
            match counted() {
                Ok(bytes) if bytes + levels > header.unpacked => Err("pages that hold what they say".to_owned()),
                // What cannot be unpacked is told by the reader; not every page of a packed column is packed.
                _ => Ok(()),
            }
        }
        Compression::LZ4 if header.packed.saturating_mul(LZ4) > HELD => {
            Err(format!("pages of at most {} KiB in lz4, or LZ4_RAW", (HELD / LZ4) >> 10))
        }
        _ => Ok(()),
    }
}

/// The bytes of the longest text of a dictionary.
fn longest_text(file: &File, chunk: &ColumnChunkMetaData, rows: usize) -> Result<u64, String> {
    let broken = || "dictionaries that can be read".to_owned();
    let file = file.try_clone().map_err(|_| broken())?;
    let mut pages = SerializedPageReader::new(Arc::new(file), chunk, rows, None).map_err(|_| broken())?;
    let Ok(Some(Page::DictionaryPage { buf, .. })) = pages.get_next_page() else { return Err(broken()) };
    let (mut rest, mut longest) = (buf.as_ref(), 0);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        longest = longest.max(u64::from(length));
        rest = after.get(length as usize..).ok_or_else(broken)?;
    }
    Ok(longest)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data,
    Dictionary,
    /// Passed over by the reader.
    Index,
}

/// What the header of a page says.
struct Header {
    kind: Kind,
    /// Bytes of itself, of the page in the file and of the page unpacked.
    length: u64,
    packed: u64,
    unpacked: u64,
    /// Values, those that are missing included; of a dictionary its entries.
    values: u64,
    encoding: u64,
    /// Bytes before what is packed (version 2).
    levels: u64,
}

fn header(file: &mut File, at: u64, left: u64) -> Option<Header> {
    let mut bytes = Vec::new();
    for most in [HEADER, LONGEST] {
        file.seek(SeekFrom::Start(at)).ok()?;
        bytes.clear();
        file.take(most.min(left)).read_to_end(&mut bytes).ok()?;
        if let Some(header) = read_header(&bytes) {
            return Some(header);
        }
    }
    None
}

fn read_header(bytes: &[u8]) -> Option<Header> {
    let (mut kind, mut unpacked, mut packed, mut described) = (None, None, None, None);
    let (mut values, mut encoding, mut levels) = (0, 0, 0);
    let mut walk = Walk::new(bytes);
    walk.fields(|walk, field, held| {
        match (field, held) {
            (1, _) => kind = Some(walk.small(held)?),
            (2, _) => unpacked = Some(walk.small(held)?),
            (3, _) => packed = Some(walk.small(held)?),
            (5 | 7 | 8, 12) => {
                // One header alone, and that of the page's kind.
                if described.replace(field).is_some() {
                    return None;
                }
                walk.fields(|walk, part, held| match (field, part) {
                    (_, 1) => walk.small(held).map(|number| values = number),
                    (5 | 7, 2) | (8, 4) => walk.small(held).map(|number| encoding = number),
                    (8, 5 | 6) => walk.small(held).map(|number| levels += number),
                    _ if matches!(held, 1 | 2) => Some(()),
                    _ => walk.value(held, 1),
                })?;
            }
            (5 | 7 | 8, _) => return None,
            (_, 1 | 2) => {}
            (_, held) => walk.value(held, 1)?,
        }
        Some(())
    })?;
    let kind = match (kind?, described) {
        (0, Some(5)) | (3, Some(8)) => Kind::Data,
        (2, Some(7)) => Kind::Dictionary,
        (1, None) => Kind::Index,
        _ => return None,
    };
    Some(Header { kind, length: walk.at as u64, packed: packed?, unpacked: unpacked?, values, encoding, levels })
}
