//! What a release is: marked where a delivery was refused, the same wherever the data root lies, never changed.

use super::{code, err, on, out, small};
use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::{Root, contract, damage};
use calamine::{Data, Reader, Xlsx, open_workbook};
use duckdb::{AccessMode, Config, Connection};
use pipeline::error::exit;
use pipeline::layer::Layer;
use pipeline::publish::{MANIFEST, current};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

const LATER: &str = "2023-09-30";
const MARK: &str = "sus_insats 2023-09-30";

fn hand_in_what_is_refused(root: &Root) {
    let folder = root.deliver(&contract(&catalogue(), "sus_insats"), LATER, &[vec![]]);
    damage(&folder, |_| b"HEMLIGT,rubrik\r\n".to_vec());
}

#[track_caller]
fn night(root: &Root, expected: u8) -> String {
    let night = on(root, &root.key, &["run"]);
    assert_eq!(code(&night), expected, "{}", err(&night));
    current(&root.path).expect("a release is in force").0
}

fn manifest(root: &Root) -> Value {
    let (_, folder) = current(&root.path).expect("a release is in force");
    serde_json::from_slice(&fs::read(folder.join(MANIFEST)).expect("a manifest")).expect("JSON")
}

/// Inode and time of every file: what is written again has others.
fn stamps(folder: &Path) -> Vec<(String, u64, SystemTime)> {
    let of = |name: &str| {
        let meta = fs::metadata(folder.join(name)).expect("a file of the release");
        (name.to_owned(), meta.ino(), meta.modified().expect("Linux keeps times"))
    };
    files(folder).iter().map(|(name, _)| of(name)).collect()
}

#[test]
fn a_refusal_makes_a_marked_release_and_leaves_the_earlier_one() {
    let root = small();
    let first = night(&root, exit::DONE);
    assert_eq!(manifest(&root)["not_in_force"], Value::Array(vec![]));
    let earlier = root.path.join("release").join(&first);
    let (bytes, before) = (files(&earlier), stamps(&earlier));

    hand_in_what_is_refused(&root);
    let second = night(&root, exit::DELIVERY_REFUSED);
    assert_ne!(first, second, "one run-id, one manifest");
    let line = format!("{MARK}: refused (rubrik); faults/sus_insats/{LATER}.html");
    assert_eq!(manifest(&root)["not_in_force"], Value::from(vec![line]));
    the_mark_is_shown(&root);
    assert_eq!(night(&root, exit::DELIVERY_REFUSED), second, "the same refusal is nothing new");

    fs::remove_dir_all(root.path.join("deliveries/sus_insats").join(LATER)).expect("ours");
    assert_eq!(night(&root, exit::DONE), first, "what was in force is in force again");
    assert!(files(&earlier) == bytes && stamps(&earlier) == before, "and was not written again");
}

fn the_mark_is_shown(root: &Root) {
    let (_, folder) = current(&root.path).expect("a release is in force");
    let read_only = Config::default().access_mode(AccessMode::ReadOnly).expect("a mode");
    let stock = Connection::open_with_flags(folder.join("finsam.duckdb"), read_only).expect("it opens");
    let tables = catalogue().layer(Layer::Release).count() as i64;
    let marked = "select count(*) from duckdb_tables() where comment like '% Ej i kraft: sus_insats 2023-09-30.'";
    assert_eq!(stock.query_row(marked, [], |row| row.get::<_, i64>(0)).expect("a count"), tables);
    let mut book: Xlsx<_> = open_workbook(folder.join("finsam.xlsx")).expect("it opens");
    let sheet = book.worksheet_range("Försättsblad").expect("the first sheet");
    let rows: Vec<&[Data]> = sheet.rows().collect();
    let shown = rows
        .windows(2)
        .any(|two| two[0] == [Data::String("Ej i kraft".into())] && two[1] == [Data::String(MARK.into())]);
    assert!(shown, "{:?}", sheet.rows().collect::<Vec<_>>());
    let read = fs::read_to_string(folder.join("LASMIG.md")).expect("a text");
    assert!(read.contains(&format!("**Ej i kraft.** Utgåvan är gjord utan:\n\n- {MARK}\n")), "{read}");
    for (name, bytes) in files(&folder) {
        assert!(!bytes.windows(7).any(|window| window == b"HEMLIGT"), "{name}");
    }
}

#[test]
fn the_same_release_wherever_the_data_root_lies() {
    let (here, there) = (small(), small());
    fs::copy(&here.key, &there.key).expect("ours");
    for root in [&here, &there] {
        hand_in_what_is_refused(root);
        fs::create_dir_all(root.path.join("deliveries/okand/2023-09-30")).expect("writable");
        night(root, exit::DELIVERY_REFUSED);
    }
    assert!(files(&here.path.join("release")) == files(&there.path.join("release")), "the same names and bytes");
    let lines = manifest(&here)["not_in_force"].to_string();
    assert!(lines.contains("deliveries/okand: belongs to no contract") && !lines.contains("[\"/"), "{lines}");
    assert!(!lines.contains(&here.path.display().to_string()), "{lines}");
}

#[test]
fn going_back_to_earlier_settings_writes_nothing_again() {
    let root = small();
    let first = night(&root, exit::DONE);
    let earlier = root.path.join("release").join(&first);
    let before = stamps(&earlier);
    fs::write(root.path.join("finsam.toml"), "threshold = 6\n").expect("writable");
    assert_ne!(night(&root, exit::DONE), first);
    fs::remove_file(root.path.join("finsam.toml")).expect("ours");
    assert_eq!(night(&root, exit::DONE), first);
    assert_eq!(stamps(&earlier), before, "CURRENT names it, and nothing else happens");
    assert!(out(&on(&root, &root.key, &["status"])).contains(&first));

    // What is no longer whole is made anew: here a table was lost.
    fs::remove_file(earlier.join("deltagare_riket.parquet")).expect("ours");
    fs::remove_file(root.path.join("CURRENT")).expect("ours");
    assert_eq!(night(&root, exit::DONE), first);
    assert_eq!(stamps(&earlier).len(), before.len());
}
