//! PX and JSON-stat hold a number for every combination of values: those of the table's rows are the rows', and all
//! others cannot occur.

use super::Row;
use pipeline::contract::{Catalogue, Column, Contract};
use pipeline::publish::px::{Datum, Px, Value, read};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A cube as it was read: codes of variables and of their values, and what stands in each cell.
struct Cube {
    variables: Vec<(String, Vec<String>)>,
    cells: Vec<Result<f64, String>>,
}

pub fn hold_the_same(catalogue: &Catalogue, folder: &Path, contract: &Contract, rows: &[Row]) {
    let bytes =
        |suffix: &str| fs::read(folder.join(format!("{}.{suffix}", contract.name))).expect("the table is there");
    let px = read(&bytes("px")).expect("the form of PX");
    for language in [None, Some("en")] {
        compare(catalogue, contract, rows, &from_px(&px, language));
    }
    for suffix in ["json", "en.json"] {
        let dataset: Json = serde_json::from_slice(&bytes(suffix)).expect("JSON");
        assert_eq!((&dataset["version"], &dataset["class"]), (&"2.0".into(), &"dataset".into()));
        compare(catalogue, contract, rows, &from_json_stat(&dataset));
    }
}

fn from_px(px: &Px, language: Option<&str>) -> Cube {
    let texts = |keyword: &str, subkey: Option<&str>| -> Vec<String> {
        let mut of_keyword = px.entries.iter().filter(|e| e.keyword == keyword && e.language.as_deref() == language);
        let found = of_keyword.find(|entry| entry.subkeys.first().map(String::as_str) == subkey);
        let values = &found.unwrap_or_else(|| panic!("{keyword} of {subkey:?}")).values;
        let text = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Word(word) => panic!("{keyword} has the word {word}"),
        };
        values.iter().map(text).collect()
    };
    let names = [texts("STUB", None), texts("HEADING", None)].concat();
    let variables = names.iter().map(|n| (texts("VARIABLECODE", Some(n)).concat(), texts("CODES", Some(n)))).collect();
    let cell = |datum: &Datum| match datum {
        Datum::Number(number) => Ok(number.parse().expect("a number")),
        Datum::Symbol(symbol) => Err(symbol.clone()),
    };
    Cube { variables, cells: px.data.iter().map(cell).collect() }
}

fn from_json_stat(dataset: &Json) -> Cube {
    let ids = dataset["id"].as_array().expect("variables").iter().map(|id| id.as_str().expect("a text"));
    let codes = |id: &str| {
        let index = dataset["dimension"][id]["category"]["index"].as_object().expect("an index");
        let mut codes: Vec<(u64, String)> =
            index.iter().map(|(code, at)| (at.as_u64().expect("a place"), code.clone())).collect();
        codes.sort_unstable();
        codes.into_iter().map(|(_, code)| code).collect()
    };
    let variables = ids.map(|id| (id.to_owned(), codes(id))).collect();
    let values = dataset["value"].as_array().expect("values").iter().enumerate();
    let cell = |(at, value): (usize, &Json)| match (value.as_f64(), dataset["status"][at.to_string()].as_str()) {
        // A letter beside a number is a remark.
        (Some(number), None | Some("p" | "r" | "k" | "b" | "a")) => Ok(number),
        (None, Some(symbol)) => Err(symbol.to_owned()),
        (number, symbol) => panic!("cell {at} has {number:?} and {symbol:?}"),
    };
    Cube { variables, cells: values.map(cell).collect() }
}

fn compare(catalogue: &Catalogue, contract: &Contract, rows: &[Row], cube: &Cube) {
    let sizes: Vec<usize> = cube.variables.iter().map(|(_, codes)| codes.len()).collect();
    assert_eq!(cube.cells.len(), sizes.iter().product::<usize>(), "{}", contract.name);
    let at = |name: &str| contract.position(name).expect("a column");
    let status = catalogue.code_list("cellstatus").expect("a list");
    let symbols: BTreeMap<&str, &str> = status.further("symbol").expect("symbols").collect();
    let is_name = |c: &Column| c.custom_text("kalla") == Some("omrade_namn");
    let is_measure = |c: &&Column| c.key_position.is_none() && c.code_list.is_none() && !is_name(c);
    let measures: Vec<&Column> = contract.columns.iter().filter(is_measure).collect();
    let mut rest = cube.cells.clone();
    for row in rows {
        let code = |name: &str| row[at(name)].clone().expect("a key is never empty");
        for measure in &measures {
            let mut place = 0;
            for (variable, codes) in &cube.variables {
                let wanted = match variable.as_str() {
                    "matt_kod" => measure.name.clone(),
                    quarter if quarter.ends_with("_kvartal") => {
                        code(quarter.trim_end_matches("_kvartal")) + &code("kvartal_kod")
                    }
                    name => code(name),
                };
                let found = codes.iter().position(|code| *code == wanted);
                place = place * codes.len() + found.unwrap_or_else(|| panic!("{variable} lacks {wanted}"));
            }
            let expected = row[at(&measure.name)].as_ref().map(|number| number.parse::<f64>().expect("a number"));
            let found = &cube.cells[place];
            assert_eq!(found.as_ref().ok(), expected.as_ref(), "{} {}: {row:?}", contract.name, measure.name);
            // The status is that of the count; a share may be missing beside a count that is shown.
            let symbol = symbols[code("status_kod").as_str()];
            if measure.name == "deltaganden_antal" {
                assert_eq!(found.as_ref().err().map_or("", String::as_str), symbol, "{}: {row:?}", contract.name);
            }
            rest[place] = Err(".".into());
        }
    }
    assert!(rest.iter().all(|cell| *cell == Err(".".into())), "{} has cells that are no row's", contract.name);
}
