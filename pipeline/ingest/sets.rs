//! Who decides what may be kept.

use crate::pseudonymise::Pseudonym;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The people and inregistreringar that decide what may be kept.
#[derive(Debug, Default, Clone)]
pub struct Sets {
    /// Inregistreringar whose samtycke was withdrawn.
    pub withdrawn: BTreeSet<String>,
    /// Skyddade personuppgifter, under every number linked to theirs.
    pub protected: BTreeSet<Pseudonym>,
    /// People in SUS with consent and without protection, under every number linked to theirs; `None` while
    /// it is being gathered.
    pub population: Option<BTreeSet<Pseudonym>>,
}

impl Sets {
    /// SHA-256 of what a delivery of a role depends on; part of its receipt, so that a larger set means reading again.
    pub fn digest(&self, role: &str) -> String {
        let mut hash = Sha256::new();
        if role == "population" {
            self.withdrawn.iter().for_each(|id| hash.update(format!("{id}\n")));
            self.protected.iter().for_each(|pseudonym| hash.update(pseudonym));
        } else {
            self.population.iter().flatten().for_each(|pseudonym| hash.update(pseudonym));
        }
        crate::hex(&hash.finalize())
    }
}
