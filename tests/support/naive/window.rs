//! When is asked, and which extraction of a register answers.

use super::calendar::{Day, add_months, first_of_month, monday};
use super::codes::Point;
use super::life::{Life, Part};
use crate::support::world::{Delivery, Settings};

/// Day, end of the window (exclusive) and first day of the month that month registers are asked for.
#[derive(Clone, Copy)]
pub struct Measured {
    pub date: Day,
    pub till: Day,
    pub month: Day,
}

/// None where the day is not known.
pub fn measured(part: &Part, point: &Point) -> Option<Measured> {
    let anchor = if point.from_start { part.start } else { part.end? };
    let date = add_months(anchor, point.months) + point.days;
    let till = date + point.window;
    let month = first_of_month(if point.month_before { till } else { date });
    let month = if point.month_before { add_months(month, -1) } else { month };
    Some(Measured { date, till, month })
}

/// The first day and the first day after the stretch that a register is asked for.
pub fn asked(measured: Measured, measure: &str) -> (Day, Day) {
    match measure {
        "dag" => (measured.date, measured.till),
        "vecka" => (monday(measured.date), monday(measured.till - 1) + 7),
        "manad" => (measured.month, add_months(measured.month, 1)),
        _ => (add_months(measured.month, 1), add_months(measured.month, 2)),
    }
}

pub struct Window<'a> {
    pub from: Day,
    pub till: Day,
    pub delivery: Option<&'a Delivery>,
    pub in_population: bool,
    pub mature: bool,
}

pub fn window<'a>(
    settings: &'a Settings,
    life: &Life,
    measured: Measured,
    (table, measure, paid_after): (&str, &str, i32),
) -> Window<'a> {
    let (from, till) = asked(measured, measure);
    let (first, after) = match paid_after {
        0 => (from, till),
        months => (add_months(from, months), add_months(till, months)),
    };
    // On the list is whoever has taken part by the day on which it was drawn.
    let listed = |d: &Delivery| d.listed.is_none_or(|day| life.first_start.is_some_and(|start| start <= day));
    let mut delivery: Option<&Delivery> = None;
    for one in settings.of(table).into_iter().filter(|d| d.from <= first && after <= d.till) {
        let rank = |d: &Delivery| (listed(d), d.extracted, d.till);
        if delivery.is_none_or(|best| rank(best) < rank(one)) {
            delivery = Some(one);
        }
    }
    let wait = |d: &Delivery| d.lag + paid_after + i32::from(measure == "nasta_manad");
    Window {
        from,
        till,
        delivery,
        in_population: delivery.is_some_and(listed),
        mature: delivery.is_some_and(|d| add_months(measured.till - 1, wait(d)) <= d.extracted),
    }
}
