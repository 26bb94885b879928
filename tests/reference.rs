//! `derived.komponent` and `derived.status` against the naive reference, on generated histories.
//!
//! A batch of persons goes through DuckDB at once. Where one of them differs, that person alone is shrunk.

use crate::support::catalogue;
use crate::support::naive::{COMPONENTS, Day, POINTS, civil, component, group, status};
use crate::support::world::{
    CORRECTED, Participation, Pay, Person, Seed, Settings, Sick, Support, Version, lay_out, seed, settings,
};
use pipeline::contract::{Catalogue, Kind};
use pipeline::derive::TABLES;
use pipeline::layer::Layer;
use pipeline::warehouse::Warehouse;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const BATCHES: usize = 6;
const PERSONS: usize = 1000;
/// Every status, reason and value occurs at least this often, or the comparison proves little.
const SEEN_AT_LEAST: usize = 50;

/// A row of either table: its key, and the rest as text.
type Rows = BTreeMap<String, String>;

#[test]
fn sql_and_naive_reference_agree() {
    let mut bytes = [0; 32];
    bytes[0] = std::env::var("FINSAM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut histories = 0;
    for _ in 0..BATCHES {
        let settings = settings().new_tree(&mut runner).expect("settings").current();
        let mut trees: Vec<_> = (0..PERSONS).map(|_| seed().new_tree(&mut runner).expect("a person")).collect();
        let persons: Vec<Person> =
            trees.iter().enumerate().map(|(nr, tree)| lay_out(nr, &tree.current(), &settings)).collect();
        let (wanted, actual) = (by_loops(&settings, &persons), by_sql(&settings, &persons));
        if let Some(nr) = first_difference(&wanted, &actual) {
            panic!("{}", shrink(&settings, nr, &mut trees[nr]));
        }
        histories += wanted.keys().filter(|key| key.ends_with(" status")).count() / POINTS.len();
        for row in wanted.values() {
            for word in row.split(' ').filter(|word| word.bytes().any(|b| b.is_ascii_alphabetic())) {
                *seen.entry(word.to_owned()).or_default() += 1;
            }
        }
    }
    assert!(histories >= 10_000, "only {histories} histories were compared");
    let words = ["codes.orsak", "codes.observationsstatus", "codes.varde"];
    let catalogue = catalogue();
    for list in words.iter().filter_map(|name| catalogue.code_list(name.trim_start_matches("codes.")).ok()) {
        for code in list.codes.iter().filter(|code| code.code != "totalt") {
            let count = seen.get(&code.code).copied().unwrap_or_default();
            assert!(count >= SEEN_AT_LEAST, "{} occurs {count} times in {histories} histories", code.code);
        }
    }
    println!("{histories} histories agree; {seen:?}");
}

/// The smallest version of a person for whom the two sides differ, and how.
fn shrink(settings: &Settings, nr: usize, tree: &mut impl ValueTree<Value = Seed>) -> String {
    let differs = |seed: &Seed| {
        let persons = [lay_out(nr, seed, settings)];
        let (wanted, actual) = (by_loops(settings, &persons), by_sql(settings, &persons));
        first_difference(&wanted, &actual).map(|_| (persons, wanted, actual))
    };
    let mut smallest = differs(&tree.current());
    for _ in 0..400 {
        let found = differs(&tree.current());
        let more = if found.is_some() { tree.simplify() } else { tree.complicate() };
        smallest = found.or(smallest);
        if !more {
            break;
        }
    }
    let Some((persons, wanted, actual)) = smallest else {
        return format!("person {nr} differs only beside others");
    };
    let mut text = format!("{:#?}\n{:?}\n", persons[0], settings);
    for key in wanted.keys().chain(actual.keys()).collect::<std::collections::BTreeSet<_>>() {
        if wanted.get(key) != actual.get(key) {
            let _ = writeln!(text, "{key}: reference {:?}, SQL {:?}", wanted.get(key), actual.get(key));
        }
    }
    text
}

/// The person of the first row that is not the same on both sides.
fn first_difference(wanted: &Rows, actual: &Rows) -> Option<usize> {
    let differs = |(key, row): (&String, &String), other: &Rows| (other.get(key) != Some(row)).then(|| key.clone());
    let key = wanted
        .iter()
        .find_map(|row| differs(row, actual))
        .or_else(|| actual.iter().find_map(|row| differs(row, wanted)))?;
    key[1..7].parse().ok()
}

fn by_loops(settings: &Settings, persons: &[Person]) -> Rows {
    let mut rows = Rows::new();
    for person in persons {
        for part in person.participations.iter().filter(|part| !part.misregistered) {
            for point in POINTS {
                let mut found = Vec::new();
                for (nr, (code, ..)) in COMPONENTS.iter().enumerate() {
                    let one = component(settings, person, part, point, nr);
                    let number = |value: Option<i32>| value.map_or("-".to_owned(), |n| n.to_string());
                    let row = [one.value, one.reason.unwrap_or("-"), &number(one.extent), &number(one.days)].join(" ");
                    rows.insert(format!("{} {point} {code}", part.id), row);
                    found.push(one);
                }
                let observed = status(settings, person, part, point);
                let groups = ["ohalsa", "arbetsmarknadsstod", "ekonomiskt_bistand"]
                    .map(|name| if observed == "observerad" { group(&found, name) } else { "okand" });
                rows.insert(format!("{} {point} status", part.id), format!("{observed} {}", groups.join(" ")));
            }
        }
    }
    rows
}

fn by_sql(settings: &Settings, persons: &[Person]) -> Rows {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = catalogue();
    let warehouse = Warehouse::open(&catalogue, folder.path(), &[folder.path()], 2, "2GB").expect("a warehouse");
    if catalogue.code_list("kon").is_err() {
        warehouse.execute("create table codes.kon(kod varchar, redovisad_kod varchar)").expect("a list");
    }
    let tables = tables(settings, persons);
    for contract in catalogue.layer(Layer::Core) {
        match tables.iter().find(|(name, ..)| *name == contract.name) {
            Some((name, columns, lines)) => load(&warehouse, &catalogue, folder.path(), name, columns, lines),
            None => warehouse.bind(Layer::Core, &contract.name, &[]).expect("an empty table"),
        }
    }
    for table in TABLES {
        let sql = catalogue.sql(Layer::Derived, table).expect("the file is there");
        warehouse.make(Layer::Derived, table, sql).unwrap_or_else(|e| panic!("{table}: {e}"));
    }
    let sql = "select deltagande_id || ' ' || matpunkt_kod || ' ' || komponent_kod as nyckel,
        varde_kod || ' ' || coalesce(orsak_kod, '-') || ' ' || coalesce(cast(omfattning_promille as varchar), '-')
            || ' ' || coalesce(cast(dagar_antal as varchar), '-') as rad
        from derived.komponent
        union all
        select deltagande_id || ' ' || matpunkt_kod || ' status' as nyckel, observationsstatus_kod || ' ' || ohalsa_kod
            || ' ' || arbetsmarknadsstod_kod || ' ' || ekonomiskt_bistand_kod as rad
        from derived.status";
    let (_, rows) = warehouse.query(sql).expect("the tables are there");
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
}

/// Loads lines of a few columns; the others get a neutral value, or none.
fn load(warehouse: &Warehouse, catalogue: &Catalogue, folder: &Path, name: &str, columns: &str, lines: &[String]) {
    let file = folder.join(format!("{name}.csv"));
    std::fs::write(&file, format!("{columns}\n{}\n", lines.join("\n"))).expect("the folder is writable");
    let contract = catalogue.contract(Layer::Core, name).expect("a contract");
    let selected: Vec<String> = contract
        .columns
        .iter()
        .map(|column| {
            let value = match (columns.split(',').any(|c| c == column.name), column.required, column.kind) {
                (true, ..) => column.name.clone(),
                (_, true, Kind::Text) => "'x'".to_owned(),
                (_, true, Kind::Date) => "'2020-01-01'".to_owned(),
                (_, true, Kind::Uuid) => "'00000000-0000-0000-0000-000000000000'".to_owned(),
                (_, true, _) => "'0'".to_owned(),
                _ => "null".to_owned(),
            };
            format!("cast({value} as {}) as {}", column.kind.sql(), column.name)
        })
        .collect();
    let sql = format!(
        "create table core.{name} as select {} from read_csv('{}', header = true, all_varchar = true)",
        selected.join(", "),
        file.display()
    );
    warehouse.execute(&sql).unwrap_or_else(|e| panic!("{name}: {e}"));
}

/// Table, head and lines of everything delivered about these persons.
fn tables(settings: &Settings, persons: &[Person]) -> Vec<(&'static str, &'static str, Vec<String>)> {
    let each = |rows: &dyn Fn(&Person) -> Vec<String>| persons.iter().flat_map(rows).collect::<Vec<String>>();
    let numbered = |rows: Vec<String>| rows.into_iter().enumerate().map(|(n, row)| format!("{row},{n}")).collect();
    vec![
        (
            "leverans",
            "tabell_namn,uttags_datum,period_fran_datum,period_till_datum,population_kod,population_datum,\
             efterslapning_manader_antal,omfattning_kod",
            deliveries(settings),
        ),
        ("sus_insats", "insats_id,forbund_id", vec!["I1,F001".to_owned()]),
        (
            "sus_deltagande",
            "deltagande_id,insats_id,pseudonym,start_datum,slut_datum,avslutsanledning_kod,uttags_datum",
            each(&|person| participations(settings, person)),
        ),
        (
            "fk_sjukpenning",
            "pseudonym,forman_kod,fran_datum,till_datum,omfattning_procent,uttags_datum",
            each(&|person| person.sick.iter().map(|row| sick(person, row)).collect()),
        ),
        (
            "ekonomiskt_bistand",
            "ar,manad_nr,kommun_kod,belopp_antal,pseudonym_1,pseudonym_2,uttags_datum",
            each(&|person| person.support.iter().map(|row| support(person, row)).collect()),
        ),
        ("bistand_tackning", "kommun_kod,manad,rapporterad_kod", reports(settings)),
        (
            "agi",
            "arbetsgivare_pseudonym,pseudonym,manad,specifikation_nr,ersattning_arbete_antal,borttag_nr,uttags_datum,\
             rad_nr",
            numbered(each(&|person| person.pay.iter().map(|row| pay(person, row)).collect())),
        ),
        (
            "folkbokforing",
            "pseudonym,fodelse_tidigast_manad,fodelse_senast_manad,kommun_kod,giltig_fran_datum,giltig_till_datum,\
             avregistrering_kod,avregistrering_tidigast_datum,avregistrering_senast_datum,uttags_datum,rad_nr",
            numbered(each(&|person| person.versions.iter().map(|row| version(settings, person, row)).collect())),
        ),
        (
            "nummerbyte",
            "tidigare_pseudonym,ny_pseudonym,datum,byte_kod",
            each(&|person| {
                let row = |(n, day): (usize, &Day)| {
                    format!("{},{},{},GN", uuid(person, n), uuid(person, n + 1), date(Some(*day)))
                };
                person.changes.iter().enumerate().map(row).collect()
            }),
        ),
    ]
}

fn sick(person: &Person, row: &Sick) -> String {
    let kind = if row.rehabilitation { "RP" } else { "SP" };
    let days = [Some(row.from), row.to].map(date).join(",");
    format!("{},{kind},{days},{},{}", uuid(person, row.number), row.percent, date(Some(row.extracted)))
}

fn support(person: &Person, row: &Support) -> String {
    let own = uuid(person, row.number);
    let adults = if row.second { format!("{STRANGER},{own}") } else { format!("{own},") };
    let extracted = date(Some(row.extracted));
    format!("{},{},{:04},{},{adults},{extracted}", row.year, row.month, row.kommun, row.kronor)
}

fn pay(person: &Person, row: &Pay) -> String {
    let employer = format!("00000000-0000-0000-0000-{:012x}", row.employer);
    let removed = if row.removed { "1" } else { "" };
    let (month, extracted) = (date(Some(row.month)), date(Some(row.extracted)));
    format!("{employer},{},{month},1,{},{removed},{extracted}", uuid(person, row.number), row.kronor)
}

fn version(settings: &Settings, person: &Person, row: &Version) -> String {
    let kommun = row.kommun.map_or(String::new(), |kommun| format!("{kommun:04}"));
    let birth = [person.birth.0, person.birth.1].map(civil).map(|(year, month, _)| format!("{year:04}-{month:02}-01"));
    let birth = birth.join(",");
    let valid = [Some(row.from), row.to].map(date).join(",");
    let left = [row.earliest, row.latest, Some(settings.fb_extracted)].map(date).join(",");
    format!("{},{birth},{kommun},{valid},{},{left}", uuid(person, row.number), row.code.unwrap_or_default())
}

const STRANGER: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

fn uuid(person: &Person, number: usize) -> String {
    format!("10000000-0000-0000-0000-{:012x}", person.index * 8 + number)
}

fn date(day: Option<Day>) -> String {
    day.map_or(String::new(), |day| {
        let (year, month, date) = civil(day);
        format!("{year:04}-{month:02}-{date:02}")
    })
}

fn deliveries(settings: &Settings) -> Vec<String> {
    let mut lines: Vec<String> = settings
        .deliveries
        .iter()
        .map(|d| {
            let (from, till) = (date(Some(d.from)), date(Some(d.till)));
            let population = if d.listed.is_some() { "deltagare" } else { "alla" };
            let listed = date(d.listed);
            format!("{},{},{from},{till},{population},{listed},{},hel", d.table, date(Some(d.extracted)), d.lag)
        })
        .collect();
    if !settings.of("agi").is_empty() {
        lines.push(format!("agi,{},2018-01-01,2023-07-01,alla,,2,rattelse", date(Some(CORRECTED))));
    }
    lines.push(format!("folkbokforing,{},1990-01-01,2024-01-01,alla,,0,hel", date(Some(settings.fb_extracted))));
    lines.push(format!("sus_deltagande,{},2018-01-01,2023-01-01,alla,,0,hel", date(Some(settings.sus_extracted))));
    lines
}

fn participations(settings: &Settings, person: &Person) -> Vec<String> {
    let row = |p: &Participation| {
        let pseudonym = if p.anonymous { String::new() } else { uuid(person, p.number) };
        let reason = if p.misregistered { "FELREGISTRERING" } else { "" };
        let (start, end) = (date(Some(p.start)), date(p.end));
        format!("{},I1,{pseudonym},{start},{end},{reason},{}", p.id, date(Some(settings.sus_extracted)))
    };
    person.participations.iter().map(row).collect()
}

fn reports(settings: &Settings) -> Vec<String> {
    let mut lines = Vec::new();
    for kommun in 0..4 {
        for (year, month) in (2017..=2024).flat_map(|year| (1..=12).map(move |month| (year, month))) {
            if let Some(report) = settings.report(kommun, year, month) {
                lines.push(format!("{kommun:04},{year}-{month:02}-01,{report}"));
            }
        }
    }
    lines
}
