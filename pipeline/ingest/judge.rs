//! What becomes of the rows of one batch: exchanged, minimised, checked; the same on whichever thread.

use super::batch::Batch;
use super::check::{Checked, Checker};
use super::delivery::{Delivery, Manifest};
use super::door::Door;
use super::key_digest::KeyDigest;
use super::reader::Parsed;
use super::sieve::Sieve;
use super::summary::Summary;
use super::take::{Context, Taken};
use super::uniqueness::Digest;
use crate::contract::{Contract, Identity};
use crate::error::{Error, Result};
use crate::fault::{FaultLog, Rule};
use crate::pseudonymise::{Pseudonyms, Qualities};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, StringArray, UInt64Array};
use arrow::compute::{filter, nullif};
use chrono::Datelike;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// Judges the rows of one delivery.
pub(super) struct Judge<'a> {
    pub contract: &'a Contract,
    door: Door,
    checker: Checker,
    keys: Option<KeyDigest>,
    /// Columns to sum: those that the contract names, and those that the manifest does.
    totalled: BTreeSet<String>,
    /// Those of them that are columns of the contract.
    totals: Vec<usize>,
    reference_year: i32,
    /// Whose rows are kept, where the delivery is minimised.
    population: Option<&'a Pseudonyms>,
    context: &'a Context<'a>,
}

/// What was found in some rows that follow each other.
#[derive(Default)]
pub(super) struct Part {
    pub taken: Vec<Taken>,
    pub records: u64,
    pub rejected: u64,
    pub outside: u64,
    pub left_out: u64,
    pub anonymised: u64,
    pub qualities: Qualities,
    pub faults: FaultLog,
    /// In the order of the judge's columns.
    pub totals: Vec<i128>,
    /// Digest of the key, and row, ascending.
    pub keys: Vec<(Digest, u64)>,
    pub stopped: bool,
    /// As [`Parsed`] has them.
    pub summary: Summary,
    pub first: Option<u64>,
    pub spent: Spent,
}

/// Seconds of work, summed over the threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub decode: Duration,
    pub hash: Duration,
    pub check: Duration,
    pub write: Duration,
}

/// As the log has it.
impl std::fmt::Display for Spent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [decode, hash, check, write] =
            [self.decode, self.hash, self.check, self.write].map(|spent| spent.as_secs_f64());
        write!(f, "thread seconds: decode {decode:.2}, hash {hash:.2}, check {check:.2}, write {write:.2}")
    }
}

impl Spent {
    /// Whether it is worth telling.
    pub(super) fn is_long(&self) -> bool {
        self.decode + self.hash + self.check + self.write >= Duration::from_secs(1)
    }

    pub(super) fn add(&mut self, other: Spent) {
        self.decode += other.decode;
        self.hash += other.hash;
        self.check += other.check;
        self.write += other.write;
    }
}

impl<'a> Judge<'a> {
    /// # Errors
    /// [`Error::Contract`] where the contract names a code list that is not there.
    pub fn new(delivery: &'a Delivery, manifest: &Manifest, context: &'a Context<'a>) -> Result<Judge<'a>> {
        let contract: &Contract = &delivery.contract;
        let named = contract.custom.get("kontrollsummor").and_then(serde_yaml_ng::Value::as_sequence);
        let named = named.into_iter().flatten().filter_map(serde_yaml_ng::Value::as_str).map(str::to_owned);
        let totalled: BTreeSet<String> = named.chain(manifest.kontrollsummor.keys().cloned()).collect();
        let is_minimised = contract.custom_text("avgransning") == Some("deltagare");
        let people = context.sets.population.as_ref().filter(|_| is_minimised);
        let mut checker = Checker::new(&delivery.contract, context.catalogue)?;
        if manifest.is_stated() {
            checker.add_period(&manifest.period)?;
        }
        Ok(Judge {
            contract,
            door: Door::of(&delivery.contract, context.catalogue)?,
            checker,
            keys: KeyDigest::new(contract),
            totals: totalled.iter().filter_map(|column| contract.position(column)).collect(),
            totalled,
            reference_year: delivery.uttagsdatum.year(),
            population: people,
            context,
        })
    }

    /// The columns to sum with their sums, of totals in the order of a [`Part`]'s; a sum beyond 64 bits is the
    /// greatest that they hold.
    pub fn totalled(&self, totals: &[i128]) -> Vec<(String, i64)> {
        let names = self.totals.iter().map(|place| self.contract.columns[*place].name.as_str());
        let found: HashMap<&str, i128> = names.zip(totals.iter().copied()).collect();
        let sum = |column: &str| found.get(column).copied().unwrap_or_default();
        let narrowed = |sum: i128| sum.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        self.totalled.iter().map(|column| (column.clone(), narrowed(sum(column)))).collect()
    }

    /// The sieve of the delivery, where its rows are minimised and the numbers of the people are known.
    pub fn sieve(&self) -> Option<Sieve<'_>> {
        let numbers = self.context.sets.numbers.as_ref().filter(|_| self.population.is_some())?;
        Sieve::new(self.contract, numbers, &self.totals, self.keys.as_ref(), self.reference_year)
    }

