//! Change, flow, time and share in offentlig försörjning, order and re-entry, by plain loops.

use super::super::naive::{Day, add_months};
use super::coverage::{CALENDAR, Coverage, place};
use super::rows::uuid;
use super::world::{MEASURED, Participation, Person, Settings, Situation, Spell};
use super::{COMPONENTS, POINTS, STUDIES, Tables, and, date, measured, not, number, or, yes};
use std::collections::BTreeSet;

/// Rows of every measure of one person's participations, but SUS's own.
pub fn measures(settings: &Settings, coverage: &Coverage, person: &Person, tables: &mut Tables) {
    let paid = paid_days(person);
    for (from, till) in times(person) {
        let rows = tables.entry("forsorjningstid").or_default();
        rows.insert(format!("{} {}", uuid(person), date(Some(from))), date(Some(till)));
    }
    for (nr, part) in person.participations.iter().enumerate() {
        let mut add = |table: &'static str, key: String, row: String| {
            let before = tables.entry(table).or_default().insert(key, row);
            assert!(before.is_none(), "a key of {table} is there twice");
        };
        let id = &part.id;
        for point in POINTS.iter().filter(|point| point.main && point.code != "intag") {
            let (before, after) = (part.at("intag"), part.at(point.code));
            add("forandring", format!("{id} {}", point.code), change(before, after));
            for from in sources(before) {
                for to in sources(after) {
                    add("forsorjningsflode", format!("{id} {} {from} {to}", point.code), String::new());
                }
            }
            if let Some(day) = measured(part, point) {
                add("aterintrade", format!("{id} {}", point.code), again(person, nr, day, settings));
            }
        }
        if !part.anonymous {
            add("tid_i_forsorjning", id.clone(), unbroken(coverage, person, part));
            add("deltagandeordning", id.clone(), order(person, nr));
        }
        for (code, before, months) in WINDOWS {
            add("andel_i_forsorjning", format!("{id} {code}"), share(coverage, person, part, &paid, before, months));
        }
    }
}

fn change(before: &Situation, after: &Situation) -> String {
    let (had, has) = (before.work_or_studies(), after.work_or_studies());
    let begun = and(not(had), has);
    let extent = |one: &Situation| match one.value(STUDIES) {
        "ja" => one.values[STUDIES].1,
        "nej" => Some(0),
        _ => None,
    };
    let more_studies = match (extent(before), extent(after)) {
        (Some(before), Some(after)) => yes(after > before),
        _ => "okand",
    };
    let more_pay = match (before.level(), after.level()) {
        (Some(before), Some(after)) => yes(after > before),
        _ => "okand",
    };
    let increased = and(and(had, has), or(more_pay, more_studies));
    let steps = before.step().zip(after.step()).map(|(before, after)| after - before);
    [has, begun, increased, or(begun, increased), &number(steps)].join(" ")
}

/// Where the livelihood comes from, by the steps of storsta_andel.
fn sources(situation: &Situation) -> Vec<&'static str> {
    let known = || COMPONENTS.iter().enumerate().filter(|(_, component)| component.source);
    let value = |nr: usize| situation.value(nr);
    let found: Vec<&str> = known().filter(|(nr, _)| value(*nr) == "ja").map(|(_, one)| one.code).collect();
    if !found.is_empty() {
        return found;
    }
    vec![if known().any(|(nr, _)| value(nr) == "okand") { "okand" } else { "ingen" }]
}

/// From the first day of the spell, through the day before the returned one.
fn end(spell: &Spell) -> Day {
    spell.till.unwrap_or(spell.extracted + 1)
}

fn public(person: &Person) -> impl Iterator<Item = &Spell> {
    person.spells.iter().filter(|spell| COMPONENTS[spell.component].public && spell.extent != Some(0))
}

/// From the first day to the day after the last of each run of days in offentlig försörjning.
fn times(person: &Person) -> Vec<(Day, Day)> {
    let days: BTreeSet<Day> = public(person).flat_map(|spell| spell.from..end(spell)).collect();
    let first = days.iter().filter(|day| !days.contains(&(**day - 1)));
    let last = days.iter().filter(|day| !days.contains(&(**day + 1)));
    first.zip(last).map(|(first, last)| (*first, *last + 1)).collect()
}

