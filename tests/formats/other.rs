//! Every reader and every encoding against files that other programs wrote (`other_programs.py`).

use crate::support::root::{UTTAG, take};
use arrow::util::display::array_value_to_string;
use pipeline::contract::Catalogue;
use pipeline::fault::Rule;
use pipeline::ingest::{Intake, MANIFEST, Taken};
use rust_xlsxwriter::Workbook;
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
fn a_last_line_that_need_not_be_there_may_be_there() {
    let may = [("roll, value: referens}", "roll, value: referens}\n  - {property: slutradTillaten, value: Summa}")];
    let text = fs::read_to_string(folder().join("other/utf-8.csv")).expect("it is there");
    for text in [text.clone(), format!("{text}Summa;21\r\n")] {
        let (intake, taken) = read_bytes("a.csv", text.as_bytes(), &may);
        assert_eq!((rows(&taken, &["namn"]).len(), intake.faults.to_string().as_str()), (3, ""));
    }
    let after = read_bytes("a.csv", format!("{text}Summa\r\nEk;1;;\r\n").as_bytes(), &may).0;
    assert_eq!(after.faults.stop().map(|place| place.rule), Some(Rule::AfterSummary));
    // Without a word of it in the contract it is a row like any other.
    assert!(!read_bytes("a.csv", format!("{text}Summa;21\r\n").as_bytes(), &[]).0.is_accepted());
}

const BY_ROW_4: &[(&str, &str)] =
    &[("roll, value: referens}", "roll, value: referens}\n  - {property: rubrikHogstRad, value: 4}")];

#[test]
fn a_title_may_stand_above_the_header_where_the_contract_says_so() {
    let text = fs::read_to_string(folder().join("other/utf-8.csv")).expect("it is there");
    let read = |above: &str, changes| read_bytes("a.csv", format!("{above}{text}").as_bytes(), changes);
    for above in ["", "Avslutade 2023\r\n", "\"Avslutade\r\n2023\";;;\r\n;;;\r\n", "Avslutade;;\r\n\r\n\r\n"] {
        let (intake, taken) = read(above, BY_ROW_4);
        assert_eq!((rows(&taken, &["namn"]).len(), intake.faults.to_string().as_str()), (3, ""), "{above:?}");
        // Rows are numbered as in the file.
        let lines = above.matches('\n').count() as u64;
        assert_eq!(taken[0].rows.value(0), lines + 2, "{above:?}");
    }
    for (above, changes) in [("Avslutade\r\n", &[][..]), ("a\r\nb\r\nc\r\nd\r\n", BY_ROW_4)] {
        let faults = read(above, changes).0.faults;
        let told: Vec<_> = faults.iter().map(|(place, count)| (place.rule, count.rows.clone())).collect();
        assert_eq!(told, [(Rule::Header, vec![1])], "{above:?}: {faults}");
    }
}

/// A workbook as people fill it in: so many rows above the header, and a sum under the rows.
fn filled_in(above: u32, sum: bool) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Blad1").expect("a name");
    if above > 0 {
        sheet.write_string(0, 1, "Avslutade deltagare 2023").expect("a cell");
    }
    for (column, name) in (0..).zip(["Namn", "Antal", "Belopp", "Dag"]) {
        sheet.write_string(above, column, name).expect("a cell");
    }
    for (row, name) in (above + 1..).zip(["Ek", "Al", "Lind"]) {
        sheet.write_string(row, 0, name).expect("a cell");
        sheet.write_number(row, 1, 7).expect("a cell");
    }
    if sum {
        sheet.write_string(above + 5, 0, "Summa").expect("a cell");
        sheet.write_number(above + 5, 1, 21).expect("a cell");
    }
    workbook.save_to_buffer().expect("in memory")
}

#[test]
fn a_workbook_may_have_a_title_and_a_sum_where_the_contract_says_so() {
    let both = "\n  - {property: rubrikHogstRad, value: 4}\n  - {property: slutradTillaten, value: Summa}";
    let both = format!("roll, value: referens}}{both}");
    let may = [("roll, value: referens}", both.as_str())];
    for (above, sum) in [(0, false), (0, true), (1, false), (3, true)] {
        let (intake, taken) = read_bytes("a.xlsx", &filled_in(above, sum), &may);
        let found = rows(&taken, &["namn", "antal"]);
        assert_eq!(found, [["Ek", "7"], ["Al", "7"], ["Lind", "7"]], "{above}, {sum}: {}", intake.faults);
        assert_eq!(taken[0].rows.value(0), u64::from(above) + 2);
        assert_eq!(intake.faults.to_string(), "");
    }
    let stop = |bytes: &[u8], changes| read_bytes("a.xlsx", bytes, changes).0.faults.stop().map(|place| place.rule);
    assert_eq!(stop(&filled_in(4, false), &may), Some(Rule::Header));
    assert_eq!(stop(&filled_in(1, false), &[]), Some(Rule::Header));
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
