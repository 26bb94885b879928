//! What `leverans.yaml` may say.

use super::SECRET;
use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract, data_file, edit_manifest, take};
use pipeline::fault::Rule;
use serde_yaml_ng::{Mapping, Value};
use std::fs;
use std::path::{Path, PathBuf};

fn delivered(root: &Root) -> PathBuf {
    root.deliver(&contract(&catalogue(), "sus_forbund"), UTTAG, &[vec![]])
}

/// The rules that a delivery breaks, with what was expected.
fn told(folder: &Path) -> Vec<(Rule, String)> {
    let faults = take(&catalogue(), folder).0.faults;
    faults.iter().map(|(place, count)| (place.rule, count.expected.clone())).collect()
}

#[test]
fn the_list_of_a_population_is_an_identifier_and_nobody() {
    let root = Root::new();
    let folder = delivered(&root);
    let state = |lista: &str| {
        edit_manifest(&folder, |manifest| {
            let mut population = Mapping::new();
            population.insert("lista".into(), lista.into());
            population.insert("datum".into(), UTTAG.into());
            manifest["population"] = population.into();
        });
        take(&catalogue(), &folder).0.is_accepted()
    };
    let (long, longer) = ("l".repeat(40), "l".repeat(41));
    for sound in ["deltagare-2023_01", "7", &long] {
        assert!(state(sound), "{sound}");
    }
    let bad = ["183205172384 Anna Andersson", "183205172384", "18320517-2384", "Deltagare", "två", "", " d", &longer];
    for bad in bad {
        assert!(!state(bad), "{bad}");
    }
    edit_manifest(&folder, |manifest| manifest["population"]["lista"] = SECRET.into());
    let _ = root.ingest(&catalogue());
    let receipt = format!("{:?}", root.receipt("sus_forbund", UTTAG));
    assert!(receipt.contains(Rule::Manifest.code()) && !receipt.contains(SECRET), "{receipt}");
}

#[test]
fn a_file_counts_once() {
    let root = Root::new();
    let folder = delivered(&root);
    let again = |namn: &str| {
        edit_manifest(&folder, |manifest| {
            let mut file = manifest["filer"][0].clone();
            file["namn"] = namn.into();
            if let Value::Sequence(files) = &mut manifest["filer"] {
                files.truncate(1);
                files.push(file);
            }
        });
        told(&folder)
    };
    let name = data_file(&folder).file_name().expect("a name").to_string_lossy().into_owned();
    let expected = [(Rule::Manifest, "each file once".to_owned())];
    assert_eq!(again(&name), expected);
    fs::copy(data_file(&folder), folder.join("kopia.csv")).expect("writable");
    assert_eq!(again("kopia.csv"), expected, "the same bytes under another name");
    edit_manifest(&folder, |manifest| {
        let upper = manifest["filer"][1]["sha256"].as_str().expect("a hash").to_uppercase();
        manifest["filer"][1]["sha256"] = upper.into();
    });
    assert_eq!(told(&folder), expected, "a hash has no case");
    let _ = root.ingest(&catalogue());
    assert!(root.felrapport("sus_forbund", UTTAG).contains("varje fil en gång"));
}

#[test]
fn files_without_rows_may_be_alike() {
    let root = Root::new();
    let folder = root.deliver(&contract(&catalogue(), "samtycke_atertaget"), UTTAG, &[]);
    edit_manifest(&folder, |manifest| {
        let mut file = manifest["filer"][0].clone();
        file["namn"] = "tom.csv".into();
        manifest["filer"].as_sequence_mut().expect("files").push(file);
    });
    fs::copy(data_file(&folder), folder.join("tom.csv")).expect("writable");
    assert_eq!(told(&folder), []);
}
