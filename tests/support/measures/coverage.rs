//! The days on which the registers of offentlig försörjning can answer, by plain loops.

use super::super::naive::{Day, add_months, day};
use super::world::{Person, Settings};
use super::{COMPONENTS, Component, Tables, date};
use std::collections::BTreeMap;

/// The days that are looked at: 2005 to 2034.
pub const CALENDAR: (Day, Day) = (12_784, 23_741);

/// A day's place in a list of the days of [`CALENDAR`].
pub fn place(day: Day) -> usize {
    usize::try_from(day - CALENDAR.0).expect("a day of the calendar")
}

/// Whom the registers answer for on a day.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Nobody,
    /// Those whose first participation began by then.
    Begun(Day),
    Everybody,
}

/// By day of [`CALENDAR`].
pub struct Coverage(Vec<Reach>);

impl Coverage {
    pub fn new(settings: &Settings) -> Coverage {
        Coverage((CALENDAR.0..CALENDAR.1).map(|day| all_registers(settings, day)).collect())
    }

    pub fn answers(&self, person: &Person, day: Day) -> bool {
        let reach = usize::try_from(day - CALENDAR.0).ok().and_then(|at| self.0.get(at));
        match reach {
            Some(Reach::Everybody) => true,
            Some(Reach::Begun(latest)) => {
                let known = person.participations.iter().filter(|part| !part.anonymous);
                known.map(|part| part.start).min().is_some_and(|start| start <= *latest)
            }
            _ => false,
        }
    }

    /// Rows of the table of coverage: unbroken days of the same reach.
    pub fn rows(&self, tables: &mut Tables) {
        let mut found = BTreeMap::new();
        let mut first = CALENDAR.0;
        for day in CALENDAR.0..CALENDAR.1 {
            let reach = self.0[place(day)];
            if self.0.get(place(day) + 1) != Some(&reach) {
                let latest = match reach {
                    Reach::Begun(latest) => Some(latest),
                    _ => None,
                };
                if reach != Reach::Nobody {
                    found.insert(date(Some(first)), format!("{} {}", date(Some(day + 1)), date(latest)));
                }
                first = day + 1;
            }
        }
        tables.insert("forsorjningstackning", found);
    }
}

fn narrower(one: Reach, other: Reach) -> Reach {
    match (one, other) {
        (Reach::Nobody, _) | (_, Reach::Nobody) => Reach::Nobody,
        (Reach::Everybody, reach) | (reach, Reach::Everybody) => reach,
        (Reach::Begun(one), Reach::Begun(other)) => Reach::Begun(one.min(other)),
    }
}

fn wider(one: Reach, other: Reach) -> Reach {
    match (one, other) {
        (Reach::Everybody, _) | (_, Reach::Everybody) => Reach::Everybody,
        (Reach::Nobody, reach) | (reach, Reach::Nobody) => reach,
        (Reach::Begun(one), Reach::Begun(other)) => Reach::Begun(one.max(other)),
    }
}

/// Every komponent that a register is delivered of must be answered for.
fn all_registers(settings: &Settings, day: Day) -> Reach {
    let mut reach = None;
    for component in COMPONENTS.iter().filter(|component| component.public) {
        if component.tables.iter().any(|table| !settings.of(table).is_empty()) {
            let one = sources(settings, component, day);
            reach = Some(reach.map_or(one, |other| narrower(other, one)));
        }
    }
    reach.unwrap_or(Reach::Nobody)
}

/// Every delivered source of the komponent that has begun must answer, and one must have.
fn sources(settings: &Settings, component: &Component, asked: Day) -> Reach {
    let mut reach = None;
    for table in component.tables.iter().filter(|table| !settings.of(table).is_empty()) {
        if *table == "akassa_manad" && asked < day(2025, 10, 1) {
            continue;
        }
        // What is paid a month later stands in the delivery of that month.
        let arrears = i32::from(*table == "fk_aktivitetsstod");
        let mut one = Reach::Nobody;
        for delivery in settings.of(table) {
            let paid = add_months(asked, arrears);
            let covers = delivery.from <= paid && paid < delivery.till;
            if covers && add_months(asked, arrears + delivery.lag) <= delivery.extracted {
                one = wider(one, delivery.listed.map_or(Reach::Everybody, Reach::Begun));
            }
        }
        reach = Some(reach.map_or(one, |other| narrower(other, one)));
    }
    reach.unwrap_or(Reach::Nobody)
}
