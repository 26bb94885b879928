//! The method, case by case: every SQL file has a suite in `tests/spec` and a contract.

use crate::support::catalogue;
use crate::support::spec::{folder, reads, run_suite};
use pipeline::aggregate::MARTS;
use pipeline::derive::TABLES;
use pipeline::layer::Layer;
use std::collections::BTreeSet;
use std::fs;

macro_rules! suites {
    ($($name:ident),* $(,)?) => {
        const SUITES: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { run_suite(stringify!($name)); })*
    };
}

suites!(
    person,
    personversion,
    deltagande,
    matpunkt,
    spell_sjukpenning,
    spell_sjukersattning,
    spell_aktivitetsstod,
    spell_akassa_vecka,
    spell_akassa_manad,
    spell_studiemedel,
    spell_sokandekategori,
    spell_bistand,
    spell_arbete,
    spell,
    episod,
    sjukfall,
    registerfonster,
    komponent,
    status,
    hierarki,
    lage,
    forandring,
    forsorjningsflode,
    forsorjningstid,
    forsorjningstackning,
    tid_i_forsorjning,
    andel_i_forsorjning,
    deltagandeordning,
    aterintrade,
    sus_forsorjning,
    sus_utfall,
    overensstammelse,
    antal_deltagare,
    redovisningsperiod,
    forbund_nu,
    avslutat,
    forsorjning,
    deltagare,
    tackning,
    omrade,
    forsorjning_flode,
    sysselsattning,
    stegforflyttning,
    avslut,
    tid_i_insats,
    tid_i_offentlig_forsorjning,
    prioriterade_grupper,
    helarsekvivalenter,
    insatser,
    ekonomi,
    indikator,
    kompletterande_fragor,
    mart_overensstammelse,
    kanslighet,
    serie,
    antal_efter_sus,
    tackning_redovisning,
    tackning_befolkning,
    tackning_organisation,
);

#[test]
fn every_sql_file_is_listed_and_has_a_suite_and_a_contract() {
    let catalogue = catalogue();
    let listed: BTreeSet<String> = TABLES
        .iter()
        .map(|name| format!("derived.{name}"))
        .chain(MARTS.iter().map(|name| format!("mart.{name}")))
        .collect();
    // The others are questions, of a release and of the lab: they are tested where they are asked.
    let is_question = |name: &str| name.starts_with("release.") || name.starts_with("lab.");
    let files: BTreeSet<String> = catalogue.sql_names().filter(|name| !is_question(name)).map(str::to_owned).collect();
    assert_eq!(files, listed);
    let suites: BTreeSet<&str> = SUITES.iter().copied().collect();
    let files = fs::read_dir(folder()).expect("tests/spec is there");
    for file in files.map(|file| file.expect("an entry").file_name().into_string().expect("a plain name")) {
        assert!(suites.contains(file.trim_end_matches(".md")), "{file} belongs to no SQL file");
    }
    for (layer, name) in
        TABLES.iter().map(|name| (Layer::Derived, name)).chain(MARTS.iter().map(|name| (Layer::Mart, name)))
    {
        // One name in two layers: the suite of the mart says so.
        let suite = if (layer, *name) == (Layer::Mart, "overensstammelse") { "mart_overensstammelse" } else { name };
        assert!(suites.contains(suite), "{name} has no suite");
        assert!(catalogue.contract(layer, name).is_ok(), "{layer}.{name} has no contract");
    }
}

#[test]
fn derived_tables_read_only_what_stands_above_them() {
    let catalogue = catalogue();
    for (index, name) in TABLES.iter().enumerate() {
        for read in reads(catalogue.sql(Layer::Derived, name).expect("the file is there")) {
            let above = TABLES[..index].contains(&read.as_str());
            assert!(above, "{name} reads {read}, which is not made before it");
        }
    }
}

#[test]
fn sql_keeps_to_its_form() {
    let catalogue = catalogue();
    for (layer, name) in
        TABLES.iter().map(|name| (Layer::Derived, name)).chain(MARTS.iter().map(|name| (Layer::Mart, name)))
    {
        let sql = catalogue.sql(layer, name).expect("the file is there");
        let header = sql.lines().take_while(|line| line.starts_with("--")).count();
        assert!((3..=12).contains(&header), "{name}: a header of {header} lines");
        assert!(sql.starts_with(&format!("-- {layer}.{name}: ")), "{name}: the header does not name the table");
        let code: String =
            sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
        for word in ["current_date", "read_parquet", "read_csv", "asof", "pivot", "group by all", "exclude", "datediff"]
        {
            assert!(!code.contains(word), "{name}: {word} is not portable");
        }
        let long = sql.lines().position(|line| line.chars().count() > 120);
        assert_eq!(long, None, "{name}: a line, counted from 0, is longer than 120");
        assert_eq!(code.matches("select distinct").count(), 0, "{name}: distinct hides a fan-out");
    }
}
