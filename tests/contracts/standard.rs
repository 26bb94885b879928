//! Contracts are real ODCS v3.2, and say of every column what it tells about a person.
//!
//! `odcs-3.2.0.schema.json` is the JSON schema that Bitol (LF AI & Data) publishes with the standard, Apache-2.0,
//! unchanged, as datacontract-cli 1.2.8 carries it; `make lint` asks that program too.

use super::files;
use crate::support::catalogue;
use crate::support::json_schema::JsonSchema;
use pipeline::contract::{Contract, Kind, Sensitivity};
use pipeline::layer::Layer;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn contracts() -> impl Iterator<Item = (String, String)> {
    files().into_iter().filter(|(path, _)| path.ends_with(".yaml"))
}

fn sjukpenning() -> String {
    let found = contracts().find(|(path, _)| path.ends_with("deliveries/fk_sjukpenning.yaml"));
    found.expect("the contract is there").1
}

fn json(yaml: &str) -> Value {
    serde_yaml_ng::from_str(yaml).expect("YAML")
}

fn schema() -> JsonSchema {
    JsonSchema::parse(include_str!("odcs-3.2.0.schema.json"))
}

#[test]
fn every_contract_passes_the_published_schema() {
    let schema = schema();
    let mut judged = 0;
    for (path, text) in contracts() {
        judged += 1;
        assert_eq!(schema.faults(&json(&text)), [""; 0], "{path}");
    }
    assert!(judged > 50, "only {judged} contracts");
}

#[test]
fn the_published_schema_refuses_what_is_no_odcs() {
    let schema = schema();
    let text = sjukpenning();
    for (from, to) in [
        ("kind: DataContract", "kind: Kontrakt"),
        ("apiVersion: v3.2.0", "apiVersion: v9"),
        ("version: ", "utgava: "),
        ("    businessName:", "    rubrik:"),
        ("logicalType: date", "logicalType: dag"),
        ("logicalTypeOptions: {minimum: 0", "logicalTypeOptions: {minst: 0"),
        ("logicalTypeOptions: {minimum: 0", "logicalTypeOptions: {minimum: \"0\""),
        ("required: true", "required: ja"),
        ("primaryKeyPosition: 1", "primaryKeyPosition: ett"),
        ("type: custom", "type: egen"),
        ("engine: finsam", "motor: finsam"),
        ("{property: titelEn, value", "{property: titelEn, varde"),
        ("description:\n  purpose:", "description:\n  - purpose:"),
        ("id: deliveries", "servers: []\nprice: 3\nid: deliveries"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "the contract has no {from}");
        assert!(!schema.faults(&json(&changed)).is_empty(), "{to} is let through");
    }
}

#[test]
fn a_misspelt_key_is_refused_by_us_too() {
    let text = sjukpenning();
    for (from, to) in [
        ("dataProduct:", "dataProdukt:"),
        ("        required: true", "        requierd: true"),
        ("classification: direkt", "classification: hemlig"),
        ("classification: direkt", "klass: direkt"),
        ("{minimum: 0", "{minst: 0"),
        ("gallras, value: {ar: 10", "gallras, value: {ar: 0"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "the contract has no {from}");
        assert!(Contract::parse(Layer::Deliveries, "fk_sjukpenning", &changed).is_err(), "{to}");
    }
}

