//! What was delivered: periods, lags, populations and extractions of every register.

use crate::support::naive::{Day, day};
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

pub const REGISTERS: [&str; 9] = [
    "fk_sjukpenning",
    "fk_sjukersattning",
    "fk_aktivitetsstod",
    "akassa_vecka",
    "akassa_manad",
    "csn_studiemedel",
    "af_sokandekategori",
    "ekonomiskt_bistand",
    "agi",
];

/// Days from the first of a world to its newest extraction.
const LENGTH: Day = 2006;
/// Days from the first of a world to an earlier extraction.
const EARLIER: Day = 1276;

#[derive(Clone, Debug)]
pub struct Settings {
    /// The first day of the world: before AGI and the order of sick pay, or past the monthly a-kassa.
    pub origin: Day,
    pub deliveries: Vec<Delivery>,
    pub extracted: Day,
    pub fb_extracted: Day,
    pub sus_extracted: Day,
    pub report_seed: i32,
}

impl Settings {
    pub fn of(&self, table: &str) -> Vec<&Delivery> {
        self.deliveries.iter().filter(|delivery| delivery.table == table).collect()
    }

    /// The extractions of a table that a row stands in; a third choice is all of them.
    pub fn extractions(&self, table: &str, choice: usize) -> Vec<Day> {
        let found = self.of(table);
        match found.len() {
            0 => vec![self.extracted],
            count if choice >= 2 => found[..count].iter().map(|delivery| delivery.extracted).collect(),
            count => vec![found[choice % count].extracted],
        }
    }

    /// The extraction of a delivery of agi that corrects the others.
    pub fn corrected(&self) -> Day {
        self.extracted + 62
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

/// How a register was delivered: whether at all, from when, to whom, with which lag, in which extractions.
type Drawn = (u8, i32, Option<i32>, i32, u8);

pub fn settings() -> impl Strategy<Value = Settings> {
    let register = (0u8..16, 0..400, weighted(0.15, 0..1200), 0..4, 0u8..5);
    let registers = vec(register, REGISTERS.len());
    (0u8..12, registers, 0..17, 0..300).prop_map(|(origin, registers, report_seed, fb)| {
        let origin = match origin {
            0 => day(2003, 6, 1),
            1 | 2 => day(2014, 7, 1),
            3..=6 => day(2022, 6, 1),
            _ => day(2018, 1, 1),
        };
        let extracted = origin + LENGTH;
        let deliveries = REGISTERS.iter().zip(registers).flat_map(|(table, drawn)| register_of(table, origin, drawn));
        let (fb_extracted, sus_extracted) = (extracted - fb, extracted - 150);
        Settings { origin, deliveries: deliveries.collect(), extracted, fb_extracted, sus_extracted, report_seed }
    })
}

fn register_of(table: &'static str, origin: Day, (present, early, listed, lag, split): Drawn) -> Vec<Delivery> {
    if present == 0 {
        return Vec::new();
    }
    let extracted = origin + LENGTH;
    let listed = listed.map(|after| origin + 300 + after);
    // Half of the worlds know their registers from the first day on.
    let from = origin + if early < 200 { 0 } else { early - 200 };
    let newest = Delivery { table, from, till: extracted + 1, extracted, lag, listed };
    let older = Delivery { extracted: origin + EARLIER, lag: (lag + 1) % 4, listed: None, ..newest.clone() };
    let middle = origin + 1096;
    match split {
        // AGI is delivered by month: what is in force for one never overlaps.
        4 if table != "agi" => vec![Delivery { till: older.extracted + 1, ..older }, newest],
        3 | 4 => vec![Delivery { till: middle, ..older }, Delivery { from: middle, ..newest }],
        _ => vec![newest],
    }
}
