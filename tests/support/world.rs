//! A generated world: settings of the deliveries, and persons with their rows in every register.
//!
//! A person is drawn as small numbers (what proptest shrinks) and laid out as rows (what both sides read).

use super::naive::{Day, add_months, civil, day};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// A line of `core.leverans`.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub table: &'static str,
    pub from: Day,
    pub till: Day,
    pub extracted: Day,
    pub lag: i32,
    /// The day on which the list of people was drawn; none where the delivery holds everyone.
    pub listed: Option<Day>,
}

/// The extraction of a delivery of agi that corrects the others.
pub const CORRECTED: Day = 19_600;

#[derive(Clone, Debug)]
pub struct Settings {
    pub deliveries: Vec<Delivery>,
    pub fb_extracted: Day,
    pub sus_extracted: Day,
    pub report_seed: i32,
}

impl Settings {
    pub fn of(&self, table: &str) -> Vec<&Delivery> {
        self.deliveries.iter().filter(|delivery| delivery.table == table).collect()
    }

    /// What the kommun says of the month: `J`, `N`, or nothing.
    pub fn report(&self, kommun: i32, year: i32, month: i32) -> Option<&'static str> {
        match (kommun * 7 + (12 * year + month) * 5 + self.report_seed).rem_euclid(17) {
            0 => Some("N"),
            1 => None,
            _ => Some("J"),
        }
    }
}

pub fn settings() -> impl Strategy<Value = Settings> {
    let delivered = (0..10, 0..10, 0..10);
    let periods = (0..400, 0..400, 0..400);
    (delivered, periods, weighted(0.3, 0..900), 0..17, 0..300, any::<bool>()).prop_map(
        |(delivered, early, listed, report_seed, fb, split)| {
            let start = day(2018, 1, 1);
            let extracted = day(2023, 6, 30);
            let till = day(2023, 7, 1);
            let mut deliveries = Vec::new();
            if delivered.0 > 0 {
                let listed = listed.map(|after| day(2020, 6, 1) + after);
                deliveries.push(Delivery {
                    table: "fk_sjukpenning",
                    from: start + early.0,
                    till,
                    extracted,
                    lag: 3,
                    listed,
                });
            }
            if delivered.1 > 0 {
                let from = start + early.1;
                deliveries.push(Delivery { table: "ekonomiskt_bistand", from, till, extracted, lag: 2, listed: None });
            }
            if delivered.2 > 0 {
                let first = Delivery { table: "agi", from: start + early.2 / 4, till, extracted, lag: 2, listed: None };
                let mid = day(2021, 1, 1);
                if split {
                    let older = day(2021, 6, 30);
                    deliveries.push(Delivery { till: mid, extracted: older, ..first.clone() });
                    deliveries.push(Delivery { from: mid, ..first });
                } else {
                    deliveries.push(first);
                }
            }
            Settings { deliveries, fb_extracted: extracted - fb, sus_extracted: day(2023, 1, 31), report_seed }
        },
    )
}

/// What is drawn of a person: offsets in days or months from 2018, and small choices.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Start, length (none: ongoing), and a choice: 0 felregistrering, 1 anonymous.
    participations: Vec<(i32, Option<i32>, u8)>,
    /// Start, length (none: open), extent, rehabilitation, which number.
    sick: Vec<(i32, Option<i32>, u8, bool, usize)>,
    /// Days from the first exit to the start of the first period of sjukpenning, with pay in the month of exit.
    sick_near_exit: Option<i32>,
    /// Month, kommun, kronor, as second adult, which number.
    support: Vec<(i32, i32, u8, bool, usize)>,
    /// Month, employer, kronor, removed, which delivery (the last one is a correction), which number.
    pay: Vec<(i32, u8, u8, bool, usize, usize)>,
    /// Age class and precision of the date of birth.
    birth: (i32, u8),
    /// Start and kommun of each move.
    moves: Vec<(i32, i32)>,
    /// Kind, day, precision, as a version of its own, return.
    departure: Option<(u8, i32, u8, bool, Option<i32>)>,
    /// Days of changes of number.
    changes: Vec<i32>,
    /// Former numbers stand in folkbokföring as given up.
    tombstones: bool,
}

