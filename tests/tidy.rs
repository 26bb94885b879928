//! Conventions that lints cannot see; each stands here because it was broken once or would not be noticed.

use crate::support::catalogue;
use pipeline::contract::sql_header;
use pipeline::fold::fold;
use pipeline::layer::Layer;
use pipeline::stage::STAGES;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 400;
const LETTERS_MAX: usize = 120;
const BYTES_MAX: u64 = 256 << 10;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files of the repository below the folders that are ours, with their text.
fn texts(folders: &[&str], kinds: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).expect("a folder of ours") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|kind| kinds.iter().any(|k| kind == *k)) {
                assert!(fs::metadata(&path).expect("a file").len() < BYTES_MAX, "{} is large", path.display());
                // What other programs wrote is theirs, in whatever encoding.
                if path.parent() == Some(&root().join("tests/formats/other")) {
                    continue;
                }
                let text = fs::read_to_string(&path).expect("text is UTF-8");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn tidy_files_are_short_and_lines_readable() {
    for (path, text) in texts(&["pipeline", "tests"], &["rs"]) {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX + LINES_MAX / 10, "{} has {lines} lines", path.display());
    }
    for (path, text) in texts(&["pipeline", "tests", "sql"], &["rs", "sql"]) {
        for (number, line) in text.lines().enumerate() {
            let letters = line.chars().count();
            assert!(letters <= LETTERS_MAX, "{}:{} has {letters} letters", path.display(), number + 1);
        }
    }
}

#[test]
fn tidy_no_word_that_promises_later_work() {
    // Put together here, so that this file does not find itself.
    let words = [["FIX", "ME"].concat(), ["TO", "DO"].concat(), ["XX", "X"].concat(), ["TM", "P"].concat()];
    for (path, text) in texts(&["pipeline", "tests", "sql", "data-contracts"], &["rs", "sql", "yaml", "csv", "md"]) {
        for word in &words {
            let found = text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
            assert!(!found, "{} says {word}", path.display());
        }
    }
}

#[test]
fn tidy_leaf_modules_know_no_engine() {
    for (path, text) in texts(&["pipeline/protect"], &["rs"]) {
        for engine in ["polars", "duckdb", "parquet", "arrow"] {
            assert!(!text.contains(&format!("use {engine}")), "{} uses {engine}", path.display());
        }
    }
    // Identity numbers are judged by rules alone.
    for (path, text) in texts(&["pipeline/pseudonymise/personnummer"], &["rs"]) {
        let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        let foreign = text.lines().find(|line| line.starts_with("use ") && !line.starts_with("use super::"));
        let foreign = foreign.filter(|line| !is_test && !line.starts_with("use std::"));
        assert_eq!(foreign, None, "{}", path.display());
    }
}

#[test]
fn tidy_one_place_prints() {
    // The macros panic where nobody reads any more, or the disk is full. What build.rs prints is for cargo.
    let talkers = ["pipeline/talk.rs", "pipeline/build.rs"].map(|path| root().join(path));
    for (path, text) in texts(&["pipeline"], &["rs"]) {
        let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        let macros: &[&str] = if is_test { &["dbg"] } else { &["println", "print", "eprintln", "eprint", "dbg"] };
        for name in macros.iter().filter(|_| !talkers.contains(&path)) {
            let found =
                text.match_indices(&format!("{name}!")).find(|(at, _)| !text[..*at].ends_with(char::is_alphabetic));
            assert!(found.is_none(), "{} prints with {name}!", path.display());
        }
    }
}

#[test]
fn tidy_file_names_are_folded() {
    for folder in ["pipeline", "sql", "data-contracts", "tests"] {
        for (path, _) in texts(&[folder], &["rs", "sql", "yaml", "csv"]) {
            let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert_eq!(stem, fold(&stem), "{}", path.display());
        }
    }
}

#[test]
fn tidy_each_stage_reads_what_was_written_before() {
    let mut written = vec![Layer::Deliveries];
    for stage in &STAGES {
        for layer in stage.reads {
            assert!(written.contains(layer), "{} reads {layer}, which nothing before it wrote", stage.name);
        }
        written.push(stage.writes);
    }
}

#[test]
fn tidy_the_readme_lists_the_stages() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    for stage in &STAGES {
        let reads: Vec<&str> = stage.reads.iter().map(|layer| layer.name()).collect();
        let row = format!("| {} | {} | {} | {} |", stage.name, reads.join(", "), stage.writes, stage.purpose);
        assert!(readme.contains(&row), "the README's stage table lacks: {row}");
    }
}

#[test]
fn tidy_every_sql_file_has_contract_and_suite() {
    let catalogue = catalogue();
    for name in catalogue.sql_names() {
        let (layer, table) = name.split_once('.').expect("layer.table");
        if ["release", "lab"].contains(&layer) {
            let header = sql_header(catalogue.sql_in(layer).find(|(of, _)| *of == table).expect("a file").1);
            assert!(header.starts_with(name) && header.contains("Korn och nyckel:"), "{name} has no header");
            continue;
        }
        let layer = Layer::ALL.into_iter().find(|l| l.name() == layer).expect("a layer");
        catalogue.contract(layer, table).expect("a contract");
        assert!(root().join(format!("tests/spec/{table}.md")).exists(), "{name} has no suite in tests/spec");
    }
}

#[test]
fn tidy_every_code_list_that_is_named_is_there() {
    let catalogue = catalogue();
    for contract in Layer::ALL.into_iter().flat_map(|layer| catalogue.layer(layer)) {
        for list in contract.columns.iter().filter_map(|column| column.code_list.as_deref()) {
            catalogue.code_list(list).unwrap_or_else(|error| panic!("{}: {error}", contract.full_name()));
        }
    }
}
