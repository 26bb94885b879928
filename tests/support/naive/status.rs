//! Whether a deltagande could be observed at a point.

use super::calendar::Day;
use super::codes::{Codes, Point};
use super::component::Found;
use super::life::{Life, Part};
use super::window::Measured;
use crate::support::world::{Settings, Version};

pub fn status(
    codes: &Codes,
    settings: &Settings,
    life: Option<&Life>,
    (part, point, measured): (&Part, &Point, Option<Measured>),
    found: &[Found],
) -> &'static str {
    let Some(life) = life else { return "ej_kopplingsbar" };
    let death = life.versions.iter().rfind(|version| version.code == Some("AV"));
    let died = death.map(|v| (v.earliest.unwrap_or(v.from), v.latest.unwrap_or(settings.fb_extracted)));
    match (measured, died) {
        (None, Some(_)) => return "avliden",
        (Some(at), Some((_, latest))) if latest < at.date => return "avliden",
        _ => {}
    }
    let ended = part.end.is_some_and(|end| end <= settings.sus_extracted);
    let Some(at) = measured.filter(|_| ended || point.from_start) else { return "pagar" };
    let date = at.date;
    // Only what some hierarchy asks for counts as cover.
    let asked = |code: &str| codes.hierarchies.iter().any(|h| h.steps.iter().any(|(step, _)| step == code));
    let told: Vec<&Found> =
        codes.components.iter().zip(found).filter(|(c, _)| asked(&c.code)).map(|(_, f)| f).collect();
    let blind = ["register_saknas", "utanfor_period", "utanfor_population", "ej_mogen"];
    let covered = told.iter().any(|f| f.reason.is_none_or(|reason| !blind.contains(&reason)));
    let unripe = told.iter().any(|f| f.reason == Some("ej_mogen"));
    if date > settings.fb_extracted || (!covered && unripe) {
        return "ej_mogen";
    }
    let (away, unsure) = absence(settings, life, date);
    if away {
        return "utvandrad";
    }
    let unsure_death = died.is_some_and(|(earliest, _)| earliest < date);
    if !covered || unsure_death || unsure { "tackning_saknas" } else { "observerad" }
}

/// Whether the version in force on the day says that the person has left, or leaves it open.
fn absence(settings: &Settings, life: &Life, date: Day) -> (bool, bool) {
    let last: Option<&&Version> = life.versions.iter().rfind(|version| version.from <= date);
    match last {
        Some(v) if v.code.is_some_and(|code| !["AV", "GN", "GS"].contains(&code)) => {
            let earliest = v.earliest.unwrap_or(v.from);
            let latest = v.latest.unwrap_or(settings.fb_extracted);
            (latest <= date, earliest <= date && date < latest)
        }
        _ => (false, false),
    }
}
