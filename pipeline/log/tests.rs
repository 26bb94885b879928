use super::*;
use proptest::prelude::*;

fn begin(name: &'static str) -> Event<'static> {
    Event::Stop { command: name, exit_code: 0 }
}

fn logged(count: usize) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    for _ in 0..count {
        Log::of(root.path()).append(&begin("run"), DateTime::UNIX_EPOCH).expect("writable");
    }
    root
}

fn path(root: &tempfile::TempDir) -> PathBuf {
    root.path().join("log/finsam.jsonl")
}

fn lines(root: &tempfile::TempDir) -> Vec<String> {
    fs::read_to_string(path(root)).expect("a log").lines().map(str::to_owned).collect()
}

fn put(root: &tempfile::TempDir, lines: &[String]) {
    fs::write(path(root), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("writable");
}

fn findings(root: &tempfile::TempDir) -> Vec<String> {
    verify(root.path()).expect("readable").findings
}

#[test]
fn a_log_that_nobody_touched_is_whole() {
    let root = logged(5);
    let verdict = verify(root.path()).expect("readable");
    assert_eq!((verdict.lines, verdict.findings, verdict.notes), (5, vec![], vec![]));
    assert_eq!(findings(&tempfile::tempdir().expect("a folder")), [""; 0], "no log is no broken log");
}

#[test]
fn a_change_a_removal_and_a_move_are_found_where_they_are() {
    let root = logged(5);
    let whole = lines(&root);
    let changed = |at: usize| -> Vec<String> {
        let mut lines = whole.clone();
        lines[at] = lines[at].replace("\"exit_code\":0", "\"exit_code\":3");
        lines
    };
    put(&root, &changed(1));
    assert_eq!(findings(&root), ["line 3: does not follow from the line before; line 2 or it was changed"]);
    put(&root, &changed(4));
    assert_eq!(findings(&root), ["line 5: was changed; huvud.json names another"]);
    put(&root, &[&whole[..2], &whole[3..]].concat());
    assert!(findings(&root)[0].starts_with("line 3: it was line 4"), "{:?}", findings(&root));
    let mut moved = whole.clone();
    moved.swap(2, 3);
    put(&root, &moved);
    assert!(findings(&root)[0].starts_with("line 3: it was line 4"), "{:?}", findings(&root));
    put(&root, &whole[..3]);
    assert_eq!(findings(&root), ["lines 4 to 5 are missing at the end: huvud.json names line 5"]);
    fs::remove_file(path(&root)).expect("removable");
    assert_eq!(findings(&root), ["lines 1 to 5 are missing at the end: huvud.json names line 5"]);
    put(&root, &whole);
    assert_eq!(findings(&root), [""; 0]);
    fs::remove_file(root.path().join("log/huvud.json")).expect("removable");
    assert_eq!(findings(&root), ["huvud.json is missing or cannot be read"]);
}

#[test]
fn a_gap_stays_a_gap_when_the_log_goes_on() {
    let root = logged(5);
    put(&root, &lines(&root)[..3]);
    Log::of(root.path()).append(&begin("run"), DateTime::UNIX_EPOCH).expect("writable");
    assert!(findings(&root)[0].starts_with("line 4: it was line 6"), "{:?}", findings(&root));
}

/// Killed at any byte of a line, the log goes on, and only notes are left of it.
#[test]
fn a_half_line_is_noted_and_not_rewritten() {
    let root = logged(3);
    let bytes = fs::read(path(&root)).expect("a log");
    let head = fs::read(root.path().join("log/huvud.json")).expect("a head");
    Log::of(root.path()).append(&begin("gc"), DateTime::UNIX_EPOCH).expect("writable");
    let longer = fs::read(path(&root)).expect("a log");
    for end in bytes.len()..=longer.len() {
        fs::write(path(&root), &longer[..end]).expect("writable");
        fs::write(root.path().join("log/huvud.json"), &head).expect("writable");
        assert_eq!(findings(&root), [""; 0], "{end}");
        Log::of(root.path()).append(&begin("run"), DateTime::UNIX_EPOCH).expect("writable");
        let verdict = verify(root.path()).expect("readable");
        assert_eq!(verdict.findings, [""; 0], "{end}");
        let is_half = end > bytes.len() && end < longer.len();
        assert_eq!(verdict.notes.len(), usize::from(is_half), "{end}");
        assert!(fs::read(path(&root)).expect("a log").starts_with(&longer[..end]), "{end}: nothing is rewritten");
    }
}

#[test]
fn programs_that_log_at_once_do_not_interleave() {
    let root = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    Log::of(root.path()).append(&begin("run"), DateTime::UNIX_EPOCH).expect("writable");
                }
            });
        }
    });
    let verdict = verify(root.path()).expect("readable");
    assert_eq!((verdict.lines, verdict.findings), (40, vec![]));
}

#[test]
fn a_reason_names_nobody() {
    assert!(Reason::parse("begärd av jurist, ärende 2026-17").is_ok());
    for text in ["19090527-1474", "090527+1474", "nummer 184011302397", "1840113", "rad\nrad"] {
        assert!(Reason::parse(text).is_err(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// Whatever byte is changed, it is found.
    #[test]
    fn any_changed_byte_is_found(at in 0usize..2000, to in 33u8..127) {
        let root = logged(4);
        let mut bytes = fs::read(path(&root)).expect("a log");
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to && bytes[at] != b'\n');
        bytes[at] = to;
        fs::write(path(&root), bytes).expect("writable");
        prop_assert!(!findings(&root).is_empty());
    }
}
