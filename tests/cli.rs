//! The program itself: every exit code that an operator may meet, and what it says with it.

mod approval; // a vintage, for another auditor, taken back
mod check; // names that are numbers
mod explain; // one deltagande, and what decided
mod invented; // where a country may be written
mod keeping; // the log, retention, versions of contracts
mod key; // safe, looked at, exchanged
mod lab; // asked by who may, logged, nothing else in reach
mod method; // the method as a page
mod plans; // foreseen and done
mod release; // marked, immutable, the same everywhere
mod rules; // settings and rules that do nothing, or are at fault
mod stdout; // a reader who leaves, a disk that is full

use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::{Cells, Root, UTTAG, contract, damage, numbers};
use pipeline::error::exit;
use pipeline::generate::{Plan, generate};
use pipeline::stage::STAGES;
use serde_json::Value;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn finsam(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
    command.env_remove("FINSAM_ROOT").env_remove("CREDENTIALS_DIRECTORY").args(arguments);
    command.output().expect("the program starts")
}

/// Runs a command on a root with a key.
fn on(root: &Root, key: &Path, arguments: &[&str]) -> Output {
    let (path, key) = (root.path.display().to_string(), key.display().to_string());
    finsam(&[arguments, &["--root", &path, "--key-file", &key]].concat())
}

fn code(output: &Output) -> u8 {
    let code = output.status.code().expect("the program ends by itself");
    u8::try_from(code).expect("an exit code")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// It failed with this code, said what it could not do, and gave a hint.
#[track_caller]
fn assert_fails(output: &Output, expected: u8, with: &str) {
    let said = err(output);
    assert_eq!(code(output), expected, "{said}");
    assert!(said.starts_with("error: failed to ") && said.contains(with), "{said}");
    assert!(said.lines().any(|line| line.starts_with("hint: ") && line.len() > 12), "no hint in {said}");
    assert!(output.stdout.is_empty(), "talk goes to stderr: {}", out(output));
}

/// `data-contracts/` and `sql/` of the repository, beside the data root, to be changed.
fn copied_rules(root: &Root) -> PathBuf {
    let (repository, rules) = (Path::new(env!("CARGO_MANIFEST_DIR")), root.folder.path().join("regler"));
    for folder in ["data-contracts", "sql"] {
        for (name, bytes) in files(&repository.join(folder)) {
            let path = rules.join(folder).join(&name);
            fs::create_dir_all(path.parent().expect("below a folder")).expect("writable");
            fs::write(path, bytes).expect("writable");
        }
    }
    rules
}

/// What every night needs, and a handful of participants.
fn small() -> Root {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    let people: Vec<Cells<'_>> = numbers(12)
        .into_iter()
        .enumerate()
        .map(|(row, number)| vec![("deltagande_id", format!("D{row:07}")), ("personnummer", number)])
        .collect();
    root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &people);
    for table in ["sus_forbund", "sus_insats"] {
        root.deliver(&contract(&catalogue, table), UTTAG, &[vec![]]);
    }
    root
}

#[test]
fn a_night_from_plan_to_query() {
    let root = small();
    let run = |arguments: &[&str]| on(&root, &root.key, arguments);
    let before = out(&run(&["plan"]));
    assert!(before.contains("read  sus_deltagande         2023-06-30  new"), "{before}");
    assert!(before.contains("run   publish                no release is in force"), "{before}");
    assert!(!root.path.join("core").exists(), "a plan changes nothing");
    let first = run(&["run"]);
    assert_eq!(code(&first), exit::DONE, "{}", err(&first));
    assert!(err(&first).contains("published 2023-06-30-") && first.stdout.is_empty());

    let second = run(&["run"]);
    assert_eq!(code(&second), exit::DONE);
    assert!(err(&second).contains("nothing to do: 2023-06-30-"), "{}", err(&second));
    let after: Value = serde_json::from_str(&out(&run(&["plan", "--json"]))).expect("JSON");
    let stages = after["stages"].as_array().expect("stages");
    assert_eq!(stages.len(), STAGES.len());
    assert!(stages.iter().all(|stage| stage["runs"] == false), "{after}");
    assert!(after["deliveries"].as_array().expect("deliveries").iter().all(|line| line["is_read"] == false), "{after}");
    let third: Value = serde_json::from_str(&out(&run(&["run", "--verify", "--json"]))).expect("JSON");
    assert_eq!((&third["published"], &third["deliveries_read"]), (&Value::from(false), &Value::from(7)), "{third}");

    let status: Value = serde_json::from_str(&out(&run(&["status", "--json"]))).expect("JSON");
    assert_eq!(status["release"], third["run_id"]);
    assert_eq!(status["deliveries"].as_array().expect("lines").len(), 7);
    assert!(out(&run(&["status"])).contains("release in force: 2023-06-30-"));
    ask(&root);
    refuse_one(&root);
    another_key(&root);
}

