//! What the invented country delivers beside its registers: consistent with them where it should be, at fault where
//! facit says so, and with every code of its lists.

use crate::support::catalogue;
use crate::support::root::Root;
use duckdb::Connection;
use pipeline::layer::Layer;
use std::collections::{BTreeMap, BTreeSet};

const TABLES: [&str; 13] = [
    "arsredovisning",
    "folkmangd",
    "forman_totaler",
    "forsorjningsmatt",
    "indikator_svar",
    "lokal_uppfoljning",
    "stadsdel_forbund",
    "sus_insatsbudget",
    "sus_kompletterande_fraga",
    "sus_volyminsats",
    "uppfoljning_antal",
    "uppfoljning_insats",
    "uppskattat_behov",
];

/// Förbund and years by what the årsredovisning says against SUS: more, fewer, the same.
const AGAINST_SUS: &str = "
with sus as (
    select insats.forbund_id, ar.ar, count(*) as antal
    from sus_deltagande as deltagande
    join sus_insats as insats using (insats_id)
    join range(2018, 2023) as ar (ar)
        on ar.ar between year(deltagande.start_datum) and coalesce(year(deltagande.slut_datum), 2022)
    where deltagande.avslutsanledning_kod is distinct from 'FELREGISTRERING'
    group by insats.forbund_id, ar.ar
    union all
    select insats.forbund_id, anonyma.ar, anonyma.kvinnor_antal + anonyma.man_antal
    from sus_anonyma as anonyma
    join sus_insats as insats using (insats_id)
),
summa as (select forbund_id, ar, sum(antal) as antal from sus group by forbund_id, ar)
select sign(redovisad.deltagare_antal - coalesce(summa.antal, 0))::integer as mot_sus, count(*) as antal
from arsredovisning as redovisad
left join summa using (forbund_id, ar)
group by mot_sus
";

fn country() -> (Root, Connection) {
    let root = Root::generated(0.02);
    let night = root.run_until("ingest");
    assert!(night.refused.is_empty(), "{:?}", night.refused);
    let database = Connection::open_in_memory().expect("DuckDB is compiled in");
    for table in TABLES.iter().chain(&["sus_deltagande", "sus_insats", "sus_anonyma", "forbund"]) {
        let files = root.path.join("core").join(table).join("*.parquet");
        let view = format!("create view {table} as select * from read_parquet('{}')", files.display());
        database.execute_batch(&view).expect("core holds the table");
    }
    (root, database)
}

fn count(database: &Connection, sql: &str) -> i64 {
    database.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn texts(database: &Connection, sql: &str) -> BTreeSet<String> {
    let mut statement = database.prepare(sql).expect("sound SQL");
    statement.query_map([], |row| row.get(0)).expect("rows").map(|text| text.expect("text")).collect()
}

#[test]
fn the_country_reports_what_it_is() {
    let (root, database) = country();
    agrees_with_the_registers(&database);
    disagrees_where_it_should(&database);
    every_code_occurs(&database);
    what_is_at_fault_is_told(&root);
}

fn agrees_with_the_registers(database: &Connection) {
    let none = [
        "select count(*) from sus_insatsbudget anti join sus_insats using (insats_id)",
        "select count(*) from sus_volyminsats anti join sus_insats using (insats_id)",
        "select count(*) from sus_volyminsats join sus_insats using (insats_id) where registrering_kod <> 'VOLYM'",
        "select count(*) from uppfoljning_antal anti join uppfoljning_insats using (insats_id)",
        "select count(*) from uppfoljning_insats anti join forbund using (forbund_id)",
        "select count(*) from lokal_uppfoljning anti join uppfoljning_insats using (forbund_id, insats_namn)",
        "select count(*) from lokal_uppfoljning where day(inskrivning_datum) + day(utskrivning_datum) <> 2",
        "select count(*) from indikator_svar anti join forbund using (forbund_id)",
        "select count(*) from stadsdel_forbund anti join forbund using (forbund_id)",
        "select count(*) from (
            select ar, ersattning_kod from forsorjningsmatt where niva_kod in ('RIKET', 'KOMMUN', 'LAN')
            group by ar, ersattning_kod
            having sum(case niva_kod when 'RIKET' then 2 else -1 end * summa_tkr_antal) <> 0
        )",
        "select count(*) from (
            select kommun_kod, ar, sum(invanare_antal) as antal from folkmangd where ar = 2022 group by kommun_kod, ar
        ) as folk
        join forsorjningsmatt as matt on matt.omrade_kod = folk.kommun_kod and matt.ar = folk.ar
        where folk.antal <> matt.invanare_antal",
    ];
    for sql in none {
        assert_eq!(count(database, sql), 0, "{sql}");
    }
}

fn disagrees_where_it_should(database: &Connection) {
    let mut statement = database.prepare(AGAINST_SUS).expect("sound SQL");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    let found: BTreeMap<i32, i64> = rows.map(|row| row.expect("counts")).collect();
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), [-1, 0, 1], "{found:?}");
    assert!(found[&0] > found[&1] + found[&-1], "most agree: {found:?}");
}

fn every_code_occurs(database: &Connection) {
    let catalogue = catalogue();
    let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in TABLES {
        let contract = catalogue.contract(Layer::Core, table).expect("a contract");
        for column in &contract.columns {
            if let Some(list) = &column.code_list {
                let sql = format!("select distinct {0} from {table} where {0} is not null", column.name);
                held.entry(list.clone()).or_default().extend(texts(database, &sql));
            }
        }
    }
    assert!(held.len() > 15, "only {} lists", held.len());
    for (name, held) in held {
        let list = catalogue.code_list(&name).expect("a list");
        let codes: BTreeSet<String> = list.codes.iter().map(|code| code.code.clone()).collect();
        assert_eq!(held, codes, "{name}");
    }
}

/// The rows that facit says are at fault, and no others, are turned away.
fn what_is_at_fault_is_told(root: &Root) {
    let text = std::fs::read_to_string(root.facit().join("avvisade.csv")).expect("facit");
    let mut planted: BTreeMap<(String, String), u64> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        *planted.entry((fields[0].to_owned(), fields[1].to_owned())).or_default() += 1;
    }
    let mut turned_away = 0;
    for table in TABLES {
        for entry in std::fs::read_dir(root.path.join("receipts").join(table)).expect("receipts") {
            let date = entry.expect("a receipt").path();
            let date = date.file_stem().expect("a date").to_string_lossy().into_owned();
            let receipt = root.receipt(table, &date);
            let expected = planted.get(&(table.to_owned(), date.clone())).copied().unwrap_or_default();
            assert_eq!((receipt.rejected, receipt.noted), (expected, 0), "{table} {date}");
            turned_away += receipt.rejected;
        }
    }
    assert!(turned_away > 10, "only {turned_away} rows");
}
