//! The sample: what is sound is taken, every code and option occurs in it, and what is faulty breaks just its rule.

use crate::support::root::{Root, contract, data_file, take};
use crate::support::{catalogue, paths};
use arrow::util::display::array_value_to_string;
use chrono::NaiveDate;
use pipeline::contract::{Catalogue, Severity};
use pipeline::fault::Rule;
use pipeline::generate::{Prov, UTTAG, sample};
use pipeline::ingest::{Intake, Overdue, Scan, Taken, overdue, reaches};
use pipeline::layer::Layer;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Rules that no delivery by itself can break: no contract has letters of cp850, and how many of the people of SUS a
/// register knows depends on SUS.
const UNBREAKABLE: [Rule; 2] = [Rule::Cp850, Rule::Match];

fn made(catalogue: &Catalogue) -> (TempDir, Vec<Prov>) {
    let folder = tempfile::tempdir().expect("a folder");
    let made = sample(catalogue, &folder.path().join("prov")).expect("every contract has its sample");
    (folder, made)
}

/// The delivery of a sample; the newest, where there are two.
fn folder(prov: &Prov) -> PathBuf {
    let dates = prov.deliveries.join(&prov.contract);
    fs::read_dir(dates).expect("a folder").map(|entry| entry.expect("an entry").path()).max().expect("a delivery")
}

fn rules(intake: &Intake) -> Vec<Rule> {
    intake.faults.iter().map(|(place, _)| place.rule).collect()
}

#[test]
fn every_sound_sample_is_taken_without_a_fault() {
    let catalogue = catalogue();
    let (_kept, made) = made(&catalogue);
    let (mut wrong, mut rows) = (Vec::new(), Vec::new());
    for prov in made.iter().filter(|prov| prov.rule.is_none()) {
        let (intake, _) = take(&catalogue, &folder(prov));
        if !intake.faults.is_empty() || intake.rows == 0 {
            wrong.push(format!("{} {}: {}", prov.contract, prov.shows, intake.faults));
        }
        rows.push((prov.contract.clone(), intake.rows, intake.left_out));
    }
    assert_eq!(wrong, Vec::<String>::new());
    // An option changes how a delivery looks, not what it says.
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), catalogue.layer(Layer::Deliveries).count());
}

/// The texts of a column that were kept, as they are stored.
fn stored(taken: &[Taken], column: &str) -> BTreeSet<String> {
    let columns = taken.iter().filter_map(|part| part.columns.get(column));
    columns
        .flat_map(|array| (0..array.len()).map(move |row| array_value_to_string(array, row).expect("a value")))
        .collect()
}

#[test]
fn every_code_of_each_list_occurs() {
    let catalogue = catalogue();
    let (_kept, made) = made(&catalogue);
    let mut lists = 0;
    for prov in made.iter().filter(|prov| prov.shows == "grund") {
        let contract = contract(&catalogue, &prov.contract);
        let (_, taken) = take(&catalogue, &folder(prov));
        for column in contract.columns.iter().filter(|column| column.identity.is_none()) {
            let Some(list) = &column.code_list else { continue };
            lists += 1;
            let found = stored(&taken, &column.name);
            let left_out = contract.custom_key("utelamna", "kolumn") == Some(&column.name);
            let only = contract.custom_key("utelamna", "annatAn").filter(|_| left_out);
            let codes = catalogue.code_list(list).expect("a list").codes.iter().map(|code| code.code.as_str());
            let codes: Vec<&str> = only.map_or(codes.collect(), |only| vec![only]);
            let is_there = |code: &str| {
                found.contains(code) || code.parse::<i64>().is_ok_and(|number| found.contains(&number.to_string()))
            };
            let missing: Vec<&&str> = codes.iter().filter(|code| !is_there(code)).collect();
            assert!(missing.is_empty(), "{} {}: {missing:?} of {list}", contract.name, column.name);
        }
    }
    assert!(lists > 20, "{lists} columns have a list");
}

