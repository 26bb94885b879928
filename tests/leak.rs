//! No file but the deliveries holds an identity number: not as bytes, and not as a value read back.

mod search;
mod strain; // a night that is killed, and one with little memory

use crate::support::land::Land;
use crate::support::root::{Cells, Root, UTTAG, contract, found, numbers};
use crate::support::{catalogue, paths};
use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, LogicalType, ZstdLevel};
use parquet::file::properties::WriterProperties;
use pipeline::contract::Kind;
use pipeline::generate::Plan;
use pipeline::ingest::{BLOCK, Context, Sets, take};
use pipeline::job::Progress;
use pipeline::lake;
use pipeline::layer::Layer;
use pipeline::log::Event;
use pipeline::pseudonymise::{Key, Pseudonymiser};
use pipeline::stage::run_stages;
use search::{Numbers, delivered};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A country so small that it is read in a second, as far as the counts: the proof of a country takes longer.
fn counted() -> Root {
    let root = Root::invented(&Plan { seed: 11, scale: 0.004, befolkning: 50 });
    let night = root.run_until("aggregate");
    root.job(&catalogue()).log(&Event::Stop { command: "run", exit_code: 0 });
    assert!(night.read > 20 && night.refused.is_empty(), "{:?}", night.refused);
    root
}

/// The small country, as far as the release.
fn published() -> Root {
    let catalogue = catalogue();
    let root = Land::new(&catalogue).root;
    let night = run_stages(&root.job(&catalogue)).expect("the night ends in a release");
    assert!(night.published && night.refused.is_empty());
    root
}

fn assert_tight(root: &Root, least: usize) {
    let numbers = delivered(&catalogue(), &root.path.join("deliveries"));
    assert!(numbers.count() >= least, "only {} numbers were delivered", numbers.count());
    let mut looked = 0;
    for path in paths(&root.path) {
        if path.starts_with(root.path.join("deliveries")) {
            continue;
        }
        looked += 1;
        assert_eq!(numbers.search(&path), None, "{}", path.display());
    }
    assert!(looked > 20, "only {looked} files were searched");
}

#[test]
fn nothing_but_the_deliveries_holds_an_identity_number() {
    let root = counted();
    for contract in catalogue().layer(Layer::Deliveries) {
        assert!(root.path.join("deliveries").join(&contract.name).exists(), "{} is not searched for", contract.name);
    }
    assert_tight(&root, 500);
    for kind in ["core", "derived", "mart", "receipts", "faults", "log"] {
        assert!(!paths(&root.path.join(kind)).is_empty(), "{kind} is empty: nothing was searched there");
    }
    every_pseudonym_is_a_uuid(&root.path);
    the_log_names_nobody(&root.path);
}

/// A line is built of names, dates of extraction, counts and hashes: also no pseudonym finds its way into it.
/// Versions of folkbokföring often begin with the person: no date of core or derived tells the day.
#[test]
fn no_version_of_folkbokforing_tells_a_day_of_birth() {
    let root = counted();
    let database = duckdb::Connection::open_in_memory().expect("an in-memory database");
    for (table, column) in [("core/folkbokforing/*", "giltig_fran_datum"), ("derived/personversion", "fran_datum")] {
        let count = |condition: &str| {
            let path = root.path.join(format!("{table}.parquet"));
            let sql = format!(
                "select count(*) from read_parquet('{}') where date_trunc('month', {column}) between \
                 fodelse_tidigast_manad and fodelse_senast_manad and {condition}",
                path.display()
            );
            database.query_row(&sql, [], |row| row.get::<_, i64>(0)).expect("it runs")
        };
        assert!(count("true") > 20, "{table} holds versions that begin in the month of birth");
        assert_eq!(count(&format!("day({column}) > 1")), 0, "{table} tells days of birth");
    }
}

