#![no_main]
mod reading;

use libfuzzer_sys::fuzz_target;
use pipeline::contract::Contract;
use std::sync::OnceLock;

static CONTRACTS: OnceLock<Vec<Contract>> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let contracts = CONTRACTS.get_or_init(|| {
        ["utf-8", "cp1252", "iso-8859-1"]
            .map(|name| reading::contract("sus_deltagande", &[("teckenkodning", name)]))
            .into()
    });
    for contract in contracts {
        reading::read(contract, "csv", bytes);
    }
});
