//! One delivery in one pass: decoded, checked and pseudonymised batch by batch; what comes out holds no number.

use super::delivery::{Delivery, MANIFEST, ManifestFile, is_multibyte_utf8, survey};
use super::judge::{Part, Spent, filtered};
use super::matches::Match;
use super::packed::Packed;
use super::pass::Pass;
use super::sets::Sets;
use crate::contract::{Catalogue, Format, unpacked_name};
use crate::error::{Error, Result};
use crate::fault::{FaultLog, Rule};
use crate::job::Progress;
use crate::pseudonymise::{Pseudonymiser, Qualities};
use arrow::array::{ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, UInt64Array};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// What taking a delivery needs.
pub struct Context<'a> {
    pub catalogue: &'a Catalogue,
    pub pseudonymiser: &'a Pseudonymiser,
    pub sets: &'a Sets,
    /// A folder of this delivery's own under `spill/`.
    pub spill: PathBuf,
    pub progress: &'a Progress,
    /// Threads that read and judge; what comes out is the same whatever their number.
    pub threads: usize,
    /// Bytes of text that are read and judged at a time ([`BLOCK`]); what comes out is the same whatever their number.
    pub block: usize,
}

/// Rows that passed: typed, with pseudonyms in place of numbers.
pub struct Taken {
    pub file: String,
    pub rows: UInt64Array,
    /// By delivery column; no identity column among them.
    pub columns: HashMap<String, ArrayRef>,
    /// By the delivery column that held the number.
    pub pseudonyms: HashMap<String, FixedSizeBinaryArray>,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Intake {
    pub faults: FaultLog,
    pub rows: u64,
    pub kept: u64,
    /// Rows left out because something in them is at fault, however many things.
    pub rejected: u64,
    /// By file, in the order of reading.
    pub files: Vec<FileTally>,
    /// Rows about people outside the population: counted, forgotten.
    pub outside: u64,
    /// Rows of another samverkansform: counted, left out.
    pub left_out: u64,
    /// Deltaganden that lost their pseudonym: withdrawn samtycke or skyddade personuppgifter.
    pub anonymised: u64,
    /// The numbers of all rows, kept or not.
    pub qualities: Qualities,
    /// The people of SUS whom it knows, where it is minimised to them.
    pub matched: Option<Match>,
    /// By column.
    pub totals: BTreeMap<String, ControlTotal>,
    /// Hash of each file, by name.
    pub sha256: BTreeMap<String, String>,
    /// The place of every row whose key was there before (see `uniqueness`), ascending; already handed to the sink.
    pub repeated: Vec<u64>,
    /// Where the time went.
    pub spent: Spent,
}

/// The sum of a column over all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlTotal {
    /// As `leverans.yaml` has it; none where it has none.
    pub stated: Option<i64>,
    pub found: i64,
}

/// What was found in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTally {
    pub name: String,
    pub rows: u64,
    pub rejected: u64,
}

impl Intake {
    /// Counts what was found in the next rows; the rows themselves are handed on before.
    pub(super) fn add(&mut self, part: Part) {
        self.rejected += part.rejected;
        self.outside += part.outside;
        self.left_out += part.left_out;
        self.anonymised += part.anonymised;
        self.qualities.add(&part.qualities);
        self.faults.add_log(part.faults);
        self.spent.add(part.spent);
    }

    pub fn is_accepted(&self) -> bool {
        self.faults.stop().is_none()
    }
}

