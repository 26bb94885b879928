//! Whether the log is whole: every line follows from the one before, and the last is the one that is named elsewhere.

use super::{FIRST, Head, Log, hash};
use crate::error::{Error, Result};
use crate::receipt::Receipt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

/// What was found.
#[derive(Debug, Default, Serialize)]
pub struct Verdict {
    pub lines: u64,
    /// What is wrong, with the number of the line.
    pub findings: Vec<String>,
    /// What is explained: half lines of runs that were killed.
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
struct Read {
    line: u64,
    before: String,
    event: String,
    half_line: Option<u64>,
}

/// Reads the whole log.
///
/// # Errors
/// [`Error::Io`] where it cannot be read.
pub fn verify(root: &Path) -> Result<Verdict> {
    let log = Log::of(root);
    let path = log.path();
    let mut verdict = Verdict::default();
    let mut named = named_by_receipts(root);
    match log.head() {
        Some(head) => named.entry(head.line).or_default().push((head.sha256, "huvud.json".into())),
        None if path.exists() => verdict.findings.push("huvud.json is missing or cannot be read".into()),
        None => {}
    }
    match File::open(&path) {
        Ok(file) => read(file, &mut named, &mut verdict).map_err(|source| Error::Io { path, source })?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(source) => return Err(Error::Io { path, source }),
    }
    if let Some((last, names)) = named.last_key_value() {
        let (from, by) = (verdict.lines + 1, &names[0].1);
        verdict.findings.push(format!("lines {from} to {last} are missing at the end: {by} names line {last}"));
    }
    Ok(verdict)
}

/// Lines that are named elsewhere, with the hash that they had.
type Named = BTreeMap<u64, Vec<(String, String)>>;

fn read(file: File, named: &mut Named, verdict: &mut Verdict) -> std::io::Result<()> {
    let mut reader = BufReader::new(file);
    let mut before = FIRST.to_owned();
    let mut broken = false;
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let at = verdict.lines + 1;
        let is_whole = bytes.pop_if(|byte| *byte == b'\n').is_some();
        let line = serde_json::from_slice::<Read>(&bytes).ok();
        let was_broken = std::mem::replace(&mut broken, line.is_none());
        match line {
            _ if !is_whole => {
                verdict.notes.push(format!("line {at}: half a line, a run was killed; the next one notes it"));
                return Ok(());
            }
            None => {}
            Some(line) => {
                let repairs = line.event == "repaired" && line.half_line == Some(at - 1);
                if repairs {
                    verdict.notes.push(format!("line {}: a run was killed while it wrote it", at - 1));
                } else if was_broken {
                    verdict.findings.push(format!("line {}: cannot be read", at - 1));
                }
                if line.line != at {
                    verdict.findings.push(format!(
                        "line {at}: it was line {}; lines before it were removed, added or moved",
                        line.line
                    ));
                } else if line.before != before {
                    let changed = if at == 1 { "it".to_owned() } else { format!("line {} or it", at - 1) };
                    verdict
                        .findings
                        .push(format!("line {at}: does not follow from the line before; {changed} was changed"));
                }
            }
        }
        before = hash(&bytes);
        verdict.lines = at;
        for (sha256, by) in named.remove(&at).unwrap_or_default() {
            if sha256 != before {
                verdict.findings.push(format!("line {at}: was changed; {by} names another"));
            }
        }
        bytes.clear();
    }
    if broken {
        verdict.findings.push(format!("line {}: cannot be read", verdict.lines));
    }
    Ok(())
}

fn named_by_receipts(root: &Path) -> Named {
    let mut named = Named::new();
    let below = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    for folder in below(&root.join("receipts")).filter(|path| path.is_dir()) {
        for path in below(&folder) {
            let Some(Receipt { table, uttagsdatum, log: Some(Head { line, sha256, .. }), .. }) = Receipt::read(&path)
            else {
                continue;
            };
            named.entry(line).or_default().push((sha256, format!("the receipt of {table} {uttagsdatum}")));
        }
    }
    named
}
