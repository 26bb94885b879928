//! The rows of a generated world, as the tables that stand before the measures hold them.

use super::super::naive::{Day, add_months, civil};
use super::sus::{OCCASIONS, OCCUPATIONS, PERCENTS, TICKS};
use super::world::{Delivery, MEASURED, Participation, Person, Settings, Spell};
use super::{COMPONENTS, POINTS, STUDIES, WORK, measured};
use std::collections::BTreeMap;

/// A table with the head and lines that are given; other columns hold a neutral value.
pub struct Given {
    pub layer: &'static str,
    pub name: &'static str,
    pub columns: &'static str,
    pub lines: Vec<String>,
}

/// Every table that is given of these persons; those that are empty too.
pub fn tables(settings: &Settings, persons: &[Person]) -> Vec<Given> {
    let parts = || persons.iter().flat_map(|person| person.participations.iter().map(move |part| (person, part)));
    let each = |rows: &dyn Fn(&Person, &Participation) -> Vec<String>| -> Vec<String> {
        parts().flat_map(|(person, part)| rows(person, part)).collect()
    };
    let mut given = vec![
        Given {
            layer: "core",
            name: "leverans",
            columns: "tabell_namn,uttags_datum,period_fran_datum,period_till_datum,population_kod,population_datum,\
                      omfattning_kod,efterslapning_manader_antal",
            lines: deliveries(settings),
        },
        Given {
            layer: "derived",
            name: "deltagande",
            columns: "deltagande_id,person_id,insats_id,start_datum,slut_datum,era_kod,uttags_datum",
            lines: each(&|person, part| vec![participation(settings, person, part)]),
        },
        Given {
            layer: "derived",
            name: "matpunkt",
            columns: "deltagande_id,matpunkt_kod,person_id,mat_datum,fonster_till_datum,manad_datum",
            lines: each(&points),
        },
        Given {
            layer: "derived",
            name: "status",
            columns: "deltagande_id,matpunkt_kod,observationsstatus_kod",
            lines: each(&|_, part| situations(part, |part, nr| part.situations[nr].status.to_owned())),
        },
        Given {
            layer: "derived",
            name: "lage",
            columns: "deltagande_id,matpunkt_kod,offentlig_forsorjning_kod,arbete_kod,arbete_med_subvention_kod,\
                      arbete_utan_subvention_kod,studier_kod,arbete_eller_studier_kod,inskriven_kod,inkomstniva_kod,\
                      steg_kod",
            lines: each(&|_, part| situations(part, state)),
        },
        Given {
            layer: "derived",
            name: "komponent",
            columns: "deltagande_id,matpunkt_kod,komponent_kod,varde_kod,omfattning_promille,kalla",
            lines: each(&|_, part| components(part)),
        },
    ];
    given.extend(histories(persons));
    given.extend(sus(&parts().map(|(_, part)| part).collect::<Vec<_>>()));
    given
}

/// Spells and versions.
fn histories(persons: &[Person]) -> [Given; 2] {
    let each = |rows: &dyn Fn(&Person) -> Vec<String>| persons.iter().flat_map(rows).collect::<Vec<String>>();
    [
        Given {
            layer: "derived",
            name: "spell",
            columns: "person_id,komponent_kod,spell_nr,fran_datum,till_datum,omfattning_promille,kornighet_kod,kalla,\
                      uttags_datum",
            lines: each(&spells),
        },
        Given {
            layer: "derived",
            name: "personversion",
            columns: "person_id,version_nr,fran_datum,till_datum,avgang_kod,avgang_tidigast_datum,avgang_senast_datum",
            lines: each(&versions),
        },
    ]
}

/// SUS as core holds it.
fn sus(parts: &[&Participation]) -> [Given; 3] {
    let each = |rows: &dyn Fn(&Participation) -> Vec<String>| -> Vec<String> {
        numbered(parts.iter().flat_map(|part| rows(part)).collect())
    };
    [
        Given {
            layer: "core",
            name: "sus_forsorjning",
            columns: "deltagande_id,mattillfalle_kod,forsorjning_kod,rad_nr",
            lines: each(&ticks),
        },
        Given {
            layer: "core",
            name: "sus_sysselsattning",
            columns: "deltagande_id,mattillfalle_kod,sysselsattning_kod,omfattning_procent,rad_nr",
            lines: each(&occupations),
        },
        Given {
            layer: "core",
            name: "sus1_deltagare",
            columns: "deltagande_id,mattillfalle_kod,sysselsattning_kod,sjukpenning_procent,\
                      rehabiliteringspenning_procent,sjukersattning_procent,aktivitetsersattning_procent,\
                      a_kassa_procent,aktivitetsstod_procent,forsorjningsstod_procent,studiestod_procent,lon_procent,\
                      annan_procent,rad_nr",
            lines: each(&registrations),
        },
    ]
}

fn numbered(rows: Vec<String>) -> Vec<String> {
    rows.into_iter().enumerate().map(|(nr, row)| format!("{row},{}", nr + 1)).collect()
}

fn date(day: Option<Day>) -> String {
    day.map_or(String::new(), |day| {
        let (year, month, date) = civil(day);
        format!("{year:04}-{month:02}-{date:02}")
    })
}

