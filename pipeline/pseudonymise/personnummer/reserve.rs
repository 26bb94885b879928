//! Interim and reserve numbers: local and temporary, each issuer with its own form. They are taken only where a
//! contract says so, hashed in a kind of the issuer's own, and so never linked to a personnummer or another issuer's.
//!
//! Forms: Nationellt reservid and Inera (Inera's confluence), Region Stockholm, Västra Götaland and Värmland
//! (HL7 Sweden's base profiles), IVO (its answers on EVB), interim letters (personnummer specification 3.1).

use super::rules::{last_day, luhn};
use super::spelling::expand;

macro_rules! issuers {
    ($($name:ident $code:literal $text:literal;)*) => {
        /// Who issued a number that is not Skatteverket's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Issuer { $(#[doc = $text] $name),* }

        impl Issuer {
            pub const ALL: &[Issuer] = &[$(Issuer::$name),*];

            /// The name in contracts.
            pub const fn code(self) -> &'static str {
                match self { $(Issuer::$name => $code),* }
            }

            /// The kind that its numbers are hashed in.
            pub const fn kind(self) -> &'static str {
                match self { $(Issuer::$name => concat!("reserv:", $code)),* }
            }
        }
    };
}

issuers! {
    Interim "interim" "A number with a letter in place of the first digit of the serial, given until there is another.";
    Nrid "nrid" "Nationellt reservid: XXYYMMDDNNGC.";
    Sll "sll" "Region Stockholm: 99yyyyNNNNNC.";
    Vgr "vgr" "Västra Götaland: yyyymmddGggC, with K, M or X for G.";
    Varmland "varmland" "Värmland: yyyymmddSBNC, with F, U, X, P or L for B.";
    Inera "inera" "Inera: a date whose day is 32 to 59.";
    Ivo "ivo" "IVO: yyyymmddTnnn or yyyymmddTFnn.";
}

/// The issuers whose numbers a column may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issuers(u8);

impl Issuers {
    pub const ALL: Issuers = Issuers((1 << Issuer::ALL.len()) - 1);

    /// The issuers of these names; the first name that is none's where there is one.
    pub fn named<'a>(codes: impl Iterator<Item = &'a str>) -> Result<Issuers, String> {
        codes.into_iter().try_fold(Issuers::default(), |issuers, code| {
            let issuer = Issuer::ALL.iter().find(|issuer| issuer.code() == code).ok_or_else(|| code.to_owned())?;
            Ok(Issuers(issuers.0 | 1 << *issuer as u8))
        })
    }

    pub fn iter(self) -> impl Iterator<Item = Issuer> {
        Issuer::ALL.iter().copied().filter(move |issuer| self.0 & 1 << *issuer as u8 != 0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Letters that are not taken for digits: Nationellt reservid leaves them out.
const MISREAD: &[u8] = b"IOQVW";

impl Issuer {
    /// The twelve characters of a number in the issuer's form.
    pub(super) fn canonical(self, bytes: &[u8], reference_year: i32) -> Option<[u8; 12]> {
        let twelve = match <[u8; 12]>::try_from(bytes) {
            Ok(twelve) => twelve,
            // Without its century a number is whole for interim letters alone: they stand in a personnummer.
            Err(_) if bytes.len() == 13 && bytes[8] == b'-' || self == Issuer::Interim => {
                expand(bytes, reference_year).ok()?
            }
            Err(_) => return None,
        };
        twelve[..8].iter().all(u8::is_ascii_digit).then_some(())?;
        self.issues(&twelve).then_some(twelve)
    }

    /// Whether twelve characters, of which the first eight are digits, have the issuer's form.
    fn issues(self, twelve: &[u8; 12]) -> bool {
        let pair = |at: usize| u16::from(twelve[at] - b'0') * 10 + u16::from(twelve[at + 1] - b'0');
        let (year, month, day) = (pair(0) * 100 + pair(2), pair(4), pair(6));
        let is_date = (1800..2100).contains(&year) && (1..=last_day(year, month)).contains(&day);
        let serial = &twelve[8..];
        let are_digits = |from: usize| serial[from..].iter().all(u8::is_ascii_digit);
        let holds = |letter: &dyn Fn(u8) -> u8, from: usize| {
            let values = twelve.map(|byte| if byte.is_ascii_digit() { byte - b'0' } else { letter(byte) });
            luhn(&values[from..])
        };
        match self {
            Issuer::Interim => {
                let is_letter = b"TRSUWXJKLMN".contains(&serial[0]);
                is_letter && is_date && are_digits(1) && holds(&|_| 1, 2)
            }
            Issuer::Nrid => {
                let is_letter = |byte: &u8| byte.is_ascii_uppercase() && !MISREAD.contains(byte);
                let century = pair(0);
                // The century has a multiple of three added, so that it is nobody's; 00 where the date is unknown.
                let (is_born, born) = (century >= 22, (century.max(19) - 19) % 3 * 100 + 1900 + pair(2));
                let dated = is_born && (1..=last_day(born, month)).contains(&day);
                let undated = century == 0 && month >= 20 && (40..=59).contains(&day);
                let named = serial[..2].iter().all(is_letter) && (serial[2].is_ascii_digit() || is_letter(&serial[2]));
                (dated || undated) && named && are_digits(3) && holds(&|letter| letter, 0)
            }
            Issuer::Sll => pair(0) == 99 && are_digits(0) && holds(&|_| 0, 0),
            Issuer::Vgr => {
                let sex = |letter| match letter {
                    b'K' => 5,
                    b'M' => 7,
                    _ => 8,
                };
                let is_numbered = are_digits(1) && (6..=89).contains(&((serial[1] - b'0') * 10 + serial[2] - b'0'));
                b"KMX".contains(&serial[0]) && is_date && is_numbered && holds(&sex, 0)
            }
            Issuer::Varmland => {
                // A digit in the last place is for their test environments.
                let is_ordered = serial[3].is_ascii_uppercase() && serial[3] != b'V';
                is_date
                    && serial[0] == b'S'
                    && b"FUXPL".contains(&serial[1])
                    && serial[2].is_ascii_digit()
                    && is_ordered
            }
            Issuer::Inera => {
                let is_dated = (1700..2100).contains(&year) && (1..=12).contains(&month) && (32..=59).contains(&day);
                is_dated && are_digits(0) && holds(&|_| 0, 2)
            }
            Issuer::Ivo => is_date && serial[0] == b'T' && (are_digits(1) || serial[1] == b'F' && are_digits(2)),
        }
    }
}
