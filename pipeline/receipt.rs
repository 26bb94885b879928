//! The receipt of a delivery: what was read, under which rules and key, and how it went. Holds no values.

use crate::error::{Error, Result};
use crate::fault::FaultLog;
use crate::ingest::{ControlTotal, Delivery, MANIFEST, Match, Omfattning, Period, Population, Stamp};
use crate::lake;
use crate::log::Head;
use crate::pseudonymise::stands_in;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What the outcome of taking a delivery depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// Hash of the contract and of the code lists that it names.
    pub contract: String,
    pub key_id: String,
    pub key_check: String,
    pub domain: String,
    /// Hash of the people that decide what may be kept (see `ingest::Sets`).
    pub sets: String,
    pub program: String,
}

/// One cause of faults, without rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultLine {
    pub file: String,
    pub column: Option<String>,
    pub rule: String,
    pub severity: String,
    pub faults: u64,
    pub first_row: Option<u64>,
    pub expected: String,
}

/// Clickable, for the log and the terminal: `file:row column: rule [severity] expected …`.
impl std::fmt::Display for FaultLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.first_row {
            write!(f, ":{row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, " {column}")?;
        }
        write!(f, ": {} [{}]", self.rule, self.severity)?;
        if !self.expected.is_empty() {
            write!(f, " expected {}", self.expected)?;
        }
        match self.faults {
            1 => Ok(()),
            faults => write!(f, ", {faults} times"),
        }
    }
}

/// A control total as it was reconciled. A sum says what is in its column: where a value of the column is at fault, or
/// the sum looks like an identity number, only the outcome is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    pub agrees: bool,
    /// As `leverans.yaml` has it.
    pub stated: Option<i64>,
    /// Over all rows, also those left out.
    pub found: Option<i64>,
}

/// The period and population that a delivery states (`leverans.yaml`), and how much of it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    pub period: Period,
    pub population: Population,
    #[serde(default)]
    pub omfattning: Omfattning,
}

/// How a delivery was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub table: String,
    pub uttagsdatum: String,
    pub accepted: bool,
    /// It came when a newer one was in force: noted and kept, but never read.
    pub is_older: bool,
    pub grounds: Grounds,
    pub stamps: Vec<Stamp>,
    /// What stands for the bytes of each file, by name: keyed, because the hash of a short file can be guessed.
    pub prints: BTreeMap<String, String>,
    pub rows: u64,
    pub kept: u64,
    pub outside: u64,
    pub left_out: u64,
    pub anonymised: u64,
    /// Rows, however many faults each has.
    pub rejected: u64,
    pub noted: u64,
    /// By column; empty where reading stopped before all rows were summed.
    #[serde(default)]
    pub totals: BTreeMap<String, Total>,
    pub faults: Vec<FaultLine>,
    /// Identity numbers of all rows, kept or not, by what is known of them (`samordningsnummer_utan_manad` …).
    pub numbers: BTreeMap<String, u64>,
    /// The people of SUS whom a register knows; none where it is not minimised to them.
    pub matched: Option<Match>,
    /// None where `leverans.yaml` could not be read.
    pub scope: Option<Scope>,
    /// Refused, but accepted as it was when it was read before: that reading stays in force.
    pub earlier: Option<Box<Receipt>>,
    /// The line of the log that tells of it.
    pub log: Option<Head>,
}

impl Receipt {
    /// Where the receipt of a delivery lies.
    pub fn path(receipts: &Path, delivery: &Delivery) -> PathBuf {
        receipts.join(&delivery.contract.name).join(format!("{}.json", delivery.uttagsdatum))
    }

    /// `accepted`, `refused`, or `older` than what was in force when it came.
    pub const fn state(&self) -> &'static str {
        match (self.is_older, self.accepted) {
            (true, _) => "older",
            (false, true) => "accepted",
            (false, false) => "refused",
        }
    }

    /// The reading that is in force: this one, or the one before it.
    pub fn in_force(&self) -> Option<&Receipt> {
        if self.accepted { Some(self) } else { self.earlier.as_deref() }
    }

    /// The receipt of an earlier run, if there is one that can be read.
    pub fn read(path: &Path) -> Option<Receipt> {
        let text = fs::read_to_string(path).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text =
            serde_json::to_string_pretty(self).map_err(|e| Error::Unexpected(format!("write a receipt: {e}")))?;
        lake::write_file(path, text.as_bytes())
    }

    /// The control totals of a reading.
    pub fn totals(totals: &BTreeMap<String, ControlTotal>, faults: &FaultLog) -> BTreeMap<String, Total> {
        let is_at_fault = |column: &str| {
            faults.iter().any(|(place, _)| place.file != MANIFEST && place.column.as_deref() == Some(column))
        };
        let shown = |column: &str, total: &ControlTotal| {
            let is_shown = |sum: &i64| !is_at_fault(column) && !stands_in(&sum.to_string());
            let (stated, found) = (total.stated.filter(is_shown), Some(total.found).filter(is_shown));
            Total { agrees: total.stated == Some(total.found), stated, found }
        };
        totals.iter().map(|(column, total)| (column.clone(), shown(column, total))).collect()
    }

    /// The causes, from a fault log.
    pub fn lines(faults: &FaultLog) -> Vec<FaultLine> {
        faults
            .iter()
            .map(|(place, count)| FaultLine {
                file: place.file.clone(),
                column: place.column.clone(),
                rule: place.rule.code().to_owned(),
                severity: count.severity.name().to_owned(),
                faults: count.faults,
                first_row: count.rows.first().copied(),
                expected: count.expected.clone(),
            })
            .collect()
    }
}
