//! One delivery in one pass: decoded, checked and pseudonymised batch by batch; what comes out holds no number.

use super::batch::Batch;
use super::check::{Checked, Checker};
use super::delivery::{Delivery, Manifest, UNSTATED, survey};
use super::reader::{Reader, Stop};
use super::sets::Sets;
use super::uniqueness::KeyCheck;
use crate::contract::{Catalogue, Contract, Identity, Kind, Severity};
use crate::error::{Error, Result};
use crate::fault::{FaultLog, Rule};
use crate::job::Progress;
use crate::pseudonymise::Pseudonymiser;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, StringArray, UInt64Array};
use arrow::compute::{filter, nullif};
use chrono::Datelike;
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
    /// Rows about people outside the population: counted, forgotten.
    pub outside: u64,
    /// Rows of another samverkansform: counted, left out.
    pub left_out: u64,
    /// Deltaganden that lost their pseudonym: withdrawn samtycke or skyddade personuppgifter.
    pub anonymised: u64,
    /// Hash of each file, by name.
    pub sha256: BTreeMap<String, String>,
    /// File (by order) and row of every row whose key was there before; already handed to the sink.
    pub repeated: Vec<(String, u64)>,
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
    if survey_files(delivery, manifest, &mut intake)?.is_err() {
        return Ok(intake);
    }
    let mut pass = Pass {
        contract: &delivery.contract,
        checker: Checker::new(&delivery.contract, context.catalogue)?,
        keys: KeyCheck::new(context.spill.clone()),
        totals: manifest.kontrollsummor.keys().map(|column| (column.clone(), 0)).collect(),
        reference_year: delivery.uttagsdatum.year(),
        context,
    };
    for (order, file) in manifest.filer.iter().enumerate() {
        if pass.file(delivery, &file.namn, order as u64, file.rader, &mut intake, sink)?.is_err() {
            return Ok(intake);
        }
    }
    pass.finish(manifest, &mut intake)?;
    Ok(intake)
}

/// Hashes every file; the bytes must be those that the manifest describes.
fn survey_files(
    delivery: &Delivery,
    manifest: &Manifest,
    intake: &mut Intake,
) -> Result<std::result::Result<(), Stop>> {
    for file in &manifest.filer {
        let path = delivery.folder.join(&file.namn);
        let survey = match survey(&path) {
            Ok(survey) => survey,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                intake.faults.add(Rule::MissingFile, &file.namn, None, None, "the file");
                return Ok(Err(Stop));
            }
            Err(source) => return Err(Error::Io { path, source }),
        };
        let declared = delivery.contract.custom_text("teckenkodning");
        if survey.sha256 != file.sha256.to_ascii_lowercase() {
            intake.faults.add(Rule::Checksum, &file.namn, None, None, "the sha256 of leverans.yaml");
        } else if survey.is_multibyte_utf8 && matches!(declared, Some("cp1252" | "iso-8859-1")) {
            let expected = format!("{}, found UTF-8", declared.unwrap_or_default());
            intake.faults.add(Rule::Encoding, &file.namn, None, None, &expected);
        }
        intake.sha256.insert(file.namn.clone(), survey.sha256);
        if !intake.is_accepted() {
            return Ok(Err(Stop));
        }
    }
    Ok(Ok(()))
}

struct Pass<'a> {
    contract: &'a Contract,
    checker: Checker,
    keys: KeyCheck,
    totals: BTreeMap<String, i64>,
    reference_year: i32,
    context: &'a Context<'a>,
}

/// Rows of one file are told apart from those of the next by the high bits of their place.
const FILE_SHIFT: u32 = 44;

