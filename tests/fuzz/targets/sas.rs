#![no_main]
mod reading;

use libfuzzer_sys::fuzz_target;
use pipeline::contract::Contract;
use std::sync::OnceLock;

static CONTRACT: OnceLock<Contract> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let contract = CONTRACT.get_or_init(|| {
        // Any table will do whose columns the corpus has: what follows the header must be reached too.
        reading::contract("fk_sjukpenning", &[("format", "sas7bdat"), ("teckenkodning", "utf-8")])
    });
    reading::read(contract, "sas7bdat", bytes);
});