#[test]
fn every_option_that_a_contract_leaves_open_is_shown() {
    let catalogue = catalogue();
    let (_kept, made) = made(&catalogue);
    for contract in catalogue.layer(Layer::Deliveries) {
        let shown = |shows: &str| made.iter().any(|prov| prov.contract == contract.name && prov.shows == shows);
        let formats = contract.formats().expect("ours");
        let is_text = formats.iter().any(|format| format.is_text());
        assert!(shown("grund"), "{}", contract.name);
        for format in &formats[1..] {
            assert!(shown(&format!("format_{}", format.name())), "{} {}", contract.name, format.name());
        }
        for option in ["annat_radslut", "flera_filer", "gz", "zip"] {
            assert_eq!(shown(option), is_text, "{} {option}", contract.name);
        }
        let has_title = contract.custom_number("rubrikHogstRad").is_some();
        assert_eq!(shown("titel"), is_text && has_title, "{}", contract.name);
        let may_end = contract.custom.contains_key("slutradTillaten");
        assert_eq!(shown("slutrad"), is_text && may_end, "{}", contract.name);
        let utf8 = contract.custom_text("teckenkodning") == Some("utf-8");
        assert_eq!(shown("bom"), is_text && utf8, "{}", contract.name);
        let aliases = contract.columns.iter().map(|column| column.aliases.len()).max().unwrap_or(0);
        assert_eq!(shown(&format!("annan_rubrik_{aliases}")), aliases > 0, "{}", contract.name);
        let grund = made.iter().find(|prov| prov.contract == contract.name && prov.shows == "grund").expect("one");
        let (_, taken) = take(&catalogue, &folder(grund));
        for column in contract.columns.iter().filter(|column| !column.null_texts.is_empty() && !column.required) {
            let empty = taken.iter().any(|part| part.columns[&column.name].null_count() > 0);
            assert!(empty, "{} {} is always there", contract.name, column.name);
        }
    }
}

/// By their bytes, not by their names: the first of each format and packing, and the letters of SAS's own head.
#[test]
fn every_format_and_packing_occurs() {
    let catalogue = catalogue();
    let (_kept, made) = made(&catalogue);
    let mut found: BTreeSet<(&str, &str)> = BTreeSet::new();
    for prov in made.iter().filter(|prov| prov.rule.is_none()) {
        let file = data_file(&folder(prov));
        let bytes = fs::read(&file).expect("a file");
        let format = contract(&catalogue, &prov.contract).format_of(&file.to_string_lossy()).expect("ours");
        let kind = match bytes.as_slice() {
            [0x1f, 0x8b, ..] => "gz",
            [b'P', b'K', ..] => "zip",
            [b'P', b'A', b'R', b'1', ..] => "parquet",
            bytes if bytes.get(84..92) == Some(b"SAS FILE") => "sas",
            _ => "plain",
        };
        found.insert((format.expect("it is taken").name(), kind));
    }
    let text = ["avgransad", "fastbredd"].into_iter().flat_map(|text| ["plain", "gz", "zip"].map(|kind| (text, kind)));
    let others = [("xlsx", "zip"), ("parquet", "parquet"), ("sas7bdat", "sas")];
    assert_eq!(found, text.chain(others).collect());
}

/// What is overdue on the sample's day where its deliveries are in force.
fn late(catalogue: &Catalogue, prov: &Prov) -> Vec<Overdue> {
    let scan = Scan::of(&prov.deliveries, catalogue, NaiveDate::MAX).expect("the folder can be listed");
    let in_force: Vec<_> = scan
        .deliveries
        .iter()
        .filter_map(|delivery| Some((delivery.contract.name.as_str(), delivery.manifest.as_ref().ok()?.period.till)))
        .collect();
    let found = overdue(catalogue, &reaches(&scan, in_force.into_iter()), UTTAG).expect("sound contracts");
    found.into_iter().filter(|overdue| overdue.table == prov.contract).collect()
}

#[test]
fn every_rule_has_a_sample_that_breaks_it_and_no_other() {
    let catalogue = catalogue();
    let (_kept, made) = made(&catalogue);
    let mut covered: BTreeSet<Rule> = UNBREAKABLE.into();
    for prov in &made {
        let Some(rule) = prov.rule else { continue };
        covered.insert(rule);
        let found = match rule {
            Rule::UnknownContract => {
                let scan = Scan::of(&prov.deliveries, &catalogue, NaiveDate::MAX).expect("the folder can be listed");
                assert_eq!(scan.strangers, ["okant_kontrakt"]);
                continue;
            }
            Rule::NeverDelivered | Rule::Late | Rule::Stale => {
                late(&catalogue, prov).iter().map(|overdue| overdue.rule).collect()
            }
            Rule::Older => {
                older(&catalogue, prov);
                continue;
            }
            _ => rules(&take(&catalogue, &folder(prov)).0),
        };
        let expected: &[Rule] = if rule == Rule::Tolerance { &[Rule::Tolerance, Rule::Code] } else { &[rule] };
        assert_eq!(found, expected, "{} of {}", rule.code(), prov.contract);
    }
    let missing: Vec<&str> = Rule::ALL.iter().filter(|rule| !covered.contains(rule)).map(|rule| rule.code()).collect();
    assert_eq!(missing, Vec::<&str>::new(), "rules without a sample");
}

