//! What stands for the key of a row while the keys of a delivery are compared.

use super::uniqueness::Digest;
use crate::contract::{Contract, Identity, Kind};
use crate::pseudonymise::{Canonical, Pseudonym};
use std::hash::{DefaultHasher, Hasher};

/// Digests of keys, of the moment: two SipHashes under random keys that are forgotten with the delivery. They are for
/// comparing only, and say nothing to anybody who finds them; HMAC would cost ten times as much.
pub(super) struct KeyDigest {
    halves: [DefaultHasher; 2],
    /// Place in the contract, in the key's order.
    parts: Vec<(usize, Part)>,
}

#[derive(Clone, Copy)]
enum Part {
    Identity(Identity),
    Whole,
    Text,
}

impl KeyDigest {
    /// `None` where the contract has no key, or its rows of one key replace each other.
    pub fn new(contract: &Contract) -> Option<KeyDigest> {
        if contract.last_row_counts() {
            return None;
        }
        let part = |column: &&crate::contract::Column| {
            let part = match (column.identity, column.kind) {
                (Some(identity), _) => Part::Identity(identity),
                (None, Kind::Integer | Kind::Long) => Part::Whole,
                (None, _) => Part::Text,
            };
            Some((contract.position(&column.name)?, part))
        };
        let parts: Vec<(usize, Part)> = contract.key().iter().filter_map(part).collect();
        let half = || {
            let mut hasher = DefaultHasher::new();
            hasher.write(&rand::random::<[u8; 16]>());
            hasher
        };
        (!parts.is_empty()).then(|| KeyDigest { halves: [half(), half()], parts })
    }

    /// Of a row, by its texts; `pseudonym` gives what a reserve number was exchanged for.
    pub fn of<'t>(
        &self,
        reference_year: i32,
        text: impl Fn(usize) -> &'t str,
        pseudonym: impl Fn(usize) -> Pseudonym,
    ) -> Digest {
        let mut message = Message::default();
        for (place, part) in &self.parts {
            match part {
                Part::Identity(kind) => {
                    let canonical = match kind {
                        Identity::Person | Identity::Household => Canonical::person(text(*place), reference_year),
                        Identity::Employer => Canonical::employer(text(*place), reference_year),
                    };
                    match canonical.ok().and_then(|canonical| canonical.number()) {
                        Some(number) => message.text(&number.to_bytes()),
                        None => message.text(&pseudonym(*place)),
                    }
                }
                Part::Whole => message.whole(text(*place)),
                Part::Text => message.text(text(*place).as_bytes()),
            }
        }
        self.digest(&message)
    }

    fn digest(&self, message: &Message) -> Digest {
        let mut digest = [0; 16];
        for (half, hasher) in digest.chunks_exact_mut(8).zip(&self.halves) {
            let mut hasher = hasher.clone();
            hasher.write(&message.bytes);
            half.copy_from_slice(&hasher.finish().to_be_bytes());
        }
        digest
    }
}

/// The parts of a key, each with its length, so that no two keys read alike.
#[derive(Default)]
struct Message {
    bytes: Vec<u8>,
}

impl Message {
    fn text(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
    }

    /// 1 and 01 are one month, in the file as in core.
    fn whole(&mut self, text: &str) {
        match text.parse::<i64>() {
            Ok(number) => self.text(&number.to_be_bytes()),
            Err(_) => self.text(text.as_bytes()),
        }
    }
}
