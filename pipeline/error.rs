//! What can stop a run, and the exit code of each.
//!
//! Trouble in a delivery is data, not an error: see `fault`. No variant holds a value of a person's row.

use std::io;
use std::path::{Path, PathBuf};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Exit codes of the program (design §8); operators in a closed room may see only these.
pub mod exit {
    pub const DONE: u8 = 0;
    pub const UNEXPECTED: u8 = 1;
    pub const USAGE: u8 = 2;
    /// Done, but a delivery was refused and an earlier one stays in force.
    pub const DELIVERY_REFUSED: u8 = 3;
    /// A required delivery is missing or refused; not published.
    pub const DELIVERY_REQUIRED: u8 = 10;
    /// A contract is broken inside the pipeline.
    pub const CONTRACT_BROKEN: u8 = 11;
    pub const KEY: u8 = 12;
    /// The disclosure proof failed; not published.
    pub const DISCLOSURE: u8 = 13;
    pub const LOCKED: u8 = 14;
    /// Disk, permission or I/O; nothing changed.
    pub const IO: u8 = 15;
    /// A settings or contract file is at fault.
    pub const SETTINGS: u8 = 16;
}

/// How engines say that the disk is full: the system's own words, and DuckDB's where it has no room to spill.
const FULL: [&str; 3] = ["No space left on device", "Disk quota exceeded", "max_temp_directory_size"];

/// The run cannot go on. Messages are lower-case and complete "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("read or write {path}")]
    Io { path: PathBuf, source: io::Error },
    #[error("read {path}")]
    Input { path: PathBuf, source: io::Error },
    #[error("write the answer to stdout")]
    Output { source: io::Error },
    #[error("use the contract {contract}: {reason}")]
    Contract { contract: String, reason: String },
    #[error("use the settings {path}: {reason}")]
    Settings { path: PathBuf, reason: String },
    #[error("use the key {path}: {reason}")]
    Key { path: PathBuf, reason: String, hint: String },
    #[error("take the lock: another run holds {path}")]
    Locked { path: PathBuf },
    #[error("publish: the required delivery {contract} {reason}")]
    Required { contract: String, reason: String },
    #[error("run {path}: {reason}")]
    Rule { path: PathBuf, reason: String },
    #[error("run {table}: {reason}")]
    Sql { table: String, reason: String },
    #[error("keep the contract of {table}: {reason}")]
    Broken { table: String, reason: String },
    #[error("read or write the Parquet file {path}: {reason}")]
    Parquet { path: PathBuf, reason: String },
    #[error("prove that {table} reveals no one: {reason}")]
    Disclosure { table: String, reason: String },
    #[error("write {path}: {reason}")]
    Format { path: PathBuf, reason: String },
    /// What was asked for is not there, and who asks can do something about it.
    #[error("{what}")]
    Asked { what: String, hint: String },
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Unexpected(String),
}

