//! A series of vintages: what was published stands, and beside all of it nothing new tells of few.

use super::country::{Size, contracts, country_at, settings};
use crate::protect::{Mark, MartTable, Outcome, Vintage, protect_after};
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

/// What cannot be proven beside what has been published is refused, not shown.
#[test]
fn a_revision_that_is_not_proven_is_refused() {
    let first = approved(country_at(SIZE, 0), &[]);
    let (_, release) = contracts(false);
    let mut later = country_at(SIZE, 1);
    match protect_after(&mut later, &release, &settings(), std::slice::from_ref(&first.entry)) {
        Err(error) => assert_eq!(error.exit_code(), crate::error::exit::DISCLOSURE, "{error}"),
        Ok(outcome) => {
            let (before, now) = (shown(&first), shown(&outcome));
            for (key, (_, persons)) in &now {
                let change = before.get(key).map_or(0, |(_, earlier)| (persons - earlier).abs() as i64);
                assert!(change == 0 || change >= THRESHOLD, "{key} moved by {change}");
            }
        }
    }
}
