//! A file of the bytes that the fuzzer made, read by a contract of the repository.

use pipeline::contract::{Catalogue, Contract};
use pipeline::fault::FaultLog;
use pipeline::ingest::decode;
use pipeline::layer::Layer;
use std::path::PathBuf;

/// A delivery contract with some of its properties changed.
pub fn contract(name: &str, changes: &[(&str, &str)]) -> Contract {
    // A reader that catches a panic of its library is sound: only one that gets out stops the fuzzer.
    std::panic::set_hook(Box::new(|_| ()));
    let catalogue = Catalogue::embedded().expect("sound contracts");
    let mut contract = Contract::clone(catalogue.contract(Layer::Deliveries, name).expect("a contract"));
    for (property, value) in changes {
        let value = serde_yaml_ng::from_str(value).expect("YAML");
        contract.custom.insert((*property).to_owned(), value);
    }
    contract
}

/// Reads the bytes as a file of some suffix. Faults are what is expected of most of them.
pub fn read(contract: &Contract, suffix: &str, bytes: &[u8]) {
    let path: PathBuf = std::env::temp_dir().join(format!("finsam-fuzz-{}.{suffix}", std::process::id()));
    std::fs::write(&path, bytes).expect("the folder is writable");
    let mut faults = FaultLog::default();
    decode(contract, &path, &mut faults).expect("the contract describes its format");
}
