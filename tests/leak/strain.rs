//! The same promise under strain, over all families: the night is killed in the middle of ingest, again and again, and
//! the engines have so little memory that they spill.

use super::assert_tight;
use super::search::{Numbers, delivered, is_finished};
use crate::support::country::files;
use crate::support::root::{Cells, Root, contract};
use crate::support::{catalogue, paths};
use pipeline::generate::Plan;
use pipeline::layer::Layer;
use pipeline::pseudonymise::Canonical;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// Deliveries that a night takes before it is killed.
const EACH: usize = 6;
/// Of the long delivery: so many that its keys spill and that row groups of it are written before it is whole.
const LONG: usize = 100_000;
const LONG_DATE: &str = "2017-04-15";

/// A small country of every family, and one long delivery: bistånd of 2016, to participants.
fn country() -> Root {
    let root = Root::invented(&Plan { seed: 11, scale: 0.004, befolkning: 50 });
    let catalogue = catalogue();
    for contract in catalogue.layer(Layer::Deliveries) {
        assert!(root.path.join("deliveries").join(&contract.name).exists(), "{} is not searched for", contract.name);
    }
    let sus = fs::read(root.path.join("deliveries/sus_deltagande/2023-01-31/deltagande.csv")).expect("delivered");
    let lines = sus.split(|byte| *byte == b'\n').skip(1).map(|line| String::from_utf8_lossy(line).into_owned());
    let numbers = lines.filter_map(|line| Some(line.split(';').nth(2)?.to_owned()));
    // The country plants numbers that are none.
    let numbers: BTreeSet<String> = numbers.filter(|number| Canonical::person(number, 2023).is_ok()).collect();
    let numbers: Vec<String> = numbers.into_iter().take(100).collect();
    let kommuner: Vec<String> =
        catalogue.code_list("kommun").expect("a list").codes.iter().map(|code| code.code.clone()).collect();
    let row = |nr: usize| -> Cells<'static> {
        vec![
            ("ar", "2016".to_owned()),
            ("manad_nr", format!("{:02}", nr % 12 + 1)),
            ("personnummer_1", numbers[nr / 12 % numbers.len()].clone()),
            ("kommun_kod", kommuner[nr / 12 / numbers.len()].clone()),
        ]
    };
    let rows: Vec<Cells<'_>> = (0..LONG).map(row).collect();
    let bistand = contract(&catalogue, "ekonomiskt_bistand");
    root.deliver_period(&bistand, LONG_DATE, ("2016-01-01", "2016-12-31"), &rows);
    root
}

fn start(root: &Root) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
    command.args(["run", "--quiet", "--root"]).arg(&root.path).arg("--key-file").arg(&root.key);
    command.stderr(Stdio::null()).spawn().expect("the program starts")
}

fn receipts(root: &Root) -> usize {
    paths(&root.path.join("receipts")).iter().filter(|path| path.extension().is_some_and(|kind| kind == "json")).count()
}

/// What a killed night leaves beside whole files.
#[derive(Default)]
struct Left {
    nights: usize,
    /// Tables that were not finished, as far as they came.
    halves: BTreeMap<PathBuf, Vec<u8>>,
    spilled: usize,
}

impl Left {
    /// Everything but the deliveries is searched.
    fn look(&mut self, root: &Root, numbers: &Numbers) {
        self.nights += 1;
        for path in paths(&root.path).into_iter().filter(|path| !path.starts_with(root.path.join("deliveries"))) {
            assert_eq!(numbers.search(&path), None, "killed for the {} time: {}", self.nights, path.display());
            let bytes = fs::read(&path).expect("readable");
            self.spilled += usize::from(path.starts_with(root.path.join("spill")) && !bytes.is_empty());
            if path.extension().is_some_and(|kind| kind == "ofardig")
                && bytes.starts_with(b"PAR1")
                && !is_finished(&path)
            {
                self.halves.insert(path, bytes);
            }
        }
    }

