#![no_main]
mod reading;

use libfuzzer_sys::fuzz_target;
use pipeline::contract::Contract;
use std::sync::OnceLock;

static CONTRACT: OnceLock<Contract> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let contract = CONTRACT.get_or_init(|| reading::contract("sus_deltagande", &[]));
    for suffix in ["csv.gz", "csv.zip"] {
        reading::read(contract, suffix, bytes);
    }
});
