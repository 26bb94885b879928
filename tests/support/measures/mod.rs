//! The measures of försörjning a second time: a generated world, and plain loops over one person's rows in it.
//!
//! Shares no code, calendar or query with `sql/`: it is there to disagree. What stands before the measures (persons,
//! spells, komponenter, läge) is drawn here as it could have been derived, so that each measure is tried for itself.

pub mod areas;
pub mod before_after;
pub mod coverage;
pub mod drawn;
pub mod rows;
pub mod sus;
pub mod world;

use super::naive::{Day, add_months, civil};
use std::collections::BTreeMap;
use world::Participation;

/// By table, the rows by their key; both as text, null as `-`.
pub type Tables = BTreeMap<&'static str, BTreeMap<String, String>>;

/// A row of `codes.matpunkt`.
pub struct Point {
    pub code: &'static str,
    /// Counted from the start; the others from the end.
    pub from_start: bool,
    pub months: i32,
    pub days: i32,
    pub window: i32,
    /// One of the points that measures are made for; the others try their sensitivity, or SUS's week.
    pub main: bool,
}

const fn point(code: &'static str, from_start: bool, months: i32, days: i32, main: bool) -> Point {
    Point { code, from_start, months, days, window: 1, main }
}

pub const POINTS: [Point; 20] = [
    point("intag", true, 0, -1, true),
    point("avslut", false, 0, 1, true),
    point("sex_manader", false, 6, 0, true),
    point("tolv_manader", false, 12, 0, true),
    point("tjugofyra_manader", false, 24, 0, true),
    point("trettiosex_manader", false, 36, 0, true),
    point("intag_minus_30", true, 0, -31, false),
    point("intag_minus_14", true, 0, -15, false),
    point("intag_plus_14", true, 0, 13, false),
    point("intag_plus_30", true, 0, 29, false),
    point("avslut_minus_30", false, 0, -29, false),
    point("avslut_minus_14", false, 0, -13, false),
    point("avslut_plus_14", false, 0, 15, false),
    point("avslut_plus_30", false, 0, 31, false),
    point("sex_manader_minus_30", false, 6, -30, false),
    point("sex_manader_minus_14", false, 6, -14, false),
    point("sex_manader_plus_14", false, 6, 14, false),
    point("sex_manader_plus_30", false, 6, 30, false),
    Point { window: 7, ..point("direkt_fore", true, 0, -7, false) },
    Point { window: 7, ..point("direkt_efter", false, 0, 1, false) },
];

/// A row of `codes.komponent`, with the registers that answer for it.
pub struct Component {
    pub code: &'static str,
    /// Counts as offentlig försörjning.
    pub public: bool,
    /// Has an extent.
    pub extent: bool,
    /// Can be the largest share, and so a source of the flow.
    pub source: bool,
    pub tables: &'static [&'static str],
}

const fn component(code: &'static str, public: bool, extent: bool, tables: &'static [&'static str]) -> Component {
    Component { code, public, extent, source: true, tables }
}

const fn beside(code: &'static str, tables: &'static [&'static str]) -> Component {
    Component { code, public: false, extent: false, source: false, tables }
}

pub const COMPONENTS: [Component; 15] = [
    component("sjukpenning", true, true, &["fk_sjukpenning"]),
    component("rehabiliteringspenning", true, true, &["fk_sjukpenning"]),
    component("sjukersattning", true, true, &["fk_sjukersattning"]),
    component("aktivitetsersattning", true, true, &["fk_sjukersattning"]),
    component("a_kassa", true, false, &["akassa_vecka", "akassa_manad"]),
    component("aktivitetsstod", true, true, &["fk_aktivitetsstod"]),
    component("utvecklingsersattning", true, true, &["fk_aktivitetsstod"]),
    component("etableringsersattning", true, true, &["fk_aktivitetsstod"]),
    component("ekonomiskt_bistand", true, false, &["ekonomiskt_bistand"]),
    component("studiemedel", false, true, &["csn_studiemedel"]),
    component("arbete", false, false, &["agi"]),
    beside("arbete_nasta_manad", &["agi"]),
    beside("subventionerat_arbete", &["af_sokandekategori"]),
    beside("nystartsjobb", &["af_sokandekategori"]),
    beside("inskriven", &["af_sokandekategori"]),
];

pub const STUDIES: usize = 9;
pub const WORK: usize = 10;

/// The day that is measured; none while the participation has not ended.
pub fn measured(part: &Participation, point: &Point) -> Option<Day> {
    let anchor = if point.from_start { Some(part.start) } else { part.end };
    anchor.map(|day| add_months(day, point.months) + point.days)
}

/// Both, where each is ja, nej or okand.
pub fn and(one: &'static str, other: &'static str) -> &'static str {
    match (one, other) {
        ("nej", _) | (_, "nej") => "nej",
        ("ja", "ja") => "ja",
        _ => "okand",
    }
}

/// Either, where each is ja, nej or okand.
pub fn or(one: &'static str, other: &'static str) -> &'static str {
    match (one, other) {
        ("ja", _) | (_, "ja") => "ja",
        ("nej", "nej") => "nej",
        _ => "okand",
    }
}

/// Not, where okand stays so.
pub fn not(one: &'static str) -> &'static str {
    match one {
        "ja" => "nej",
        "nej" => "ja",
        _ => "okand",
    }
}

/// ja or nej.
pub fn yes(holds: bool) -> &'static str {
    if holds { "ja" } else { "nej" }
}

/// A number as text; null is `-`.
pub fn number(value: Option<i32>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

/// A day as text; null is `-`.
pub fn date(day: Option<Day>) -> String {
    day.map_or("-".to_owned(), |day| {
        let (year, month, date) = civil(day);
        format!("{year:04}-{month:02}-{date:02}")
    })
}
