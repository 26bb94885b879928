//! One deltagande explained: what is told is what derived holds, of a pseudonym, and reading is all that is done.

use super::{assert_fails, code, copied_rules, err, finsam, out, small};
use crate::support::country::files;
use crate::support::root::Root;
use duckdb::Connection;
use pipeline::error::exit;
use pipeline::job;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Output;

/// Without a key: none is needed.
fn explain(root: &Root, arguments: &[&str]) -> Output {
    let path = root.path.display().to_string();
    finsam(&[&["explain", "--root", &path], arguments].concat())
}

#[track_caller]
fn explained(root: &Root, arguments: &[&str]) -> Value {
    let output = explain(root, &[arguments, &["--json"]].concat());
    assert_eq!(code(&output), exit::DONE, "{}", err(&output));
    serde_json::from_str(&out(&output)).expect("JSON")
}

/// Rows of derived as text, `-` where there is nothing.
fn ask(root: &Root, sql: &str) -> Vec<Vec<String>> {
    let database = Connection::open_in_memory().expect("DuckDB is compiled in");
    let sql = sql.replace("derived.", &format!("{}/derived/", root.path.display()));
    let mut statement = database.prepare(&sql).expect("the query is sound");
    let mut rows = statement.query([]).expect("the tables are there");
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let width = row.as_ref().column_count();
        let cell = |at| row.get::<_, Option<String>>(at).expect("text").unwrap_or("-".into());
        found.push((0..width).map(cell).collect());
    }
    found
}

