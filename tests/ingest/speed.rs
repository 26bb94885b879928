//! What ingest does to be fast changes nothing: with and without the sieve, on one thread or more, whatever the size
//! of a block, the same rows, counts and faults.

use super::laws::in_format;
use crate::support::root::{Cells, Root, UTTAG, contract, damage, found, numbers};
use crate::support::{catalogue, root};
use pipeline::contract::Catalogue;
use pipeline::ingest::{self, BLOCK, Context, Intake, Sets, Taken};
use pipeline::job::Progress;
use pipeline::pseudonymise::{Canonical, Key, Numbers, Pseudonymiser, Pseudonyms};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Everybody in a delivery, of whom the first few are participants.
const PEOPLE: usize = 12;
const PARTICIPANTS: usize = 4;

/// Takes a delivery in blocks of a size on so many threads, and keeps nothing.
pub fn taken(catalogue: &Catalogue, folder: &Path, threads: usize, block: usize) -> Intake {
    let key = Key::from_bytes(&[7; 32]).expect("a key");
    let (pseudonymiser, sets, progress) = (Pseudonymiser::new(&key, "prov"), Sets::default(), Progress::new(true));
    let (pseudonymiser, sets, progress, spill) = (&pseudonymiser, &sets, &progress, folder.join("spill"));
    let context = Context { catalogue, pseudonymiser, sets, spill, progress, threads, block };
    ingest::take(&found(catalogue, folder), &context, &mut |_| Ok(())).expect("only the delivery may be at fault")
}

/// What a delivery comes to: counts, faults, and every row in the order in which it was handed on.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    counts: [u64; 6],
    faults: String,
    rows: Vec<u64>,
    repeated: Vec<u64>,
    sha256: Vec<String>,
    kept: Vec<String>,
}

fn outcome(catalogue: &Catalogue, folder: &Path, sieved: bool, threads: usize, block: usize) -> Outcome {
    let key = Key::from_bytes(&[7; 32]).expect("a key");
    let pseudonymiser = Pseudonymiser::new(&key, "prov");
    let (mut people, mut held) = (Pseudonyms::default(), Numbers::new());
    for number in numbers(PARTICIPANTS) {
        let canonical = Canonical::person(&number, 2023).expect("a test number");
        people.insert(pseudonymiser.pseudonym(pipeline::contract::Identity::Person, &canonical));
        held.insert(canonical.number().expect("digits"));
    }
    let sets = Sets { population: Some(people), numbers: sieved.then(|| Arc::new(held)), ..Sets::default() };
    let (spill, progress) = (folder.join("spill"), Progress::new(true));
    let (pseudonymiser, sets, progress) = (&pseudonymiser, &sets, &progress);
    let context = Context { catalogue, pseudonymiser, sets, spill, progress, threads, block };
    let mut taken: Vec<Taken> = Vec::new();
    let intake = ingest::take(&found(catalogue, folder), &context, &mut |part| {
        taken.push(part);
        Ok(())
    });
    let intake = intake.expect("only the delivery may be at fault");
    let text =
        |of: &dyn arrow::array::Array, row| arrow::util::display::array_value_to_string(of, row).expect("a value");
    let mut kept = Vec::new();
    for part in &taken {
        for row in 0..part.rows.len() {
            let mut cells: Vec<String> = Vec::new();
            cells.extend(part.columns.iter().map(|(name, of)| format!("{name}={}", text(of.as_ref(), row))));
            cells.extend(part.pseudonyms.iter().map(|(name, of)| format!("{name}~{}", text(of, row))));
            cells.sort();
            kept.push(cells.join(" "));
        }
    }
    Outcome {
        counts: [intake.rows, intake.kept, intake.rejected, intake.outside, intake.left_out, intake.anonymised],
        faults: format!("{:?} {:?} {:?} {:?}", intake.faults, intake.files, intake.qualities, intake.totals),
        rows: taken.iter().flat_map(|part| part.rows.values().to_vec()).collect(),
        repeated: intake.repeated,
        sha256: intake.sha256.into_values().collect(),
        kept,
    }
}