pub fn seed() -> impl Strategy<Value = Seed> {
    let number = 0usize..3;
    let events = (
        vec((0..1825, weighted(0.9, 0..500), 0u8..14), 1..4),
        vec((-60..2000, weighted(0.9, 0..120), 0u8..4, any::<bool>(), number.clone()), 0..5),
        vec((-3..66, 0..4, 0u8..5, any::<bool>(), number.clone()), 0..12),
        vec((-3..66, 0u8..3, 0u8..5, prop::bool::weighted(0.1), 0usize..4, number), 0..24),
    );
    let person = (
        (0..9000, 0u8..4),
        vec((0..2000, 0..4), 0..3),
        weighted(0.4, -3..18),
        weighted(0.25, (0u8..6, -200..2000, 0u8..4, any::<bool>(), weighted(0.5, 1..700))),
        vec(0..2000, 0..3),
        any::<bool>(),
    );
    (events, person).prop_map(|(events, person)| Seed {
        participations: events.0,
        sick: events.1,
        support: events.2,
        pay: events.3,
        birth: person.0,
        moves: person.1,
        sick_near_exit: person.2,
        departure: person.3,
        changes: person.4,
        tombstones: person.5,
    })
}

#[derive(Clone, Debug)]
pub struct Participation {
    pub id: String,
    pub start: Day,
    pub end: Option<Day>,
    pub misregistered: bool,
    pub anonymous: bool,
    pub number: usize,
}

#[derive(Clone, Debug)]
pub struct Sick {
    pub rehabilitation: bool,
    pub from: Day,
    /// Inclusive, as delivered.
    pub to: Option<Day>,
    pub percent: i32,
    pub extracted: Day,
    pub number: usize,
}

#[derive(Clone, Debug)]
pub struct Support {
    pub year: i32,
    pub month: i32,
    pub kommun: i32,
    pub kronor: i32,
    pub second: bool,
    pub number: usize,
    pub extracted: Day,
}

#[derive(Clone, Debug)]
pub struct Pay {
    pub employer: u8,
    pub month: Day,
    pub kronor: i32,
    pub removed: bool,
    pub extracted: Day,
    pub number: usize,
}

/// A row of folkbokföring.
#[derive(Clone, Debug)]
pub struct Version {
    pub from: Day,
    /// Inclusive, as delivered.
    pub to: Option<Day>,
    pub kommun: Option<i32>,
    pub code: Option<&'static str>,
    pub earliest: Option<Day>,
    pub latest: Option<Day>,
    pub number: usize,
}

/// One person's rows, in the order in which they stand in the deliveries.
#[derive(Clone, Debug)]
pub struct Person {
    pub index: usize,
    pub participations: Vec<Participation>,
    pub sick: Vec<Sick>,
    pub support: Vec<Support>,
    pub pay: Vec<Pay>,
    pub versions: Vec<Version>,
    /// Earliest and latest possible day of birth.
    pub birth: (Day, Day),
    /// Days of changes; number `n` was given up on `changes[n]`.
    pub changes: Vec<Day>,
}

pub fn lay_out(index: usize, seed: &Seed, settings: &Settings) -> Person {
    let start = day(2018, 1, 1);
    let mut changes: Vec<Day> = seed.changes.iter().map(|after| start + after).collect();
    changes.sort_unstable();
    changes.dedup();
    let number = |choice: usize| choice % (changes.len() + 1);
    let month = |after: i32| add_months(start, after);
    let extracted = |table: &str, choice: usize| {
        let found = settings.of(table);
        if found.is_empty() { day(2023, 6, 30) } else { found[choice % found.len()].extracted }
    };
    let exit = seed.participations[0].1.map(|days| start + seed.participations[0].0 + days);
    let near = seed.sick_near_exit.and_then(|after| exit.map(|exit| (exit + after, exit)));
    let participations = seed.participations.iter().enumerate().map(|(nr, (after, length, choice))| Participation {
        id: format!("D{index:06}-{nr}"),
        start: start + after,
        end: length.map(|days| start + after + days),
        misregistered: *choice == 0,
        anonymous: *choice == 1,
        number: number(nr),
    });
    let begins = |nr: usize, after: i32| near.filter(|_| nr == 0).map_or(start + after, |(first, _)| first);
    let sick = seed.sick.iter().enumerate().map(|(nr, (after, length, extent, rehabilitation, choice))| Sick {
        rehabilitation: *rehabilitation,
        from: begins(nr, *after),
        to: length.map(|days| begins(nr, *after) + days),
        percent: [25, 50, 75, 100][usize::from(*extent)],
        extracted: extracted("fk_sjukpenning", 0),
        number: number(*choice),
    });
    let support = seed.support.iter().map(|(after, kommun, kronor, second, choice)| Support {
        year: civil(month(*after)).0,
        month: civil(month(*after)).1,
        kommun: *kommun,
        kronor: if *kronor == 0 { 0 } else { 5000 },
        second: *second,
        number: number(*choice),
        extracted: extracted("ekonomiskt_bistand", 0),
    });
    let paid = |nr: usize, after: i32| match near {
        Some((_, exit)) if nr < 2 => day(civil(exit + 1).0, civil(exit + 1).1, 1),
        _ => month(after),
    };
    let pay = seed.pay.iter().enumerate().map(|(nr, (after, employer, kronor, removed, delivery, choice))| Pay {
        employer: *employer,
        month: paid(nr, *after),
        kronor: [0, 50, 99, 100, 21_000][usize::from(*kronor)],
        removed: *removed,
        extracted: if *delivery == 3 { CORRECTED } else { extracted("agi", *delivery) },
        number: number(*choice),
    });
    Person {
        index,
        participations: participations.collect(),
        sick: sick.collect(),
        support: support.collect(),
        pay: pay.collect(),
        versions: versions(seed, &changes),
        birth: birth(seed),
        changes: changes.clone(),
    }
}

