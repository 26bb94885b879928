//! Finds numbers in texts that are meant to hold none.

use super::{Canonical, Issuers};

/// Fewest digits of any number: Värmland's has nine.
const DIGITS_MIN: usize = 9;

/// Any leap year serves to give a century: the day's century matters for 29 February alone.
const YEAR: i32 = 2000;

/// Whether an identity number of a person stands somewhere in a text: of twelve characters or of ten, with or without
/// separator, interim and reserve numbers among them. An id that happens to look like one counts as one: nobody can
/// tell them apart.
pub fn stands_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() < DIGITS_MIN {
        return false;
    }
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let starts = (0..bytes.len()).filter(|&at| is_digit(at) && (at == 0 || !is_digit(at - 1)));
    starts.into_iter().any(|start| number_at(&bytes[start..]))
}

/// Whether a run of digits begins a number.
fn number_at(bytes: &[u8]) -> bool {
    let run = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // Four digits, or a word of four capitals and digits.
    let is_serial = |at: usize| {
        let long = |belongs: fn(&u8) -> bool| bytes.iter().skip(at).take_while(|byte| belongs(byte)).count() == 4;
        long(u8::is_ascii_digit) || long(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    };
    match (run, bytes.get(run)) {
        (12, _) => is_number(&bytes[..12]),
        (10, _) => is_number(&[&bytes[..6], b"-", &bytes[6..10]].concat()),
        (6 | 8, Some(b'-' | b'+')) if is_serial(run + 1) => is_number(&bytes[..run + 5]),
        (6, Some(_)) if is_serial(6) => is_number(&[&bytes[..6], b"-", &bytes[6..10]].concat()),
        (8, Some(_)) if is_serial(8) => is_number(&bytes[..12]),
        _ => false,
    }
}

fn is_number(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let reserve = || Issuers::ALL.iter().any(|issuer| issuer.canonical(bytes, YEAR).is_some());
        Canonical::person(text, YEAR).is_ok() || reserve()
    })
}
