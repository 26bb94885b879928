//! A file that is hashed while it is written, so that its digest needs no second reading.

use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) struct HashedFile {
    file: File,
    path: PathBuf,
    hash: Sha256,
}

impl HashedFile {
    pub(super) fn create(path: &Path) -> Result<HashedFile> {
        let file = File::create(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Ok(HashedFile { file, path: path.to_owned(), hash: Sha256::new() })
    }

    pub(super) fn failed(&self, source: io::Error) -> Error {
        Error::Io { path: self.path.clone(), source }
    }

    /// The SHA-256 of what was written, hexadecimal.
    pub(super) fn finish(mut self) -> Result<String> {
        self.file.flush().map_err(|source| self.failed(source))?;
        Ok(crate::hex(&self.hash.finalize()))
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