fn ask(root: &Root) {
    let query = |sql: &str, form: &str| on(root, &root.key, &["query", sql, form]);
    let found = query("select count(*) as rader from deltagare_riket", "--json");
    assert_eq!(code(&found), exit::DONE, "{}", err(&found));
    let rows: Value = serde_json::from_str(&out(&found)).expect("JSON");
    assert!(rows[0]["rader"].as_i64().is_some_and(|rows| rows > 0), "{rows}");
    assert_eq!(out(&query("select 1 as a, 'x' as b", "--csv")), "a,b\n1,x\n");
    for sql in ["selekt 1", "select * from finns_ej", "create table t as select 1"] {
        assert_eq!(code(&query(sql, "--json")), exit::USAGE, "{sql}");
    }
    for file in ["core/kommun/2023-06-30.parquet", "deliveries/kommun/2023-06-30/kommun.csv"] {
        let path = root.path.join(file);
        assert!(path.exists());
        assert_eq!(code(&query(&format!("from '{}'", path.display()), "--json")), exit::USAGE, "{file} is in reach");
    }
    // What is in force is a table beside the release: all that status says of it, and nothing else of core.
    let in_force: Value = serde_json::from_str(&out(&query("from core.leverans", "--json"))).expect("JSON");
    let status: Value = serde_json::from_str(&out(&on(root, &root.key, &["status", "--json"]))).expect("JSON");
    assert_eq!(in_force, status["in_force"]);
    let of_sus = "select uttags_datum, period_fran_datum, period_till_datum, population_kod from core.leverans \
                  where tabell_namn = 'sus_deltagande' and period_fran_datum <= date '2022-05-01' \
                  and date '2022-05-01' < period_till_datum";
    let said =
        "uttags_datum,period_fran_datum,period_till_datum,population_kod\n2023-06-30,2018-01-01,2023-07-01,alla\n";
    assert_eq!(out(&query(of_sus, "--csv")), said);
    for sql in ["from core.sus_deltagande", "from core.kommun", "create table finsam.t as select 1"] {
        assert_eq!(code(&query(sql, "--json")), exit::USAGE, "{sql}");
    }
    let (here, away) = (root.path.join("core/leverans"), root.folder.path().join("undan"));
    fs::rename(&here, &away).expect("ours");
    assert_eq!(code(&query("from core.leverans", "--json")), exit::USAGE);
    assert_eq!(code(&query("from deltagare_riket", "--json")), exit::DONE, "a release needs nothing beside it");
    fs::rename(&away, &here).expect("ours");
    assert_eq!(code(&query("set enable_external_access = true", "--json")), exit::USAGE);
}

