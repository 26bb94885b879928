//! What holds of every number and every text.

use super::*;
use proptest::prelude::*;

/// A number with a right check digit: dates that exist and those that do not, samordningsnummer, any serial.
fn number() -> impl Strategy<Value = String> {
    (1800u32..2100, 0u32..13, 0u32..92, 0u32..1000).prop_map(|(year, month, day, serial)| {
        let eleven = format!("{year:04}{month:02}{day:02}{serial:03}");
        let check = (0..10).find(|check| {
            let ten = format!("{}{check}", &eleven[2..]);
            let values: Vec<u8> = ten.bytes().map(|byte| byte - b'0').collect();
            super::super::rules::luhn(&values)
        });
        format!("{eleven}{}", check.expect("one of ten"))
    })
}

fn sound() -> impl Strategy<Value = (String, Canonical)> {
    number().prop_filter_map("a number", |text| Some((text.clone(), Canonical::person(&text, 2023).ok()?)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_canonical_number_is_twelve_digits_and_its_own_canonical_form((text, canonical) in sound()) {
        let bytes = canonical.bytes();
        prop_assert!(bytes.iter().all(u8::is_ascii_digit));
        prop_assert_eq!(&bytes[..], text.as_bytes());
        prop_assert_eq!(Canonical::plain(bytes), Ok(canonical));
        // The year of reading matters to ten digits alone.
        prop_assert_eq!(Canonical::person(&text, 1950), Ok(canonical));
    }

    #[test]
    fn every_spelling_is_one_number((text, canonical) in sound(), reference in 1900i32..2200) {
        let (date, serial) = text.split_at(8);
        for spelled in [format!("{date}-{serial}"), format!("{date}+{serial}"), format!("  {text} ")] {
            prop_assert_eq!(Canonical::person(&spelled, reference), Ok(canonical));
        }
        let year: i32 = text[..4].parse().expect("four digits");
        let age = reference - year;
        let sign = if (0..100).contains(&age) { '-' } else { '+' };
        let short = Canonical::person(&format!("{}{sign}{serial}", &date[2..]), reference);
        if (0..200).contains(&age) {
            prop_assert_eq!(short, Ok(canonical));
        } else {
            prop_assert_ne!(short, Ok(canonical));
        }
    }

    #[test]
    fn a_single_wrong_digit_is_refused((text, _) in sound(), at in 2usize..12, other in 1u8..10) {
        let mut bytes = text.into_bytes();
        bytes[at] = b'0' + (bytes[at] - b'0' + other) % 10;
        let changed = String::from_utf8(bytes).expect("digits");
        prop_assert!(Canonical::person(&changed, 2023).is_err(), "{}", changed);
    }

    #[test]
    fn the_short_way_judges_as_the_rules_do(
        digits in proptest::array::uniform12(0u8..10),
        stray in any::<u8>(),
        at in 0usize..24,
    ) {
        let mut bytes = digits.map(|digit| b'0' + digit);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = stray;
        }
        let expected = naive(&bytes);
        prop_assert_eq!(Canonical::plain(&bytes).is_ok(), expected);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            // Blanks around a text are not part of it.
            prop_assert!(text.contains(' ') || Canonical::person(text, 2023) == Canonical::plain(&bytes));
        }
    }

    #[test]
    fn rightly_checked_numbers_are_judged_as_the_rules_do(text in number()) {
        let bytes = <[u8; 12]>::try_from(text.as_bytes()).expect("twelve");
        prop_assert_eq!(Canonical::plain(&bytes).is_ok(), naive(&bytes));
    }

    #[test]
    fn no_text_breaks_it(
        text in any::<String>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..20),
        year in any::<i16>(),
    ) {
        for text in [text.as_str(), &String::from_utf8_lossy(&bytes)] {
            let found = Canonical::person(text, i32::from(year));
            prop_assert!(found.is_err() || text.bytes().filter(u8::is_ascii_digit).count() >= 10);
            let _ = Canonical::employer(text, i32::from(year));
            let _ = Canonical::reserve(text, Issuers::ALL, i32::from(year));
            let _ = stands_in(text);
        }
    }

    #[test]
    fn no_text_that_is_nearly_one_breaks_it(text in "[0-9A-Z +-]{8,14}", year in any::<i32>()) {
        let year = year / 2;
        for found in [Canonical::person(&text, year), Canonical::employer(&text, year)].into_iter().flatten() {
            prop_assert!(found.bytes().iter().all(u8::is_ascii_digit));
        }
        if let Ok(found) = Canonical::reserve(&text, Issuers::ALL, year) {
            let again = std::str::from_utf8(found.bytes()).expect("ASCII");
            prop_assert_eq!(Canonical::reserve(again, Issuers::ALL, year), Ok(found), "its own canonical form");
        }
        let _ = stands_in(&text);
    }
}

/// The rules once more, slowly, with a calendar that somebody else made.
fn naive(bytes: &[u8; 12]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if !text.chars().all(|letter| letter.is_ascii_digit()) {
        return false;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().expect("digits");
    let (year, month, day, serial) = (number(0..4), number(4..6), number(6..8), number(8..11));
    let date = chrono::NaiveDate::from_ymd_opt(i32::try_from(year).expect("four digits"), month, day);
    let dated = date.is_some() || (60..92).contains(&day) && month <= 12;
    let doubled: u32 = text[2..].bytes().step_by(2).map(|b| u32::from(b - b'0') * 2).map(|p| p / 10 + p % 10).sum();
    let single: u32 = text[3..].bytes().step_by(2).map(|b| u32::from(b - b'0')).sum();
    (1800..2100).contains(&year) && dated && serial > 0 && (doubled + single).is_multiple_of(10)
}
