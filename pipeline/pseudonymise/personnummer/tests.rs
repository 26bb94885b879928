//! Spellings, qualities and refusals; then the laws.

mod interface;
mod laws;

use super::*;

fn quality(text: &str) -> Result<Quality, Defect> {
    Canonical::person(text, 2023).map(|canonical| canonical.quality())
}

fn reserve(text: &str, codes: &[&str]) -> Result<Quality, Defect> {
    let issuers = Issuers::named(codes.iter().copied()).expect("names of issuers");
    Canonical::reserve(text, issuers, 2023).map(|canonical| canonical.quality())
}

#[test]
fn every_spelling_gives_the_same_number() {
    let twelve = Canonical::person("190905271474", 2023);
    assert!(twelve.is_ok());
    for text in ["19090527-1474", "19090527+1474", "090527+1474", " 190905271474 "] {
        assert_eq!(Canonical::person(text, 2023), twelve, "{text}");
    }
}

#[test]
fn the_century_follows_the_uttagsdatum() {
    let young = Canonical::person("090527-1474", 2023);
    let older = Canonical::person("200905271474", 2023);
    assert_eq!(young, older);
    assert_eq!(Canonical::person("090527-1474", 2008), Canonical::person("190905271474", 2008));
    // From 1 January of the year in which one turns 100 the sign is another, whatever the birthday.
    assert_eq!(Canonical::person("090527+1474", 2009), Canonical::person("190905271474", 2009));
    assert_eq!(Canonical::person("090527-1474", 2009), Canonical::person("200905271474", 2009));
    assert_eq!(Canonical::person("090527+1474", 2008), Canonical::person("180905271474", 2008));
}

#[test]
fn samordningsnummer_are_taken_with_a_quality() {
    assert_eq!(quality("191404722397"), Ok(Quality::Samordningsnummer));
    assert_eq!(quality("191500882392"), Ok(Quality::MonthUnknown));
    assert_eq!(quality("181500602394"), Ok(Quality::MonthUnknown), "of both, the month says more");
    assert_eq!(quality("192601602390"), Ok(Quality::DayUnknown));
    assert_eq!(quality("197302889931"), Ok(Quality::Samordningsnummer));
    assert_eq!(quality("181302902398"), Ok(Quality::NoSuchDate));
    assert_eq!(quality("191600602392").err(), Some(Defect::CheckDigit));
    assert_eq!(quality("191513722397").err(), Some(Defect::Date), "there is no month 13");
    assert_eq!(quality("191504922392").err(), Some(Defect::Date), "nor a day 32");
}

#[test]
fn everything_else_is_refused() {
    for (text, defect) in [
        ("", Defect::Form),
        ("1909052714 4", Defect::Form),
        ("19090527 1474", Defect::Form),
        ("090527 1474", Defect::Form),
        ("0905271474", Defect::Form),
        ("90527-1474", Defect::Form),
        ("905271474", Defect::Form),
        ("90905271474", Defect::Form),
        ("190905271474\n", Defect::Form),
        ("\t190905271474", Defect::Form),
        ("190905271474\u{a0}", Defect::Form),
        ("090527-1474\r", Defect::Form),
        ("090527–1474", Defect::Form),
        ("19090527147٤", Defect::Form),
        ("１90905271474", Defect::Form),
        ("20000101T220", Defect::Form),
        ("000101-T220", Defect::Form),
        ("19090527147A", Defect::Form),
        ("19090527147T", Defect::Form),
        ("090527-147X", Defect::Form),
        ("19090527147", Defect::Form),
        ("090527-147 ", Defect::Form),
        ("201509160006", Defect::Serial),
        ("190905271475", Defect::CheckDigit),
        ("190902301474", Defect::Date),
        ("190900101470", Defect::Date),
        ("190905001476", Defect::Date),
        ("170905271474", Defect::Century),
        ("210905271474", Defect::Century),
        ("090527+1474 ", Defect::Century),
        ("165560000167", Defect::Organisation),
        ("556016-0680", Defect::Organisation),
    ] {
        let year = if defect == Defect::Century { 1850 } else { 2023 };
        let found = Canonical::person(text, year).map(|canonical| canonical.quality());
        assert_eq!(found.err(), Some(defect), "{text}");
    }
}

#[test]
fn an_employer_may_be_an_organisation() {
    let employer = |text| Canonical::employer(text, 2023).map(|canonical| canonical.quality());
    let twelve = Canonical::employer("165560160680", 2023);
    for text in ["165560160680", "556016-0680", "5560160680", "16556016-0680"] {
        assert_eq!(employer(text), Ok(Quality::Organisation), "{text}");
        assert_eq!(Canonical::employer(text, 2023), twelve, "{text}");
    }
    assert_eq!(employer("190905271474"), Ok(Quality::Personnummer));
    assert_eq!(employer("090527+1474"), Ok(Quality::Personnummer));
    for (text, defect) in [
        ("165560160681", Defect::CheckDigit),
        ("556016-0681", Defect::CheckDigit),
        ("556016+0680", Defect::Organisation),
        ("161201160680", Defect::Organisation),
        ("16556016068", Defect::Form),
        ("55601é0680", Defect::Form),
        ("0905271474", Defect::Form),
    ] {
        assert_eq!(employer(text).err(), Some(defect), "{text}");
    }
}

