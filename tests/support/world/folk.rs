//! Rows of folkbokföring and changes of number.

use super::{Change, Seed, Settings, Version};
use crate::support::naive::{Day, add_months, civil, day};

/// Earliest and latest possible day of birth.
pub fn birth(seed: &Seed, settings: &Settings) -> (Day, Day) {
    // Eighteen some time within the world, or long ago.
    let exact = settings.origin - 36 * 365 + seed.birth.0;
    let exact = exact.max(day(1971, 1, 1));
    let (year, month, _) = civil(exact);
    match seed.birth.1 {
        0 => (day(year, 1, 1), day(year, 12, 31)),
        1 => (day(year, month, 1), add_months(day(year, month, 1), 1) - 1),
        _ => (exact, exact),
    }
}

/// Chains mostly; else circles, identities that never link, two numbers that became one, a number given up twice.
pub fn changes(seed: &Seed, settings: &Settings) -> Vec<Change> {
    let (drawn, kind) = &seed.changes;
    let mut days: Vec<Day> = drawn.iter().map(|after| settings.origin + after).collect();
    days.sort_unstable();
    days.dedup();
    let chain = |code: &'static str| -> Vec<Change> {
        days.iter().enumerate().map(|(nr, day)| Change { old: nr, new: nr + 1, day: *day, code }).collect()
    };
    match kind {
        0 => chain("FI"),
        1 => {
            let mut circle = chain("GN");
            if let Some(last) = circle.last() {
                circle.push(Change { old: last.new, new: 0, day: last.day + 40, code: "GS" });
            }
            circle
        }
        2 => days.iter().enumerate().map(|(nr, day)| Change { old: nr, new: 2, day: *day, code: "GS" }).collect(),
        3 => days.iter().enumerate().map(|(nr, day)| Change { old: 0, new: nr + 1, day: *day, code: "GN" }).collect(),
        4 => {
            let mut twice = chain("GN");
            twice.extend(twice.last().cloned().map(|change| Change { day: change.day + 30, ..change }));
            twice
        }
        5 => chain("GS"),
        _ => chain("GN"),
    }
}

fn plain(seed: &Seed, from: Day, kommun: Option<i32>, number: usize) -> Version {
    let sex = match seed.sex {
        0 => None,
        1 | 2 => Some("K"),
        _ => Some("M"),
    };
    Version { from, to: None, kommun, sex, code: None, earliest: None, latest: None, number }
}

/// Moves, then at most one departure with or without return, then the other numbers.
pub fn versions(seed: &Seed, settings: &Settings, changes: &[Change]) -> Vec<Version> {
    let start = settings.origin;
    let current = changes.iter().map(|change| change.new).max().unwrap_or(0);
    let mut rows = vec![plain(seed, start - 13 * 365, Some(0), current)];
    let mut moves: Vec<(Day, i32)> = seed.moves.iter().map(|(after, kommun)| (start + after, *kommun)).collect();
    moves.sort_unstable();
    moves.dedup_by_key(|(date, _)| *date);
    for (date, kommun) in moves {
        if let Some(last) = rows.last_mut() {
            last.to = Some(date - 1);
        }
        rows.push(plain(seed, date, Some(kommun), current));
    }
    depart(seed, settings, &mut rows, current);
    if seed.tombstones {
        for change in changes.iter().filter(|change| change.old != current) {
            let (code, given_up) = (Some(change.code), Some(change.day));
            let row = plain(seed, change.day, Some(3), change.old);
            rows.push(Version { code, earliest: given_up, latest: given_up, ..row });
        }
    }
    for (number, after, kommun) in seed.others.iter().filter(|(number, ..)| *number < current) {
        rows.push(plain(seed, start + after, Some(*kommun), *number));
    }
    rows
}

fn depart(seed: &Seed, settings: &Settings, rows: &mut Vec<Version>, current: usize) {
    let Some((kind, after, precision, own, back)) = seed.departure else { return };
    let start = settings.origin;
    // A quarter leave on the very day that is measured, or the day after.
    let (first, length, ..) = seed.participations[0];
    let left = match length {
        Some(days) if after % 4 == 0 => start + first + days + 1 + (after / 4).rem_euclid(2),
        _ => start + after,
    };
    let code = ["AV", "AV", "AV", "UV", "OB", "TA", "AS", "FI"][usize::from(kind)];
    let (year, month, _) = civil(left);
    let (earliest, latest) = match precision {
        0 => (Some(day(year, 1, 1)), Some(day(year, 12, 31))),
        1 => (Some(day(year, month, 1)), Some(add_months(day(year, month, 1), 1) - 1)),
        // Some notices have no date at all.
        4 if own => (None, None),
        _ => (Some(left), Some(left)),
    };
    rows.retain(|version| version.from < left);
    if own {
        if let Some(last) = rows.last_mut() {
            last.to = Some(left - 1);
        }
        rows.push(Version { code: Some(code), earliest, latest, ..plain(seed, left, None, current) });
    } else if let Some(last) = rows.last_mut() {
        (last.code, last.earliest, last.latest) = (Some(code), earliest, latest);
        last.to = (precision == 3).then_some(left - 1);
    }
    if let (Some(days), false) = (back, code == "AV") {
        if let Some(last) = rows.last_mut() {
            last.to = last.to.or(Some(left + days - 1));
        }
        rows.push(plain(seed, left + days, Some(2), current));
    }
}
