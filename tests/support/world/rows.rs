//! The rows of a world as they stand in core.

use super::{LATE, Occasions, Participation, Person, Settings};
use crate::support::naive::{Day, add_months, civil, date};

const STRANGER: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// The pseudonym of a person's number.
pub fn uuid(index: usize, number: usize) -> String {
    format!("10000000-0000-0000-0000-{:012x}", index * 8 + number)
}

fn some(day: Option<Day>) -> String {
    day.map_or(String::new(), date)
}

/// Table, head and lines of everything delivered about these persons.
pub fn tables(settings: &Settings, persons: &[Person]) -> Vec<(&'static str, &'static str, Vec<String>)> {
    let mut tables = vec![
        (
            "leverans",
            "tabell_namn,uttags_datum,period_fran_datum,period_till_datum,population_kod,population_datum,\
             efterslapning_manader_antal,omfattning_kod",
            deliveries(settings),
        ),
        ("sus_insats", "insats_id,forbund_id", vec!["I1,F001".to_owned(), "I2,F002".to_owned()]),
        (
            "sus1_aktivitet",
            "aktivitet_id,delaktivitet_nr,forbund_id,uttags_datum",
            ["A1,0,F003", "A1,1,F004"].map(|row| format!("{row},{}", date(settings.sus_extracted))).to_vec(),
        ),
        (
            "kommun",
            "kommun_kod,lans_kod,giltig_fran_datum,giltig_till_datum",
            vec![
                "0000,01,1971-01-01,".to_owned(),
                "0001,01,1971-01-01,2020-12-31".to_owned(),
                "0001,03,2021-01-01,".to_owned(),
                "0002,14,2015-01-01,".to_owned(),
            ],
        ),
        ("bistand_tackning", "kommun_kod,manad,rapporterad_kod,uttags_datum", reports(settings)),
    ];
    let mut each = |name, columns, rows: &dyn Fn(&Person) -> Vec<String>| {
        let lines = persons.iter().flat_map(rows).enumerate().map(|(nr, row)| format!("{row},{nr}"));
        tables.push((name, columns, lines.collect()));
    };
    each(
        "sus_deltagande",
        "deltagande_id,insats_id,pseudonym,start_datum,slut_datum,avslutsanledning_kod,uttags_datum,rad_nr",
        &|person| participations(settings, person),
    );
    each(
        "sus1_deltagare",
        "deltagande_id,mattillfalle_kod,aktivitet_id,delaktivitet_nr,pseudonym,samverkansform_kod,start_datum,\
         slut_datum,registrering_datum,uttags_datum,rad_nr",
        &|person| occasions(settings, person),
    );
    each(
        "folkbokforing",
        "pseudonym,fodelse_tidigast_manad,fodelse_senast_manad,kon_kod,kommun_kod,giltig_fran_datum,\
         giltig_till_datum,avregistrering_kod,avregistrering_tidigast_datum,avregistrering_senast_datum,uttags_datum,\
         rad_nr",
        &|person| versions(settings, person),
    );
    each("nummerbyte", "tidigare_pseudonym,ny_pseudonym,datum,byte_kod,rad_nr", &|person| {
        let pseudonym = |number| uuid(person.index, number);
        let row = |c: &super::Change| format!("{},{},{},{}", pseudonym(c.old), pseudonym(c.new), date(c.day), c.code);
        person.changes.iter().map(row).collect()
    });
    benefits(&mut each);
    labour(&mut each);
    tables
}

/// What takes a table, its head and how a person's rows are written.
type Take<'a> = &'a mut dyn FnMut(&'static str, &'static str, &dyn Fn(&Person) -> Vec<String>);