/// The examples that their issuers publish, and the nearest that is none.
const RESERVE: [(&str, &str, &str); 15] = [
    ("interim", "20000101T220", "20000101T221"),
    ("interim", "000101-N220", "000101-E221"),
    ("nrid", "22950606-FH20", "22950606-FH21"),
    ("nrid", "25780404KHD5", "21780404KHD5"),
    ("nrid", "00342145-BZ31", "00341145-BZ31"),
    ("nrid", "00749852BZK0", "00749839BZK0"),
    ("sll", "991981000011", "991981000012"),
    ("sll", "991945000024", "981945000024"),
    ("vgr", "19810829M070", "19810829M071"),
    ("vgr", "19930829X801", "19930829X901"),
    ("varmland", "19810829-SU3A", "19810829-SA3A"),
    ("varmland", "19930829-SX0C", "19930829-SX0V"),
    ("inera", "184108352396", "184108312396"),
    ("ivo", "19810829-T123", "19810829-U123"),
    ("ivo", "19810829TF12", "19810832TF12"),
];

#[test]
fn reserve_numbers_are_taken_from_the_issuers_that_are_named() {
    for (code, sound, unsound) in RESERVE {
        let issuer = Issuer::ALL.iter().find(|issuer| issuer.code() == code).expect("an issuer");
        assert_eq!(reserve(sound, &[code]), Ok(Quality::Reserve(*issuer)), "{sound}");
        assert_eq!(reserve(unsound, &[code]), Err(Defect::Form), "{unsound}");
        assert!(quality(sound).is_err(), "{sound} is no personnummer");
        let others: Vec<&str> = Issuer::ALL.iter().map(|issuer| issuer.code()).filter(|other| *other != code).collect();
        assert_ne!(reserve(sound, &others), Ok(Quality::Reserve(*issuer)), "{sound}");
        assert_eq!(reserve(sound, &[]), Err(Defect::Form), "{sound}");
        assert!(stands_in(&format!("nr {sound}, enligt ovan")), "{sound} in a text");
        for spoiled in [sound.to_lowercase(), format!("{sound}\n"), sound[..sound.len() - 1].to_owned()] {
            assert!(spoiled == sound || reserve(&spoiled, &[code]).is_err(), "{spoiled:?}");
        }
    }
    assert_eq!(Issuers::named(["sll", "dalarna"].into_iter()), Err("dalarna".into()));
}

#[test]
fn what_two_issuers_may_have_issued_is_nobodys() {
    // An interim number whose letter is T is one of IVO's by its form.
    assert_eq!(reserve("20000101T220", &["interim", "ivo"]), Err(Defect::Ambiguous));
    assert_eq!(reserve("20000101R220", &["interim", "ivo"]), Ok(Quality::Reserve(Issuer::Interim)));
}

#[test]
fn a_number_in_a_text_is_found() {
    for text in ["x190905271474", "190905271474y", "nr:19090527-1474.", "090527+1474", "0905271474", "19090527-1474AB"]
    {
        assert!(stands_in(text), "{text}");
    }
    for text in
        ["", "2023-06-30", "D0020417", "20230630", "190905271475", "1234567890123456", "20230630A123", "åäö 1474"]
    {
        assert!(!stands_in(text), "{text}");
    }
}

#[test]
fn a_number_is_found_as_people_write_it() {
    // Every dash and blank that a word processor or a spreadsheet puts in.
    let dashes = ["-", "‐", "‑", "‒", "–", "—", "―", "−", "﹘", "﹣", "－", "\u{ad}", "_", "+"];
    let blanks = [" ", "\u{a0}", "\u{2009}", "\u{200a}", "\u{202f}", "\u{2007}", "\t", "\n", "\u{200b}", "  "];
    for between in dashes.into_iter().chain(blanks) {
        for (date, serial) in [("19090527", "1474"), ("090527", "1474"), ("1909-05-27", "1474"), ("1909 05 27", "1474")]
        {
            let text = format!("nr {date}{between}{serial}.");
            assert!(stands_in(&text), "{text:?}");
        }
    }
    let texts = [
        "19090527 - 1474",
        "090527 – 1474",
        "1909-05-27-1474",
        "09-05-27-1474",
        "1909_05_27_1474",
        "190 905 271 474",
        "190\u{a0}905\u{a0}271\u{a0}474",
        "905 271 474 090527 1474",
        "5 19090527-1474",
        "5 190 905 271 474",
        "19090527_1474_2020.csv",
        "19 09 05 27 14 74",
        "20000101 T220",
        "2000-01-01-T220",
    ];
    for text in texts {
        assert!(stands_in(text), "{text:?}");
    }
}

#[test]
fn dates_and_spans_are_no_numbers() {
    // Whatever the digits: dates, spans of dates and clock times fold to what no number is.
    for day in 1..=28 {
        for text in [
            format!("2019-01-{day:02} – 2019-12-31"),
            format!("2019-01-{day:02}–2019-12-31"),
            format!("2019-01-{day:02} 2019-12-{day:02}"),
            format!("2012-06-{day:02} 12:30:15"),
            format!("uttag_2019-01-{day:02}_2019-12-31.csv"),
            format!("201901{day:02}-20191231"),
            format!("201901{day:02} 20191231"),
            format!("070-123 45 {day:02}"),
            format!("0.0905{day:02}14741474"),
        ] {
            assert!(!stands_in(&text), "{text}");
        }
    }
    // A run of thirteen digits and more is no number, whatever a part of it would be.
    for text in ["0001909052714740000", "1909052714740", "556012-5790", "16556012-5790"] {
        assert!(!stands_in(text), "{text}");
    }
}

#[test]
fn nothing_shows_the_digits() {
    let canonical = Canonical::person("190905271474", 2023).expect("a test number");
    assert!(!format!("{canonical:?}").contains("0905"));
}
