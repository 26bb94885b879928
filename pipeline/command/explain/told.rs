//! An explanation as a page of text: facts first, then each mätpunkt from its status to SUS's own ticks.
//!
//! Intervals are written `[from, till)` as the tables hold them: the last day is the one before `till`.

use super::lab::{Row, text};
use super::{Explanation, Hierarki, Kalla, Komponent, Matpunkt};
use std::fmt::Write as _;

pub fn told(explanation: &Explanation) -> String {
    let mut page = String::new();
    head(&explanation.deltagande, &mut page);
    for matpunkt in &explanation.matpunkter {
        point(matpunkt, &mut page);
    }
    page
}

fn head(deltagande: &Row, page: &mut String) {
    let of = |column: &str| text(deltagande, column);
    let or = |column: &str, otherwise: &str| Some(of(column)).filter(|t| !t.is_empty()).unwrap_or(otherwise.into());
    let _ = writeln!(page, "deltagande {} of {}", of("deltagande_id"), of("era_kod"));
    let _ = writeln!(page, "  insats      {}, förbund {}", of("insats_id"), of("forbund_id"));
    let _ = writeln!(page, "  dates       {} to {}", of("start_datum"), or("slut_datum", "no slutdatum"));
    let _ = writeln!(page, "  person      {}", or("person_id", "none: the identity could not be linked"));
    let _ = writeln!(
        page,
        "  at start    kön {}, age {}, kommun {}, län {}",
        of("kon_kod"),
        or("alder_ar", "unknown"),
        or("kommun_kod", "unknown"),
        or("lans_kod", "unknown")
    );
    let _ = writeln!(page, "  delivered   {} row {}, extraction {}", of("fil_namn"), of("rad_nr"), of("uttags_datum"));
}

fn point(matpunkt: &Matpunkt, page: &mut String) {
    let of = |column: &str| text(&matpunkt.row, column);
    let day = of("mat_datum");
    let _ = writeln!(page, "\n{}: {}", of("matpunkt_kod"), of("matpunkt"));
    let measured = match of("fonster_dagar_antal").as_str() {
        "" => "no day: it hangs on a slutdatum that is not there".to_owned(),
        "1" => format!("{day}, month registers {}", month(&of("manad_datum"))),
        _ => {
            let window = interval(&matpunkt.row, "mat_datum", "fonster_till_datum");
            format!("{window}, month registers {}", month(&of("manad_datum")))
        }
    };
    let _ = writeln!(page, "  measured    {measured}");
    let (status, title) = (of("observationsstatus_kod"), of("observationsstatus"));
    let _ = writeln!(page, "  status      {status} ({title}): {}", matpunkt.varfor);
    registers(matpunkt, page);
    let _ = writeln!(page, "\n  {:<24}{:<7}{:>6}{:>5}  decided by", "komponent", "value", "extent", "days");
    for one in &matpunkt.komponenter {
        komponent(one, page);
    }
    for one in &matpunkt.hierarkier {
        hierarki(one, &status, &day, page);
    }
    values("läge", &matpunkt.lage, page);
    values("förändring since intag", &matpunkt.forandring, page);
    sus(matpunkt, page);
}

/// The windows that were read and the extractions that answered, each once; silent where nothing could be read.
fn registers(matpunkt: &Matpunkt, page: &mut String) {
    let mut told = Vec::new();
    for source in matpunkt.komponenter.iter().flat_map(|one| &one.kallor) {
        let line = register(source);
        if !line.is_empty() && !told.contains(&line) {
            told.push(line);
        }
    }
    if !told.is_empty() {
        let _ = writeln!(page, "\n  {:<20}{:<12}{:<26}answered by", "register", "read by", "window");
    }
    for line in told {
        let _ = writeln!(page, "  {line}");
    }
}

fn register(source: &Kalla) -> String {
    let of = |column: &str| text(&source.row, column);
    if of("fran_datum").is_empty() {
        return String::new();
    }
    let window = interval(&source.row, "fran_datum", "till_datum");
    let read = format!("{:<20}{:<12}{window:<26}", of("tabell_namn"), of("matning_kod"));
    match (of("galler_kod").as_str(), of("uttags_datum")) {
        ("N", _) => format!("{read}no source then: from {}", of("giltig_fran_datum")),
        (_, none) if none.is_empty() => format!("{read}no extraction covers it"),
        (_, extraction) => {
            let period = interval(&source.row, "period_fran_datum", "period_till_datum");
            let whose = if of("i_population_kod") == "J" { "in population" } else { "not in population" };
            let settled = if of("mogen_kod") == "J" { "settled" } else { "not settled" };
            let paid = if of("utbetalning_manader_antal") == "0" { "" } else { ", paid the month after" };
            let lag = of("efterslapning_manader_antal");
            format!("{read}extraction {extraction} of {period}, {whose}, {settled} (lag {lag} months{paid})")
        }
    }
}

