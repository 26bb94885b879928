//! The country as a whole: the same bytes twice, numbers near the published ones, a facit without numbers.

use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn small(seed: u64) -> Plan {
    Plan { seed, scale: 0.01, befolkning: 20 }
}

fn make(plan: &Plan, folder: &Path) -> Summary {
    let catalogue = Catalogue::embedded().expect("sound contracts");
    generate(plan, &catalogue, &folder.join("deliveries"), &folder.join("facit"), &mut |_, _, _| {}).expect("a country")
}

/// Every file below a folder with its bytes, by path.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_owned();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, two, other) = (tempdir(), tempdir(), tempdir());
    assert_eq!(make(&small(1), one.path()), make(&small(1), two.path()));
    make(&small(2), other.path());
    let first = files(one.path());
    assert!(first == files(two.path()), "two countries of one seed differ");
    assert!(first != files(other.path()), "two seeds give one country");
}

#[test]
fn more_people_leave_the_participants_as_they_were() {
    let (one, two) = (tempdir(), tempdir());
    make(&small(3), one.path());
    make(&Plan { befolkning: 500, ..small(3) }, two.path());
    let deltagande = Path::new("facit/deltagande.csv");
    assert!(files(one.path())[deltagande] == files(two.path())[deltagande]);
}

#[test]
fn every_difference_has_a_reason_and_facit_no_number() {
    let folder = tempdir();
    let summary = make(&Plan { scale: 0.05, ..small(4) }, folder.path());
    assert!(!summary.planted.contains_key(Orsak::Oforklarad.name()), "{:?}", summary.planted);
    let expected = [
        "avvisad_rad",
        "annan_samverkansform",
        "felregistrering",
        "ej_kopplingsbar",
        "avliden",
        "pagar",
        "ej_mogen",
        "utvandrad",
        "osaker_dod",
        "utanfor_period",
        "kommun_ej_rapporterad",
        "sjuklonperiod",
        "sen_rad",
        "ej_lankad",
    ];
    let planted: BTreeSet<&str> = summary.planted.keys().map(String::as_str).collect();
    assert_eq!(planted, expected.into_iter().collect::<BTreeSet<_>>());
    for (name, bytes) in files(&folder.path().join("facit")) {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let run = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
        assert!(run.unwrap_or(0) < 10, "{}", name.display());
    }
}

#[test]
fn every_delivery_contract_is_delivered_whole() {
    let folder = tempdir();
    let summary = make(&small(5), folder.path());
    let catalogue = Catalogue::embedded().expect("sound contracts");
    for contract in catalogue.layer(crate::layer::Layer::Deliveries) {
        assert!(summary.rows.get(&contract.name).is_some_and(|rows| *rows > 0), "{}", contract.name);
        let own = folder.path().join("deliveries").join(&contract.name);
        for delivery in fs::read_dir(own).expect("deliveries") {
            let path = delivery.expect("a folder").path();
            assert!(path.join(delivery::MANIFEST).is_file(), "{}", path.display());
        }
    }
}

#[test]
fn a_scale_that_is_none_is_refused() {
    let (catalogue, folder) = (Catalogue::embedded().expect("sound contracts"), tempdir());
    for scale in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let plan = Plan { scale, ..Plan::demo() };
        let error = generate(&plan, &catalogue, folder.path(), folder.path(), &mut |_, _, _| {});
        assert!(matches!(error, Err(Error::Usage(_))), "{scale}");
    }
}

#[test]
#[ignore = "measures; FINSAM_SCALE and FINSAM_OUT say what and where"]
fn measure() {
    let scale = std::env::var("FINSAM_SCALE").ok().and_then(|s| s.parse().ok()).unwrap_or(0.1);
    let out = PathBuf::from(std::env::var("FINSAM_OUT").expect("where"));
    let start = std::time::Instant::now();
    let summary = make(&Plan { scale, ..Plan::demo() }, &out);
    eprintln!("{:?} {summary:#?}", start.elapsed());
}

fn tempdir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
