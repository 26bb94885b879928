//! Another key for a whole data root: the figures are the same, the pseudonyms all others, and nothing of the old key
//! stays. Whatever comes in between leaves the old state, or ends in the new one.

mod remembered; // what protects, and is there no more

use crate::support::country::files;
use crate::support::land::Land;
use crate::support::root::{Cells, Root, UTTAG, contract};
use crate::support::{catalogue, paths};
use arrow::array::AsArray;
use pipeline::error::exit;
use pipeline::job::Job;
use pipeline::lake;
use pipeline::layer::Layer;
use pipeline::pseudonymise::{Key, KeyFile, Pseudonymiser};
use pipeline::publish::current;
use pipeline::rotation::{FOLDER, keyed_files, prepare, settle};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A published country with a list of either kind, and another key beside it.
struct Before {
    root: Root,
    new: PathBuf,
}

impl Before {
    fn new() -> Before {
        let catalogue = catalogue();
        let root = Land::new(&catalogue).root;
        let deliver = |table: &str, row: Cells<'_>| root.deliver(&contract(&catalogue, table), UTTAG, &[row]);
        deliver("samtycke_atertaget", vec![("deltagande_id", "D00003".into())]);
        deliver("skyddade_personer", vec![("personnummer", crate::support::root::numbers(1).remove(0))]);
        let night = root.run();
        assert!(night.published && night.refused.is_empty(), "{:?}", night.refused);
        let new = root.folder.path().join("ny");
        Key::create(&new).expect("writable");
        Before { root, new }
    }

    fn finsam(&self, key: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
        command.env_remove("FINSAM_ROOT").env_remove("CREDENTIALS_DIRECTORY").args(arguments);
        command.arg("--root").arg(&self.root.path).arg("--key-file").arg(key);
        command.output().expect("the program starts")
    }

    fn rotate(&self) -> Output {
        self.finsam(&self.root.key, &["key", "rotate", "--to", &self.new.display().to_string()])
    }

    fn key(&self, path: &Path) -> Key {
        Key::read(&KeyFile::named(path), &self.root.path).expect("a key")
    }

    /// The job of the old key, and everything made anew beside as far as the marker.
    fn prepared(&self) -> Job {
        let mut job = self.root.job(&catalogue());
        let pseudonymiser = Pseudonymiser::new(&self.key(&self.new), &job.settings.domain);
        prepare(&mut job, pseudonymiser).expect("everything is there");
        job
    }

    /// Everything but deliveries, log, lock and spill.
    fn made(&self) -> BTreeMap<String, Vec<u8>> {
        let mut made = BTreeMap::new();
        for name in ["core", "derived", "mart", "proof", "receipts", "faults", "release"] {
            let found = files(&self.root.path.join(name));
            made.extend(found.into_iter().map(|(at, bytes)| (format!("{name}/{at}"), bytes)));
        }
        made
    }

    fn figures(&self) -> BTreeMap<String, String> {
        let (_, folder) = current(&self.root.path).expect("a release");
        let tables = paths(&folder).into_iter().filter(|path| path.display().to_string().ends_with(".plain.csv"));
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        tables.map(|path| (name(&path), fs::read_to_string(&path).expect("text"))).collect()
    }

    fn pseudonyms(&self) -> BTreeSet<Vec<u8>> {
        let mut found = BTreeSet::new();
        for path in keyed_files(&self.root.path).expect("readable").into_iter().map(|file| file.path) {
            for batch in lake::read(&path).expect("a table") {
                let batch = batch.expect("rows");
                let held = batch.columns().iter().filter_map(|column| column.as_fixed_size_binary_opt());
                found.extend(held.flat_map(|column| column.iter().flatten().map(<[u8]>::to_vec).collect::<Vec<_>>()));
            }
        }
        found
    }

