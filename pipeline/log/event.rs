//! What may stand in the log.

use crate::error::{Error, Result};
use crate::pseudonymise::stands_in;
use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// One thing that happened. Every field is a name of ours, a date of extraction, a count or a hash.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// A command that changes the data root begins.
    Start {
        command: &'static str,
        key_id: Option<&'a str>,
        /// Hash of the contracts, code lists and SQL that are used.
        rules: &'a str,
        overrides: &'a [Override],
        reason: Option<&'a Reason>,
    },
    /// A command could not begin: the key, the settings or a contract.
    Denied {
        command: &'static str,
        exit_code: u8,
    },
    /// A delivery was read, or set aside.
    Delivery {
        contract: &'a str,
        #[serde(serialize_with = "dashed")]
        uttagsdatum: NaiveDate,
        /// `accepted`, `refused` or `older`.
        outcome: &'static str,
        key_id: &'a str,
        /// Keyed, of its files, in the order of their names.
        prints: Vec<&'a str>,
        rows: u64,
        kept: u64,
        outside: u64,
        left_out: u64,
        anonymised: u64,
        rejected: u64,
        noted: u64,
        /// Identity numbers of all rows by what is known of them: counts under names of ours.
        numbers: &'a BTreeMap<String, u64>,
    },
    /// A delivery that was to come has not.
    Overdue {
        contract: &'a str,
        rule: &'static str,
    },
    /// Every delivery in force was read again with another key.
    KeyRotated {
        former_key_id: &'a str,
        key_id: &'a str,
    },
    /// Who may be followed is not who it was: core files that held others were removed, to be read again.
    PeopleChanged {
        core_files: usize,
    },
    Stage {
        run_id: &'a str,
        stage: &'static str,
    },
    /// What was withheld of a mart.
    Disclosure {
        run_id: &'a str,
        table: &'a str,
        threshold: i64,
        primary: usize,
        secondary: usize,
    },
    /// What was proven of all marts together.
    Proof {
        run_id: &'a str,
        cells: usize,
        relations: usize,
        witnesses: usize,
        programs: usize,
    },
    Published {
        run_id: &'a str,
    },
    /// A release left the agency as a vintage.
    Approved {
        vintage: &'a str,
        run_id: &'a str,
        /// Rows with another status than in the last vintage.
        changed: usize,
    },
    /// An earlier release was put in force.
    RolledBack {
        from: &'a str,
        to: &'a str,
    },
    /// Retention: what was made of a delivery is gone, and the delivery too where that was asked for.
    Removed {
        contract: &'a str,
        #[serde(serialize_with = "dashed")]
        uttagsdatum: NaiveDate,
        files: usize,
        delivery: bool,
    },
    /// Retention: tables of pseudonymised rows that were made of what is gone.
    RemovedTables {
        layer: &'static str,
        files: usize,
    },
    /// A run was killed while it wrote the line named.
    Repaired {
        half_line: u64,
    },
    /// Somebody asked the lab. The question is told by its hash: in words it may name somebody.
    Lab {
        /// SHA-256 of the SQL, hexadecimal.
        sha256: &'a str,
        reason: Option<&'a Reason>,
    },
    Stop {
        command: &'static str,
        exit_code: u8,
    },
}

/// What was done otherwise than the rules say by themselves.
#[derive(Debug, Serialize)]
#[serde(tag = "override", rename_all = "snake_case")]
pub enum Override {
    /// All deliveries are hashed again.
    Verify,
    /// The settings raise the fewest persons of a cell.
    Threshold { persons: i64, contracts: i64 },
    /// Rules of a folder in place of those compiled in.
    Rules,
    /// Retention was counted from another day than today.
    Today {
        #[serde(serialize_with = "dashed")]
        day: NaiveDate,
    },
    /// Deliveries themselves are removed.
    Deliveries,
}

fn dashed<S: Serializer>(day: &NaiveDate, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Why an operator does something, in words of theirs without a number of anyone.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Reason(String);

impl Reason {
    /// # Errors
    /// [`Error::Usage`] where the text holds six digits or more in a row, or what could be an identity number: the
    /// log may name nobody.
    pub fn parse(text: &str) -> Result<Reason> {
        let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        if digits >= 6 || stands_in(text) || text.chars().any(char::is_control) {
            return Err(Error::Usage("log the reason: leave out numbers, it may name nobody".into()));
        }
        Ok(Reason(text.trim().to_owned()))
    }
}
