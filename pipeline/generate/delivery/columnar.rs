//! Parquet as a supplier writes it: text stays text, whole numbers are 64 bits.

use super::hashing::HashedFile;
use crate::contract::{Contract, Kind};
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, Float64Builder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows held before they are handed to the Parquet writer.
const BATCH: usize = 1 << 14;
/// Rows per row group.
const GROUP: usize = 1 << 19;

enum Builder {
    Text(StringBuilder),
    Whole(Int64Builder),
    Decimal(Float64Builder),
}

pub(super) struct ParquetFile {
    writer: ArrowWriter<HashedFile>,
    schema: SchemaRef,
    builders: Vec<Builder>,
    held: usize,
    path: PathBuf,
}

impl ParquetFile {
    pub(super) fn create(contract: &Contract, path: &Path) -> Result<ParquetFile> {
        let fields = contract.columns.iter().map(|column| {
            let data_type = match column.kind {
                Kind::Integer | Kind::Long => DataType::Int64,
                Kind::Decimal => DataType::Float64,
                // A date is delivered in the text form that its contract gives.
                Kind::Text | Kind::Date | Kind::Boolean | Kind::Uuid => DataType::Utf8,
            };
            Field::new(&column.header, data_type, true)
        });
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_created_by("leverantörens uttagsprogram".to_owned())
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP))
            .build();
        let file = HashedFile::create(path)?;
        let writer =
            ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(|e| unwritten(path, &e))?;
        let builders = schema.fields().iter().map(|field| builder(field.data_type())).collect();
        Ok(ParquetFile { writer, schema, builders, held: 0, path: path.to_owned() })
    }

    pub(super) fn write(&mut self, contract: &Contract, cells: &[String]) -> Result<()> {
        // Every cell is tried before the first is taken, so that a refused row leaves nothing behind.
        for ((builder, cell), column) in self.builders.iter().zip(cells).zip(&contract.columns) {
            let fits = match builder {
                Builder::Text(_) => true,
                Builder::Whole(_) => cell.is_empty() || cell.parse::<i64>().is_ok(),
                Builder::Decimal(_) => cell.is_empty() || cell.parse::<f64>().is_ok(),
            };
            if !fits {
                return Err(failed(&self.path, &format!("column {} takes numbers only", column.name)));
            }
        }
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            match builder {
                Builder::Text(text) => text.append_option((!cell.is_empty()).then_some(cell)),
                Builder::Whole(number) => number.append_option(cell.parse().ok()),
                Builder::Decimal(number) => number.append_option(cell.parse().ok()),
            }
        }
        self.held += 1;
        if self.held == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let arrays: Vec<ArrayRef> = self
            .builders
            .iter_mut()
            .map(|builder| match builder {
                Builder::Text(text) => Arc::new(text.finish()) as ArrayRef,
                Builder::Whole(number) => Arc::new(number.finish()) as ArrayRef,
                Builder::Decimal(number) => Arc::new(number.finish()) as ArrayRef,
            })
            .collect();
        self.held = 0;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(|e| failed(&self.path, &e))?;
        self.writer.write(&batch).map_err(|e| unwritten(&self.path, &e))
    }

    pub(super) fn finish(mut self) -> Result<String> {
        self.flush()?;
        let path = self.path;
        self.writer.into_inner().map_err(|e| unwritten(&path, &e))?.finish()
    }
}

fn builder(data_type: &DataType) -> Builder {
    match data_type {
        DataType::Int64 => Builder::Whole(Int64Builder::new()),
        DataType::Float64 => Builder::Decimal(Float64Builder::new()),
        _ => Builder::Text(StringBuilder::new()),
    }
}

fn unwritten(path: &Path, error: &parquet::errors::ParquetError) -> Error {
    Error::of_disk(path, error).unwrap_or_else(|| failed(path, error))
}

fn failed(path: &Path, reason: &dyn Display) -> Error {
    Error::Parquet { path: path.to_owned(), reason: reason.to_string() }
}
