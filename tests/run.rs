//! The whole night on a small country: twice the same bytes, night by night as all at once, nothing to do when
//! nothing changed, and a release that the reader's own tools open.

use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::Root;
use duckdb::Connection;
use pipeline::layer::Layer;
use pipeline::publish::{MANIFEST, current};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const SCALE: f64 = 0.02;

fn layers(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for layer in ["core", "derived", "mart", "proof", "release"] {
        all.extend(files(&root.join(layer)).into_iter().map(|(name, bytes)| (format!("{layer}/{name}"), bytes)));
    }
    all
}

fn assert_same(first: &BTreeMap<String, Vec<u8>>, second: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(first), names(second), "the same files");
    let apart: Vec<&String> =
        first.iter().filter(|(name, bytes)| second[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(apart.is_empty(), "other bytes in {apart:?}");
}

#[test]
fn the_same_deliveries_give_the_same_bytes() {
    let root = Root::generated(SCALE);
    let night = root.run();
    assert!(night.published, "a first night publishes");
    assert!(night.refused.is_empty(), "{:?}", night.refused);
    let first = layers(&root.path);
    let again = root.run();
    assert!(!again.published && again.read == 0, "nothing changed, so nothing is done");
    assert_same(&first, &layers(&root.path));
    for folder in ["core", "derived", "mart", "proof", "release", "receipts", "CURRENT"] {
        let path = root.path.join(folder);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("it is ours");
    }
    assert!(root.run().published, "without its layers the root starts anew");
    assert_same(&first, &layers(&root.path));
    the_release_is_whole(&root.path);
}

/// Manifest, formats and CURRENT agree, read by other means than the writers'.
fn the_release_is_whole(root: &Path) {
    let (run_id, folder) = current(root).expect("a release is in force");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join(MANIFEST)).expect("a manifest")).expect("JSON");
    assert_eq!(manifest["run_id"], run_id.as_str());
    let stock = Connection::open(folder.join("finsam.duckdb")).expect("DuckDB opens the release");
    for contract in catalogue().layer(Layer::Release) {
        let parquet = folder.join(format!("{}.parquet", contract.name));
        let plain = folder.join(format!("{}.plain.csv", contract.name));
        let count = |source: &str| -> i64 {
            let sql = format!("select count(*) from {source}");
            stock.query_row(&sql, [], |row| row.get(0)).expect("the table can be counted")
        };
        let rows = count(&contract.name);
        assert!(rows > 0, "{} has rows", contract.name);
        assert_eq!(rows, count(&format!("read_parquet('{}')", parquet.display())));
        assert_eq!(rows, count(&format!("read_csv('{}')", plain.display())));
        let apart = |columns: &str, source: &str| {
            count(&format!("(select {columns} from {} except select {columns} from {source})", contract.name))
        };
        let all = apart("*", &format!("read_parquet('{}')", parquet.display()));
        assert_eq!(all, 0, "{} is the same in DuckDB and Parquet", contract.name);
        let named = |name: &&str| contract.column(name).is_some();
        let measures: Vec<&str> =
            ["deltaganden_antal", "personer_antal", "status_kod"].into_iter().filter(named).collect();
        let plain = apart(&measures.join(", "), &format!("read_csv('{}')", plain.display()));
        assert_eq!(plain, 0, "{} is the same in DuckDB and CSV", contract.name);
        let Some(persons) = measures.iter().find(|name| name.starts_with("personer")) else { continue };
        let small = count(&format!("{} where {persons} between 1 and 4", contract.name));
        assert_eq!(small, 0, "{} shows no small count", contract.name);
        let silent = count(&format!("{} where (status_kod = 'publicerad') <> ({persons} is not null)", contract.name));
        assert_eq!(silent, 0, "{} says why a count is missing", contract.name);
    }
}

#[test]
fn night_by_night_is_as_all_at_once() {
    let whole = Root::generated(SCALE);
    whole.run_until("aggregate");
    let expected = layers(&whole.path);
    // The same deliveries, of which the registers' newest years, what replaces months and corrects a year, and the
    // changes of number come a night later each.
    let late = [
        "agi/2023-06-30",
        "ekonomiskt_bistand/2023-04-15",
        "ekonomiskt_bistand/2022-10-31",
        "agi/2023-05-31",
        "nummerbyte/2023-06-30",
        "fk_sjukpenning/2023-06-30",
    ];
    let aside = tempfile::tempdir().expect("a folder");
    let root = whole.path.clone();
    for folder in ["core", "derived", "mart", "receipts", "faults"] {
        fs::remove_dir_all(root.join(folder)).expect("it is ours");
    }
    let away = |name: &str| aside.path().join(name.replace('/', "-"));
    for name in late {
        fs::rename(root.join("deliveries").join(name), away(name)).expect("the same file system");
    }
    whole.run_until("ingest");
    for name in late {
        fs::rename(away(name), root.join("deliveries").join(name)).expect("the same file system");
        whole.run_until("ingest");
    }
    whole.run_until("aggregate");
    assert_same(&expected, &layers(&root));
}