    /// Judges what was read of a piece.
    ///
    /// # Errors
    /// Trouble that is not the delivery's.
    pub fn part(&self, parsed: Parsed, name: &str) -> Result<Part> {
        let Parsed { batches, sifted, records, faults, stopped, summary, first } = parsed;
        let mut part = Part { records, faults, stopped, summary, first, ..Part::default() };
        part.qualities = sifted.qualities;
        part.outside = sifted.outside;
        part.totals = sifted.totals;
        part.totals.resize(self.totals.len(), 0);
        part.keys = sifted.keys;
        let handed: u64 = batches.iter().map(|batch| batch.rows.len() as u64).sum();
        // A record that was not handed on has the wrong width or number of fields.
        part.rejected = records.saturating_sub(handed + sifted.outside);
        for batch in batches {
            self.batch(batch, name, &mut part)?;
        }
        part.keys.sort_unstable_by_key(|(_, row)| *row);
        Ok(part)
    }

    /// Structure, identity and key on every row; then minimisation; then the other columns of what is kept.
    fn batch(&self, batch: Batch, name: &str, part: &mut Part) -> Result<()> {
        let began = Instant::now();
        let batch = self.door.let_in(batch);
        self.add_totals(&batch, part);
        let mut keep = vec![true; batch.rows.len()];
        let mut pseudonyms = self.exchange(&batch, name, &mut keep, part);
        self.require_key(&batch, name, &mut keep, &mut part.faults);
        let keys = self.keys_of(&batch, &pseudonyms, &keep);
        part.spent.hash += began.elapsed();
        let began = Instant::now();
        let mut sound = keep.clone();
        self.minimise(&mut pseudonyms, &mut keep, part)?;
        let rows = batch.rows.clone();
        if let Some(taken) = self.check(batch, pseudonyms, name, (&keep, &mut sound), part)? {
            part.taken.push(taken);
        }
        part.rejected += sound.iter().filter(|sound| !**sound).count() as u64;
        // A rejected row leaves its key free: the next row of that key is the first that counts.
        let keys = keys.into_iter().zip(rows).zip(&sound).filter(|(_, sound)| **sound);
        part.keys.extend(keys.map(|(key, _)| key));
        part.spent.check += began.elapsed();
        Ok(())
    }

    /// Checks the rows to keep; those at fault are no longer sound.
    fn check(
        &self,
        batch: Batch,
        mut pseudonyms: HashMap<String, FixedSizeBinaryArray>,
        name: &str,
        (keep, sound): (&[bool], &mut [bool]),
        part: &mut Part,
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
        let checked = self.checker.check(&columns, rows.values(), name, &mut part.faults)?;
        for (place, passed) in (0..keep.len()).filter(|place| keep[*place]).zip(checked.keep.iter()) {
            sound[place] = passed == Some(true);
        }
        let Checked { columns, keep } = checked;
        let keep = self.leave_out(&columns, &keep, part);
        let taken = Taken { file: name.to_owned(), rows: rows.clone(), columns, pseudonyms };
        let mut taken = taken.filtered(&keep)?;
        self.anonymise(&mut taken, part)?;
        Ok((!taken.rows.is_empty()).then_some(taken))
    }

    fn add_totals(&self, batch: &Batch, part: &mut Part) {
        for (place, total) in self.totals.iter().zip(&mut part.totals) {
            let numbers = batch.columns[*place].iter().flatten().filter_map(|text| text.parse::<i64>().ok());
            *total += numbers.map(i128::from).sum::<i128>();
        }
    }

