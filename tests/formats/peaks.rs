//! What hostile files cost: each is checked by the program itself, whose largest resident set is read from outside.

use super::bombs::{NONE, sheet, strings, workbook};
use super::parquet_bombs::{self, Bomb, texts};
use crate::memory::watch;
use crate::support::paths;
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use parquet::basic::Compression;
use pipeline::error::exit;
use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

/// MiB that no file may cost, whatever it says or holds.
const MOST: u64 = 300;
/// Bytes that cannot be packed, so that a workbook is large enough to be let unpack to as much as any may.
const PADDING: usize = 2_700_000;

/// A folder of rules with the one contract of `other.yaml`.
fn rules() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for made in ["sql", "data-contracts/deliveries"] {
        fs::create_dir_all(folder.path().join(made)).expect("writable");
    }
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/other.yaml");
    fs::copy(contract, folder.path().join("data-contracts/deliveries/prov.yaml")).expect("it is there");
    folder
}

/// Exit code, what was said, and the peak in MiB.
fn checked(rules: &TempDir, name: &str, bytes: &[u8]) -> (i32, String, u64) {
    let (path, said) = (rules.path().join(name), rules.path().join("said"));
    fs::write(&path, bytes).expect("writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
    command.arg("--rules").arg(rules.path()).args(["check", "--contract", "prov", "--uttagsdatum", "2023-06-30"]);
    command.arg(&path).stdout(File::create(&said).expect("writable")).stderr(Stdio::null());
    let (code, peak) = watch(command.spawn().expect("the program starts"));
    fs::remove_file(&path).expect("ours");
    (code, fs::read_to_string(&said).expect("it was said"), peak >> 10)
}

fn refused(bombs: impl IntoIterator<Item = Bomb>, suffix: &str) {
    let (rules, mut wrong) = (rules(), Vec::new());
    for (what, bytes, expected) in bombs {
        let (code, said, peak) = checked(&rules, &format!("bomb.{suffix}"), &bytes);
        let first = said.lines().next().unwrap_or_default();
        let told = first.contains(&format!("olasbar [stop] expected {expected}"));
        if !told || code != i32::from(exit::DELIVERY_REFUSED) || peak > MOST {
            wrong.push(format!("{what} ({} KiB): {code}, {peak} MiB, {first}", bytes.len() >> 10));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn parquet_that_unpacks_to_gigabytes_costs_no_memory() {
    refused(parquet_bombs::bombs(), "parquet");
}

#[test]
fn broken_parquet_costs_no_memory() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = here.join("tests/formats/other/list.parquet");
    let files = paths(&here.join("../shared/data/bad_parquet")).into_iter().chain([list]);
    let rules = rules();
    for path in files.filter(|path| path.extension().is_some_and(|kind| kind == "parquet")) {
        let (code, _, peak) = checked(&rules, "a.parquet", &fs::read(&path).expect("readable"));
        assert!(code == i32::from(exit::DELIVERY_REFUSED) && peak < MOST, "{}: {code}, {peak} MiB", path.display());
    }
}

/// The header of the contract, as the first row of a sheet.
fn headed(rows: &str) -> Vec<u8> {
    let cell = |name| format!("<c t='inlineStr'><is><t>{name}</t></is></c>");
    sheet(&format!("<row r='1'>{}</row>{rows}", ["Namn", "ANTAL", "Belopp", "dag"].map(cell).concat()))
}

/// The workbook with a part that is passed over.
fn padded(book: Vec<u8>) -> Vec<u8> {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let noise: Vec<u8> = (0..PADDING).map(|_| noise()).collect();
    let mut zip = ZipWriter::new_append(Cursor::new(book)).expect("ours");
    zip.start_file("brus.bin", SimpleFileOptions::default()).expect("in memory");
    zip.write_all(&noise).expect("in memory");
    zip.finish().expect("in memory").into_inner()
}

#[test]
fn workbooks_that_ask_for_more_than_they_hold_cost_no_memory() {
    let every = |row: &dyn Fn(usize) -> String| (2..900_000).map(row).collect::<String>();
    let long = "x".repeat(200 << 20);
    let bombs: [(&str, Vec<u8>, Vec<u8>, &str); 7] = [
        (
            "one long text for every row",
            headed(&every(&|_| "<row><c t='s'><v>0</v></c></row>".into())),
            strings(&format!("<si><t>{}</t></si>", "x".repeat(9_000))),
            "at most 64 MiB of text",
        ),
        (
            "a value far to the right in every row",
            headed(&every(&|row| format!("<row><c r='IV{row}'><v>1</v></c></row>"))),
            NONE.into(),
            "at most 5000000 cells",
        ),
        ("shared strings beyond count", headed(""), strings(&"<si><t>a</t></si>".repeat(3_500_000)), "at most 2000000"),
        ("a shared string", headed(""), strings(&format!("<si><t>{}</t></si>", &long[..60 << 20])), "texts of at most"),
        ("a value", headed(&format!("<row><c><v>{long}</v></c></row>")), NONE.into(), "texts of at most"),
        (
            "a value with brackets",
            headed(&format!("<row><c><v><![CDATA[{}]]></v></c></row>", "x<".repeat(100 << 20))),
            NONE.into(),
            "texts of at most",
        ),
        ("an attribute", headed(&format!("<row><c a='{long}'><v>1</v></c></row>")), NONE.into(), "texts of at most"),
    ];
    let bombs = bombs.map(|(what, sheet, strings, said)| (what.to_owned(), padded(workbook(&sheet, &strings)), said));
    refused(bombs, "xlsx");
}

#[test]
fn packed_text_that_does_not_end_costs_no_memory() {
    let line = format!("{};1;2,5;2019-03-01\n", "a".repeat(1000));
    let lines = format!("Namn;Antal;Belopp;Dag\n{}", line.repeat(150_000)).into_bytes();
    let endless = vec![b'x'; 256 << 20];
    let gz = |bytes: &[u8]| {
        let mut gz = GzEncoder::new(Vec::new(), Level::best());
        gz.write_all(bytes).expect("in memory");
        gz.finish().expect("in memory")
    };
    let zip = |bytes: &[u8]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("uttag.csv", SimpleFileOptions::default()).expect("in memory");
        zip.write_all(bytes).expect("in memory");
        zip.finish().expect("in memory").into_inner()
    };
    let (most, record) = ("text that unpacks to at most", "records of at most");
    refused([("lines".into(), gz(&lines), most), ("a line".into(), gz(&endless), record)], "csv.gz");
    refused([("lines".into(), zip(&lines), most), ("a line".into(), zip(&endless), record)], "csv.zip");
}

/// Just within what is taken.
#[test]
fn the_largest_that_is_taken_costs_no_more() {
    let zstd = Compression::ZSTD(Default::default());
    let cells = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(250)).repeat(19_900);
    let files = [
        ("pages.parquet", texts(zstd, 16_000, 4_000, false)),
        ("dictionary.parquet", texts(zstd, 16_000, 20_000, true)),
        ("page.parquet", texts(zstd, 60 << 20, 1, false)),
        ("cells.xlsx", padded(workbook(&headed(&cells), NONE))),
    ];
    let rules = rules();
    for (name, bytes) in files {
        let (_, said, peak) = checked(&rules, name, &bytes);
        assert!(!said.contains("olasbar"), "{name}: {said}");
        assert!((64..MOST).contains(&peak), "{name}: {peak} MiB");
    }
}
