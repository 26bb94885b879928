//! The demo country from deliveries to derived, against the truth that it was drawn from: every difference has a
//! named reason, and as many are found of each as were planted.

use crate::support::root::Root;
use duckdb::Connection;
use pipeline::stage::Night;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What the pipeline says of each line of facit: empty where it found the truth, else why not.
///
/// `sen_rad` and `ej_lankad` leave no trace in what was delivered; there the difference itself is what is found.
const FOUND: &str = "
with
facit as (select * from read_csv('{root}.facit/deltagande.csv', all_varchar = true)),
inregistrering as (select * from read_parquet('{root}/core/sus_deltagande/*.parquet')),
fel as (
    select distinct fil_namn, rad_nr from read_parquet('{root}/faults/sus_deltagande/*.parquet')
    where allvar_kod = 'reject'
),
komponent as (select * from read_parquet('{root}/derived/komponent.parquet')),
status as (select * from read_parquet('{root}/derived/status.parquet')),
matpunkt as (select * from read_parquet('{root}/derived/matpunkt.parquet')),
sjukpenning as (
    select min(period_fran_datum) as fran_datum from read_parquet('{root}/core/leverans/leverans.parquet')
    where tabell_namn = 'fk_sjukpenning'
),
jamforelse as (
    select
        coalesce(facit.orsak, '') as planterad,
        case
            when fel.rad_nr is not null then 'avvisad_rad'
            when inregistrering.deltagande_id is null then 'annan_samverkansform'
            when inregistrering.avslutsanledning_kod = 'FELREGISTRERING' then 'felregistrering'
            when status.observationsstatus_kod = 'tackning_saknas' and matpunkt.mat_datum < sjukpenning.fran_datum
                then 'utanfor_period'
            when status.observationsstatus_kod = 'tackning_saknas' then 'osaker_dod'
            when status.observationsstatus_kod <> 'observerad' then status.observationsstatus_kod
            when komponent.varde_kod = 'okand' then komponent.orsak_kod
            when komponent.varde_kod = facit.sant then ''
            when facit.orsak in ('sen_rad', 'ej_lankad') and facit.sant = 'ja' then facit.orsak
            else 'oforklarad'
        end as funnen
    from facit
    cross join sjukpenning
    left join inregistrering
        on facit.fil = inregistrering.fil_namn
        and cast(facit.rad as bigint) = inregistrering.rad_nr
    left join fel
        on facit.fil = fel.fil_namn
        and cast(facit.rad as bigint) = fel.rad_nr
    left join status
        on inregistrering.deltagande_id = status.deltagande_id
        and facit.matpunkt = status.matpunkt_kod
    left join matpunkt
        on inregistrering.deltagande_id = matpunkt.deltagande_id
        and facit.matpunkt = matpunkt.matpunkt_kod
    left join komponent
        on inregistrering.deltagande_id = komponent.deltagande_id
        and facit.matpunkt = komponent.matpunkt_kod
        and facit.komponent = komponent.komponent_kod
)
select planterad, funnen, count(*) as antal from jamforelse group by planterad, funnen order by planterad, funnen
";

#[test]
fn every_difference_from_the_truth_has_its_reason() {
    let root = Root::generated(0.05);
    root.run_until("derive");
    let database = Connection::open_in_memory().expect("an in-memory database");
    let sql = FOUND.replace("{root}", &root.path.display().to_string());
    let mut statement = database.prepare(&sql).expect("the comparison is SQL");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("it runs");
    let counts: Vec<(String, String, i64)> = rows.map(|row| row.expect("a row")).collect();
    let apart: Vec<_> = counts.iter().filter(|(planted, found, _)| planted != found).collect();
    assert!(apart.is_empty(), "planted and found differ (planted, found, lines): {apart:?}");
    let found: BTreeMap<&str, i64> =
        counts.iter().filter(|(planted, ..)| !planted.is_empty()).map(|(_, found, n)| (found.as_str(), *n)).collect();
    assert_eq!(
        found,
        root.planted().iter().map(|(reason, n)| (reason.as_str(), *n)).collect(),
        "found and planted per reason"
    );
    for reason in ["avvisad_rad", "ej_kopplingsbar", "avliden", "pagar", "kommun_ej_rapporterad", "utanfor_period"] {
        assert!(found.get(reason).is_some_and(|count| *count > 0), "{reason} was planted");
    }
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
