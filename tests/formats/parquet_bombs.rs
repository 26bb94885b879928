//! Parquet files that ask for more than they hold, or hold more than they say: written whole, then changed by hand.

use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::DataType;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use std::sync::Arc;

const MIB: usize = 1 << 20;

/// What a file is, its bytes, and how what is said of it begins.
pub type Bomb = (String, Vec<u8>, &'static str);

/// The columns of `other.yaml`, the first one as given.
fn rows(names: ArrayRef) -> RecordBatch {
    let count = names.len();
    let columns: [(&str, ArrayRef); 4] = [
        ("Namn", names),
        ("Antal", Arc::new(Int32Array::from(vec![1; count]))),
        ("Belopp", Arc::new(Float64Array::from(vec![1.5; count]))),
        ("Dag", Arc::new(StringArray::from(vec!["2019-03-01"; count]))),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn properties(packing: Compression) -> WriterPropertiesBuilder {
    let properties =
        WriterProperties::builder().set_compression(packing).set_statistics_enabled(EnabledStatistics::None);
    properties.set_data_page_size_limit(1 << 30).set_dictionary_page_size_limit(1 << 30)
}

fn written(properties: WriterPropertiesBuilder, batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batches[0].schema(), Some(properties.build())).expect("a schema of ours");
    for batch in batches {
        writer.write(batch).expect("in memory");
    }
    writer.into_inner().expect("in memory")
}

/// One page per text, or a dictionary of the one text that there is.
pub fn texts(packing: Compression, length: usize, count: usize, by_dictionary: bool) -> Vec<u8> {
    let text = "x".repeat(length);
    let batch = rows(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&text, count))));
    let properties = properties(packing).set_dictionary_enabled(by_dictionary);
    written(properties.set_data_page_size_limit(MIB / 2).set_write_batch_size(1), &[batch])
}

/// The file with another unpacked size in the header of its first page, written in as many bytes as before.
fn saying(mut file: Vec<u8>, size: u32) -> Vec<u8> {
    // After `PAR1`: field 1, the kind of the page, in a byte; field 2, the size, as twice itself, seven bits a byte.
    assert_eq!((file[4], file[6]), (0x15, 0x15));
    let mut rest = u64::from(size) * 2;
    let length = file[7..].iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    for byte in &mut file[7..7 + length] {
        *byte = (rest & 0x7f) as u8 | *byte & 0x80;
        rest >>= 7;
    }
    assert_eq!(rest, 0, "the size does not fit");
    file
}

/// The file with another number of entries in its first dictionary.
fn with_entries(mut file: Vec<u8>, entries: u8) -> Vec<u8> {
    // Field 7 after field 3 is a struct, and its first field the number.
    let at = file.windows(2).position(|bytes| bytes == [0x4c, 0x15]).expect("a dictionary");
    file[at + 2] = entries * 2;
    file
}

pub fn bombs() -> Vec<Bomb> {
    let packings = [
        ("zstd", Compression::ZSTD(Default::default())),
        ("gzip", Compression::GZIP(Default::default())),
        ("snappy", Compression::SNAPPY),
        ("lz4", Compression::LZ4_RAW),
    ];
    let mut all: Vec<Bomb> = Vec::new();
    for (name, packing) in packings {
        let large = texts(packing, 200 * MIB, 1, false);
        all.push((
            format!("two gigabytes claimed, {name}"),
            saying(large.clone(), i32::MAX as u32),
            "pages that unpack",
        ));
        let lie = if name == "gzip" { "pages that hold what they say" } else { "rows that can be read" };
        all.push((format!("more than it says, {name}"), saying(large.clone(), MIB as u32), lie));
        all.push((format!("a page of 200 MiB, {name}"), large, "pages that unpack"));
        all.push((format!("many pages, {name}"), texts(packing, MIB, 300, false), "pages of which"));
        all.push((format!("a large dictionary, {name}"), texts(packing, 200 * MIB, 1, true), "pages that unpack"));
        all.push((format!("a text for every row, {name}"), texts(packing, MIB, 2000, true), "rows whose texts"));
    }
    let plain = texts(Compression::UNCOMPRESSED, 3, 9, true);
    all.push(("more entries than bytes".into(), with_entries(plain, 63), "pages whose headers"));
    let differences = properties(Compression::UNCOMPRESSED).set_dictionary_enabled(false);
    let differences = differences.set_column_encoding("Namn".into(), Encoding::DELTA_BYTE_ARRAY);
    let names = rows(Arc::new(StringArray::from(vec!["a"; 9])));
    all.push(("by differences".into(), written(differences, &[names]), "texts that are plain"));
    let none = rows(new_null_array(&DataType::Utf8, MIB));
    all.push(("rows of nothing".into(), written(properties(Compression::SNAPPY), &vec![none; 20]), "at most 16 rows"));
    all
}
