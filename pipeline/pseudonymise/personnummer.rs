//! Identity numbers in canonical form: twelve ASCII digits.
//!
//! Rules: folkbokföringslagen (1991:481) 18 §; SKV 704; samordningsnummer with day + 60, where month 00, day 60
//! and dates that do not exist occur in real registers. The century of a ten-digit number is read against the
//! delivery's uttagsdatum, never against today. Sex and birth date in a number are hints and are not offered.

/// What is known of a number that is canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Personnummer: the date exists.
    Personnummer,
    /// Samordningsnummer with a date that exists.
    Samordningsnummer,
    /// Samordningsnummer with month 00, day 60 or a date that does not exist.
    SamordningsnummerWithoutDate,
    /// Organisation number with prefix 16.
    Organisation,
}

/// Why a text is no identity number. Holds nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Not twelve digits, and not ten with `-` or `+`.
    Form,
    /// Century other than 18, 19 or 20.
    Century,
    /// No such date, and not a samordningsnummer.
    Date,
    /// Serial number 000.
    Serial,
    CheckDigit,
    /// An organisation number where a person was expected.
    Organisation,
}

/// A canonical identity number. Neither `Debug` nor `Display` shows its digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Canonical {
    digits: [u8; 12],
    quality: Quality,
}

impl std::fmt::Debug for Canonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canonical(***, {:?})", self.quality)
    }
}

impl Canonical {
    /// Reads a person's number; `reference_year` is the year of the uttagsdatum.
    ///
    /// # Errors
    /// The first [`Defect`] found.
    pub fn person(text: &str, reference_year: i32) -> Result<Canonical, Defect> {
        let digits = expand(text.trim_matches(' ').as_bytes(), reference_year)?;
        let number = |from: usize, till: usize| {
            digits[from..till].iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        };
        let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
        if month >= 20 {
            return Err(Defect::Organisation);
        }
        if !(18..=20).contains(&(year / 100)) {
            return Err(Defect::Century);
        }
        let quality = match day {
            1..=31 if exists(year, month, day) => Quality::Personnummer,
            61..=91 if exists(year, month, day - 60) => Quality::Samordningsnummer,
            60..=91 if month <= 12 => Quality::SamordningsnummerWithoutDate,
            _ => return Err(Defect::Date),
        };
        if number(8, 11) == 0 {
            return Err(Defect::Serial);
        }
        if !luhn(&digits[2..]) {
            return Err(Defect::CheckDigit);
        }
        Ok(Canonical { digits, quality })
    }

    /// Reads an employer's number: an organisation number with prefix 16, or a person's number.
    ///
    /// # Errors
    /// The first [`Defect`] found.
    pub fn employer(text: &str, reference_year: i32) -> Result<Canonical, Defect> {
        let bytes = text.trim_matches(' ').as_bytes();
        match <[u8; 12]>::try_from(bytes) {
            Ok(digits) if digits.starts_with(b"16") && digits.iter().all(u8::is_ascii_digit) => {
                if digits[4] < b'2' {
                    Err(Defect::Organisation)
                } else if !luhn(&digits[2..]) {
                    Err(Defect::CheckDigit)
                } else {
                    Ok(Canonical { digits, quality: Quality::Organisation })
                }
            }
            _ => Canonical::person(text, reference_year),
        }
    }

    /// The twelve digits; for the keyed hash alone.
    pub(super) fn bytes(&self) -> &[u8; 12] {
        &self.digits
    }

    pub const fn quality(&self) -> Quality {
        self.quality
    }
}

