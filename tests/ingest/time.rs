//! What depends on the day: codes that have meant several things, and weeks.

use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, numbers, take};
use arrow::array::AsArray;
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;
use pipeline::fault::Rule;

/// The one rule that a row of the table breaks, if any.
fn broken(table: &str, row: &[(&'static str, &str)]) -> Option<Rule> {
    let (catalogue, root) = (catalogue(), Root::new());
    let mut rows: Vec<Cells<'_>> = numbers(120).into_iter().map(|number| vec![("personnummer", number)]).collect();
    rows.push(row.iter().map(|(name, text)| (*name, (*text).to_owned())).collect());
    let folder = root.deliver_period(&contract(&catalogue, table), UTTAG, ("1995-01-01", "2030-12-31"), &rows);
    let (intake, _) = take(&catalogue, &folder);
    let rules: Vec<Rule> = intake.faults.iter().map(|(place, _)| place.rule).collect();
    assert!(rules.len() < 2, "{row:?}: {rules:?}");
    rules.first().copied()
}

#[test]
fn a_code_must_be_valid_on_the_day() {
    let late = Some(Rule::CodeDate);
    for (code, day, expected) in [
        ("11", "19950101", None),
        ("11", "20230501", None),
        ("12", "20031124", None),
        ("12", "20031125", late),
        // The same number has meant two things.
        ("15", "19960331", late),
        ("15", "19960401", None),
        ("15", "19970731", None),
        ("15", "19970801", late),
        ("15", "20160229", late),
        ("15", "20160301", None),
        ("46", "20160101", None),
        ("86", "20170430", late),
        // What is no code, and what is no date, is that and nothing more.
        ("99", "20170430", Some(Rule::Code)),
        ("86", "20170431", Some(Rule::Type)),
        ("86", "", Some(Rule::Missing)),
    ] {
        let found = broken("af_sokandekategori", &[("skat_kod", code), ("fran_datum", day)]);
        assert_eq!(found, expected, "{code} on {day}");
    }
}

#[test]
fn a_code_is_judged_by_the_month_of_its_row() {
    let of = |month: &str| broken("fk_aktivitetsstod", &[("ersattning_kod", "EE"), ("manad", month)]);
    assert_eq!([of("201011"), of("201012")], [Some(Rule::CodeDate), None]);
}

#[test]
fn a_negative_period_is_rejected_and_not_turned_round() {
    let row = [("fran_datum", "20200302"), ("till_datum", "20200301")];
    assert_eq!(broken("af_sokandekategori", &row), Some(Rule::Order));
    assert_eq!(broken("af_sokandekategori", &[("fran_datum", "20200302"), ("till_datum", "20200302")]), None);
}

#[test]
fn the_monthly_rules_begin_with_their_law() {
    let of = |month: &str| broken("akassa_manad", &[("manad", month)]);
    assert_eq!([of("202509"), of("202510")], [Some(Rule::LegalBasis), None]);
    assert_eq!(broken("akassa_manad", &[("dagar_antal", "23")]), Some(Rule::Bounds));
    assert_eq!(broken("akassa_vecka", &[("dagar_antal", "6")]), Some(Rule::Bounds));
}

#[test]
fn a_week_is_its_monday() {
    let (catalogue, root) = (catalogue(), Root::new());
    let weeks = [("201901", "2018-12-31"), ("202053", "2020-12-28"), ("202101", "2021-01-04")];
    let rows: Vec<Cells<'_>> = weeks.iter().map(|(week, _)| vec![("vecka", (*week).to_owned())]).collect();
    let folder = root.deliver(&contract(&catalogue, "akassa_vecka"), UTTAG, &rows);
    let (intake, taken) = take(&catalogue, &folder);
    assert!(intake.faults.is_empty(), "{}", intake.faults);
    let days = taken[0].columns["vecka"].as_primitive::<Date32Type>();
    let mondays: Vec<i32> = weeks
        .iter()
        .map(|(_, day)| day.parse::<NaiveDate>().expect("a date").signed_duration_since(NaiveDate::default()))
        .map(|since| i32::try_from(since.num_days()).expect("a day"))
        .collect();
    assert_eq!(days.values().as_ref(), mondays);
    for week in ["202153", "202000", "2020-1", "20205", "202054"] {
        assert_eq!(broken("akassa_vecka", &[("vecka", week)]), Some(Rule::Type), "{week}");
    }
}
