//! The meaning of försörjning a second time, as plain loops over one person's rows.
//!
//! Shares no code, calendar or query with `sql/`: it is there to disagree.

use super::world::{Delivery, Participation, Pay, Person, Settings, Version};

/// Days since 1970-01-01.
pub type Day = i32;

fn leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_length(year: i32, month: i32) -> i32 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day number of a date from 1970 on.
pub fn day(year: i32, month: i32, date: i32) -> Day {
    let years: i32 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    years + (1..month).map(|m| month_length(year, m)).sum::<i32>() + date - 1
}

/// Year, month and date of a day number.
pub fn civil(mut day: Day) -> (i32, i32, i32) {
    let mut year = 1970;
    while day >= if leap(year) { 366 } else { 365 } {
        day -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    while day >= month_length(year, month) {
        day -= month_length(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

/// The same date some months away, or the last of that month.
pub fn add_months(from: Day, months: i32) -> Day {
    let (mut year, mut month, date) = civil(from);
    for _ in 0..months.abs() {
        month += months.signum();
        if month == 13 {
            (year, month) = (year + 1, 1);
        }
        if month == 0 {
            (year, month) = (year - 1, 12);
        }
    }
    day(year, month, date.min(month_length(year, month)))
}

fn first_of_month(date: Day) -> Day {
    let (year, month, _) = civil(date);
    day(year, month, 1)
}

pub const POINTS: [&str; 3] = ["avslut", "intag", "sex_manader"];

/// Code, register, whether it counts months, Finsam's group.
pub const COMPONENTS: [(&str, &str, bool, &str); 11] = [
    ("sjukpenning", "fk_sjukpenning", false, "ohalsa"),
    ("rehabiliteringspenning", "fk_sjukpenning", false, "ohalsa"),
    ("sjukersattning", "fk_sjukersattning", false, "ohalsa"),
    ("aktivitetsersattning", "fk_sjukersattning", false, "ohalsa"),
    ("a_kassa", "akassa", true, "arbetsmarknadsstod"),
    ("aktivitetsstod", "fk_aktivitetsstod", true, "arbetsmarknadsstod"),
    ("utvecklingsersattning", "fk_aktivitetsstod", true, "arbetsmarknadsstod"),
    ("etableringsersattning", "fk_aktivitetsstod", true, "arbetsmarknadsstod"),
    ("ekonomiskt_bistand", "ekonomiskt_bistand", true, "ekonomiskt_bistand"),
    ("studiemedel", "csn_studiemedel", false, ""),
    ("arbete", "agi", true, ""),
];

/// What is known of one component at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub value: &'static str,
    pub reason: Option<&'static str>,
    pub extent: Option<i32>,
    pub days: Option<i32>,
}

fn unknown(reason: &'static str) -> Found {
    Found { value: "okand", reason: Some(reason), extent: None, days: None }
}

/// The day and the first day of the month that month registers are asked for.
fn measured(part: &Participation, point: &str) -> Option<(Day, Day)> {
    match point {
        "intag" => Some((part.start - 1, add_months(first_of_month(part.start), -1))),
        "avslut" => part.end.map(|end| (end + 1, first_of_month(end + 1))),
        _ => part.end.map(|end| (add_months(end, 6), first_of_month(add_months(end, 6)))),
    }
}

/// A stretch of days with support, end exclusive.
struct Stretch {
    from: Day,
    till: Day,
    extent: Option<i32>,
}

fn stretches(person: &Person, component: &str, extracted: Day) -> Vec<Stretch> {
    let mut found = Vec::new();
    match component {
        "sjukpenning" | "rehabiliteringspenning" => {
            for row in &person.sick {
                if row.extracted == extracted && row.rehabilitation == (component == "rehabiliteringspenning") {
                    let till = row.to.map_or(extracted + 1, |to| to + 1);
                    found.push(Stretch { from: row.from, till, extent: Some(row.percent * 10) });
                }
            }
        }
        "ekonomiskt_bistand" => {
            for row in &person.support {
                let from = day(row.year, row.month, 1);
                let till = add_months(from, 1);
                let child = add_months(person.birth.0, 12 * 18) >= till;
                let told = found.iter().any(|stretch: &Stretch| stretch.from == from);
                if row.extracted == extracted && row.kronor > 0 && !child && !told {
                    found.push(Stretch { from, till, extent: None });
                }
            }
        }
        "arbete" => {
            for month in person.pay.iter().map(|row| row.month) {
                let told = found.iter().any(|stretch: &Stretch| stretch.from == month);
                if !told && paid(person, month, extracted) >= 100 {
                    found.push(Stretch { from: month, till: add_months(month, 1), extent: None });
                }
            }
        }
        _ => {}
    }
    found
}

/// Kronor of the month by one extraction and what was sent later: the last row of each employer, unless it removes.
fn paid(person: &Person, month: Day, extracted: Day) -> i32 {
    let mut last: Vec<&Pay> = Vec::new();
    let mut sent: Vec<&Pay> =
        person.pay.iter().filter(|row| row.month == month && row.extracted >= extracted).collect();
    sent.sort_by_key(|row| row.extracted);
    for row in sent {
        // A key holds the number that was written, so the same employer counts once per number.
        last.retain(|other| (other.employer, other.number) != (row.employer, row.number));
        last.push(row);
    }
    last.iter().filter(|row| !row.removed).map(|row| row.kronor).sum()
}

/// Whether the person is on the delivery's list: somebody takes part by the day it was drawn.
fn listed(person: &Person, delivery: &Delivery) -> bool {
    let starts = person.participations.iter().filter(|p| !p.misregistered && !p.anonymous).map(|p| p.start).min();
    delivery.listed.is_none_or(|day| starts.is_some_and(|start| start <= day))
}

pub fn component(settings: &Settings, person: &Person, part: &Participation, point: &str, nr: usize) -> Found {
    let (code, register, monthly, _) = COMPONENTS[nr];
    if part.anonymous {
        return unknown("ej_kopplingsbar");
    }
    let Some((date, month)) = measured(part, point) else { return unknown("pagar") };
    if settings.of(register).is_empty() {
        return unknown("register_saknas");
    }
    let counted = if monthly { month } else { first_of_month(date) };
    let (from, till) = if monthly { (month, add_months(month, 1)) } else { (date, date + 1) };
    let covering = settings.of(register).into_iter().find(|d| d.from <= from && till <= d.till);
    let Some(delivery) = covering else { return unknown("utanfor_period") };
    if code == "arbete" && from < day(2019, 1, 1) {
        return unknown("utanfor_period");
    }
    let all = stretches(person, code, delivery.extracted);
    let days = (counted..add_months(counted, 1)).filter(|d| all.iter().any(|s| s.from <= *d && *d < s.till)).count();
    let days = Some(i32::try_from(days).expect("a month"));
    let hit: Vec<&Stretch> = all.iter().filter(|s| s.from < till && from < s.till).collect();
    if !hit.is_empty() {
        let extent = hit.iter().fold(None, |sum: Option<i32>, s| s.extent.map(|e| e + sum.unwrap_or(0)).or(sum));
        return Found { value: "ja", reason: None, extent, days };
    }
    if !listed(person, delivery) {
        return unknown("utanfor_population");
    }
    if add_months(date, delivery.lag) > delivery.extracted {
        return unknown("ej_mogen");
    }
    if code == "ekonomiskt_bistand" {
        let homes = homes(person, month, till);
        if homes.is_empty() {
            return unknown("kommun_okand");
        }
        let (year, month, _) = civil(month);
        if homes.iter().any(|kommun| settings.report(*kommun, year, month) != Some("J")) {
            return unknown("kommun_ej_rapporterad");
        }
    }
    if code == "sjukpenning" && sick_pay(settings, person, date, delivery) {
        return unknown("sjuklonperiod");
    }
    Found { value: "nej", reason: None, extent: None, days }
}

/// The first day after a version, as it holds for the person; none while it is open.
fn end_of(version: &Version) -> Option<Day> {
    let end = version.to.map(|to| to + 1);
    match (version.code, version.earliest) {
        (Some("GN"), Some(given_up)) => Some(end.map_or(given_up, |end| end.min(given_up))),
        _ => end,
    }
}

fn holds(version: &Version) -> bool {
    end_of(version).is_none_or(|end| version.from < end)
}

fn homes(person: &Person, from: Day, till: Day) -> Vec<i32> {
    let lived = |v: &&Version| holds(v) && v.from < till && end_of(v).is_none_or(|end| end > from);
    person.versions.iter().filter(lived).filter_map(|version| version.kommun).collect()
}

/// Whether the day is one of the fourteen before a sjukfall at Försäkringskassan, in a month with pay.
fn sick_pay(settings: &Settings, person: &Person, date: Day, delivery: &Delivery) -> bool {
    let month = first_of_month(date);
    let with_pay = settings
        .of("agi")
        .iter()
        .any(|agi| agi.from <= month && month < agi.till && paid(person, month, agi.extracted) >= 100);
    let rows = || person.sick.iter().filter(|row| row.extracted == delivery.extracted);
    with_pay
        && (date + 1..=date + 14).any(|first| {
            rows().any(|row| row.from == first)
                && !rows().any(|row| {
                    let till = row.to.map_or(delivery.extracted + 1, |to| to + 1);
                    row.from < first && first - till < 5
                })
        })
}

pub fn status(settings: &Settings, person: &Person, part: &Participation, point: &str) -> &'static str {
    if part.anonymous {
        return "ej_kopplingsbar";
    }
    let measured = measured(part, point);
    let death = person.versions.iter().rfind(|version| version.code == Some("AV"));
    let died = death.map(|v| (v.earliest.unwrap_or(v.from), v.latest.unwrap_or(settings.fb_extracted)));
    match (measured, died) {
        (None, Some(_)) => return "avliden",
        (Some((date, _)), Some((_, latest))) if latest < date => return "avliden",
        _ => {}
    }
    let ended = part.end.is_some_and(|end| end <= settings.sus_extracted);
    let Some((date, _)) = measured.filter(|_| ended || point == "intag") else { return "pagar" };
    let found: Vec<Found> = (0..COMPONENTS.len()).map(|nr| component(settings, person, part, point, nr)).collect();
    let blind = ["register_saknas", "utanfor_period", "utanfor_population", "ej_mogen"];
    let covered = found.iter().any(|f| f.reason.is_none_or(|reason| !blind.contains(&reason)));
    let unripe = found.iter().any(|f| f.reason == Some("ej_mogen"));
    if date > settings.fb_extracted || (!covered && unripe) {
        return "ej_mogen";
    }
    let (away, unsure) = absence(settings, person, date);
    if away {
        return "utvandrad";
    }
    let unsure_death = died.is_some_and(|(earliest, _)| earliest < date);
    if !covered || unsure_death || unsure { "tackning_saknas" } else { "observerad" }
}

/// Whether the version in force on the day says that the person has left, or leaves it open.
fn absence(settings: &Settings, person: &Person, date: Day) -> (bool, bool) {
    let mut last: Option<&Version> = None;
    for version in person.versions.iter().filter(|v| holds(v) && v.from <= date) {
        let newer = last.is_none_or(|other| (other.from, other.number) <= (version.from, version.number));
        if newer {
            last = Some(version);
        }
    }
    match last {
        Some(v) if v.code.is_some_and(|code| code != "AV" && code != "GN") => {
            let earliest = v.earliest.unwrap_or(v.from);
            let latest = v.latest.unwrap_or(settings.fb_extracted);
            (latest <= date, earliest <= date && date < latest)
        }
        _ => (false, false),
    }
}

/// Finsam's group from its components.
pub fn group(found: &[Found], name: &str) -> &'static str {
    let mut value = "nej";
    for (component, found) in COMPONENTS.iter().zip(found) {
        if component.3 == name {
            value = match (value, found.value) {
                ("ja", _) | (_, "ja") => "ja",
                ("okand", _) | (_, "okand") => "okand",
                _ => "nej",
            };
        }
    }
    value
}
