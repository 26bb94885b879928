//! The rows of one delivery, batch by batch: exchanged, minimised, checked, and counted by what became of them.

use super::batch::Batch;
use super::check::{Checked, Checker};
use super::delivery::{Delivery, MANIFEST, Manifest, ManifestFile, UNSTATED};
use super::door::Door;
use super::layout::Layout;
use super::reader::{Reader, Stop};
use super::take::{Context, ControlTotal, FileTally, Intake, Taken};
use super::uniqueness::{KeyCheck, order_and_row, place};
use crate::contract::{Contract, Format, Identity, Kind};
use crate::error::{Error, Result};
use crate::fault::{Place, ROWS_KEPT, Rule};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, StringArray, UInt64Array};
use arrow::compute::{filter, nullif};
use chrono::Datelike;
use std::collections::{BTreeMap, HashMap};

pub(super) struct Pass<'a> {
    contract: &'a Contract,
    door: Door,
    checker: Checker,
    keys: KeyCheck,
    totals: BTreeMap<String, i64>,
    reference_year: i32,
    context: &'a Context<'a>,
}

impl<'a> Pass<'a> {
    /// # Errors
    /// [`Error::Contract`] where the contract names a code list that is not there.
    pub fn new(delivery: &'a Delivery, manifest: &Manifest, context: &'a Context<'a>) -> Result<Pass<'a>> {
        Ok(Pass {
            contract: &delivery.contract,
            door: Door::of(&delivery.contract, context.catalogue)?,
            checker: Checker::new(&delivery.contract, context.catalogue)?,
            keys: KeyCheck::new(context.spill.clone()),
            totals: totals(&delivery.contract, manifest),
            reference_year: delivery.uttagsdatum.year(),
            context,
        })
    }

    /// One file; `order` is its place among the delivery's.
    ///
    /// # Errors
    /// [`Error::Contract`] where the contract lacks its own layout, and the sink's own.
    pub fn file(
        &mut self,
        delivery: &Delivery,
        file: &ManifestFile,
        order: u64,
        intake: &mut Intake,
        sink: &mut dyn FnMut(Taken) -> Result<()>,
    ) -> Result<std::result::Result<(), Stop>> {
        let Some(layout) = Layout::of(self.contract, &file.namn)? else {
            let names: Vec<&str> = self.contract.formats()?.into_iter().map(Format::name).collect();
            let expected = format!("a file of the contract's formats: {}; text alone packed", names.join(", "));
            intake.faults.add(Rule::Unreadable, &file.namn, None, None, &expected);
            return Ok(Err(Stop));
        };
        let path = delivery.path(file);
        let Ok(mut reader) = Reader::open(self.contract, &layout, &path, &file.namn, &mut intake.faults) else {
            return Ok(Err(Stop));
        };
        let (mut handed, rejected_before) = (0, intake.rejected);
        let ended = loop {
            let batch = match reader.next(&mut intake.faults) {
                Ok(Some(batch)) => batch,
                Ok(None) => break Ok(()),
                Err(Stop) => break Err(Stop),
            };
            handed += batch.rows.len() as u64;
            self.context.progress.advance(batch.rows.len() as u64);
            if let Some(taken) = self.batch(batch, &file.namn, order, intake)? {
                intake.kept += taken.rows.len() as u64;
                sink(taken)?;
            }
        };
        // A record that the reader did not hand on has the wrong width or number of fields.
        intake.rejected += reader.records() - handed;
        intake.rows += reader.records();
        let rejected = intake.rejected - rejected_before;
        intake.files.push(FileTally { name: file.namn.clone(), rows: reader.records(), rejected });
        if ended.is_ok() && file.rader != UNSTATED && reader.records() != file.rader {
            let expected = format!("{} rows as leverans.yaml says", file.rader);
            intake.faults.add(Rule::RowCount, &file.namn, None, None, &expected);
            return Ok(Err(Stop));
        }
        Ok(ended)
    }

    /// Structure, identity and key on every row; then minimisation; then the other columns of what is kept.
    fn batch(&mut self, batch: Batch, name: &str, order: u64, intake: &mut Intake) -> Result<Option<Taken>> {
        let batch = self.door.let_in(batch);
        self.add_totals(&batch);
        let mut keep = vec![true; batch.rows.len()];
        let mut pseudonyms = self.exchange(&batch, name, &mut keep, intake);
        self.require_key(&batch, name, &mut keep, intake);
        let keys = self.keys_of(&batch, &pseudonyms, &keep);
        let mut sound = keep.clone();
        self.minimise(&mut pseudonyms, &mut keep, intake)?;
        let places: Vec<u64> = batch.rows.iter().map(|row| place(order, *row)).collect();
        let taken = self.check(batch, pseudonyms, name, (&keep, &mut sound), intake)?;
        intake.rejected += sound.iter().filter(|sound| !**sound).count() as u64;
        // A rejected row leaves its key free: the next row of that key is the first that counts.
        for ((key, place), _) in keys.into_iter().zip(places).zip(&sound).filter(|(_, sound)| **sound) {
            if let Some(digest) = key {
                self.keys.add(digest, place)?;
            }
        }
        Ok(taken)
    }

    /// Checks the rows to keep; those at fault are no longer sound.
    fn check(
        &self,
        batch: Batch,
        mut pseudonyms: HashMap<String, FixedSizeBinaryArray>,
        name: &str,
        (keep, sound): (&[bool], &mut [bool]),
        intake: &mut Intake,
    ) -> Result<Option<Taken>> {
        if !keep.iter().any(|keep| *keep) {
            return Ok(None);
        }
        let mask = BooleanArray::from(keep.to_vec());
        let rows = filtered(&UInt64Array::from(batch.rows), &mask)?;
        let rows = rows.as_primitive::<arrow::datatypes::UInt64Type>();
        let columns: Vec<StringArray> = batch
            .columns
            .iter()
            .map(|column| filtered(column, &mask).map(|column| column.as_string::<i32>().clone()))
            .collect::<Result<_>>()?;
        drop(batch.columns);
        for column in pseudonyms.values_mut() {
            *column = filtered(column, &mask)?.as_fixed_size_binary().clone();
        }
        let checked = self.checker.check(&columns, rows.values(), name, &mut intake.faults)?;
        for (place, passed) in (0..keep.len()).filter(|place| keep[*place]).zip(checked.keep.iter()) {
            sound[place] = passed == Some(true);
        }
        let Checked { columns, keep } = checked;
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
            let found = self.context.pseudonymiser.exchange(kind, column.issuers, texts, self.reference_year);
            intake.qualities.add(&found.qualities);
            for (row, _) in found.defects {
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
            pseudonyms.insert(column.name.clone(), found.pseudonyms);
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

    /// A keyed digest of each row's key; nothing where the row is rejected already, or the contract has no key.
    fn keys_of(
        &self,
        batch: &Batch,
        pseudonyms: &HashMap<String, FixedSizeBinaryArray>,
        keep: &[bool],
    ) -> Vec<Option<[u8; 16]>> {
        let key: Vec<(usize, Option<&FixedSizeBinaryArray>)> = self
            .contract
            .key()
            .iter()
            .filter_map(|column| Some((self.contract.position(&column.name)?, pseudonyms.get(&column.name))))
            .collect();
        let mut message = Vec::new();
        let mut digest = |row: usize| {
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
            self.context.pseudonymiser.row_digest(&message)
        };
        let is_asked = !key.is_empty() && !self.contract.last_row_counts();
        (0..keep.len()).map(|row| (keep[row] && is_asked).then(|| digest(row))).collect()
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
            let entry = |bytes: &[u8]| self.context.pseudonymiser.list_digest(bytes);
            let is_withdrawn = |id: &str| sets.withdrawn.contains(&entry(id.as_bytes()));
            let hidden: BooleanArray = (0..pseudonym.len())
                .map(|row| {
                    let is_withdrawn = ids.as_ref().is_some_and(|ids| is_withdrawn(ids.value(row)));
                    let is_protected = pseudonym.is_valid(row) && sets.protected.contains(&entry(pseudonym.value(row)));
                    Some(is_withdrawn || is_protected)
                })
                .collect();
            intake.anonymised += hidden.true_count() as u64;
            *pseudonym = cleared(pseudonym, &hidden)?;
        }
        Ok(())
    }

    /// What only the whole delivery can tell: totals, repeated keys, and whether too many rows are at fault.
    pub fn finish(self, manifest: &Manifest, intake: &mut Intake) -> Result<()> {
        // A record that could not be split is a fault of its own; the total that it lacks is not one more.
        let is_split = |(place, _): (&Place, _)| !matches!(place.rule, Rule::FieldCount | Rule::LineWidth);
        let is_whole = intake.faults.iter().all(is_split);
        for (column, found) in self.totals {
            let stated = manifest.kontrollsummor.get(&column).copied();
            if manifest.is_stated() && stated != Some(found) && (is_whole || stated.is_none()) {
                let expected = if stated.is_some() { "the stated total" } else { "a stated total" };
                intake.faults.add(Rule::ControlTotal, MANIFEST, Some(&column), None, expected);
            }
            intake.totals.insert(column, ControlTotal { stated, found });
        }
        let key: Vec<&str> = self.contract.key().iter().map(|column| column.name.as_str()).collect();
        let key = key.join("+");
        let limit = self.contract.custom_number("avvisadeHogstPromille").unwrap_or(0).unsigned_abs();
        // With more repeats than are tolerated the delivery is refused, and only the first of them are told.
        let tolerated = usize::try_from(intake.rows.saturating_mul(limit) / 1000).unwrap_or(usize::MAX);
        let repeats = self.keys.finish(tolerated.max(ROWS_KEPT))?;
        for (order, count) in &repeats.by_file {
            let name = manifest.filer.get(*order as usize).map_or("", |file| file.namn.as_str());
            let rows = repeats.places.iter().map(|place| order_and_row(*place)).filter(|(at, _)| at == order);
            let rows = rows.map(|(_, row)| row).take(ROWS_KEPT);
            intake.faults.add_all(Rule::Duplicate, name, &key, rows, *count, "a key that is there once");
            intake.rejected += count;
            if let Some(tally) = intake.files.iter_mut().find(|tally| tally.name == name) {
                tally.rejected += count;
            }
        }
        intake.repeated = repeats.places;
        if intake.rows == 0 && intake.is_accepted() && !self.contract.custom_flag("tomTillaten") {
            intake.faults.add(Rule::Empty, MANIFEST, None, None, "at least one row");
        }
        // `finsam check` looks on after a file that cannot be read; what it lacks is told already.
        let is_read = intake.faults.stop().is_none_or(|place| place.rule >= Rule::RowCount);
        if is_read && intake.rejected * 1000 > limit * intake.rows {
            let expected = format!("at most {limit} of 1000 rows at fault");
            intake.faults.add(Rule::Tolerance, MANIFEST, None, None, &expected);
        }
        Ok(())
    }
}

/// The columns to sum: those that the contract names, and those that the manifest does.
fn totals(contract: &Contract, manifest: &Manifest) -> BTreeMap<String, i64> {
    let named = contract.custom.get("kontrollsummor").and_then(serde_yaml_ng::Value::as_sequence);
    let named = named.into_iter().flatten().filter_map(serde_yaml_ng::Value::as_str).map(str::to_owned);
    named.chain(manifest.kontrollsummor.keys().cloned()).map(|column| (column, 0)).collect()
}

pub(super) fn filtered(column: &dyn Array, mask: &BooleanArray) -> Result<ArrayRef> {
    filter(column, mask).map_err(|error| Error::Unexpected(format!("filter a batch: {error}")))
}

fn cleared(column: &FixedSizeBinaryArray, mask: &BooleanArray) -> Result<FixedSizeBinaryArray> {
    let cleared = nullif(column, mask).map_err(|error| Error::Unexpected(format!("clear a column: {error}")))?;
    Ok(cleared.as_fixed_size_binary().clone())
}
