//! Every reader and every encoding against files that other programs wrote (`other_programs.py`).

use crate::support::root::{UTTAG, take};
use arrow::util::display::array_value_to_string;
use pipeline::contract::Catalogue;
use pipeline::fault::Rule;
use pipeline::ingest::{Intake, MANIFEST, Taken};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// Takes one file as a delivery by the contract of `other.yaml`, some of its text changed.
pub fn read_bytes(name: &str, bytes: &[u8], changes: &[(&str, &str)]) -> (Intake, Vec<Taken>) {
    let mut yaml = fs::read_to_string(folder().join("other.yaml")).expect("it is there");
    for (from, to) in changes {
        assert!(yaml.contains(from), "{from} is not in the contract");
        yaml = yaml.replace(from, to);
    }
    let path = "data-contracts/deliveries/prov.yaml".to_owned();
    let catalogue = Catalogue::from_files([(path, yaml)].into_iter()).expect("a sound contract");
    let root = tempfile::tempdir().expect("a folder");
    let delivery = root.path().join("prov").join(UTTAG);
    fs::create_dir_all(&delivery).expect("writable");
    fs::write(delivery.join(name), bytes).expect("writable");
    let (rows, sha256) = (if name.contains("people") { 5 } else { 3 }, pipeline::hex(&Sha256::digest(bytes)));
    let manifest = format!(
        "leverans: prov\nuttagsdatum: {UTTAG}\nperiod: {{fran: 2019-01-01, till: {UTTAG}}}\npopulation: alla\n\
         filer: [{{namn: {name}, rader: {rows}, sha256: {sha256}}}]\n"
    );
    fs::write(delivery.join(MANIFEST), manifest).expect("writable");
    take(&catalogue, &delivery)
}

fn read(name: &str, changes: &[(&str, &str)]) -> (Intake, Vec<Taken>) {
    read_bytes(name, &fs::read(folder().join("other").join(name)).expect("it is there"), changes)
}

/// The rows that were kept, a text per column.
fn rows(taken: &[Taken], columns: &[&str]) -> Vec<Vec<String>> {
    let row = |part: &Taken, row: usize| -> Vec<String> {
        columns.iter().map(|name| array_value_to_string(&part.columns[*name], row).expect("a value")).collect()
    };
    taken.iter().flat_map(|part| (0..part.rows.len()).map(|at| row(part, at))).collect()
}

const CP1252: (&str, &str) = ("teckenkodning, value: utf-8", "teckenkodning, value: cp1252");
const LATIN1: (&str, &str) = ("teckenkodning, value: utf-8", "teckenkodning, value: iso-8859-1");
const STRAYS: (&str, &str) =
    ("teckenkodning, value: utf-8}", "teckenkodning, value: cp1252}\n  - {property: cp850Tecken, value: true}");

#[test]
fn every_reader_and_encoding_gives_the_rows_that_another_program_wrote() {
    let mut files: Vec<(&str, &[(&str, &str)])> = vec![
        ("utf-8.csv", &[]),
        ("utf-8-bom.csv", &[]),
        ("lone-cr.csv", &[]),
        ("cp1252.csv", &[CP1252]),
        ("cp850.csv", &[STRAYS]),
        ("iso-8859-1.csv", &[LATIN1]),
        ("utf-8.csv.gz", &[]),
        ("deflated.csv.zip", &[]),
        ("stored.csv.zip", &[]),
        ("openpyxl.xlsx", &[]),
        ("plain.sas7bdat", &[]),
        ("32-bit.sas7bdat", &[]),
        ("rle.sas7bdat", &[]),
        ("rdc.sas7bdat", &[]),
    ];
    let parquet = ["none", "snappy", "gzip", "zstd", "lz4", "plain", "int96", "dictionary"];
    let parquet = parquet.map(|name| format!("{name}.parquet"));
    files.extend(parquet.iter().map(|name| (name.as_str(), &[] as &[_])));
    for (name, changes) in files {
        let (intake, taken) = read(name, changes);
        let dash = if name == "iso-8859-1.csv" { "Müller-Ek" } else { "Müller–Ek" };
        let expected =
            [["Åsa Öberg", "1", "2.5", "2019-03-01"], [dash, "20", "0.25", "2020-02-29"], ["Ek", "", "", ""]];
        assert_eq!(rows(&taken, &["namn", "antal", "belopp", "dag"]), expected, "{name}: {}", intake.faults);
        let noted: Vec<(Rule, u64)> = intake.faults.iter().map(|(place, count)| (place.rule, count.faults)).collect();
        match name {
            "cp850.csv" => assert_eq!(noted, [(Rule::Cp850, 1)]),
            "lone-cr.csv" => assert!(noted.iter().all(|(rule, _)| *rule == Rule::LineEnd)),
            _ => assert_eq!(noted, [], "{name}"),
        }
    }
}

