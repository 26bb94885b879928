//! A release leaves the agency, is handed to another auditor, and is taken back.

use super::{assert_fails, code, err, finsam, on, out};
use crate::support::catalogue;
use crate::support::land::Land;
use crate::support::root::{Root, UTTAG, damage_lines, edit_manifest};
use arrow::array::AsArray;
use pipeline::error::exit;
use pipeline::lake;
use pipeline::protect::Jj;
use pipeline::publish::current;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Days of sjukpenning that only the first night knows.
const LATE: usize = 7;

fn night(root: &Root) -> String {
    let night = on(root, &root.key, &["run"]);
    assert_eq!(code(&night), exit::DONE, "{}", err(&night));
    current(&root.path).expect("a release is in force").0
}

fn approve(root: &Root, run_id: &str, vintage: &str) -> std::process::Output {
    on(root, &root.key, &["approve", run_id, "--vintage", vintage, "--by", "A. Andersson", "--json"])
}

/// Mark → rows of a table of a release that have it.
fn marks(root: &Root, release: &str, table: &str) -> BTreeMap<String, usize> {
    let path = root.path.join("release").join(release).join(format!("{table}.parquet"));
    let mut marks = BTreeMap::new();
    for batch in lake::read(&path).expect("the table is released") {
        let batch = batch.expect("rows");
        let column = batch.column_by_name("markering_kod").expect("a column").as_string::<i32>();
        column.iter().flatten().for_each(|mark| *marks.entry(mark.to_owned()).or_default() += 1);
    }
    marks
}

#[test]
fn a_release_leaves_the_agency_and_is_taken_back() {
    let catalogue = catalogue();
    let root = Land::new(&catalogue).root;
    let first = night(&root);
    assert_fails(&approve(&root, "2023-06-30-0", "ar2021"), exit::USAGE, "find the release");
    let done = approve(&root, &first, "ar2021");
    assert_eq!(code(&done), exit::DONE, "{}", err(&done));
    assert!(root.path.join("release/ar2021/manifest.json").exists());
    assert_eq!(code(&approve(&root, &first, "ar2021")), exit::DONE, "the same again is the same");

    // A correction: some days of sjukpenning are gone.
    let delivery = root.path.join("deliveries/fk_sjukpenning").join(UTTAG);
    damage_lines(&delivery, |lines| lines.truncate(lines.len() - LATE));
    edit_manifest(&delivery, |manifest| {
        let rows = manifest["filer"][0]["rader"].as_u64().expect("a number");
        manifest["filer"][0]["rader"] = (rows - LATE as u64).into();
    });
    let second = night(&root);
    assert_ne!(first, second);
    assert_fails(&approve(&root, &second, "ar2021"), exit::USAGE, "of another run");
    let done = approve(&root, &second, "ar2022");
    assert_eq!(code(&done), exit::DONE, "{}", err(&done));
    let told: serde_json::Value = serde_json::from_str(&out(&done)).expect("JSON");
    assert_eq!(told["earlier"], 1);
    let marks = marks(&root, "ar2022", "forsorjning_riket");
    assert!(marks["ingen"] > 100 && marks.len() > 1, "{marks:?}");

    handed_to_another_auditor(&root, &first, "ar2022");

    let back = on(&root, &root.key, &["rollback", &first]);
    assert_eq!(code(&back), exit::DONE, "{}", err(&back));
    assert_eq!(current(&root.path).expect("a release is in force").0, first);
}

/// The joint system keeps its relations, is proven as a stranger's would be, and holds the vintage before.
fn handed_to_another_auditor(root: &Root, run_id: &str, vintage: &str) {
    let folder = root.folder.path().join("granskning");
    let path = root.path.display().to_string();
    let hand_out = |release: &str, folder: &std::path::Path| {
        finsam(&["audit", "--root", &path, "--release", release, "--out", &folder.display().to_string(), "--json"])
    };
    let told = |release: &str| -> (serde_json::Value, Jj, Vec<csv::StringRecord>) {
        let done = hand_out(release, &folder);
        assert_eq!(code(&done), exit::DONE, "{}", err(&done));
        let text = fs::read_to_string(folder.join("system.jj")).expect("the system");
        let counts = csv::Reader::from_path(folder.join("tal.csv")).expect("the counts");
        let counts = counts.into_records().map(|record| record.expect("a record")).collect();
        (serde_json::from_str(&out(&done)).expect("JSON"), Jj::parse(&text).expect("it adds up"), counts)
    };
    let (alone, ..) = told(run_id);
    let (joint, jj, counts) = told(vintage);
    assert_eq!((&alone["earlier"], &joint["earlier"]), (&0.into(), &1.into()));
    assert!(joint["relations"].as_u64() > alone["relations"].as_u64(), "{alone} {joint}");
    assert!(counts.len() > 100 && joint["withheld"] == counts.len(), "{joint}");
    let (mut of_earlier, mut reasons) = (0, BTreeMap::new());
    for count in &counts {
        let whole = |at: usize| count[at].parse::<i64>().expect("a number");
        let cell = usize::try_from(whole(0)).expect("a cell");
        let (value, down, up, width, low, high) =
            (jj.system.cells[cell].personer, whole(5), whole(6), whole(7), whole(8), whole(9));
        assert!(jj.status[cell].withheld(), "{count:?}");
        assert!(low <= value - down && value + up <= high && width <= high - low && low < high, "{count:?} {value}");
        of_earlier += usize::from(count[1].is_empty());
        *reasons.entry(count[4].to_owned()).or_insert(0) += 1;
    }
    assert!(of_earlier > 0 && reasons.len() > 2, "{of_earlier} of the vintage before alone: {reasons:?}");
    let mode = fs::metadata(&folder).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "it holds true counts");
    assert_fails(&hand_out(vintage, &root.path.join("release/ut")), exit::USAGE, "among releases");
    assert!(!root.path.join("release/ut").exists(), "nothing is left where nothing was written");
    assert_fails(&hand_out("ar1999", &folder), exit::USAGE, "find the release");
}
