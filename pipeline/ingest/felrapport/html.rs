//! The felrapport as one page: no script, nothing fetched, readable on paper and by a screen reader.

use super::wording::expected;
use super::{Felrapport, consequence};
use crate::fault::{Count, HINTS_TOLD, Place, ROWS_KEPT, Rule};
use std::fmt::Write as _;

/// Row numbers, or runs of them, that are written out of one cause.
const RUNS_SHOWN: usize = 50;

const STYLE: &str = "\
body{font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}
main{max-width:64rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:2.25rem 0 .25rem}
p{margin:.4rem 0;max-width:44rem}
.utfall{font-weight:600;border-left:.3rem solid #1a1a1a;padding:.3rem 0 .3rem .8rem;margin:1rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1.2rem;margin:1rem 0}
dt{color:#4a4a4a}dd{margin:0}
.tabell{overflow-x:auto}
table{border-collapse:collapse;margin:.8rem 0;width:100%}
caption{text-align:left;color:#4a4a4a;padding-bottom:.3rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .9rem .4rem 0;border-bottom:1px solid #bbb}
thead th{border-bottom:2px solid #1a1a1a}
tbody th{font-weight:400}
.antal{text-align:right;font-variant-numeric:tabular-nums}
a{color:#0b4a8f}
@media print{section{break-inside:avoid}}
";

pub(super) fn page(report: &Felrapport<'_>) -> String {
    let title = escaped(&report.title());
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>Felrapport: {title}</title>\n<style>\n{STYLE}\
         </style>\n</head>\n<body>\n<main>\n<h1>Felrapport: {title}</h1>\n<p class=\"utfall\">{}</p>\n",
        report.outcome
    );
    facts(report, &mut page);
    summary(report, &mut page);
    for (rule, causes) in report.by_rule() {
        section(report, rule, &causes, &mut page);
    }
    let _ = writeln!(
        page,
        "<h2>Om rapporten</h2>\n<p>Rapporten nämner fil, rad, kolumn och regel, aldrig uppgiften i filen. Rad är \
         radens nummer i filen, med rubrikraden inräknad. Alla fel räknas; högst {ROWS_KEPT} radnummer per kolumn och \
         regel sparas. Samma fel, ett per rad, finns i filen med samma namn som slutar på .csv.</p>"
    );
    page + "</main>\n</body>\n</html>\n"
}

fn facts(report: &Felrapport<'_>, page: &mut String) {
    let contract = report.contract;
    let mut pairs = vec![("Kontrakt", format!("{}, version {}", contract.name, contract.version))];
    if let Some(date) = report.uttagsdatum {
        pairs.push(("Uttagsdatum", date.to_string()));
        pairs.push(("Lästa rader", report.rows.to_string()));
        pairs.push(("Avvisade rader", report.rejected.to_string()));
    }
    page.push_str("<dl>\n");
    for (name, text) in pairs {
        let _ = writeln!(page, "<dt>{name}</dt><dd>{}</dd>", escaped(&text));
    }
    page.push_str("</dl>\n");
}

fn summary(report: &Felrapport<'_>, page: &mut String) {
    page.push_str(
        "<h2 id=\"sammanfattning\">Sammanfattning</h2>\n<table>\n<caption>Fel efter regel, i den ordning som de \
         kontrolleras</caption>\n<thead><tr><th scope=\"col\">Regel</th><th scope=\"col\">Följd</th><th \
         scope=\"col\" class=\"antal\">Antal</th></tr></thead>\n<tbody>\n",
    );
    for (rule, causes) in report.by_rule() {
        let worst = causes.iter().map(|(_, count)| count.severity).max().unwrap_or(rule.severity());
        let total: u64 = causes.iter().map(|(_, count)| count.faults).sum();
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th><td>{}</td><td class=\"antal\">{total}</td></tr>",
            rule.code(),
            escaped(rule.text()),
            consequence(rule, worst)
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

fn section(report: &Felrapport<'_>, rule: Rule, causes: &[(&Place, &Count)], page: &mut String) {
    let code = rule.code();
    let _ = writeln!(
        page,
        "<section aria-labelledby=\"{code}\">\n<h2 id=\"{code}\">{}</h2>\n<p>Gör så här: {}</p>",
        escaped(rule.text()),
        escaped(rule.advice())
    );
    let hinted = causes.iter().any(|(_, count)| !count.hinted.is_empty());
    let _ = writeln!(
        page,
        "<div class=\"tabell\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{code}\">\n<table>\n\
         <caption>Regel: {code}</caption>\n<thead><tr><th scope=\"col\">Fil</th><th \
         scope=\"col\">Kolumn</th><th scope=\"col\">Väntat</th>{}<th scope=\"col\">Följd</th><th scope=\"col\" \
         class=\"antal\">Antal</th><th scope=\"col\">Rader</th></tr></thead>\n<tbody>",
        if hinted { "<th scope=\"col\">Upplysning</th>" } else { "" }
    );
    for (place, count) in causes {
        let column = match &place.column {
            Some(name) if report.column_title(place) != name => format!("{} ({name})", report.column_title(place)),
            Some(name) => name.clone(),
            None => "–".into(),
        };
        let file = if place.file.is_empty() { "–" } else { &place.file };
        let hints: Vec<String> =
            count.hints().iter().take(HINTS_TOLD).map(|(hint, times)| told(hint, *times)).collect();
        let hints = if hinted { format!("<td>{}</td>", escaped(&hints.join("; "))) } else { String::new() };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>{hints}<td>{}</td><td class=\"antal\">{}</td><td>{}\
             </td></tr>",
            escaped(file),
            escaped(&column),
            escaped(&expected(report.contract, report.catalogue, place)),
            consequence(rule, count.severity),
            count.faults,
            rows(count)
        );
    }
    page.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

fn told(hint: &str, times: u64) -> String {
    if times > 1 { format!("{hint} ({times} rader)") } else { hint.to_owned() }
}

/// `3, 7–9, 12 …`
fn rows(count: &Count) -> String {
    let mut sorted = count.rows.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for row in sorted {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == row => *last = row,
            _ => runs.push((row, row)),
        }
    }
    let shown = runs.iter().take(RUNS_SHOWN).map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    });
    let shown: Vec<String> = shown.collect();
    let is_all = runs.len() <= RUNS_SHOWN && count.rows.len() as u64 >= count.faults;
    match (shown.is_empty(), is_all) {
        (true, _) => "–".into(),
        (false, true) => shown.join(", "),
        (false, false) => format!("{} …", shown.join(", ")),
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Severity;

    fn count(rows: &[u64], faults: u64) -> Count {
        Count { severity: Severity::Reject, faults, rows: rows.to_vec(), expected: String::new(), hinted: Vec::new() }
    }

    #[test]
    fn rows_are_told_in_runs() {
        assert_eq!(rows(&count(&[], 1)), "–");
        assert_eq!(rows(&count(&[12, 3, 7, 8, 9], 5)), "3, 7–9, 12");
        assert_eq!(rows(&count(&[3, 4], 2)), "3, 4");
        assert_eq!(rows(&count(&[3], 2)), "3 …");
    }

    #[test]
    fn nothing_of_a_file_name_is_markup() {
        assert_eq!(escaped("<b>&\"'"), "&lt;b&gt;&amp;&quot;&#39;");
    }
}
