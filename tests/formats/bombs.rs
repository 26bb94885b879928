//! Workbooks that ask for more than they hold.

use super::other::read_bytes;
use pipeline::fault::Rule;
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};
use zip::write::{SimpleFileOptions, ZipWriter};

const SPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const TYPES: &str = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>";
const PACKAGE: &str = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>\
    <Relationship Id='rId1' Target='xl/workbook.xml' \
    Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument'/></Relationships>";
const BOOK: &str = "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' \
    xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'>\
    <sheets><sheet name='Blad1' sheetId='1' r:id='rId1'/></sheets></workbook>";
const LINKS: &str = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>\
    <Relationship Id='rId1' Target='worksheets/sheet1.xml' \
    Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet'/>\
    <Relationship Id='rId2' Target='sharedStrings.xml' \
    Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings'/></Relationships>";

/// A workbook of one sheet, by hand.
pub fn workbook(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", PACKAGE.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", LINKS.as_bytes()),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).expect("in memory");
        zip.write_all(bytes).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

fn stopped(bytes: &[u8]) -> String {
    let begun = Instant::now();
    let (intake, _) = read_bytes("bomb.xlsx", bytes, &[]);
    assert!(begun.elapsed() < Duration::from_secs(60), "it took too long");
    let stops = intake.faults.iter().filter(|(place, _)| intake.faults.stop() == Some(*place));
    let said: Vec<(Rule, &str)> = stops.map(|(place, count)| (place.rule, count.expected.as_str())).collect();
    assert_eq!(said[0].0, Rule::Unreadable, "{}", intake.faults);
    said[0].1.to_owned()
}

pub fn sheet(rows: &str) -> Vec<u8> {
    format!("<worksheet xmlns='{SPACE}'><sheetData>{rows}</sheetData></worksheet>").into_bytes()
}

pub fn strings(strings: &str) -> Vec<u8> {
    format!("<sst xmlns='{SPACE}'>{strings}</sst>").into_bytes()
}

pub const NONE: &[u8] =
    b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' uniqueCount='0'></sst>";

#[test]
fn two_cells_far_apart_cost_nothing() {
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let said = stopped(&workbook(&sheet(rows), NONE));
    assert!(said.starts_with("at most"), "{said}");
}

#[test]
fn half_a_gigabyte_in_half_a_megabyte_is_not_unpacked() {
    let mut blanks = sheet("");
    blanks.resize(512 << 20, b' ');
    let bomb = workbook(&blanks, NONE);
    assert!(bomb.len() < 1 << 20);
    assert!(stopped(&bomb).starts_with("a workbook that unpacks to at most"));
}

#[test]
fn shared_strings_are_not_made_room_for_as_claimed() {
    for claim in ["4294967295", "99999999999", "18446744073709551615", "99999999999999999999999"] {
        let padded = format!("<!--{}--><sst xmlns='{SPACE}' uniqueCount='{claim}'/>", "x".repeat(70_000));
        assert!(stopped(&workbook(&sheet(""), padded.as_bytes())).ends_with("different texts"), "{claim}");
    }
}

#[test]
fn older_and_binary_workbooks_are_told_what_to_be() {
    let mut old = vec![0xd0, 0xcf, 0x11, 0xe0];
    old.resize(4096, 0);
    assert!(stopped(&old).contains("xls"));
    for name in ["uttag.xls", "uttag.xlsb", "uttag.xlsm", "uttag.ods", "uttag.xlsx.gz"] {
        let (intake, _) = read_bytes(name, &old, &[]);
        assert_eq!(intake.faults.stop().map(|place| place.rule), Some(Rule::Unreadable), "{name}");
    }
}
