//! What `finsam plan` foresees is what `finsam run` does.

use super::{code, err, on, out, small};
use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract};
use pipeline::error::exit;
use serde_json::Value;
use std::fs::{self, File};
use std::time::SystemTime;

/// What it is, what is changed, and how many deliveries are read and whether anything is published.
type Step<'a> = (&'a str, &'a dyn Fn(), (usize, bool));

/// How many deliveries are read, and whether anything is published: as planned, and as done.
#[track_caller]
fn planned_and_done(root: &Root) -> ((usize, bool), (usize, bool)) {
    let told = |command: &str| -> Value {
        let output = on(root, &root.key, &[command, "--json"]);
        assert_eq!(code(&output), exit::DONE, "{}", err(&output));
        serde_json::from_str(&out(&output)).expect("JSON")
    };
    let plan = told("plan");
    let read = plan["deliveries"].as_array().expect("lines").iter().filter(|line| line["is_read"] == true).count();
    let publish = plan["stages"].as_array().expect("stages").iter().find(|stage| stage["stage"] == "publish");
    let published = publish.is_some_and(|stage| stage["runs"] == true);
    let run = told("run");
    let done = run["deliveries_read"].as_u64().and_then(|read| usize::try_from(read).ok()).expect("a number");
    ((read, published), (done, run["published"] == true))
}

#[test]
fn a_plan_is_what_a_run_does() {
    let root = small();
    let delivery = root.path.join("deliveries/kommun").join(UTTAG);
    let touch = |name: &str| {
        let file = File::options().append(true).open(delivery.join(name)).expect("ours");
        file.set_modified(SystemTime::now()).expect("ours");
    };
    let settings = root.path.join("finsam.toml");
    let steps: [Step<'_>; 8] = [
        ("nothing was read before", &|| {}, (7, true)),
        ("nothing has changed", &|| {}, (0, false)),
        ("the file was touched", &|| touch("kommun.csv"), (1, false)),
        ("leverans.yaml was touched", &|| touch("leverans.yaml"), (1, false)),
        ("other settings", &|| fs::write(&settings, "threshold = 7\n").expect("writable"), (0, true)),
        ("the earlier settings", &|| fs::remove_file(&settings).expect("ours"), (0, true)),
        ("a core file is lost", &|| fs::remove_file(root.core("kommun", UTTAG)).expect("ours"), (1, false)),
        ("a mart is lost", &|| fs::remove_file(root.path.join("mart/omrade.parquet")).expect("ours"), (0, true)),
    ];
    for (step, change, expected) in steps {
        change();
        let (planned, done) = planned_and_done(&root);
        assert_eq!(done, expected, "done: {step}");
        assert_eq!(planned, done, "planned: {step}");
    }
    touch("kommun.csv");
    let told = out(&on(&root, &root.key, &["plan"]));
    assert!(told.contains("its files were touched, but hold what they held"), "{told}");
    root.deliver(&contract(&catalogue(), "sus_anonyma"), UTTAG, &[vec![]]);
    assert_eq!(planned_and_done(&root), ((2, true), (2, true)), "a new delivery");
}
