//! One delivery in one pass: decoded, checked and pseudonymised batch by batch; what comes out holds no number.

use super::delivery::{Delivery, ManifestFile, is_multibyte_utf8, survey};
use super::matches::Match;
use super::packed::Packed;
use super::pass::{Pass, filtered};
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
    let Some(manifest) = &delivery.manifest else {
        intake.faults.add(
            Rule::Manifest,
            super::delivery::MANIFEST,
            None,
            None,
            "leverans, uttagsdatum, period, filer",
        );
        return Ok(intake);
    };
    let mut pass = Pass::new(delivery, manifest, context)?;
    // A night stops at the first file that is at fault; `finsam check`, which has no manifest, looks at them all.
    let mut whole = Vec::new();
    for file in &manifest.filer {
        whole.push(survey_file(delivery, file, &mut intake)?);
        if manifest.is_stated() && !intake.is_accepted() {
            return Ok(intake);
        }
    }
    for ((order, file), _) in (0..).zip(&manifest.filer).zip(&whole).filter(|(_, whole)| **whole) {
        let ended = pass.file(delivery, file, order, &mut intake, sink)?;
        if manifest.is_stated() && ended.is_err() {
            return Ok(intake);
        }
    }
    pass.finish(manifest, &mut intake)?;
    Ok(intake)
}

/// Hashes a file; whether its bytes are those that the manifest describes.
fn survey_file(delivery: &Delivery, file: &ManifestFile, intake: &mut Intake) -> Result<bool> {
    let path = delivery.path(file);
    let survey = match survey(&path) {
        Ok(survey) => survey,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            intake.faults.add(Rule::MissingFile, &file.namn, None, None, "the file");
            return Ok(false);
        }
        Err(source) => return Err(Error::Io { path, source }),
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
    let is_as_stated = survey.sha256 == file.sha256.to_ascii_lowercase();
    let is_as_declared = !(is_utf8 && matches!(declared, Some("cp1252" | "iso-8859-1")));
    if !is_as_stated {
        intake.faults.add(Rule::Checksum, &file.namn, None, None, "the sha256 of leverans.yaml");
    } else if !is_as_declared {
        let expected = format!("{}, found UTF-8", declared.unwrap_or_default());
        intake.faults.add(Rule::Encoding, &file.namn, None, None, &expected);
    }
    intake.sha256.insert(file.namn.clone(), survey.sha256);
    Ok(is_as_stated && is_as_declared)
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
