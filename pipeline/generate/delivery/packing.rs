//! A text file as it is, or packed as its name says: gz, or a zip with one member. Without a time of its own, so that
//! the bytes are the same each time.

use super::hashing::HashedFile;
use crate::contract::{Packing, unpacked_name};
use crate::error::{Error, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};
use std::path::Path;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

pub(super) enum PackedFile {
    Plain(HashedFile),
    Gz(Box<GzEncoder<HashedFile>>),
    Zip(Box<ZipWriter<StreamWriter<HashedFile>>>),
}

impl PackedFile {
    pub(super) fn create(path: &Path) -> Result<PackedFile> {
        let file = HashedFile::create(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(match unpacked_name(&name) {
            (None, _) => PackedFile::Plain(file),
            (Some(Packing::Gz), _) => PackedFile::Gz(Box::new(GzEncoder::new(file, Compression::default()))),
            (Some(Packing::Zip), member) => {
                let mut zip = ZipWriter::new_stream(file);
                let options = SimpleFileOptions::default().large_file(true);
                zip.start_file(member, options).map_err(|error| unwritten(path, error.into()))?;
                PackedFile::Zip(Box::new(zip))
            }
        })
    }

    /// The SHA-256 of what lies on disk, hexadecimal.
    pub(super) fn finish(self, path: &Path) -> Result<String> {
        let file = match self {
            PackedFile::Plain(file) => file,
            PackedFile::Gz(gz) => gz.finish().map_err(|source| unwritten(path, source))?,
            PackedFile::Zip(zip) => zip.finish().map_err(|error| unwritten(path, error.into()))?.into_inner(),
        };
        file.finish()
    }
}

impl Write for PackedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            PackedFile::Plain(file) => file.write(bytes),
            PackedFile::Gz(gz) => gz.write(bytes),
            PackedFile::Zip(zip) => zip.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            PackedFile::Plain(file) => file.flush(),
            PackedFile::Gz(gz) => gz.flush(),
            PackedFile::Zip(zip) => zip.flush(),
        }
    }
}

pub(super) fn unwritten(path: &Path, source: io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}
