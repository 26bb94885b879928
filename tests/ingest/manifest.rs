//! What `leverans.yaml` may say, and files that are none.

use super::SECRET;
use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract, damage, data_file, edit_manifest, take};
use pipeline::fault::Rule;
use pipeline::ingest::MANIFEST;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_yaml_ng::{Mapping, Value};
use std::fs;
use std::os::unix::fs::symlink;
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

#[test]
fn a_manifest_is_short_and_a_file() {
    let root = Root::new();
    let folder = delivered(&root);
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).expect("a manifest");
    fs::write(&path, format!("{text}# {}\n", "x".repeat(1 << 20))).expect("writable");
    let rules = |folder| told(folder).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert_eq!(rules(&folder), [Rule::Manifest]);
    fs::remove_file(&path).expect("ours");
    fs::create_dir(&path).expect("writable");
    assert_eq!(rules(&folder), [Rule::Manifest]);
    fs::remove_dir(&path).expect("ours");
    fifo(&path);
    assert_eq!(rules(&folder), [Rule::Manifest]);
}

/// Puts something where a file should be.
type Make = fn(&Path);

fn fifo(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("writable");
}

#[test]
fn what_is_no_file_refuses_its_own_delivery_alone() {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    let folder = root.deliver(&contract(&catalogue, "sus_anonyma"), UTTAG, &[vec![]]);
    let path = data_file(&folder);
    let others: [(&str, Make); 3] = [
        ("a folder", |path| fs::create_dir(path).expect("writable")),
        ("a link to itself", |path| symlink(path, path).expect("writable")),
        ("a FIFO", fifo),
    ];
    let bytes = fs::read(&path).expect("the file is there");
    for (what, make) in others {
        fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)).expect("ours");
        make(&path);
        let (outcome, night) = root.ingest(&catalogue);
        outcome.unwrap_or_else(|error| panic!("{what} stops the night: {error}"));
        assert_eq!(night.refused.len(), 1, "{what}");
        let rules: Vec<String> = root.receipt("sus_anonyma", UTTAG).faults.into_iter().map(|line| line.rule).collect();
        assert_eq!(rules, [Rule::Unreadable.code()], "{what}");
        assert!(root.felrapport("sus_anonyma", UTTAG).contains(Rule::Unreadable.text()), "{what}");
    }
    // Once it is a file the delivery is read, though leverans.yaml is as it was.
    fs::remove_file(&path).expect("ours");
    fs::write(&path, bytes).expect("writable");
    assert!(root.ingest(&catalogue).1.refused.is_empty());
    // A link to a file is one.
    let moved = root.folder.path().join("annan.csv");
    fs::rename(&path, &moved).expect("writable");
    symlink(&moved, &path).expect("writable");
    assert!(root.ingest(&catalogue).1.refused.is_empty());
    damage(&folder, |bytes| bytes);
    assert!(take(&catalogue, &folder).0.is_accepted());
}