#[test]
fn a_data_set_of_sas_is_read_in_the_encoding_that_it_declares() {
    let columns = [
        ("physicalName: Namn", "physicalName: GENDER"),
        ("physicalName: ANTAL", "physicalName: Id"),
        ("physicalName: Belopp", "physicalName: WT"),
        ("physicalName: dag\n        logicalType: date", "physicalName: AGE\n        logicalType: integer"),
        ("roll, value: referens}", "roll, value: referens}\n  - {property: overskjutandeKolumner, value: true}"),
    ];
    let (intake, taken) = read("people.sas7bdat", &[&columns[..], &[CP1252]].concat());
    assert_eq!(intake.faults.to_string(), "");
    let found = rows(&taken, &["namn", "antal", "belopp", "dag"]);
    assert_eq!(found[0], ["é", "1", "115.0", "15"]);
    assert_eq!(found.iter().map(|row| row[0].as_str()).collect::<String>(), "éFMFF");
    // Another encoding than the contract's, a code that is a number, and a file cut off.
    let stop = |changes: &[(&str, &str)]| read("people.sas7bdat", changes).0.faults.stop().map(|place| place.rule);
    assert_eq!(stop(&columns), Some(Rule::Encoding));
    let number = [&columns[1..], &[CP1252, ("physicalName: Namn", "physicalName: SBP")]].concat();
    assert_eq!(stop(&number), Some(Rule::ColumnType));
    let whole = fs::read(folder().join("other/people.sas7bdat")).expect("it is there");
    for length in [0, 100, 300, 1024, 2000, whole.len() - 1] {
        let cut = read_bytes("people.sas7bdat", &whole[..length], &[&columns[..], &[CP1252]].concat()).0;
        assert_eq!(cut.faults.stop().map(|place| place.rule), Some(Rule::Unreadable), "{length}");
    }
}

#[test]
fn what_is_not_of_the_contract_stops_the_delivery() {
    for (name, changes, rule) in [
        ("cp1252.csv", &[][..], Rule::Encoding),
        ("utf-8.csv", &[CP1252], Rule::Encoding),
        ("utf-8.csv.gz", &[CP1252], Rule::Encoding),
        ("cp850.csv", &[CP1252], Rule::Encoding),
        ("utf-16.csv", &[], Rule::Encoding),
        ("utf-16.csv", &[CP1252], Rule::Encoding),
        ("two.csv.zip", &[], Rule::Unreadable),
        ("bomb.csv.gz", &[], Rule::Unreadable),
        ("nested.parquet", &[], Rule::ColumnType),
        // What it unpacks to cannot be known before it is unpacked.
        ("brotli.parquet", &[], Rule::Unreadable),
        // Found by fuzzing: a list in the footer that says two thousand million.
        ("list.parquet", &[], Rule::Unreadable),
    ] {
        let (intake, _) = read(name, changes);
        let found = intake.faults.stop().map(|place| place.rule);
        assert_eq!(found, Some(rule), "{name}: {}", intake.faults);
    }
    let gz = fs::read(folder().join("other/utf-8.csv.gz")).expect("it is there");
    for length in 0..gz.len() {
        assert!(read_bytes("a.csv.gz", &gz[..length], &[]).0.faults.stop().is_some(), "cut at {length}");
    }
}

#[test]
fn the_last_line_is_no_row_and_ends_the_table() {
    let slutrad =
        [("roll, value: referens}", "roll, value: referens}\n  - {property: slutrad, value: [Summa, Totalt]}")];
    let text = fs::read_to_string(folder().join("other/utf-8.csv")).expect("it is there");
    let (intake, taken) = read_bytes("a.csv", format!("{text}Summa;21\r\n").as_bytes(), &slutrad);
    assert_eq!((rows(&taken, &["namn"]).len(), intake.faults.to_string().as_str()), (3, ""));
    let stop = |text: String| read_bytes("a.csv", text.as_bytes(), &slutrad).0.faults.stop().map(|place| place.rule);
    assert_eq!(stop(text.clone()), Some(Rule::Truncated));
    assert_eq!(stop(format!("{text}Totalt\r\nEk;1;;\r\n")), Some(Rule::AfterSummary));
}

#[test]
fn a_header_is_known_whatever_its_case_and_stands_once() {
    let text = |header: &str| format!("{header}\r\nEk;1;2,5;2019-03-01\r\nEk;1;;\r\nEk;1;;\r\n");
    let read = |header: &str| read_bytes("a.csv", text(header).as_bytes(), &[]).0.faults;
    assert_eq!(read(" NAMN ;antal;BELOPP;Dag").to_string(), "");
    let faults = read("Namn;Antal;Belopp;Dag;namn");
    assert_eq!(faults.stop().map(|place| place.rule), Some(Rule::Header));
    assert!(faults.to_string().contains("once (columns 1 and 5)"), "{faults}");
}

/// Files of the Apache project's own tests, where they are at hand.
#[test]
fn broken_parquet_files_are_faults() {
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/bad_parquet");
    let files = fs::read_dir(broken).into_iter().flatten().map(|entry| entry.expect("readable").path());
    for path in files.filter(|path| path.extension().is_some_and(|kind| kind == "parquet")) {
        let (intake, _) = read_bytes("a.parquet", &fs::read(&path).expect("readable"), &[]);
        assert!(intake.faults.stop().is_some(), "{}", path.display());
    }
    // And one of our own, cut at every length and with each byte of its end turned.
    let whole = fs::read(folder().join("other/zstd.parquet")).expect("it is there");
    for length in (0..whole.len()).step_by(7) {
        assert!(read_bytes("a.parquet", &whole[..length], &[]).0.faults.stop().is_some(), "cut at {length}");
    }
    for at in (0..whole.len()).step_by(11) {
        let mut turned = whole.clone();
        turned[at] ^= 0xff;
        drop(read_bytes("a.parquet", &turned, &[]));
    }
}
