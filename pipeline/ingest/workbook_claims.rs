//! What a workbook unpacks to, counted before the reader opens it: the reader takes the shared strings whole, and as
//! many of them as the workbook claims.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use zip::ZipArchive;

/// Bytes of a workbook, packed and unpacked, and its parts.
const PACKED: u64 = 64 << 20;
const UNPACKED: u64 = 256 << 20;
const TIMES: u64 = 100;
const PARTS: usize = 1_000;
/// Small workbooks are packed well, and do no harm.
const ALWAYS: u64 = 16 << 20;
/// Shared strings that a workbook may claim, or have.
const STRINGS: u64 = 2_000_000;
/// Bytes of a part that is held whole, as every part but sheets is.
const HELD: u64 = 64 << 20;
/// Bytes between two `<`: a text or a tag is held whole, several times over. And the bytes of a part with CDATA, in
/// which a text may hold `<`.
const RUN: u64 = 16 << 20;
/// The first bytes of the formats before xlsx.
const OLE: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];

/// Counts what the parts unpack to; the file is read from its start again.
///
/// # Errors
/// What was expected where it is no workbook of ours or unpacks to more than it may.
pub fn look_at(mut file: File) -> Result<BufReader<File>, String> {
    let no_workbook = |_: io::Error| "a workbook (xlsx)".to_owned();
    let size = file.metadata().map_err(no_workbook)?.len();
    if size > PACKED {
        return Err(format!("a workbook of at most {} MiB", PACKED >> 20));
    }
    let mut start = [0; 4];
    if file.read_exact(&mut start).is_ok() && start == OLE {
        return Err("a workbook in xlsx (this is xls, or has a password), or CSV".to_owned());
    }
    file.seek(SeekFrom::Start(0)).map_err(no_workbook)?;
    let broken = |_| "a workbook (xlsx)".to_owned();
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    if archive.len() > PARTS {
        return Err(format!("a workbook of at most {PARTS} parts"));
    }
    let most = UNPACKED.min(ALWAYS.max(size.saturating_mul(TIMES)));
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(broken)?;
        let name = part.name().map_err(broken)?.to_ascii_lowercase();
        if name.ends_with("workbook.bin") {
            return Err("a workbook in xlsx (this is xlsb), or CSV".to_owned());
        }
        let is_sheet = name.rsplit_once('/').map_or(name.as_str(), |(_, name)| name).contains("sheet");
        let counted = count(part.take(most - unpacked + 1)).map_err(no_workbook)?;
        unpacked += counted.bytes;
        if counted.bytes > HELD && !is_sheet {
            return Err(format!("parts of at most {} MiB beside the sheets", HELD >> 20));
        }
        if unpacked > most {
            let mib = UNPACKED >> 20;
            return Err(format!("a workbook that unpacks to at most {mib} MiB, and to {TIMES} times its size"));
        }
        if counted.run > RUN || (counted.has_cdata && counted.bytes > RUN) {
            return Err(format!("texts of at most {} MiB", RUN >> 20));
        }
        if counted.strings > STRINGS {
            return Err(format!("at most {STRINGS} different texts"));
        }
    }
    let mut file = archive.into_inner();
    file.seek(SeekFrom::Start(0)).map_err(no_workbook)?;
    Ok(file)
}

/// What a part holds.
struct Counted {
    bytes: u64,
    /// The largest number after `uniqueCount`, or the shared strings that there are, in whatever part: the workbook
    /// itself says which part is which.
    strings: u64,
    /// Most bytes without `<`.
    run: u64,
    has_cdata: bool,
}

fn count(mut part: impl Read) -> io::Result<Counted> {
    const CLAIM: &[u8] = b"uniqueCount";
    let mut counted = Counted { bytes: 0, strings: 0, run: 0, has_cdata: false };
    let mut run = 0;
    let mut buffer = vec![0; 1 << 16];
    let (mut kept, mut found) = (0, 0);
    loop {
        let read = part.read(&mut buffer[kept..])?;
        if read == 0 {
            return Ok(counted);
        }
        counted.bytes += read as u64;
        let filled = kept + read;
        for at in memchr::memmem::find_iter(&buffer[..filled], CLAIM) {
            counted.strings = counted.strings.max(number(&buffer[at + CLAIM.len()..filled]));
        }
        counted.has_cdata |= memchr::memmem::find(&buffer[..filled], b"<![CDATA[").is_some();
        let (new, mut from) = (&buffer[kept..filled], 0);
        for at in memchr::memchr_iter(b'<', new) {
            counted.run = counted.run.max(run + (at - from) as u64);
            (run, from) = (0, at);
        }
        run += (new.len() - from) as u64;
        counted.run = counted.run.max(run);
        // Each once: those that the bytes kept from before hold whole were counted with them.
        let fresh = &buffer[kept.saturating_sub(START - 1)..filled];
        found += fresh.windows(START).filter(|start| is_string(start)).count() as u64;
        counted.strings = counted.strings.max(found);
        // A claim cut by the end of the buffer is looked at again with the next bytes.
        kept = filled.min(64);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

/// Bytes by which the start of a shared string is known: `<si>`, `<x:si `.
const START: usize = 4;

fn is_string(start: &[u8]) -> bool {
    matches!(start, [b'<' | b':', b's', b'i', b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n'])
}

/// The number of an attribute, after its name.
fn number(rest: &[u8]) -> u64 {
    let digits = rest.iter().skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\''));
    let digits = digits.take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}
