//! Exchanges identity numbers for keyed pseudonyms; the only module that touches the key.
//!
//! `pseudonym = left 128 bits of HMAC-SHA-256(key, version ‖ 0x1F ‖ domain ‖ 0x1F ‖ kind ‖ 0x1F ‖ canonical id)`
//! (design §4). An identifier that cannot be made canonical is a fault; it is never passed on.

mod key;
mod key_file;
mod numbers;
mod personnummer;

pub use key::Key;
pub use key_file::KeyFile;
pub use numbers::{Number, Numbers};
pub use personnummer::{Canonical, Defect, Issuer, Issuers, Qualities, Quality, stands_in};

use crate::contract::Identity;
use arrow::array::{Array, FixedSizeBinaryArray, FixedSizeBinaryBuilder, StringArray};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Version of the construction; part of every message, so that a change of it changes every pseudonym.
const VERSION: &str = "1";
const SEPARATOR: u8 = 0x1f;

/// Sixteen bytes that stand for one identity.
pub type Pseudonym = [u8; 16];

/// A set of pseudonyms. Nobody without the key can choose them and the key has spread them, so a table of them needs
/// no hash of its own.
pub type Pseudonyms = HashSet<Pseudonym, BuildHasherDefault<Spread>>;

/// The first eight bytes of a pseudonym.
#[derive(Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// The length of a pseudonym is always the same.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Makes the pseudonyms of one production: a key and a domain.
pub struct Pseudonymiser {
    key_id: String,
    key_check: String,
    person: Hmac<Sha256>,
    employer: Hmac<Sha256>,
    household: Hmac<Sha256>,
    /// By issuer, as [`Issuer::ALL`] has them.
    reserve: Vec<Hmac<Sha256>>,
    list_entry: Hmac<Sha256>,
    file: Hmac<Sha256>,
    record: Hmac<Sha256>,
}

