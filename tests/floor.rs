//! The floor under ingest of a full-population register: each part of the work that nobody can do without, alone on
//! two cores. Measured by `make bench`, on the files of tests/bench/population.sh.

use crate::support::root::numbers;
use pipeline::contract::Identity;
use pipeline::lake;
use pipeline::pseudonymise::{Canonical, Key, Pseudonymiser};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Instant;

const CORES: u64 = 2;

/// Does the parts of a work side by side; the sum of what they give, and the seconds.
fn on_both(work: impl Fn(u64) -> u64 + Sync) -> (u64, f64) {
    let began = Instant::now();
    let sum = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..CORES)
            .map(|core| {
                scope.spawn({
                    let work = &work;
                    move || work(core)
                })
            })
            .collect();
        parts.into_iter().map(|part| part.join().expect("a part ends")).sum()
    });
    (sum, began.elapsed().as_secs_f64())
}

/// Reads a file and counts its lines and delimiters.
fn scan(path: &Path) -> (u64, f64) {
    let size = path.metadata().expect("the file is there").len();
    on_both(|core| {
        let mut file = File::open(path).expect("readable");
        let (from, till) = (size * core / CORES, size * (core + 1) / CORES);
        file.seek(SeekFrom::Start(from)).expect("within the file");
        let (mut left, mut found, mut block) = ((till - from) as usize, 0, vec![0; 1 << 20]);
        while left > 0 {
            let read = file.read(&mut block[..left.min(1 << 20)]).expect("readable");
            found += memchr::memchr2_iter(b';', b'\n', &block[..read]).count() as u64;
            left -= read;
        }
        found
    })
}

/// So many pseudonyms, the keyed state prepared once.
fn hash(count: u64) -> (u64, f64) {
    let key = Key::from_bytes(&[7; 32]).expect("a key");
    let pseudonymiser = Pseudonymiser::new(&key, "prov");
    let people: Vec<Canonical> =
        numbers(1000).iter().map(|text| Canonical::person(text, 2023).expect("a test number")).collect();
    on_both(|_| {
        let person = |nr: u64| pseudonymiser.pseudonym(Identity::Person, &people[nr as usize % people.len()]);
        (0..count / CORES).map(|nr| u64::from(person(nr)[0])).sum()
    })
}

/// Writes the rows of a core file, once on each core.
fn encode(core: &Path) -> (u64, f64) {
    let batches: Vec<_> = lake::read(core).expect("a core file").map(|batch| batch.expect("rows")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    on_both(|nr| {
        let path = folder.path().join(format!("{nr}.parquet"));
        let mut writer = lake::Writer::create(&path, batches[0].schema(), &[]).expect("writable");
        let half = batches.iter().enumerate().filter(|(at, _)| *at as u64 % CORES == nr);
        half.for_each(|(_, batch)| writer.write(batch).expect("writable"));
        writer.finish().expect("writable")
    })
}

#[test]
#[ignore = "a measurement: make bench"]
fn floor() {
    let Some(folder) = std::env::var_os("FINSAM_BENCH").map(std::path::PathBuf::from) else { return };
    let print = |part: &str, (_, seconds): (u64, f64)| println!("floor: {seconds:.2} s {part}");
    print("scan of the CSV", scan(&folder.join("agi.csv")));
    print("10 million HMAC-SHA-256", hash(10_000_000));
    print("the kept rows as Parquet", encode(&folder.join("rot-csv/core/agi/2023-06-30.parquet")));
}