/// Takes a delivery; `sink` receives each batch of rows that passed.
///
/// # Errors
/// What the sink returns, or trouble that is not the delivery's; the delivery's own faults are in the [`Intake`].
pub fn take(delivery: &Delivery, context: &Context<'_>, sink: &mut dyn FnMut(Taken) -> Result<()>) -> Result<Intake> {
    let mut intake = Intake::default();
    let manifest = match &delivery.manifest {
        Ok(manifest) => manifest,
        Err(misstated) => {
            intake.faults.add(Rule::Manifest, MANIFEST, None, None, misstated.expected());
            if let Some(hint) = misstated.hint() {
                intake.faults.hint(Rule::Manifest, MANIFEST, None, hint.to_owned());
            }
            return Ok(intake);
        }
    };
    let mut pass = Pass::new(delivery, manifest, context)?;
    let mut surveys = Intake::default();
    let mut ended = Ok(());
    for (order, file) in (0..).zip(&manifest.filer) {
        // The first file that cannot be read ends a night; the others are hashed alone.
        let survey = || survey_file(delivery, file);
        let surveyed = if ended.is_err() && manifest.is_stated() {
            survey()?
        } else if manifest.is_stated() {
            // Whether the bytes are those that were sent is known when they have been read: until then nothing of
            // what is read counts.
            let (surveyed, read) = std::thread::scope(|scope| {
                let surveying = scope.spawn(survey);
                let read = pass.file(delivery, file, order, &mut intake, sink);
                let surveyed = surveying.join();
                (surveyed.unwrap_or_else(|_| Err(Error::Unexpected("a file could not be hashed".into()))), read)
            });
            ended = read?;
            surveyed?
        } else {
            let surveyed = survey()?;
            if surveyed.faults.is_empty() {
                let _ = pass.file(delivery, file, order, &mut intake, sink)?;
            }
            surveyed
        };
        let stop = manifest.is_stated() && !surveyed.faults.is_empty();
        surveys.sha256.extend(surveyed.sha256);
        surveys.faults.add_log(surveyed.faults);
        if stop {
            return Ok(surveys);
        }
    }
    intake.sha256 = surveys.sha256;
    intake.faults.add_log(surveys.faults);
    if manifest.is_stated() && ended.is_err() {
        return Ok(intake);
    }
    pass.finish(manifest, &mut intake)?;
    Ok(intake)
}

/// Hashes a file, and looks whether its bytes are those that the manifest describes; in an [`Intake`] of its own.
fn survey_file(delivery: &Delivery, file: &ManifestFile) -> Result<Intake> {
    let mut found = Intake::default();
    let path = delivery.path(file);
    let survey = match survey(&path) {
        Ok(survey) => survey,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            found.faults.add(Rule::MissingFile, &file.namn, None, None, "the file");
            return Ok(found);
        }
        // A folder, a FIFO, a file that nobody may read: the other deliveries are no worse for it.
        Err(_) => {
            found.faults.add(Rule::Unreadable, &file.namn, None, None, "a readable file");
            return Ok(found);
        }
    };
    let is_text = delivery.contract.format_of(&file.namn)?.is_some_and(Format::is_text);
    let declared = delivery.contract.custom_text("teckenkodning").filter(|_| is_text);
    // What a broken packing holds is not known here; its reader says so.
    let is_utf8 = match unpacked_name(&file.namn) {
        (Some(_), _) if is_text => {
            Packed::open(&path).is_ok_and(|text| is_multibyte_utf8(text, |_| ()).unwrap_or(false))
        }
        _ => survey.is_multibyte_utf8,
    };
    if survey.sha256 != file.sha256.to_ascii_lowercase() {
        found.faults.add(Rule::Checksum, &file.namn, None, None, "the sha256 of leverans.yaml");
    } else if is_utf8 && matches!(declared, Some("cp1252" | "iso-8859-1")) {
        let expected = format!("{}, found UTF-8", declared.unwrap_or_default());
        found.faults.add(Rule::Encoding, &file.namn, None, None, &expected);
    }
    found.sha256.insert(file.namn.clone(), survey.sha256);
    Ok(found)
}

impl Taken {
    /// The rows to keep.
    pub(super) fn filtered(self, keep: &BooleanArray) -> Result<Taken> {
        if keep.true_count() == keep.len() {
            return Ok(self);
        }
        let rows = filtered(&self.rows, keep)?;
        let columns = self.columns.into_iter().map(|(name, column)| Ok((name, filtered(&column, keep)?)));
        let pseudonyms = self
            .pseudonyms
            .into_iter()
            .map(|(name, column)| Ok((name, filtered(&column, keep)?.as_fixed_size_binary().clone())));
        Ok(Taken {
            file: self.file,
            rows: rows.as_primitive::<arrow::datatypes::UInt64Type>().clone(),
            columns: columns.collect::<Result<_>>()?,
            pseudonyms: pseudonyms.collect::<Result<_>>()?,
        })
    }
}
