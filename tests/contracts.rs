//! Contracts decide: a changed rule in a contract, and nothing else, changes the outcome. And what holds of all.

mod changes;
mod codes;
mod standard;

use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, numbers, take, take_with};
use changes::{CHANGES, Change};
use pipeline::contract::{Catalogue, Identity, Kind, Severity};
use pipeline::error::Error;
use pipeline::fault::Rule;
use pipeline::fold::fold;
use pipeline::ingest::Sets;
use pipeline::layer::Layer;
use pipeline::pseudonymise::Pseudonyms;
use std::collections::BTreeMap;
use std::path::Path;

/// Paths and texts of the repository's contracts, code lists and SQL.
pub fn files() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join("data-contracts"), root.join("sql")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "csv" || e == "sql") {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
                found.insert(name, std::fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

/// The repository with one text of one file replaced: the first after an anchor.
fn changed(file: &str, anchor: &str, from: &str, to: &str) -> Catalogue {
    let mut files = files();
    let text = files.get_mut(&format!("data-contracts/{file}")).expect("there is such a file");
    let after = text.find(anchor).unwrap_or_else(|| panic!("{file} has no {anchor}"));
    let at = text[after..].find(from).unwrap_or_else(|| panic!("{file} has no {from} after {anchor}"));
    text.replace_range(after + at..after + at + from.len(), to);
    Catalogue::from_files(files.into_iter()).expect("the changed contract is sound")
}

#[test]
fn whatever_a_code_list_says_is_grounds_to_read_again() {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    for table in ["lokal_uppfoljning", "nummerbyte"] {
        root.deliver(&contract(&catalogue, table), UTTAG, &[vec![]]);
    }
    let grounds = |catalogue: &Catalogue, table: &str| {
        root.ingest(catalogue).0.expect("the required deliveries are there");
        root.receipt(table, UTTAG).grounds
    };
    // A title that is taken for its code, and what a change of number says of the two.
    for (table, list, from, to) in
        [("lokal_uppfoljning", "kommun", ",Håbo,", ",Håbo kommun,"), ("nummerbyte", "nummerbyte", "ja,N", "ja,J")]
    {
        let before = grounds(&catalogue, table);
        assert_eq!(grounds(&catalogue, table), before);
        let after = grounds(&changed(&format!("codes/{list}.csv"), "", from, to), table);
        assert_ne!(before.contract, after.contract, "{list}");
    }
}

/// The rules that a delivery, written by the repository's contract, breaks under another.
fn broken(catalogue: &Catalogue, change: &Change) -> Vec<(Rule, Severity)> {
    let rows: Vec<Cells<'_>> =
        change.rows.iter().map(|row| row.iter().map(|(name, text)| (*name, (*text).to_owned())).collect()).collect();
    let root = Root::new();
    let folder = root.deliver(&contract(&crate::support::catalogue(), change.table), UTTAG, &rows);
    let (intake, _) = take(catalogue, &folder);
    // One bad row of one is over every tolerance; that is another rule.
    let rules = intake.faults.iter().filter(|(place, _)| place.rule != Rule::Tolerance);
    rules.map(|(place, count)| (place.rule, count.severity)).collect()
}

#[test]
fn a_changed_rule_changes_the_outcome() {
    let catalogue = catalogue();
    for change in CHANGES {
        let [file, anchor, from, to] = change.edit;
        let file = if file.is_empty() { format!("deliveries/{}.yaml", change.table) } else { file.to_owned() };
        let changed = changed(&file, anchor, from, to);
        assert_eq!(broken(&catalogue, change), change.before, "{} before", change.what);
        let mut after = broken(&changed, change);
        after.dedup();
        assert_eq!(after, change.after, "{} after", change.what);
    }
}

fn participants(count: usize) -> Vec<Cells<'static>> {
    let numbers = numbers(count).into_iter().enumerate();
    numbers.map(|(row, number)| vec![("deltagande_id", format!("D{row}")), ("personnummer", number)]).collect()
}

#[test]
fn the_tolerance_is_the_contracts() {
    let mut rows = participants(9);
    rows.push(vec![("start_datum", "x".to_owned())]);
    let root = Root::new();
    let folder = root.deliver(&contract(&catalogue(), "sus_deltagande"), UTTAG, &rows);
    for (limit, accepted) in [("99", false), ("100", true)] {
        let property = "property: avvisadeHogstPromille";
        let catalogue = changed("deliveries/sus_deltagande.yaml", property, "20", limit);
        assert_eq!(take(&catalogue, &folder).0.is_accepted(), accepted, "{limit} of 1000");
    }
}

#[test]
fn minimisation_is_the_contracts() {
    let root = Root::new();
    let folder = root.deliver(&contract(&catalogue(), "fk_sjukpenning"), UTTAG, &[vec![]]);
    let nobody = Sets { population: Some(Pseudonyms::default()), ..Sets::default() };
    let (intake, _) = take_with(&catalogue(), &folder, &nobody);
    assert_eq!((intake.kept, intake.outside), (0, 1));
    let everyone = changed("deliveries/fk_sjukpenning.yaml", "property: avgransning", "deltagare", "alla");
    let (intake, _) = take_with(&everyone, &folder, &nobody);
    assert_eq!((intake.kept, intake.outside), (1, 0));
}

#[test]
fn what_is_left_out_is_the_contracts() {
    let root = Root::new();
    let folder = root.deliver(&contract(&catalogue(), "sus_deltagande"), UTTAG, &participants(2));
    let (intake, _) = take(&catalogue(), &folder);
    assert_eq!((intake.kept, intake.left_out), (2, 0));
    let other = changed("deliveries/sus_deltagande.yaml", "property: utelamna", "FINSAM", "SOCSAM");
    let (intake, _) = take(&other, &folder);
    assert_eq!((intake.kept, intake.left_out, intake.faults.is_empty()), (0, 2, true));
}

#[test]
fn a_noted_value_becomes_null_and_the_row_stays() {
    let root = Root::new();
    let row = vec![("utbildning_kod", "NY".to_owned())];
    let folder = root.deliver(&contract(&catalogue(), "sus_deltagande"), UTTAG, &[row]);
    let (intake, taken) = take(&catalogue(), &folder);
    assert_eq!((intake.kept, intake.faults.total(Severity::Note)), (1, 1));
    assert_eq!(taken[0].columns["utbildning_kod"].null_count(), 1);
}

#[test]
fn what_the_night_cannot_do_without_is_the_contracts() {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    assert!(root.ingest(&catalogue).0.is_ok());
    let stricter = changed("deliveries/sus_insats.yaml", "property: kravs", "false", "true");
    let error = root.ingest(&stricter).0.expect_err("sus_insats is missing");
    assert!(matches!(error, Error::Required { contract, .. } if contract == "sus_insats"));
    std::fs::remove_dir_all(root.path.join("deliveries/kommun")).expect("removable");
    assert!(root.ingest(&catalogue).0.is_err());
    let laxer = changed("deliveries/kommun.yaml", "property: kravs", "true", "false");
    assert!(root.ingest(&laxer).0.is_ok());
}

#[test]
fn how_deliveries_follow_each_other_is_the_contracts() {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    let anonyma = contract(&catalogue, "sus_anonyma");
    root.deliver_period(&anonyma, "2023-01-31", ("2018-01-01", "2020-12-31"), &[vec![]]);
    root.deliver_period(&anonyma, "2023-03-31", ("2020-01-01", "2022-12-31"), &[vec![]]);
    for (way, expected) in [
        ("ersatter", vec!["2023-03-31 2020-01-01 2023-01-01"]),
        ("period", vec!["2023-01-31 2018-01-01 2020-01-01", "2023-03-31 2020-01-01 2023-01-01"]),
        ("tillagg", vec!["2023-01-31 2018-01-01 2021-01-01", "2023-03-31 2020-01-01 2023-01-01"]),
    ] {
        let catalogue = changed("deliveries/sus_anonyma.yaml", "property: efterfoljd", "ersatter", way);
        let (outcome, night) = root.ingest(&catalogue);
        assert!(outcome.is_ok(), "{way}");
        let of_anonyma = night.in_force.iter().filter(|one| one.table == "sus_anonyma");
        let found: Vec<String> =
            of_anonyma.map(|one| format!("{} {} {}", one.uttagsdatum, one.from, one.till)).collect();
        assert_eq!(found, expected, "{way}");
    }
}

#[test]
fn titles_reach_the_felrapport() {
    let root = Root::new();
    let row = vec![("ar", "2004".to_owned())];
    root.deliver(&contract(&catalogue(), "sus_anonyma"), UTTAG, &[row]);
    let told = |catalogue: &Catalogue| {
        assert!(root.ingest(catalogue).0.is_err(), "the required deliveries are missing");
        root.felrapport("sus_anonyma", UTTAG)
    };
    assert!(told(&catalogue()).contains("<td>År (ar)</td>"));
    let renamed =
        changed("deliveries/sus_anonyma.yaml", "name: ar", "businessName: År", "businessName: Redovisningsår");
    assert!(told(&renamed).contains("<td>Redovisningsår (ar)</td>"));
    let renamed = changed("deliveries/sus_anonyma.yaml", "schema", "businessName: ", "businessName: \"Prov: \" #");
    assert!(told(&renamed).contains("Felrapport: Prov: , uttag"));
}

#[test]
fn a_rule_that_is_not_ours_is_refused() {
    for (anchor, from, to) in [
        ("name: start_datum", "yyyy-mm-dd", "dd/mm/yyyy"),
        ("name: insats_id", "logicalType: string", "logicalType: map"),
        ("name: utbildning_kod", "value: notera", "value: kanske"),
        ("quality", "regel: ordning", "regel: gissa"),
        (
            "name: avslutsanledning_kod",
            "value: avslutsanledning}",
            "value: avslutsanledning}\n          - {property: koddatum, value: insats_id}",
        ),
        ("name: personnummer", "value: person}", "value: hund}"),
    ] {
        let mut files = files();
        let text = files.get_mut("data-contracts/deliveries/sus_deltagande.yaml").expect("the contract");
        let after = text.find(anchor).expect("the anchor");
        let at = after + text[after..].find(from).expect("the text");
        text.replace_range(at..at + from.len(), to);
        let error = Catalogue::from_files(files.into_iter()).expect_err(to);
        assert_eq!(error.exit_code(), pipeline::error::exit::SETTINGS, "{to}");
    }
}

#[test]
fn a_contract_that_lacks_its_own_layout_is_refused_and_not_the_delivery() {
    for (table, anchor, from, to) in [
        ("sus_forbund", "property: avgransare", "value: ;", "value: flik"),
        ("sus_forbund", "property: teckenkodning", "cp1252", "ebcdic"),
        ("sus_forbund", "property: format", "avgransad", "ods"),
        ("fk_sjukpenning", "property: radbredd", "value: ", "value: inte "),
        ("fk_sjukpenning", "name: fran_datum", "position, value: {start: 15, bredd: 8}", "plats, value: 15"),
    ] {
        let root = Root::new();
        root.deliver(&contract(&catalogue(), table), UTTAG, &[vec![]]);
        let catalogue = changed(&format!("deliveries/{table}.yaml"), anchor, from, to);
        // SUS comes first and is missing, which is told after all deliveries have been read.
        let error = root.ingest(&catalogue).0.expect_err(to);
        assert!(matches!(&error, Error::Contract { contract, .. } if contract.ends_with(table)), "{to}: {error}");
        assert_eq!(error.exit_code(), pipeline::error::exit::SETTINGS, "{to}");
        assert!(!root.path.join("receipts").join(table).exists(), "{to}: the delivery is not judged");
    }
}

#[test]
fn names_are_folded_and_no_identity_passes_core() {
    let catalogue = catalogue();
    for layer in Layer::ALL {
        for contract in catalogue.layer(layer) {
            for column in &contract.columns {
                let place = format!("{}.{}", contract.full_name(), column.name);
                assert_eq!(column.name, fold(&column.name), "{place}");
                assert!(layer == Layer::Deliveries || column.identity.is_none(), "{place} is an identity");
                let is_pseudonym = column.name.contains("pseudonym") || column.name == "person_id";
                assert!(!is_pseudonym || column.kind == Kind::Uuid, "{place} is a pseudonym of another type");
                assert!(layer < Layer::Mart || column.kind != Kind::Uuid, "{place} is about one person");
                let names_number = column.name.contains("personnummer") || column.name.contains("personnr");
                assert!(!names_number || column.identity == Some(Identity::Person), "{place} holds numbers");
            }
        }
    }
}

#[test]
fn core_keeps_every_identity_as_a_pseudonym() {
    let catalogue = catalogue();
    for core in catalogue.layer(Layer::Core).filter(|core| core.name != "leverans") {
        let delivery = contract(&catalogue, &core.name);
        for column in &core.columns {
            let place = format!("{}.{}", core.full_name(), column.name);
            let Some(source) = delivery.column(column.source.as_deref().unwrap_or(&column.name)) else {
                assert!(column.custom_text("harkomst").is_some(), "{place} comes from nowhere");
                continue;
            };
            assert_eq!(source.identity.is_some(), column.kind == Kind::Uuid, "{place}");
        }
    }
}