/// A refused delivery that is not required: the night ends well, with a code that says so.
fn refuse_one(root: &Root) {
    let folder = root.deliver(&contract(&catalogue(), "sus_insats"), "2023-09-30", &[vec![]]);
    damage(&folder, |_| b"HEMLIGT,rubrik\r\n".to_vec());
    let row = vec![("insats_id", "HEMLIGT".to_owned()), ("ar", "2004".to_owned())];
    root.deliver(&contract(&catalogue(), "sus_anonyma"), "2023-09-30", &[row]);
    let night = on(root, &root.key, &["run"]);
    let said = err(&night);
    assert_eq!(code(&night), exit::DELIVERY_REFUSED, "{said}");
    let told = "not in force: sus_insats 2023-09-30: refused (rubrik); faults/sus_insats/2023-09-30.html\n    \
                insats.csv:1: rubrik [stop] expected ";
    let rejected =
        "(tolerans); faults/sus_anonyma/2023-09-30.html\n    leverans.yaml: tolerans [stop] expected at most 20";
    let row = "\n    anonyma.csv:2 ar: granser [reject] expected at least 2005\n";
    assert!(said.contains(rejected) && said.contains(row), "{said}");
    assert!(said.contains(told) && said.contains("ask for a new delivery"), "{said}");
    let status = out(&on(root, &root.key, &["status"]));
    assert!(status.contains("insats.csv:1: rubrik [stop] expected "), "{status}");
    assert!(!said.contains("HEMLIGT") && !status.contains("HEMLIGT"));
}

/// Data made with one key is not joined with data made with another.
fn another_key(root: &Root) {
    let other = root.folder.path().join("annan");
    assert_eq!(code(&finsam(&["key", "new", &other.display().to_string()])), exit::DONE);
    let core = root.core("sus_deltagande", UTTAG);
    let before = fs::read(&core).expect("a core file");
    assert_fails(&on(root, &other, &["run"]), exit::KEY, "made with another key");
    assert_fails(&on(root, &other, &["plan"]), exit::KEY, "made with another key");
    assert_eq!(fs::read(&core).expect("a core file"), before, "nothing was changed");
}

#[test]
fn generate_makes_the_demo_country_unless_told_otherwise() {
    let (of_program, of_plan) = (Root::new(), Root::new());
    let made = on(&of_program, &of_program.key, &["generate", "--scale", "0.004"]);
    assert_eq!(code(&made), exit::DONE, "{}", err(&made));
    let plan = Plan { scale: 0.004, ..Plan::demo() };
    let (deliveries, facit) = (of_plan.path.join("deliveries"), of_plan.folder.path().join("facit"));
    generate(&plan, &catalogue(), &deliveries, &facit, &mut |_, _, _| {}).expect("a country");
    assert!(files(&of_program.path.join("deliveries")) == files(&deliveries), "the same seed gives the same bytes");
}

#[test]
fn usage_is_two() {
    for arguments in [&[][..], &["run", "--fort"], &["springa"], &["query"], &["generate", "--scale", "liten"]] {
        let output = finsam(arguments);
        assert_eq!(code(&output), exit::USAGE, "{arguments:?}");
        let said = err(&output);
        assert!(said.contains("Usage:") || said.contains("For more information, try '--help'"), "{said}");
    }
    let root = Root::new();
    for arguments in [&["query", "select 1"][..], &["generate", "--scale", "0"], &["check", "README.md"]] {
        assert_eq!(code(&on(&root, &root.key, arguments)), exit::USAGE, "{arguments:?}");
    }
    let help = finsam(&["--help"]);
    assert_eq!(code(&help), exit::DONE);
    assert!(out(&help).contains("Examples:") && out(&help).contains("Exit codes:"));
}

#[test]
fn a_required_delivery_is_asked_for() {
    let root = Root::new();
    assert_fails(
        &on(&root, &root.key, &["run"]),
        exit::DELIVERY_REQUIRED,
        "the required delivery sus_deltagande is missing",
    );
    let missing = err(&on(&root, &root.key, &["run"]));
    assert!(missing.contains("hint: hand it in as deliveries/") && !missing.contains("felrapport"), "{missing}");
    let root = small();
    let folder = root.deliver(&contract(&catalogue(), "kommun"), UTTAG, &[vec![]]);
    damage(&folder, |_| b"HEMLIGT\r\n".to_vec());
    let output = on(&root, &root.key, &["run", "--quiet"]);
    assert_fails(
        &output,
        exit::DELIVERY_REQUIRED,
        "the required delivery kommun was refused: 2023-06-30: kommun.csv:1",
    );
    let said = err(&output);
    assert!(said.contains("rubrik [stop] expected ") && said.contains("faults/kommun/2023-06-30.html"), "{said}");
    assert!(said.contains("hint: send the supplier the felrapport"), "{said}");
    assert!(!err(&output).contains("HEMLIGT") && !root.path.join("release").exists());
}

