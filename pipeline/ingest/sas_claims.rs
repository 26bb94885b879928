//! What a sas7bdat file claims of itself, looked at before the reader believes it: a name, a row or a table of pages
//! is made as large as the file says.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The first bytes of every sas7bdat file, after twelve that are zero.
const MAGIC: [u8; 20] = [
    0xc2, 0xea, 0x81, 0x60, 0xb3, 0x14, 0x11, 0xcf, 0xbd, 0x92, 0x08, 0x00, 0x09, 0xc7, 0x31, 0x8c, 0x18, 0x1f, 0x10,
    0x11,
];

/// Bytes of a page, and columns of a table, beyond which a file is refused. A column has three names (its own, its
/// label, its format) of up to 64 KiB each, and they may all be the same bytes of the file.
const PAGE: u64 = 4 << 20;
const COLUMNS: u64 = 1024;

/// Where 64-bit and 32-bit files have the number of pages, the header of a page, a pointer, and a count of columns.
struct Places {
    wide: bool,
    big: bool,
}

impl Places {
    fn number(&self, bytes: &[u8], at: u64, wide: bool) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let bytes = bytes.get(at..at.checked_add(if wide { 8 } else { 4 })?)?;
        let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(if self.big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
    }

    fn short(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let pair = <[u8; 2]>::try_from(bytes.get(at..at + 2)?).ok()?;
        Some(if self.big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    /// The counts of columns that a page of metadata claims.
    fn column_counts(&self, page: &[u8]) -> Vec<u64> {
        let (header, pointer, word) = if self.wide { (40, 24, 8) } else { (24, 12, 4) };
        let pointers = self.short(page, header - 4).unwrap_or(0);
        let count = |index: u16| {
            let at = header as u64 + u64::from(index) * pointer;
            let subheader = self.number(page, at, self.wide)?;
            // Wide and little, the signature of a count of columns is the same four bytes twice or with zeros.
            let signature = self.number(page, subheader, false)?;
            let other = self.number(page, subheader + 4, false).unwrap_or(0);
            let is_count = signature == 0xf6f6_f6f6 || (self.wide && other == 0xf6f6_f6f6);
            is_count.then(|| self.number(page, subheader.checked_add(word)?, self.wide)).flatten()
        };
        (0..pointers).filter_map(count).collect()
    }
}

/// Looks at the header and at every page of metadata.
///
/// # Errors
/// What was expected where the file is no sas7bdat file, is cut off, or claims more than it may.
pub fn look_at(file: &mut File) -> Result<(), String> {
    claims(file).unwrap_or_else(|_| Err("a whole sas7bdat file; it ends too early".to_owned()))
}

fn claims(file: &mut File) -> io::Result<Result<(), String>> {
    let length = file.metadata()?.len();
    let mut header = [0; 288];
    file.read_exact(&mut header)?;
    if header[..12] != [0; 12] || header[12..32] != MAGIC {
        return Ok(Err("a sas7bdat file".to_owned()));
    }
    let places = Places { wide: header[32] == 0x33, big: header[37] == 0 };
    let shift = if header[35] == 0x33 { 4 } else { 0 };
    let number = |at: u64, wide| places.number(&header, at + shift, wide).unwrap_or(u64::MAX);
    let (start, page_size, pages) = (number(196, false), number(200, false), number(204, places.wide));
    if !(1024..=PAGE).contains(&page_size) || !(1024..=PAGE).contains(&start) {
        return Ok(Err(format!("pages of at most {} MiB", PAGE >> 20)));
    }
    if pages > length.saturating_sub(start) / page_size {
        return Ok(Err(format!("{pages} pages as the file says; it is cut off")));
    }
    let mut page = vec![0; usize::try_from(page_size).unwrap_or(0)];
    let head = if places.wide { 40 } else { 24 };
    for index in 0..pages {
        file.seek(SeekFrom::Start(start + index * page_size))?;
        file.read_exact(&mut page[..head])?;
        // Data alone holds no subheaders; they are most pages, and are not read.
        if places.short(&page, head - 8).is_some_and(|kind| kind & 0x0f00 == 0x0100 && kind & 0xf000 == 0) {
            continue;
        }
        file.read_exact(&mut page[head..])?;
        if places.column_counts(&page).iter().any(|columns| *columns > COLUMNS) {
            return Ok(Err(format!("at most {COLUMNS} columns")));
        }
    }
    Ok(Ok(()))
}
