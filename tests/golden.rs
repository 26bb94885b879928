//! The whole pipeline on the small country of `tests/golden/land.md`: its release is the golden tables, and every
//! number in it is a count of the country's lines. UPDATE=1 writes the golden tables anew.

use crate::support::catalogue;
use crate::support::land::{Land, Line, lines};
use chrono::Datelike;
use pipeline::layer::Layer;
use pipeline::publish::current;
use pipeline::stage::run_stages;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn golden(table: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{table}.csv"))
}

/// Column → text, for every row of a table of the release.
fn rows(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    lines.map(|line| header.iter().copied().zip(line.split(',')).collect()).collect()
}

#[test]
fn the_release_of_a_small_country_is_the_golden_tables() {
    let catalogue = catalogue();
    let land = Land::new(&catalogue);
    let night = run_stages(&land.root.job(&catalogue)).unwrap_or_else(|error| panic!("the night: {error}"));
    assert!(night.refused.is_empty(), "{:?}", night.refused);
    let (_, folder) = current(&land.root.path).expect("a release is in force");
    let mut shown = 0;
    for contract in catalogue.layer(Layer::Release) {
        let table = contract.name.as_str();
        let of_the_lines = matches!(contract.custom_text("mart"), Some("deltagare" | "forsorjning" | "tackning"));
        let text = fs::read_to_string(folder.join(format!("{table}.plain.csv"))).expect("the table is released");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(golden(table), &text).expect("the folder is writable");
        }
        let expected = fs::read_to_string(golden(table)).expect("there is a golden table");
        let apart = text.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        assert!(text == expected, "{table} is not the golden table, first at {apart:?}");
        for row in rows(&text).into_iter().filter(|row| row["status_kod"] == "publicerad") {
            if let Some(counts) = of_the_lines.then(|| counted(table, &row)).flatten() {
                let counts = counts.map(|count| count.to_string());
                assert_eq!([row["deltaganden_antal"], row["personer_antal"]], counts, "{table} {row:?}");
                shown += 1;
            }
        }
    }
    assert!(shown > 250, "only {shown} numbers are shown");
}

/// How many deltaganden and persons the country's lines have for a row; none where they do not say.
fn counted(table: &str, row: &BTreeMap<&str, &str>) -> Option<[usize; 2]> {
    if let Some(kind) = row.get("registrering_kod") {
        // Of age and background the lines say nothing. Everybody took part in the year.
        let registered = |line: &Line| match *kind {
            "personuppgifter" => line.note != "anonym",
            "anonym" => line.note == "anonym",
            "volym" => false,
            _ => true,
        };
        let says = row.get("bakgrund_kod") == Some(&"totalt") && !row.contains_key("kvartal_kod");
        return says.then(|| sum(row, registered));
    }
    let point = ["intag", "avslut", "sex_manader"].iter().position(|point| row.get("matpunkt_kod") == Some(point))?;
    let means: &[&str] = match *row.get("forsorjning_kod").unwrap_or(&"") {
        "ohalsa" => &["sp", "rp"],
        "sjukpenning" => &["sp"],
        "rehabiliteringspenning" => &["rp"],
        "ekonomiskt_bistand" => &["eb"],
        "arbete" => &["lön"],
        "" => &[],
        _ => return None,
    };
    let lives_on = |line: &Line| line.means[point].iter().any(|mine| means.contains(&mine.as_str()));
    let gone = |line: &Line| point == 2 && !["", "igen"].contains(&line.note.as_str());
    let among = |line: &Line| match (row.get("varde_kod"), row.get("observationsstatus_kod")) {
        // Of ill health only a part is delivered: what is not seen is unknown.
        (Some(&"nej"), _) => !gone(line) && !lives_on(line) && row["forsorjning_kod"] != "ohalsa",
        (Some(&"okand"), _) => !gone(line) && !lives_on(line) && row["forsorjning_kod"] == "ohalsa",
        (Some(_), _) => !gone(line) && lives_on(line),
        (_, Some(&"totalt")) => true,
        (_, Some(&"observerad")) => !gone(line),
        (_, Some(status)) => gone(line) && line.note == *status,
        (None, None) => unreachable!("{table} has values or statuses"),
    };
    Some(sum(row, |line| line.note != "anonym" && among(line)))
}

/// The deltaganden, and the persons, of the lines of a row's förbund, quarter and sex that are among those asked for.
fn sum(row: &BTreeMap<&str, &str>, among: impl Fn(&Line) -> bool) -> [usize; 2] {
    let kon = match row["kon_kod"] {
        "kvinna" => "K",
        "man" => "M",
        "totalt" => "",
        _ => "-",
    };
    let here = |line: &Line| {
        row.get("forbund_id").is_none_or(|forbund| line.forbund == *forbund)
            && row.get("kvartal_kod").is_none_or(|kvartal| *kvartal == format!("K{}", line.slut.month0() / 3 + 1))
            && (kon.is_empty() || line.kon == kon)
            && among(line)
    };
    let (lines, mut counts, mut before) = (lines(), [0, 0], false);
    for line in &lines {
        let counts_here = here(line);
        if counts_here {
            counts[0] += line.count;
            // The same persons as on the line above are counted there.
            counts[1] += if line.note == "igen" && before { 0 } else { line.count };
        }
        before = counts_here;
    }
    counts
}