    /// Nothing is left to do, and nothing names the old key but the log, earlier releases and their proofs.
    fn assert_of_the_new_key_alone(&self, old_release: &str) {
        let (old, new) = (self.key(&self.root.key), self.key(&self.new));
        let run = self.finsam(&self.new, &["run"]);
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.success() && said.contains("nothing to do"), "{said}");
        assert!(keyed_files(&self.root.path).expect("readable").iter().all(|file| file.key_check == new.check()));
        assert!(!self.root.path.join(FOLDER).exists());
        // The proof of an earlier release keeps the counts that it was made of: no pseudonym is in them.
        let of_then = |layer: &str| self.root.path.join(layer).join(old_release);
        let may_name_it = [self.root.path.join("log"), of_then("release"), of_then("proof")];
        for path in paths(&self.root.path).iter().filter(|path| !may_name_it.iter().any(|at| path.starts_with(at))) {
            let bytes = fs::read(path).expect("readable");
            for sought in [old.id(), old.check()] {
                let found = bytes.windows(sought.len()).any(|window| window == sought.as_bytes());
                assert!(!found, "{} is of the old key", path.display());
            }
        }
        let told = self.finsam(&self.root.key, &["run"]);
        assert_eq!(told.status.code(), Some(i32::from(exit::KEY)), "the old key is of no use any more");
        let log = fs::read_to_string(self.root.path.join("log/finsam.jsonl")).expect("a log");
        let exchanged = format!(r#""former_key_id":"{}","key_id":"{}""#, old.id(), new.id());
        assert!(log.contains(&exchanged), "{log}");
    }
}

#[test]
fn another_key_gives_other_pseudonyms_and_the_same_figures() {
    let before = Before::new();
    let (figures, pseudonyms) = (before.figures(), before.pseudonyms());
    let (old_release, _) = current(&before.root.path).expect("a release");
    let same = before.finsam(&before.root.key, &["key", "rotate", "--to", &before.root.key.display().to_string()]);
    assert_eq!(same.status.code(), Some(i32::from(exit::USAGE)), "the key in use is no other key");
    let rotated = before.rotate();
    let said = String::from_utf8_lossy(&rotated.stderr).into_owned();
    assert!(rotated.status.success(), "{said}");
    assert!(said.contains("every delivery in force is read again") && said.contains("is deactivated"), "{said}");
    assert_eq!(String::from_utf8_lossy(&rotated.stdout).trim(), before.key(&before.new).id());
    let (release, _) = current(&before.root.path).expect("a release");
    assert_ne!(release, old_release);
    assert_eq!(before.figures(), figures, "no figure depends on the key");
    let others = before.pseudonyms();
    assert!(others.len() > 100 && others.len() == pseudonyms.len() && others.is_disjoint(&pseudonyms));
    assert!(before.root.path.join("release").join(&old_release).join("manifest.json").exists());
    before.assert_of_the_new_key_alone(&old_release);
}

#[test]
fn without_every_delivery_in_force_no_key_is_exchanged() {
    let before = Before::new();
    let made = before.made();
    let missing = |said: &str| {
        let rotated = before.rotate();
        let told = String::from_utf8_lossy(&rotated.stderr).into_owned();
        assert_eq!(rotated.status.code(), Some(i32::from(exit::DELIVERY_REQUIRED)), "{told}");
        assert!(told.contains(said) && told.contains("hint: "), "{told}");
        assert!(before.made() == made && !before.root.path.join(FOLDER).exists(), "nothing was changed");
    };
    let deliveries = before.root.path.join("deliveries");
    // A delivery in force, and a list that stays in force without its delivery.
    for table in ["fk_sjukpenning", "skyddade_personer", "samtycke_atertaget"] {
        let (here, away) = (deliveries.join(table), before.root.folder.path().join(table));
        fs::rename(&here, &away).expect("ours");
        missing(&format!("the required delivery {table} {UTTAG} is needed"));
        fs::rename(&away, &here).expect("ours");
    }
    let file = deliveries.join("agi").join(UTTAG).join("agi.parquet");
    let bytes = fs::read(&file).expect("a file");
    fs::write(&file, b"PAR1 PAR1").expect("ours");
    missing("agi");
    // Written again it is touched, and holds what it held.
    fs::write(&file, bytes).expect("ours");
    assert!(before.rotate().status.success());
}

#[test]
fn a_crash_before_the_new_is_whole_leaves_the_old() {
    let before = Before::new();
    let (made, release) = (before.made(), current(&before.root.path));
    drop(before.prepared());
    assert!(before.made() == made, "the new is made beside the old");
    assert_eq!(current(&before.root.path), release);
    let marker = before.root.path.join(FOLDER).join("klar.json");
    fs::remove_file(marker).expect("it is the last that is written");
    let night = before.root.run();
    assert!(!night.published && night.read == 0, "the old is as it was");
    assert!(before.made() == made && !before.root.path.join(FOLDER).exists());
}