#[test]
fn one_run_at_a_time() {
    let root = Root::new();
    let lock = File::create(root.path.join("lock")).expect("writable");
    lock.try_lock().expect("nobody else has it");
    assert_fails(&on(&root, &root.key, &["run"]), exit::LOCKED, "another run holds");
    drop(lock);
    assert_eq!(code(&on(&root, &root.key, &["run"])), exit::DELIVERY_REQUIRED, "the lock is free again");
}

#[test]
fn what_the_disk_refuses_is_told() {
    let root = Root::new();
    let gone = root.folder.path().join("borta").display().to_string();
    let key = root.key.display().to_string();
    for command in ["run", "plan", "status"] {
        let output = finsam(&[command, "--root", &gone, "--key-file", &key]);
        assert_fails(&output, exit::IO, "there is no such data root");
    }
    fs::create_dir(root.path.join("lock")).expect("writable");
    assert_fails(&on(&root, &root.key, &["run"]), exit::IO, "read or write");
    fs::remove_dir(root.path.join("lock")).expect("ours");
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(&root.path, Permissions::from_mode(0o500)).expect("ours");
        assert_fails(&on(&root, &root.key, &["run"]), exit::IO, "read or write");
        fs::set_permissions(&root.path, Permissions::from_mode(0o700)).expect("ours");
    }
    fs::write(root.path.join("deliveries"), "no folder").expect("writable");
    assert_fails(&on(&root, &root.key, &["run"]), exit::IO, "deliveries");
}

#[test]
fn settings_and_rules_at_fault_are_told() {
    let root = Root::new();
    for (text, with) in [
        ("trosklar = 3\n", "unknown field"),
        ("threads = 0\n", "threads"),
        ("threads\n", "finsam.toml"),
        ("threshold = -1\n", "threshold"),
    ] {
        fs::write(root.path.join("finsam.toml"), text).expect("writable");
        for command in ["run", "plan"] {
            assert_fails(&on(&root, &root.key, &[command]), exit::SETTINGS, with);
        }
    }
    fs::remove_file(root.path.join("finsam.toml")).expect("ours");
    let rules = root.folder.path().join("regler");
    fs::create_dir_all(rules.join("data-contracts/deliveries")).expect("writable");
    fs::create_dir_all(rules.join("sql")).expect("writable");
    fs::write(rules.join("data-contracts/deliveries/prov.yaml"), "kind: [").expect("writable");
    let rules = rules.display().to_string();
    assert_fails(&on(&root, &root.key, &["run", "--rules", &rules]), exit::SETTINGS, "deliveries.prov");
}

