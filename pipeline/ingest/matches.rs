//! How many of the people of SUS a register knows. A wrong canonical form, another key or the wrong people look the
//! same: a join of nothing to nothing, in silence. So a register that knows too few is refused.

use super::delivery::MANIFEST;
use super::sets::Sets;
use super::take::{Intake, Taken};
use crate::contract::Contract;
use crate::fault::Rule;
use crate::pseudonymise::Pseudonym;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// Fewer people than these tell nothing by their share.
const PEOPLE_MIN: u64 = 100;

/// The people of SUS, under every number linked to theirs, and those of them who have a row that was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    pub people: u64,
    pub known: u64,
}

impl Match {
    /// Known per thousand; nothing where there is nobody to know.
    pub fn promille(&self) -> Option<u64> {
        (self.known * 1000).checked_div(self.people)
    }
}

/// Counts them while a delivery is read.
pub(super) struct Matches<'a> {
    people: Option<&'a BTreeSet<Pseudonym>>,
    least: Option<u64>,
    known: HashSet<Pseudonym>,
}

impl<'a> Matches<'a> {
    /// Of a delivery that is not minimised nobody is counted.
    pub fn of(contract: &Contract, sets: &'a Sets) -> Matches<'a> {
        let is_minimised = contract.custom_text("avgransning") == Some("deltagare");
        Matches {
            people: sets.population.as_ref().filter(|_| is_minimised),
            least: contract.custom_number("traffMinstPromille").map(i64::unsigned_abs),
            known: HashSet::new(),
        }
    }

    pub fn add(&mut self, taken: &Taken) {
        let Some(people) = self.people else { return };
        let pseudonyms = taken.pseudonyms.values().flat_map(|column| column.iter().flatten());
        self.known.extend(pseudonyms.flat_map(Pseudonym::try_from).filter(|pseudonym| people.contains(pseudonym)));
    }

    /// States the count, and refuses a delivery that knows fewer than its contract's `traffMinstPromille`.
    pub fn finish(self, intake: &mut Intake) {
        let Some(people) = self.people else { return };
        let found = Match { people: people.len() as u64, known: self.known.len() as u64 };
        intake.matched = Some(found);
        let Some(least) = self.least.filter(|_| found.people >= PEOPLE_MIN) else { return };
        if found.promille().is_some_and(|promille| promille < least) {
            let expected = format!("at least {least} of 1000 of the people of SUS");
            intake.faults.add(Rule::Match, MANIFEST, None, None, &expected);
        }
    }
}
