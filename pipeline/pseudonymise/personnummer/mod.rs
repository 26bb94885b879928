//! Identity numbers in canonical form: twelve ASCII characters, digits but for interim and reserve numbers.
//!
//! Rules: folkbokföringslagen (1991:481) 18 §; SKV 704; samordningsnummer with day + 60, where month 00, day 60
//! and dates that do not exist occur in real registers. The century of a ten-digit number is read against the
//! delivery's uttagsdatum, never against today. Sex and birth date in a number are hints and are not offered.
//!
//! A number from before 1967 whose last position is A, T, X or blank has no check digit to hold it to: a fault. A
//! number that was used again cannot be told by itself: changes of number say whose it was when.

mod quality;
mod reserve;
mod rules;
mod spelling;
mod text;

#[cfg(test)]
mod tests;

pub use quality::{Qualities, Quality};
pub use reserve::{Issuer, Issuers};
pub use text::stands_in;

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
    /// A reserve number that two issuers may have issued: linked to either, it could be the wrong person.
    Ambiguous,
}

/// A canonical identity number. Neither `Debug` nor `Display` shows its digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Canonical {
    characters: [u8; 12],
    quality: Quality,
}

impl std::fmt::Debug for Canonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canonical(***, {:?})", self.quality)
    }
}

impl Canonical {
    /// Reads a person's number in any accepted spelling; `reference_year` is the year of the uttagsdatum.
    ///
    /// # Errors
    /// The first [`Defect`] found.
    pub fn person(text: &str, reference_year: i32) -> Result<Canonical, Defect> {
        let bytes = text.trim_matches(' ').as_bytes();
        match <&[u8; 12]>::try_from(bytes) {
            Ok(twelve) => Canonical::plain(twelve),
            Err(_) => Canonical::plain(&spelling::expand(bytes, reference_year)?),
        }
    }

    /// Reads a person's number of twelve digits: the spelling of nearly every delivery, judged without a detour.
    ///
    /// # Errors
    /// The first [`Defect`] found.
    #[inline(always)]
    pub fn plain(twelve: &[u8; 12]) -> Result<Canonical, Defect> {
        let digits = rules::digits(twelve).ok_or(Defect::Form)?;
        let quality = rules::person(&digits)?;
        Ok(Canonical { characters: *twelve, quality })
    }

    /// Reads an employer's number: an organisation number, alone or with prefix 16, or a person's number.
    ///
    /// # Errors
    /// The first [`Defect`] found.
    pub fn employer(text: &str, reference_year: i32) -> Result<Canonical, Defect> {
        let Some(twelve) = spelling::organisation(text.trim_matches(' ').as_bytes()) else {
            return Canonical::person(text, reference_year);
        };
        let digits = rules::digits(&twelve).ok_or(Defect::Form)?;
        rules::organisation(&digits)?;
        Ok(Canonical { characters: twelve, quality: Quality::Organisation })
    }

    /// Reads an interim or reserve number of one of the issuers.
    ///
    /// # Errors
    /// [`Defect::Form`] where it is of none of them, [`Defect::Ambiguous`] where it may be of two.
    pub fn reserve(text: &str, issuers: Issuers, reference_year: i32) -> Result<Canonical, Defect> {
        let bytes = text.trim_matches(' ').as_bytes();
        let mut found = issuers.iter().filter_map(|issuer| Some((issuer, issuer.canonical(bytes, reference_year)?)));
        match (found.next(), found.next()) {
            (Some((issuer, characters)), None) => Ok(Canonical { characters, quality: Quality::Reserve(issuer) }),
            (Some(_), Some(_)) => Err(Defect::Ambiguous),
            (None, _) => Err(Defect::Form),
        }
    }

    /// The twelve characters; for the keyed hash alone.
    #[inline(always)]
    pub(super) fn bytes(&self) -> &[u8; 12] {
        &self.characters
    }

    #[inline(always)]
    pub const fn quality(&self) -> Quality {
        self.quality
    }
}
