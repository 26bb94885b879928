//! An invented country is written where nothing real can be lost, and its truth lies outside the data root.

use super::{code, err, finsam};
use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::{Root, UTTAG, contract};
use pipeline::error::exit;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SCALE: &str = "0.001";

fn generate(root: &Path, more: &[&str]) -> Output {
    let root = root.display().to_string();
    finsam(&[&["generate", "--scale", SCALE, "--root", &root], more].concat())
}

#[track_caller]
fn assert_refused(output: &Output, with: &str) {
    let said = err(output);
    assert_eq!(code(output), exit::USAGE, "{said}");
    assert!(said.starts_with("error: failed to ") && said.contains(with), "{said}");
}

#[test]
fn real_deliveries_are_not_written_over() {
    let root = Root::new();
    root.deliver(&contract(&catalogue(), "sus_insats"), UTTAG, &[vec![]]);
    let before = files(&root.path);
    assert_refused(&generate(&root.path, &[]), "deliveries/sus_insats/2023-06-30 was not made by generate");
    let mut by_environment = Command::new(env!("CARGO_BIN_EXE_finsam"));
    by_environment.args(["generate", "--scale", SCALE]).env("FINSAM_ROOT", &root.path);
    assert_refused(&by_environment.output().expect("the program starts"), "was not made by generate");
    assert!(files(&root.path) == before, "nothing was written");

    let root = Root::new();
    fs::create_dir(root.path.join("deliveries")).expect("writable");
    for _ in 0..2 {
        let made = generate(&root.path, &[]);
        assert_eq!(code(&made), exit::DONE, "an empty folder and an invented country: {}", err(&made));
    }
    root.deliver(&contract(&catalogue(), "sus_insats"), "2023-12-31", &[vec![]]);
    assert_refused(&generate(&root.path, &[]), "deliveries/sus_insats/2023-12-31 was not made by generate");
}

#[test]
fn facit_lies_outside_the_data_root() {
    let root = Root::new();
    for inside in ["facit", "deliveries/facit", "a/../b"] {
        let facit = root.path.join(inside).display().to_string();
        assert_refused(&generate(&root.path, &["--facit", &facit]), "lies in the data root");
    }
    assert_eq!(fs::read_dir(&root.path).expect("a folder").count(), 0, "nothing was written");
    let beside = root.folder.path().join("facit");
    let made = generate(&root.path, &["--facit", &beside.display().to_string()]);
    assert_eq!(code(&made), exit::DONE, "{}", err(&made));
    assert!(beside.join("deltagande.csv").exists());
}

#[test]
fn demo_says_that_a_country_stays_as_it_is() {
    let root = Root::new();
    assert_eq!(code(&generate(&root.path, &[])), exit::DONE);
    let (folder, key) = (root.path.display().to_string(), root.key.display().to_string());
    for named in [["--scale", "0.1"], ["--seed", "7"], ["--befolkning", "9"]] {
        let output = finsam(&["demo", &folder, "--key-file", &key, named[0], named[1]]);
        assert_refused(&output, "has its deliveries already");
    }
    assert!(!root.path.join("core").exists(), "no night was run");
}