fn benefits(each: Take<'_>) {
    each("fk_sjukpenning", "pseudonym,forman_kod,fran_datum,till_datum,omfattning_procent,uttags_datum,rad_nr", &|p| {
        let row = |row: &super::Sick| {
            let kind = if row.rehabilitation { "RP" } else { "SP" };
            let (own, from, to) = (uuid(p.index, row.number), date(row.from), some(row.to));
            format!("{own},{kind},{from},{to},{},{}", row.percent, date(row.extracted))
        };
        p.sick.iter().map(row).collect()
    });
    each(
        "fk_sjukersattning",
        "pseudonym,forman_kod,fran_datum,till_datum,grad_kod,vilande_kod,uttags_datum,rad_nr",
        &|p| {
            let row = |row: &super::Disability| {
                let kind = if row.activity { "AE" } else { "SE" };
                let resting = if row.resting { "J" } else { "N" };
                let (own, from, to) = (uuid(p.index, row.number), date(row.from), some(row.to));
                format!("{own},{kind},{from},{to},{},{resting},{}", row.grade, date(row.extracted))
            };
            p.disability.iter().map(row).collect()
        },
    );
    each(
        "fk_aktivitetsstod",
        "pseudonym,ersattning_kod,manad,omfattning_procent,dagar_antal,uttags_datum,rad_nr",
        &|p| {
            let row = |row: &super::Activity| {
                let (own, month) = (uuid(p.index, row.number), date(row.month));
                format!("{own},{},{month},{},{},{}", row.kind, row.percent, row.days, date(row.extracted))
            };
            p.activity.iter().map(row).collect()
        },
    );
    each(
        "csn_studiemedel",
        "pseudonym,stodform_kod,fran_datum,till_datum,omfattning_procent,uttags_datum,rad_nr",
        &|p| {
            let row = |row: &super::Study| {
                let (own, from, to) = (uuid(p.index, row.number), date(row.from), date(row.to));
                format!("{own},{},{from},{to},{},{}", row.form, row.percent, date(row.extracted))
            };
            p.studies.iter().map(row).collect()
        },
    );
    each(
        "ekonomiskt_bistand",
        "ar,manad_nr,kommun_kod,belopp_antal,pseudonym_1,pseudonym_2,uttags_datum,rad_nr",
        &|p| {
            let row = |row: &super::Support| {
                let own = uuid(p.index, row.number);
                let adults = if row.second { format!("{STRANGER},{own}") } else { format!("{own},") };
                let (year, month, _) = civil(row.month);
                format!("{year},{month},{:04},{},{adults},{}", row.kommun, row.kronor, date(row.extracted))
            };
            p.support.iter().map(row).collect()
        },
    );
}

fn labour(each: Take<'_>) {
    let unemployed = |p: &Person, row: &super::Unemployment| {
        let (own, from, extracted) = (uuid(p.index, row.number), date(row.from), date(row.extracted));
        format!("{own},{from},{},{},{extracted}", row.kind, row.days)
    };
    each("akassa_vecka", "pseudonym,vecka,ersattning_kod,dagar_antal,uttags_datum,rad_nr", &|p| {
        p.weeks.iter().map(|row| unemployed(p, row)).collect()
    });
    each("akassa_manad", "pseudonym,manad,ersattning_kod,dagar_antal,uttags_datum,rad_nr", &|p| {
        p.months.iter().map(|row| unemployed(p, row)).collect()
    });
    each("af_sokandekategori", "pseudonym,period_nr,fran_datum,till_datum,skat_kod,uttags_datum,rad_nr", &|p| {
        let row = |row: &super::Enrolment| {
            let (own, from, to) = (uuid(p.index, row.number), date(row.from), some(row.to));
            format!("{own},{},{from},{to},{},{}", row.entry, row.code, date(row.extracted))
        };
        p.enrolment.iter().map(row).collect()
    });
    each(
        "agi",
        "arbetsgivare_pseudonym,pseudonym,manad,specifikation_nr,ersattning_arbete_antal,borttag_nr,uttags_datum,\
         rad_nr",
        &|p| {
            let row = |row: &super::Pay| {
                let employer = format!("00000000-0000-0000-0000-{:012x}", row.employer);
                let removed = if row.removed { "1" } else { "" };
                let kronor = row.kronor.map_or(String::new(), |kronor| kronor.to_string());
                let (own, month, extracted) = (uuid(p.index, row.number), date(row.month), date(row.extracted));
                format!("{employer},{own},{month},1,{kronor},{removed},{extracted}")
            };
            p.pay.iter().map(row).collect()
        },
    );
}

