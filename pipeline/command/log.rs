//! `finsam log verify`: whether the log is whole.

use super::print_json;
use crate::error::{Result, exit};
use crate::log::verify;
use crate::talk;
use std::path::Path;

pub fn verify_log(root: &Path, json: bool) -> Result<u8> {
    let verdict = verify(root)?;
    if json {
        print_json(&verdict)?;
    } else {
        let notes = verdict.notes.iter().map(|line| format!("note: {line}\n"));
        let findings = verdict.findings.iter().map(|line| format!("{line}\n"));
        let word = if verdict.findings.is_empty() { "whole" } else { "not whole" };
        let last = format!("the log is {word}: {} lines\n", verdict.lines);
        talk::data(&notes.chain(findings).chain([last]).collect::<String>())?;
    }
    Ok(if verdict.findings.is_empty() { exit::DONE } else { exit::CONTRACT_BROKEN })
}
