//! What holds of every protected table.

use super::country::{Dice, Size, contracts, country, settings};
use super::known::system;
use super::reader;
use crate::protect::join::Joint;
use crate::protect::table::Sheet;
use crate::protect::{
    MartTable, Proof, Protected, Rule, Status, System, Unit, audit, choose, primary, protect, release, solve,
};
use proptest::prelude::*;

/// A table of rows and columns with sums, and the status of its small cells.
fn crossed(inner: &[Vec<i64>]) -> (System, Vec<Status>) {
    let width = inner[0].len() + 1;
    let mut values = vec![0; (inner.len() + 1) * width];
    for (row, line) in inner.iter().enumerate() {
        for (column, value) in line.iter().enumerate() {
            for cell in [(row + 1) * width + column + 1, (row + 1) * width, column + 1, 0] {
                values[cell] += value;
            }
        }
    }
    let rows = (0..=inner.len()).map(|row| (0..width).map(|column| row * width + column).collect::<Vec<_>>());
    let columns = (0..width).map(|column| (0..=inner.len()).map(|row| row * width + column).collect::<Vec<_>>());
    let lines: Vec<Vec<usize>> = rows.chain(columns).collect();
    let few = |&value: &i64| {
        if (1..5).contains(&value) { Status::Primary(Rule::FewPersons) } else { Status::Published }
    };
    let status = values.iter().map(few).collect();
    (system(&values, &lines.iter().map(Vec::as_slice).collect::<Vec<_>>()), status)
}

fn is_wide_enough(status: Status, value: i64, low: f64, high: f64) -> bool {
    match status {
        Status::Primary(Rule::FewPersons) => low < 1.0 + 1e-6 && high > 5.0 - 1e-6,
        Status::Primary(Rule::WholeGroup) => low < 1e-6 && high > 5.0 - 1e-6,
        Status::Secondary | Status::Primary(_) => high - low > 4.0 - 1e-6,
        Status::Published | Status::Hidden => low <= value as f64,
    }
}

fn tables(rows: std::ops::Range<usize>, most: i64) -> impl Strategy<Value = Vec<Vec<i64>>> {
    (rows, 2usize..5)
        .prop_flat_map(move |(rows, columns)| prop::collection::vec(prop::collection::vec(0..most, columns), rows))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever the table, the audit agrees, and so does a reader who solves for every cell.
    #[test]
    fn every_withheld_cell_is_wide_enough(inner in tables(2..6, 30)) {
        let (system, primary) = crossed(&inner);
        let choice = choose(&system, primary);
        let report = audit(&system, &choice.status, &choice.witnesses);
        prop_assert_eq!(report.unsafe_cells().count(), 0);
        for (cell, &status) in choice.status.iter().enumerate() {
            let value = system.cells[cell].personer;
            if status.withheld() {
                let (low, high) = reader::bounds(&system, &choice.status, cell, Unit::Personer);
                prop_assert!(is_wide_enough(status, value, low, high), "cell {} is {:?}", cell, (low, high));
            } else {
                prop_assert!(value == 0 || value >= 5);
            }
        }
    }

    /// On small tables every whole-number table is tried.
    #[test]
    fn whole_numbers_bound_no_closer(inner in prop::collection::vec(prop::collection::vec(0i64..8, 2), 2..4)) {
        let (system, primary) = crossed(&inner);
        let choice = choose(&system, primary);
        let most = system.cells[0].personer + 12;
        prop_assume!(choice.status.iter().filter(|s| s.withheld()).count() <= 9);
        let found = reader::enumerate(&system, &choice.status, most);
        for (cell, (low, high)) in found.into_iter().enumerate().filter(|(cell, _)| choice.status[*cell].withheld()) {
            let value = system.cells[cell].personer;
            prop_assert!(is_wide_enough(choice.status[cell], value, low as f64, high as f64), "{:?}", (low, high));
        }
    }
}

fn shuffled(mut marts: Vec<MartTable>, seed: u64) -> Vec<MartTable> {
    let mut dice = Dice(seed);
    for mart in &mut marts {
        for index in (1..mart.rows.len()).rev() {
            let other = usize::try_from(dice.below(index as u64 + 1)).expect("it is small");
            mart.rows.swap(index, other);
        }
    }
    marts.rotate_left(1);
    marts
}

fn rows(protected: &Protected) -> Vec<String> {
    let tables = protected.tables().iter();
    tables.flat_map(|t| t.rows().iter().map(|r| format!("{} {r:?}", t.contract().name))).collect()
}

/// The order of the rows decides nothing.
#[test]
fn the_order_of_rows_decides_nothing() {
    let marts = country(Size { seed: 7, forbund: 8, years: 1, ended: 40 });
    let (_, release) = contracts(true);
    let (first, proof) = protect(marts.clone(), &release, &settings()).expect("it can be protected");
    let (second, other) = protect(shuffled(marts, 11), &release, &settings()).expect("it can be protected");
    assert_eq!(rows(&first), rows(&second));
    assert_eq!(proof.cells(), other.cells());
}

fn checks(protected: &Protected, proof: &Proof) {
    for table in protected.tables() {
        for row in table.rows() {
            let persons = row.values()[1].number();
            assert!(!persons.is_some_and(|p| p > 0.0 && p < 5.0), "{} shows few persons", table.contract().name);
            assert_eq!(persons.is_none(), row.values()[0].number().is_none(), "one status for both measures");
        }
        assert!(table.rows().windows(2).all(|pair| pair[0].key() < pair[1].key()), "rows are sorted");
    }
    assert!(proof.cells().iter().all(|cell| cell.safe && cell.low < cell.high));
}

/// No published cell has few persons, at the size of a country and of a tenth of it.
#[test]
fn few_persons_are_never_shown() {
    for (seed, ended) in [(1, 200), (2, 60), (3, 20)] {
        let marts = country(Size { seed, forbund: 12, years: 1, ended });
        let (_, release) = contracts(false);
        let (protected, proof) = protect(marts, &release, &settings()).expect("it can be protected");
        checks(&protected, &proof);
    }
}

/// A reader who solves over all marts of the release at once finds no more than the audit says.
#[test]
fn a_reader_of_all_tables_finds_no_more() {
    let mut sheets: Vec<Sheet> = Vec::new();
    for mart in country(Size { seed: 4, forbund: 3, years: 1, ended: 40 }) {
        let first = sheets.last().map_or(0, |sheet| sheet.first + sheet.rows.len());
        sheets.push(Sheet::new(mart, 0, first).expect("the mart is sound"));
    }
    let (_, contracts) = contracts(false);
    let shown = |sheet: &Sheet, row: usize| contracts.iter().any(|contract| release::shows(contract, sheet, row));
    let mut joint = Joint::new(sheets, &shown, &settings().codes).expect("the marts add up");
    let primary = primary::primary(&mut joint).expect("the policy is sound");
    let (status, report) = solve(&joint.system, primary);
    assert_eq!(report.unsafe_cells().count(), 0);
    let step = (report.intervals.len() / 12).max(1);
    for interval in report.intervals.iter().step_by(step) {
        let (low, high) = reader::bounds(&joint.system, &status, interval.cell, Unit::Personer);
        let value = joint.system.cells[interval.cell].personer;
        assert!(is_wide_enough(status[interval.cell], value, low, high), "{interval:?} against {low}–{high}");
        assert!(low < interval.personer.0 as f64 + 1e-6 && high > interval.personer.1 as f64 - 1e-6);
    }
}