/// A text of an explanation; `-` where there is nothing.
fn at(value: &Value, column: &str) -> String {
    match &value[column] {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// The deltaganden that meet the most: of every status, reason, komponent that is ja, and group that is decided.
fn telling(root: &Root) -> Vec<String> {
    let found = ask(
        root,
        "with kant as (
            select deltagande_id, 'status ' || matpunkt_kod || observationsstatus_kod as vad
            from 'derived.status.parquet'
            union all
            select deltagande_id, komponent_kod || varde_kod || coalesce(orsak_kod, '') from 'derived.komponent.parquet'
            union all
            select deltagande_id, hierarki_kod || grupp_kod || varde_kod from 'derived.hierarki.parquet'
        )
        select min(deltagande_id) from kant group by vad order by 1",
    );
    let ids: BTreeSet<String> = found.into_iter().map(|row| row[0].clone()).collect();
    ids.into_iter().collect()
}

#[test]
fn what_is_told_is_what_derived_holds() {
    let root = Root::generated(0.01);
    root.run_until("derive");
    let before = files(&root.path);
    let ids = telling(&root);
    assert!(ids.len() > 20, "{ids:?}");
    let mut met = BTreeMap::<String, usize>::new();
    for id in &ids {
        let told = explained(&root, &[id]);
        let points = list(&told, "matpunkter");
        let codes: Vec<String> = points.iter().map(|point| at(point, "matpunkt_kod")).collect();
        let six = ["intag", "avslut", "sex_manader", "tolv_manader", "tjugofyra_manader", "trettiosex_manader"];
        assert_eq!(codes, six, "{id}");
        rows_agree(&root, id, points);
        for point in points {
            assert!(!at(point, "varfor").is_empty(), "{id}: {point}");
            *met.entry(at(point, "observationsstatus_kod")).or_default() += 1;
            for komponent in list(point, "komponenter") {
                spells_agree(id, komponent);
                *met.entry(at(komponent, "varde_kod") + &at(komponent, "orsak_kod")).or_default() += 1;
            }
        }
        without_numbers(&root, id, &told);
    }
    for wanted in ["observerad", "avliden", "utvandrad", "pagar", "ej_mogen", "ej_kopplingsbar", "ja-", "nej-"] {
        assert!(met.contains_key(wanted), "no deltagande met {wanted}: {met:?}");
    }
    assert!(before == files(&root.path), "to explain writes nothing");
}

/// Every row of the tables at the mätpunkter that are told is told, and no other.
fn rows_agree(root: &Root, id: &str, points: &[Value]) {
    let agree = |sql: &str, told: BTreeSet<Vec<String>>| {
        let sql = sql.replace("{id}", &format!("'{id}'"));
        let held: BTreeSet<Vec<String>> = ask(root, &sql).into_iter().collect();
        let shown = points.iter().map(|point| at(point, "matpunkt_kod")).collect::<Vec<_>>();
        let held: BTreeSet<_> = held.into_iter().filter(|row| shown.contains(&row[0])).collect();
        assert_eq!(told, held, "{id}: {sql}");
    };
    let rows = |each: &dyn Fn(&Value) -> Vec<Vec<String>>| -> BTreeSet<Vec<String>> {
        let of = |point: &Value| {
            let kod = at(point, "matpunkt_kod");
            each(point).into_iter().map(move |row| [vec![kod.clone()], row].concat()).collect::<Vec<_>>()
        };
        points.iter().flat_map(of).collect()
    };
    let cells = |value: &Value, columns: &[&str]| columns.iter().map(|column| at(value, column)).collect::<Vec<_>>();
    agree(
        "select matpunkt_kod, observationsstatus_kod from 'derived.status.parquet' where deltagande_id = {id}",
        rows(&|point| vec![cells(point, &["observationsstatus_kod"])]),
    );
    agree(
        "select matpunkt_kod, komponent_kod, varde_kod, orsak_kod, omfattning_promille::varchar, dagar_antal::varchar,
            kalla from 'derived.komponent.parquet' where deltagande_id = {id}",
        rows(&|point| {
            let columns = ["komponent_kod", "varde_kod", "orsak_kod", "omfattning_promille", "dagar_antal", "kalla"];
            list(point, "komponenter").iter().map(|one| cells(one, &columns)).collect()
        }),
    );
    agree(
        "select matpunkt_kod, hierarki_kod, grupp_kod, varde_kod, avgorande_komponent_kod
            from 'derived.hierarki.parquet' where deltagande_id = {id}",
        rows(&|point| {
            let of = |one: &Value| {
                let kod = at(one, "hierarki_kod");
                let groups = list(one, "grupper").iter();
                let groups = groups.map(|group| cells(group, &["grupp_kod", "varde_kod", "avgorande_komponent_kod"]));
                groups.map(|group| [vec![kod.clone()], group].concat()).collect::<Vec<_>>()
            };
            list(point, "hierarkier").iter().flat_map(of).collect()
        }),
    );
    agree(
        "select matpunkt_kod, offentlig_forsorjning_kod, omfattning_summa_promille::varchar, steg_kod
            from 'derived.lage.parquet' where deltagande_id = {id}",
        rows(&|point| {
            vec![cells(&point["lage"], &["offentlig_forsorjning_kod", "omfattning_summa_promille", "steg_kod"])]
        }),
    );
    agree(
        "select matpunkt_kod, komponent_kod, varde_kod from 'derived.sus_forsorjning.parquet'
            where deltagande_id = {id}",
        rows(&|point| list(point, "sus").iter().map(|tick| cells(tick, &["komponent_kod", "sus_kod"])).collect()),
    );
}

/// A ja has a spell in the window of a source that holds, a nej has none; the extents are those spells' together.
fn spells_agree(id: &str, komponent: &Value) {
    let sources = list(komponent, "kallor").iter().filter(|source| at(source, "galler_kod") == "J");
    let spells: Vec<&Value> = sources.flat_map(|source| list(source, "spells")).collect();
    let in_window =
        spells.iter().filter(|spell| at(spell, "i_fonstret_kod") == "J" && spell["omfattning_promille"] != 0);
    let extents: Vec<i64> = in_window.clone().filter_map(|spell| spell["omfattning_promille"].as_i64()).collect();
    match at(komponent, "varde_kod").as_str() {
        "ja" => {
            assert!(in_window.count() > 0, "{id}: nothing decided {komponent}");
            let sum = (!extents.is_empty()).then(|| extents.iter().sum::<i64>());
            assert_eq!(komponent["omfattning_promille"].as_i64(), sum, "{id}: {komponent}");
        }
        "nej" => assert_eq!(in_window.count(), 0, "{id}: {komponent}"),
        _ => assert_ne!(at(komponent, "orsak_kod"), "-", "{id}: {komponent}"),
    }
}

/// The page says what the JSON says, of a pseudonym and of no number.
fn without_numbers(root: &Root, id: &str, told: &Value) {
    let output = explain(root, &[id]);
    assert_eq!(code(&output), exit::DONE, "{}", err(&output));
    let page = out(&output);
    let person = at(&told["deltagande"], "person_id");
    assert!(page.contains(if person == "-" { "none: the identity could not be linked" } else { &person }), "{page}");
    for point in list(told, "matpunkter") {
        assert!(page.contains(&format!("\n{}: {}\n", at(point, "matpunkt_kod"), at(point, "matpunkt"))), "{page}");
        assert!(page.contains(&at(point, "varfor")), "{page}");
        for hierarki in list(point, "hierarkier") {
            let named = format!("{} version {}, rule ", at(hierarki, "hierarki_kod"), at(hierarki, "version_nr"));
            assert!(page.contains(&named), "{page}");
        }
    }
    for text in [&page, &told.to_string()] {
        let rest = text.replace(&person, "");
        let longest = rest.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
        assert!(longest < Some(10), "a number in {text}");
    }
}

#[test]
fn only_the_matpunkter_that_are_named() {
    let root = Root::generated(0.004);
    root.run_until("derive");
    let id = &ask(&root, "select min(deltagande_id) from 'derived.deltagande.parquet'")[0][0];
    let told = explained(&root, &[id, "--matpunkt", "direkt_fore", "--matpunkt", "intag"]);
    let codes: Vec<String> = list(&told, "matpunkter").iter().map(|point| at(point, "matpunkt_kod")).collect();
    assert_eq!(codes, ["intag", "direkt_fore"]);
    assert_fails(&explain(&root, &[id, "--matpunkt", "intaget"]), exit::USAGE, "is in no row of codes.matpunkt");

    let nobody = explain(&root, &["1832-O'Hara"]);
    assert_fails(&nobody, exit::USAGE, "no deltagande of the data root has that id");
    assert!(!err(&nobody).contains("O'Hara"), "what was typed may be a number: {}", err(&nobody));

    // A run holds the lock: half of derived may be of another night.
    let lock = job::lock(&root.path).expect("nobody holds it");
    assert_fails(&explain(&root, &[id]), exit::LOCKED, "another run holds");
    drop(lock);
    let rules = copied_rules(&root);
    let contract = rules.join("data-contracts/derived/spell.yaml");
    let text = fs::read_to_string(&contract).expect("a contract");
    fs::write(&contract, text.replacen("version: ", "version: 9", 1)).expect("writable");
    let others = explain(&root, &[id, "--rules", &rules.display().to_string()]);
    assert_fails(&others, exit::USAGE, "spell.parquet was not made by version 9");

    let elsewhere = Root::generated(0.004);
    elsewhere.run_until("derive");
    fs::copy(elsewhere.path.join("derived/spell.parquet"), root.path.join("derived/spell.parquet")).expect("ours");
    assert_fails(&explain(&root, &[id]), exit::KEY, "made with another key");
    fs::remove_file(root.path.join("derived/spell.parquet")).expect("ours");
    assert_fails(&explain(&root, &[id]), exit::USAGE, "is not derived");
}

#[test]
fn a_root_that_is_not_derived_has_nothing_to_explain() {
    assert_fails(&explain(&small(), &["D0000001"]), exit::USAGE, "is not derived");
    assert_fails(&finsam(&["explain", "D0000001", "--root", "/ingen"]), exit::IO, "/ingen");
}