#[test]
fn check_names_file_row_column_and_rule() {
    let (catalogue, root) = (catalogue(), Root::new());
    let mut rows: Vec<Cells<'_>> = (0..60).map(|row| vec![("insats_id", format!("I{row:06}"))]).collect();
    rows.push(vec![("insats_id", "HEMLIGT".to_owned()), ("ar", "2004".to_owned())]);
    let folder = root.deliver(&contract(&catalogue, "sus_anonyma"), UTTAG, &rows);
    let file = folder.join("anonyma.csv").display().to_string();
    let checked = finsam(&["check", &file]);
    assert_eq!(code(&checked), exit::DONE, "{}", err(&checked));
    let expected = "anonyma.csv:62 ar: granser [reject] expected at least 2005\n\
                    sus_anonyma: would be accepted; 61 rows, 1 rejected\n";
    assert_eq!(out(&checked), expected);
    // One more and it is over the tolerance; a key that is there twice counts as well.
    rows.push(vec![("insats_id", "I000007".to_owned())]);
    root.deliver(&contract(&catalogue, "sus_anonyma"), UTTAG, &rows);
    let copy = root.folder.path().join("utkast.csv");
    fs::copy(&file, &copy).expect("writable");
    let named = ["check", &copy.display().to_string(), "--contract", "sus_anonyma", "--uttagsdatum", UTTAG, "--json"];
    let checked = finsam(&named);
    assert_eq!(code(&checked), exit::DELIVERY_REFUSED);
    let told: Value = serde_json::from_str(&out(&checked)).expect("JSON");
    let rules: Vec<&str> =
        told["faults"].as_array().expect("lines").iter().filter_map(|f| f["rule"].as_str()).collect();
    assert_eq!(rules, ["tolerans", "granser", "dubblett"]);
    assert!(!out(&checked).contains("HEMLIGT"));
    assert_eq!(code(&finsam(&["check", "--contract", "sus_anonym", &copy.display().to_string()])), exit::USAGE);
    assert_eq!(fs::read_dir(&root.path).expect("a folder").count(), 1, "a check writes nothing");
    for nowhere in ["/ingen/fil.csv", "/"] {
        let output = finsam(&["check", nowhere, "--contract", "sus_anonyma", "--uttagsdatum", UTTAG]);
        assert_fails(&output, exit::IO, &format!("read {nowhere}"));
        assert!(!err(&output).contains("--root"), "{}", err(&output));
    }
}

#[test]
fn check_looks_at_the_files_of_a_delivery_together() {
    let (catalogue, root) = (catalogue(), Root::new());
    let anonyma = contract(&catalogue, "sus_anonyma");
    let rows = |from: usize| -> Vec<Cells<'_>> {
        (from..from + 60).map(|row| vec![("insats_id", format!("I{row:06}"))]).collect()
    };
    let file = |name: &str, rows: &[Cells<'_>]| {
        let folder = root.deliver(&anonyma, UTTAG, rows);
        let path = root.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::copy(folder.join("anonyma.csv"), &path).expect("writable");
        path.display().to_string()
    };
    let (first, second) = (file("a.csv", &rows(0)), file("b.csv", &rows(59)));
    let check =
        |files: &[&str]| finsam(&[&["check", "--contract", "sus_anonyma", "--uttagsdatum", UTTAG], files].concat());
    let checked = check(&[&first, &second]);
    assert_eq!(code(&checked), exit::DONE, "{}", err(&checked));
    let expected = "b.csv:2 insats_id+ar: dubblett [reject] expected a key that is there once\n\
                    a.csv: 60 rows, 0 rejected, 0 noted\nb.csv: 60 rows, 1 rejected, 0 noted\n\
                    sus_anonyma: would be accepted; 120 rows, 1 rejected\n";
    assert_eq!(out(&checked), expected);
    // A file that cannot be taken does not hide what is in the others; files of one name go by their paths.
    let (broken, other) = (root.folder.path().join("trasig.csv"), file("mapp/b.csv", &rows(200)));
    fs::write(&broken, "HEMLIGT,rubrik\r\n").expect("writable");
    let checked = check(&[&broken.display().to_string(), &first, &second, &other, "--json"]);
    assert_eq!(code(&checked), exit::DELIVERY_REFUSED, "{}", err(&checked));
    let told: Value = serde_json::from_str(&out(&checked)).expect("JSON");
    let files = told["files"].as_array().expect("files");
    let found = files.iter().map(|file| (file["file"].as_str(), file["rows"].as_u64(), file["stopped"].as_str()));
    let expected = [
        (Some("trasig.csv"), Some(0), Some("rubrik")),
        (Some("a.csv"), Some(60), None),
        (Some(second.as_str()), Some(60), None),
        (Some(other.as_str()), Some(60), None),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}
