//! The invented country delivers every code of every list that a contract names.

use super::files;
use crate::support::paths;
use crate::support::root::{Root, take};
use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use chrono::NaiveDate;
use pipeline::contract::{Catalogue, Code, Contract};
use pipeline::ingest::MANIFEST;
use pipeline::layer::Layer;
use std::collections::{BTreeMap, BTreeSet};

/// Contracts that leave no rows out, so that codes of what is left out are seen too.
fn all_rows() -> Catalogue {
    let texts = files().into_iter().map(|(path, text)| {
        let kept = text.lines().filter(|line| !line.contains("property: utelamna")).map(|line| format!("{line}\n"));
        (path, kept.collect())
    });
    Catalogue::from_files(texts).expect("sound contracts")
}

/// Code and date of every accepted row, by the list that the column names.
type Seen = BTreeMap<String, BTreeSet<(String, Option<NaiveDate>)>>;

fn seen(catalogue: &Catalogue, root: &Root, contract: &Contract) -> Seen {
    let mut seen = Seen::new();
    let deliveries = root.path.join("deliveries").join(&contract.name);
    for manifest in paths(&deliveries).iter().filter(|path| path.ends_with(MANIFEST)) {
        let folder = manifest.parent().expect("a folder");
        let (intake, taken) = take(catalogue, folder);
        assert!(intake.is_accepted(), "{}: {}", folder.display(), intake.faults);
        for part in taken {
            let texts = |name: &str| {
                let text = cast(&part.columns[name], &DataType::Utf8).expect("every column can be text");
                text.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
            };
            for column in &contract.columns {
                let Some(list) = &column.code_list else { continue };
                let codes = texts(&column.name);
                let dates = column.code_date.as_deref().map_or(vec![None; codes.len()], texts);
                let dates = dates.into_iter().map(|date| date.map(|date| date.parse().expect("a date")));
                let rows = codes.into_iter().zip(dates).filter_map(|(code, date)| Some((code?, date)));
                seen.entry(list.clone()).or_default().extend(rows);
            }
        }
    }
    seen
}

/// Whether a row holds the code at a time when it meant this.
fn is_seen(code: &Code, rows: &BTreeSet<(String, Option<NaiveDate>)>) -> bool {
    rows.iter().any(|(held, date)| *held == code.code && date.is_none_or(|date| code.is_valid_on(date)))
}

/// Whether the code was valid some day of the contract's legal basis.
fn is_lawful(code: &Code, contract: &Contract) -> bool {
    let date = |key: &str| contract.custom_key("rattsligGrund", key).map(|text| text.parse().expect("a date"));
    let ends_before = code.valid_till.is_some_and(|till| date("giltigFran").is_some_and(|from: NaiveDate| till < from));
    let begins_after =
        code.valid_from.is_some_and(|from| date("giltigTill").is_some_and(|till: NaiveDate| till < from));
    !ends_before && !begins_after
}

#[test]
fn every_code_of_every_list_is_delivered() {
    let (catalogue, root) = (all_rows(), Root::generated(0.02));
    let mut wanted: BTreeMap<(&str, &str, Option<NaiveDate>), (&Code, bool)> = BTreeMap::new();
    for contract in catalogue.layer(Layer::Deliveries) {
        let seen = seen(&catalogue, &root, contract);
        let nothing = BTreeSet::new();
        for list in contract.columns.iter().filter_map(|column| column.code_list.as_deref()) {
            let rows = seen.get(list).unwrap_or(&nothing);
            for code in catalogue.code_list(list).expect("a list").codes.iter().filter(|code| is_lawful(code, contract))
            {
                let found = wanted.entry((list, &code.code, code.valid_from)).or_insert((code, false));
                found.1 |= is_seen(code, rows);
            }
        }
    }
    assert!(wanted.len() > 400, "only {} codes are looked for", wanted.len());
    let missing = wanted.iter().filter(|(_, (_, found))| !found);
    let missing: Vec<String> =
        missing.map(|((list, kod, _), (code, _))| format!("{list} {kod} {}", code.title)).collect();
    assert!(missing.is_empty(), "{} codes are not delivered:\n{}", missing.len(), missing.join("\n"));
}
