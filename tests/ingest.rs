//! Bad deliveries: the smallest that breaks each rule and no other, what it is told, and what follows.

mod arrival;
mod columnar;
mod consequences;
mod expected;
mod familjer;
mod formats;
mod hints;
mod laws;
mod lists;
mod manifest;
mod matches;
mod population;
mod program;
mod protection;
mod speed;
mod time;
mod withdrawal;
mod workbook;

use crate::support::catalogue;
use crate::support::root::{
    Cells, Root, UTTAG, contract, damage, damage_lines, data_file, edit_manifest, numbers, take,
};
use pipeline::contract::Catalogue;
use pipeline::fault::{FaultLog, Rule};
use pipeline::ingest::MANIFEST;
use pipeline::lake;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Sound rows before the bad one: so many that one fault is within every tolerance but none.
const SOUND: usize = 120;
/// Stands in every bad place, and may stand nowhere else.
const SECRET: &str = "HEMLIGT";

/// One bad delivery.
struct Case {
    rule: Rule,
    table: &'static str,
    /// The bad row, last of all.
    row: &'static [(&'static str, &'static str)],
    damage: fn(&Path),
    file: &'static str,
    line: Option<u64>,
    column: Option<&'static str>,
}

const fn cell(rule: Rule, table: &'static str, row: &'static [(&'static str, &'static str)]) -> Case {
    let column = Some(row[0].0);
    Case { rule, table, row, damage: |_| (), file: "", line: Some(SOUND as u64 + 2), column }
}

const fn file(rule: Rule, table: &'static str, line: Option<u64>, damage: fn(&Path)) -> Case {
    Case { rule, table, row: &[], damage, file: "", line, column: None }
}

const fn stated(rule: Rule, table: &'static str, column: Option<&'static str>, damage: fn(&Path)) -> Case {
    Case { rule, table, row: &[], damage, file: MANIFEST, line: None, column }
}

