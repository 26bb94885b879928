//! Identity numbers that can belong to no one alive.
//!
//! Twelve digits only with births 1800–1846; ten digits only with `+` and births 1900–1909. All are valid
//! otherwise, and no two persons share one: a counter is spread over all days and serials by a step that has no
//! factor in common with their number. Sex and age are not in them: folkbokföring holds those.

use super::tid::day;
use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate, TimeDelta};

const FIRST: NaiveDate = day(1800, 1, 1);
const DAYS: u64 = 17_166; // 1800-01-01 to 1846-12-31
const FIRST_PLUS: NaiveDate = day(1900, 1, 1);
const DAYS_PLUS: u64 = 3_652; // 1900-01-01 to 1909-12-31
const SERIALS: u64 = 999;
const YEARS: u64 = 47;
/// A prime that divides none of the spaces below.
const STEP: u64 = 7_368_787;

/// How a number looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slag {
    Personnummer,
    /// Ten digits with `+`.
    MedPlus,
    Samordningsnummer,
    /// Samordningsnummer of someone whose month of birth is unknown: `00`.
    UtanManad,
    /// Samordningsnummer of someone whose day of birth is unknown: `60`.
    UtanDag,
}

/// Hands out numbers, each once.
pub struct Nummer {
    offset: u64,
    dated: u64,
    plus: u64,
    no_month: u64,
    no_day: u64,
}

impl Nummer {
    pub const fn new(seed: u64) -> Nummer {
        Nummer { offset: seed % 1_000_003, dated: 0, plus: 0, no_month: 0, no_day: 0 }
    }

    /// A number that was not handed out before.
    ///
    /// # Errors
    /// [`Error::Usage`] when there are no more: at about seventeen million persons.
    pub fn next(&mut self, slag: Slag) -> Result<String> {
        let (counter, space) = match slag {
            Slag::Personnummer | Slag::Samordningsnummer => (&mut self.dated, DAYS * SERIALS),
            Slag::MedPlus => (&mut self.plus, DAYS_PLUS * SERIALS),
            Slag::UtanManad => (&mut self.no_month, YEARS * 28 * SERIALS),
            Slag::UtanDag => (&mut self.no_day, YEARS * 12 * SERIALS),
        };
        if *counter >= space {
            return Err(Error::Usage("no more invented identity numbers: ask for fewer persons".into()));
        }
        let place = (*counter * STEP + self.offset) % space;
        *counter += 1;
        let (date, serial) = (place / SERIALS, place % SERIALS + 1);
        Ok(match slag {
            Slag::Personnummer => twelve(FIRST, date, 0, serial),
            Slag::Samordningsnummer => twelve(FIRST, date, 60, serial),
            Slag::MedPlus => {
                let full = twelve(FIRST_PLUS, date, 0, serial);
                format!("{}+{}", &full[2..8], &full[8..])
            }
            Slag::UtanManad => checked(&format!("{:04}00{:02}", 1800 + date / 28, 61 + date % 28), serial),
            Slag::UtanDag => checked(&format!("{:04}{:02}60", 1800 + date / 12, 1 + date % 12), serial),
        })
    }

    /// A number as registers hold them by mistake: one of several ways in which it is none.
    ///
    /// # Errors
    /// As [`Nummer::next`].
    pub fn invalid(&mut self, way: u64) -> Result<String> {
        let sound = self.next(Slag::Personnummer)?;
        let last = sound.as_bytes()[11] - b'0';
        Ok(match way % 5 {
            0 => format!("{}{}", &sound[..11], (last + 1) % 10),
            1 => sound[..11].to_owned(),
            2 => format!("{}TF{}", &sound[..8], &sound[10..]),
            3 => checked(&sound[..8], 0),
            _ => checked(&format!("{}13{}", &sound[..4], &sound[6..8]), 1),
        })
    }
}

fn twelve(first: NaiveDate, days: u64, day_added: u32, serial: u64) -> String {
    let born = first.checked_add_signed(TimeDelta::days(days as i64)).unwrap_or(first);
    checked(&format!("{:04}{:02}{:02}", born.year(), born.month(), born.day() + day_added), serial)
}

fn checked(eight: &str, serial: u64) -> String {
    let nine = format!("{}{serial:03}", &eight[2..]);
    format!("{eight}{serial:03}{}", check_digit(nine.as_bytes()))
}

/// Luhn: the digits doubled every second time from the first, the sum filled up to a whole ten.
fn check_digit(nine: &[u8]) -> u32 {
    let sum: u32 = nine
        .iter()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    (10 - sum % 10) % 10
}

/// An employer's number: `16` before ten digits whose third is two or more, as organisations have it.
pub fn organisation(index: u64) -> String {
    let nine = format!("5599{:05}", index % 100_000);
    format!("16{nine}{}", check_digit(nine.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const ALL: [Slag; 5] = [Slag::Personnummer, Slag::MedPlus, Slag::Samordningsnummer, Slag::UtanManad, Slag::UtanDag];

    fn luhn_holds(number: &str) -> bool {
        let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
        let ten = &digits[digits.len() - 10..];
        check_digit(&ten[..9]) == u32::from(ten[9] - b'0')
    }

    #[test]
    fn the_check_digit_is_that_of_the_published_example() {
        assert_eq!(check_digit(b"640823323"), 4);
    }

    #[test]
    fn numbers_are_valid_and_can_belong_to_no_one_alive() {
        let mut nummer = Nummer::new(42);
        for slag in ALL {
            for _ in 0..2000 {
                let number = nummer.next(slag).expect("there are enough");
                assert!(luhn_holds(&number), "{slag:?}");
                if slag == Slag::MedPlus {
                    assert_eq!((number.len(), number.as_bytes()[6], &number[..1]), (11, b'+', "0"));
                } else {
                    assert_eq!(number.len(), 12);
                    assert!((1800..=1846).contains(&number[..4].parse::<u32>().expect("a year")));
                }
                assert_ne!(&number[number.len() - 4..number.len() - 1], "000");
            }
        }
    }

    #[test]
    fn no_two_persons_share_a_number() {
        let mut nummer = Nummer::new(3);
        let mut seen = BTreeSet::new();
        for index in 0..50_000 {
            let number = nummer.next(ALL[index % 5]).expect("there are enough");
            assert!(seen.insert(number), "number {index} was there before");
        }
        assert_eq!(gcd(STEP, DAYS * SERIALS * DAYS_PLUS * YEARS * 28 * 12), 1);
    }

    #[test]
    fn invalid_numbers_are_invalid() {
        let mut nummer = Nummer::new(5);
        for way in 0..5 {
            let number = nummer.invalid(way).expect("there are enough");
            let digits = number.bytes().all(|b| b.is_ascii_digit());
            let sound = digits
                && number.len() == 12
                && luhn_holds(&number)
                && &number[8..11] != "000"
                && (1..=12).contains(&number[4..6].parse::<u32>().expect("a month"));
            assert!(!sound, "way {way}");
        }
    }

    fn gcd(a: u64, b: u64) -> u64 {
        if b == 0 { a } else { gcd(b, a % b) }
    }
}