    /// Half a table is compressed, and without its footer nobody reads it back: but it is how the whole one begins, and
    /// that one is searched.
    fn assert_halves_of_what_is_searched(&self) {
        for (path, half) in &self.halves {
            let whole = fs::read(path.with_extension("parquet")).expect("the next night finished it");
            assert!(whole.starts_with(half), "{} is another file", path.display());
        }
        let longest = self.halves.values().map(Vec::len).max();
        assert!(longest.is_some_and(|bytes| bytes > 10_000), "no table was half written: {longest:?} bytes at most");
        assert!(self.spilled > 30, "{} files had been spilled", self.spilled);
    }
}

#[test]
fn a_night_that_is_killed_leaves_no_number() {
    let root = country();
    let numbers = delivered(&catalogue(), &root.path.join("deliveries"));
    assert!(numbers.count() > 500, "only {} numbers were delivered", numbers.count());
    let long = root.path.join("core/ekonomiskt_bistand").join(LONG_DATE).with_extension("ofardig");
    let in_force = root.path.join("core/leverans/leverans.parquet");
    let mut left = Left::default();
    while !in_force.exists() {
        let (before, was_long) = (receipts(&root), left.halves.contains_key(&long));
        let mut night = start(&root);
        let is_far = || {
            let written = fs::metadata(&long).map_or(0, |meta| meta.len());
            written > 10_000 && !was_long || receipts(&root) >= before + EACH || in_force.exists()
        };
        while night.try_wait().expect("it can be waited for").is_none() && !is_far() {
            sleep(Duration::from_millis(1));
        }
        night.kill().expect("ours");
        assert_eq!(night.wait().expect("ours").code(), None, "it was killed");
        left.look(&root, &numbers);
        assert!(left.nights < 100, "the night comes no further");
    }
    assert!(left.nights > 5, "killed only {} times", left.nights);
    let night = root.run_until("aggregate");
    assert!(night.refused.is_empty(), "{:?}", night.refused);
    left.assert_halves_of_what_is_searched();
    assert_tight(&root, 500);
}

/// Looks through what is spilled for as long as the night goes on; the files of the engines and of ingest it has seen.
fn watch(spill: &Path, numbers: &Numbers, is_over: &AtomicBool) -> BTreeMap<String, u64> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    while !is_over.load(Ordering::Relaxed) {
        for path in paths(spill) {
            // Spilled files come and go.
            let Ok(bytes) = fs::read(&path) else { continue };
            assert!(!numbers.in_binary(&bytes), "{}", path.display());
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let is_clear = name.starts_with("duckdb") && memchr::memmem::find(&bytes, b"sjukpenning").is_some();
            assert!(!is_clear, "{name} can be read: rows, and whatever was in memory before them");
            let most = seen.entry(name).or_default();
            *most = (bytes.len() as u64).max(*most);
        }
        sleep(Duration::from_millis(5));
    }
    seen
}

#[test]
fn with_so_little_memory_that_engines_spill_no_number_is_written() {
    let root = Root::generated(0.05);
    fs::write(root.path.join("finsam.toml"), "memory_mib = 128\n").expect("writable");
    let numbers = delivered(&catalogue(), &root.path.join("deliveries"));
    let (spill, is_over) = (root.path.join("spill"), AtomicBool::new(false));
    let seen = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&spill, &numbers, &is_over));
        let night = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| root.run_until("aggregate")));
        is_over.store(true, Ordering::Relaxed);
        let seen = watching.join().expect("nothing was found");
        assert!(night.expect("the night is not stopped by little memory").refused.is_empty());
        seen
    });
    let of_engines: u64 = seen.iter().filter(|(name, _)| name.starts_with("duckdb_temp")).map(|(_, most)| most).sum();
    assert!(of_engines > 100_000, "the engines spilled {of_engines} bytes: {seen:?}");
    // What they were given, core and derived, is searched by value too: what they encrypt cannot be.
    assert_tight(&root, 5_000);
    assert!(files(&root.path.join("mart")).len() > 3);
}