/// Whether an identity number of a person stands somewhere in a text: of twelve digits or of ten, with or without
/// separator. An id that happens to look like one counts as one: nobody can tell them apart.
pub fn stands_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() < 10 {
        return false;
    }
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let starts = (0..bytes.len()).filter(|&at| is_digit(at) && (at == 0 || !is_digit(at - 1)));
    starts.into_iter().any(|start| {
        let run = (start..).take_while(|&at| is_digit(at)).count();
        let mark = bytes.get(start + run).filter(|mark| matches!(mark, b'-' | b'+'));
        let serial = (start + run + 1..).take_while(|&at| is_digit(at)).count();
        let number = match (run, mark) {
            (12, _) => Some(text[start..start + 12].to_owned()),
            (10, _) => Some(format!("{}-{}", &text[start..start + 6], &text[start + 6..start + 10])),
            (6 | 8, Some(_)) if serial == 4 => Some(text[start..start + run + 5].to_owned()),
            _ => None,
        };
        // Any leap year serves: the day's century matters for 29 February alone.
        number.is_some_and(|number| Canonical::person(&number, 2000).is_ok())
    })
}

/// Twelve digits from any accepted spelling.
fn expand(bytes: &[u8], reference_year: i32) -> Result<[u8; 12], Defect> {
    let (date, separator, serial) = match bytes.len() {
        12 => (&bytes[..8], None, &bytes[8..]),
        13 => (&bytes[..8], Some(bytes[8]), &bytes[9..]),
        11 => (&bytes[..6], Some(bytes[6]), &bytes[7..]),
        _ => return Err(Defect::Form),
    };
    let digits = date.iter().chain(serial).all(u8::is_ascii_digit);
    if !digits || !matches!(separator, None | Some(b'-' | b'+')) {
        return Err(Defect::Form);
    }
    let mut canonical = [b'0'; 12];
    canonical[8..].copy_from_slice(serial);
    canonical[12 - 4 - date.len()..8].copy_from_slice(date);
    if date.len() == 6 {
        let short = i32::from(date[0] - b'0') * 10 + i32::from(date[1] - b'0');
        let aged = if separator == Some(b'+') { 100 } else { 0 };
        let year = reference_year - (reference_year - short).rem_euclid(100) - aged;
        let century = u8::try_from(year / 100).map_err(|_| Defect::Century)?;
        canonical[0] = b'0' + century / 10 % 10;
        canonical[1] = b'0' + century % 10;
    }
    Ok(canonical)
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Luhn over ten digits, the last of them the check digit.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(text: &str) -> Result<Quality, Defect> {
        Canonical::person(text, 2023).map(|canonical| canonical.quality())
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
    }

    #[test]
    fn samordningsnummer_are_taken_with_a_quality() {
        assert_eq!(quality("191404722397"), Ok(Quality::Samordningsnummer));
        assert_eq!(quality("191500882392"), Ok(Quality::SamordningsnummerWithoutDate));
        assert_eq!(quality("191510662396"), Ok(Quality::Samordningsnummer));
        assert_eq!(quality("191600602392").err(), Some(Defect::CheckDigit));
    }

    #[test]
    fn everything_else_is_refused() {
        for (text, defect) in [
            ("", Defect::Form),
            ("1909052714 4", Defect::Form),
            ("0905271474", Defect::Form),
            ("190905271474\n", Defect::Form),
            ("19090527147٤", Defect::Form),
            ("20000101T220", Defect::Form),
            ("201509160006", Defect::Serial),
            ("190905271475", Defect::CheckDigit),
            ("190902301474", Defect::Date),
            ("170905271474", Defect::Century),
            ("165560000167", Defect::Organisation),
        ] {
            assert_eq!(quality(text).err(), Some(defect), "{text}");
        }
    }

    #[test]
    fn an_employer_may_be_an_organisation() {
        let employer = |text| Canonical::employer(text, 2023).map(|canonical| canonical.quality());
        assert_eq!(employer("165560160680"), Ok(Quality::Organisation));
        assert_eq!(employer("190905271474"), Ok(Quality::Personnummer));
        assert_eq!(employer("165560160681").err(), Some(Defect::CheckDigit));
    }

    #[test]
    fn nothing_shows_the_digits() {
        let canonical = Canonical::person("190905271474", 2023).expect("a test number");
        assert!(!format!("{canonical:?}").contains("0905"));
    }
}