fn unbroken(coverage: &Coverage, person: &Person, part: &Participation) -> String {
    let mut first = part.start;
    let earlier = |first: Day| {
        let reaches = |spell: &&Spell| add_months(end(spell).min(part.start), 1) >= first;
        public(person).filter(|spell| spell.from < first).filter(reaches).map(|spell| spell.from).min()
    };
    while let Some(from) = earlier(first) {
        first = from;
    }
    let begun = (first < part.start).then_some(first);
    // Any day of the month before, and the day before that, could have held what made the time longer.
    let known = (add_months(first, -1) - 1..first).all(|day| coverage.answers(person, day));
    let covered = (CALENDAR.0..CALENDAR.1).find(|day| coverage.answers(person, *day));
    format!("{} {} {} {}", date(begun), part.start - first, date(covered), if known { "N" } else { "J" })
}

/// Code, before the start, length in months.
const WINDOWS: [(&str, bool, i32); 6] = [
    ("fore_12", true, 12),
    ("fore_24", true, 24),
    ("fore_36", true, 36),
    ("efter_12", false, 12),
    ("efter_24", false, 24),
    ("efter_36", false, 36),
];

/// The days of [`CALENDAR`], true where the person is in offentlig försörjning.
struct PaidDays(Vec<bool>);

fn paid_days(person: &Person) -> PaidDays {
    let mut days = vec![false; place(CALENDAR.1)];
    for spell in public(person) {
        for day in spell.from.max(CALENDAR.0)..end(spell).min(CALENDAR.1) {
            days[place(day)] = true;
        }
    }
    PaidDays(days)
}

fn share(
    coverage: &Coverage,
    person: &Person,
    part: &Participation,
    paid: &PaidDays,
    before: bool,
    months: i32,
) -> String {
    let window = if before {
        Some((add_months(part.start, -months), part.start))
    } else {
        part.end.map(|end| (end + 1, add_months(end + 1, months)))
    };
    let dates = format!("{} {}", date(window.map(|(from, _)| from)), date(window.map(|(_, till)| till)));
    let Some((from, till)) = window.filter(|_| !part.anonymous) else { return format!("{dates} - -") };
    let seen: Vec<Day> = (from..till).filter(|day| coverage.answers(person, *day) && at_home(person, *day)).collect();
    let supported = seen.iter().filter(|day| paid.0[place(**day)]).count();
    format!("{dates} {} {supported}", seen.len())
}

/// Certainly alive, and certainly not gone.
fn at_home(person: &Person, day: Day) -> bool {
    let dead = person.versions.iter().rev().find_map(|version| match version.departure {
        Some(("avliden", earliest, _)) => Some(earliest),
        _ => None,
    });
    let away = person.versions.iter().rfind(|version| version.from <= day).is_some_and(|version| {
        version.departure.is_some_and(|(kind, earliest, _)| kind == "utvandrad" && earliest <= day)
    });
    dead.is_none_or(|earliest| day <= earliest) && !away
}

/// The person's participations, but not the anonymous ones.
fn others(person: &Person, nr: usize) -> Vec<&Participation> {
    let known = !person.participations[nr].anonymous;
    let other = |(at, part): (usize, &Participation)| known && at != nr && !part.anonymous;
    person.participations.iter().enumerate().filter(|(at, part)| other((*at, part))).map(|(_, part)| part).collect()
}

fn order(person: &Person, nr: usize) -> String {
    let part = &person.participations[nr];
    let (mut number, mut of_insats, mut parallel) = (1, 1, 0);
    for other in others(person, nr) {
        let earlier = (other.start, &other.id) < (part.start, &part.id);
        number += i32::from(earlier);
        of_insats += i32::from(earlier && other.insats == part.insats);
        let before = other.end.is_some_and(|end| end < part.start);
        let after = part.end.is_some_and(|end| end < other.start);
        parallel += i32::from(!before && !after);
    }
    format!("{number} {of_insats} {parallel}")
}

/// Whether the person is registered again by a day, and takes part in something else on it.
fn again(person: &Person, nr: usize, day: Day, settings: &Settings) -> String {
    let part = &person.participations[nr];
    let ended = part.end.expect("the point hangs on the end");
    let (mut registered, mut active) = (false, false);
    for other in others(person, nr) {
        registered |= ended < other.start && other.start <= day;
        active |= other.start <= day && other.end.is_none_or(|end| day <= end);
    }
    // What SUS has seen stays seen; what goes on after its extraction nobody knows.
    let late = day > settings.extracted(part);
    let registered = if part.anonymous || (late && !registered) { "okand" } else { yes(registered) };
    let active = if part.anonymous || late { "okand" } else { yes(active) };
    format!("{registered} {active}")
}

/// The points that situations are drawn for must be points.
#[test]
fn every_measured_point_is_a_point() {
    assert!(MEASURED.iter().all(|code| POINTS.iter().any(|point| point.code == *code)));
}
