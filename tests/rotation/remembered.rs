//! Who is protected under another number is protected under another key too, or the key is not exchanged: a remembered
//! link cannot be given another key, and its delivery may be gone, also because its retention is over.

use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::{Cells, Root, UTTAG, contract, numbers};
use pipeline::error::exit;
use pipeline::lake;
use pipeline::pseudonymise::Key;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Uttagsdatum of the first change of number: past its retention before anything else is.
const EARLY: &str = "2012-06-30";
const LATER: &str = "2023-09-30";
/// Participants; one more number is the protected one's, under which she never took part.
const COUNT: usize = 12;
const HER: usize = 2;

struct Country {
    root: Root,
    new: PathBuf,
}

impl Country {
    /// She is protected under one number, and took part under another.
    fn new() -> Country {
        let catalogue = catalogue();
        let root = Root::with_required(&catalogue);
        for table in ["sus_forbund", "sus_insats"] {
            root.deliver(&contract(&catalogue, table), UTTAG, &[vec![]]);
        }
        let new = root.folder.path().join("ny");
        Key::create(&new).expect("writable");
        let country = Country { root, new };
        country.sus(UTTAG);
        country.protect(UTTAG, &[COUNT]);
        country.change(EARLY);
        assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"]);
        country
    }

    fn deliver(&self, table: &str, date: &str, rows: &[Cells<'_>]) {
        self.root.deliver(&contract(&catalogue(), table), date, rows);
    }

    fn sus(&self, date: &str) {
        let row =
            |(nr, number): (usize, String)| vec![("deltagande_id", format!("D{nr:07}")), ("personnummer", number)];
        self.deliver("sus_deltagande", date, &numbers(COUNT).into_iter().enumerate().map(row).collect::<Vec<_>>());
    }

    fn protect(&self, date: &str, people: &[usize]) {
        let numbers = numbers(COUNT + 1);
        let rows = people.iter().map(|nr| vec![("personnummer", numbers[*nr].clone())]);
        self.deliver("skyddade_personer", date, &rows.collect::<Vec<_>>());
    }

    fn change(&self, date: &str) {
        let numbers = numbers(COUNT + 1);
        self.deliver("nummerbyte", date, &[vec![("tidigare", numbers[COUNT].clone()), ("nytt", numbers[HER].clone())]]);
    }

    fn take_away(&self, table: &str, date: &str) {
        fs::remove_dir_all(self.root.path.join("deliveries").join(table).join(date)).expect("ours");
    }

    fn finsam(&self, key: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
        command.env_remove("FINSAM_ROOT").env_remove("CREDENTIALS_DIRECTORY").args(arguments);
        command.arg("--root").arg(&self.root.path);
        if arguments[0] != "gc" {
            command.arg("--key-file").arg(key);
        }
        command.output().expect("the program starts")
    }

    fn rotate(&self) -> Output {
        self.finsam(&self.root.key, &["key", "rotate", "--to", &self.new.display().to_string()])
    }

    /// After a night: the deltaganden without a pseudonym.
    fn hidden(&self, key: &Path, date: &str) -> Vec<String> {
        let night = self.finsam(key, &["run"]);
        // A night in which a delivery was found gone says so with its code.
        let ended = night.status.code().and_then(|code| u8::try_from(code).ok());
        let is_done = matches!(ended, Some(exit::DONE | exit::DELIVERY_REFUSED));
        assert!(is_done, "{}", String::from_utf8_lossy(&night.stderr));
        self.root.without_pseudonym(date)
    }

    /// The exchange is refused and names the delivery; nothing is changed, and she is protected as before.
    fn assert_refused(&self) {
        let receipts = || files(&self.root.path.join("receipts"));
        let before = receipts();
        let rotated = self.rotate();
        let told = String::from_utf8_lossy(&rotated.stderr).into_owned();
        assert_eq!(rotated.status.code(), Some(i32::from(exit::DELIVERY_REQUIRED)), "{told}");
        assert!(told.contains(&format!("nummerbyte {EARLY} is gone, and a change of number in it protects")), "{told}");
        assert!(told.contains("hint: hand in a delivery of nummerbyte with the same changes, or of skydd"), "{told}");
        assert!(before == receipts() && !self.root.path.join("rotation").exists());
        assert_eq!(self.hidden(&self.root.key, UTTAG), ["D0000002"]);
    }

    /// The key is exchanged, and she is protected under the new one; also when SUS is read again without the change.
    fn assert_protected_under_the_new_key(&self, changes: &[&str]) {
        let rotated = self.rotate();
        assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
        assert_eq!(self.hidden(&self.new, UTTAG), ["D0000002"]);
        changes.iter().for_each(|date| self.take_away("nummerbyte", date));
        self.sus(LATER);
        assert_eq!(self.hidden(&self.new, LATER), ["D0000002"]);
        let remembered = lake::metadata(&self.root.path.join("receipts/skyddade_nummer.parquet")).expect("remembered");
        let key = Key::read(&pipeline::pseudonymise::KeyFile::named(&self.new), &self.root.path).expect("a key");
        assert!(remembered.contains(&("finsam.key_check".into(), key.check().into())), "{remembered:?}");
    }
}

#[test]
fn a_link_whose_delivery_is_there_is_given_the_new_key() {
    let country = Country::new();
    country.assert_protected_under_the_new_key(&[EARLY]);
}

#[test]
fn a_link_whose_delivery_is_gone_is_not_dropped_with_the_key() {
    let country = Country::new();
    country.take_away("nummerbyte", EARLY);
    assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"], "it is remembered");
    country.assert_refused();
    // What the hint says mends it.
    country.change(UTTAG);
    assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"]);
    country.assert_protected_under_the_new_key(&[UTTAG]);
}

#[test]
fn a_link_whose_delivery_is_past_its_retention_protects_and_is_not_dropped() {
    let country = Country::new();
    let gc = country.finsam(&country.root.key, &["gc", "--idag", "2023-07-01", "--yes", "--leveranser"]);
    assert!(gc.status.success(), "{}", String::from_utf8_lossy(&gc.stderr));
    assert!(!country.root.path.join("deliveries/nummerbyte").join(EARLY).exists(), "it is removed");
    assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"], "her protection is not");
    country.assert_refused();
    // Handed in again it is past its retention still, and not taken.
    country.change(EARLY);
    country.assert_refused();
    // The other way that the hint names: the list has every number of hers.
    country.protect(LATER, &[COUNT, HER]);
    assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"]);
    let rotated = country.rotate();
    assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
    assert_eq!(country.hidden(&country.new, UTTAG), ["D0000002"]);
}

#[test]
fn a_list_past_its_retention_is_asked_for_anew() {
    let country = Country::new();
    country.protect("2012-01-31", &[COUNT]);
    country.take_away("skyddade_personer", UTTAG);
    // Only the older list is there now; the newer one is remembered, and stays in force.
    let refused = || {
        let rotated = country.rotate();
        let told = String::from_utf8_lossy(&rotated.stderr).into_owned();
        assert_eq!(rotated.status.code(), Some(i32::from(exit::DELIVERY_REQUIRED)), "{told}");
        assert!(told.contains(&format!("skyddade_personer {UTTAG} is needed")), "{told}");
        assert!(told.contains("or a newer one and `finsam run`"), "{told}");
    };
    assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"]);
    refused();
    let gc = country.finsam(&country.root.key, &["gc", "--idag", "2025-07-01", "--yes", "--leveranser"]);
    assert!(gc.status.success(), "{}", String::from_utf8_lossy(&gc.stderr));
    assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"]);
    refused();
    country.protect(LATER, &[COUNT]);
    country.change(LATER);
    assert_eq!(country.hidden(&country.root.key, UTTAG), ["D0000002"]);
    country.assert_protected_under_the_new_key(&[LATER]);
}