#[test]
fn every_custom_property_is_explained() {
    let readme = include_str!("../../data-contracts/README.md");
    let mut names = BTreeSet::new();
    for (_, text) in contracts() {
        collect(&json(&text), &mut names);
    }
    assert!(names.len() > 40);
    for name in names {
        assert!(readme.contains(&format!("| `{name}`")), "data-contracts/README.md does not explain {name}");
    }
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let (Some(Value::String(name)), Some(_)) = (object.get("property"), object.get("value")) {
                names.insert(name.clone());
            }
            object.values().for_each(|value| collect(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

/// `data-contracts/andringslogg.md` is what `finsam contract diff` says of each new version.
#[test]
fn the_change_log_tells_suppliers_of_every_new_version() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-contracts/andringslogg.md");
    let log = std::fs::read_to_string(path).expect("a change log");
    for contract in catalogue().layer(Layer::Deliveries).filter(|contract| contract.version != "1.0.0") {
        let head = format!("## {} {}\n", contract.full_name(), contract.version);
        let section = log.split(&head).nth(1).and_then(|rest| rest.split("\n## ").next());
        let section = section.unwrap_or_else(|| panic!("the change log lacks {head}"));
        let digest = format!("Avtryck: {}.", &contract.digest[..12]);
        assert!(section.contains(&digest), "{head}was changed after its lines were written: finsam contract diff");
        let before = section.trim_start().strip_prefix("Från ").and_then(|rest| rest.split(". ").next());
        let numbers = |version: &str| version.split('.').map(|n| n.parse().expect("a number")).collect::<Vec<u64>>();
        let (was, is) = (numbers(before.expect("a version of before")), numbers(&contract.version));
        assert!(was < is, "{head}does not follow {was:?}");
        assert_eq!(section.contains("**Bryter.**"), section.contains("Bryter: ja"), "{head}");
        assert!(was[0] < is[0] || !section.contains("Bryter: ja"), "{head}breaks, and its first digit says not so");
    }
}

#[test]
fn every_column_says_what_it_tells_of_a_person() {
    let catalogue = catalogue();
    for layer in [Layer::Deliveries, Layer::Core, Layer::Derived] {
        for contract in catalogue.layer(layer) {
            for column in &contract.columns {
                let place = format!("{}.{}", contract.full_name(), column.name);
                let Some(class) = column.sensitivity else { panic!("{place} has no classification") };
                assert_eq!(class == Sensitivity::Direct, column.identity.is_some(), "{place}: direkt is an identity");
                assert!(column.kind != Kind::Uuid || class == Sensitivity::Indirect, "{place} is a pseudonym");
                // Statistics of everybody by sex are about no one.
                let is_count = contract.columns.iter().all(|held| held.sensitivity == Some(Sensitivity::Nobody));
                assert!(
                    column.code_list.as_deref() != Some("kon") || class == Sensitivity::Indirect || is_count,
                    "{place} is a sex"
                );
            }
        }
    }
}

/// Core may say less of a person than the delivery, never call it less.
#[test]
fn core_takes_a_class_no_weaker_than_the_deliverys() {
    let catalogue = catalogue();
    for core in catalogue.layer(Layer::Core).filter(|core| core.name != "leverans") {
        let delivery = catalogue.contract(Layer::Deliveries, &core.name).expect("the delivery of a core table");
        for column in &core.columns {
            let Some(source) = delivery.column(column.source.as_deref().unwrap_or(&column.name)) else { continue };
            let place = format!("{}.{}", core.full_name(), column.name);
            if source.identity.is_none() {
                assert_eq!(column.sensitivity, source.sensitivity, "{place}");
            }
            assert!(!source.custom.contains_key("fritext"), "{place} is free text, which stays at the door");
        }
    }
}

#[test]
fn every_delivery_says_how_long_it_is_kept_and_why() {
    for contract in catalogue().layer(Layer::Deliveries) {
        let retention = contract.retention.as_ref();
        let retention = retention.unwrap_or_else(|| panic!("{} has no gallras", contract.full_name()));
        assert!(retention.reason.len() > 20, "{} says not why it is kept", contract.full_name());
    }
}

/// Of a person, core keeps what SQL uses, and what a contract gives a reason for.
#[test]
fn core_keeps_nothing_of_a_person_without_use() {
    let catalogue = catalogue();
    let names = |sql: &str| -> BTreeSet<String> {
        let code = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
        let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.'));
        words.flat_map(|word| [word, word.rsplit('.').next().unwrap_or_default()]).map(str::to_owned).collect()
    };
    let files: Vec<BTreeSet<String>> =
        files().iter().filter(|(path, _)| path.ends_with(".sql")).map(|(_, sql)| names(sql)).collect();
    for core in catalogue.layer(Layer::Core) {
        let readers: Vec<_> = files.iter().filter(|names| names.contains(&core.full_name())).collect();
        for column in core.columns.iter().filter(|column| column.sensitivity != Some(Sensitivity::Nobody)) {
            let place = format!("{}.{}", core.full_name(), column.name);
            let is_used = readers.iter().any(|names| names.contains(&column.name)) || column.kind == Kind::Uuid;
            let reason = column.custom_text("varfor");
            assert!(is_used || reason.is_some_and(|reason| reason.len() > 20), "{place} is used nowhere: drop it");
            assert!(!is_used || reason.is_none(), "{place} is used: it needs no other reason");
        }
    }
}

#[test]
fn no_day_of_birth_passes_the_door() {
    let catalogue = catalogue();
    for contract in [Layer::Core, Layer::Derived].into_iter().flat_map(|layer| catalogue.layer(layer)) {
        for column in contract.columns.iter().filter(|column| column.name.contains("fodelse")) {
            assert!(column.name.ends_with("_manad"), "{}.{}", contract.full_name(), column.name);
            let made = column.custom_text("omvandling");
            assert!(contract.layer != Layer::Core || made.is_some_and(|made| made.ends_with("_manad")));
        }
    }
}