const CASES: &[Case] = &[
    stated(Rule::Manifest, "sus_forbund", None, |folder| {
        fs::write(folder.join(MANIFEST), "leverans: [HEMLIGT").expect("writable");
    }),
    stated(Rule::Manifest, "sus_forbund", None, |folder| {
        edit_manifest(folder, |manifest| manifest["leverans"] = SECRET.into());
    }),
    stated(Rule::Manifest, "sus_forbund", None, |folder| {
        edit_manifest(folder, |manifest| manifest["filer"][0]["namn"] = "../HEMLIGT".into());
    }),
    stated(Rule::Manifest, "sus_forbund", None, |folder| {
        fs::rename(data_file(folder), folder.join("183205172384.csv")).expect("writable");
        edit_manifest(folder, |manifest| manifest["filer"][0]["namn"] = "183205172384.csv".into());
    }),
    file(Rule::MissingFile, "sus_forbund", None, |folder| {
        fs::remove_file(data_file(folder)).expect("the file is there");
    }),
    file(Rule::Checksum, "sus_forbund", None, |folder| {
        let mut bytes = fs::read(data_file(folder)).expect("the file is there");
        bytes.extend(b"HEMLIGT\r\n");
        fs::write(data_file(folder), bytes).expect("writable");
    }),
    file(Rule::Encoding, "sus_forbund", None, |folder| {
        damage(folder, |bytes| bytes.into_iter().map(char::from).collect::<String>().into_bytes());
    }),
    file(Rule::Encoding, "sus_forbund", Some(61), |folder| {
        damage_lines(folder, |lines| lines[60].splice(0..0, *b"HEMLIGT\x81").for_each(drop));
    }),
    file(Rule::Encoding, "folkbokforing", Some(61), |folder| {
        damage_lines(folder, |lines| lines[60].splice(0..0, *b"HEMLIGT\xd6").for_each(drop));
    }),
    file(Rule::Encoding, "fk_sjukpenning", Some(61), |folder| {
        damage_lines(folder, |lines| lines[60][20] = 0x96);
    }),
    file(Rule::Unreadable, "forbund", None, |folder| damage(folder, |_| b"PK HEMLIGT".to_vec())),
    file(Rule::Unreadable, "agi", None, |folder| damage(folder, |_| b"PAR1 HEMLIGT PAR1".to_vec())),
    file(Rule::Header, "sus_forbund", Some(1), |folder| {
        damage(folder, |bytes| bytes.into_iter().map(|b| if b == b';' { b',' } else { b }).collect());
    }),
    file(Rule::Header, "sus_forbund", Some(1), |folder| damage_lines(folder, |lines| drop(lines.remove(0)))),
    Case {
        column: Some("slut_datum"),
        ..file(Rule::Header, "sus_forbund", Some(1), |folder| {
            damage_lines(folder, |lines| lines.iter_mut().for_each(drop_field));
        })
    },
    Case { column: Some("manad"), ..file(Rule::Header, "agi", Some(1), |folder| columnar::without(folder, "manad")) },
    Case {
        column: Some("manad"),
        ..file(Rule::ColumnType, "agi", None, |folder| columnar::binary(folder, "RedovisningsPeriod"))
    },
    file(Rule::Truncated, "sus_forbund", Some(121), |folder| damage(folder, |bytes| cut(bytes, 12))),
    file(Rule::Truncated, "fk_sjukpenning", Some(120), |folder| damage(folder, |bytes| cut(bytes, 12))),
    file(Rule::RowCount, "sus_forbund", None, |folder| {
        edit_manifest(folder, |manifest| manifest["filer"][0]["rader"] = 121.into());
    }),
    stated(Rule::ControlTotal, "sus_anonyma", Some("man_antal"), |folder| {
        edit_manifest(folder, |manifest| manifest["kontrollsummor"]["man_antal"] = 17.into());
    }),
    stated(Rule::ControlTotal, "sus_anonyma", Some("man_antal"), |folder| {
        edit_manifest(folder, |manifest| {
            manifest["kontrollsummor"].as_mapping_mut().expect("totals").remove("man_antal");
        });
    }),
    file(Rule::UnknownColumn, "sus_forbund", Some(1), |folder| {
        damage_lines(folder, |lines| lines.iter_mut().for_each(|line| line.splice(0..0, *b"HEMLIGT;").for_each(drop)));
    }),
    file(Rule::LineEnd, "sus_forbund", None, |folder| damage(folder, |bytes| cut(bytes, 2))),
    file(Rule::LineEnd, "fk_sjukpenning", Some(120), |folder| damage(folder, |bytes| cut(bytes, 2))),
    file(Rule::FieldCount, "sus_forbund", Some(61), |folder| {
        damage_lines(folder, |lines| drop_field(&mut lines[60]));
    }),
    file(Rule::FieldCount, "sus_forbund", Some(61), |folder| {
        damage_lines(folder, |lines| lines[60].splice(0..0, *b"HEMLIGT;").for_each(drop));
    }),
    file(Rule::LineWidth, "fk_sjukpenning", Some(61), |folder| {
        damage_lines(folder, |lines| lines[60].splice(0..0, *b"HEMLIGT").for_each(drop));
    }),
    cell(Rule::Identity, "sus_deltagande", &[("personnummer", "HEMLIGT"), ("deltagande_id", "D9")]),
    cell(Rule::Identity, "sus_deltagande", &[("personnummer", "184011302398"), ("deltagande_id", "D9")]),
    cell(Rule::Embedded, "sus_forbund", &[("forbund_namn", "Förbundet 18320517-2384"), ("forbund_id", "F999")]),
    cell(Rule::Embedded, "sus_forbund", &[("forbund_namn", "(320517+2384)"), ("forbund_id", "F999")]),
    cell(Rule::Embedded, "sus_forbund", &[("forbund_namn", "18320517 – 2384"), ("forbund_id", "F999")]),
    cell(Rule::Embedded, "sus_deltagande", &[("deltagande_id", "183205172384"), ("insats_id", "HEMLIGT")]),
    cell(Rule::Embedded, "akassa_manad", &[("belopp", "183205172384,00")]),
    cell(Rule::Missing, "sus_deltagande", &[("insats_id", ""), ("deltagande_id", "HEMLIGT")]),
    cell(Rule::Missing, "sus_deltagande", &[("personnummer", ""), ("deltagande_id", "HEMLIGT")]),
    cell(Rule::Missing, "sus_deltagande", &[("deltagande_id", ""), ("insats_id", "HEMLIGT")]),
    cell(Rule::Type, "sus_deltagande", &[("start_datum", "HEMLIGT"), ("deltagande_id", "D9")]),
    cell(Rule::Type, "sus_deltagande", &[("slut_datum", "2021-02-30"), ("deltagande_id", "HEMLIGT")]),
    cell(Rule::Type, "folkbokforing", &[("avregistrering_datum", "2021-02-30")]),
    cell(Rule::Type, "folkbokforing", &[("avregistrering_datum", "20211345")]),
    cell(Rule::Type, "sus_anonyma", &[("ar", "HEMLIGT")]),
    cell(Rule::Type, "sus_anonyma", &[("kvinnor_antal", "3000000000"), ("insats_id", "HEMLIGT")]),
    cell(Rule::Code, "sus_deltagande", &[("avslutsanledning_kod", "HEMLIGT"), ("deltagande_id", "D9")]),
    cell(Rule::CodeDate, "af_sokandekategori", &[("skat_kod", "86"), ("fran_datum", "20150101")]),
    cell(Rule::Type, "akassa_vecka", &[("vecka", "202253")]),
    cell(Rule::Pattern, "sus_forbund", &[("forbund_id", "HEMLIGT")]),
    cell(Rule::Bounds, "sus_anonyma", &[("ar", "2004"), ("insats_id", "HEMLIGT")]),
    cell(Rule::Bounds, "sus_anonyma", &[("kvinnor_antal", "-5"), ("insats_id", "HEMLIGT")]),
    cell(Rule::Order, "sus_deltagande", &[("slut_datum", "2018-12-31"), ("deltagande_id", "HEMLIGT")]),
    cell(Rule::LegalBasis, "sus_deltagande", &[("start_datum", "2023-01-01"), ("deltagande_id", "HEMLIGT")]),
    cell(Rule::OutsidePeriod, "fk_aktivitetsstod", &[("manad", "201712")]),
    cell(Rule::Duplicate, "sus_deltagande", &[("deltagande_id", "D0000003"), ("insats_id", "HEMLIGT")]),
];

