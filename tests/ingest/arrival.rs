//! Night by night as all at once: whatever the order in which deliveries arrive, core, derived and mart are the same
//! bytes in the end. Among them: rows sent again, corrected, added and removed, months that a year replaces whole or in
//! part, lists, older ones late, and refused ones.

use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::{Cells, Root, UTTAG, contract, damage, day, edit_manifest, numbers};
use pipeline::layer::Layer;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::path::{Path, PathBuf};

/// Orders that are tried.
const ORDERS: u32 = 8;
/// Nights that deliveries arrive in, the first one before any.
const NIGHTS: usize = 5;

fn agi(number: &str, manad: &str, kronor: &str, borttag: &str) -> Cells<'static> {
    vec![
        ("personnummer", number.to_owned()),
        ("manad", manad.to_owned()),
        ("ersattning_arbete_antal", kronor.to_owned()),
        ("borttag_nr", borttag.to_owned()),
    ]
}

fn bistand(number: &str, ar: &str, manad: &str, kronor: &str) -> Cells<'static> {
    vec![
        ("ar", ar.to_owned()),
        ("manad_nr", manad.to_owned()),
        ("belopp_antal", kronor.to_owned()),
        ("personnummer_1", number.to_owned()),
    ]
}

/// Delivers a tiny country.
fn deliver(root: &Root) {
    let catalogue = catalogue();
    for required in catalogue.layer(Layer::Deliveries).filter(|contract| contract.custom_flag("kravs")) {
        root.deliver(required, UTTAG, &[vec![]]);
    }
    let numbers = numbers(6);
    let give = |table: &str, date: &str, period: (&str, &str), rows: &[Cells<'_>]| {
        root.deliver_period(&contract(&catalogue, table), date, period, rows)
    };
    let always = ("2018-01-01", "2023-06-30");
    let sus = |people: &[usize]| -> Vec<Cells<'_>> {
        let row = |who: &usize| {
            let (start, slut) = ("2022-02-01".to_owned(), "2022-09-30".to_owned());
            let id = format!("D{who:07}");
            vec![
                ("deltagande_id", id),
                ("personnummer", numbers[*who].clone()),
                ("start_datum", start),
                ("slut_datum", slut),
            ]
        };
        people.iter().map(row).collect()
    };
    give("sus_deltagande", "2023-01-31", always, &sus(&[0, 1, 4]));
    give("sus_deltagande", UTTAG, always, &sus(&[0, 1, 2, 3]));
    give("sus_insats", UTTAG, always, &[vec![]]);
    give("samtycke_atertaget", "2023-01-31", always, &[vec![("deltagande_id", "D0000000".to_owned())]]);
    give("samtycke_atertaget", UTTAG, always, &[vec![("deltagande_id", "D0000001".to_owned())]]);
    give("skyddade_personer", "2023-01-31", always, &[vec![("personnummer", numbers[0].clone())]]);
    give("skyddade_personer", UTTAG, always, &[vec![("personnummer", numbers[5].clone())]]);
    let byte = |former: usize, new: usize| vec![("tidigare", numbers[former].clone()), ("nytt", numbers[new].clone())];
    give("nummerbyte", "2023-01-31", always, &[byte(4, 0)]);
    give("nummerbyte", UTTAG, always, &[byte(5, 3)]);
    let folk: Vec<Cells<'_>> = numbers.iter().map(|number| vec![("personnummer", number.clone())]).collect();
    give("folkbokforing", "2023-03-31", always, &folk[..2]);
    give("folkbokforing", UTTAG, always, &folk);
    give("fk_sjukpenning", "2023-03-31", always, &folk[..3]);
    let damaged = give("fk_sjukpenning", UTTAG, always, &folk);
    damage(&damaged, |bytes| bytes[..bytes.len() - 7].to_vec());
    let year = ("2022-01-01", "2022-12-31");
    let mut months: Vec<Cells<'_>> =
        numbers.iter().flat_map(|number| ["202201", "202209"].map(|month| agi(number, month, "20000", ""))).collect();
    give("agi", "2023-01-31", year, &months[..6]);
    // One row is sent again, and one is sent and removed, in the same delivery.
    months.extend([agi(&numbers[1], "202201", "70", ""), agi(&numbers[3], "202203", "20000", "")]);
    months.push(agi(&numbers[3], "202203", "", "1"));
    give("agi", "2023-03-31", year, &months);
    let refused = give("agi", "2023-04-30", year, &months);
    edit_manifest(&refused, |manifest| manifest["filer"][0]["rader"] = 1.into());
    // The first is of a delivery that another has replaced; the last takes back what the one before it removed.
    let corrections = [
        agi(&numbers[0], "202201", "50", ""),
        agi(&numbers[2], "202209", "", "1"),
        agi(&numbers[3], "202205", "20000", ""),
        agi(&numbers[2], "202209", "30000", ""),
    ];
    for (date, rows) in
        [("2022-12-31", &corrections[..1]), ("2023-05-31", &corrections[..3]), (UTTAG, &corrections[3..])]
    {
        let folder = give("agi", date, ("2022-01-01", "2022-09-30"), rows);
        edit_manifest(&folder, |manifest| manifest["omfattning"] = "rattelse".into());
    }
    let household = |manad: &str, kronor: &str| -> Vec<Cells<'_>> {
        numbers.iter().map(|number| bistand(number, "2022", manad, kronor)).collect()
    };
    // A year that replaces all its months, of which one is late, one not settled, and one has a household too many.
    for (nr, date, of) in [("10", "2021-12-31", 0..2), ("11", "2022-01-31", 0..3), ("12", "2022-02-28", 2..6)] {
        let rows: Vec<Cells<'_>> = numbers[of].iter().map(|number| bistand(number, "2021", nr, "0")).collect();
        let last = day(&format!("2021-{nr}-01")) + chrono::Months::new(1) - chrono::Days::new(1);
        give("ekonomiskt_bistand", date, (&format!("2021-{nr}-01"), &last.to_string()), &rows);
    }
    let of_2021 = ["10", "11", "12"].map(|nr| bistand(&numbers[3], "2021", nr, "4000"));
    give("ekonomiskt_bistand", "2022-04-15", ("2021-01-01", "2021-12-31"), &of_2021);
    for (nr, date) in [("01", "2022-04-30"), ("02", "2022-05-31"), ("09", "2022-12-31")] {
        let last = day(&format!("2022-{nr}-01")) + chrono::Months::new(1) - chrono::Days::new(1);
        give("ekonomiskt_bistand", date, (&format!("2022-{nr}-01"), &last.to_string()), &household(nr, "900"));
    }
    let whole: Vec<Cells<'_>> = [household("01", "5000"), household("09", "5000")].concat();
    give("ekonomiskt_bistand", "2023-04-30", ("2022-01-01", "2022-08-31"), &whole[..6]);
    let tackning = vec![("manad", "202209".to_owned()), ("rapporterad_kod", "J".to_owned())];
    give("bistand_tackning", UTTAG, year, &[tackning]);
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for contract in fs::read_dir(root.join("deliveries")).expect("deliveries") {
        for date in fs::read_dir(contract.expect("a contract").path()).expect("dates") {
            found.push(date.expect("a date").path());
        }
    }
    found.sort();
    found
}

