//! The demo country from deliveries to derived, against the truth that it was drawn from: every difference has a
//! named reason, and as many are found of each as were planted.

use crate::support::root::Root;
use duckdb::Connection;
use pipeline::generate::Orsak;
use pipeline::stage::Night;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What the pipeline says of each cell of facit: empty where it found the truth, else why not.
///
/// `sen_rad`, `ej_lankad` and `sen_avaktualisering` leave no trace in what was delivered; there the difference itself
/// is what is found, and it goes one way only.
const FOUND: &str = "
with
facit as (
    select fil, cast(rad as bigint) as rad, matpunkt, komponent, split_part(svar, ':', 1) as sant,
        split_part(svar, ':', 2) as orsak
    from (
        unpivot (select * from read_csv('{root}.facit/deltagande.csv', all_varchar = true))
        on columns(* exclude (fil, rad, matpunkt)) into name komponent value svar
    )
),
inregistrering as (select * from read_parquet('{root}/core/sus_deltagande/*.parquet')),
fel as (
    select distinct fil_namn, rad_nr from read_parquet('{root}/faults/sus_deltagande/*.parquet')
    where allvar_kod = 'reject'
),
komponent as (select * from read_parquet('{root}/derived/komponent.parquet')),
status as (select * from read_parquet('{root}/derived/status.parquet')),
jamforelse as (
    select
        facit.orsak as planterad,
        case
            when fel.rad_nr is not null then 'avvisad_rad'
            when inregistrering.deltagande_id is null then 'annan_samverkansform'
            when inregistrering.avslutsanledning_kod = 'FELREGISTRERING' then 'felregistrering'
            when status.observationsstatus_kod = 'tackning_saknas' then 'osaker_dod'
            when status.observationsstatus_kod <> 'observerad' then status.observationsstatus_kod
            when komponent.varde_kod = 'okand' then komponent.orsak_kod
            when komponent.varde_kod = facit.sant then ''
            when facit.orsak in ('sen_rad', 'ej_lankad') and facit.sant = 'ja' and komponent.varde_kod = 'nej'
                then facit.orsak
            when facit.orsak = 'sen_avaktualisering' and facit.sant = 'nej' and komponent.varde_kod = 'ja'
                then facit.orsak
            else 'oforklarad'
        end as funnen,
        facit.matpunkt,
        facit.komponent
    from facit
    left join inregistrering on facit.fil = inregistrering.fil_namn and facit.rad = inregistrering.rad_nr
    left join fel on facit.fil = fel.fil_namn and facit.rad = fel.rad_nr
    left join status
        on inregistrering.deltagande_id = status.deltagande_id
        and facit.matpunkt = status.matpunkt_kod
    left join komponent
        on inregistrering.deltagande_id = komponent.deltagande_id
        and facit.matpunkt = komponent.matpunkt_kod
        and facit.komponent = komponent.komponent_kod
)
";
const BY_REASON: &str = "
select planterad, funnen, count(*) as antal from jamforelse group by planterad, funnen order by planterad, funnen
";
/// Where planted and found are apart, if they are.
const APART: &str = "
select planterad || ' ' || funnen, matpunkt || ' ' || komponent, count(*) as antal
from jamforelse
where planterad <> funnen
group by planterad, funnen, matpunkt, komponent
order by antal desc
limit 20
";
fn compared(root: &Root, what: &str) -> Vec<(String, String, i64)> {
    let database = Connection::open_in_memory().expect("an in-memory database");
    let sql = format!("{}{what}", FOUND.replace("{root}", &root.path.display().to_string()));
    let mut statement = database.prepare(&sql).expect("the comparison is SQL");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("it runs");
    rows.map(|row| row.expect("a row")).collect()
}

#[test]
fn every_difference_from_the_truth_has_its_reason() {
    let root = Root::generated(0.05);
    root.run_until("derive");
    let apart = compared(&root, APART);
    assert!(apart.is_empty(), "planted and found differ (planted and found, where, cells): {apart:#?}");
    let counts = compared(&root, BY_REASON);
    let found: BTreeMap<&str, i64> =
        counts.iter().filter(|(planted, ..)| !planted.is_empty()).map(|(_, found, n)| (found.as_str(), *n)).collect();
    assert_eq!(
        found,
        root.planted().iter().map(|(reason, n)| (reason.as_str(), *n)).collect(),
        "found and planted per reason"
    );
    // A number that is linked to none of a person's is that of one person in the country.
    for reason in Orsak::NAMED.into_iter().filter(|reason| !matches!(reason, Orsak::EjLankad)) {
        assert!(found.get(reason.name()).is_some_and(|count| *count > 0), "{} was planted", reason.name());
    }
    assert!(!found.contains_key("oforklarad"));
    handlers_err_as_often_as_stated(&root);
}

