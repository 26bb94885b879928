//! What a supplier is told of codes that are near: the same however the file was cut, and cheap whatever stands in it.

use super::speed::taken;
use super::{UTTAG, contract};
use crate::support::catalogue;
use crate::support::root::{Cells, Root};
use pipeline::fault::{FaultLog, ROWS_KEPT};
use pipeline::ingest::BLOCK;
use std::time::{Duration, Instant};

fn hints(faults: &FaultLog) -> Vec<(String, u64)> {
    faults.iter().flat_map(|(_, count)| count.hints()).collect()
}

#[test]
fn near_codes_do_not_depend_on_how_a_file_is_cut() {
    let (catalogue, root) = (catalogue(), Root::new());
    // The wrong codes stand apart and after many sound rows; each kind is commoner than the one before.
    let text = |row: usize| match row {
        row if row < 9_000 || row % 3 > 0 => "ARBETE",
        row if row < 9_300 => "ARBTE",
        row if row % 2 == 0 => "STUDEIR",
        _ => "arbete",
    };
    let cells = |row: usize| -> Cells<'static> {
        vec![("deltagande_id", format!("D{row:07}")), ("avslutsanledning_kod", text(row).to_owned())]
    };
    let rows: Vec<Cells<'_>> = (0..15_000).map(cells).collect();
    let folder = root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &rows);
    let whole = taken(&catalogue, &folder, 1, BLOCK).faults;
    // 100 of the first kind, 450 of each of the others: of the first thousand, as of the rows that are told.
    let told =
        [("ARBETE", 550), ("STUDIER", 450)].map(|(code, times)| (format!("närmaste kod i listan: {code}"), times));
    assert_eq!(hints(&whole), told);
    assert_eq!(ROWS_KEPT, 1000);
    for (threads, block) in [(1, 1 << 12), (2, 1 << 16), (3, 1 << 18)] {
        assert_eq!(taken(&catalogue, &folder, threads, block).faults, whole, "{threads} threads, blocks of {block}");
    }
}

#[test]
fn a_long_text_is_near_to_nothing_and_costs_nothing() {
    let (catalogue, root) = (catalogue(), Root::new());
    let long = "ARBETE".repeat(20_000);
    let cells = |row: usize| -> Cells<'_> {
        vec![("deltagande_id", format!("D{row:07}")), ("avslutsanledning_kod", long.clone())]
    };
    let folder = root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &(0..200).map(cells).collect::<Vec<_>>());
    let begun = Instant::now();
    let faults = taken(&catalogue, &folder, 1, BLOCK).faults;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(hints(&faults), []);
}
