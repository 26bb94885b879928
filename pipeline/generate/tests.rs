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
    let planted: BTreeSet<&str> = summary.planted.keys().map(String::as_str).collect();
    assert_eq!(planted, Orsak::NAMED.map(Orsak::name).into_iter().collect::<BTreeSet<_>>());
    for (name, bytes) in files(&folder.path().join("facit")) {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let run = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
        assert!(run.unwrap_or(0) < 10, "{}", name.display());
    }
}

/// The truth of `deltagande.csv`, of rows that count: mätpunkt, then komponenter that were lived on and the reasons.
type Lines = Vec<(String, Vec<(bool, Option<String>)>)>;

fn lines(folder: &Path) -> Lines {
    let text = fs::read_to_string(folder.join("facit/deltagande.csv")).expect("facit");
    let cell = |cell: &str| {
        let (truth, reason) = cell.split_once(':').map_or((cell, None), |(truth, reason)| (truth, Some(reason)));
        (truth == "ja", reason.map(str::to_owned))
    };
    let line = |line: &str| {
        let mut cells = line.split(',').skip(2);
        (cells.next().expect("a mätpunkt").to_owned(), cells.map(cell).collect::<Vec<_>>())
    };
    let counts = |(_, cells): &(String, Vec<(bool, Option<String>)>)| {
        let strays = ["avvisad_rad", "annan_samverkansform", "felregistrering"];
        cells.iter().all(|(_, reason)| reason.as_deref().is_none_or(|reason| !strays.contains(&reason)))
    };
    text.lines().skip(1).map(line).filter(counts).collect()
}

#[test]
fn shares_at_intag_lie_near_the_published_ones() {
    let folder = tempdir();
    make(&Plan { scale: 0.1, ..small(6) }, folder.path());
    let lines = lines(folder.path());
    let intag: Vec<_> = lines.iter().filter(|(matpunkt, _)| matpunkt == "intag").collect();
    let share = |of: usize| 1000 * intag.iter().filter(|(_, cells)| cells[of].0).count() / intag.len();
    let (sick, young) = (share(0), share(3));
    assert!((185..=220).contains(&sick), "sjukpenning: {sick} of 1000, published 195–203");
    assert!((80..=102).contains(&young), "aktivitetsersättning: {young} of 1000, published 91");
}

#[test]
fn every_komponent_is_lived_on_and_found_at_every_matpunkt() {
    let folder = tempdir();
    make(&Plan { scale: 0.2, ..small(6) }, folder.path());
    let names = fs::read_to_string(folder.path().join("facit/deltagande.csv")).expect("facit");
    let names: Vec<&str> = names.lines().next().expect("a head").split(',').skip(3).collect();
    assert_eq!(names.len(), 15);
    let mut found: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for (matpunkt, cells) in lines(folder.path()) {
        for (name, (truth, reason)) in names.iter().zip(&cells) {
            *found.entry((matpunkt.clone(), *name)).or_default() += usize::from(*truth && reason.is_none());
        }
    }
    assert_eq!(found.len(), 6 * 15);
    let rare: Vec<_> = found.iter().filter(|(_, count)| **count < 3).collect();
    assert!(rare.is_empty(), "hardly found: {rare:?}");
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
