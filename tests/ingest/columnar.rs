//! A supplier's Parquet file, changed.

use super::{damage, data_file};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::path::Path;

fn change(folder: &Path, change: impl FnOnce(Vec<(String, ArrayRef)>) -> Vec<(String, ArrayRef)>) {
    let file = File::open(data_file(folder)).expect("the file is there");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    let batch = reader.build().expect("a reader").next().expect("rows").expect("rows");
    let names = batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    let columns = change(names.into_iter().zip(batch.columns().iter().cloned()).collect());
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("in memory");
    writer.close().expect("in memory");
    damage(folder, |_| out);
}

pub fn without(folder: &Path, column: &str) {
    let header = if column == "manad" { "RedovisningsPeriod" } else { column };
    change(folder, |columns| columns.into_iter().filter(|(name, _)| name != header).collect());
}

pub fn binary(folder: &Path, header: &str) {
    let bytes = |column: &ArrayRef| cast(column, &DataType::Binary).expect("text is bytes");
    change(folder, |columns| {
        columns
            .into_iter()
            .map(|(name, held)| if name == header { (name, bytes(&held)) } else { (name, held) })
            .collect()
    });
}
