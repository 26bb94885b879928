//! What is kept and how long: the log, and `finsam gc`.

use super::{code, err, finsam, on, out, small};
use crate::support::paths;
use crate::support::root::{Root, UTTAG};
use pipeline::error::exit;
use serde_json::Value;
use std::fs;

fn lines(root: &Root) -> Vec<Value> {
    let text = fs::read_to_string(root.path.join("log/finsam.jsonl")).expect("a log");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn told<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn the_log_tells_the_night_and_is_whole() {
    let root = small();
    let output = on(&root, &root.key, &["run", "--verify", "--reason", "prov av logg"]);
    assert_eq!(code(&output), exit::DONE, "{}", err(&output));
    let said = lines(&root);
    let start = told(&said, "start")[0];
    assert_eq!((&start["command"], &start["reason"]), (&"run".into(), &"prov av logg".into()));
    assert_eq!(start["overrides"][0]["override"], "verify");
    assert!(start["user"].as_str().is_some_and(|user| !user.is_empty()) && start["key_id"].is_string());
    let deliveries = told(&said, "delivery");
    let sus = deliveries.iter().find(|line| line["contract"] == "sus_deltagande").expect("it was read");
    assert_eq!((&sus["outcome"], &sus["rows"], &sus["uttagsdatum"]), (&"accepted".into(), &12.into(), &UTTAG.into()));
    assert_eq!(sus["numbers"], serde_json::json!({"personnummer": 12}), "counts of identity numbers by their sort");
    assert_eq!(sus["prints"][0].as_str().map(str::len), Some(32));
    assert_eq!(told(&said, "published").len(), 1);
    assert!(!told(&said, "proof").is_empty() && !told(&said, "stage").is_empty());
    assert_eq!(said.last().map(|line| (&line["event"], &line["exit_code"])), Some((&"stop".into(), &0.into())));
    let verified = on(&root, &root.key, &["log", "verify"]);
    assert_eq!(code(&verified), exit::DONE, "{}", out(&verified));

    let path = root.path.join("log/finsam.jsonl");
    let whole = fs::read_to_string(&path).expect("a log");
    fs::write(&path, whole.replacen("\"rows\":12", "\"rows\":11", 1)).expect("writable");
    let verified = on(&root, &root.key, &["log", "verify"]);
    assert_eq!(code(&verified), exit::CONTRACT_BROKEN);
    assert!(out(&verified).contains("was changed"), "{}", out(&verified));

    // Who cuts off the end and mends the head, too, is betrayed by the receipts.
    let kept: Vec<&str> = whole.lines().take(2).collect();
    fs::write(&path, format!("{}\n", kept.join("\n"))).expect("writable");
    fs::remove_file(root.path.join("log/huvud.json")).expect("removable");
    let verified = on(&root, &root.key, &["log", "verify"]);
    assert!(out(&verified).contains("missing at the end: the receipt of"), "{}", out(&verified));
}

#[test]
fn a_command_that_may_not_begin_is_logged_and_a_reason_names_nobody() {
    let root = small();
    assert_eq!(code(&on(&root, &root.key, &["run", "--quiet"])), exit::DONE);
    let other = root.folder.path().join("ingen nyckel");
    assert_eq!(code(&on(&root, &other, &["run"])), exit::KEY);
    let said = lines(&root);
    assert_eq!(said.last().map(|line| (&line["event"], &line["exit_code"])), Some((&"denied".into(), &12.into())));
    let before = said.len();
    assert_eq!(code(&on(&root, &root.key, &["run", "--reason", "se 184011302397"])), exit::USAGE);
    assert_eq!(lines(&root).len(), before, "what is refused is not logged");
}

fn gc(root: &Root, arguments: &[&str]) -> (u8, String) {
    let output = on(root, &root.key, &[&["gc", "--idag", "2033-06-30"], arguments].concat());
    (code(&output), out(&output))
}

#[test]
fn what_is_past_its_retention_is_listed_first_and_then_gone_for_good() {
    let root = small();
    assert_eq!(code(&on(&root, &root.key, &["run", "--quiet"])), exit::DONE);
    let before = paths(&root.path);
    let early = on(&root, &root.key, &["gc", "--idag", "2033-06-29"]);
    assert!(!out(&early).contains("sus_deltagande"), "a day too early: {}", out(&early));
    let (ended, listed) = gc(&root, &[]);
    assert_eq!(ended, exit::DONE);
    assert!(listed.contains("sus_deltagande") && listed.contains("due 2033-06-30"), "{listed}");
    assert!(!listed.contains("kommun "), "reference is kept longer: {listed}");
    assert_eq!(paths(&root.path), before, "nothing is touched before it is asked for");

    let released = paths(&root.path.join("release"));
    assert_eq!(gc(&root, &["--yes", "--reason", "årlig gallring"]).0, exit::DONE);
    for gone in ["core", "receipts"] {
        assert_eq!(
            paths(&root.path.join(gone).join("sus_deltagande")),
            [""; 0].map(std::path::PathBuf::from),
            "{gone}"
        );
    }
    assert!(paths(&root.path.join("derived")).is_empty(), "what was made of it goes with it");
    assert!(root.core("kommun", UTTAG).exists());
    assert_eq!(paths(&root.path.join("release")), released, "what was published stands");
    let said = lines(&root);
    let removed = told(&said, "removed");
    assert!(removed.iter().any(|line| line["contract"] == "sus_deltagande" && line["delivery"] == false));
    assert_eq!(told(&said, "start").last().map(|line| &line["overrides"][0]["override"]), Some(&"today".into()));

    let night = on(&root, &root.key, &["run"]);
    assert_eq!(code(&night), exit::DELIVERY_REQUIRED, "it is not read again: {}", err(&night));
    assert!(!root.core("sus_deltagande", UTTAG).exists());
    let status = out(&finsam(&["status", "--json", "--root", &root.path.display().to_string()]));
    let status: Value = serde_json::from_str(&status).expect("JSON");
    let past = status["past_retention"].as_array().expect("a list");
    assert!(past.contains(&format!("sus_deltagande/{UTTAG}").into()), "{past:?}");

    let folder = root.path.join("deliveries/sus_deltagande").join(UTTAG);
    assert!(folder.exists());
    assert_eq!(gc(&root, &["--yes", "--leveranser"]).0, exit::DONE);
    assert!(!folder.exists());
    assert_eq!(code(&on(&root, &root.key, &["log", "verify"])), exit::DONE);
}

#[test]
fn two_versions_of_a_contract_are_compared_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let now = concat!(env!("CARGO_MANIFEST_DIR"), "/data-contracts/deliveries/fk_sjukpenning.yaml");
    let text = fs::read_to_string(now).expect("the contract");
    let (old, new) = (folder.path().join("forut.yaml"), folder.path().join("nu.yaml"));
    fs::write(&old, &text).expect("writable");
    fs::write(&new, text.replacen("maximum: 100", "maximum: 75", 1)).expect("writable");
    let named = [old.display().to_string(), new.display().to_string()];
    let output = finsam(&["contract", "diff", &named[0], &named[1]]);
    assert_eq!(code(&output), exit::DONE, "{}", err(&output));
    assert!(out(&output).contains("Bryter: ja, för leverantören"), "{}", out(&output));
    assert!(out(&output).contains("det största värdet är 75, förut 100. **Bryter.**"), "{}", out(&output));
    assert!(err(&output).contains("version is too low"), "{}", err(&output));
    let json = out(&finsam(&["contract", "diff", &named[0], &named[1], "--json"]));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["changes"][0]["weight"], "breaks");
    assert_eq!(code(&finsam(&["contract", "diff", &named[0], "finns inte.yaml"])), exit::IO);
}