/// Rules that no single delivery breaks alone; each has a test of its own.
const APART: [Rule; 11] = [
    Rule::AfterSummary,
    Rule::Cp850,
    Rule::UnknownContract,
    Rule::Empty,
    Rule::Tolerance,
    Rule::Match,
    Rule::Length,
    Rule::Older,
    Rule::NeverDelivered,
    Rule::Late,
    Rule::Stale,
];

fn cut(mut bytes: Vec<u8>, count: usize) -> Vec<u8> {
    bytes.truncate(bytes.len() - count);
    bytes
}

fn drop_field(line: &mut Vec<u8>) {
    let at = line.iter().rposition(|byte| *byte == b';').expect("a delimiter");
    line.splice(at.., *b"\r\n").for_each(drop);
}

/// Rows of a table that differ in their key and are otherwise blank.
fn sound(table: &str, count: usize) -> Vec<Cells<'static>> {
    let numbers = numbers(count);
    (0..count)
        .map(|row| match table {
            "sus_deltagande" => {
                vec![("deltagande_id", format!("D{row:07}")), ("personnummer", numbers[row].clone())]
            }
            "ekonomiskt_bistand" => vec![("personnummer_1", numbers[row].clone())],
            "sus_forbund" => vec![("forbund_id", format!("F{row:03}")), ("forbund_namn", "Förbundet".into())],
            "forbund" => vec![("forbund_id", format!("F{row:03}"))],
            "sus_anonyma" => vec![("insats_id", format!("I{row:06}"))],
            _ => vec![("personnummer", numbers[row].clone())],
        })
        .collect()
}

fn write(root: &Root, catalogue: &Catalogue, case: &Case) -> std::path::PathBuf {
    let mut rows = sound(case.table, SOUND);
    if !case.row.is_empty() {
        rows.push(case.row.iter().map(|(name, text)| (*name, (*text).to_owned())).collect());
    }
    // The months of akassa_manad begin with their law.
    let period = ("2018-01-01", "2030-12-31");
    let folder = root.deliver_period(&contract(catalogue, case.table), UTTAG, period, &rows);
    (case.damage)(&folder);
    folder
}

/// Rule, file, first line and column of every cause.
fn causes(faults: &FaultLog) -> Vec<(Rule, String, Option<u64>, Option<String>)> {
    let cause = |(place, count): (&pipeline::fault::Place, &pipeline::fault::Count)| {
        (place.rule, place.file.clone(), count.rows.first().copied(), place.column.clone())
    };
    faults.iter().map(cause).collect()
}

