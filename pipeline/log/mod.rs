//! The log of a data root, `log/finsam.jsonl`: who did what, when, with which version and key, and how it went.
//!
//! JSON lines, each with the hash of the one before. `log/huvud.json` names the last line, and so does every receipt
//! that is written later: a line that is changed, removed or moved is found, also at the end. A line is built of the
//! fields of an [`Event`] and nothing else: names of contracts and runs, dates, counts, hashes. It holds no identity
//! number, no date of birth and no pseudonym, because no event has a field for one.

mod event;
mod verify;

pub use event::{Event, Override, Reason};
pub use verify::{Verdict, verify};

use crate::error::{Error, Result};
use crate::lake;
use crate::pseudonymise::stands_in;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What the first line names as the one before it.
const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The last line, as `huvud.json` and receipts name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// From 1.
    pub line: u64,
    /// SHA-256 of the line without its end, hexadecimal.
    pub sha256: String,
    /// Where the line ends in the file.
    pub bytes: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    line: u64,
    before: &'a str,
    time: String,
    user: String,
    program: &'static str,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

/// The log of one data root.
pub struct Log {
    folder: PathBuf,
}

impl Log {
    pub fn of(root: &Path) -> Log {
        Log { folder: root.join("log") }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("finsam.jsonl")
    }

    fn head_path(&self) -> PathBuf {
        self.folder.join("huvud.json")
    }

    fn head(&self) -> Option<Head> {
        serde_json::from_str(&fs::read_to_string(self.head_path()).ok()?).ok()
    }

    /// Adds a line and makes it durable; the new head. Two programs that log at once wait for each other.
    ///
    /// # Errors
    /// [`Error::Io`] where the log cannot be written.
    pub fn append(&self, event: &Event<'_>, time: DateTime<Utc>) -> Result<Head> {
        self.append_all(std::slice::from_ref(event), time)
    }

    /// As [`Log::append`], of several that belong together: made durable once.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append_all(&self, events: &[Event<'_>], time: DateTime<Utc>) -> Result<Head> {
        let path = self.path();
        let failed = |source| Error::Io { path: path.clone(), source };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut file = File::options().create(true).append(true).read(true).open(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        let (mut head, is_whole) = self.last(&mut file).map_err(failed)?;
        if !is_whole {
            // A run was killed while it wrote. Its half line stays as it is, and the next line says so.
            file.write_all(b"\n").map_err(failed)?;
            head.bytes += 1;
            head = write(&mut file, &head, &Event::Repaired { half_line: head.line }, time).map_err(failed)?;
        }
        for event in events {
            head = write(&mut file, &head, event, time).map_err(failed)?;
        }
        file.sync_data().map_err(failed)?;
        let text = serde_json::to_string(&head).map_err(|e| Error::Unexpected(e.to_string()))?;
        lake::write_file(&self.head_path(), text.as_bytes())?;
        Ok(head)
    }

    /// The last line, and whether it is whole: from where the head says on, for a run may have been killed between
    /// a line and its head. Where lines are missing the head stands, so that the gap is seen.
    fn last(&self, file: &mut File) -> std::io::Result<(Head, bool)> {
        let length = file.metadata()?.len();
        let start = Head { line: 0, sha256: FIRST.to_owned(), bytes: 0 };
        let mut head = self.head().unwrap_or(start);
        if head.bytes > length {
            head.bytes = length;
            return Ok((head, true));
        }
        file.seek(SeekFrom::Start(head.bytes))?;
        let mut reader = BufReader::new(file);
        let mut bytes = Vec::new();
        let mut is_whole = true;
        while reader.read_until(b'\n', &mut bytes)? > 0 {
            is_whole = bytes.last() == Some(&b'\n');
            let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            head = Head { line: head.line + 1, sha256: hash(text), bytes: head.bytes + bytes.len() as u64 };
            bytes.clear();
        }
        Ok((head, is_whole))
    }
}

fn write(file: &mut File, last: &Head, event: &Event<'_>, time: DateTime<Utc>) -> std::io::Result<Head> {
    let line = Line {
        line: last.line + 1,
        before: &last.sha256,
        time: time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        user: user(),
        program: env!("CARGO_PKG_VERSION"),
        event,
    };
    let mut text = serde_json::to_string(&line)?;
    let sha256 = hash(text.as_bytes());
    text.push('\n');
    file.write_all(text.as_bytes())?;
    Ok(Head { line: line.line, sha256, bytes: last.bytes + text.len() as u64 })
}

fn hash(line: &[u8]) -> String {
    crate::hex(&Sha256::digest(line))
}

/// Who runs the program: the account's number, and its name where the system has one.
fn user() -> String {
    let id = rustix::process::getuid().as_raw().to_string();
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(id.as_str())).then(|| name.to_owned())
    });
    match name.filter(|name| !stands_in(name)) {
        Some(name) => format!("{name} ({id})"),
        None => id,
    }
}

#[cfg(test)]
mod tests;
