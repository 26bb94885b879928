//! Finds rows whose primary key was there before, in bounded memory: digests are kept until they are many, then
//! dealt out to files under `spill/` by their first byte, those that are still many by the next byte, and so on.
//!
//! A digest is keyed (see `key_digest`): the spill files say nothing without keys that are never written, and are
//! removed at once.

use crate::error::{Error, Result};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Digests held in memory before they are dealt out, and compared at a time: 1 MB.
const IN_MEMORY: usize = 1 << 15;
const PARTS: usize = 64;
const RECORD: usize = 24;
/// Bytes of a digest by which it is dealt out; rows that agree in so many have one key, and need no memory.
const DEPTH: usize = 8;
/// Rows of one file are told apart from those of the next by the high bits of their place.
const FILE_SHIFT: u32 = 44;

/// Stands for a key; 16 bytes.
pub(super) type Digest = [u8; 16];

/// The place of a row in a delivery: the file's order, then the row.
pub(super) const fn place(order: u64, row: u64) -> u64 {
    (order << FILE_SHIFT) | row
}

/// The file's order and the row.
pub(super) const fn order_and_row(place: u64) -> (u64, u64) {
    (place >> FILE_SHIFT, place & ((1 << FILE_SHIFT) - 1))
}

/// Every row but the first of its key.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Ascending; the first ones only, where there are more than were asked for.
    pub places: Vec<u64>,
    /// How many there are, by the file's order.
    pub by_file: BTreeMap<u64, u64>,
    most: usize,
}

impl Repeats {
    fn note(&mut self, place: u64) {
        *self.by_file.entry(order_and_row(place).0).or_default() += 1;
        self.places.push(place);
        if self.places.len() >= self.most.saturating_mul(2) {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        self.places.sort_unstable();
        self.places.truncate(self.most);
    }
}

/// The digests of the keys of one delivery.
pub(super) struct KeyCheck {
    folder: PathBuf,
    in_memory: usize,
    held: Vec<(Digest, u64)>,
    dealt: Option<Deal>,
}

/// Files of digests, told apart by one byte.
struct Deal {
    prefix: PathBuf,
    byte: usize,
    parts: Vec<BufWriter<File>>,
}

impl KeyCheck {
    /// `folder` is a folder of its own under `spill/`; it is made when needed.
    pub fn new(folder: PathBuf) -> KeyCheck {
        KeyCheck { folder, in_memory: IN_MEMORY, held: Vec::new(), dealt: None }
    }

    /// Notes a key; `place` orders rows over all files of the delivery, and they come in that order.
    ///
    /// # Errors
    /// [`Error::Io`] where the spill folder cannot be written.
    pub fn add(&mut self, digest: Digest, place: u64) -> Result<()> {
        self.held.push((digest, place));
        if self.held.len() >= self.in_memory { self.deal_out() } else { Ok(()) }
    }

    fn deal_out(&mut self) -> Result<()> {
        let deal = match self.dealt.take() {
            Some(deal) => deal,
            None => {
                std::fs::create_dir_all(&self.folder)
                    .map_err(|source| Error::Io { path: self.folder.clone(), source })?;
                Deal::begin(self.folder.join("nyckel"), 0)?
            }
        };
        let deal = self.dealt.insert(deal);
        self.held.drain(..).try_for_each(|(digest, place)| deal.add(&digest, place))
    }

    /// The repeats, with at most so many places.
    ///
    /// # Errors
    /// [`Error::Io`] where the spill folder cannot be written or read back.
    pub fn finish(mut self, most: usize) -> Result<Repeats> {
        let mut repeats = Repeats { most: most.max(1), ..Repeats::default() };
        if self.dealt.is_some() {
            self.deal_out()?;
        }
        match self.dealt.take() {
            None => compare(std::mem::take(&mut self.held).into_iter().map(Ok), &mut repeats)?,
            Some(deal) => self.compare_parts(deal, &mut repeats)?,
        }
        repeats.shorten();
        Ok(repeats)
    }

