//! Exchanges identity numbers for keyed pseudonyms; the only module that touches the key.
//!
//! `pseudonym = left 128 bits of HMAC-SHA-256(key, version ‖ 0x1F ‖ domain ‖ 0x1F ‖ kind ‖ 0x1F ‖ canonical id)`
//! (design §4). An identifier that cannot be made canonical is a fault; it is never passed on.

mod key;
mod personnummer;

pub use key::Key;
pub use personnummer::{Canonical, Defect, Quality};

use crate::contract::Identity;
use arrow::array::{Array, FixedSizeBinaryArray, FixedSizeBinaryBuilder, StringArray};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Version of the construction; part of every message, so that a change of it changes every pseudonym.
const VERSION: &str = "1";
const SEPARATOR: u8 = 0x1f;

/// Sixteen bytes that stand for one identity.
pub type Pseudonym = [u8; 16];

/// Makes the pseudonyms of one production: a key and a domain.
pub struct Pseudonymiser {
    key_id: String,
    key_check: String,
    person: Hmac<Sha256>,
    employer: Hmac<Sha256>,
    row_key: Hmac<Sha256>,
    list_entry: Hmac<Sha256>,
}

impl Pseudonymiser {
    /// `domain` is one fixed text per production, from the settings.
    pub fn new(key: &Key, domain: &str) -> Pseudonymiser {
        let prefix = |kind: &str| {
            let mut mac = key.mac();
            for part in [VERSION, domain, kind] {
                mac.update(part.as_bytes());
                mac.update(&[SEPARATOR]);
            }
            mac
        };
        Pseudonymiser {
            key_id: key.id().to_owned(),
            key_check: key.check().to_owned(),
            person: prefix("person"),
            employer: prefix("arbetsgivare"),
            row_key: prefix("radnyckel"),
            list_entry: prefix("lista"),
        }
    }

    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    pub fn key_check(&self) -> &str {
        &self.key_check
    }

    /// The pseudonym of a canonical number.
    pub fn pseudonym(&self, kind: Identity, canonical: &Canonical) -> Pseudonym {
        let mac = match kind {
            Identity::Person => &self.person,
            Identity::Employer => &self.employer,
        };
        left_half(mac, canonical.bytes())
    }

    /// A keyed digest of a primary key, for finding rows that are there twice; never leaves memory and spill.
    pub fn row_digest(&self, parts: &[u8]) -> [u8; 16] {
        left_half(&self.row_key, parts)
    }

    /// A keyed digest of an entry of a list that protects (an inregistrering, or the pseudonym of a person): of a
    /// kind of its own, so that a list that is remembered joins to no table.
    pub fn list_digest(&self, entry: &[u8]) -> [u8; 16] {
        left_half(&self.list_entry, entry)
    }

    /// Exchanges a column of numbers. Rows that hold no number are null; rows at fault are null and named with
    /// their defect (row within the batch).
    pub fn exchange(
        &self,
        kind: Identity,
        numbers: &StringArray,
        reference_year: i32,
    ) -> (FixedSizeBinaryArray, Vec<(usize, Defect)>) {
        let mut pseudonyms = FixedSizeBinaryBuilder::with_capacity(numbers.len(), 16);
        let mut defects = Vec::new();
        for row in 0..numbers.len() {
            let number = if numbers.is_null(row) { "" } else { numbers.value(row) };
            if number.is_empty() {
                pseudonyms.append_null();
                continue;
            }
            let canonical = match kind {
                Identity::Person => Canonical::person(number, reference_year),
                Identity::Employer => Canonical::employer(number, reference_year),
            };
            match canonical {
                // Sixteen bytes go into a column of sixteen: appending cannot fail.
                Ok(canonical) => {
                    let appended = pseudonyms.append_value(self.pseudonym(kind, &canonical));
                    debug_assert!(appended.is_ok(), "a pseudonym is sixteen bytes");
                }
                Err(defect) => {
                    pseudonyms.append_null();
                    defects.push((row, defect));
                }
            }
        }
        (pseudonyms.finish(), defects)
    }
}

fn left_half(mac: &Hmac<Sha256>, message: &[u8]) -> [u8; 16] {
    let mut mac = mac.clone();
    mac.update(message);
    let whole = mac.finalize().into_bytes();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonymiser(secret: u8, domain: &str) -> Pseudonymiser {
        let key = Key::from_bytes(&[secret; 32]).expect("32 bytes are a key");
        Pseudonymiser::new(&key, domain)
    }

    fn of(p: &Pseudonymiser, kind: Identity) -> Pseudonym {
        p.pseudonym(kind, &Canonical::person("190905271474", 2023).expect("a test number"))
    }

    #[test]
    fn key_domain_and_kind_each_change_the_pseudonym() {
        let first = of(&pseudonymiser(1, "finsam"), Identity::Person);
        assert_eq!(first, of(&pseudonymiser(1, "finsam"), Identity::Person));
        assert_ne!(first, of(&pseudonymiser(2, "finsam"), Identity::Person));
        assert_ne!(first, of(&pseudonymiser(1, "annan"), Identity::Person));
        assert_ne!(first, of(&pseudonymiser(1, "finsam"), Identity::Employer));
    }

    /// Computed once with Python's `hmac`: the construction may never change unnoticed.
    #[test]
    fn the_construction_is_fixed() {
        let first = of(&pseudonymiser(1, "finsam"), Identity::Person);
        assert_eq!(crate::hex(&first), "09c575e11454c79d1e0e54e1f810a07a");
    }

    #[test]
    fn a_column_is_exchanged_and_faults_are_named() {
        let numbers = StringArray::from(vec![Some("190905271474"), None, Some(""), Some("090527+1474"), Some("x")]);
        let (column, defects) = pseudonymiser(1, "finsam").exchange(Identity::Person, &numbers, 2023);
        assert_eq!(column.value(0), column.value(3));
        assert!(column.is_null(1) && column.is_null(2) && column.is_null(4));
        assert_eq!(defects, [(4, Defect::Form)]);
    }
}
