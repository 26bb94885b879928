//! Parquet extracts: untrusted input. A file that makes the reader panic is a file that cannot be read.

use super::batch::ROWS;
use super::header::match_header;
use super::parquet_claims::look_at;
use super::parquet_pages::{self, within};
use super::reader::{Parsed, Sifter, Stop};
use super::sieve::{Sieve, Wants};
use crate::contract::{Contract, DateForm, Kind};
use crate::fault::{FaultLog, Rule};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, StringViewArray, UInt32Array};
use arrow::buffer::NullBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, FieldRef, Schema};
use chrono::NaiveDate;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that are handed on together at most, however few of them are kept.
const MOST: u64 = 1 << 17;

/// A Parquet file, read by row groups.
pub struct Columnar {
    name: String,
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    /// The columns that are read, by their place in the file.
    projected: Vec<usize>,
    /// For each contract column its place in the projection, and whether a date must be written in its form.
    places: Vec<(usize, Option<DateForm>)>,
}

impl Columnar {
    /// Also gives the number of row groups.
    pub fn open(
        contract: &Contract,
        path: &Path,
        name: &str,
        faults: &mut FaultLog,
    ) -> Result<(Columnar, usize), Stop> {
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let mut file = File::open(path).ok()?;
            look_at(&mut file).ok()?;
            // The types are Parquet's own: what another program noted of its types is no promise.
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            let own = ArrowReaderMetadata::load(&file, options.clone()).ok()?;
            if let Err(expected) = within(own.metadata(), file.metadata().ok()?.len()) {
                return Some(Err(expected));
            }
            let schema = Arc::new(with_views(own.schema()));
            ArrowReaderMetadata::try_new(own.metadata().clone(), options.with_schema(schema)).ok().map(Ok)
        }));
        let metadata = match opened.ok().flatten().unwrap_or_else(|| Err("a Parquet file".to_owned())) {
            Ok(metadata) => metadata,
            Err(expected) => {
                faults.add(Rule::Unreadable, name, None, None, &expected);
                return Err(Stop);
            }
        };
        let schema = metadata.schema().clone();
        let header: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let roots = match_header(contract, &header, name, 1, faults)?;
        let mut sound = true;
        for (column, root) in contract.columns.iter().zip(&roots) {
            if !is_readable(schema.field(*root).data_type()) {
                faults.add(Rule::ColumnType, name, Some(&column.name), None, "text, number or date");
                sound = false;
            }
        }
        let mut projected = roots.clone();
        projected.sort_unstable();
        projected.dedup();
        let places = contract.columns.iter().zip(&roots).map(|(column, root)| {
            let is_date = matches!(schema.field(*root).data_type(), DataType::Date32 | DataType::Timestamp(..));
            let form = (is_date && column.kind == Kind::Date).then_some(column.date_form);
            (projected.iter().position(|p| p == root).unwrap_or_default(), form)
        });
        let places = places.collect();
        let (name, path) = (name.to_owned(), path.to_owned());
        let groups = metadata.metadata().num_row_groups();
        let reader = Columnar { name, path, metadata, projected, places };
        if sound { Ok((reader, groups)) } else { Err(Stop) }
    }

    /// # Errors
    /// What was expected where its pages claim more than they may.
    fn group(&self, group: usize) -> Result<Option<ParquetRecordBatchReader>, String> {
        parquet_pages::look_at(&self.path, self.metadata.metadata(), group, &self.projected)?;
        Ok(self.open_group(group))
    }

    fn open_group(&self, group: usize) -> Option<ParquetRecordBatchReader> {
        // A file of its own: the readers of other row groups move theirs.
        let file = File::open(&self.path).ok()?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), self.projected.iter().copied());
        builder.with_projection(mask).with_row_groups(vec![group]).with_batch_size(ROWS).build().ok()
    }

    /// The rows of a row group, some thousands at a time.
    pub(super) fn parse(&self, group: usize, sifter: &mut Sifter<'_>, sink: &mut dyn FnMut(Parsed) -> bool) {
        let rows = |group: usize| self.metadata.metadata().row_group(group).num_rows().max(0).unsigned_abs();
        let mut before: u64 = (0..group).map(rows).sum();
        let mut parsed = Parsed::default();
        let mut input = match catch_unwind(AssertUnwindSafe(|| self.group(group))).unwrap_or(Ok(None)) {
            Ok(input) => input,
            Err(expected) => {
                parsed.stop(|faults| {
                    faults.add(Rule::Unreadable, &self.name, None, None, &expected);
                    Stop
                });
                sink(parsed);
                return;
            }
        };
        loop {
            let next = || input.as_mut().map(|input| input.next().map(std::result::Result::ok));
            let is_end = match catch_unwind(AssertUnwindSafe(next)) {
                Ok(Some(None)) => true,
                Ok(Some(Some(Some(batch)))) => {
                    self.take(&batch, before, sifter, &mut parsed);
                    before += batch.num_rows() as u64;
                    parsed.stopped
                }
                Ok(Some(Some(None)) | None) | Err(_) => {
                    parsed.stop(|faults| {
                        faults.add(Rule::Unreadable, &self.name, None, Some(before + 1), "rows that can be read");
                        Stop
                    });
                    true
                }
            };
            if is_end || !parsed.batches.is_empty() || parsed.records >= MOST {
                parsed.batches.extend(sifter.builder.take());
                if !sink(std::mem::take(&mut parsed)) || is_end {
                    return;
                }
            }
        }
    }

    /// Drops what the sieve drops, by the columns that it looks at; only the rest becomes text.
    fn take(&self, batch: &RecordBatch, before: u64, sifter: &mut Sifter<'_>, parsed: &mut Parsed) {
        let count = batch.num_rows();
        parsed.records += count as u64;
        let row = |at: usize| before + at as u64 + 1;
        let mut kept: Vec<usize> = Vec::new();
        match sifter.sieve.and_then(|sieve| Some((sieve, self.cells(batch, sieve)?))) {
            Some((sieve, cells)) => {
                let cells = &cells;
                let field = |at: usize| move |column: usize| cells[column].at(at);
                sieve.look_up((0..count).map(|at| cells[sieve.first()].at(at)), &mut sifter.strangers);
                let strangers = sifter.strangers.iter().enumerate();
                let sifted = &mut parsed.sifted;
                let looks = sieve.looks_but(|column| matches!(cells[column], Cells::Presence(None)));
                let mut drops = |at: usize, is| sieve.drops_by(&looks, (row(at), is), field(at), sifted);
                kept.extend(strangers.filter(|(at, is)| !drops(*at, **is)).map(|(at, _)| at));
            }
            None => kept.extend(0..count),
        }
        if kept.is_empty() {
            return;
        }
        let places = UInt32Array::from_iter_values(kept.iter().map(|at| *at as u32));
        let texts = self.places.iter().map(|(place, form)| {
            let column = batch.column(*place);
            if kept.len() == count {
                as_text(column, *form)
            } else {
                as_text(&take(column, &places, None).ok()?, *form)
            }
        });
        let Some(texts) = texts.collect::<Option<Vec<StringArray>>>() else {
            return parsed.stop(|faults| {
                faults.add(Rule::ColumnType, &self.name, None, Some(before + 1), "text, number or date");
                Stop
            });
        };
        for (nr, at) in kept.iter().enumerate() {
            sifter
                .builder
                .push(row(*at), texts.iter().map(|column| if column.is_null(nr) { "" } else { column.value(nr) }));
            if sifter.builder.is_full() {
                parsed.batches.extend(sifter.builder.take());
            }
        }
    }

    /// The columns that the sieve looks at.
    fn cells(&self, batch: &RecordBatch, sieve: &Sieve<'_>) -> Option<Vec<Cells>> {
        let cells = |(column, (place, form)): (usize, &(usize, Option<DateForm>))| {
            let held = batch.column(*place);
            Some(match (sieve.wants(column), held.data_type()) {
                (Wants::Nothing, _) => Cells::Unread,
                (_, DataType::Utf8) => Cells::Text(held.as_string::<i32>().clone()),
                (_, DataType::Utf8View) => Cells::View(held.as_string_view().clone()),
                (Wants::Presence, held_as) if *held_as != DataType::LargeUtf8 => Cells::Presence(held.logical_nulls()),
                _ => Cells::Text(as_text(held, *form)?),
            })
        };
        self.places.iter().enumerate().map(cells).collect()
    }
}

/// A column that the sieve looks at, row by row.
enum Cells {
    Unread,
    Text(StringArray),
    View(StringViewArray),
    /// Whether there is a value; what it is does not matter.
    Presence(Option<NullBuffer>),
}

impl Cells {
    #[inline]
    fn at(&self, row: usize) -> &str {
        match self {
            Cells::Text(texts) if texts.is_valid(row) => texts.value(row),
            Cells::View(texts) if texts.is_valid(row) => texts.value(row),
            Cells::Presence(nulls) if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) => "x",
            _ => "",
        }
    }
}

/// The schema with texts as views: they are not copied out of their pages, and most are not looked at twice.
fn with_views(schema: &Schema) -> Schema {
    let view = |field: &FieldRef| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        _ => field.clone(),
    };
    Schema::new(schema.fields().iter().map(view).collect::<Vec<_>>())
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
