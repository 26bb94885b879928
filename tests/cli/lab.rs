//! The lab is asked by who may, in silence by nobody, and gives no way to anything else.

use super::*;
use crate::support::land::Land;

#[test]
fn the_lab_answers_one_question_and_logs_it() {
    let catalogue = catalogue();
    let Land { root, .. } = Land::new(&catalogue);
    assert_fails(&on(&root, &root.key, &["query", "--lab", "from core.leverans"]), exit::USAGE, "has no lab");
    assert_eq!(code(&on(&root, &root.key, &["--quiet", "run"])), exit::DONE);
    let ask = |sql: &str| on(&root, &root.key, &["query", "--lab", "--csv", "--reason", "granskning", sql]);
    let sql = "select count(*) as antal from derived.deltagande where forbund_id = 'F001'";
    let answer = ask(sql);
    assert_eq!(code(&answer), exit::DONE, "{}", err(&answer));
    assert!(out(&answer).starts_with("antal\n") && err(&answer).contains("not protected"), "{}", err(&answer));
    let log = fs::read_to_string(root.path.join("log/finsam.jsonl")).expect("a log");
    let last: Value = serde_json::from_str(log.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["event"], &last["reason"]), (&"lab".into(), &"granskning".into()));
    assert_eq!(last["sha256"].as_str().map(str::len), Some(64));
    assert!(!log.contains("F001") && !log.contains("forbund_id ="), "the question is not told");
    for example in catalogue.sql_in("lab").map(|(name, _)| name) {
        let answer = ask(&format!("from exempel.{example}"));
        assert_eq!(code(&answer), exit::DONE, "{example}: {}", err(&answer));
    }
    let lines = log.lines().count();
    let core = files(&root.path.join("core"));
    let inside = root.path.join("core/leverans/leverans.parquet").display().to_string();
    let outside = root.key.display().to_string();
    for refused in [
        format!("copy (select 1 as a) to '{inside}' (format parquet)"),
        "copy (select 1 as a) to 'core/leverans/leverans.parquet' (format parquet)".into(),
        "from core.leverans; from core.leverans".into(),
        "from core.leverans) as a; copy (select 1 as a) to 'core/a.csv'; from (select 1".into(),
        "create table memory.a as select 1".into(),
        "set allowed_directories = ['/']".into(),
        "attach '/etc/passwd' as a".into(),
    ] {
        assert_fails(&ask(&refused), exit::USAGE, "query: ");
    }
    assert_eq!(fs::read_to_string(root.path.join("log/finsam.jsonl")).expect("a log").lines().count(), lines + 6);
    for refused in [
        format!("from read_csv('{outside}')"),
        "from read_text('core/../finsam.toml')".into(),
        "from glob('deliveries/*')".into(),
        "from read_csv('deliveries/agi/2023-06-30/*')".into(),
    ] {
        let answer = ask(&refused);
        assert_eq!(code(&answer), exit::USAGE, "{refused}: {}", out(&answer));
    }
    assert!(core == files(&root.path.join("core")), "nothing of core was changed");
}

#[test]
fn the_lab_follows_its_data_root_and_waits_for_a_run() {
    let catalogue = catalogue();
    let Land { mut root, .. } = Land::new(&catalogue);
    assert_eq!(code(&on(&root, &root.key, &["--quiet", "run"])), exit::DONE);
    let moved = root.folder.path().join("elsewhere");
    fs::rename(&root.path, &moved).expect("ours");
    root.path = moved;
    let ask = || on(&root, &root.key, &["query", "--lab", "--csv", "select count(*) as antal from derived.person"]);
    assert_eq!(code(&ask()), exit::DONE, "{}", err(&ask()));
    let mut job = root.job(&catalogue);
    job.lock().expect("nobody else runs");
    assert_fails(&ask(), exit::LOCKED, "lock");
}
