//! Protection is never lifted by what is missing: the last accepted list stays in force; and what did not change is
//! not read to find that out.

use super::consequences::LATER;
use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, damage, data_file, numbers};
use pipeline::error::exit;
use pipeline::ingest::MANIFEST;
use pipeline::stage::Night;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Participants, of whom the first has withdrawn, the second is protected, and the third is protected under the
/// number that she had before.
const COUNT: usize = 12;

fn participants(count: usize) -> Vec<Cells<'static>> {
    let number = |row: usize| numbers(COUNT)[row].clone();
    (0..count).map(|row| vec![("deltagande_id", format!("D{row:07}")), ("personnummer", number(row))]).collect()
}

pub(super) struct Country {
    pub root: Root,
    pub samtycke: PathBuf,
    pub skydd: PathBuf,
    pub byte: PathBuf,
}

pub(super) fn country() -> Country {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    let deliver = |table: &str, rows: &[Cells<'_>]| root.deliver(&contract(&catalogue, table), UTTAG, rows);
    let numbers = numbers(COUNT + 1);
    deliver("sus_deltagande", &participants(COUNT));
    let samtycke = deliver("samtycke_atertaget", &[vec![("deltagande_id", "D0000000".to_owned())]]);
    let skyddad = |row: usize| vec![("personnummer", numbers[row].clone())];
    let skydd = deliver("skyddade_personer", &[skyddad(1), skyddad(COUNT)]);
    let (former, new) = (numbers[COUNT].clone(), numbers[2].clone());
    let byte = deliver("nummerbyte", &[vec![("tidigare", former), ("nytt", new)]]);
    Country { root, samtycke, skydd, byte }
}

impl Country {
    pub fn night(&self) -> Night {
        let (outcome, night) = self.root.ingest(&catalogue());
        assert!(outcome.is_ok(), "{outcome:?}");
        night
    }

    /// Hands in SUS once more, so that it must be judged once more.
    fn sus_again(&self, date: &str, count: usize) {
        self.root.deliver(&contract(&catalogue(), "sus_deltagande"), date, &participants(count));
    }
}

pub(super) const HIDDEN: [&str; 3] = ["D0000000", "D0000001", "D0000002"];

#[test]
fn a_list_that_is_taken_away_stays_in_force() {
    let country = country();
    assert!(country.night().notes.is_empty());
    assert_eq!(country.root.without_pseudonym(UTTAG), HIDDEN);
    for folder in [&country.samtycke, &country.skydd] {
        fs::remove_dir_all(folder.parent().expect("the contract's folder")).expect("ours");
    }
    let night = country.night();
    assert_eq!(night.read, 0, "nothing is judged anew for a list that is gone");
    assert_eq!(country.root.without_pseudonym(UTTAG), HIDDEN);
    let said = "2023-06-30: the delivery is gone or refused, and its list stays in force until a newer one is accepted";
    let expected = ["samtycke_atertaget", "skyddade_personer"].map(|table| format!("{table} {said}"));
    assert_eq!(night.notes, expected);
    country.sus_again(LATER, COUNT - 1);
    country.night();
    assert_eq!(country.root.without_pseudonym(LATER), HIDDEN, "new deltaganden are judged by it too");
}

#[test]
fn a_list_that_is_replaced_by_a_bad_one_or_still_being_copied_stays_in_force() {
    let country = country();
    country.night();
    damage(&country.samtycke, |_| b"HEMLIGT\n".to_vec());
    fs::remove_file(country.skydd.join(MANIFEST)).expect("ours");
    country.sus_again(LATER, COUNT - 1);
    let night = country.night();
    assert_eq!(night.refused.len(), 1, "{:?}", night.refused);
    assert_eq!(country.root.without_pseudonym(LATER), HIDDEN);
}

#[test]
fn a_list_is_replaced_by_a_newer_one_even_an_empty_one() {
    let country = country();
    country.night();
    let catalogue = catalogue();
    country.root.deliver(&contract(&catalogue, "skyddade_personer"), LATER, &[]);
    country.night();
    assert_eq!(country.root.without_pseudonym(UTTAG), HIDDEN[..1]);
    // The one before it is no longer what was accepted last.
    fs::remove_dir_all(country.root.path.join("deliveries/skyddade_personer").join(LATER)).expect("ours");
    country.night();
    assert_eq!(country.root.without_pseudonym(UTTAG), HIDDEN[..1]);
}

#[test]
fn a_list_remembered_with_another_domain_is_asked_for_again() {
    let country = country();
    country.night();
    fs::remove_dir_all(&country.skydd).expect("ours");
    fs::write(country.root.path.join("finsam.toml"), "domain = \"annan\"\n").expect("writable");
    let error = country.root.ingest(&catalogue()).0.expect_err("nobody knows who is protected");
    assert_eq!(error.exit_code(), exit::KEY, "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("skyddade_personer")), "{error}");
}

/// Other bytes under the same stamp: whoever reads them notices, whoever trusts the stamp does not.
fn spoil(path: &Path) {
    let (size, modified) =
        fs::metadata(path).map(|meta| (meta.len(), meta.modified().expect("a time"))).expect("the file");
    let mut file = File::options().write(true).open(path).expect("ours");
    std::io::Write::write_all(&mut file, &vec![b'#'; usize::try_from(size).expect("small")]).expect("writable");
    file.set_modified(modified).expect("ours");
}

#[test]
fn a_night_in_which_nothing_changed_reads_no_delivery() {
    let country = country();
    assert!(country.night().read > 0);
    for folder in [&country.samtycke, &country.skydd, &country.byte] {
        spoil(&data_file(folder));
    }
    let night = country.night();
    assert_eq!((night.read, night.refused.len(), night.notes.len()), (0, 0, 0), "{:?}", night.refused);
    assert_eq!(country.root.without_pseudonym(UTTAG), HIDDEN);
    // A run that is told to verify sees it, refuses the lists, and still protects.
    let mut job = country.root.job(&catalogue());
    job.verify = true;
    let mut night = Night::default();
    pipeline::ingest::run(&job, &mut night).expect("the night goes on");
    assert_eq!(night.refused.len(), 3, "{:?}", night.refused);
    assert_eq!(country.root.without_pseudonym(UTTAG)[..2], HIDDEN[..2]);
}