fn number(value: Option<i32>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

/// The person's pseudonym.
pub fn uuid(person: &Person) -> String {
    format!("10000000-0000-0000-0000-{:012x}", person.index)
}

fn known(person: &Person, part: &Participation) -> String {
    if part.anonymous { String::new() } else { uuid(person) }
}

fn deliveries(settings: &Settings) -> Vec<String> {
    let line = |table: &str, days: [Day; 3], listed: Option<Day>, whole: bool, lag: i32| {
        let days = days.map(|day| date(Some(day))).join(",");
        let population = if listed.is_some() { "deltagare" } else { "alla" };
        let extent = if whole { "hel" } else { "rattelse" };
        format!("{table},{days},{population},{},{extent},{lag}", date(listed))
    };
    let of = |d: &Delivery| line(d.table, [d.extracted, d.from, d.till], d.listed, d.whole, d.lag);
    let mut lines: Vec<String> = settings.deliveries.iter().map(of).collect();
    let sus = settings.sus_extracted;
    lines.push(line("sus_deltagande", [sus, 12_000, sus + 1], None, true, 0));
    lines.push(line("folkbokforing", [sus + 200, 3_650, sus + 201], None, true, 0));
    lines
}

fn participation(settings: &Settings, person: &Person, part: &Participation) -> String {
    let era = if part.first_sus { "sus1" } else { "nya_sus" };
    let (start, end) = (date(Some(part.start)), date(part.end));
    let extracted = date(Some(settings.extracted(part)));
    format!("{},{},I{},{start},{end},{era},{extracted}", part.id, known(person, part), part.insats)
}

fn points(person: &Person, part: &Participation) -> Vec<String> {
    let row = |point: &super::Point| {
        let day = measured(part, point);
        let till = day.map(|day| day + point.window);
        // Month registers: the month of the window's last day; before the start, the month before the start's.
        let asked = if point.from_start { Some(add_months(part.start, -1)) } else { till.map(|till| till - 1) };
        let month = asked.map(|day| day - civil(day).2 + 1);
        let dates = [day, till, month].map(date).join(",");
        format!("{},{},{},{dates}", part.id, point.code, known(person, part))
    };
    POINTS.iter().map(row).collect()
}

fn situations(part: &Participation, cells: impl Fn(&Participation, usize) -> String) -> Vec<String> {
    let row = |(nr, code): (usize, &&str)| format!("{},{code},{}", part.id, cells(part, nr));
    MEASURED.iter().enumerate().map(row).collect()
}

/// A row of läge; what the measures do not ask for is not known.
fn state(part: &Participation, nr: usize) -> String {
    let one = &part.situations[nr];
    let (work, studies) = (one.value(WORK), one.value(STUDIES));
    let numbers = [one.level(), one.step()].map(number).join(",");
    format!("okand,{work},okand,okand,{studies},{},okand,{numbers}", one.work_or_studies())
}

fn components(part: &Participation) -> Vec<String> {
    let mut rows = Vec::new();
    for (code, one) in MEASURED.iter().zip(&part.situations) {
        for (component, (value, extent)) in COMPONENTS.iter().zip(&one.values) {
            let (table, extent) = (component.tables[0], number(*extent));
            rows.push(format!("{},{code},{},{value},{extent},{table}", part.id, component.code));
        }
    }
    rows
}

fn spells(person: &Person) -> Vec<String> {
    let mut numbers: BTreeMap<usize, i32> = BTreeMap::new();
    let row = |spell: &Spell| {
        let nr = numbers.entry(spell.component).or_default();
        *nr += 1;
        let grain = match spell.table {
            "akassa_vecka" => "vecka",
            "akassa_manad" | "fk_aktivitetsstod" | "ekonomiskt_bistand" | "agi" => "manad",
            _ => "dag",
        };
        let (from, till, extracted) = (date(Some(spell.from)), date(spell.till), date(Some(spell.extracted)));
        let (code, extent) = (COMPONENTS[spell.component].code, number(spell.extent));
        format!("{},{code},{nr},{from},{till},{extent},{grain},{},{extracted}", uuid(person), spell.table)
    };
    person.spells.iter().map(row).collect()
}

fn versions(person: &Person) -> Vec<String> {
    let row = |(nr, version): (usize, &super::world::Version)| {
        let (from, till) = (date(Some(version.from)), date(version.till));
        let left = version.departure.map_or(",,".to_owned(), |(kind, earliest, latest)| {
            format!("{kind},{},{}", date(Some(earliest)), date(Some(latest)))
        });
        format!("{},{},{from},{till},{left}", uuid(person), nr + 1)
    };
    person.versions.iter().enumerate().map(row).collect()
}

fn ticks(part: &Participation) -> Vec<String> {
    let mut rows = Vec::new();
    for ((_, _, name, _), codes) in OCCASIONS.iter().zip(&part.ticks) {
        if let (Some(name), false) = (name, part.first_sus) {
            let codes = codes.iter().flatten();
            rows.extend(codes.map(|nr| format!("{},{name},{}", part.raw, TICKS[*nr].0)));
        }
    }
    rows
}

fn occupations(part: &Participation) -> Vec<String> {
    let mut rows = Vec::new();
    for ((_, _, name, _), codes) in OCCASIONS.iter().zip(&part.occupations) {
        if let (Some(name), false) = (name, part.first_sus) {
            let row = |(nr, extent): &(usize, Option<i32>)| {
                format!("{},{name},{},{}", part.raw, OCCUPATIONS[*nr], number(*extent))
            };
            rows.extend(codes.iter().map(row));
        }
    }
    rows
}

fn registrations(part: &Participation) -> Vec<String> {
    let mut rows = Vec::new();
    for ((.., name), registered) in OCCASIONS.iter().zip(&part.first) {
        if let (Some(row), true) = (registered, part.first_sus) {
            assert_eq!(row.percents.len(), PERCENTS.len());
            let percents: Vec<String> = row.percents.iter().map(|percent| number(*percent)).collect();
            let occupation = row.occupation.map_or("", |nr| OCCUPATIONS[nr]);
            rows.push(format!("{},{name},{occupation},{}", part.raw, percents.join(",")));
        }
    }
    rows
}
