//! A reader who computes. He has the release of the small country and nothing else, knows what the columns mean,
//! and solves two linear programs for every count that is withheld: its least and greatest value over everything
//! that is shown. Written from the definitions of the tables, without the contracts' relations and the protection.

mod reader;

use crate::support::catalogue;
use crate::support::land::Land;
use crate::support::root::Root;
use duckdb::Connection;
use pipeline::publish::current;
use pipeline::stage::run_stages;
use reader::{Count, Reader, Unit};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

const THRESHOLD: f64 = 5.0;
const SMALL: f64 = 1e-6;

/// Table and key, as `forsorjning|A|avslut|finsam3|ohalsa|ja|kvinna`, with persons.
fn truth(root: &Root) -> BTreeMap<String, f64> {
    let connection = Connection::open_in_memory().expect("DuckDB");
    let mart = |name: &str| root.path.join("mart").join(format!("{name}.parquet")).display().to_string();
    let sql = format!(
        "select concat_ws('|', 'forsorjning', omrade_kod, matpunkt_kod, indelning_kod, forsorjning_kod, varde_kod, \
         kon_kod), personer_antal from read_parquet('{}') where slut_ar = 2021 union all \
         select concat_ws('|', 'tackning', omrade_kod, matpunkt_kod, observationsstatus_kod, kon_kod), \
         personer_antal from read_parquet('{}') where slut_ar = 2021 union all \
         select concat_ws('|', 'deltagare', omrade_kod, registrering_kod, kon_kod), personer_antal \
         from read_parquet('{}') where ar = 2021",
        mart("forsorjning"),
        mart("tackning"),
        mart("deltagare")
    );
    let mut statement = connection.prepare(&sql).expect("the marts are there");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as f64))).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts and counts")
}

#[test]
fn no_withheld_count_can_be_bounded() {
    let catalogue = catalogue();
    let land = Land::new(&catalogue);
    run_stages(&land.root.job(&catalogue)).unwrap_or_else(|error| panic!("the night: {error}"));
    let truth = truth(&land.root);
    let (_, folder) = current(&land.root.path).expect("a release is in force");
    let reader = Reader::new(&folder);
    assert!(reader.agrees_with(&truth), "the reader knows what is true");
    let withheld = reader.withheld();
    assert!(withheld.len() > 100, "only {} counts are withheld", withheld.len());
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(count) = withheld.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bounds = reader.bounds(count);
            if let Some(fault) = too_close(count, truth[&count.key], bounds) {
                found.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
            }
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(found.is_empty(), "{} of {}: {found:#?}", found.len(), withheld.len());
}

/// What is wrong with a reader knowing so much of a count (design §6).
fn too_close(count: &Count, personer: f64, (low, high): (f64, f64)) -> Option<String> {
    let is_few = count.unit == Unit::Personer && personer > 0.0 && personer < THRESHOLD;
    let safe =
        if is_few { low <= 1.0 + SMALL && high >= THRESHOLD - SMALL } else { high - low >= THRESHOLD - 1.0 - SMALL };
    (!safe).then(|| format!("{count:?}: {low} to {high}"))
}

/// The test itself can fail: with one withheld count shown, others are bounded.
#[test]
fn a_count_too_many_is_noticed() {
    let catalogue = catalogue();
    let land = Land::new(&catalogue);
    run_stages(&land.root.job(&catalogue)).unwrap_or_else(|error| panic!("the night: {error}"));
    let truth = truth(&land.root);
    let (_, folder) = current(&land.root.path).expect("a release is in force");
    let mut reader = Reader::new(&folder);
    let few = |count: &&Count| count.unit == Unit::Personer && (1.0..THRESHOLD).contains(&truth[&count.key]);
    let withheld = reader.withheld();
    let count = withheld.iter().find(few).expect("few persons are withheld").clone();
    let line: Vec<&Count> = withheld.iter().filter(|other| other.is_beside(&count) && other.key != count.key).collect();
    line.into_iter().for_each(|other| reader.learn(other, &truth));
    assert!(too_close(&count, truth[&count.key], reader.bounds(&count)).is_some());
}
