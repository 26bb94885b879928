//! Deliveries that should have come, and what the supplier is told beside the faults themselves.

use super::{SOUND, causes, sound};
use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract, damage_lines, day, take};
use pipeline::fault::Rule;
use pipeline::ingest;
use pipeline::lake;
use pipeline::layer::Layer;
use pipeline::stage::Night;
use std::fs;

/// A night on a day.
fn night(root: &Root, today: &str) -> Night {
    let mut job = root.job(&catalogue());
    job.today = day(today);
    let mut night = Night::default();
    ingest::run(&job, &mut night).expect("what is required is there");
    night
}

fn overdue(night: &Night, table: &str) -> Option<(Rule, Option<String>)> {
    let found = night.overdue.iter().find(|overdue| overdue.table == table);
    found.map(|overdue| (overdue.rule, overdue.period.clone()))
}

#[test]
fn every_contract_says_how_often_it_is_expected() {
    for contract in catalogue().layer(Layer::Deliveries) {
        assert!(contract.expectation().expect("it is known").is_some(), "{} has no forvantas", contract.name);
    }
}

#[test]
fn a_delivery_is_missing_then_there_then_late_then_stale() {
    let root = Root::with_required(&catalogue());
    let table = "fk_sjukpenning";
    let never = night(&root, "2023-07-10");
    assert_eq!(overdue(&never, table), Some((Rule::NeverDelivered, Some("2023-04".into()))));
    assert_eq!(never.exit_code(), 0, "what nobody has sent fails no night");
    let told = root.felrapport(table, "forvantad");
    assert!(told.contains("En leverans som skulle ha kommit saknas."), "{told}");
    assert!(told.contains("2023-04 skulle ha kommit senast 2023-06-14"), "{told}");
    let faults = root.path.join("faults").join(table).join("forvantad.parquet");
    assert_eq!(lake::read(&faults).expect("a table").map(|batch| batch.expect("rows").num_rows()).sum::<usize>(), 1);
    // Its period ends on 30 June; that of July is due 45 days after its last day.
    root.deliver(&contract(&catalogue(), table), UTTAG, &[vec![]]);
    for (today, expected) in [
        ("2023-07-10", None),
        ("2023-09-14", None),
        ("2023-09-15", Some((Rule::Late, Some("2023-07".to_owned())))),
        ("2023-10-15", Some((Rule::Late, Some("2023-07".to_owned())))),
        ("2023-10-16", Some((Rule::Stale, Some("2023-08".to_owned())))),
        ("2023-07-10", None),
    ] {
        let night = night(&root, today);
        assert_eq!(overdue(&night, table), expected, "{today}");
        assert_eq!(root.felrapport(table, "forvantad").is_empty(), expected.is_none(), "{today}");
    }
    assert!(!faults.exists());
    let log = fs::read_to_string(root.path.join("log/finsam.jsonl")).expect("a log");
    assert!(log.contains(r#""contract":"fk_sjukpenning","rule":"inaktuell""#), "{log}");
}

#[test]
fn a_refused_delivery_is_not_late_as_well() {
    let root = Root::with_required(&catalogue());
    root.deliver(&contract(&catalogue(), "fk_sjukpenning"), UTTAG, &[vec![("fran_datum", "x".to_owned())]]);
    let night = night(&root, "2023-07-10");
    assert_eq!(night.refused.len(), 1);
    assert_eq!(overdue(&night, "fk_sjukpenning"), None);
}

#[test]
fn a_near_code_is_told_to_the_supplier_alone() {
    let root = Root::with_required(&catalogue());
    // So few that no register is held to know them.
    let mut rows = sound("sus_deltagande", 60);
    rows.push(vec![("avslutsanledning_kod", "STUDEIR".to_owned()), ("deltagande_id", "D9999999".to_owned())]);
    root.deliver(&contract(&catalogue(), "sus_deltagande"), "2023-07-31", &rows);
    let _ = night(&root, "2023-07-31");
    let told = root.felrapport("sus_deltagande", "2023-07-31");
    assert!(told.contains("<td>närmaste kod i listan: STUDIER</td>") && !told.contains("STUDEIR"), "{told}");
    let csv = fs::read_to_string(root.path.join("faults/sus_deltagande/2023-07-31.csv")).expect("for Excel");
    assert!(csv.starts_with("\u{feff}Fil;Rad;Kolumn;") && csv.contains(";närmaste kod i listan: STUDIER;"), "{csv}");
    assert_eq!(csv.lines().count(), 2);
    let receipt = format!("{:?}", root.receipt("sus_deltagande", "2023-07-31"));
    let log = fs::read_to_string(root.path.join("log/finsam.jsonl")).expect("a log");
    assert!(!receipt.contains("STUD") && !log.contains("STUD"), "{receipt} {log}");
}

#[test]
fn one_cause_gives_one_fault() {
    let (catalogue, root) = (catalogue(), Root::new());
    let told = |table: &str, nr: usize, from: &'static str, to: &'static str| {
        let folder = root.deliver(&contract(&catalogue, table), UTTAG, &sound(table, SOUND));
        damage_lines(&folder, |lines| {
            let line = String::from_utf8_lossy(&lines[nr]).replacen(from, to, 1);
            lines[nr] = line.into_bytes();
        });
        causes(&take(&catalogue, &folder).0.faults)
    };
    // A header that is misspelt is a missing column, not also an unknown one.
    let header = (Rule::Header, "deltagande.csv".to_owned(), Some(1), Some("utbildning_kod".to_owned()));
    assert_eq!(told("sus_deltagande", 0, ";Utbildning;", ";Utbilning;"), [header]);
    // The file of another contract shares a header or two: it is one wrong file.
    let other = "DeltagandeId;a;b;c;d;e;f;g;h\r\n";
    let whole = "DeltagandeId;InsatsId;Personnummer;Samverkansform;Startdatum;Slutdatum;Avslutsanledning;Utbildning;\
                 TidOffentligForsorjning\r\n";
    let file = (Rule::Header, "deltagande.csv".to_owned(), Some(1), None);
    assert_eq!(told("sus_deltagande", 0, whole, other), [file]);
    // The total lacks a record that could not be split: that is told once.
    let count = (Rule::FieldCount, "anonyma.csv".to_owned(), Some(3), None);
    assert_eq!(told("sus_anonyma", 2, "\r\n", ";\r\n"), [count]);
}
