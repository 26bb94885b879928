//! A list that is mistaken is seen, and lifts nobody's protection; what was read of a delivery is not taken for
//! another reading of it.

use super::consequences::LATER;
use super::protection::{HIDDEN, country};
use crate::support::catalogue;
use crate::support::root::{UTTAG, contract, damage};
use pipeline::lake;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

#[test]
fn a_list_of_a_day_that_has_not_come_is_told_and_stands_before_nobody() {
    let country = country();
    let samtycke = contract(&catalogue(), "samtycke_atertaget");
    country.root.deliver(&samtycke, "2203-01-31", &[vec![("deltagande_id", "D0000005".to_owned())]]);
    let night = country.night();
    let lines: Vec<String> = night.refused.iter().map(|refusal| refusal.line()).collect();
    assert_eq!(lines, ["deliveries/samtycke_atertaget/2203-01-31: dated after the day of the run"]);
    assert_eq!(country.root.without_pseudonym(UTTAG), HIDDEN);
    let later = ["D0000000", "D0000004"].map(|id| vec![("deltagande_id", id.to_owned())]);
    country.root.deliver(&samtycke, LATER, &later);
    country.night();
    assert_eq!(country.root.without_pseudonym(UTTAG), [&HIDDEN[..], &["D0000004"]].concat());
}

#[test]
fn a_list_older_than_the_one_remembered_adds_to_it() {
    let country = country();
    let samtycke = contract(&catalogue(), "samtycke_atertaget");
    let folder = country.root.deliver(&samtycke, LATER, &[vec![("deltagande_id", "D0000005".to_owned())]]);
    country.night();
    assert_eq!(country.root.without_pseudonym(UTTAG), ["D0000001", "D0000002", "D0000005"]);
    fs::remove_dir_all(folder).expect("ours");
    let night = country.night();
    assert_eq!(country.root.without_pseudonym(UTTAG), [&HIDDEN[..], &["D0000005"]].concat());
    assert!(night.notes.iter().any(|note| note.contains("samtycke_atertaget 2023-09-30")), "{:?}", night.notes);
    assert_eq!(country.night().read, 0, "both are remembered");
}

#[test]
fn a_withdrawal_that_names_no_deltagande_is_told_every_night() {
    let country = country();
    let withdrawn = ["D0000000", "d0000003", "D 0000004"].map(|id| vec![("deltagande_id", id.to_owned())]);
    country.root.deliver(&contract(&catalogue(), "samtycke_atertaget"), LATER, &withdrawn);
    for _ in 0..2 {
        let notes = country.night().notes;
        assert!(
            notes.iter().any(|note| note.starts_with("withdrawn samtycken without a deltagande in SUS: 2;")),
            "{notes:?}"
        );
    }
}

#[test]
fn a_core_file_of_another_reading_is_made_again() {
    let country = country();
    country.night();
    let core = country.root.core("sus_deltagande", UTTAG);
    let before = fs::read(&core).expect("a core file");
    country.root.deliver(&contract(&catalogue(), "samtycke_atertaget"), LATER, &[]);
    country.night();
    let between = fs::read(&core).expect("a core file");
    assert_eq!(country.root.without_pseudonym(UTTAG), HIDDEN[1..]);
    // As a night leaves it that was killed between the core file and its receipt.
    fs::write(&core, before).expect("writable");
    assert!(country.night().read > 0);
    assert_eq!(fs::read(&core).expect("a core file"), between);
}

#[test]
fn a_core_file_of_another_reading_does_not_stay_where_its_delivery_is_refused() {
    let country = country();
    country.night();
    let core = country.root.core("sus_deltagande", UTTAG);
    country.root.deliver(&contract(&catalogue(), "samtycke_atertaget"), LATER, &[]);
    country.night();
    let after = fs::read(&core).expect("a core file");
    country.root.deliver(
        &contract(&catalogue(), "samtycke_atertaget"),
        "2023-10-31",
        &[vec![("deltagande_id", HIDDEN[0].into())]],
    );
    country.night();
    fs::write(&core, after).expect("writable");
    damage(&country.root.path.join("deliveries/sus_deltagande").join(UTTAG), |_| b"HEMLIGT\n".to_vec());
    let _ = country.root.ingest(&catalogue());
    assert!(!core.exists(), "she has withdrawn, and stands in it");
}

/// Every file below a folder but the deliveries.
fn texts(folder: &Path, found: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("deliveries") {
            texts(&path, found);
        } else if path.is_file() {
            found.push(fs::read(&path).expect("a file"));
        }
    }
}

/// A list of one person has so few possible contents that its hash tells them.
#[test]
fn the_hash_of_a_list_stands_nowhere() {
    let country = country();
    country.night();
    let mut written = Vec::new();
    texts(&country.root.path, &mut written);
    for folder in [&country.skydd, &country.samtycke, &country.byte] {
        let (hash, _) = lake::sha256(&crate::support::root::data_file(folder)).expect("delivered");
        let raw = Sha256::digest(fs::read(crate::support::root::data_file(folder)).expect("delivered"));
        let holds = |bytes: &[u8], wanted: &[u8]| memchr::memmem::find(bytes, wanted).is_some();
        assert!(!written.iter().any(|bytes| holds(bytes, hash.as_bytes()) || holds(bytes, &raw)));
    }
    assert!(written.len() > 10, "receipts, log and core were looked at");
}