/// Nine ticks in ten of what registers know, and hardly any without ground: handlers' mistakes, and the few whose week
/// before an insats was not the same as its last day.
fn handlers_err_as_often_as_stated(root: &Root) {
    let database = Connection::open_in_memory().expect("an in-memory database");
    let path = root.path.join("derived/overensstammelse.parquet");
    let count = |utfall: &str| {
        let sql = format!(
            "select count(*) from read_parquet('{}') where utfall_kod = '{utfall}' and deltagande_id like 'D%'",
            path.display()
        );
        database.query_row(&sql, [], |row| row.get::<_, i64>(0)).expect("it runs")
    };
    let [both, register, sus, neither] = ["bada", "bara_register", "bara_sus", "ingen"].map(count);
    let (ticked, without_ground) = (1000 * both / (both + register), 1000 * sus / (sus + neither));
    assert!((850..=940).contains(&ticked), "{ticked} of 1000 are ticked");
    assert!((4..=16).contains(&without_ground), "{without_ground} of 1000 are ticked without ground");
}

/// Person and month of the spells of a register.
fn spells(root: &Root, table: &str) -> BTreeSet<(String, String)> {
    let database = Connection::open_in_memory().expect("an in-memory database");
    let path = root.path.join("derived").join(format!("{table}.parquet"));
    let sql = format!("select person_id::varchar, fran_datum::varchar from read_parquet('{}')", path.display());
    let mut statement = database.prepare(&sql).expect("sound SQL");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("it runs");
    rows.map(|row| row.expect("a row")).collect()
}

/// Uttagsdatum and first day of what is in force of a table; `corrects` chooses corrections.
fn in_force(night: &Night, table: &str, corrects: bool) -> Vec<String> {
    let all = night.in_force.iter().filter(|one| one.table == table && one.is_whole() != corrects);
    all.map(|one| format!("{} {}", one.uttagsdatum, one.from)).collect()
}

/// The country hands in months of bistånd that a year replaces and rows of AGI that are sent again or removed. What is
/// in force in the end is what the truth was drawn for; what was before it is something else, both ways.
#[test]
fn what_a_year_replaces_and_what_is_corrected_is_not_the_truth() {
    let root = Root::generated(0.02);
    let night = root.run_until("derive");
    assert!(night.refused.is_empty(), "{:?}", night.refused);
    let years = (2017..=2022).map(|year| format!("{}-04-15 {year}-01-01", year + 1));
    let months = ["2023-03-31 2023-01-01", "2023-04-30 2023-02-01", "2023-05-31 2023-03-01", "2023-06-30 2023-04-01"];
    let mut bistand: Vec<String> = years.chain(months.map(str::to_owned)).collect();
    bistand.sort();
    assert_eq!(in_force(&night, "ekonomiskt_bistand", false), bistand);
    let corrections = (2019..=2022).map(|year| format!("{}-05-31 {year}-01-01", year + 1));
    assert_eq!(in_force(&night, "agi", true), corrections.collect::<Vec<_>>());
    let after = ["spell_bistand", "spell_arbete"].map(|table| spells(&root, table));
    for gone in ["ekonomiskt_bistand/2023-04-15", "agi/2022-05-31", "agi/2023-05-31"] {
        fs::remove_dir_all(root.path.join("deliveries").join(gone)).expect("ours");
    }
    let night = root.run_until("derive");
    let months = in_force(&night, "ekonomiskt_bistand", false);
    assert_eq!(months.iter().filter(|one| one.contains(" 2022-")).count(), 12, "{months:?}");
    let before = ["spell_bistand", "spell_arbete"].map(|table| spells(&root, table));
    for (before, after) in before.iter().zip(&after) {
        let (added, removed) = (after.difference(before).count(), before.difference(after).count());
        assert!(added > 3 && removed > 3, "{added} added, {removed} removed");
    }
}
