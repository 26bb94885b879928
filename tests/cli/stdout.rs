//! What stdout may do to a command: a reader who has seen enough, and a disk that is full.

use super::{assert_fails, code, err, finsam, on, small};
use pipeline::error::exit;
use std::fs::File;
use std::process::{Command, Output, Stdio};

/// Runs a command whose stdout is closed at its other end before anything is written.
fn unread(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    command.args(arguments).stdout(writer).stderr(Stdio::piped());
    command.output().expect("the program starts")
}

fn to_full_disk(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    command.args(arguments).stdout(full).stderr(Stdio::piped());
    command.output().expect("the program starts")
}

#[test]
fn stdout_that_is_closed_or_full() {
    let root = small();
    let night = on(&root, &root.key, &["run"]);
    assert_eq!(code(&night), exit::DONE, "{}", err(&night));
    let (path, key) = (root.path.display().to_string(), root.key.display().to_string());
    let file = root.path.join("deliveries/kommun/2023-06-30/kommun.csv").display().to_string();
    let sql = "select * from range(100000)";
    let asked: [&[&str]; 11] = [
        &["query", sql],
        &["query", "--csv", sql],
        &["query", "--json", sql],
        &["status"],
        &["status", "--json"],
        &["plan"],
        &["plan", "--json"],
        &["check", &file],
        &["explain", "D0000001"],
        &["explain", "D0000001", "--json"],
        &["run", "--json"],
    ];
    for arguments in asked {
        let all = [arguments, &["--root", &path, "--key-file", &key]].concat();
        assert_eq!(code(&finsam(&all)), exit::DONE, "{arguments:?}");
        let closed = unread(&all);
        assert_eq!((code(&closed), err(&closed).contains("error")), (exit::DONE, false), "{}", err(&closed));
        let full = to_full_disk(&all);
        assert_fails(&full, exit::IO, "write the answer to stdout");
        assert!(err(&full).contains("No space left"), "{}", err(&full));
    }
}

#[test]
fn stderr_that_nobody_hears_stops_no_night() {
    let root = small();
    let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    command.arg("run").arg("--root").arg(&root.path).arg("--key-file").arg(&root.key).stderr(writer);
    let night = command.output().expect("the program starts");
    assert_eq!(code(&night), exit::DONE);
    assert!(root.path.join("CURRENT").exists());
}
