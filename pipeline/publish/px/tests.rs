use super::super::cube::{Cube, fit};
use super::super::remarks::letters;
use super::super::table::{Cell, Labels};
use super::{Edition, check, matrix, pieces, text};
use crate::contract::Contract;
use crate::layer::Layer;

/// A table of quarters: one förbund, a text column of its own, a count, a mean and whole kronor.
const KVARTAL: &str = "
apiVersion: v3.2.0
kind: DataContract
id: release.prov_kvartal
name: prov_kvartal
version: 1.0.0
status: active
domain: samordning
dataProduct: finsam
description:
  purpose: Prov.
schema:
  - name: prov_kvartal
    businessName: 'Prov; \"kvartal\"'
    description: 'En rad som är lång. En rad som är lång. En rad som är lång. En rad som är lång. En rad som är lång. En
      rad som är lång. En rad som är lång. En rad som är lång.'
    dataGranularityDescription: en rad per kvartal och kön
    properties:
      - {name: ar, businessName: År, logicalType: integer, physicalType: INTEGER, required: true, primaryKey: true,
         primaryKeyPosition: 1, customProperties: [{property: titelEn, value: Year}]}
      - {name: kvartal_kod, businessName: Kvartal, logicalType: string, physicalType: VARCHAR, required: true,
         primaryKey: true, primaryKeyPosition: 2, customProperties: [{property: titelEn, value: Quarter}]}
      - {name: kon_kod, businessName: Kön, logicalType: string, physicalType: VARCHAR, required: true, primaryKey: true,
         primaryKeyPosition: 3,
         customProperties: [{property: titelEn, value: Sex}, {property: totalkod, value: totalt}]}
      - {name: deltaganden_antal, businessName: Antal, logicalType: integer, physicalType: BIGINT, required: false,
         customProperties: [{property: titelEn, value: Number}, {property: matt, value: deltaganden}]}
      - {name: dagar_medel, businessName: Dagar, logicalType: number, physicalType: DOUBLE, required: false,
         customProperties: [{property: titelEn, value: Days}, {property: enhet, value: dagar},
           {property: beraknas, value: {slag: medel, tal: dagar_summa}}]}
      - {name: kronor_kvot, businessName: Kronor, logicalType: number, physicalType: DOUBLE, required: false,
         customProperties: [{property: titelEn, value: Kronor}, {property: enhet, value: kronor},
           {property: beraknas, value: {slag: kvot, tal: utfall_belopp}}]}
      - {name: status_kod, businessName: Status, logicalType: string, physicalType: VARCHAR, required: true,
         customProperties: [{property: titelEn, value: Status}, {property: kodlista, value: cellstatus}]}
      - {name: markering_kod, businessName: Markering, logicalType: string, physicalType: VARCHAR, required: true,
         customProperties: [{property: titelEn, value: Mark}, {property: kodlista, value: markering}]}
    customProperties:
      - {property: titelEn, value: Trial}
";

fn row(year: i64, quarter: &str, sex: &str, count: i64) -> Vec<Cell> {
    remarked((year, quarter, sex), count, "ingen")
}

fn remarked((year, quarter, sex): (i64, &str, &str), count: i64, mark: &str) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.into());
    let (mean, kronor) = (Cell::Decimal(1.5), Cell::Decimal(12345.0));
    vec![Cell::Whole(year), text(quarter), text(sex), Cell::Whole(count), mean, kronor, text("publicerad"), text(mark)]
}

fn edition(labels: &Labels) -> Edition<'_> {
    let date = chrono::NaiveDate::from_ymd_opt(2023, 6, 30).expect("a day");
    Edition {
        run_id: "2023-06-30-0",
        date,
        labels,
        not_in_force: vec!["agi/2023-06-30".into()],
        questions: vec![],
        vintage: None,
    }
}

#[test]
fn quarters_are_one_variable_of_time_and_what_is_no_row_is_a_dot() {
    let contract = Contract::parse(Layer::Release, "prov_kvartal", KVARTAL).expect("a contract");
    let labels = Labels::default();
    let rows = [row(2019, "K4", "man", 7), row(2020, "K1", "man", 8), row(2019, "K4", "totalt", 9)];
    let cube = Cube::of(&contract, &rows, &labels).expect("a cube").expect("rows");
    let written = text(&cube, &edition(&labels));
    assert_eq!(check(written.as_bytes()), Ok(()), "{written}");
    for line in [
        "CONTENTS=\"Prov, ”kvartal”\";",
        "STUB=\"Kön\";",
        "HEADING=\"Mått\",\"År och kvartal\";",
        "HEADING[en]=\"Measure\",\"Year and quarter\";",
        "VALUES(\"År och kvartal\")=\"2019K4\",\"2020K1\";",
        "TIMEVAL(\"År och kvartal\")=TLIST(Q1),\"20194\",\"20201\";",
        "VARIABLECODE(\"År och kvartal\")=\"ar_kvartal\";",
        "ELIMINATION(\"Kön\")=\"totalt\";",
        "PRECISION(\"Mått\",\"Dagar\")=1;",
        "UNITS[en](\"Kronor\")=\"SEK\";",
        "7 8 1.5 1.5 12345 12345 ",
        "9 \".\" 1.5 \".\" 12345 \".\" ",
    ] {
        assert!(written.lines().any(|found| found == line), "no line {line} in\n{written}");
    }
    // A note may be cut anywhere between words.
    assert!(written.replace("\"\n\"", "").contains("Ej i kraft: agi/2023-06-30."), "{written}");
    assert!(!written.contains("PRECISION(\"Mått\",\"Kronor\")"), "{written}");
}