fn birth(seed: &Seed) -> (Day, Day) {
    let exact = day(1982, 1, 1) + seed.birth.0;
    let (year, month, _) = civil(exact);
    match seed.birth.1 {
        0 => (day(year, 1, 1), day(year, 12, 31)),
        1 => (day(year, month, 1), add_months(day(year, month, 1), 1) - 1),
        _ => (exact, exact),
    }
}

/// Moves, then at most one departure with or without return, then the numbers given up.
fn versions(seed: &Seed, changes: &[Day]) -> Vec<Version> {
    let start = day(2018, 1, 1);
    let current = changes.len();
    let plain = |from: Day, kommun: Option<i32>| Version {
        from,
        to: None,
        kommun,
        code: None,
        earliest: None,
        latest: None,
        number: current,
    };
    let mut rows = vec![plain(day(2005, 1, 1), Some(0))];
    let mut moves: Vec<(Day, i32)> = seed.moves.iter().map(|(after, kommun)| (start + after, *kommun)).collect();
    moves.sort_unstable();
    moves.dedup_by_key(|(date, _)| *date);
    for (date, kommun) in moves {
        if let Some(last) = rows.last_mut() {
            last.to = Some(date - 1);
        }
        rows.push(plain(date, Some(kommun)));
    }
    if let Some((kind, after, precision, own, back)) = seed.departure {
        // A quarter leave on the very day that is measured, or the day after.
        let (first, length, _) = seed.participations[0];
        let left = match length {
            Some(days) if after % 4 == 0 => start + first + days + 1 + (after / 4).rem_euclid(2),
            _ => start + after,
        };
        let code = ["AV", "AV", "UV", "OB", "TA", "UV"][usize::from(kind)];
        let (year, month, _) = civil(left);
        let (earliest, latest) = match precision {
            0 => (Some(day(year, 1, 1)), Some(day(year, 12, 31))),
            1 => (Some(day(year, month, 1)), Some(add_months(day(year, month, 1), 1) - 1)),
            _ => (Some(left), Some(left)),
        };
        rows.retain(|version| version.from < left);
        if own {
            if let Some(last) = rows.last_mut() {
                last.to = Some(left - 1);
            }
            rows.push(Version { code: Some(code), earliest, latest, ..plain(left, None) });
        } else if let Some(last) = rows.last_mut() {
            (last.code, last.earliest, last.latest) = (Some(code), earliest, latest);
            last.to = (precision == 3).then_some(left - 1);
        }
        if let (Some(days), false) = (back, code == "AV") {
            if let Some(last) = rows.last_mut() {
                last.to = last.to.or(Some(left + days - 1));
            }
            rows.push(plain(left + days, Some(2)));
        }
    }
    if seed.tombstones {
        for (number, date) in changes.iter().enumerate() {
            let given_up = (Some("GN"), Some(*date), Some(*date));
            let row = Version { code: given_up.0, earliest: given_up.1, latest: given_up.2, ..plain(*date, Some(3)) };
            rows.push(Version { number, ..row });
        }
    }
    rows
}