#[test]
fn a_crash_after_it_is_finished_by_the_next_run() {
    let before = Before::new();
    let (figures, (old_release, folder)) = (before.figures(), current(&before.root.path).expect("a release"));
    drop(before.prepared());
    // Some of the steps are done: a release is in its place, core is aside, derived is exchanged.
    let (root, staging) = (&before.root.path, before.root.path.join(FOLDER));
    let new_release = fs::read_dir(staging.join("release")).expect("a folder").next().expect("one").expect("readable");
    fs::rename(new_release.path(), root.join("release").join(new_release.file_name())).expect("ours");
    fs::create_dir(staging.join("former")).expect("ours");
    for name in ["core", "derived"] {
        fs::rename(root.join(name), staging.join("former").join(name)).expect("ours");
    }
    fs::rename(staging.join("derived"), root.join("derived")).expect("ours");
    assert_eq!(current(root).expect("a release").1, folder, "the old release is in force");
    assert!(folder.join("manifest.json").exists() && root.join("mart").exists());
    let run = before.finsam(&before.new, &["run"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(before.figures(), figures);
    for layer in [Layer::Core, Layer::Derived, Layer::Mart] {
        assert!(root.join(layer.name()).exists());
    }
    before.assert_of_the_new_key_alone(&old_release);
}

#[test]
fn a_crash_while_it_is_cleared_away_takes_nothing_of_the_new() {
    let before = Before::new();
    let job = before.prepared();
    let staging = before.root.path.join(FOLDER);
    let marker = fs::read(staging.join("klar.json")).expect("the new is whole");
    settle(&job).expect("writable");
    let made = before.made();
    // What lay aside is gone, and the marker is not.
    fs::create_dir(&staging).expect("ours");
    fs::write(staging.join("klar.json"), marker).expect("ours");
    settle(&job).expect("writable");
    assert!(before.made() == made && made.keys().any(|name| name.starts_with("core/")) && !staging.exists());
}

/// Two roots of the same deliveries, each with a key of its own, taken in.
fn twins() -> [Root; 2] {
    let catalogue = catalogue();
    [(), ()].map(|()| {
        let root = Root::with_required(&catalogue);
        let deliver = |table: &str, row: Cells<'_>| root.deliver(&contract(&catalogue, table), UTTAG, &[row]);
        deliver("skyddade_personer", vec![("personnummer", crate::support::root::numbers(1).remove(0))]);
        root.ingest(&catalogue).0.expect("everything is there");
        root
    })
}

#[test]
fn data_of_two_keys_is_refused_before_it_is_joined() {
    let [ours, theirs] = twins();
    let job = ours.job(&catalogue());
    let night = ours.ingest(&catalogue()).1;
    for table in ["sus_deltagande", "folkbokforing", "kommun"] {
        let kept = fs::read(ours.core(table, UTTAG)).expect("a core file");
        fs::copy(theirs.core(table, UTTAG), ours.core(table, UTTAG)).expect("writable");
        let error = ours.ingest(&catalogue()).0.expect_err("it is of another key");
        assert_eq!(error.exit_code(), exit::KEY, "{table}: {error}");
        let error = pipeline::derive::open(&job, &night).err().expect("nor is it bound");
        assert_eq!(error.exit_code(), exit::KEY, "{table}: {error}");
        fs::write(ours.core(table, UTTAG), kept).expect("writable");
    }
    // A list of another key protects nobody here. While its delivery is there it is made anew; else it is refused.
    let list = |root: &Root| root.path.join("receipts/skyddade_personer/i_kraft.parquet");
    fs::copy(list(&theirs), list(&ours)).expect("writable");
    assert_eq!(ours.ingest(&catalogue()).1.read, 1, "the list alone is read again");
    fs::copy(list(&theirs), list(&ours)).expect("writable");
    fs::remove_dir_all(ours.path.join("deliveries/skyddade_personer")).expect("ours");
    assert_eq!(ours.ingest(&catalogue()).0.expect_err("nobody knows who is protected").exit_code(), exit::KEY);
    // Receipts of another key are trusted for nothing: all is read again.
    let [ours, theirs] = twins();
    fs::remove_dir_all(ours.path.join("receipts")).expect("ours");
    let copied = Command::new("cp").arg("-a").arg(theirs.path.join("receipts")).arg(&ours.path).status();
    assert!(copied.expect("cp").success());
    let (outcome, night) = ours.ingest(&catalogue());
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(night.read, night.receipts.len() as u64);
}