/// The outcome on one thread without sieve, which is the ordinary way, and those that are to be the same.
fn compare(catalogue: &Catalogue, folder: &Path) -> Result<Outcome, TestCaseError> {
    let ordinary = outcome(catalogue, folder, false, 1, BLOCK);
    for (sieved, threads, block) in
        [(true, 1, BLOCK), (true, 2, 64), (false, 2, 1), (true, 3, 300), (false, 3, 1000), (true, 2, BLOCK)]
    {
        let other = outcome(catalogue, folder, sieved, threads, block);
        prop_assert_eq!(&ordinary, &other, "sieve {}, {} threads, blocks of {}", sieved, threads, block);
    }
    Ok(ordinary)
}

/// A person, what is at fault, and a number that makes keys differ.
type Drawn = (usize, u32, u32);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    proptest::collection::vec((0..PEOPLE, 0u32..30, 0u32..60), 1..80)
}

/// A row of sjukpenning; what is at fault in it is drawn too.
fn sjukpenning((person, fault, day): &Drawn, people: &[String]) -> Cells<'static> {
    let number = match fault {
        0 => "184011302398".to_owned(),
        1 => String::new(),
        2 => format!("{}+{}", &people[*person][2..8], &people[*person][8..]),
        3 => "HEMLIGT".to_owned(),
        _ => people[*person].clone(),
    };
    let date = |day: u32| format!("2019{:02}{:02}", day / 28 + 1, day % 28 + 1);
    let from = match fault {
        4 => "20190230".to_owned(),
        5 => String::new(),
        _ => date(*day),
    };
    let percent = if *fault == 6 { "33" } else { "100" };
    vec![
        ("personnummer", number),
        ("fran_datum", from),
        ("till_datum", if *fault == 7 { "20180101".to_owned() } else { date(*day) }),
        ("omfattning_procent", percent.to_owned()),
    ]
}

/// Damages a text file: short and long lines, quotation, other line ends, no line end.
fn rot(text: &[u8], lines: &[Drawn], header: usize, end: u32) -> Vec<u8> {
    let split = text.split_inclusive(|byte| *byte == b'\n');
    let mut rotten: Vec<u8> = Vec::new();
    for (nr, line) in split.enumerate() {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let fault = nr.checked_sub(header).and_then(|nr| lines.get(nr)).map_or(29, |(_, fault, _)| *fault);
        match fault {
            10 => rotten.extend_from_slice(&body[..body.len() / 2]),
            11 => rotten.extend([body, b";;x"].concat()),
            12 => rotten.extend([b"\"", body, b"\""].concat()),
            13 => rotten.extend([body, b"\"\r\n\n\r\n"].concat()),
            14 => rotten.extend(body.split(|byte| *byte == b';').collect::<Vec<_>>().join(&b"\";\""[..])),
            15 => {
                rotten.extend(body.iter().flat_map(|byte| if *byte == b';' { vec![b';', b'"'] } else { vec![*byte] }))
            }
            _ => rotten.extend_from_slice(body),
        }
        rotten.extend_from_slice(if fault % 2 == 0 { b"\r\n" } else { b"\n" });
    }
    match end {
        0 => rotten.truncate(rotten.len().saturating_sub(2)),
        1 => rotten.truncate(rotten.len().saturating_sub(9)),
        _ => {}
    }
    rotten
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_of_reading_gives_the_same(lines in drawn(), end in 0u32..6, is_rotten in any::<bool>()) {
        let people = numbers(PEOPLE);
        let rows: Vec<Cells<'_>> = lines.iter().map(|line| sjukpenning(line, &people)).collect();
        for (format, header) in [("fastbredd", 0), ("avgransad", 1), ("parquet", 0), ("xlsx", 1)] {
            let (catalogue, root) = (in_format(format), Root::new());
            let folder = root.deliver(&contract(&catalogue, "fk_sjukpenning"), UTTAG, &rows);
            if is_rotten && header + 1 < 3 && !matches!(format, "parquet" | "xlsx") {
                damage(&folder, |bytes| rot(&bytes, &lines, header, end));
            }
            let found = compare(&catalogue, &folder)?;
            prop_assert!(is_rotten || found.counts[0] == rows.len() as u64);
        }
    }

    #[test]
    fn totals_and_several_people_in_a_row(lines in drawn()) {
        let (catalogue, root, people) = (catalogue(), Root::new(), numbers(PEOPLE));
        let rows: Vec<Cells<'_>> = lines
            .iter()
            .map(|(person, fault, day)| {
                let other = &people[(*person + *day as usize) % PEOPLE];
                let other = if *fault < 20 { String::new() } else { other.clone() };
                let month = format!("{:0width$}", day % 12 + 1, width = *fault as usize % 3);
                vec![
                    ("personnummer_1", people[*person].clone()),
                    ("personnummer_2", other),
                    ("manad_nr", month),
                    ("belopp_antal", (day * 100).to_string()),
                ]
            })
            .collect();
        let folder = root.deliver(&contract(&catalogue, "ekonomiskt_bistand"), UTTAG, &rows);
        let found = compare(&catalogue, &folder)?;
        prop_assert!(!found.faults.contains("rule: ControlTotal"), "{}", found.faults);
    }
}

