#![no_main]
mod reading;

use libfuzzer_sys::fuzz_target;
use pipeline::contract::Contract;
use std::sync::OnceLock;

static CONTRACT: OnceLock<Contract> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    reading::read(CONTRACT.get_or_init(|| reading::contract("agi", &[("format", "parquet")])), "parquet", bytes);
});