#[test]
fn every_rule_is_broken_by_a_delivery() {
    let covered: BTreeSet<Rule> = CASES.iter().map(|case| case.rule).chain(APART).collect();
    let missing: Vec<&str> = Rule::ALL.iter().filter(|rule| !covered.contains(rule)).map(|rule| rule.code()).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn each_bad_delivery_breaks_its_rule_and_no_other() {
    let catalogue = catalogue();
    for (nr, case) in CASES.iter().enumerate() {
        let root = Root::new();
        let folder = write(&root, &catalogue, case);
        let (intake, _) = take(&catalogue, &folder);
        let file = match case.file {
            "" => contract(&catalogue, case.table).custom_text("filnamn").expect("a name").to_owned(),
            file => file.to_owned(),
        };
        let expected = (case.rule, file, case.line, case.column.map(str::to_owned));
        assert_eq!(causes(&intake.faults), [expected], "case {nr}, {}", case.rule.code());
        let severities: Vec<_> = intake.faults.iter().map(|(_, count)| count.severity).collect();
        assert_eq!(severities, [case.rule.severity()], "case {nr}");
        assert_eq!(intake.is_accepted(), case.rule.severity() != pipeline::contract::Severity::Stop, "case {nr}");
    }
}

#[test]
fn no_message_holds_a_value() {
    let catalogue = catalogue();
    for case in CASES {
        let root = Root::new();
        let folder = write(&root, &catalogue, case);
        let shown = take(&catalogue, &folder).0.faults.to_string();
        // Of a register only the rows about people of SUS are looked at: the bad row is about one of them.
        if case.table != "sus_deltagande" {
            root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &[vec![]]);
        }
        // The night ends because required deliveries are missing, after it has told of this one.
        let (outcome, night) = root.ingest(&catalogue);
        assert!(outcome.is_err());
        let receipt = format!("{:?}", root.receipt(case.table, UTTAG));
        let report = root.felrapport(case.table, UTTAG);
        assert!(
            report.contains(case.rule.text()) && report.contains(case.rule.advice()),
            "{}: {report}",
            case.rule.code()
        );
        let table = root.path.join("faults").join(case.table).join(format!("{UTTAG}.parquet"));
        let table: Vec<String> =
            lake::read(&table).expect("a fault table").map(|batch| format!("{:?}", batch.expect("rows"))).collect();
        let told = [shown, receipt, report, table.concat(), format!("{:?} {:?}", night.refused, night.notes)];
        let secret = case.row.iter().map(|(_, text)| *text).filter(|text| text.len() > 4);
        for secret in secret.chain([SECRET]) {
            assert!(told.iter().all(|text| !text.contains(secret)), "{} tells {secret}: {told:#?}", case.rule.code());
        }
    }
}

#[test]
fn an_empty_delivery_is_refused_unless_the_contract_allows_it() {
    let (catalogue, root) = (catalogue(), Root::new());
    let folder = root.deliver(&contract(&catalogue, "sus_forbund"), UTTAG, &[]);
    let (intake, _) = take(&catalogue, &folder);
    assert_eq!(causes(&intake.faults), [(Rule::Empty, MANIFEST.to_owned(), None, None)]);
    let folder = root.deliver(&contract(&catalogue, "samtycke_atertaget"), UTTAG, &[]);
    assert!(take(&catalogue, &folder).0.faults.is_empty());
    let folder = root.deliver(&contract(&catalogue, "sus_forbund"), "2023-07-31", &[vec![]]);
    damage(&folder, |_| Vec::new());
    assert_eq!(causes(&take(&catalogue, &folder).0.faults), [(Rule::Empty, "forbund.csv".to_owned(), None, None)]);
}

#[test]
fn a_key_is_the_same_with_and_without_leading_zeros() {
    let (catalogue, root) = (catalogue(), Root::new());
    let mut rows = sound("ekonomiskt_bistand", SOUND);
    rows.extend(["01", "1"].map(|month| vec![("manad_nr", month.to_owned())]));
    let folder = root.deliver(&contract(&catalogue, "ekonomiskt_bistand"), UTTAG, &rows);
    let (intake, _) = take(&catalogue, &folder);
    let column = Some("ar+manad_nr+kommun_kod+personnummer_1".to_owned());
    let last = Some(SOUND as u64 + 2);
    assert_eq!(causes(&intake.faults), [(Rule::Duplicate, "bistand.txt".to_owned(), last, column)]);
}

