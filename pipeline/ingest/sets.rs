//! Who decides what may be kept.

use super::lists::Digest;
use crate::pseudonymise::{Numbers, Pseudonym, Pseudonyms};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The people and inregistreringar that decide what may be kept.
#[derive(Debug, Default, Clone)]
pub struct Sets {
    /// Inregistreringar whose samtycke was withdrawn, as entries of a list.
    pub withdrawn: BTreeSet<Digest>,
    /// Skyddade personuppgifter, under every number linked to theirs, as entries of a list.
    pub protected: BTreeSet<Digest>,
    /// People in SUS with consent and without protection, under every number linked to theirs; `None` while
    /// it is being gathered.
    pub population: Option<Pseudonyms>,
    /// The numbers behind `population`, where all of them are known: in memory alone, for the sieve.
    pub numbers: Option<Arc<Numbers>>,
}

impl Sets {
    /// SHA-256 of what a delivery of a role depends on; part of its receipt, so that a larger set means reading again.
    pub fn digest(&self, role: &str) -> String {
        let mut hash = Sha256::new();
        if role == "population" {
            for list in [&self.withdrawn, &self.protected] {
                hash.update(list.len().to_be_bytes());
                list.iter().for_each(|entry| hash.update(entry));
            }
        } else {
            let mut people: Vec<&Pseudonym> = self.population.iter().flatten().collect();
            people.sort_unstable();
            people.into_iter().for_each(|pseudonym| hash.update(pseudonym));
        }
        crate::hex(&hash.finalize())
    }
}