/// The lines of the cube's rows with these remarks, quarter by quarter of one year.
fn lines_of(marks: &[&str]) -> (Vec<String>, std::collections::BTreeMap<usize, &'static str>) {
    let contract = Contract::parse(Layer::Release, "prov_kvartal", KVARTAL).expect("a contract");
    let labels = Labels::default();
    let quarters = ["K1", "K2", "K3", "K4"].into_iter().zip(marks);
    let rows: Vec<Vec<Cell>> = quarters.map(|(quarter, mark)| remarked((2020, quarter, "man"), 7, mark)).collect();
    let cube = Cube::of(&contract, &rows, &labels).expect("a cube").expect("rows");
    let written = text(&cube, &edition(&labels));
    assert_eq!(check(written.as_bytes()), Ok(()), "{written}");
    (written.replace("\"\n\"", "").lines().map(str::to_owned).collect(), letters(&cube))
}

#[test]
fn a_remark_is_told_of_the_table_or_of_the_row() {
    let (lines, letters) = lines_of(&["ingen", "reviderad", "kvarhallen"]);
    let notes: Vec<&String> = lines.iter().filter(|line| line.starts_with("CELLNOTEX(")).collect();
    assert_eq!(
        notes,
        ["CELLNOTEX(\"man\",\"*\",\"2020K2\")=\"reviderad\";", "CELLNOTEX(\"man\",\"*\",\"2020K3\")=\"kvarhallen\";"]
    );
    assert!(!lines.iter().any(|line| line.contains("utan egen anmärkning")), "one number has no remark");
    // Three measures of three quarters, by measure.
    let expected = [(1, "r"), (2, "k"), (4, "r"), (5, "k"), (7, "r"), (8, "k")];
    assert_eq!(letters, std::collections::BTreeMap::from(expected));
    let (lines, letters) = lines_of(&["preliminar", "kvarhallen", "preliminar"]);
    assert_eq!(lines.iter().filter(|line| line.starts_with("CELLNOTEX(")).count(), 1);
    assert!(lines.iter().any(|line| line.starts_with("NOTEX=") && line.contains("preliminar: tal utan egen")));
    assert_eq!(letters.len(), 9);
}

#[test]
fn a_table_without_rows_has_no_cube_and_one_without_a_year_is_refused() {
    let contract = Contract::parse(Layer::Release, "prov_kvartal", KVARTAL).expect("a contract");
    assert!(Cube::of(&contract, &[], &Labels::default()).expect("sound").is_none());
    let without = KVARTAL.replace("name: ar,", "name: ordning,");
    let contract = Contract::parse(Layer::Release, "prov_kvartal", &without).expect("a contract");
    assert!(Cube::of(&contract, &[], &Labels::default()).is_err());
}

#[test]
fn long_rows_and_lists_are_broken_between_values() {
    let contract = Contract::parse(Layer::Release, "prov_kvartal", KVARTAL).expect("a contract");
    let labels = Labels::default();
    let rows: Vec<Vec<Cell>> =
        (1900..2100).flat_map(|year| ["K1", "K3"].map(|quarter| row(year, quarter, "totalt", year))).collect();
    let cube = Cube::of(&contract, &rows, &labels).expect("a cube").expect("rows");
    let written = text(&cube, &edition(&labels));
    assert_eq!(check(written.as_bytes()), Ok(()));
    assert!(written.lines().all(|line| line.chars().count() <= 256));
}

#[test]
fn texts_are_made_fit_and_cut_between_words() {
    assert_eq!(fit(" a \"b\";\n c=d #1"), "a ”b”, c:d nr 1");
    let long = "ord ".repeat(100);
    let cut = pieces(long.trim_end());
    assert!(cut.len() > 3 && cut.iter().all(|piece| piece.len() <= 122));
    assert_eq!(cut.concat().replace('"', ""), long.trim_end());
}

#[test]
fn matrix_is_short_and_tells_tables_apart() {
    assert_eq!(matrix("tackning_riket"), "tackning_riket");
    let (one, two) = (matrix("tid_i_offentlig_forsorjning_lan"), matrix("tid_i_offentlig_forsorjning_kom"));
    assert!(one.len() == 20 && two.len() == 20 && one != two);
}
