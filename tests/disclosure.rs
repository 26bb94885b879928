//! A reader who computes. He has the release of the small country and nothing else, knows what the columns mean,
//! and solves two linear programs for every count that is withheld: its least and greatest value over everything
//! that is shown. Written from the definitions of the tables, without the contracts' relations and the protection.

mod reader;

use crate::support::catalogue;
use crate::support::land::Land;
use crate::support::root::Root;
use duckdb::Connection;
use microlp::OptimizationDirection;
use pipeline::publish::current;
use pipeline::stage::run_stages;
use reader::{Count, Reader, Unit};
use std::collections::BTreeMap;

const THRESHOLD: f64 = 5.0;
const SMALL: f64 = 1e-6;

/// Table and key, as `forsorjning|A|avslut|finsam3|ohalsa|ja|kvinna`, with persons.
fn truth(root: &Root) -> BTreeMap<String, f64> {
    let connection = Connection::open_in_memory().expect("DuckDB");
    let mart = |name: &str| root.path.join("mart").join(format!("{name}.parquet")).display().to_string();
    // The country is one kommun in one län, and its quarters are areas of their own.
    let area = "case when niva_kod in ('lan', 'kommun') then 'riket' else omrade_kod end \
                || case kvartal_kod when 'hela_aret' then '' else '/' || kvartal_kod end";
    let sql = format!(
        "select concat_ws('|', 'forsorjning', {area}, matpunkt_kod, indelning_kod, forsorjning_kod, varde_kod, \
         kon_kod), personer_antal from read_parquet('{}') where slut_ar = 2021 union all \
         select concat_ws('|', 'tackning', {area}, matpunkt_kod, observationsstatus_kod, kon_kod), \
         personer_antal from read_parquet('{}') where slut_ar = 2021 union all \
         select concat_ws('|', 'deltagare', {area}, registrering_kod, bakgrund_kod, kon_kod), personer_antal \
         from read_parquet('{}') where ar = 2021",
        mart("forsorjning"),
        mart("tackning"),
        mart("deltagare")
    );
    let mut statement = connection.prepare(&sql).expect("the marts are there");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as f64))).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts and counts")
}

/// The release of the small country, as a reader has it, and the true persons.
fn released() -> (Reader, BTreeMap<String, f64>) {
    let catalogue = catalogue();
    let land = Land::new(&catalogue);
    run_stages(&land.root.job(&catalogue)).unwrap_or_else(|error| panic!("the night: {error}"));
    let (_, folder) = current(&land.root.path).expect("a release is in force");
    (Reader::new(&folder), truth(&land.root))
}

#[test]
fn no_withheld_count_can_be_bounded() {
    let (reader, truth) = released();
    assert!(reader.agrees_with(&truth), "what the reader takes for true is true");
    let bounds = reader.bounds(|count, bounds| is_wide(count, truth[&count.key], bounds));
    assert!(bounds.len() > 100, "only {} counts are withheld", bounds.len());
    assert_eq!(bounds.len(), reader.withheld().len());
    let close: Vec<_> = bounds.iter().filter(|(count, bounds)| !is_wide(count, truth[&count.key], **bounds)).collect();
    assert!(close.is_empty(), "{} of {}: {close:#?}", close.len(), bounds.len());
}

/// Whether a reader may know so much of a count (design §6): few persons may be one and may be the threshold, any
/// other withheld count may be as many values as that.
fn is_wide(count: &Count, personer: f64, (low, high): (f64, f64)) -> bool {
    if count.unit == Unit::Personer && personer > 0.0 && personer < THRESHOLD {
        low <= 1.0 + SMALL && high >= THRESHOLD - SMALL
    } else {
        high - low >= THRESHOLD - 1.0 - SMALL
    }
}

/// The test itself can fail: a reader who is told the counts beside one of few persons knows that one.
#[test]
fn a_count_too_many_is_noticed() {
    let (mut reader, truth) = released();
    let withheld = reader.withheld();
    let few = |count: &&Count| count.unit == Unit::Personer && (1.0..THRESHOLD).contains(&truth[&count.key]);
    let count = withheld.iter().find(few).expect("few persons are withheld").clone();
    let beside = withheld.iter().filter(|other| other.is_beside(&count) && other.key != count.key);
    beside.for_each(|other| reader.learn(other, &truth));
    let ends = [OptimizationDirection::Minimize, OptimizationDirection::Maximize];
    let [low, high] = ends.map(|direction| reader.furthest(&count, direction)[&count]);
    assert!(!is_wide(&count, truth[&count.key], (low, high)), "{low} to {high}");
}

/// Time and quality of the protection of a real size, step by step: FINSAM_MARTS names the folder of the marts.
#[test]
#[ignore = "a measurement: FINSAM_MARTS=data/demo/mart cargo test --release -- --ignored --nocapture protects_marts"]
fn protects_marts_of_a_folder() {
    let folder = std::path::PathBuf::from(std::env::var_os("FINSAM_MARTS").expect("FINSAM_MARTS names a folder"));
    let catalogue = catalogue();
    let began = std::time::Instant::now();
    let (marts, releases) = pipeline::proof::marts(&catalogue, &folder).unwrap_or_else(|error| panic!("{error}"));
    let codes = pipeline::proof::codes(&catalogue, &folder).unwrap_or_else(|error| panic!("{error}"));
    let rows: usize = marts.iter().map(|mart| mart.rows.len()).sum();
    eprintln!("{} marts with {rows} rows read in {:.1?}", marts.len(), began.elapsed());
    let settings = pipeline::protect::Settings { threshold_min: 0, codes, is_preliminary: false };
    let (protected, proof) =
        pipeline::protect::protect(marts, &releases, &settings).unwrap_or_else(|error| panic!("{error}"));
    for table in protected.tables() {
        let withheld = table.rows().iter().filter(|row| row.status() != "publicerad").count();
        eprintln!("{:32} {:7} rows {withheld:7} withheld", table.contract().name, table.rows().len());
    }
    eprintln!(
        "{} cells, {} relations, {} primary, {} secondary, {} witnesses, {} programs, {:.1?} in all",
        proof.cell_count,
        proof.relation_count,
        proof.primary_count,
        proof.secondary_count,
        proof.witness_count,
        proof.program_count,
        began.elapsed()
    );
}
