#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::pseudonymise::{Canonical, stands_in};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let found = stands_in(text);
    for year in [1900, 1999, 2000, 2023] {
        if Canonical::person(text, year).is_ok() {
            assert!(found, "what is taken for a number is not found in running text");
            assert!(text.trim_matches(' ').is_ascii(), "other digits than ours are taken");
        }
        // An employer is an organisation, or a person of the same canonical form.
        if let (Ok(person), Ok(employer)) = (Canonical::person(text, year), Canonical::employer(text, year)) {
            assert!(person == employer, "one number has two forms");
        }
    }
});
