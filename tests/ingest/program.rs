//! A rule of ingest in Rust is grounds to read a delivery again, as one in a contract is.

use super::{UTTAG, contract};
use crate::support::catalogue;
use crate::support::country::files;
use crate::support::root::Root;
use std::collections::BTreeMap;
use std::path::Path;

/// FNV-1a of 128 bits, as its authors describe it.
fn fnv(bytes: impl Iterator<Item = u8>) -> u128 {
    let step = |hash: u128, byte| (hash ^ u128::from(byte)).wrapping_mul((1 << 88) + 0x13b);
    bytes.fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, step)
}

#[test]
fn a_receipt_says_by_which_sources_it_was_read() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for folder in ["pipeline/contract", "pipeline/ingest", "pipeline/pseudonymise"] {
        let held = files(&here.join(folder)).into_iter();
        sources.extend(held.map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
    }
    sources.retain(|name, _| name.ends_with(".rs"));
    for name in ["Cargo.lock", "pipeline/fault.rs", "pipeline/lake.rs"] {
        sources.insert(name.to_owned(), std::fs::read(here.join(name)).expect("a source"));
    }
    assert!(sources.len() > 60, "{} sources", sources.len());
    let bytes = sources.iter().flat_map(|(name, bytes)| [name.as_bytes(), &[0], bytes, &[0]].concat());
    let expected = format!("{}+{:032x}", env!("CARGO_PKG_VERSION"), fnv(bytes));
    let (catalogue, root) = (catalogue(), Root::new());
    root.deliver(&contract(&catalogue, "sus_anonyma"), UTTAG, &[vec![]]);
    let _ = root.ingest(&catalogue);
    assert_eq!(root.receipt("sus_anonyma", UTTAG).grounds.program, expected);
}
