//! The demo country from deliveries to derived, against the truth that it was drawn from: every difference has a
//! named reason, and as many are found of each as were planted.

use crate::support::root::Root;
use duckdb::Connection;
use std::collections::BTreeMap;

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