impl Error {
    /// The documented exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Error::Io { .. } | Error::Input { .. } | Error::Output { .. } => exit::IO,
            Error::Contract { .. } | Error::Settings { .. } | Error::Rule { .. } => exit::SETTINGS,
            Error::Key { .. } => exit::KEY,
            Error::Locked { .. } => exit::LOCKED,
            Error::Required { .. } => exit::DELIVERY_REQUIRED,
            Error::Broken { .. } => exit::CONTRACT_BROKEN,
            Error::Disclosure { .. } => exit::DISCLOSURE,
            Error::Usage(_) | Error::Asked { .. } => exit::USAGE,
            Error::Sql { .. } | Error::Parquet { .. } | Error::Format { .. } | Error::Unexpected(_) => exit::UNEXPECTED,
        }
    }

    /// The disk's part in what an engine reports: an I/O error among its causes, or DuckDB's words for one.
    ///
    /// `None` where the disk is not to blame. A full disk is nobody's bug, and it has an exit code of its own.
    pub fn of_disk(path: &Path, error: &(dyn std::error::Error + 'static)) -> Option<Error> {
        let trouble = |kind, text: String| Error::Io { path: path.to_owned(), source: io::Error::new(kind, text) };
        let mut cause = Some(error);
        while let Some(at) = cause {
            if let Some(found) = at.downcast_ref::<io::Error>() {
                return Some(trouble(found.kind(), found.to_string()));
            }
            cause = at.source();
        }
        let text = error.to_string();
        if FULL.iter().any(|words| text.contains(words)) {
            return Some(trouble(io::ErrorKind::StorageFull, text));
        }
        text.contains("IO Error: ").then(|| trouble(io::ErrorKind::Other, text))
    }

    /// What to do, where there is one thing to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Key { hint, .. } | Error::Asked { hint, .. } => Some(hint.clone()),
            Error::Locked { .. } => Some("wait for the other run, or see with `finsam status` what it does".into()),
            Error::Required { reason, .. } if reason.starts_with("was refused") => {
                Some("send the supplier the felrapport, and ask for a new delivery".into())
            }
            Error::Required { reason, .. } if reason.starts_with("is needed to make") => {
                Some("hand it in as it was, or a newer one and `finsam run`; then give the command again".into())
            }
            Error::Required { reason, .. } if reason.starts_with("is gone, and a change") => Some(
                "hand in a delivery of nummerbyte with the same changes, or of skyddade_personer with all numbers of \
                 those on it, and `finsam run`; then give the command again"
                    .into(),
            ),
            Error::Required { .. } => {
                Some("hand it in as deliveries/<contract>/<uttagsdatum>/, with leverans.yaml last".into())
            }
            Error::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free space under the data root; nothing was published, the next run finishes the job".into())
            }
            Error::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("give the user that runs finsam rights to it".into())
            }
            Error::Io { .. } => Some("see that the path is right; --root or FINSAM_ROOT names the data root".into()),
            Error::Input { .. } => Some("name files that are there, and that you may read".into()),
            Error::Output { source } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free space where the output is written to, and ask again".into())
            }
            Error::Output { .. } => Some("see where the output is written to, and ask again".into()),
            Error::Settings { .. } => Some("`finsam demo DIR` writes a finsam.toml with every key explained".into()),
            Error::Contract { .. } | Error::Rule { .. } => {
                Some("correct the file, or leave out --rules to use those compiled in".into())
            }
            Error::Broken { .. } => Some(
                "nothing was published; with --rules mend the rule or the contract, else finsam is at fault".into(),
            ),
            Error::Parquet { .. } => Some("if the file is damaged, remove it: the next run makes it anew".into()),
            Error::Sql { .. } => Some(
                "a file that it reads may be damaged: `finsam run --verify` makes core anew of the deliveries; else \
                 finsam is at fault"
                    .into(),
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_has_its_own_exit_code_whoever_reports_it() {
        let full = || io::Error::from_raw_os_error(28);
        let parquet = parquet::errors::ParquetError::External(Box::new(full()));
        let csv = csv::Error::from(full());
        let excel = rust_xlsxwriter::XlsxError::IoError(full());
        let duckdb = |words: &str| duckdb::Error::DuckDBFailure(duckdb::ffi::Error::new(1), Some(words.into()));
        let written = duckdb("IO Error: Could not write file \"a.duckdb\": No space left on device");
        let spilled =
            duckdb("Out of Memory Error: failed to offload data block (the 'max_temp_directory_size' setting)");
        let errors: [&(dyn std::error::Error + 'static); 5] = [&parquet, &csv, &excel, &written, &spilled];
        for error in errors {
            let found = Error::of_disk(Path::new("fil"), error).unwrap_or_else(|| panic!("{error} is the disk's"));
            assert_eq!(found.exit_code(), exit::IO, "{error}");
            assert!(found.hint().is_some_and(|hint| hint.starts_with("free space")), "{error}");
        }
        let broken = parquet::errors::ParquetError::General("Invalid Parquet file".into());
        assert!(Error::of_disk(Path::new("fil"), &broken).is_none(), "a broken file is not the disk's");
        assert!(Error::of_disk(Path::new("fil"), &duckdb("Binder Error: no such column")).is_none());
    }
}
