//! SUS beside the registers, by plain loops: what was ticked, SUS's own measures, and agreement.

use super::rows::Given;
use super::world::{FirstSus, Participation, Person};
use super::{COMPONENTS, Tables, and, not, number, or, yes};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The points that SUS was asked at, with the one that registers are asked at, and SUS's two names of the occasion.
pub const OCCASIONS: [(&str, &str, Option<&str>, &str); 3] = [
    ("intag", "direkt_fore", Some("FORE"), "START"),
    ("avslut", "direkt_efter", Some("EFTER"), "AVSLUT"),
    ("sex_manader", "sex_manader", None, "SEX_MANADER"),
];

/// What could be ticked, with its komponent.
pub const TICKS: [(&str, Option<&str>); 12] = [
    ("SJUKPENNING", Some("sjukpenning")),
    ("REHABILITERINGSPENNING", Some("rehabiliteringspenning")),
    ("SJUKERSATTNING", Some("sjukersattning")),
    ("AKTIVITETSERSATTNING", Some("aktivitetsersattning")),
    ("A_KASSA", Some("a_kassa")),
    ("AKTIVITETSSTOD", Some("aktivitetsstod")),
    ("UTVECKLINGSERSATTNING", Some("utvecklingsersattning")),
    ("ETABLERINGSERSATTNING", Some("etableringsersattning")),
    ("FORSORJNINGSSTOD", Some("ekonomiskt_bistand")),
    ("STUDIESTOD", Some("studiemedel")),
    ("ANNAN_OFFENTLIG", None),
    ("INGEN_OFFENTLIG", None),
];

/// The percentages of the first SUS, with their komponent.
pub const PERCENTS: [(&str, Option<&str>); 10] = [
    ("sjukpenning_procent", Some("sjukpenning")),
    ("rehabiliteringspenning_procent", Some("rehabiliteringspenning")),
    ("sjukersattning_procent", Some("sjukersattning")),
    ("aktivitetsersattning_procent", Some("aktivitetsersattning")),
    ("a_kassa_procent", Some("a_kassa")),
    ("aktivitetsstod_procent", Some("aktivitetsstod")),
    ("forsorjningsstod_procent", Some("ekonomiskt_bistand")),
    ("studiestod_procent", Some("studiemedel")),
    ("lon_procent", Some("arbete")),
    ("annan_procent", None),
];

pub const OCCUPATIONS: [&str; 5] = ["ARBETE", "ARBETE_SUBV", "STUDIER", "ARBETSSOKANDE", "OVRIGT"];

/// Rows of SUS's own tables of one person's participations.
pub fn measures(person: &Person, tables: &mut Tables) {
    for part in &person.participations {
        let era = if part.first_sus { "sus1" } else { "nya_sus" };
        for (nr, (point, asked, ..)) in OCCASIONS.iter().enumerate() {
            for (component, value, extent) in livelihood(part, nr) {
                let key = format!("{} {point} {component}", part.id);
                let row = format!("{value} {} {era}", number(extent));
                tables.entry("sus_forsorjning").or_default().insert(key.clone(), row);
                let at = COMPONENTS.iter().position(|one| one.code == component).expect("a komponent");
                let register = part.at(asked).value(at);
                let outcome = match (value, register) {
                    ("ja", "ja") => "bada",
                    ("ja", "nej") => "bara_sus",
                    ("nej", "ja") => "bara_register",
                    ("nej", "nej") => "ingen",
                    _ => "okand",
                };
                let row = format!("{value} {register} {outcome}");
                tables.entry("overensstammelse").or_default().insert(key, row);
            }
            let row = format!("{} {era}", outcome(part, nr));
            tables.entry("sus_utfall").or_default().insert(format!("{} {point}", part.id), row);
        }
    }
}

/// What the handler registered at an occasion, by komponent.
fn livelihood(part: &Participation, occasion: usize) -> Vec<(&'static str, &'static str, Option<i32>)> {
    let mut found = Vec::new();
    if part.first_sus {
        let row = part.first[occasion].as_ref().filter(|row| row.percents.iter().any(Option::is_some));
        for (nr, (_, component)) in PERCENTS.iter().enumerate() {
            let Some(component) = component else { continue };
            let percent = row.map(|row| row.percents[nr].unwrap_or(0));
            let value = percent.map_or("okand", |percent| yes(percent > 0));
            found.push((*component, value, percent.filter(|percent| *percent > 0).map(|percent| percent * 10)));
        }
    } else {
        let ticked = part.ticks.get(occasion).and_then(|codes| codes.as_ref()).filter(|codes| !codes.is_empty());
        for (nr, (_, component)) in TICKS.iter().enumerate() {
            let Some(component) = component else { continue };
            found.push((*component, ticked.map_or("okand", |codes| yes(codes.contains(&nr))), None));
        }
    }
    found
}

/// Occupations registered at an occasion, with extents; none where nothing is.
fn occupied(part: &Participation, occasion: usize) -> Option<Vec<(usize, Option<i32>)>> {
    if part.first_sus {
        let row: Option<&FirstSus> = part.first[occasion].as_ref();
        return row.and_then(|row| row.occupation).map(|code| vec![(code, None)]);
    }
    part.occupations.get(occasion).filter(|rows| !rows.is_empty()).cloned()
}