fn komponent(one: &Komponent, page: &mut String) {
    let of = |column: &str| text(&one.row, column);
    let reason = match of("orsak_kod") {
        none if none.is_empty() => String::new(),
        reason => format!(": {reason} ({})", of("orsak")),
    };
    let (code, value, extent, days) =
        (of("komponent_kod"), of("varde_kod"), of("omfattning_promille"), of("dagar_antal"));
    let _ = writeln!(page, "  {code:<24}{value:<7}{extent:>6}{days:>5}  {}{reason}", of("kalla"));
    for spell in one.kallor.iter().flat_map(|source| source.spells.iter().map(move |spell| (source, spell))) {
        spell_line(spell.0, spell.1, page);
    }
    for fall in &one.sjukfall {
        let of = |column: &str| text(fall, column);
        let _ = writeln!(
            page,
            "      sjukfall {} begins {}, {} days after; the employer may have paid {}",
            of("sjukfall_nr"),
            of("fran_datum"),
            of("dagar_fore_antal"),
            of("sjuklon_dagar_antal")
        );
    }
    if of("orsak_kod").starts_with("kommun_") {
        let of_month = one.kommuner.iter().map(|place| match text(place, "kommun_kod") {
            none if none.is_empty() => "no kommun".to_owned(),
            kommun => format!("kommun {kommun}"),
        });
        let _ = writeln!(page, "      registered that month in {}", of_month.collect::<Vec<_>>().join(", "));
    }
}

fn spell_line(source: &Kalla, spell: &Row, page: &mut String) {
    let of = |column: &str| text(spell, column);
    let mut line = format!("      spell {} {}", of("spell_nr"), interval(spell, "fran_datum", "till_datum"));
    if !of("omfattning_promille").is_empty() {
        let _ = write!(line, ", {} promille", of("omfattning_promille"));
    }
    if !of("dagar_antal").is_empty() {
        let _ = write!(line, ", {} days", of("dagar_antal"));
    }
    line += match (of("i_fonstret_kod").as_str(), of("omfattning_promille").as_str()) {
        ("J", "0") => ": in the window, but nothing is paid",
        ("J", _) => ": in the window",
        _ => ": the same month, but not in the window",
    };
    let _ = writeln!(page, "{line} of {}", text(&source.row, "tabell_namn"));
}

/// The rule, and the groups that are not nej; nothing is decided where the status is not observerad.
fn hierarki(one: &Hierarki, status: &str, day: &str, page: &mut String) {
    let of = |column: &str| text(&one.row, column);
    let first = of("giltig_fran_datum");
    let named = format!("{} version {}, rule {}", of("hierarki_kod"), of("version_nr"), of("regel_kod"));
    let open = match status {
        "observerad" if !first.is_empty() && day < first.as_str() => Some(format!("it holds from {first}")),
        "observerad" => None,
        _ => Some(format!("the status is {status}")),
    };
    if let Some(reason) = open {
        let _ = writeln!(page, "\n  {named}: every group is okand, {reason}");
        return;
    }
    let rule = match of("regel_kod").as_str() {
        "flera" => "several groups may hold; a ja decides its group, else an okand",
        "forsta" => "the first group that holds; an okand before it leaves the rest open",
        "storsta" => "the largest extent on the day, those without extent last, then by step",
        _ => "",
    };
    let _ = writeln!(page, "\n  {named}: {rule}");
    for group in one.grupper.iter().filter(|group| text(group, "varde_kod") != "nej") {
        let of = |column: &str| text(group, column);
        let by = match of("avgorande_komponent_kod") {
            none if none.is_empty() => String::new(),
            code => format!("by {code}, step {}", of("avgorande_steg_nr")),
        };
        let line = format!("    {:<24}{:<7}{by}", of("grupp_kod"), of("varde_kod"));
        let _ = writeln!(page, "{}", line.trim_end());
    }
    let absent = one.grupper.iter().filter(|group| text(group, "varde_kod") == "nej");
    let absent: Vec<String> = absent.map(|group| text(group, "grupp_kod")).collect();
    if !absent.is_empty() {
        let _ = writeln!(page, "    nej: {}", absent.join(", "));
    }
}

/// Every column of a row with its value; nothing where there is no row.
fn values(title: &str, row: &Row, page: &mut String) {
    if row.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n  {title}");
    for column in row.keys().filter(|column| !text(row, column).is_empty()) {
        let _ = writeln!(page, "    {column:<32}{}", text(row, column));
    }
}

fn sus(matpunkt: &Matpunkt, page: &mut String) {
    if !matpunkt.sus.is_empty() {
        let _ =
            writeln!(page, "\n  {:<24}{:<8}{:<10}{:>6}  agreement", "SUS's own ticks", "SUS", "registers", "extent");
    }
    for tick in &matpunkt.sus {
        let of = |column: &str| text(tick, column);
        let line = format!(
            "  {:<24}{:<8}{:<10}{:>6}  {}",
            of("komponent_kod"),
            of("sus_kod"),
            of("register_kod"),
            of("omfattning_promille"),
            of("utfall_kod")
        );
        let _ = writeln!(page, "{}", line.trim_end());
    }
    values("utfall by SUS's own definitions", &matpunkt.sus_utfall, page);
}

/// Half-open, as the tables have it; `open` where nobody has said when it ends.
fn interval(row: &Row, from: &str, till: &str) -> String {
    let till = Some(text(row, till)).filter(|till| !till.is_empty()).unwrap_or("open".into());
    format!("[{}, {till})", text(row, from))
}

fn month(day: &str) -> String {
    day.get(..7).unwrap_or_default().to_owned()
}