fn the_log_names_nobody(root: &Path) {
    let text = std::fs::read_to_string(root.join("log/finsam.jsonl")).expect("a log").replace('-', "");
    let mut sought = 0;
    for batch in paths(&root.join("core/sus_deltagande")).iter().flat_map(|path| lake::read(path).expect("Parquet")) {
        let batch = batch.expect("readable");
        let pseudonyms = batch.column_by_name("pseudonym").expect("a pseudonym").as_fixed_size_binary();
        for pseudonym in pseudonyms.iter().flatten() {
            sought += 1;
            assert!(!text.contains(&pipeline::hex(pseudonym)), "the log holds a pseudonym");
        }
    }
    assert!(sought > 100 && text.lines().count() > 15, "{sought} pseudonyms were sought");
}

#[test]
fn no_release_holds_an_identity_number() {
    let root = published();
    assert_tight(&root, 190);
    let released = paths(&root.path.join("release"));
    for kind in ["parquet", "csv", "xlsx", "duckdb"] {
        assert!(released.iter().any(|path| path.extension().is_some_and(|e| e == kind)), "no {kind} was searched");
    }
}

fn every_pseudonym_is_a_uuid(root: &Path) {
    let catalogue = catalogue();
    let connection = duckdb::Connection::open_in_memory().expect("DuckDB is compiled in");
    let mut seen = 0;
    for layer in [Layer::Core, Layer::Derived, Layer::Mart] {
        for path in paths(&root.join(layer.name())) {
            let below = path.strip_prefix(root.join(layer.name())).expect("below");
            let table = below.iter().next().expect("a name").to_string_lossy().replace(".parquet", "");
            let contract = catalogue.contract(layer, &table).expect("every table has a contract");
            let file = File::open(&path).expect("readable");
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
            for column in contract.columns.iter() {
                let stored = builder.parquet_schema().columns().iter().find(|held| held.name() == column.name);
                let logical = stored.expect("every column is stored").logical_type_ref().cloned();
                let place = format!("{}.{} in {}", contract.full_name(), column.name, path.display());
                assert_eq!(column.kind == Kind::Uuid, logical == Some(LogicalType::Uuid), "{place}");
                let sql =
                    format!("select typeof(any_value(\"{}\")) from read_parquet('{}')", column.name, path.display());
                let held: String = connection.query_row(&sql, [], |row| row.get(0)).expect("DuckDB reads it");
                assert_eq!(column.kind == Kind::Uuid, held == "UUID", "{place} is {held} in DuckDB");
                seen += usize::from(column.kind == Kind::Uuid);
            }
        }
    }
    assert!(seen > 10, "only {seen} pseudonym columns");
}

#[test]
fn spilled_keys_hold_no_number() {
    let (catalogue, root) = (catalogue(), Root::new());
    let people = numbers(1000);
    let month = |row: usize| format!("20{:02}{:02}01", row / 12000 + 1, row / 1000 % 12 + 1);
    let row = |row: usize| vec![("personnummer", people[row % 1000].clone()), ("fran_datum", month(row))];
    let rows: Vec<Cells<'_>> = (0..200_000).map(row).collect();
    let folder = root.deliver(&contract(&catalogue, "fk_sjukpenning"), UTTAG, &rows);
    let (key, spill) = (Key::from_bytes(&[9; 32]).expect("a key"), root.path.join("spill"));
    let pseudonymiser = Pseudonymiser::new(&key, "prov");
    let (sets, progress) = (Sets::default(), Progress::new(true));
    let (catalogue, pseudonymiser, sets, progress) = (&catalogue, &pseudonymiser, &sets, &progress);
    let context = Context { catalogue, pseudonymiser, sets, spill: spill.clone(), progress, threads: 2, block: BLOCK };
    let sought = Numbers::of(&people);
    let mut looked = 0;
    let intake = take(&found(catalogue, &folder), &context, &mut |_| {
        for path in paths(&spill) {
            looked += usize::from(std::fs::metadata(&path).expect("a file").len() > 0);
            assert_eq!(sought.search(&path), None, "{}", path.display());
        }
        Ok(())
    });
    let intake = intake.expect("the delivery can be read");
    assert_eq!((intake.kept, intake.faults.is_empty()), (200_000, true), "{}", intake.faults);
    assert!(looked > 64, "nothing was spilled");
    assert!(paths(&spill).is_empty(), "the spill is removed");
}

