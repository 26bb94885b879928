//! What the footer of a Parquet file claims, looked at before the reader believes it: the reader makes room for as
//! many elements of a list as the list says, and a file of two kilobytes may say two thousand million.
//!
//! The footer is Thrift's compact protocol. It is walked without knowing what its fields mean: every list, text and
//! struct must end within it, and an element takes at least a byte.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of a footer, and structs within structs.
const FOOTER: u64 = 32 << 20;
const DEPTH: usize = 16;
/// Structs of a footer: a chunk of a column has some seven, and becomes a kilobyte in memory. A thousand million rows
/// of fifteen columns have fewer.
const STRUCTS: usize = 1 << 20;

/// Walks the footer; the file stands at its start again.
///
/// # Errors
/// Where there is none, or it claims more than it holds.
pub fn look_at(file: &mut File) -> io::Result<()> {
    let sound = footer(file)?.is_some_and(|bytes| Walk::new(&bytes).structure(0).is_some());
    if sound { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn footer(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = [0; 8];
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut end)?;
    let size = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]]));
    if &end[4..] != b"PAR1" || size > FOOTER || size + 12 > length {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(length - 8 - size))?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    file.read_exact(&mut bytes)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(Some(bytes))
}

/// A place in the bytes; every step is nothing where the bytes end before it does.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    pub at: usize,
    structs: usize,
}

impl<'a> Walk<'a> {
    pub fn new(bytes: &'a [u8]) -> Walk<'a> {
        Walk { bytes, at: 0, structs: 0 }
    }

    /// Walks a struct and hands on each field's number and kind, whose value `take` walks, as [`Walk::value`] would.
    /// Stricter than the format: fields stand in order, as every writer has them, so that none is there twice.
    pub fn fields(&mut self, mut take: impl FnMut(&mut Self, u8, u8) -> Option<()>) -> Option<()> {
        let mut field = 0_u8;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            field = field.checked_add(head >> 4).filter(|_| head >> 4 > 0)?;
            take(self, field, head & 0x0f)?;
        }
    }

    /// A 32-bit number that is not negative.
    pub fn small(&mut self, kind: u8) -> Option<u64> {
        let from = self.at;
        let number = self.number().filter(|_| kind == 5 && self.at - from <= 5)?;
        (number & 1 == 0 && number >> 1 <= i32::MAX as u64).then_some(number >> 1)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A count of bytes or elements, of which no more are left than there are bytes.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.bytes.len() - self.at).then_some(count)
    }

    pub fn structure(&mut self, depth: usize) -> Option<()> {
        self.structs += 1;
        if self.structs > STRUCTS {
            return None;
        }
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            // A field's number is told from the one before, or stands by itself.
            if head >> 4 == 0 {
                self.number()?;
            }
            // A boolean field has its value in its head.
            if !matches!(head & 0x0f, 1 | 2) {
                self.value(head & 0x0f, depth)?;
            }
        }
    }

    /// Walks a value of a list, or of a field that is no boolean.
    pub fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        match kind {
            1..=3 => self.byte().map(drop),
            4..=6 => self.number().map(drop),
            7 => self.skip(8),
            8 => {
                let count = self.count()?;
                self.skip(count)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.count()? } else { usize::from(head >> 4) };
                (0..count).try_for_each(|_| self.value(head & 0x0f, depth + 1))
            }
            11 => {
                let count = self.count()?;
                let kinds = if count > 0 { self.byte()? } else { 0 };
                (0..count).try_for_each(|_| {
                    self.value(kinds >> 4, depth + 1)?;
                    self.value(kinds & 0x0f, depth + 1)
                })
            }
            12 => self.structure(depth + 1),
            _ => None,
        }
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(bytes: &[u8]) -> bool {
        Walk::new(bytes).structure(0).is_some()
    }

    #[test]
    fn a_list_holds_no_more_than_there_are_bytes() {
        // Field 1, a list of three numbers; the same, of two thousand million.
        assert!(walked(&[0x19, 0x35, 2, 4, 6, 0]));
        assert!(!walked(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 2, 4, 6, 0]));
        // A text that ends after the footer, a struct that never ends, structs without end.
        assert!(!walked(&[0x18, 0x7f, 0]));
        assert!(!walked(&[0x15, 2]));
        assert!(!walked(&[0x1c; 100]));
        // A list of empty structs, a few and too many.
        let structs = |count: u32| [&[0x19, 0xfc][..], &varint(count), &vec![0; count as usize + 1]].concat();
        assert!(walked(&structs(1000)));
        assert!(!walked(&structs(STRUCTS as u32)));
    }

    fn varint(mut number: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        while number > 0x7f {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    }
}