    /// Compares part by part; a part of too many digests is dealt out once more.
    fn compare_parts(&self, deal: Deal, repeats: &mut Repeats) -> Result<()> {
        let byte = deal.byte;
        for path in deal.end()? {
            let rows = records(&path)?;
            if rows.len() > self.in_memory && byte + 1 < DEPTH {
                let mut finer = Deal::begin(path.clone(), byte + 1)?;
                for row in rows {
                    let (digest, place) = row?;
                    finer.add(&digest, place)?;
                }
                remove(&path)?;
                self.compare_parts(finer, repeats)?;
            } else {
                compare(rows, repeats)?;
                remove(&path)?;
            }
        }
        Ok(())
    }
}

impl Drop for KeyCheck {
    fn drop(&mut self) {
        // Spill is emptied after every run in any case; a leftover here is only untidy.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Deal {
    fn begin(prefix: PathBuf, byte: usize) -> Result<Deal> {
        let mut deal = Deal { prefix, byte, parts: Vec::with_capacity(PARTS) };
        for part in 0..PARTS {
            let path = deal.part(part);
            let file = File::create(&path).map_err(|source| Error::Io { path, source })?;
            deal.parts.push(BufWriter::with_capacity(1 << 12, file));
        }
        Ok(deal)
    }

    fn part(&self, part: usize) -> PathBuf {
        let mut path = self.prefix.clone().into_os_string();
        path.push(format!("-{part:02}"));
        path.into()
    }

    fn add(&mut self, digest: &Digest, place: u64) -> Result<()> {
        let file = &mut self.parts[usize::from(digest[self.byte]) % PARTS];
        let written = file.write_all(digest).and_then(|()| file.write_all(&place.to_le_bytes()));
        written.map_err(|source| Error::Io { path: self.prefix.clone(), source })
    }

    /// Closes the files; where they lie.
    fn end(mut self) -> Result<Vec<PathBuf>> {
        for part in std::mem::take(&mut self.parts) {
            part.into_inner().map_err(|e| Error::Io { path: self.prefix.clone(), source: e.into_error() })?;
        }
        Ok((0..PARTS).map(|part| self.part(part)).collect())
    }
}

/// The digests and places of a part, in the order in which they came.
fn records(path: &Path) -> Result<impl ExactSizeIterator<Item = Result<(Digest, u64)>>> {
    let path = path.to_owned();
    let file = File::open(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
    let length = file.metadata().map_err(|source| Error::Io { path: path.clone(), source })?.len();
    let mut input = BufReader::with_capacity(1 << 14, file);
    Ok((0..length as usize / RECORD).map(move |_| {
        let (mut digest, mut place) = ([0; 16], [0; 8]);
        let read = input.read_exact(&mut digest).and_then(|()| input.read_exact(&mut place));
        read.map_err(|source| Error::Io { path: path.clone(), source })?;
        Ok((digest, u64::from_le_bytes(place)))
    }))
}

fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// Rows come in file order, so the first occurrence is the one that is kept.
fn compare(rows: impl Iterator<Item = Result<(Digest, u64)>>, repeats: &mut Repeats) -> Result<()> {
    let mut seen = HashSet::new();
    for row in rows {
        let (digest, place) = row?;
        if !seen.insert(digest) {
            repeats.note(place);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u64) -> Digest {
        let mut digest = [0; 16];
        digest[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        digest
    }

    fn check(folder: &Path, in_memory: usize) -> KeyCheck {
        let mut check = KeyCheck::new(folder.join("nycklar"));
        check.in_memory = in_memory;
        check
    }

    #[test]
    fn repeats_are_found_in_memory_and_through_spill_dealt_out_once_or_more() {
        let folder = tempfile::tempdir().expect("a folder");
        for (rows, in_memory) in [(1000u64, IN_MEMORY), (300_000, IN_MEMORY), (300_000, 500), (9_000, 20)] {
            let mut check = check(folder.path(), in_memory);
            for row in 0..rows {
                check.add(digest(row), place(0, row)).expect("the folder is writable");
            }
            for (at, row) in (0..).zip([7, rows - 1, 7]) {
                check.add(digest(row), place(1, at)).expect("the folder is writable");
            }
            let found = check.finish(100).expect("the folder is readable");
            assert_eq!(found.places, [place(1, 0), place(1, 1), place(1, 2)], "{rows} rows");
            assert_eq!(found.by_file, BTreeMap::from([(1, 3)]), "{rows} rows");
            assert!(!folder.path().join("nycklar").exists());
        }
    }

    #[test]
    fn more_repeats_than_asked_for_are_counted_and_the_first_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for keys in [1, 3] {
            let mut check = check(folder.path(), 1000);
            (0..50_000).try_for_each(|row| check.add(digest(row % keys), row)).expect("the folder is writable");
            let found = check.finish(10).expect("the folder is readable");
            assert_eq!(found.places, (keys..keys + 10).collect::<Vec<_>>());
            assert_eq!(found.by_file, BTreeMap::from([(0, 50_000 - keys)]));
        }
    }
}