/// A column of numbers as pseudonyms.
pub struct Exchanged {
    /// Null where the row holds no number, or one that is at fault.
    pub pseudonyms: FixedSizeBinaryArray,
    /// Rows at fault, within the batch.
    pub defects: Vec<(usize, Defect)>,
    pub qualities: Qualities,
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
            household: prefix("hushall"),
            reserve: Issuer::ALL.iter().map(|issuer| prefix(issuer.kind())).collect(),
            list_entry: prefix("lista"),
            file: prefix("fil"),
            record: prefix("post"),
        }
    }

    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    pub fn key_check(&self) -> &str {
        &self.key_check
    }

    /// The pseudonym of a canonical number. A reserve number has its issuer's kind wherever it stands.
    pub fn pseudonym(&self, kind: Identity, canonical: &Canonical) -> Pseudonym {
        let mac = match (kind, canonical.quality()) {
            (_, Quality::Reserve(issuer)) => &self.reserve[issuer as usize],
            (Identity::Person, _) => &self.person,
            (Identity::Employer, _) => &self.employer,
            (Identity::Household, _) => &self.household,
        };
        left_half(mac, canonical.bytes())
    }

    /// A keyed digest of an entry of a list that protects (an inregistrering, or the pseudonym of a person): of a
    /// kind of its own, so that a list that is remembered joins to no table.
    pub fn list_digest(&self, entry: &[u8]) -> [u8; 16] {
        left_half(&self.list_entry, entry)
    }

    /// What stands for a delivered file where its hash alone could be guessed: a list of one person has few thousand
    /// million possible contents. `sha256` is the file's, hexadecimal.
    pub fn file_print(&self, sha256: &str) -> String {
        crate::hex(&left_half(&self.file, sha256.as_bytes()))
    }

    /// The key of a record of some kind, for the cell key method: an even draw of 32 bits that says nothing of the
    /// record without the secret, and joins to no table.
    pub fn record_key(&self, kind: &str, record: &[u8]) -> u32 {
        let message = [kind.as_bytes(), &[SEPARATOR], record].concat();
        let half = left_half(&self.record, &message);
        u32::from_be_bytes([half[0], half[1], half[2], half[3]])
    }

    /// Exchanges a column of numbers; `issuers` are those whose reserve numbers it may hold.
    pub fn exchange(&self, kind: Identity, issuers: Issuers, numbers: &StringArray, reference_year: i32) -> Exchanged {
        let mut pseudonyms = FixedSizeBinaryBuilder::with_capacity(numbers.len(), 16);
        let (mut defects, mut qualities) = (Vec::new(), Qualities::default());
        // The rows of one employer, and of one person, often follow each other.
        let mut last: Option<(&str, Pseudonym, Quality)> = None;
        for row in 0..numbers.len() {
            let number = if numbers.is_null(row) { "" } else { numbers.value(row) };
            if number.is_empty() {
                pseudonyms.append_null();
                continue;
            }
            if let Some((_, pseudonym, quality)) = last.filter(|(before, ..)| *before == number) {
                let appended = pseudonyms.append_value(pseudonym);
                debug_assert!(appended.is_ok(), "a pseudonym is sixteen bytes");
                qualities.count(quality);
                continue;
            }
            let canonical = match kind {
                Identity::Person | Identity::Household => Canonical::person(number, reference_year),
                Identity::Employer => Canonical::employer(number, reference_year),
            };
            let canonical = match canonical {
                Err(_) if !issuers.is_empty() => Canonical::reserve(number, issuers, reference_year),
                other => other,
            };
            match canonical {
                // Sixteen bytes go into a column of sixteen: appending cannot fail.
                Ok(canonical) => {
                    let (pseudonym, quality) = (self.pseudonym(kind, &canonical), canonical.quality());
                    let appended = pseudonyms.append_value(pseudonym);
                    debug_assert!(appended.is_ok(), "a pseudonym is sixteen bytes");
                    qualities.count(quality);
                    last = Some((number, pseudonym, quality));
                }
                Err(defect) => {
                    pseudonyms.append_null();
                    defects.push((row, defect));
                }
            }
        }
        Exchanged { pseudonyms: pseudonyms.finish(), defects, qualities }
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
        let others = [Identity::Employer, Identity::Household].map(|kind| of(&pseudonymiser(1, "finsam"), kind));
        assert!(!others.contains(&first) && others[0] != others[1]);
    }

    #[test]
    fn a_reserve_number_is_linked_within_its_issuer_alone() {
        let pseudonymiser = pseudonymiser(1, "finsam");
        let exchange = |text: &str, codes: &[&str]| {
            let issuers = Issuers::named(codes.iter().copied()).expect("issuers");
            let found = pseudonymiser.exchange(Identity::Person, issuers, &StringArray::from(vec![text]), 2023);
            (!found.pseudonyms.is_null(0)).then(|| found.pseudonyms.value(0).to_vec())
        };
        // By its form alone the number may be interim or IVO's: what the contract says decides, and nothing joins them.
        let [interim, ivo] = ["interim", "ivo"].map(|code| exchange("20000101T220", &[code]).expect("taken"));
        assert_ne!(interim, ivo);
        assert_eq!(exchange("20000101-T220", &["ivo", "nrid"]), Some(ivo));
        assert_eq!(exchange("20000101T220", &[]), None);
        let person = exchange("190905271474", &["interim", "ivo"]);
        assert_eq!(person, exchange("190905271474", &[]), "a personnummer is one, whatever else may stand there");
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
        let found = pseudonymiser(1, "finsam").exchange(Identity::Person, Issuers::default(), &numbers, 2023);
        let column = found.pseudonyms;
        assert_eq!(column.value(0), column.value(3));
        assert!(column.is_null(1) && column.is_null(2) && column.is_null(4));
        assert_eq!(found.defects, [(4, Defect::Form)]);
        assert_eq!(found.qualities.named(), [("personnummer".to_owned(), 2)].into());
    }
}
