//! `finsam.toml` in the data root: every key has a default and a meaning, unknown keys are refused.

use crate::contract::Catalogue;
use crate::error::{Error, Result};
use crate::layer::Layer;
use crate::log::Override;
use crate::protect;
use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fs;
use std::path::{Path, PathBuf};

/// The settings file's name.
pub const FILE: &str = "finsam.toml";

/// What may be set. Every field's default stands in [`TEMPLATE`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub domain: String,
    pub key_file: Option<PathBuf>,
    pub threads: usize,
    pub memory_mib: usize,
    pub threshold: i64,
    #[serde(deserialize_with = "day")]
    pub idag: Option<NaiveDate>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { domain: "finsam".into(), key_file: None, threads: 2, memory_mib: 2048, threshold: 5, idag: None }
    }
}

/// What `finsam demo` writes: the defaults, explained.
pub const TEMPLATE: &str = "\
# Settings of finsam. A line that is left out has the value that stands here.

# Name of this production; part of every pseudonym, so changing it means reading all deliveries again.
domain = \"finsam\"

# The key, outside the data root; a relative path starts at the data root. Without it: --key-file,
# or finsam.key in $CREDENTIALS_DIRECTORY.
# key_file = \"../finsam.key\"

# Threads that ingest and DuckDB may use, and memory (MiB) of DuckDB; what does not fit is spilled to spill/.
threads = 2
memory_mib = 2048

# Fewest persons in a cell that is shown. May raise the mart contracts' own threshold, never lower it.
threshold = 5

# The day by which deliveries are late, where they are of another time than ours; without it, the day of the run.
# idag = \"2023-06-30\"
";

/// A day as `YYYY-MM-DD`.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<NaiveDate>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| D::Error::custom("idag is not a day YYYY-MM-DD"))
}

impl Settings {
    /// The threshold that has an effect: what lies under every mart contract's own changes nothing.
    pub fn threshold_in_effect(&self, catalogue: &Catalogue) -> i64 {
        self.threshold.max(lowest_threshold(catalogue))
    }

    /// Where it is higher than the lowest of the mart contracts: told by the log.
    pub fn raised_threshold(&self, catalogue: &Catalogue) -> Option<Override> {
        let (persons, contracts) = (self.threshold, lowest_threshold(catalogue));
        (persons > contracts).then_some(Override::Threshold { persons, contracts })
    }

    /// What is set and has no effect, in one line.
    pub fn without_effect(&self, catalogue: &Catalogue) -> Option<String> {
        let (lowest, set) = (lowest_threshold(catalogue), self.threshold);
        let is_set = set != Settings::default().threshold;
        (is_set && set < lowest).then(|| {
            format!(
                "{FILE}: threshold = {set} has no effect, it is lower than the mart contracts' own (troskel: {lowest})"
            )
        })
    }

    /// Reads the settings of a data root; the defaults where there is no file.
    ///
    /// # Errors
    /// [`Error::Settings`] naming the key that is unknown or out of bounds.
    pub fn read(root: &Path) -> Result<Settings> {
        let path = root.join(FILE);
        let fault = |reason: String| Error::Settings { path: path.clone(), reason };
        let settings = match fs::read_to_string(&path) {
            Ok(text) => toml::from_str::<Settings>(&text).map_err(|e| fault(e.message().to_owned()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Settings::default(),
            Err(source) => return Err(Error::Io { path, source }),
        };
        if settings.domain.is_empty() || settings.domain.contains('\u{1f}') {
            return Err(fault("domain must be a text without control characters".into()));
        }
        if settings.threads == 0 || settings.memory_mib < 128 {
            return Err(fault("threads must be at least 1 and memory_mib at least 128".into()));
        }
        if settings.threshold < 0 {
            return Err(fault("threshold is a number of persons, at least 0".into()));
        }
        Ok(settings)
    }
}

/// The lowest threshold of the marts that are released; a contract that names none has the default.
fn lowest_threshold(catalogue: &Catalogue) -> i64 {
    let marts = catalogue.layer(Layer::Release).filter_map(|release| release.custom_text("mart"));
    let contracts = marts.filter_map(|mart| catalogue.contract(Layer::Mart, mart).ok());
    let thresholds = contracts.map(|mart| protect::threshold(mart));
    thresholds.min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_the_default() {
        assert_eq!(toml::from_str::<Settings>(TEMPLATE).expect("the template is TOML"), Settings::default());
    }

    #[test]
    fn unknown_keys_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "tresholds = 3\n").expect("writable");
        let error = Settings::read(folder.path()).expect_err("an unknown key");
        assert_eq!(error.exit_code(), crate::error::exit::SETTINGS);
    }
}
