//! A data root in a temporary folder: deliveries written by contract, damaged by hand, sealed again.

use arrow::array::AsArray;
use chrono::NaiveDate;
use pipeline::contract::{Catalogue, Contract};
use pipeline::error::Result;
use pipeline::generate::{DeliveryWriter, Leverans, Nummer, Slag};
use pipeline::ingest::{self, BLOCK, Context, Delivery, Intake, MANIFEST, Scan, Sets, Taken};
use pipeline::job::{Job, Progress};
use pipeline::lake;
use pipeline::layer::Layer;
use pipeline::pseudonymise::{Key, Pseudonymiser};
use pipeline::receipt::Receipt;
use pipeline::stage::Night;
use serde_yaml_ng::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Column and text.
pub type Cells<'a> = Vec<(&'a str, String)>;

/// The date of extraction of every delivery that needs no other.
pub const UTTAG: &str = "2023-06-30";

pub struct Root {
    pub folder: TempDir,
    pub path: PathBuf,
    pub key: PathBuf,
}

impl Root {
    pub fn new() -> Root {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, key) = (folder.path().join("root"), folder.path().join("key"));
        fs::create_dir(&path).expect("the folder is writable");
        Key::create(&key).expect("the folder is writable");
        Root { folder, path, key }
    }

    /// With one blank row of every contract that the night cannot do without.
    pub fn with_required(catalogue: &Catalogue) -> Root {
        let root = Root::new();
        for contract in catalogue.layer(Layer::Deliveries).filter(|contract| contract.custom_flag("kravs")) {
            root.deliver(contract, UTTAG, &[vec![]]);
        }
        root
    }

    /// Writes a delivery; its folder.
    pub fn deliver(&self, contract: &Contract, date: &str, rows: &[Cells<'_>]) -> PathBuf {
        self.deliver_period(contract, date, ("2018-01-01", "2023-06-30"), rows)
    }

    pub fn deliver_period(
        &self,
        contract: &Contract,
        date: &str,
        (from, till): (&str, &str),
        rows: &[Cells<'_>],
    ) -> PathBuf {
        let deliveries = self.path.join("deliveries");
        let mut writer = DeliveryWriter::create(contract, &deliveries, day(date)).expect("a layout in the contract");
        for row in rows {
            let row: Vec<(&str, &str)> = row.iter().map(|(name, text)| (*name, text.as_str())).collect();
            writer.row(&row).expect("the row fits the layout");
        }
        writer.finish(&Leverans::of_all(day(from), day(till))).expect("the folder is writable")
    }

    pub fn job(&self, catalogue: &Catalogue) -> Job {
        let progress = Progress::new(true);
        Job::open(&self.path, Some(&self.key), catalogue.clone(), progress).expect("the root is sound")
    }

    /// Runs ingest alone.
    pub fn ingest(&self, catalogue: &Catalogue) -> (Result<()>, Night) {
        let mut night = Night::default();
        let outcome = ingest::run(&self.job(catalogue), &mut night);
        (outcome, night)
    }

    pub fn receipt(&self, table: &str, date: &str) -> Receipt {
        let path = self.path.join("receipts").join(table).join(format!("{date}.json"));
        Receipt::read(&path).expect("the delivery was read")
    }

    pub fn felrapport(&self, table: &str, date: &str) -> String {
        let path = self.path.join("faults").join(table).join(format!("{date}.html"));
        fs::read_to_string(path).unwrap_or_default()
    }

    /// Deltaganden of a core file of SUS without a pseudonym.
    pub fn without_pseudonym(&self, date: &str) -> Vec<String> {
        let mut found = Vec::new();
        for batch in lake::read(&self.core("sus_deltagande", date)).expect("a core file") {
            let batch = batch.expect("rows");
            let column = |name: &str| batch.column_by_name(name).expect("a column").clone();
            let (ids, pseudonyms) = (column("deltagande_id"), column("pseudonym"));
            let rows = (0..batch.num_rows()).filter(|row| pseudonyms.is_null(*row));
            found.extend(rows.map(|row| ids.as_string::<i32>().value(row).to_owned()));
        }
        found
    }

    pub fn core(&self, table: &str, date: &str) -> PathBuf {
        self.path.join("core").join(table).join(format!("{date}.parquet"))
    }
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The delivery contract of a table.
pub fn contract(catalogue: &Catalogue, table: &str) -> std::sync::Arc<Contract> {
    catalogue.contract(Layer::Deliveries, table).expect("there is such a contract").clone()
}

/// Test numbers, each once.
pub fn numbers(count: usize) -> Vec<String> {
    let mut nummer = Nummer::new(7);
    (0..count).map(|_| nummer.next(Slag::Personnummer).expect("there are enough")).collect()
}

/// The delivery that lies in a folder, as a night would find it.
pub fn found(catalogue: &Catalogue, folder: &Path) -> Delivery {
    let deliveries = folder.ancestors().nth(2).expect("contract and date");
    let scan = Scan::of(deliveries, catalogue, NaiveDate::MAX).expect("the folder can be listed");
    scan.deliveries.into_iter().find(|delivery| delivery.folder == folder).expect("the delivery is there")
}

/// Takes a delivery in memory, under given sets.
pub fn take_with(catalogue: &Catalogue, folder: &Path, sets: &Sets) -> (Intake, Vec<Taken>) {
    let key = Key::from_bytes(&[7; 32]).expect("a key");
    let pseudonymiser = Pseudonymiser::new(&key, "prov");
    let progress = Progress::new(true);
    let spill = folder.join("spill");
    let (threads, block) = (2, BLOCK);
    let context =
        Context { catalogue, pseudonymiser: &pseudonymiser, sets, spill, progress: &progress, threads, block };
    let mut taken = Vec::new();
    let intake = ingest::take(&found(catalogue, folder), &context, &mut |part| {
        taken.push(part);
        Ok(())
    });
    (intake.expect("only the delivery may be at fault"), taken)
}

pub fn take(catalogue: &Catalogue, folder: &Path) -> (Intake, Vec<Taken>) {
    take_with(catalogue, folder, &Sets::default())
}

/// Changes `leverans.yaml`.
pub fn edit_manifest(folder: &Path, edit: impl FnOnce(&mut Value)) {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).expect("a manifest");
    let mut manifest: Value = serde_yaml_ng::from_str(&text).expect("YAML");
    edit(&mut manifest);
    fs::write(&path, serde_yaml_ng::to_string(&manifest).expect("YAML")).expect("the folder is writable");
}

/// The one data file of a delivery.
pub fn data_file(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(folder.join(MANIFEST)).expect("a manifest");
    let manifest: Value = serde_yaml_ng::from_str(&text).expect("YAML");
    folder.join(manifest["filer"][0]["namn"].as_str().expect("a name"))
}

/// States the hash of the file as it is now.
pub fn seal(folder: &Path) {
    let bytes = fs::read(data_file(folder)).expect("the file is there");
    let hash = pipeline::hex(&Sha256::digest(bytes));
    edit_manifest(folder, |manifest| manifest["filer"][0]["sha256"] = hash.into());
}

/// Changes the bytes of a delivery and states their new hash.
pub fn damage(folder: &Path, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let path = data_file(folder);
    let bytes = change(fs::read(&path).expect("the file is there"));
    fs::write(&path, bytes).expect("the folder is writable");
    seal(folder);
}

/// As [`damage`], line by line; the lines keep their ends.
pub fn damage_lines(folder: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    damage(folder, |bytes| {
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        change(&mut lines);
        lines.concat()
    });
}
