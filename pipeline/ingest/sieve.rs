//! Drops the rows of full-population registers that are certainly about nobody in the population, before any text is
//! built: a row costs a look at its numbers, and no hash.
//!
//! Certain is a row in which everything that is checked on every row is sound: its numbers and its key. All else goes
//! the ordinary way, which says what is wrong; so the sieve changes the cost of a row and nothing else.

use super::key_digest::KeyDigest;
use super::uniqueness::Digest;
use crate::contract::{Column, Contract, Identity};
use crate::pseudonymise::{Canonical, Defect, Numbers, Pseudonym, Qualities, Quality};

/// Numbers in one row; a row of more goes the ordinary way.
const MOST: usize = 16;

/// What the sieve looks for in one column.
#[derive(Clone, Copy)]
pub(super) enum Look {
    Person,
    /// A person's number that stands for a household, and for nobody.
    Household,
    Employer,
    /// A part of the key that is no number.
    Key,
    /// A column whose total is stated.
    Total,
}

/// What stands where a number is looked for.
enum Seen {
    /// Nothing, where nothing is needed.
    Nothing,
    Sound(Quality),
    /// What goes the ordinary way.
    Else,
}

/// The sieve of one delivery.
pub(super) struct Sieve<'a> {
    contract: &'a Contract,
    numbers: &'a Numbers,
    looks: Vec<(usize, Look)>,
    /// Whether numbers and key are plain texts: none of their columns has a text that stands for no value.
    is_plain: bool,
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
    /// The last employer's number that was sound: an employer's rows often follow each other.
    employer: Option<([u8; 12], Quality)>,
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
        let is_looked_at = |column: &&Column| column.identity.is_some() || column.key_position.is_some();
        let is_plain = contract.columns.iter().filter(is_looked_at).all(|column| column.null_texts.is_empty());
        looks.iter().any(is_person).then_some(Sieve {
            contract,
            numbers,
            looks,
            is_plain,
            totals,
            keys,
            reference_year,
        })
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

    /// The column that [`Sieve::look_up`] is asked about.
    pub fn first(&self) -> usize {
        self.looks[0].0
    }

    /// What is looked for where every row has a value in some columns: nothing but numbers and sums in those.
    pub fn looks_but(&self, is_full: impl Fn(usize) -> bool) -> Vec<(usize, Look)> {
        let needed = |(place, look): &&(usize, Look)| !(matches!(look, Look::Key) && is_full(*place));
        self.looks.iter().filter(needed).copied().collect()
    }

    /// Says of each text of the first column whether it is certainly no number of the population, be it sound or not.
    /// Many are looked up in a row because memory is what that waits for.
    pub fn look_up<'t>(&self, texts: impl Iterator<Item = &'t str>, strangers: &mut Vec<bool>) {
        let is_stranger =
            |text: &str| <&[u8; 12]>::try_from(text.as_bytes()).is_ok_and(|text| self.numbers.lacks(text));
        strangers.clear();
        strangers.extend(texts.map(is_stranger));
    }

    /// Whether the row is certainly about nobody: then it is noted, and gone. `field` gives the texts by contract
    /// column, blanks around them included; `is_stranger` is what [`Sieve::look_up`] said, and false where it was not
    /// asked.
    #[inline]
    pub fn drops<'t>(&self, row: (u64, bool), field: impl Fn(usize) -> &'t str, sifted: &mut Sifted) -> bool {
        self.drops_by(&self.looks, row, field, sifted)
    }

    /// As [`Sieve::drops`], by what [`Sieve::looks_but`] left.
    #[inline]
    pub fn drops_by<'t>(
        &self,
        looks: &[(usize, Look)],
        (row, is_stranger): (u64, bool),
        field: impl Fn(usize) -> &'t str,
        sifted: &mut Sifted,
    ) -> bool {
        let mut qualities = [Quality::Personnummer; MOST];
        let mut count = 0;
        for (place, look) in looks {
            let text = field(*place);
            let quality = match (look, <&[u8; 12]>::try_from(text.as_bytes())) {
                // Most: no blank, and no text that stands for no value.
                (Look::Key, _) if self.is_plain && text.as_bytes().first().is_some_and(|first| *first > b' ') => {
                    continue;
                }
                (Look::Total | Look::Key, _) if self.is_sound(*place, *look, trimmed(text)) => continue,
                (Look::Total | Look::Key, _) => return false,
                (Look::Person, Ok(twelve)) if self.is_plain && is_stranger && count == 0 => {
                    Canonical::plain(twelve).ok().map(|canonical| canonical.quality())
                }
                (Look::Person, Ok(twelve)) if self.is_plain => self.stranger(Canonical::plain(twelve)),
                (Look::Employer, Ok(twelve)) if self.is_plain => match sifted.employer {
                    Some((last, quality)) if last == *twelve => Some(quality),
                    _ => {
                        let canonical = Canonical::employer(text, self.reference_year);
                        sifted.employer = canonical.ok().map(|canonical| (*twelve, canonical.quality()));
                        sifted.employer.map(|(_, quality)| quality)
                    }
                },
                _ => match self.number(*place, *look, trimmed(text)) {
                    Seen::Nothing => continue,
                    Seen::Sound(quality) => Some(quality),
                    Seen::Else => None,
                },
            };
            let Some(quality) = quality.filter(|_| count < MOST) else { return false };
            qualities[count] = quality;
            count += 1;
        }
        qualities[..count].iter().for_each(|quality| sifted.qualities.count(*quality));
        self.note(row, field, sifted);
        true
    }

    /// The quality of a number that is sound and of nobody in the population.
    fn stranger(&self, canonical: Result<Canonical, Defect>) -> Option<Quality> {
        let canonical = canonical.ok()?;
        canonical.number().filter(|number| !self.numbers.contains(*number)).map(|_| canonical.quality())
    }

    fn is_null(&self, place: usize, text: &str) -> bool {
        self.contract.columns[place].null_texts.iter().any(|null| null == text)
    }

    /// Whether a part of the key is there; whether a sum is a plain text.
    fn is_sound(&self, place: usize, look: Look, text: &str) -> bool {
        (matches!(look, Look::Total) || !text.is_empty()) && !self.is_null(place, text)
    }

    /// A number in any spelling.
    fn number(&self, place: usize, look: Look, text: &str) -> Seen {
        let column = &self.contract.columns[place];
        if text.is_empty() {
            return if column.required || column.key_position.is_some() { Seen::Else } else { Seen::Nothing };
        }
        if self.is_null(place, text) {
            return Seen::Else;
        }
        let sound = |canonical: Result<Canonical, Defect>| canonical.ok().map(|canonical| canonical.quality());
        let quality = match look {
            Look::Person => self.stranger(Canonical::person(text, self.reference_year)),
            Look::Employer => sound(Canonical::employer(text, self.reference_year)),
            Look::Household | Look::Key | Look::Total => sound(Canonical::person(text, self.reference_year)),
        };
        quality.map_or(Seen::Else, Seen::Sound)
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
