//! What `leverans.yaml` may say.

use super::SECRET;
use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract, edit_manifest, take};
use pipeline::fault::Rule;
use serde_yaml_ng::Mapping;
use std::path::PathBuf;

fn delivered(root: &Root) -> PathBuf {
    root.deliver(&contract(&catalogue(), "sus_forbund"), UTTAG, &[vec![]])
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
