//! What one lived on at a point: ja, nej or okand, with the reason.

use super::calendar::{Day, add_months, civil, first_of_month};
use super::cases::Case;
use super::codes::{Codes, Source};
use super::life::Life;
use super::spells::Stretch;
use super::window::{Measured, Window, asked, window};
use crate::support::world::Settings;

/// What is known of one component at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub value: &'static str,
    pub reason: Option<&'static str>,
    pub extent: Option<i32>,
    pub days: Option<i32>,
    pub source: String,
    /// Kronor, of pay.
    pub kronor: i32,
}

fn unknown(source: &Source, reason: &'static str) -> Found {
    let source = source.table.clone();
    Found { value: "okand", reason: Some(reason), extent: None, days: None, source, kronor: 0 }
}

/// Every component in the order of the list.
pub fn components(codes: &Codes, settings: &Settings, life: Option<&Life>, measured: Option<Measured>) -> Vec<Found> {
    let one = |code: &str| {
        let sources: Vec<&Source> = codes.sources.iter().filter(|source| source.component == code).collect();
        // A source that was not there yet, or no longer, leaves the answer to another.
        let there = |source: &Source| measured.is_none_or(|at| source.valid.on(asked(at, &source.measure).0));
        let valid: Vec<&Source> = sources.iter().copied().filter(|source| there(source)).collect();
        let asked = if valid.is_empty() { sources } else { valid };
        let told: Vec<Found> = asked
            .into_iter()
            .map(|source| match (life, measured) {
                (None, _) => unknown(source, "ej_kopplingsbar"),
                (_, None) => unknown(source, "pagar"),
                (Some(life), Some(at)) => of_source(settings, life, at, source),
            })
            .collect();
        weighed(&told)
    };
    codes.components.iter().map(|component| one(&component.code)).collect()
}

/// One answer of several sources: ja where one says so, else okand where one does.
fn weighed(told: &[Found]) -> Found {
    let value = ["ja", "okand", "nej"].into_iter().find(|value| told.iter().any(|found| found.value == *value));
    let same: Vec<&Found> = told.iter().filter(|found| Some(found.value) == value).collect();
    let add = |of: fn(&Found) -> Option<i32>| {
        let told: Vec<i32> = same.iter().filter_map(|found| of(found)).collect();
        Some(told.iter().sum()).filter(|_| !told.is_empty())
    };
    let mut found = same[0].clone();
    found.extent = add(|found| found.extent);
    found.days = add(|found| found.days);
    found
}

fn of_source(settings: &Settings, life: &Life, at: Measured, source: &Source) -> Found {
    if settings.of(&source.table).is_empty() {
        return unknown(source, "register_saknas");
    }
    let window = window(settings, life, at, (&source.table, &source.measure, source.paid_after));
    let Some(delivery) = window.delivery.filter(|_| source.valid.on(window.from)) else {
        return unknown(source, "utanfor_period");
    };
    let own = |s: &&Stretch| {
        s.component == source.spell && s.table == source.table && s.extracted == delivery.extracted && s.paid()
    };
    let all: Vec<&Stretch> = life.stretches.iter().filter(own).collect();
    let hit: Vec<&&Stretch> = all.iter().filter(|s| s.meets(window.from, window.till)).collect();
    let value = if hit.is_empty() { "nej" } else { "ja" };
    let reason = if value == "ja" { None } else { doubt(settings, life, source, &window) };
    if let Some(reason) = reason {
        return unknown(source, reason);
    }
    Found {
        value,
        reason: None,
        extent: extent(&hit),
        days: Some(days(at, source, &window, &all)),
        source: source.table.clone(),
        kronor: hit.iter().map(|s| s.kronor).sum(),
    }
}

/// Extents of one day are added; extents of counted days share them, and the mean over the days holds.
fn extent(hit: &[&&Stretch]) -> Option<i32> {
    let extents: Vec<(i32, Option<i32>)> = hit.iter().filter_map(|s| s.extent.map(|extent| (extent, s.days))).collect();
    let counted: i32 = extents.iter().filter_map(|(_, days)| *days).sum();
    if counted > 0 {
        let shared: i32 = extents.iter().filter_map(|(extent, days)| days.map(|days| days * extent)).sum();
        return Some((2 * shared + counted) / (2 * counted));
    }
    Some(extents.iter().map(|(extent, _)| extent).sum()).filter(|_| !extents.is_empty())
}

/// Why the absence of a spell is no nej, if it is not.
fn doubt(settings: &Settings, life: &Life, source: &Source, window: &Window) -> Option<&'static str> {
    if !window.in_population {
        return Some("utanfor_population");
    }
    if !window.mature {
        return Some("ej_mogen");
    }
    if source.component == "ekonomiskt_bistand" {
        let homes = life.homes(window.from, window.till);
        let (year, month, _) = civil(window.from);
        if homes.is_empty() {
            return Some("kommun_okand");
        }
        if homes.iter().any(|kommun| settings.report(*kommun, year, month) != Some("J")) {
            return Some("kommun_ej_rapporterad");
        }
    }
    let extracted = window.delivery.map(|delivery| delivery.extracted);
    // A day of the window that the employer may have paid, in a month with pay.
    let employers = |day: &Day| {
        let before = |case: &Case| (1..=case.sick_pay).any(|before| case.from - before == *day);
        life.cases.iter().any(|case| Some(case.extracted) == extracted && before(case))
    };
    let employed = |day: &Day| {
        let month = first_of_month(*day);
        life.stretches.iter().any(|s| s.component == "arbete" && s.from == month)
    };
    let open = || (window.from..window.till).any(|day| employers(&day) && employed(&day));
    (source.component == "sjukpenning" && open()).then_some("sjuklonperiod")
}

/// Days of the month that are covered, days that were paid, or the month itself.
fn days(at: Measured, source: &Source, window: &Window, all: &[&Stretch]) -> i32 {
    let hit = all.iter().filter(|s| s.meets(window.from, window.till));
    let counted = ["fk_aktivitetsstod", "akassa_vecka", "akassa_manad"].contains(&source.table.as_str());
    match source.measure.as_str() {
        "dag" => {
            let month = first_of_month(at.date);
            let covered = |day: &Day| all.iter().any(|s| s.from <= *day && *day < s.covered_till());
            (month..add_months(month, 1)).filter(covered).count().try_into().expect("a month")
        }
        _ if counted => hit.filter_map(|s| s.days).sum(),
        _ => {
            if hit.count() > 0 {
                window.till - window.from
            } else {
                0
            }
        }
    }
}
