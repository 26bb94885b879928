//! Finds rows whose primary key was there before, in bounded memory: digests are kept until they are many, then
//! dealt out to files under `spill/` by their first byte and compared file by file.
//!
//! A digest is keyed (see `pseudonymise`): the spill files say nothing without the key, and are removed at once.

use crate::error::{Error, Result};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Digests held in memory before they are dealt out: 3 MB.
const IN_MEMORY: usize = 1 << 17;
const PARTS: usize = 64;
const RECORD: usize = 24;

/// The digests of the keys of one delivery.
pub struct KeyCheck {
    folder: PathBuf,
    held: Vec<([u8; 16], u64)>,
    parts: Vec<BufWriter<File>>,
}

impl KeyCheck {
    /// `folder` is a folder of its own under `spill/`; it is made when needed.
    pub fn new(folder: PathBuf) -> KeyCheck {
        KeyCheck { folder, held: Vec::new(), parts: Vec::new() }
    }

    /// Notes a key; `place` orders rows over all files of the delivery.
    ///
    /// # Errors
    /// [`Error::Io`] where the spill folder cannot be written.
    pub fn add(&mut self, digest: [u8; 16], place: u64) -> Result<()> {
        self.held.push((digest, place));
        if self.held.len() >= IN_MEMORY { self.deal_out() } else { Ok(()) }
    }

    fn deal_out(&mut self) -> Result<()> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { path, source }
        };
        if self.parts.is_empty() {
            std::fs::create_dir_all(&self.folder).map_err(failed(&self.folder))?;
            for part in 0..PARTS {
                let path = self.part(part);
                let file = File::create(&path).map_err(failed(&path))?;
                self.parts.push(BufWriter::with_capacity(1 << 12, file));
            }
        }
        for (digest, place) in self.held.drain(..) {
            let part = usize::from(digest[0]) % PARTS;
            let written =
                self.parts[part].write_all(&digest).and_then(|()| self.parts[part].write_all(&place.to_le_bytes()));
            written.map_err(failed(&self.folder))?;
        }
        Ok(())
    }

    fn part(&self, part: usize) -> PathBuf {
        self.folder.join(format!("nyckel-{part:02}"))
    }

    /// The places of every row but the first of its key, ascending.
    ///
    /// # Errors
    /// [`Error::Io`] where the spill folder cannot be read back.
    pub fn finish(mut self) -> Result<Vec<u64>> {
        let mut repeated = Vec::new();
        if self.parts.is_empty() {
            repeats(std::mem::take(&mut self.held), &mut repeated);
            repeated.sort_unstable();
            return Ok(repeated);
        }
        self.deal_out()?;
        for part in std::mem::take(&mut self.parts) {
            part.into_inner().map_err(|e| Error::Io { path: self.folder.clone(), source: e.into_error() })?;
        }
        for part in 0..PARTS {
            let path = self.part(part);
            let failed = |source| Error::Io { path: path.clone(), source };
            let file = File::open(&path).map_err(failed)?;
            let rows = file.metadata().map_err(failed)?.len() as usize / RECORD;
            let mut input = BufReader::new(file);
            let mut held = Vec::with_capacity(rows);
            let mut record = [0u8; RECORD];
            for _ in 0..rows {
                input.read_exact(&mut record).map_err(failed)?;
                let (digest, place) = record.split_at(16);
                if let (Ok(digest), Ok(place)) = (digest.try_into(), place.try_into()) {
                    held.push((digest, u64::from_le_bytes(place)));
                }
            }
            repeats(held, &mut repeated);
            std::fs::remove_file(&path).map_err(failed)?;
        }
        repeated.sort_unstable();
        Ok(repeated)
    }
}

impl Drop for KeyCheck {
    fn drop(&mut self) {
        // Spill is emptied after every run in any case; a leftover here is only untidy.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Rows come in file order, so the first occurrence is the one that is kept.
fn repeats(held: Vec<([u8; 16], u64)>, repeated: &mut Vec<u64>) {
    let mut seen = HashSet::with_capacity(held.len());
    repeated.extend(held.into_iter().filter(|(digest, _)| !seen.insert(*digest)).map(|(_, place)| place));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u64) -> [u8; 16] {
        let mut digest = [0; 16];
        digest[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        digest
    }

    #[test]
    fn repeats_are_found_in_memory_and_through_spill() {
        let folder = tempfile::tempdir().expect("a folder");
        for rows in [1000u64, 300_000] {
            let mut check = KeyCheck::new(folder.path().join("nycklar"));
            for row in 0..rows {
                check.add(digest(row), row).expect("the folder is writable");
            }
            for row in [7, rows - 1, 7] {
                check.add(digest(row), rows + row).expect("the folder is writable");
            }
            let found = check.finish().expect("the folder is readable");
            assert_eq!(found, [rows + 7, rows + 7, rows + rows - 1], "{rows} rows");
            assert!(!folder.path().join("nycklar").exists());
        }
    }
}
