//! Parquet extracts: untrusted input. A file that makes the reader panic is a file that cannot be read.

use super::batch::{Batch, BatchBuilder, ROWS};
use super::header::match_header;
use super::parquet_claims::look_at;
use super::reader::Stop;
use crate::contract::{Contract, DateForm, Kind};
use crate::fault::{FaultLog, Rule};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use chrono::NaiveDate;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A Parquet file being read.
pub struct Columnar {
    name: String,
    input: ParquetRecordBatchReader,
    builder: BatchBuilder,
    /// For each contract column its place in the projection, and whether a date must be written in its form.
    places: Vec<(usize, Option<DateForm>)>,
    records: u64,
}

impl Columnar {
    pub fn open(contract: &Contract, path: &Path, name: &str, faults: &mut FaultLog) -> Result<Columnar, Stop> {
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let mut file = File::open(path).ok()?;
            look_at(&mut file).ok()?;
            // The types are Parquet's own: what another program noted of its types is no promise.
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).ok()
        }));
        let Ok(Some(builder)) = opened else {
            faults.add(Rule::Unreadable, name, None, None, "a Parquet file");
            return Err(Stop);
        };
        let schema = builder.schema().clone();
        let header: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let roots = match_header(contract, &header, name, 1, faults)?;
        let mut sound = true;
        for (column, root) in contract.columns.iter().zip(&roots) {
            let held = schema.field(*root).data_type();
            if !is_readable(held) {
                faults.add(Rule::ColumnType, name, Some(&column.name), None, "text, number or date");
                sound = false;
            }
        }
        let mut projected = roots.clone();
        projected.sort_unstable();
        projected.dedup();
        let mask = ProjectionMask::roots(builder.parquet_schema(), projected.iter().copied());
        let places = contract
            .columns
            .iter()
            .zip(&roots)
            .map(|(column, root)| {
                let is_date = matches!(schema.field(*root).data_type(), DataType::Date32 | DataType::Timestamp(..));
                let form = (is_date && column.kind == Kind::Date).then_some(column.date_form);
                (projected.iter().position(|p| p == root).unwrap_or_default(), form)
            })
            .collect();
        let input = builder.with_projection(mask).with_batch_size(ROWS).build();
        match input {
            Ok(input) if sound => {
                let name = name.to_owned();
                Ok(Columnar { name, input, builder: BatchBuilder::new(contract), places, records: 0 })
            }
            Ok(_) => Err(Stop),
            Err(_) => {
                faults.add(Rule::Unreadable, name, None, None, "a Parquet file");
                Err(Stop)
            }
        }
    }

    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        let read = catch_unwind(AssertUnwindSafe(|| match self.input.next() {
            None => Some(None),
            Some(Ok(batch)) => Some(Some(batch)),
            Some(Err(_)) => None,
        }));
        let batch = match read {
            Ok(Some(Some(batch))) => batch,
            Ok(Some(None)) => return Ok(None),
            Ok(None) | Err(_) => {
                faults.add(Rule::Unreadable, &self.name, None, Some(self.records + 1), "rows that can be read");
                return Err(Stop);
            }
        };
        let texts: Option<Vec<StringArray>> =
            self.places.iter().map(|(place, form)| as_text(batch.column(*place), *form)).collect();
        let Some(texts) = texts else {
            faults.add(Rule::ColumnType, &self.name, None, Some(self.records + 1), "text, number or date");
            return Err(Stop);
        };
        for row in 0..batch.num_rows() {
            self.records += 1;
            let field =
                |text: &'_ StringArray| if text.is_null(row) { String::new() } else { text.value(row).to_owned() };
            let fields: Vec<String> = texts.iter().map(field).collect();
            self.builder.push(self.records, fields.iter().map(String::as_str));
        }
        Ok(self.builder.take())
    }

    pub const fn records(&self) -> u64 {
        self.records
    }
}

fn is_readable(held: &DataType) -> bool {
    held.is_integer()
        || matches!(held, DataType::Float32 | DataType::Float64)
        || matches!(held, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Date32 | DataType::Null)
        || matches!(held, DataType::Timestamp(..) | DataType::Boolean)
}

/// A column as the text that a delimited file would hold.
fn as_text(column: &ArrayRef, form: Option<DateForm>) -> Option<StringArray> {
    let column = if matches!(column.data_type(), DataType::Timestamp(..)) {
        cast(column, &DataType::Date32).ok()?
    } else {
        column.clone()
    };
    let text = cast(&column, &DataType::Utf8).ok()?;
    let text = text.as_string::<i32>();
    Some(match form {
        None | Some(DateForm::Dashed | DateForm::Partial) => text.clone(),
        Some(DateForm::Compact) => text.iter().map(|date| date.map(|date| date.replace('-', ""))).collect(),
        Some(DateForm::Week) => {
            let week = |date: &str| date.parse::<NaiveDate>().map(|day| day.format("%G%V").to_string()).ok();
            text.iter().map(|date| date.and_then(week)).collect()
        }
        Some(DateForm::Month) => text.iter().map(|date| date.map(|date| date[..7].replace('-', ""))).collect(),
    })
}