#[test]
fn more_rejects_than_the_contract_tolerates_refuse_the_delivery() {
    let (catalogue, root) = (catalogue(), Root::new());
    for (bad, accepted) in [(2, true), (3, false)] {
        let mut rows = sound("sus_forbund", 100 - bad);
        rows.extend((0..bad).map(|row| vec![("forbund_id", format!("HEMLIGT{row}"))]));
        let folder = root.deliver(&contract(&catalogue, "sus_forbund"), UTTAG, &rows);
        let (intake, _) = take(&catalogue, &folder);
        let rules: Vec<Rule> = intake.faults.iter().map(|(place, _)| place.rule).collect();
        let expected: &[Rule] = if accepted { &[Rule::Pattern] } else { &[Rule::Tolerance, Rule::Pattern] };
        assert_eq!(rules, expected);
        assert_eq!((intake.is_accepted(), intake.kept), (accepted, 100 - bad as u64));
    }
}

#[test]
fn a_row_with_several_faults_is_one_rejected_row() {
    let (catalogue, root) = (catalogue(), Root::new());
    let mut rows = sound("sus_deltagande", 98);
    let broken = [("start_datum", "x"), ("slut_datum", "y"), ("avslutsanledning_kod", "z")];
    for row in 0..2 {
        let cells = broken.iter().map(|(name, text)| (*name, (*text).to_owned()));
        rows.push(cells.chain([("deltagande_id", format!("D9{row}"))]).collect());
    }
    root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &rows);
    let _ = root.ingest(&catalogue);
    let receipt = root.receipt("sus_deltagande", UTTAG);
    assert_eq!((receipt.accepted, receipt.rejected), (true, 2), "two of a hundred are within 20 of a thousand");
    assert_eq!(receipt.faults.iter().map(|line| line.faults).collect::<Vec<_>>(), [2, 2, 2], "each cause is counted");
    assert!(root.felrapport("sus_deltagande", UTTAG).contains("<dt>Avvisade rader</dt><dd>2</dd>"));
}

#[test]
fn a_record_without_end_is_refused_and_not_held() {
    let catalogue = catalogue();
    let endless = |table: &str, from: u8, to: &str| {
        let root = Root::new();
        let folder = root.deliver(&contract(&catalogue, table), UTTAG, &sound(table, SOUND));
        damage(&folder, |bytes| {
            let at = bytes.len() - bytes.iter().rev().skip(1).position(|byte| *byte == b'\n').expect("a line") - 1;
            let rest = bytes[at..].iter().filter(|byte| **byte != b'\n').copied().cycle().take(3 << 20);
            bytes[..at].iter().copied().chain([from]).chain(to.bytes()).chain(rest).collect()
        });
        causes(&take(&catalogue, &folder).0.faults)
    };
    let expected = |file: &str, row| [(Rule::Unreadable, file.to_owned(), Some(row), None)];
    assert_eq!(endless("sus_forbund", b'"', "x"), expected("forbund.csv", SOUND as u64 + 1));
    assert_eq!(endless("fk_sjukpenning", b' ', ""), expected("sjukpenning.txt", SOUND as u64));
}

#[test]
fn a_rejected_row_leaves_its_key_to_the_next() {
    let (catalogue, root) = (catalogue(), Root::new());
    let mut rows = sound("sus_deltagande", SOUND);
    let row = |date: &str, id: &str| vec![("start_datum", date.to_owned()), ("deltagande_id", id.to_owned())];
    rows.extend([row("x", "D9"), row("2019-01-01", "D9"), row("2019-01-02", "D9")]);
    let folder = root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &rows);
    let (intake, _) = take(&catalogue, &folder);
    let found: Vec<(Rule, Vec<u64>)> =
        intake.faults.iter().map(|(place, count)| (place.rule, count.rows.clone())).collect();
    let first = SOUND as u64 + 2;
    assert_eq!(found, [(Rule::Type, vec![first]), (Rule::Duplicate, vec![first + 2])]);
    assert_eq!(intake.rejected, 2);
}