/// The older of two deliveries is noted and not read.
fn older(catalogue: &Catalogue, prov: &Prov) {
    let root = Root::new();
    let table = root.path.join("deliveries").join(&prov.contract);
    for file in paths(&prov.deliveries.join(&prov.contract)) {
        let below = file.strip_prefix(prov.deliveries.join(&prov.contract)).expect("below");
        fs::create_dir_all(table.join(below).parent().expect("a folder")).expect("writable");
        fs::copy(&file, table.join(below)).expect("writable");
    }
    let _ = root.ingest(catalogue);
    let dates: BTreeSet<String> = fs::read_dir(&table)
        .expect("dates")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let told: Vec<Vec<String>> = dates
        .iter()
        .map(|date| root.receipt(&prov.contract, date).faults.into_iter().map(|line| line.rule).collect())
        .collect();
    assert_eq!(told, [vec![Rule::Older.code().to_owned()], vec![]]);
}

#[test]
fn a_faulty_sample_has_the_consequence_of_its_severity() {
    let catalogue = catalogue();
    let (_kept, made) = made(&catalogue);
    let files = |prov: &&Prov| {
        let apart = [Rule::UnknownContract, Rule::Older, Rule::NeverDelivered, Rule::Late, Rule::Stale];
        prov.rule.is_some_and(|rule| !apart.contains(&rule))
    };
    for prov in made.iter().filter(files) {
        let rule = prov.rule.expect("a rule");
        let (intake, _) = take(&catalogue, &folder(prov));
        let kept = (intake.is_accepted(), intake.rejected > 0);
        let expected = match rule.severity() {
            Severity::Stop => (false, rule == Rule::Tolerance),
            Severity::Reject => (true, true),
            Severity::Note => (true, false),
        };
        if rule.severity() == Severity::Stop && rule != Rule::Tolerance {
            assert!(!intake.is_accepted(), "{}", rule.code());
        } else {
            assert_eq!(kept, expected, "{}", rule.code());
        }
    }
}

#[test]
fn the_sample_is_the_same_each_time_and_replaces_only_itself() {
    let catalogue = catalogue();
    let (one, made) = made(&catalogue);
    let folder = one.path().join("prov");
    let bytes = |folder: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        paths(folder).into_iter().map(|path| (path.clone(), fs::read(&path).expect("a file"))).collect()
    };
    let first = bytes(&folder);
    assert_eq!(sample(&catalogue, &folder).expect("it is replaced"), made);
    assert!(bytes(&folder) == first);
    fs::write(one.path().join("annat.txt"), "").expect("writable");
    assert!(sample(&catalogue, one.path()).is_err(), "what is no sample is left alone");
    let index = fs::read_to_string(folder.join("prov.csv")).expect("an index");
    assert_eq!(index.lines().count(), made.len() + 1);
}

#[test]
fn a_supplier_tries_the_sample_with_check() {
    let catalogue = catalogue();
    let (kept, made) = made(&catalogue);
    let reports = kept.path().join("rapport");
    let of = |shows: &str| made.iter().find(|prov| prov.shows == shows).expect("a sample");
    for (shows, code) in [("grund", 0), ("flera_filer", 0), ("kod", 0), ("radantal", 3), ("leveransfil", 3)] {
        let prov = of(shows);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_finsam"));
        command.arg("check").args(paths(&folder(prov))).arg("--felrapport").arg(&reports);
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(code), "{shows}: {}", String::from_utf8_lossy(&output.stderr));
        let report = reports.join(format!("{}-{UTTAG}.html", prov.contract));
        let report = fs::read_to_string(report).expect("a felrapport");
        let word = if code == 0 { "Leveransen skulle tas emot." } else { "Leveransen skulle inte tas emot." };
        assert!(report.contains(word), "{shows}");
        assert_eq!(prov.rule.is_some_and(|rule| report.contains(rule.text())), prov.rule.is_some(), "{shows}");
    }
}