fn parquet(path: &Path, column: ArrayRef, compression: Compression) {
    let batch = RecordBatch::try_from_iter([("varde", column)]).expect("one column");
    let properties = WriterProperties::builder().set_compression(compression).build();
    let file = File::create(path).expect("writable");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("writable");
    writer.close().expect("writable");
}

/// Writes a text into a file of every format that we write.
fn plant(folder: &Path, text: &str) {
    let rest = "någonting annat".to_owned();
    let zstd = Compression::ZSTD(ZstdLevel::try_new(3).expect("a level"));
    std::fs::write(folder.join("rad.csv"), format!("a;b\nx;{text};y\n")).expect("writable");
    std::fs::write(folder.join("logg"), format!("{rest} pnr={text}.")).expect("writable");
    let column = || Arc::new(StringArray::from(vec![rest.clone(), format!("nr {text}")])) as ArrayRef;
    parquet(&folder.join("text.parquet"), column(), Compression::UNCOMPRESSED);
    parquet(&folder.join("zstd.parquet"), column(), zstd);
    if let Ok(number) = text.parse::<i64>() {
        let column = Arc::new(Int64Array::from(vec![Some(3), None, Some(number)]));
        parquet(&folder.join("heltal.parquet"), column, zstd);
    }
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, rest.as_str()).and_then(|sheet| sheet.write_string(1, 1, text)).expect("writable");
    workbook.save(folder.join("bok.xlsx")).expect("writable");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    if let Ok(number) = text.parse::<f64>() {
        workbook.add_worksheet().write_number(4, 4, number).expect("writable");
        workbook.save(folder.join("tal.xlsx")).expect("writable");
    }
    let base = duckdb::Connection::open(folder.join("bas.duckdb")).expect("writable");
    base.execute_batch(&format!("create table t as select 1 as a, '{text}' as b from range(3)")).expect("writable");
    drop(base);
}

#[test]
fn a_planted_number_is_found_in_every_format() {
    let number = numbers(1).remove(0);
    let sought = Numbers::of(std::slice::from_ref(&number));
    let (date, serial) = (&number[..8], &number[8..]);
    let forms = [
        number.clone(),
        number[2..].to_owned(),
        format!("{date}-{serial}"),
        format!("{date}+{serial}"),
        format!("{}-{serial}", &date[2..]),
        format!("{}+{serial}", &date[2..]),
        format!("{date}–{serial}"),
        format!("{date} {serial}"),
        format!("{} − {serial}", &date[2..]),
        format!("{}-{}-{}-{serial}", &date[..4], &date[4..6], &date[6..]),
        format!("{date}_{serial}"),
        format!("{}\u{a0}{}\u{202f}{}\u{2009}{}", &number[..3], &number[3..6], &number[6..9], &number[9..]),
    ];
    for form in &forms {
        let folder = tempfile::tempdir().expect("a folder");
        plant(folder.path(), form);
        let planted = paths(folder.path());
        assert_eq!(planted.len(), if form.parse::<i64>().is_err() { 6 } else { 8 });
        for path in planted {
            assert!(sought.search(&path).is_some(), "{form:?} is not found in {}", path.display());
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    plant(folder.path(), "2019-03-01");
    assert!(paths(folder.path()).iter().all(|path| sought.search(path).is_none()), "a date is no number");
}

#[test]
fn a_planted_number_is_found_in_a_core_file_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let number = numbers(1).remove(0);
    let path = folder.path().join("rad.parquet");
    let column: ArrayRef = Arc::new(StringArray::from(vec![number.as_str()]));
    let batch = RecordBatch::try_from_iter([("text", column)]).expect("one column");
    let mut writer = lake::Writer::create(&path, batch.schema(), &[]).expect("writable");
    writer.write(&batch).expect("writable");
    writer.finish().expect("writable");
    assert!(Numbers::of(&[number]).search(&path).is_some());
}
