//! Why a deltagande could or could not be observed at a mätpunkt, told by the facts that the status was decided on.

use super::Komponent;
use super::lab::{Row, text};

/// What `sql/derived/status.sql` looked at.
pub struct Facts<'a> {
    pub deltagande: &'a Row,
    pub personversioner: &'a [Row],
    pub folkbokforing: &'a Row,
    pub matpunkt: &'a Row,
    pub komponenter: &'a [Komponent],
}

/// One sentence without a full stop.
pub fn why(facts: &Facts<'_>) -> String {
    let (slut, sus) = (text(facts.deltagande, "slut_datum"), text(facts.deltagande, "uttags_datum"));
    let (day, register) = (text(facts.matpunkt, "mat_datum"), text(facts.folkbokforing, "uttags_datum"));
    match text(facts.matpunkt, "observationsstatus_kod").as_str() {
        "ej_kopplingsbar" => "the deltagande has no person: its identity could not be linked".into(),
        "avliden" if day.is_empty() => {
            format!("no slutdatum, and folkbokföring says {}", departures(facts, &["avliden"]))
        }
        status @ ("avliden" | "utvandrad") => format!("folkbokföring says {}", departures(facts, &[status])),
        "pagar" if slut.is_empty() => format!("no slutdatum by SUS's extraction of {sus}"),
        "pagar" => format!("slutdatum {slut} is after SUS's extraction of {sus}"),
        "ej_mogen" if day > register => format!("{day} is after folkbokföring's extraction of {register}"),
        "ej_mogen" => format!("no register that covers {day} has had time to settle"),
        "tackning_saknas" => match departures(facts, &["avliden", "utvandrad"]) {
            none if none.is_empty() => format!("no register covers {day}"),
            some => format!("no register covers {day}, or it is left open by {some}"),
        },
        "observerad" => {
            let known = facts.komponenter.iter().filter(|one| text(&one.row, "varde_kod") != "okand").count();
            format!("{known} of {} komponenter are known", facts.komponenter.len())
        }
        _ => String::new(),
    }
}

/// Departures of some kinds, with the days that they may lie between.
fn departures(facts: &Facts<'_>, kinds: &[&str]) -> String {
    let ours = facts.personversioner.iter().filter(|version| kinds.contains(&text(version, "avgang_kod").as_str()));
    let told = ours.map(|version| {
        let (first, last) = (text(version, "avgang_tidigast_datum"), text(version, "avgang_senast_datum"));
        let days = if first == last { first } else { format!("between {first} and {last}") };
        format!("{} {days}", text(version, "avgang_kod"))
    });
    told.collect::<Vec<_>>().join(", ")
}