fn versions(settings: &Settings, person: &Person) -> Vec<String> {
    let birth = [person.birth.0, person.birth.1].map(civil).map(|(year, month, _)| format!("{year:04}-{month:02}-01"));
    let row = |row: &super::Version| {
        let kommun = row.kommun.map_or(String::new(), |kommun| format!("{kommun:04}"));
        let (own, sex, code) = (uuid(person.index, row.number), row.sex.unwrap_or(""), row.code.unwrap_or(""));
        let valid = [Some(row.from), row.to].map(some).join(",");
        let left = [row.earliest, row.latest, Some(settings.fb_extracted)].map(some).join(",");
        format!("{own},{},{sex},{kommun},{valid},{code},{left}", birth.join(","))
    };
    person.versions.iter().map(row).collect()
}

fn deliveries(settings: &Settings) -> Vec<String> {
    let mut lines: Vec<String> = settings
        .deliveries
        .iter()
        .map(|d| {
            let period = format!("{},{}", date(d.from), date(d.till));
            let population = if d.listed.is_some() { "deltagare" } else { "alla" };
            let (extracted, listed) = (date(d.extracted), some(d.listed));
            format!("{},{extracted},{period},{population},{listed},{},hel", d.table, d.lag)
        })
        .collect();
    let whole = |extracted: Day| format!("{},1990-01-01,2030-01-01,alla,,0", date(extracted));
    if !settings.of("agi").is_empty() {
        lines.push(format!("agi,{},rattelse", whole(settings.corrected())));
    }
    lines.push(format!("folkbokforing,{},hel", whole(settings.fb_extracted)));
    lines.push(format!("sus_deltagande,{},hel", whole(settings.sus_extracted)));
    lines.push(format!("sus1_deltagare,{},hel", whole(settings.sus_extracted)));
    lines
}

fn participations(settings: &Settings, person: &Person) -> Vec<String> {
    let row = |(nr, p): (usize, &Participation)| {
        let pseudonym = if p.anonymous { String::new() } else { uuid(person.index, p.number) };
        let reason = if p.misregistered { "FELREGISTRERING" } else { "" };
        let insats = if nr == 1 { "I2" } else { "I1" };
        format!("{},{insats},{pseudonym},{},{},{reason},{}", p.id, date(p.start), some(p.end), extracted(settings))
    };
    person.participations.iter().enumerate().filter(|(_, p)| p.first_sus.is_none()).map(row).collect()
}

/// The rows of the first SUS: each occasion repeats the dates, as they were known then.
fn occasions(settings: &Settings, person: &Person) -> Vec<String> {
    let mut rows = Vec::new();
    for (nr, p) in person.participations.iter().enumerate() {
        let Some(Occasions { start, exit, half_year, moved, late }) = p.first_sus else { continue };
        let pseudonym = if p.anonymous { String::new() } else { uuid(person.index, p.number) };
        let part = nr % 2;
        let mut row = |occasion: &str, from: Day, to: Option<Day>, registered: Day| {
            let dates = format!("{},{},{}", date(from), some(to), date(registered));
            let tail = extracted(settings);
            rows.push(format!("{},{occasion},A1,{part},{pseudonym},FINSAM,{dates},{tail}", p.id));
        };
        let later = if start && moved { p.start + 3 } else { p.start };
        // The rows stand in the order in which they were registered, the last one first.
        if let Some(end) = p.end {
            if half_year {
                row("SEX_MANADER", later, Some(end), add_months(end, 6));
            }
            if exit {
                row("AVSLUT", later, Some(end), end);
            }
        }
        if start || p.end.is_none() || (!exit && !half_year) {
            // A planned end stands in the row of the start; it is no end.
            row("START", if late { p.start + LATE } else { p.start }, moved.then_some(p.start + 30), p.start);
        }
    }
    rows
}

fn extracted(settings: &Settings) -> String {
    date(settings.sus_extracted)
}

fn reports(settings: &Settings) -> Vec<String> {
    let first = civil(settings.origin).0 - 2;
    let mut lines = Vec::new();
    for kommun in 0..4 {
        for (year, month) in (first..=first + 12).flat_map(|year| (1..=12).map(move |month| (year, month))) {
            if let Some(report) = settings.report(kommun, year, month) {
                // What an earlier delivery said of the month holds no longer.
                let earlier = if report == "J" { "N" } else { "J" };
                lines.push(format!("{kommun:04},{year}-{month:02}-01,{report},{}", date(settings.extracted)));
                lines.push(format!("{kommun:04},{year}-{month:02}-01,{earlier},{}", date(settings.origin)));
            }
        }
    }
    lines
}
