//! Text files that come packed: as gz, or as the one member of a zip. They are unpacked while they are read, never to
//! disk, and what they unpack to is counted: a bomb ends where no register text would.

use crate::contract::{Packing, unpacked_name};
use flate2::CrcReader;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::path::Path;
use zip::{CompressionMethod, ZipArchive};

/// Bytes that a packed file may always unpack to; beyond, so many times its own size. Register text is packed to a
/// fifth or a twentieth, and a bomb to a thousandth.
const ALWAYS: u64 = 64 << 20;
const TIMES: u64 = 250;

/// The bytes of a text file, whether it came packed or not.
pub struct Packed {
    bytes: Bytes,
    left: u64,
}

type Member = BufReader<Take<File>>;

enum Bytes {
    Plain(File),
    Gz(Box<MultiGzDecoder<BufReader<File>>>),
    Stored(CrcReader<Member>, u32),
    Deflated(CrcReader<Box<DeflateDecoder<Member>>>, u32),
}

impl Packed {
    /// Opens a file that is packed as its name says.
    ///
    /// # Errors
    /// The file system's own; of kind `InvalidInput` where a zip is broken, encrypted or has not one member.
    pub fn open(path: &Path) -> io::Result<Packed> {
        let mut file = File::open(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (packing, _) = unpacked_name(&name);
        let most = (file.metadata()?.len().saturating_mul(TIMES)).max(ALWAYS);
        let (bytes, left) = match packing {
            None => (Bytes::Plain(file), u64::MAX),
            Some(Packing::Gz) => {
                file.seek(SeekFrom::Start(0))?;
                (Bytes::Gz(Box::new(MultiGzDecoder::new(BufReader::new(file)))), most)
            }
            Some(Packing::Zip) => (one_member(file)?, most),
        };
        Ok(Packed { bytes, left })
    }
}

/// The bytes of a zip's only member.
fn one_member(file: File) -> io::Result<Bytes> {
    let broken = |_| io::Error::new(io::ErrorKind::InvalidInput, "a zip that cannot be read");
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    if archive.len() != 1 {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a zip with not one member"));
    }
    let member = archive.by_index_raw(0).map_err(broken)?;
    let (start, size, crc) = (member.data_start(), member.compressed_size(), member.crc32());
    let (method, sound) = (member.compression(), !member.encrypted() && !member.is_dir());
    drop(member);
    let mut file = archive.into_inner();
    let (Some(start), true) = (start, sound) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a member that cannot be read"));
    };
    file.seek(SeekFrom::Start(start))?;
    let member = BufReader::new(file.take(size));
    match method {
        CompressionMethod::Stored => Ok(Bytes::Stored(CrcReader::new(member), crc)),
        CompressionMethod::Deflated => Ok(Bytes::Deflated(CrcReader::new(Box::new(DeflateDecoder::new(member))), crc)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "a packing that is not deflate")),
    }
}

impl Read for Packed {
    /// Errors of kind `FileTooLarge` end a bomb; `InvalidInput` is a packing that is broken, `UnexpectedEof` one that
    /// is cut off.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.bytes {
            Bytes::Plain(file) => return file.read(buffer),
            Bytes::Gz(gz) => gz.read(buffer)?,
            Bytes::Stored(member, crc) => checked(member.read(buffer)?, member.crc().sum() == *crc)?,
            Bytes::Deflated(member, crc) => checked(member.read(buffer)?, member.crc().sum() == *crc)?,
        };
        self.left = self.left.checked_sub(read as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

/// At the end of a member its checksum must be the one that the zip states.
fn checked(read: usize, sound: bool) -> io::Result<usize> {
    if read == 0 && !sound { Err(io::ErrorKind::InvalidInput.into()) } else { Ok(read) }
}

/// What was expected of a file whose packing gave an error of this kind; nothing where it was another error.
pub fn expected(kind: io::ErrorKind) -> Option<String> {
    match kind {
        io::ErrorKind::InvalidInput => Some("a whole gz, or a whole zip with one member that is not encrypted".into()),
        io::ErrorKind::UnexpectedEof => Some("a whole gz or zip; it is cut off".into()),
        io::ErrorKind::FileTooLarge => Some(format!("text that unpacks to at most {TIMES} times its packed size")),
        _ => None,
    }
}
