//! `finsam check` of files that are named as no delivery's may be.

use super::{code, err, finsam, out};
use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract};
use pipeline::error::exit;
use std::fs;

#[test]
fn a_check_never_tells_the_name_of_a_file_that_is_a_number() {
    let (catalogue, root) = (catalogue(), Root::new());
    let names = ["a/183205172384.csv", "b/183205172384.csv", "18320517-2384.CSV", "320517–2384/x.csv", "y/x.csv"];
    let mut files = Vec::new();
    for (nr, name) in names.iter().enumerate() {
        let folder = root.deliver(
            &contract(&catalogue, "sus_anonyma"),
            UTTAG,
            &[vec![("insats_id", format!("I{nr:06}")), ("ar", "2004".to_owned())]],
        );
        let path = root.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::copy(folder.join("anonyma.csv"), &path).expect("writable");
        files.push(path.display().to_string());
    }
    let report = root.folder.path().join("rapport");
    let named = ["check", "--contract", "sus_anonyma", "--uttagsdatum", UTTAG, "--felrapport"];
    let report_name = report.display().to_string();
    let files: Vec<&str> =
        named.into_iter().chain([report_name.as_str()]).chain(files.iter().map(String::as_str)).collect();
    let checked = finsam(&files);
    assert_eq!(code(&checked), exit::DELIVERY_REFUSED, "{}", err(&checked));
    let mut told = out(&checked) + &err(&checked);
    for kind in ["html", "csv"] {
        told += &fs::read_to_string(report.join(format!("sus_anonyma-{UTTAG}.{kind}"))).expect("a felrapport");
    }
    assert!(!told.contains("2384"), "{told}");
    for name in ["fil 1", "fil 2", "fil 3", "fil 4", "y/x.csv"] {
        assert!(out(&checked).contains(name), "{name}: {told}");
    }
}

#[test]
fn a_workbook_that_is_named_by_a_number_is_read_as_one() {
    let (catalogue, root) = (catalogue(), Root::new());
    let folder = root.deliver(&contract(&catalogue, "lokal_uppfoljning"), UTTAG, &[vec![]]);
    let path = root.folder.path().join("183205172384.xlsx");
    fs::copy(folder.join("avslutade.xlsx"), &path).expect("writable");
    let path = path.display().to_string();
    let checked = finsam(&["check", "--contract", "lokal_uppfoljning", "--uttagsdatum", UTTAG, &path]);
    assert_eq!(code(&checked), exit::DONE, "{}{}", out(&checked), err(&checked));
}

#[test]
fn a_check_of_one_file_twice_is_refused_as_in_the_night() {
    let (catalogue, root) = (catalogue(), Root::new());
    let folder = root.deliver(&contract(&catalogue, "sus_anonyma"), UTTAG, &[vec![]]);
    let file = folder.join("anonyma.csv").display().to_string();
    let checked = finsam(&["check", "--contract", "sus_anonyma", "--uttagsdatum", UTTAG, &file, &file]);
    assert_eq!(code(&checked), exit::DELIVERY_REFUSED, "{}", out(&checked));
    assert!(out(&checked).contains("each file once"), "{}", out(&checked));
}
