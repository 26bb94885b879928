//! Record keys, of which the cell key method makes the keys of cells: `derived.postnyckel` and `derived.antalsnyckel`.
//!
//! They are made here and not in SQL because they need the key. A record is a person, a deltagande without one, or one
//! of those who were only counted; its key is an even draw below 2³² that hangs on the record and the key alone
//! (`data-contracts/README.md`, Cell keys and rounding).

use crate::contract::{Contract, arrow_schema};
use crate::derive;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::pseudonymise::Pseudonymiser;
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use std::sync::Arc;

/// `derived/<name>.parquet`: what is made beside `sql/derived`, each of one of its tables.
pub const TABLES: [&str; 2] = ["postnyckel", "antalsnyckel"];

/// Between the parts of a record's name; no id holds it.
const BETWEEN: char = '\u{1f}';

/// Makes the tables of keys of what was derived tonight.
///
/// # Errors
/// [`Error::Parquet`] or [`Error::Io`]; [`Error::Broken`] where a derived table is not as its contract says.
pub fn run(job: &Job) -> Result<()> {
    write(job, TABLES[0], "deltagande", &|batch| {
        let (id, person) = (column(batch, "deltagande_id")?, column(batch, "person_id")?);
        let (ids, persons) = (text(&id)?, person.as_fixed_size_binary());
        let key = |row: usize| match persons.is_null(row) {
            false => job.pseudonymiser.record_key("person", persons.value(row)),
            true => job.pseudonymiser.record_key("deltagande", ids.as_string::<i32>().value(row).as_bytes()),
        };
        let keys: Int64Array = (0..batch.num_rows()).map(|row| Some(i64::from(key(row)))).collect();
        Ok(vec![id, Arc::new(keys)])
    })?;
    write(job, TABLES[1], "antal_deltagare", &|batch| {
        let named = ["era_kod", "insats_id", "ar", "slag_kod"].map(|name| column(batch, name));
        let key = named.into_iter().collect::<Result<Vec<ArrayRef>>>()?;
        let texts = key.iter().map(text).collect::<Result<Vec<ArrayRef>>>()?;
        let mut columns = key;
        for counted in ["kvinnor_antal", "man_antal", "okant_kon_antal"] {
            let counts = whole(&column(batch, counted)?)?;
            let counts = counts.as_primitive::<Int64Type>();
            let sum = |row: usize| {
                let parts: Vec<&str> = texts.iter().map(|text| text.as_string::<i32>().value(row)).collect();
                let count = if counts.is_null(row) { 0 } else { counts.value(row) };
                counted_key(
                    &job.pseudonymiser,
                    &format!("{}{BETWEEN}{counted}", parts.join(&BETWEEN.to_string())),
                    count,
                )
            };
            columns.push(Arc::new((0..batch.num_rows()).map(|row| Some(sum(row))).collect::<Int64Array>()));
        }
        Ok(columns)
    })
}

/// The sum of the keys of the first `count` records of a group: one more in a later delivery is one key more.
fn counted_key(pseudonymiser: &Pseudonymiser, group: &str, count: i64) -> i64 {
    let key = |number: i64| pseudonymiser.record_key("antal", format!("{group}{BETWEEN}{number}").as_bytes());
    i64::from((1..=count).map(key).fold(0, u32::wrapping_add))
}

/// A batch of a mart with its cell keys as they are written: digests of the sums that SQL made. A cell of one person
/// would tell that record's key, and two that differ by one person the key of that one.
///
/// # Errors
/// [`Error::Unexpected`] where the column is no whole number.
pub fn sealed(pseudonymiser: &Pseudonymiser, contract: &Contract, batch: RecordBatch) -> Result<RecordBatch> {
    let is_key = |column: &crate::contract::Column| column.custom_text("matt") == Some("cellnyckel");
    let Some(at) = contract.columns.iter().position(is_key) else { return Ok(batch) };
    let sums = whole(batch.column(at))?;
    let digest = |sum: i64| i64::from(pseudonymiser.record_key("cell", &sum.to_be_bytes()));
    let sealed: Int64Array = sums.as_primitive::<Int64Type>().iter().map(|sum| sum.map(digest)).collect();
    let mut columns = batch.columns().to_vec();
    columns[at] = Arc::new(sealed);
    RecordBatch::try_new(batch.schema(), columns).map_err(|error| unexpected(&error))
}

/// Makes one table of another, batch by batch.
fn write(job: &Job, name: &str, of: &str, made: &dyn Fn(&RecordBatch) -> Result<Vec<ArrayRef>>) -> Result<()> {
    let contract = job.catalogue.contract(Layer::Derived, name)?;
    let path = |name: &str| job.layer(Layer::Derived).join(format!("{name}.parquet"));
    let (mut writer, schema) = (derive::writer(job, contract, &path(name))?, arrow_schema(contract));
    for batch in lake::read(&path(of))? {
        let batch = RecordBatch::try_new(schema.clone(), made(&batch?)?);
        writer.write(&batch.map_err(|e| Error::Broken { table: contract.full_name(), reason: e.to_string() })?)?;
    }
    writer.finish().map(|_| ())
}

fn column(batch: &RecordBatch, name: &str) -> Result<ArrayRef> {
    batch.column_by_name(name).cloned().ok_or_else(|| Error::Unexpected(format!("a derived table lacks {name}")))
}

fn text(column: &ArrayRef) -> Result<ArrayRef> {
    cast(column, &DataType::Utf8).map_err(|error| unexpected(&error))
}

fn whole(column: &ArrayRef) -> Result<ArrayRef> {
    cast(column, &DataType::Int64).map_err(|error| unexpected(&error))
}

fn unexpected(error: &dyn std::fmt::Display) -> Error {
    Error::Unexpected(format!("make record keys: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudonymise::Key;

    fn pseudonymiser(secret: u8) -> Pseudonymiser {
        Pseudonymiser::new(&Key::from_bytes(&[secret; 32]).expect("32 bytes are a key"), "finsam")
    }

    #[test]
    fn a_record_key_hangs_on_key_kind_and_record() {
        let key = |secret: u8, kind: &str, record: &[u8]| pseudonymiser(secret).record_key(kind, record);
        let first = key(1, "person", &[7; 16]);
        assert_eq!(first, key(1, "person", &[7; 16]));
        let others = [key(2, "person", &[7; 16]), key(1, "deltagande", &[7; 16]), key(1, "person", &[8; 16])];
        assert!(!others.contains(&first));
    }

    #[test]
    fn one_more_who_is_counted_is_one_key_more() {
        let pseudonymiser = pseudonymiser(1);
        let sums: Vec<i64> = (0..4).map(|count| counted_key(&pseudonymiser, "nya_sus\u{1f}I1", count)).collect();
        assert_eq!(sums[0], 0, "of nobody there is no key");
        let third = i64::from(pseudonymiser.record_key("antal", "nya_sus\u{1f}I1\u{1f}3".as_bytes()));
        assert_eq!((sums[2] + third) % (1 << 32), sums[3]);
        assert_ne!(counted_key(&pseudonymiser, "nya_sus\u{1f}I2", 3), sums[3]);
    }
}
