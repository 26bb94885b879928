//! The shared test interface of the personnummer libraries, and Skatteverket's test numbers, where they lie beside
//! the repository.

use super::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The year in which the interface is read: after its youngest number.
const READ: i32 = 2026;

fn shared(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/personnummer").join(name);
    let text = fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_array().expect("a list").iter().map(text).collect()
}

/// Also what a hint in the number says of sex, though nobody is offered it: the third of the serial, odd for men.
fn is_male(canonical: &Canonical) -> bool {
    (canonical.bytes()[10] - b'0') % 2 == 1
}

#[test]
fn personnummer_and_samordningsnummer_come_out_as_the_interface_says() {
    let Some(list) = shared("list.json") else { return };
    for case in list.as_array().expect("a list") {
        let form = |name: &str| case[name].as_str().expect("a text");
        let is_valid = case["valid"] == true;
        for name in ["long_format", "separated_format", "separated_long"] {
            let found = Canonical::person(form(name), READ);
            assert_eq!(found.is_ok(), is_valid, "{name} of {case}");
            let Ok(canonical) = found else { continue };
            assert_eq!(canonical.bytes(), form("long_format").as_bytes(), "{name} of {case}");
            let is_personnummer = canonical.quality() == Quality::Personnummer;
            assert_eq!(is_personnummer, case["type"] == "ssn", "{case}");
            assert_eq!((is_male(&canonical), !is_male(&canonical)), (case["isMale"] == true, case["isFemale"] == true));
        }
        // A whole number has lost no zero: none begins with one.
        assert_eq!(Canonical::person(&case["integer"].to_string(), READ).is_ok(), is_valid, "{case}");
        // Ten digits without a sign leave the century to a guess: valid as the separated ones are, and refused.
        assert_eq!(form("short_format"), form("separated_format").replace(['-', '+'], ""));
        assert!(Canonical::person(form("short_format"), READ).is_err(), "{case}");
    }
}

#[test]
fn the_structured_interface_comes_out_as_it_says() {
    let Some(structured) = shared("structured.json") else { return };
    for kind in ["ssn", "con"] {
        for form in ["integer", "string"] {
            let cases = &structured[kind][form];
            for text in texts(&cases["valid"]) {
                let (has_century, has_sign) = (text.len() >= 12, text.contains(['-', '+']));
                let taken = Canonical::person(&text, READ).map(|canonical| canonical.quality());
                assert_eq!(taken.is_ok(), has_century || has_sign, "{text}");
                assert!(taken.is_err() || (taken == Ok(Quality::Personnummer)) == (kind == "ssn"), "{text}");
            }
            for text in texts(&cases["invalid"]) {
                assert!(Canonical::person(&text, READ).is_err(), "{text}");
            }
        }
    }
}

#[test]
fn interim_numbers_come_out_as_the_interface_says_where_they_are_asked_for() {
    let Some(interim) = shared("interim.json") else { return };
    for case in interim.as_array().expect("a list") {
        let form = |name: &str| case[name].as_str().expect("a text");
        for name in ["long_format", "separated_format", "separated_long"] {
            let found = Canonical::reserve(form(name), Issuers::named(["interim"].into_iter()).expect("one"), READ);
            assert_eq!(found.is_ok(), case["valid"] == true, "{name} of {case}");
            assert!(Canonical::person(form(name), READ).is_err(), "off unless it is asked for: {case}");
            let Ok(canonical) = found else { continue };
            assert_eq!(canonical.bytes(), form("long_format").as_bytes(), "{name} of {case}");
            assert_eq!(canonical.quality(), Quality::Reserve(Issuer::Interim));
            assert_eq!(is_male(&canonical), case["isMale"] == true, "{case}");
        }
    }
}

#[test]
fn organisations_are_told_apart() {
    let Some(organisations) = shared("orgnumber.json") else { return };
    for case in organisations.as_array().expect("a list") {
        let form = |name: &str| case[name].as_str().expect("a text");
        assert_eq!(Canonical::person(form("separated_format"), READ), Err(Defect::Organisation), "{case}");
        assert!(Canonical::person(form("short_format"), READ).is_err(), "{case}");
        let whole = format!("16{}", form("short_format"));
        assert_eq!(Canonical::person(&whole, READ), Err(Defect::Organisation), "{case}");
        for text in [form("separated_format"), form("short_format"), &whole, &case["integer"].to_string()] {
            let employer = Canonical::employer(text, READ).expect("an organisation is an employer");
            assert_eq!((employer.bytes().as_slice(), employer.quality()), (whole.as_bytes(), Quality::Organisation));
        }
    }
}

/// `FINSAM_TESTNUMMER` names a folder with the whole lists, `allPins.json` and `allCoords.json`, for a look by hand.
#[test]
fn the_official_test_numbers_are_taken() {
    let whole = |name: &str| {
        let folder = std::env::var_os("FINSAM_TESTNUMMER")?;
        let text = fs::read_to_string(Path::new(&folder).join(name)).ok()?;
        Some(serde_json::from_str::<Value>(&text).expect("JSON"))
    };
    let personnummer = whole("allPins.json").or_else(|| shared("test_personnummer_sample.json"));
    for text in personnummer.iter().flat_map(texts) {
        assert_eq!(quality(&text), Ok(Quality::Personnummer), "{text}");
    }
    let samordningsnummer = whole("allCoords.json").or_else(|| shared("test_samordningsnummer_sample.json"));
    let mut without_date = 0;
    for text in samordningsnummer.iter().flat_map(texts) {
        let found = quality(&text).expect("a samordningsnummer");
        without_date += usize::from(found != Quality::Samordningsnummer);
        assert_ne!(found, Quality::Personnummer, "{text}");
    }
    assert!(samordningsnummer.is_none() || without_date > 20, "a strict test of dates would fail them");
}