impl Pass<'_> {
    fn file(
        &mut self,
        delivery: &Delivery,
        name: &str,
        order: u64,
        declared: u64,
        intake: &mut Intake,
        sink: &mut dyn FnMut(Taken) -> Result<()>,
    ) -> Result<std::result::Result<(), Stop>> {
        let path = delivery.folder.join(name);
        let Ok(mut reader) = Reader::open(self.contract, &path, name, &mut intake.faults) else {
            return Ok(Err(Stop));
        };
        loop {
            let batch = match reader.next(&mut intake.faults) {
                Ok(Some(batch)) => batch,
                Ok(None) => break,
                Err(Stop) => return Ok(Err(Stop)),
            };
            self.context.progress.advance(batch.rows.len() as u64);
            if let Some(taken) = self.batch(batch, name, order, intake)? {
                intake.kept += taken.rows.len() as u64;
                sink(taken)?;
            }
        }
        intake.rows += reader.records();
        if declared != UNSTATED && reader.records() != declared {
            let expected = format!("{declared} rows as leverans.yaml says");
            intake.faults.add(Rule::RowCount, name, None, None, &expected);
            return Ok(Err(Stop));
        }
        Ok(Ok(()))
    }

    /// Structure, identity and key on every row; then minimisation; then the other columns of what is kept.
    fn batch(&mut self, batch: Batch, name: &str, order: u64, intake: &mut Intake) -> Result<Option<Taken>> {
        self.add_totals(&batch);
        let mut keep = vec![true; batch.rows.len()];
        let mut pseudonyms = self.exchange(&batch, name, &mut keep, intake);
        self.require_key(&batch, name, &mut keep, intake);
        self.note_keys(&batch, &pseudonyms, &keep, order)?;
        self.minimise(&mut pseudonyms, &mut keep, intake)?;
        if !keep.iter().any(|keep| *keep) {
            return Ok(None);
        }
        let mask = BooleanArray::from(keep);
        let rows = UInt64Array::from(batch.rows);
        let rows = filtered(&rows, &mask)?;
        let rows = rows.as_primitive::<arrow::datatypes::UInt64Type>();
        let columns: Vec<StringArray> = batch
            .columns
            .iter()
            .map(|column| filtered(column, &mask).map(|column| column.as_string::<i32>().clone()))
            .collect::<Result<_>>()?;
        for column in pseudonyms.values_mut() {
            *column = filtered(column, &mask)?.as_fixed_size_binary().clone();
        }
        let Checked { columns, keep } = self.checker.check(&columns, rows.values(), name, &mut intake.faults)?;
        let keep = self.leave_out(&columns, &keep, intake);
        let taken = Taken { file: name.to_owned(), rows: rows.clone(), columns, pseudonyms };
        let mut taken = taken.filtered(&keep)?;
        self.anonymise(&mut taken, intake)?;
        Ok((!taken.rows.is_empty()).then_some(taken))
    }

    fn add_totals(&mut self, batch: &Batch) {
        for (name, total) in &mut self.totals {
            if let Some(place) = self.contract.position(name) {
                let numbers = batch.columns[place].iter().flatten().filter_map(|text| text.parse::<i64>().ok());
                *total = numbers.fold(*total, i64::saturating_add);
            }
        }
    }

    fn exchange(
        &self,
        batch: &Batch,
        name: &str,
        keep: &mut [bool],
        intake: &mut Intake,
    ) -> HashMap<String, FixedSizeBinaryArray> {
        let mut pseudonyms = HashMap::new();
        for (column, texts) in self.contract.columns.iter().zip(&batch.columns) {
            let Some(kind) = column.identity else { continue };
            let (exchanged, defects) = self.context.pseudonymiser.exchange(kind, texts, self.reference_year);
            for (row, _) in defects {
                keep[row] = false;
                let expected = "twelve digits, or ten with - or +";
                intake.faults.add(Rule::Identity, name, Some(&column.name), Some(batch.rows[row]), expected);
            }
            if column.required {
                for row in (0..texts.len()).filter(|row| texts.is_null(*row)) {
                    keep[row] = false;
                    intake.faults.add(Rule::Missing, name, Some(&column.name), Some(batch.rows[row]), "");
                }
            }
            pseudonyms.insert(column.name.clone(), exchanged);
        }
        pseudonyms
    }

    fn require_key(&self, batch: &Batch, name: &str, keep: &mut [bool], intake: &mut Intake) {
        let plain = |column: &&&crate::contract::Column| column.identity.is_none();
        for column in self.contract.key().iter().filter(plain) {
            let Some(place) = self.contract.position(&column.name) else { continue };
            for (row, keep) in keep.iter_mut().enumerate() {
                if *keep && batch.columns[place].is_null(row) {
                    *keep = false;
                    intake.faults.add(Rule::Missing, name, Some(&column.name), Some(batch.rows[row]), "");
                }
            }
        }
    }

    fn note_keys(
        &mut self,
        batch: &Batch,
        pseudonyms: &HashMap<String, FixedSizeBinaryArray>,
        keep: &[bool],
        order: u64,
    ) -> Result<()> {
        let key: Vec<(usize, Option<&FixedSizeBinaryArray>)> = self
            .contract
            .key()
            .iter()
            .filter_map(|column| Some((self.contract.position(&column.name)?, pseudonyms.get(&column.name))))
            .collect();
        if key.is_empty() {
            return Ok(());
        }
        let mut message = Vec::new();
        for row in (0..keep.len()).filter(|row| keep[*row]) {
            message.clear();
            for (place, pseudonym) in &key {
                let text = batch.columns[*place].value(row);
                let is_whole = matches!(self.contract.columns[*place].kind, Kind::Integer | Kind::Long);
                match (pseudonym, text.parse::<i64>()) {
                    (Some(pseudonym), _) => message.extend_from_slice(pseudonym.value(row)),
                    // 1 and 01 are one month, in the file as in core.
                    (None, Ok(number)) if is_whole => message.extend_from_slice(&number.to_be_bytes()),
                    (None, _) => message.extend_from_slice(text.as_bytes()),
                }
                message.push(0x1f);
            }
            let digest = self.context.pseudonymiser.row_digest(&message);
            self.keys.add(digest, (order << FILE_SHIFT) | batch.rows[row])?;
        }
        Ok(())
    }

    /// Drops rows about nobody in the population, and clears the other people of rows that are kept.
    fn minimise(
        &self,
        pseudonyms: &mut HashMap<String, FixedSizeBinaryArray>,
        keep: &mut [bool],
        intake: &mut Intake,
    ) -> Result<()> {
        let Some(population) = &self.context.sets.population else { return Ok(()) };
        if self.contract.custom_text("avgransning") != Some("deltagare") {
            return Ok(());
        }
        let mut known = vec![false; keep.len()];
        for column in self.contract.columns.iter().filter(|column| column.identity == Some(Identity::Person)) {
            let Some(pseudonym) = pseudonyms.get_mut(&column.name) else { continue };
            let others: BooleanArray = (0..pseudonym.len())
                .map(|row| {
                    let is_known = pseudonym.is_valid(row)
                        && <[u8; 16]>::try_from(pseudonym.value(row)).is_ok_and(|p| population.contains(&p));
                    known[row] |= is_known;
                    Some(!is_known)
                })
                .collect();
            *pseudonym = cleared(pseudonym, &others)?;
        }
        for (keep, known) in keep.iter_mut().zip(&known) {
            if *keep && !known {
                *keep = false;
                intake.outside += 1;
            }
        }
        Ok(())
    }

    /// Rows of another samverkansform are no fault; they are counted and left out.
    fn leave_out(&self, columns: &HashMap<String, ArrayRef>, keep: &BooleanArray, intake: &mut Intake) -> BooleanArray {
        let rule = |key| self.contract.custom_key("utelamna", key);
        let (Some(name), Some(wanted)) = (rule("kolumn"), rule("annatAn")) else { return keep.clone() };
        let Some(texts) = columns.get(name).map(|column| column.as_string::<i32>()) else { return keep.clone() };
        keep.iter()
            .zip(texts.iter())
            .map(|(keep, text)| {
                let other = keep == Some(true) && text != Some(wanted);
                intake.left_out += u64::from(other);
                Some(keep == Some(true) && !other)
            })
            .collect()
    }

    /// A deltagande without samtycke, or of a protected person, loses its pseudonym (design §4).
    fn anonymise(&self, taken: &mut Taken, intake: &mut Intake) -> Result<()> {
        if self.contract.custom_text("roll") != Some("population") {
            return Ok(());
        }
        let ids = taken.columns.get("deltagande_id").map(|column| column.as_string::<i32>().clone());
        for pseudonym in taken.pseudonyms.values_mut() {
            let sets = self.context.sets;
            let hidden: BooleanArray = (0..pseudonym.len())
                .map(|row| {
                    let is_withdrawn = ids.as_ref().is_some_and(|ids| sets.withdrawn.contains(ids.value(row)));
                    let is_protected = pseudonym.is_valid(row)
                        && <[u8; 16]>::try_from(pseudonym.value(row)).is_ok_and(|p| sets.protected.contains(&p));
                    Some(is_withdrawn || is_protected)
                })
                .collect();
            intake.anonymised += hidden.true_count() as u64;
            *pseudonym = cleared(pseudonym, &hidden)?;
        }
        Ok(())
    }

    fn finish(self, manifest: &Manifest, intake: &mut Intake) -> Result<()> {
        let stated = manifest.filer.iter().all(|file| file.rader != UNSTATED);
        let named = self.contract.custom.get("kontrollsummor").and_then(serde_yaml_ng::Value::as_sequence);
        for column in named.into_iter().flatten().filter_map(serde_yaml_ng::Value::as_str) {
            if stated && !self.totals.contains_key(column) {
                intake.faults.add(Rule::ControlTotal, super::delivery::MANIFEST, Some(column), None, "a stated total");
            }
        }
        for (column, total) in &self.totals {
            if manifest.kontrollsummor.get(column) != Some(total) {
                intake.faults.add(
                    Rule::ControlTotal,
                    super::delivery::MANIFEST,
                    Some(column),
                    None,
                    "the stated total",
                );
            }
        }
        for place in self.keys.finish()? {
            let (order, row) = (place >> FILE_SHIFT, place & ((1 << FILE_SHIFT) - 1));
            let name = manifest.filer.get(order as usize).map(|file| file.namn.clone()).unwrap_or_default();
            let key: Vec<&str> = self.contract.key().iter().map(|column| column.name.as_str()).collect();
            intake.faults.add(Rule::Duplicate, &name, Some(&key.join("+")), Some(row), "a key that is there once");
            intake.repeated.push((name, row));
        }
        if intake.rows == 0 && !self.contract.custom_flag("tomTillaten") {
            intake.faults.add(Rule::Empty, super::delivery::MANIFEST, None, None, "at least one row");
        }
        let rejects = intake.faults.total(Severity::Reject);
        let limit = self.contract.custom_number("avvisadeHogstPromille").unwrap_or(0).unsigned_abs();
        if rejects * 1000 > limit * intake.rows {
            let expected = format!("at most {limit} of 1000 rows at fault");
            intake.faults.add(Rule::Tolerance, super::delivery::MANIFEST, None, None, &expected);
        }
        Ok(())
    }
}

impl Taken {
    fn filtered(self, keep: &BooleanArray) -> Result<Taken> {
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

fn filtered(column: &dyn Array, mask: &BooleanArray) -> Result<ArrayRef> {
    filter(column, mask).map_err(|error| Error::Unexpected(format!("filter a batch: {error}")))
}

fn cleared(column: &FixedSizeBinaryArray, mask: &BooleanArray) -> Result<FixedSizeBinaryArray> {
    let cleared = nullif(column, mask).map_err(|error| Error::Unexpected(format!("clear a column: {error}")))?;
    Ok(cleared.as_fixed_size_binary().clone())
}