    fn exchange(
        &self,
        batch: &Batch,
        name: &str,
        keep: &mut [bool],
        part: &mut Part,
    ) -> HashMap<String, FixedSizeBinaryArray> {
        let mut pseudonyms = HashMap::new();
        for (column, texts) in self.contract.columns.iter().zip(&batch.columns) {
            let Some(kind) = column.identity else { continue };
            let found = self.context.pseudonymiser.exchange(kind, column.issuers, texts, self.reference_year);
            part.qualities.add(&found.qualities);
            for (row, _) in found.defects {
                keep[row] = false;
                let expected = "twelve digits, or ten with - or +";
                part.faults.add(Rule::Identity, name, Some(&column.name), Some(batch.rows[row]), expected);
            }
            if column.required {
                for row in (0..texts.len()).filter(|row| texts.is_null(*row)) {
                    keep[row] = false;
                    part.faults.add(Rule::Missing, name, Some(&column.name), Some(batch.rows[row]), "");
                }
            }
            pseudonyms.insert(column.name.clone(), found.pseudonyms);
        }
        pseudonyms
    }

    fn require_key(&self, batch: &Batch, name: &str, keep: &mut [bool], faults: &mut FaultLog) {
        let plain = |column: &&&crate::contract::Column| column.identity.is_none();
        for column in self.contract.key().iter().filter(plain) {
            let Some(place) = self.contract.position(&column.name) else { continue };
            for (row, keep) in keep.iter_mut().enumerate() {
                if *keep && batch.columns[place].is_null(row) {
                    *keep = false;
                    faults.add(Rule::Missing, name, Some(&column.name), Some(batch.rows[row]), "");
                }
            }
        }
    }

    /// A digest of each row's key; nothing where keys are not compared. That of a row which is rejected already is
    /// not asked for.
    fn keys_of(&self, batch: &Batch, pseudonyms: &HashMap<String, FixedSizeBinaryArray>, keep: &[bool]) -> Vec<Digest> {
        let Some(keys) = &self.keys else { return Vec::new() };
        let exchanged: Vec<_> = self.contract.columns.iter().map(|column| pseudonyms.get(&column.name)).collect();
        let digest = |row: usize| {
            let text = |column: usize| batch.columns[column].value(row);
            let pseudonym = |column: usize| {
                let held = exchanged[column].map(|pseudonyms| pseudonyms.value(row));
                held.and_then(|held| held.try_into().ok()).unwrap_or_default()
            };
            keys.of(self.reference_year, text, pseudonym)
        };
        (0..keep.len()).map(|row| if keep[row] { digest(row) } else { Digest::default() }).collect()
    }

    /// Drops rows about nobody in the population, and clears the other people of rows that are kept.
    fn minimise(
        &self,
        pseudonyms: &mut HashMap<String, FixedSizeBinaryArray>,
        keep: &mut [bool],
        part: &mut Part,
    ) -> Result<()> {
        let Some(population) = self.population else { return Ok(()) };
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
                part.outside += 1;
            }
        }
        Ok(())
    }

    /// Rows of another samverkansform are no fault; they are counted and left out.
    fn leave_out(&self, columns: &HashMap<String, ArrayRef>, keep: &BooleanArray, part: &mut Part) -> BooleanArray {
        let rule = |key| self.contract.custom_key("utelamna", key);
        let (Some(name), Some(wanted)) = (rule("kolumn"), rule("annatAn")) else { return keep.clone() };
        let Some(texts) = columns.get(name).map(|column| column.as_string::<i32>()) else { return keep.clone() };
        keep.iter()
            .zip(texts.iter())
            .map(|(keep, text)| {
                let other = keep == Some(true) && text != Some(wanted);
                part.left_out += u64::from(other);
                Some(keep == Some(true) && !other)
            })
            .collect()
    }

    /// A deltagande without samtycke, or of a protected person, loses its pseudonym (design §4).
    fn anonymise(&self, taken: &mut Taken, part: &mut Part) -> Result<()> {
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
            part.anonymised += hidden.true_count() as u64;
            *pseudonym = cleared(pseudonym, &hidden)?;
        }
        Ok(())
    }
}

pub(super) fn filtered(column: &dyn Array, mask: &BooleanArray) -> Result<ArrayRef> {
    filter(column, mask).map_err(|error| Error::Unexpected(format!("filter a batch: {error}")))
}

fn cleared(column: &FixedSizeBinaryArray, mask: &BooleanArray) -> Result<FixedSizeBinaryArray> {
    let cleared = nullif(column, mask).map_err(|error| Error::Unexpected(format!("clear a column: {error}")))?;
    Ok(cleared.as_fixed_size_binary().clone())
}
