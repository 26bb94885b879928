//! The warehouse sees what is bound to it and nothing else, and holds results to their contracts.

use crate::support::catalogue;
use arrow::array::{Array, ArrayRef, Date32Array, FixedSizeBinaryArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use pipeline::calendar::epoch_day;
use pipeline::contract::arrow_schema;
use pipeline::error::Error;
use pipeline::layer::Layer;
use pipeline::warehouse::Warehouse;
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn open(folder: &Path) -> Warehouse {
    Warehouse::open(&catalogue(), folder, &[folder], 1, "500MB").expect("the warehouse opens")
}

fn write(path: &Path, schema: Arc<Schema>, columns: Vec<ArrayRef>) {
    let batch = RecordBatch::try_new(schema, columns).expect("a batch");
    let file = fs::File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

#[test]
fn locked_it_reads_only_the_allowed_folder_and_cannot_change_that() {
    let folder = tempfile::tempdir().expect("a folder");
    let (inside, outside) = (folder.path().join("in"), folder.path().join("ut"));
    fs::create_dir(&inside).expect("a folder");
    fs::create_dir(&outside).expect("a folder");
    fs::write(outside.join("a.csv"), "x\n1\n").expect("a file");
    fs::write(inside.join("a.csv"), "x\n1\n").expect("a file");
    let warehouse = open(&inside);
    let out = outside.display();
    let read = |path: &Path| warehouse.query(&format!("select * from read_csv('{}')", path.join("a.csv").display()));
    assert!(read(&outside).is_ok(), "before the lock nothing is refused");
    warehouse.lock().expect("it locks");
    assert!(read(&inside).is_ok(), "the allowed folder stays readable");
    assert!(read(&outside).is_err());
    assert!(read(&inside.join("../ut")).is_err());
    for refused in [
        format!("copy (select 1) to '{out}/b.csv'"),
        format!("attach '{out}/b.duckdb' as other"),
        format!("export database '{out}/b'"),
        "install httpfs".to_owned(),
        "load httpfs".to_owned(),
        "select * from read_text('/etc/hostname')".to_owned(),
        "select * from read_csv('https://example.org/a.csv')".to_owned(),
        "set enable_external_access = true".to_owned(),
        "set allowed_directories = ['/']".to_owned(),
        "set lock_configuration = false".to_owned(),
        "set temp_directory = '/tmp'".to_owned(),
        "reset lock_configuration".to_owned(),
        "pragma enable_external_access".to_owned(),
    ] {
        assert!(warehouse.execute(&refused).is_err(), "{refused}");
    }
    assert!(fs::read_dir(&outside).expect("a folder").count() == 1, "nothing was written");
}

#[test]
fn binds_pseudonyms_as_uuid_and_refuses_them_as_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let warehouse = open(folder.path());
    let contract = catalogue().contract(Layer::Derived, "matpunkt").expect("a contract").clone();
    let bytes = || Arc::new(FixedSizeBinaryArray::try_from_iter([[7_u8; 16]].iter()).expect("16 bytes"));
    let columns = || -> Vec<ArrayRef> {
        vec![
            Arc::new(StringArray::from(vec!["D1"])),
            Arc::new(StringArray::from(vec!["intag"])),
            bytes(),
            Arc::new(Date32Array::from(vec![0])),
            Arc::new(Date32Array::from(vec![1])),
            Arc::new(Date32Array::from(vec![0])),
        ]
    };
    let good = folder.path().join("good.parquet");
    write(&good, arrow_schema(&contract), columns());
    let plain = Schema::new(
        arrow_schema(&contract)
            .fields()
            .iter()
            .map(|f| Field::new(f.name(), f.data_type().clone(), f.is_nullable()))
            .collect::<Vec<_>>(),
    );
    let bad = folder.path().join("bad.parquet");
    write(&bad, Arc::new(plain), columns());
    warehouse.lock().expect("it locks");
    warehouse.bind(Layer::Derived, "matpunkt", &[good.clone(), good]).expect("it binds after the lock");
    let mut batches = Vec::new();
    let sql = "select * from derived.matpunkt limit 1";
    let rows = warehouse.run(Layer::Derived, "matpunkt", sql, |batch| {
        batches.push(batch);
        Ok(())
    });
    assert_eq!(rows.expect("it runs"), 1);
    assert_eq!(batches[0].schema(), arrow_schema(&contract));
    assert_eq!(batches[0].column(2).data_type(), &DataType::FixedSizeBinary(16));
    assert_eq!(batches[0].column(2).as_ref(), bytes().as_ref() as &dyn Array, "the bytes come back as they were");
    let error = warehouse.bind(Layer::Derived, "matpunkt", &[bad]).expect_err("bytes are refused");
    assert!(matches!(error, Error::Broken { .. }), "{error}");
}

#[test]
fn holds_a_result_to_its_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let warehouse = open(folder.path());
    let uuid = "cast('00000000-0000-0000-0000-00000000000a' as uuid)";
    let row = |id: &str, person: &str, day: &str| {
        format!(
            "select {id} as deltagande_id, 'intag' as matpunkt_kod, {person} as person_id, {day} as mat_datum, \
             cast(null as date) as fonster_till_datum, cast(null as date) as manad_datum"
        )
    };
    let date = "date '2020-01-01'";
    let run = |sql: &str| warehouse.run(Layer::Derived, "matpunkt", sql, |_| Ok(())).map_err(|e| e.to_string());
    let good = row("'D1'", uuid, date);
    assert_eq!(run(&good), Ok(1));
    for (sql, reason) in [
        (row("'D1'", "'a'", date), "person_id"),
        (row("null", uuid, date), "deltagande_id is"),
        (row("'D1'", uuid, "1"), "mat_datum is INTEGER"),
        (format!("{good} union all {good}"), "key is there twice"),
        (good.replace("mat_datum", "datum"), "columns are"),
    ] {
        let error = run(&sql).expect_err(reason);
        assert!(error.contains(reason), "{error}");
    }
    assert!(run("select nothing").expect_err("no such column").starts_with("run derived.matpunkt"));
}

#[test]
fn loads_calendar_and_code_lists_with_their_types() {
    let folder = tempfile::tempdir().expect("a folder");
    let warehouse = open(folder.path());
    let one = |sql: &str| warehouse.query(sql).expect("it runs").1.concat().into_iter().flatten().collect::<String>();
    assert_eq!(one("select count(*) from calendar.dag"), "73414");
    assert_eq!(one("select dag_index_nr from calendar.dag where datum = date '1900-01-02'"), "1");
    assert_eq!(one("select belopp_minst_antal + 1 from codes.komponent where kod = 'arbete'"), "101");
    assert_eq!(one("select giltig_fran_datum from codes.komponent where kod = 'arbete'"), "2019-01-01");
    let first = chrono::NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date");
    assert_eq!(one("select min(datum) - date '1970-01-01' from calendar.dag"), epoch_day(first).to_string());
}
