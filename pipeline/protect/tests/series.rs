//! A series of vintages: what was published stands, and beside all of it nothing new tells of few.

use super::country::{Size, contracts, country_at, settings};
use crate::protect::{Mark, MartTable, Outcome, Status, Vintage, protect_after};
use std::collections::BTreeMap;
use std::time::Instant;

const SIZE: Size = Size { seed: 5, forbund: 3, years: 1, ended: 60 };
const THRESHOLD: i64 = 5;

fn approved(mut marts: Vec<MartTable>, history: &[Vintage]) -> Outcome {
    let (_, release) = contracts(false);
    protect_after(&mut marts, &release, &settings(), history).unwrap_or_else(|error| panic!("{error}"))
}

/// Table and key → deltaganden and personer that are shown.
fn shown(outcome: &Outcome) -> BTreeMap<String, (f64, f64)> {
    let rows = outcome.protected.tables().iter().flat_map(|table| {
        table.rows().iter().filter_map(|row| {
            let key = format!("{}|{}", table.contract().name, row.key().join("|"));
            Some((key, (row.values()[0].number()?, row.values()[1].number()?)))
        })
    });
    rows.collect()
}

/// Twelve vintages with late data, corrections and a merger.
#[test]
fn no_pair_of_vintages_tells_of_few() {
    let mut history: Vec<Vintage> = Vec::new();
    let mut seen: Vec<BTreeMap<String, (f64, f64)>> = Vec::new();
    let (mut kept, mut revised) = (0, 0);
    for number in 0..12 {
        let began = Instant::now();
        let outcome = approved(country_at(SIZE, number), &history);
        let marks = |mark: Mark| {
            let rows = outcome.protected.tables().iter().flat_map(|table| table.rows());
            rows.filter(|row| row.mark() == mark).count()
        };
        kept += marks(Mark::Kept);
        revised += marks(Mark::Revised);
        eprintln!(
            "vintage {number}: {} cells, {} primary, {} secondary, {} rows changed status, {} kept, {} revised, {:.1?}",
            outcome.proof.cell_count,
            outcome.proof.primary_count,
            outcome.proof.secondary_count,
            outcome.changed,
            marks(Mark::Kept),
            marks(Mark::Revised),
            began.elapsed()
        );
        let now = shown(&outcome);
        for (then, before) in seen.iter().enumerate() {
            for (key, (_, persons)) in &now {
                let Some((_, earlier)) = before.get(key) else { continue };
                let change = (persons - earlier).abs() as i64;
                assert!(change == 0 || change >= THRESHOLD, "{key} moved by {change} from vintage {then} to {number}");
            }
        }
        seen.push(now);
        let mut entry = outcome.entry;
        entry.name = format!("v{number}");
        history.push(entry);
    }
    assert!(kept > 400 && revised > 40, "{kept} kept, {revised} revised: the series tests little");
}

/// The same data again change nothing.
#[test]
fn unchanged_data_change_no_status() {
    let first = approved(country_at(SIZE, 3), &[]);
    let second = approved(country_at(SIZE, 3), std::slice::from_ref(&first.entry));
    assert_eq!(second.changed, 0);
    assert_eq!(shown(&first), shown(&second));
}

/// An earlier vintage that told too much cannot be mended: nothing more is published beside it.
#[test]
fn what_is_not_proven_beside_an_earlier_vintage_is_refused() {
    let mut told = approved(country_at(SIZE, 0), &[]).entry;
    for seen in told.tables.iter_mut().flat_map(|(_, seen)| seen) {
        if seen.status == Status::Secondary {
            seen.status = Status::Published;
        }
    }
    let (_, release) = contracts(false);
    let refused = protect_after(&mut country_at(SIZE, 0), &release, &settings(), &[told]);
    let error = refused.expect_err("the small counts can be computed from the first vintage");
    assert_eq!(error.exit_code(), crate::error::exit::DISCLOSURE, "{error}");
}

/// A vintage without a table: when it comes, it is shown as if it had been there, and nothing else changes.
#[test]
fn a_table_that_is_new_is_not_withheld_for_its_newness() {
    let first = approved(country_at(SIZE, 3), &[]);
    let mut told = first.entry.clone();
    let mut hidden = 0;
    for (mart, seen) in &mut told.tables {
        for (_, seen) in mart.rows.iter().zip(seen).filter(|(row, _)| row.key[0] != "riket") {
            if seen.status == Status::Published {
                (seen.status, hidden) = (Status::Hidden, hidden + 1);
            }
        }
    }
    let second = approved(country_at(SIZE, 3), &[told]);
    assert!(hidden > 100, "{hidden} rows tell little");
    assert_eq!(shown(&first), shown(&second));
}