fn layers(root: &Path) -> Vec<(String, Vec<u8>)> {
    let below = |layer: &str| {
        let named = files(&root.join(layer)).into_iter();
        named.map(|(name, bytes)| (format!("{layer}/{name}"), bytes)).collect::<Vec<_>>()
    };
    ["core", "derived", "mart"].into_iter().flat_map(below).collect()
}

fn start_anew(root: &Root) {
    for folder in ["core", "derived", "mart", "receipts", "faults"] {
        let path = root.path.join(folder);
        if path.exists() {
            fs::remove_dir_all(path).expect("ours");
        }
    }
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let root = Root::new();
    deliver(&root);
    let night = root.run_until("aggregate");
    let expected = layers(&root.path);
    let in_force = |table: &str| -> Vec<String> {
        let rows = night.in_force.iter().filter(|one| one.table == table);
        rows.map(|one| format!("{} {} {}", one.uttagsdatum, one.from, one.till)).collect()
    };
    let of_agi = ["2023-03-31 2022-01-01 2023-01-01", "2023-05-31 2022-01-01 2022-10-01"];
    assert_eq!(in_force("agi"), [&of_agi[..], &["2023-06-30 2022-01-01 2022-10-01"]].concat());
    let of_bistand =
        ["2022-04-15 2021-01-01 2022-01-01", "2022-12-31 2022-09-01 2022-10-01", "2023-04-30 2022-01-01 2022-09-01"];
    assert_eq!(in_force("ekonomiskt_bistand"), of_bistand);
    assert_eq!(in_force("fk_sjukpenning"), ["2023-03-31 2018-01-01 2023-07-01"]);
    assert_eq!(night.refused.len(), 2, "{:?}", night.refused);
    let aside = tempfile::tempdir().expect("a folder");
    let all = folders(&root.path);
    let away = |path: &Path| {
        aside.path().join(path.strip_prefix(&root.path).expect("below").display().to_string().replace('/', "-"))
    };
    let mut runner = TestRunner::new(Config { cases: ORDERS, failure_persistence: None, ..Config::default() });
    let nights = proptest::collection::vec(0..NIGHTS, all.len());
    let outcome = runner.run(&nights, |nights| {
        start_anew(&root);
        let late = || all.iter().zip(&nights).filter(|(_, night)| **night > 0);
        late().for_each(|(path, _)| fs::rename(path, away(path)).expect("the same file system"));
        for tonight in 0..NIGHTS {
            for (path, _) in late().filter(|(_, night)| **night == tonight) {
                fs::rename(away(path), path).expect("the same file system");
            }
            // Until all that is required has come, a night ends early.
            let _ = root.ingest(&catalogue());
        }
        root.run_until("aggregate");
        let found = layers(&root.path);
        let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&expected), names(&found));
        for (one, other) in expected.iter().zip(&found) {
            prop_assert!(one == other, "other bytes in {}", one.0);
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}
