//! Withdrawn samtycke and protection act on everything that was taken in before: one deltagande, then both; under every
//! number; at once, also where the night fails on the way; and what is dropped leaves no trace in any file.

use super::consequences::LATER;
use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::{Cells, Root, UTTAG, contract, numbers};
use arrow::array::{Array, AsArray};
use pipeline::lake;
use pipeline::stage::{Night, run_stages};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The one who withdraws or is protected, her former number, another participant, and a stranger.
const HER: usize = 0;
const FORMER: usize = 1;
const OTHER: usize = 2;
const STRANGER: usize = 3;

type Pseudonym = [u8; 16];

struct Country {
    root: Root,
    numbers: Vec<String>,
}

impl Country {
    /// She has two deltaganden, the second one under her former number, and rows under both in two registers.
    fn new() -> Country {
        let country = Country { root: Root::with_required(&catalogue()), numbers: numbers(4) };
        country.sus(UTTAG, &[("D1", HER), ("D2", FORMER), ("D3", OTHER)]);
        let byte = vec![("tidigare", country.number(FORMER)), ("nytt", country.number(HER))];
        country.deliver("nummerbyte", UTTAG, &[byte]);
        country.deliver("agi", UTTAG, &country.rows("personnummer"));
        country.deliver("fk_sjukpenning", UTTAG, &country.rows("personnummer"));
        let with_stranger = vec![
            ("manad_nr", "02".to_owned()),
            ("personnummer_1", country.number(OTHER)),
            ("personnummer_2", country.number(STRANGER)),
        ];
        let households = [country.rows("personnummer_1"), vec![with_stranger]].concat();
        country.deliver("ekonomiskt_bistand", UTTAG, &households[1..]);
        country
    }

    fn number(&self, whose: usize) -> String {
        self.numbers[whose].clone()
    }

    fn rows(&self, column: &'static str) -> Vec<Cells<'static>> {
        (0..4).map(|whose| vec![(column, self.number(whose))]).collect()
    }

    fn deliver(&self, table: &str, date: &str, rows: &[Cells<'_>]) -> PathBuf {
        self.root.deliver(&contract(&catalogue(), table), date, rows)
    }

    fn sus(&self, date: &str, deltaganden: &[(&str, usize)]) {
        let row = |(id, whose): &(&str, usize)| {
            vec![("deltagande_id", (*id).to_owned()), ("personnummer", self.number(*whose))]
        };
        self.deliver("sus_deltagande", date, &deltaganden.iter().map(row).collect::<Vec<_>>());
    }

    fn withdraw(&self, date: &str, ids: &[&str]) {
        let rows: Vec<Cells<'_>> = ids.iter().map(|id| vec![("deltagande_id", (*id).to_owned())]).collect();
        self.deliver("samtycke_atertaget", date, &rows);
    }

    fn night(&self) -> Night {
        let (outcome, night) = self.root.ingest(&catalogue());
        assert!(outcome.is_ok(), "{outcome:?}");
        night
    }

    /// By deltagande, as SUS has them in core.
    fn pseudonyms(&self, date: &str) -> Vec<(String, Option<Pseudonym>)> {
        let mut found = Vec::new();
        for batch in lake::read(&self.root.core("sus_deltagande", date)).expect("a core file") {
            let batch = batch.expect("rows");
            let column = |name: &str| batch.column_by_name(name).expect("a column").clone();
            let (ids, people) = (column("deltagande_id"), column("pseudonym"));
            let people = people.as_fixed_size_binary();
            for row in 0..batch.num_rows() {
                let person = people.is_valid(row).then(|| people.value(row).try_into().expect("16 bytes"));
                found.push((ids.as_string::<i32>().value(row).to_owned(), person));
            }
        }
        found.sort();
        found
    }

    /// Tables in which a pseudonym stands, told by their values.
    fn tables_with(&self, person: Pseudonym) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (name, _) in files(&self.root.path.join("core")) {
            for batch in lake::read(&self.root.path.join("core").join(&name)).expect("a core file") {
                let batch = batch.expect("rows");
                let stands = batch.columns().iter().filter_map(|column| column.as_fixed_size_binary_opt());
                if stands.flatten_values().any(|value| value == person) {
                    found.insert(name.split('/').next().expect("a table").to_owned());
                }
            }
        }
        found
    }

    /// Neither her pseudonym nor that of her former number is left in the bytes or the values of any file.
    fn assert_gone(&self, people: &[Pseudonym]) {
        for person in people {
            assert_eq!(self.tables_with(*person), BTreeSet::new());
            for (name, bytes) in files(&self.root.path) {
                // A run empties spill/ when it ends, however it ends; here ingest runs alone.
                if !name.starts_with("deliveries/") && !name.starts_with("spill/") {
                    assert!(!bytes.windows(16).any(|window| window == person), "her pseudonym stands in {name}");
                }
            }
        }
    }
}

/// The values of columns of sixteen bytes.
trait Values<'a> {
    fn flatten_values(self) -> impl Iterator<Item = &'a [u8]>;
}

