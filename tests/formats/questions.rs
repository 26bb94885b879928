//! What stands in `finsam.duckdb` beside the tables: questions, words, and the text of the release.

use duckdb::{AccessMode, Config, Connection};
use pipeline::contract::Catalogue;
use pipeline::layer::Layer;
use std::fs;
use std::path::Path;

fn opened(folder: &Path) -> Connection {
    let read_only = Config::default().access_mode(AccessMode::ReadOnly).expect("a mode");
    Connection::open_with_flags(folder.join("finsam.duckdb"), read_only).expect("it opens")
}

fn count(stock: &Connection, from: &str) -> i64 {
    let sql = format!("select count(*) from {from}");
    stock.query_row(&sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{from}: {error}"))
}

/// Each is asked as its own header says.
pub fn every_question_has_an_answer(catalogue: &Catalogue, folder: &Path) {
    let stock = opened(folder);
    let asked = [
        ("forbund_som_heter", "forbund_som_heter('f00')", 4),
        ("deltagare_serie", "deltagare_serie('riket') where kon_kod = 'totalt'", 1),
        ("forsorjning_vid", "forsorjning_vid('F001', 'intag') where kon_kod = 'totalt'", 3),
        ("jamfor_ar", "jamfor_ar('riket', 2020, 2021) where forsta_antal is null", 42),
        ("arbete_eller_studier", "arbete_eller_studier('riket')", 6),
    ];
    let names: Vec<&str> = catalogue.sql_of(Layer::Release).map(|(name, _)| name).collect();
    assert_eq!(asked.len(), names.len(), "every question is asked: {names:?}");
    for (name, question, rows) in asked {
        assert!(names.contains(&name), "{name}");
        assert_eq!(count(&stock, question), rows, "{question}");
        let said = format!("duckdb_functions() where function_name = '{name}' and comment like '{name}(%Definition:%'");
        assert!(name == "forbund_som_heter" || count(&stock, &said) == 1, "{name} says what it is");
    }
    let whole = "forsorjning_vid('riket', 'avslut') as vald inner join forsorjning_riket as tabell \
                 using (slut_ar, indelning_kod, forsorjning_kod, kon_kod) where tabell.matpunkt_kod = 'avslut' \
                 and tabell.varde_kod = 'ja' and vald.deltaganden_antal is not distinct from tabell.deltaganden_antal";
    assert_eq!(count(&stock, whole), count(&stock, "forsorjning_vid('riket', 'avslut')"), "what is shown is the table");
    assert_eq!(count(&stock, "forsorjning_vid('ingenstans', 'avslut')"), 0);
}

pub fn words_stand_for_codes(catalogue: &Catalogue, folder: &Path) {
    let stock = opened(folder);
    for contract in catalogue.layer(Layer::Release) {
        let name = &contract.name;
        let in_order = format!("(select * from {name})");
        assert_eq!(count(&stock, &format!("titlar.{name}")), count(&stock, &in_order), "{name}: no row more or less");
        let remarks = [
            format!("{name} where markering_kod = 'ingen'"),
            format!("titlar.{name} where markering = 'Utan anmärkning'"),
        ];
        assert_eq!(count(&stock, &remarks[0]), count(&stock, &remarks[1]), "{name}: words for remarks");
        if contract.column("kon_kod").is_none() || count(&stock, name) == 0 {
            continue;
        }
        let worded = format!("titlar.{name} where kon in ('Kvinnor', 'Män', 'Totalt') and status = 'Publicerad'");
        let coded = format!("{name} where kon_kod in ('kvinna', 'man', 'totalt') and status_kod = 'publicerad'");
        assert!(count(&stock, &coded) > 0, "{name}");
        assert_eq!(count(&stock, &worded), count(&stock, &coded), "{name}: words for codes");
    }
    let untitled = "kod where titel = kod and kodlista <> 'omrade'";
    assert_eq!(count(&stock, untitled), 0, "every code has its words");
    let text = fs::read_to_string(folder.join("LASMIG.md")).expect("a text");
    assert_eq!(count(&stock, "lasmig"), i64::try_from(text.lines().count()).expect("few lines"));
    assert_eq!(count(&stock, "tabell"), i64::try_from(catalogue.layer(Layer::Release).count()).expect("few tables"));
    for format in &pipeline::publish::FORMATS {
        assert!(text.contains(&format!("- `{}`: {}\n", format.files, format.words)), "{} is told", format.name);
    }
}
