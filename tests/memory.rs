//! Peak memory of ingest is the same at 1, 4 and 16 times the rows: measured on the program itself, from outside.

use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, data_file, edit_manifest, numbers, seal};
use pipeline::error::exit;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const PEOPLE: usize = 500;
/// So many that every buffer has been full once at the smallest size.
const ROWS: usize = 100_000;

/// A data root with one long delivery of sjukpenning; every row has a key of its own and is kept.
fn root(rows: usize) -> Root {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    // Without kommun the night ends where ingest does.
    fs::remove_dir_all(root.path.join("deliveries/kommun")).expect("ours");
    let people = numbers(PEOPLE);
    let participant = |(row, number): (usize, &String)| -> Cells<'static> {
        vec![("deltagande_id", format!("D{row:07}")), ("personnummer", number.clone())]
    };
    let participants: Vec<Cells<'_>> = people.iter().enumerate().map(participant).collect();
    root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &participants);
    let folder = root.deliver(&contract(&catalogue, "fk_sjukpenning"), UTTAG, &[vec![]]);
    let mut file = BufWriter::new(File::create(data_file(&folder)).expect("writable"));
    let mut line = String::new();
    for row in 0..rows {
        let (person, nr) = (&people[row % PEOPLE], row / PEOPLE);
        let day = format!("{}{:02}{:02}", 2006 + nr / 336, nr / 28 % 12 + 1, nr % 28 + 1);
        line.clear();
        writeln!(line, "{person}SP{day}{day}100{:13}", "").expect("in memory");
        file.write_all(line.as_bytes()).expect("writable");
    }
    file.into_inner().expect("writable");
    edit_manifest(&folder, |manifest| manifest["filer"][0]["rader"] = rows.into());
    seal(&folder);
    root
}

/// The largest resident set of a program, in KiB: read while it runs, for it never shrinks.
pub fn watch(mut child: Child) -> (i32, u64) {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let held = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = held.and_then(|held| held.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        if let Some(ended) = child.try_wait().expect("the program can be waited for") {
            return (ended.code().expect("it ends by itself"), peak);
        }
        sleep(Duration::from_millis(2));
    }
}

/// Peak of one night over so many rows, in KiB.
fn peak(rows: usize) -> u64 {
    let root = root(rows);
    let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
    command.args(["run", "--quiet", "--root"]).arg(&root.path).arg("--key-file").arg(&root.key);
    let child = command.stderr(Stdio::null()).spawn().expect("the program starts");
    let (code, peak) = watch(child);
    assert_eq!(code, i32::from(exit::DELIVERY_REQUIRED));
    let receipt = root.receipt("fk_sjukpenning", UTTAG);
    assert_eq!((receipt.accepted, receipt.kept), (true, rows as u64), "{:?}", receipt.faults);
    peak
}

/// Of three nights the least: how many blocks the threads hold at once hangs on what else the machine does.
#[test]
fn memory_does_not_grow_with_the_rows() {
    let peaks = [1, 4, 16].map(|times| (0..3).map(|_| peak(ROWS * times)).min().unwrap_or_default());
    let (least, most) = (peaks.iter().min().expect("three"), peaks.iter().max().expect("three"));
    assert!(*least > 1 << 14, "{peaks:?} KiB were not measured");
    assert!(most * 10 <= least * 11, "{peaks:?} KiB differ by more than a tenth");
}
