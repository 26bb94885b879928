#![no_main]
mod reading;

use libfuzzer_sys::fuzz_target;
use pipeline::contract::{Contract, Kind};
use std::sync::OnceLock;

static CONTRACT: OnceLock<Contract> = OnceLock::new();

/// The columns of tests/formats/other/people.sas7bdat, the corpus: what follows the header must be reached too.
fn people() -> Contract {
    let changes = [("format", "sas7bdat"), ("teckenkodning", "cp1252")];
    let mut contract = reading::contract("sus_deltagande", &changes);
    let kinds = [
        ("ID", Kind::Integer),
        ("SBP", Kind::Decimal),
        ("DBP", Kind::Date),
        ("GENDER", Kind::Text),
        ("AGE", Kind::Long),
        ("WT", Kind::Decimal),
    ];
    contract.columns.truncate(kinds.len());
    for (column, (header, kind)) in contract.columns.iter_mut().zip(kinds) {
        (column.header, column.kind) = (header.to_owned(), kind);
    }
    contract
}

fuzz_target!(|bytes: &[u8]| reading::read(CONTRACT.get_or_init(people), "sas7bdat", bytes));
