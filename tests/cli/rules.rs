//! Settings that do nothing, rules of one's own that are at fault, and data that somebody damaged.

use super::{assert_fails, code, copied_rules, err, on, out, small};
use crate::support::root::{Root, UTTAG};
use pipeline::error::exit;
use pipeline::publish::current;
use std::fs;
use std::process::Output;

/// Runs a night by rules of which one text of one file is replaced.
fn with_rules(root: &Root, changed: &str, from: &str, to: &str) -> Output {
    let rules = copied_rules(root);
    let text = fs::read_to_string(rules.join(changed)).expect("a file of the repository");
    assert!(text.contains(from), "{changed} has no {from}");
    fs::write(rules.join(changed), text.replacen(from, to, 1)).expect("writable");
    on(root, &root.key, &["run", "--quiet", "--rules", &rules.display().to_string()])
}

#[test]
fn sql_of_ones_own_that_fails_is_named() {
    let root = small();
    let output = with_rules(&root, "sql/mart/omrade.sql", "'Riket' as omrade_namn", "Riket as omrade_namn");
    assert_fails(&output, exit::SETTINGS, "sql/mart/omrade.sql: ");
    assert!(err(&output).contains("hint: correct the file, or leave out --rules"), "{}", err(&output));
    assert!(!root.path.join("CURRENT").exists());
}

#[test]
fn a_result_that_breaks_its_contract_stops_the_night() {
    let root = small();
    let output = with_rules(
        &root,
        "sql/mart/omrade.sql",
        "union all",
        "union all select 'riket', 'riket', 'R', 'riket' union all",
    );
    assert_fails(&output, exit::CONTRACT_BROKEN, "keep the contract of mart.omrade: the key is there twice (1 rows)");
    assert!(!root.path.join("CURRENT").exists());
}

#[test]
fn a_damaged_file_of_ours_is_unexpected() {
    let root = small();
    assert_eq!(code(&on(&root, &root.key, &["run"])), exit::DONE);
    let core = root.core("sus_insats", UTTAG);
    let whole = fs::read(&core).expect("a core file");
    fs::write(&core, "no Parquet").expect("ours");
    fs::remove_file(root.path.join("CURRENT")).expect("ours");
    assert_eq!(code(&on(&root, &root.key, &["run"])), exit::DONE, "what is no file of ours is made again");
    assert_eq!(fs::read(&core).expect("a core file"), whole);
    let mut damaged = whole;
    damaged[4..60].fill(0xff);
    fs::write(&core, damaged).expect("ours");
    fs::remove_file(root.path.join("CURRENT")).expect("ours");
    let output = on(&root, &root.key, &["run"]);
    let said = err(&output);
    assert_eq!(code(&output), exit::UNEXPECTED, "{said}");
    assert!(
        said.contains("error: failed to run derived.deltagande") && said.contains("`finsam run --verify`"),
        "{said}"
    );
    let output = on(&root, &root.key, &["run", "--verify"]);
    assert_eq!(code(&output), exit::DONE, "as the hint says: {}", err(&output));
}

#[test]
fn a_threshold_that_lowers_nothing_is_told_and_changes_nothing() {
    let root = small();
    assert_eq!(code(&on(&root, &root.key, &["run"])), exit::DONE);
    let (run_id, _) = current(&root.path).expect("a release");
    fs::write(root.path.join("finsam.toml"), "threshold = 3\n").expect("writable");
    let output = on(&root, &root.key, &["run"]);
    let said = err(&output);
    assert_eq!(code(&output), exit::DONE, "{said}");
    assert!(said.contains("note: finsam.toml: threshold = 3 has no effect, it is lower than"), "{said}");
    assert!(said.contains("nothing to do"), "{said}");
    assert_eq!(current(&root.path).expect("a release").0, run_id);
    assert!(out(&on(&root, &root.key, &["run", "--json"])).contains("threshold = 3 has no effect"));
}