#[test]
fn a_file_of_another_hash_is_refused_whatever_stands_in_it() {
    let (catalogue, root) = (catalogue(), Root::new());
    let people = numbers(PEOPLE);
    let rows: Vec<Cells<'_>> = (0..50).map(|nr| sjukpenning(&(nr % PEOPLE, nr as u32, nr as u32), &people)).collect();
    let folder = root.deliver(&contract(&catalogue, "fk_sjukpenning"), UTTAG, &rows);
    let path = root::data_file(&folder);
    let mut bytes = fs::read(&path).expect("the file is there");
    bytes.truncate(100);
    fs::write(&path, bytes).expect("writable");
    let found = compare(&catalogue, &folder).expect("the same");
    assert_eq!((found.counts, found.rows.len()), ([0; 6], 0));
    assert!(found.faults.contains("Checksum") && !found.faults.contains("Truncated"), "{}", found.faults);
}

/// The whole of ingest: the sieve's numbers are read again from the deliveries, under every number of a person.
#[test]
fn a_night_on_one_thread_and_on_more_writes_the_same_bytes() {
    let (catalogue, people) = (catalogue(), numbers(PEOPLE));
    let written = [1, 2, 3].map(|threads| {
        let root = Root::with_required(&catalogue);
        fs::remove_dir_all(root.path.join("deliveries/sus_deltagande")).expect("ours");
        fs::write(root.path.join("finsam.toml"), format!("threads = {threads}\n")).expect("writable");
        fs::write(&root.key, [3; 32]).expect("writable");
        let participant = |nr: usize| -> Cells<'static> {
            vec![("deltagande_id", format!("D{nr:07}")), ("personnummer", people[nr].clone())]
        };
        let participants: Vec<Cells<'_>> = (0..PARTICIPANTS).map(participant).collect();
        root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &participants);
        let change = vec![("tidigare", people[PARTICIPANTS].clone()), ("nytt", people[0].clone())];
        root.deliver(&contract(&catalogue, "nummerbyte"), UTTAG, &[change]);
        let rows: Vec<Cells<'_>> =
            (0..3000).map(|nr| sjukpenning(&(nr % PEOPLE, 20, (nr / PEOPLE) as u32 % 330), &people)).collect();
        root.deliver(&contract(&catalogue, "fk_sjukpenning"), UTTAG, &rows);
        root.ingest(&catalogue).0.expect("the required deliveries are there");
        let receipt = root.receipt("fk_sjukpenning", UTTAG);
        assert!(receipt.outside > 0 && receipt.kept > 0);
        let core = fs::read(root.core("fk_sjukpenning", UTTAG)).expect("a core file");
        (core, receipt.kept, receipt.outside, receipt.rejected, root.felrapport("fk_sjukpenning", UTTAG))
    });
    assert_eq!(written[0], written[1]);
    assert_eq!(written[0], written[2]);
    // The former number of a participant is theirs.
    assert_eq!(written[0].1 * (PEOPLE - PARTICIPANTS - 1) as u64, written[0].2 * (PARTICIPANTS + 1) as u64);
}
