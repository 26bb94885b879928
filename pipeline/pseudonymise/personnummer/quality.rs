//! What is known of a number that is taken: counted by delivery, never a date.

use super::Issuer;
use std::collections::BTreeMap;

/// What is known of a number that is canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// The date exists.
    Personnummer,
    /// The date exists.
    Samordningsnummer,
    /// Samordningsnummer with month 00, whatever the day.
    MonthUnknown,
    /// Samordningsnummer with day 60 in a known month.
    DayUnknown,
    /// Samordningsnummer with a day that its month does not have.
    NoSuchDate,
    /// Organisation number with prefix 16.
    Organisation,
    /// Interim or reserve number: a person within what one issuer has issued, and nobody elsewhere.
    Reserve(Issuer),
}

/// Qualities apart from the reserve numbers'.
const OWN: [Quality; 6] = [
    Quality::Personnummer,
    Quality::Samordningsnummer,
    Quality::MonthUnknown,
    Quality::DayUnknown,
    Quality::NoSuchDate,
    Quality::Organisation,
];

const COUNT: usize = OWN.len() + Issuer::ALL.len();

impl Quality {
    fn all() -> impl Iterator<Item = Quality> {
        OWN.into_iter().chain(Issuer::ALL.iter().map(|issuer| Quality::Reserve(*issuer)))
    }

    #[inline]
    const fn place(self) -> usize {
        match self {
            Quality::Personnummer => 0,
            Quality::Samordningsnummer => 1,
            Quality::MonthUnknown => 2,
            Quality::DayUnknown => 3,
            Quality::NoSuchDate => 4,
            Quality::Organisation => 5,
            Quality::Reserve(issuer) => OWN.len() + issuer as usize,
        }
    }

    /// The name in receipts and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Quality::Personnummer => "personnummer",
            Quality::Samordningsnummer => "samordningsnummer",
            Quality::MonthUnknown => "samordningsnummer_utan_manad",
            Quality::DayUnknown => "samordningsnummer_utan_dag",
            Quality::NoSuchDate => "samordningsnummer_omojligt_datum",
            Quality::Organisation => "organisationsnummer",
            Quality::Reserve(issuer) => issuer.kind(),
        }
    }
}

/// How many numbers there were of each quality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Qualities([u64; COUNT]);

impl Qualities {
    #[inline]
    pub const fn count(&mut self, quality: Quality) {
        self.0[quality.place()] += 1;
    }

    pub const fn count_many(&mut self, quality: Quality, times: u64) {
        self.0[quality.place()] += times;
    }

    pub fn add(&mut self, others: &Qualities) {
        self.0.iter_mut().zip(others.0).for_each(|(count, more)| *count += more);
    }

    /// By name; none of which there are none.
    pub fn named(&self) -> BTreeMap<String, u64> {
        let counted = Quality::all().map(|quality| (quality.name().to_owned(), self.0[quality.place()]));
        counted.filter(|(_, count)| *count > 0).collect()
    }
}
