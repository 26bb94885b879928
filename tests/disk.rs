//! A disk that is full, wherever it is noticed: exit code 15, and what was in force is as before.
//!
//! `/dev/full` refuses every byte as a full disk does; a link to it stands where a writer begins its file.

use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract};
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use pipeline::error::{Error, exit};
use pipeline::lake::Writer;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

const FULL: &str = "/dev/full";

fn finsam(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_finsam")).args(arguments).output().expect("the program starts")
}

#[track_caller]
fn assert_full(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(i32::from(exit::IO)), "{said}");
    assert!(said.contains("No space left on device") && said.contains("hint: free space"), "{said}");
}

/// Makes the next file of this name end up on a full disk.
fn fill(path: &Path) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    symlink(FULL, path).expect("writable");
}

#[test]
fn a_table_on_a_full_disk_is_an_io_error_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tabell.parquet");
    fill(&path.with_extension("ofardig"));
    let column: ArrayRef = Arc::new((0..200_000).map(|row: i64| row.wrapping_mul(7_919)).collect::<Int64Array>());
    let batch = RecordBatch::try_from_iter([("varde", column)]).expect("one column");
    let mut writer = Writer::create(&path, batch.schema(), &[]).expect("nothing is written yet");
    let error = writer.write(&batch).and_then(|()| writer.finish().map(drop)).expect_err("the disk is full");
    let Error::Io { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((source.kind(), error.exit_code()), (std::io::ErrorKind::StorageFull, exit::IO));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "what was begun is removed");
}

#[test]
fn each_stage_tells_a_full_disk() {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    for table in ["sus_forbund", "sus_insats"] {
        root.deliver(&contract(&catalogue, table), UTTAG, &[vec![]]);
    }
    let (path, key) = (root.path.display().to_string(), root.key.display().to_string());
    let run = || finsam(&["run", "--root", &path, "--key-file", &key]);
    for unfinished in [
        "core/sus_deltagande/2023-06-30.ofardig",
        "receipts/kommun/2023-06-30.ofardig",
        "core/leverans/leverans.ofardig",
        "derived/deltagande.ofardig",
        "mart/forsorjning.ofardig",
    ] {
        fill(&root.path.join(unfinished));
        assert_full(&run());
        assert!(!root.path.join("CURRENT").exists(), "{unfinished}: nothing is in force");
        let _ = fs::remove_file(root.path.join(unfinished));
    }
    assert_eq!(run().status.code(), Some(0), "with room again the night finishes");
}

#[test]
fn an_invented_country_on_a_full_disk_is_told() {
    for table in ["agi", "fk_sjukpenning", "kommun", "bistand_tackning"] {
        let root = Root::new();
        let folder = root.path.join("deliveries").join(table);
        // The generator decides the dates: made once to see where, and again with the disk full there.
        let path = root.path.display().to_string();
        let generate = || finsam(&["generate", "--root", &path, "--scale", "0.002"]);
        assert_eq!(generate().status.code(), Some(0));
        let date = fs::read_dir(&folder).expect("a folder").next().expect("a date").expect("readable").path();
        let name = contract(&catalogue(), table).custom_text("filnamn").expect("a name").to_owned();
        fs::remove_file(date.join(&name)).expect("ours");
        fill(&date.join(&name));
        assert_full(&generate());
    }
}