impl<'a, I: Iterator<Item = &'a arrow::array::FixedSizeBinaryArray>> Values<'a> for I {
    fn flatten_values(self) -> impl Iterator<Item = &'a [u8]> {
        self.flat_map(|column| column.iter().flatten())
    }
}

fn names(tables: &[&str]) -> BTreeSet<String> {
    tables.iter().map(|table| (*table).to_owned()).collect()
}

#[test]
fn one_deltagande_is_withdrawn_and_then_both() {
    let country = Country::new();
    country.root.run_until("derive");
    let [her, former, other] = [0, 1, 2].map(|row| country.pseudonyms(UTTAG)[row].1.expect("followed"));
    let registers = ["agi", "ekonomiskt_bistand", "fk_sjukpenning", "nummerbyte", "sus_deltagande"];
    assert_eq!(country.tables_with(former), names(&registers));
    // She is still followed through the other deltagande, with all her rows, under both numbers.
    country.withdraw(UTTAG, &["D1"]);
    let night = country.root.run_until("derive");
    let anonymised = night.receipts.iter().find(|receipt| receipt.table == "sus_deltagande").map(|r| r.anonymised);
    assert_eq!(anonymised, Some(1));
    let hidden = |date: &str| {
        let all = country.pseudonyms(date).into_iter().filter(|(_, person)| person.is_none());
        all.map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(hidden(UTTAG), ["D1"]);
    assert_eq!(country.tables_with(former), names(&registers));
    assert_eq!(country.tables_with(her), names(&["agi", "fk_sjukpenning", "nummerbyte"]));
    // Then she is not.
    country.withdraw(LATER, &["D1", "D2"]);
    country.root.run_until("derive");
    assert_eq!(hidden(UTTAG), ["D1", "D2"]);
    country.assert_gone(&[her, former]);
    assert!(country.tables_with(other).contains("agi"), "the other one is followed as before");
    let log = files(&country.root.path.join("log"));
    let log: String = log.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    assert!(log.contains(r#""anonymised":1"#) && log.contains(r#""anonymised":2"#), "{log}");
    assert!(log.contains(r#""event":"people_changed""#), "{log}");
}

#[test]
fn whoever_becomes_protected_is_gone_under_every_number() {
    let country = Country::new();
    country.root.run_until("derive");
    let [her, former] = [0, 1].map(|row| country.pseudonyms(UTTAG)[row].1.expect("followed"));
    country.deliver("skyddade_personer", UTTAG, &[vec![("personnummer", country.number(HER))]]);
    country.root.run_until("derive");
    country.assert_gone(&[her, former]);
    // The change of number taken away, SUS is read again, and her former number is still hers.
    fs::remove_dir_all(country.root.path.join("deliveries/nummerbyte")).expect("ours");
    country.sus(LATER, &[("D1", HER), ("D2", FORMER), ("D3", OTHER), ("D4", FORMER)]);
    country.root.run_until("derive");
    country.assert_gone(&[her, former]);
    // Handed in again, it says itself what holds: now the former number is another's.
    let byte = vec![("tidigare", country.number(STRANGER)), ("nytt", country.number(HER))];
    country.deliver("nummerbyte", UTTAG, &[byte]);
    country.night();
    country.assert_gone(&[her]);
    assert!(country.tables_with(former).contains("agi"));
}

#[test]
fn whoever_leaves_sus_leaves_the_registers() {
    let country = Country::new();
    country.root.run_until("derive");
    let [her, former] = [0, 1].map(|row| country.pseudonyms(UTTAG)[row].1.expect("followed"));
    country.sus(LATER, &[("D3", OTHER)]);
    country.root.run_until("derive");
    country.assert_gone(&[her, former]);
}

#[test]
fn what_must_go_goes_before_anything_can_fail() {
    type Change = fn(&Country);
    let changes: [Change; 3] = [
        |country| country.withdraw(UTTAG, &["D1", "D2"]),
        |country| drop(country.deliver("skyddade_personer", UTTAG, &[vec![("personnummer", country.number(HER))]])),
        |country| country.sus(LATER, &[("D3", OTHER)]),
    ];
    for change in changes {
        // A register that cannot be written, and SUS itself: a folder stands where the file is begun.
        for (table, date) in [("agi", UTTAG), ("sus_deltagande", "2023-10-31")] {
            let country = Country::new();
            country.root.run_until("derive");
            let [her, former] = [0, 1].map(|row| country.pseudonyms(UTTAG)[row].1.expect("followed"));
            change(&country);
            let leaves_sus = country.root.path.join("deliveries/sus_deltagande").join(LATER).exists();
            if leaves_sus && table == "sus_deltagande" {
                continue;
            }
            country.deliver(table, date, &[vec![]]);
            fs::create_dir(country.root.core(table, date).with_extension("ofardig")).expect("ours");
            assert!(run_stages(&country.root.job(&catalogue())).is_err(), "the disk fails at {table}");
            assert!(files(&country.root.path.join("spill")).is_empty());
            country.assert_gone(&[her, former]);
        }
    }
}

#[test]
fn a_participant_who_is_new_tonight_has_the_history_of_one_known_from_the_start() {
    let catalogue = catalogue();
    let country = Country::new();
    country.sus(UTTAG, &[("D3", OTHER)]);
    country.root.run_until("derive");
    country.sus(LATER, &[("D1", HER), ("D2", FORMER), ("D3", OTHER)]);
    country.root.run_until("derive");
    let of = |root: &Root| ["core", "derived"].map(|layer| files(&root.path.join(layer)));
    let grown = of(&country.root);
    for folder in ["core", "derived", "receipts", "faults"] {
        fs::remove_dir_all(country.root.path.join(folder)).expect("ours");
    }
    country.root.run_until("derive");
    assert!(grown == of(&country.root), "another history for one who is new");
    // What was dropped was counted, and is nowhere: the stranger's rows, and her place in the other's household.
    let agi = country.root.receipt("agi", UTTAG);
    assert_eq!((agi.rows, agi.kept, agi.outside), (4, 3, 1));
    country.deliver("sus_deltagande", "2023-10-31", &[vec![("personnummer", country.number(STRANGER))]]);
    let elsewhere = Root::new();
    fs::remove_file(&elsewhere.key).and_then(|()| fs::copy(&country.root.key, &elsewhere.key)).expect("ours");
    let alone = Country { root: Root { key: country.root.key.clone(), ..elsewhere }, numbers: numbers(4) };
    for required in catalogue.layer(pipeline::layer::Layer::Deliveries).filter(|c| c.custom_flag("kravs")) {
        alone.root.deliver(required, UTTAG, &[vec![]]);
    }
    alone.sus(UTTAG, &[("D9", STRANGER)]);
    alone.night();
    let stranger = alone.pseudonyms(UTTAG)[0].1.expect("followed");
    country.assert_gone(&[stranger]);
    country.night();
    assert!(country.tables_with(stranger).contains("ekonomiskt_bistand"), "once she takes part she is there");
}
