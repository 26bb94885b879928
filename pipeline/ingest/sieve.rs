//! Drops the rows of full-population registers that are certainly about nobody in the population, before any text is
//! built: a row costs a look at its numbers, and no hash.
//!
//! Certain is a row in which everything that is checked on every row is sound: its numbers and its key. All else goes
//! the ordinary way, which says what is wrong; so the sieve changes the cost of a row and nothing else.

use super::key_digest::KeyDigest;
use super::uniqueness::Digest;
use crate::contract::{Contract, Identity};
use crate::pseudonymise::{Canonical, Numbers, Pseudonym, Qualities, Quality};

/// Numbers in one row; a row of more goes the ordinary way.
const MOST: usize = 16;

/// What the sieve looks for in one column.
#[derive(Clone, Copy)]
enum Look {
    Person,
    /// A person's number that stands for a household, and for nobody.
    Household,
    Employer,
    /// A part of the key that is no number.
    Key,
    /// A column whose total is stated.
    Total,
}

/// The sieve of one delivery.
pub(super) struct Sieve<'a> {
    contract: &'a Contract,
    numbers: &'a Numbers,
    looks: Vec<(usize, Look)>,
    /// Columns whose totals are stated; in the order of [`Sifted::totals`].
    totals: &'a [usize],
    keys: Option<&'a KeyDigest>,
    reference_year: i32,
}

/// What the sieve must know of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    Nothing,
    /// Whether there is a value.
    Presence,
    Text,
}

/// What is known of the rows that the sieve dropped.
#[derive(Default)]
pub(super) struct Sifted {
    pub outside: u64,
    pub qualities: Qualities,
    pub totals: Vec<i128>,
    /// Digest of the key, and row; where keys are compared.
    pub keys: Vec<(Digest, u64)>,
}

impl<'a> Sieve<'a> {
    /// `None` where the contract's rows are not minimised by numbers.
    pub fn new(
        contract: &'a Contract,
        numbers: &'a Numbers,
        totals: &'a [usize],
        keys: Option<&'a KeyDigest>,
        reference_year: i32,
    ) -> Option<Sieve<'a>> {
        // What is changed at the door before it is compared is not compared here.
        if contract.key().iter().any(|column| column.custom.contains_key("kodform")) {
            return None;
        }
        let mut looks = Vec::new();
        for (place, column) in contract.columns.iter().enumerate() {
            match column.identity {
                Some(Identity::Person) => looks.push((place, Look::Person)),
                Some(Identity::Household) => looks.push((place, Look::Household)),
                Some(Identity::Employer) => looks.push((place, Look::Employer)),
                None if column.key_position.is_some() => looks.push((place, Look::Key)),
                None => {}
            }
        }
        // Most rows end with the person: that column is looked at first.
        looks.sort_by_key(|(_, look)| !matches!(look, Look::Person));
        looks.extend(totals.iter().map(|place| (*place, Look::Total)));
        let is_person = |(_, look): &(usize, Look)| matches!(look, Look::Person);
        looks.iter().any(is_person).then_some(Sieve { contract, numbers, looks, totals, keys, reference_year })
    }

    pub fn wants(&self, column: usize) -> Wants {
        let looks = || self.looks.iter().filter(|(place, _)| *place == column).map(|(_, look)| look);
        if looks().next().is_none() {
            Wants::Nothing
        } else if self.keys.is_none()
            && self.contract.columns[column].null_texts.is_empty()
            && looks().all(|look| matches!(look, Look::Key))
        {
            Wants::Presence
        } else {
            Wants::Text
        }
    }

    /// Whether the row is certainly about nobody: then it is noted, and gone. `field` gives the texts by contract
    /// column, blanks around them included.
    #[inline]
    pub fn drops<'t>(&self, row: u64, field: impl Fn(usize) -> &'t str, sifted: &mut Sifted) -> bool {
        let mut qualities = [Quality::Personnummer; MOST];
        let mut count = 0;
        for (place, look) in &self.looks {
            let text = trimmed(field(*place));
            let column = &self.contract.columns[*place];
            let is_null = || column.null_texts.iter().any(|null| null == text);
            let canonical = match look {
                Look::Total if is_null() => return false,
                Look::Key if text.is_empty() || is_null() => return false,
                Look::Total | Look::Key => continue,
                _ if text.is_empty() && (column.required || column.key_position.is_some()) => return false,
                _ if text.is_empty() => continue,
                Look::Person | Look::Household => Canonical::person(text, self.reference_year),
                Look::Employer => Canonical::employer(text, self.reference_year),
            };
            let Ok(canonical) = canonical else { return false };
            let is_known = |number| self.numbers.contains(number);
            if is_null() || count == MOST || (matches!(look, Look::Person) && canonical.number().is_none_or(is_known)) {
                return false;
            }
            qualities[count] = canonical.quality();
            count += 1;
        }
        qualities[..count].iter().for_each(|quality| sifted.qualities.count(*quality));
        self.note(row, field, sifted);
        true
    }

    #[inline]
    fn note<'t>(&self, row: u64, field: impl Fn(usize) -> &'t str, sifted: &mut Sifted) {
        sifted.outside += 1;
        if !self.totals.is_empty() {
            sifted.totals.resize(self.totals.len(), 0);
            for (total, place) in sifted.totals.iter_mut().zip(self.totals) {
                *total += trimmed(field(*place)).parse::<i64>().map_or(0, i128::from);
            }
        }
        if let Some(keys) = self.keys {
            let nobody = |_| Pseudonym::default();
            sifted.keys.push((keys.of(self.reference_year, |place| trimmed(field(place)), nobody), row));
        }
    }
}

/// Without the blanks around it.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    if text.starts_with(' ') || text.ends_with(' ') { text.trim_matches(' ') } else { text }
}