/// Occupations that are work, of which the second is subsidised, and studies.
const WORK: [usize; 2] = [0, 1];
const STUDIES: [usize; 1] = [2];
const SEEKING: usize = 3;

fn outcome(part: &Participation, occasion: usize) -> String {
    let now = occupied(part, occasion);
    let has = |codes: &[usize]| now.as_ref().map_or("okand", |rows| yes(extents(rows, codes).next().is_some()));
    let (work, subsidised, studies) = (has(&WORK), has(&WORK[1..]), has(&STUDIES));
    let busy = or(work, studies);
    let seeks = now.as_ref().map_or("okand", |rows| yes(rows.iter().any(|(code, _)| *code == SEEKING)));
    let seeking = and(seeks, not(busy));
    let other = and(not(busy), not(seeking));
    let (moved, more) = match (occasion, occupied(part, 0), &now) {
        (0, ..) => ("-", "-"),
        (_, Some(before), Some(now)) => (busy, or(grown(&before, now, &WORK), grown(&before, now, &STUDIES))),
        _ => (busy, and(busy, "okand")),
    };
    [work, subsidised, studies, seeking, other, moved, more].join(" ")
}

/// Extents of some occupations, but those of nothing.
fn extents<'a>(rows: &'a [(usize, Option<i32>)], codes: &'a [usize]) -> impl Iterator<Item = Option<i32>> + 'a {
    rows.iter().filter(|(code, extent)| codes.contains(code) && *extent != Some(0)).map(|(_, extent)| *extent)
}

/// Whether some occupations have begun, or have a larger extent than before.
fn grown(before: &[(usize, Option<i32>)], now: &[(usize, Option<i32>)], codes: &[usize]) -> &'static str {
    let (had, has) = (extents(before, codes).count(), extents(now, codes).count());
    let sums = (extents(before, codes).sum::<Option<i32>>(), extents(now, codes).sum::<Option<i32>>());
    match (had, has, sums) {
        (_, 0, _) => "nej",
        (0, ..) => "ja",
        (_, _, (Some(before), Some(now))) => yes(now > before),
        _ => "okand",
    }
}

/// What is counted only, by insats and year: number of the insats, year, women, men, and the extraction.
pub type Count = (u8, i32, i32, i32, i32);

/// What is drawn of the participants that are only counted.
#[derive(Clone, Debug)]
pub struct Counts {
    anonymous: Vec<Count>,
    volume: Vec<Count>,
    after_sus: Vec<Count>,
}

pub fn counts() -> impl Strategy<Value = Counts> {
    let rows = || vec((0u8..6, 2018..2025, 0..4, 0..4, 0..3), 0..30);
    (rows(), rows(), rows()).prop_map(|(anonymous, volume, after_sus)| Counts { anonymous, volume, after_sus })
}

/// The insatser of a förbund; of number 5 nothing is known.
const INSATSER: u8 = 5;

impl Counts {
    pub fn tables(&self) -> [Given; 5] {
        let table = |name, columns, lines| Given { layer: "core", name, columns, lines };
        let insatser = |letter| (0..INSATSER).map(|nr| format!("{letter}{nr},F00{}", nr % 2)).collect();
        let rows = |letter, rows: &[Count], sexes: bool| -> Vec<String> {
            let line = |(nr, (insats, year, women, men, extracted)): (usize, &Count)| {
                let people = if sexes { format!("{women},{men}") } else { format!("{}", women + men) };
                format!("{letter}{insats},{year},{people},2024-01-0{},{}", extracted + 1, nr + 1)
            };
            rows.iter().enumerate().map(line).collect()
        };
        let sexes = "insats_id,ar,kvinnor_antal,man_antal,uttags_datum,rad_nr";
        [
            table("sus_insats", "insats_id,forbund_id", insatser('I')),
            table("uppfoljning_insats", "insats_id,forbund_id", insatser('U')),
            table("sus_anonyma", sexes, rows('I', &self.anonymous, true)),
            table(
                "sus_volyminsats",
                "insats_id,ar,deltagare_antal,uttags_datum,rad_nr",
                rows('I', &self.volume, false),
            ),
            table("uppfoljning_antal", sexes, rows('U', &self.after_sus, true)),
        ]
    }
}

/// The newest count of each insats and year.
pub fn counted(counts: &Counts) -> Tables {
    let mut found = BTreeMap::new();
    let kinds = [
        ("nya_sus", 'I', "anonym", &counts.anonymous),
        ("nya_sus", 'I', "volym", &counts.volume),
        ("uppfoljning", 'U', "antal", &counts.after_sus),
    ];
    for (era, letter, kind, rows) in kinds {
        let mut newest: BTreeMap<(u8, i32), &Count> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.0 < INSATSER) {
            let one = newest.entry((row.0, row.1)).or_insert(row);
            if row.4 >= one.4 {
                *one = row;
            }
        }
        for ((insats, year), (.., women, men, _)) in newest {
            let people = if kind == "volym" { format!("- - {}", women + men) } else { format!("{women} {men} 0") };
            found.insert(format!("{era} {letter}{insats} {year} {kind}"), format!("F00{} {people}", insats % 2));
        }
    }
    BTreeMap::from([("antal_deltagare", found)])
}
