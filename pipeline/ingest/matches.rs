//! How many of the people of SUS a register knows. A wrong canonical form, another key or the wrong people look the
//! same: a join of nothing to nothing, in silence. So a register that knows too few is refused.

use super::delivery::{Delivery, MANIFEST, Omfattning};
use super::sets::Sets;
use super::take::{Intake, Taken};
use crate::contract::Identity;
use crate::fault::Rule;
use crate::pseudonymise::{Pseudonym, Pseudonyms};
use serde::{Deserialize, Serialize};

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
    people: Option<u64>,
    /// The columns of people's numbers.
    columns: Vec<&'a str>,
    least: Option<u64>,
    known: Pseudonyms,
}

impl<'a> Matches<'a> {
    /// Of a delivery that is not minimised nobody is counted.
    pub fn of(delivery: &'a Delivery, sets: &Sets) -> Matches<'a> {
        let contract = &delivery.contract;
        let is_minimised = contract.custom_text("avgransning") == Some("deltagare");
        let people = contract.columns.iter().filter(|column| column.identity == Some(Identity::Person));
        // Corrections are about the few whose rows were wrong.
        let is_whole = delivery.manifest.as_ref().map_or(true, |manifest| manifest.omfattning == Omfattning::Hel);
        Matches {
            people: sets.population.as_ref().filter(|_| is_minimised).map(|people| people.len() as u64),
            columns: people.map(|column| column.name.as_str()).collect(),
            least: contract.custom_number("traffMinstPromille").filter(|_| is_whole).map(i64::unsigned_abs),
            known: Pseudonyms::default(),
        }
    }

    pub fn add(&mut self, taken: &Taken) {
        if self.people.is_none() {
            return;
        }
        // Where rows are minimised, the pseudonyms of others are gone from the columns of people.
        let columns = self.columns.iter().filter_map(|column| taken.pseudonyms.get(*column));
        self.known.extend(columns.flat_map(|column| column.iter().flatten()).flat_map(Pseudonym::try_from));
    }

    /// States the count, and refuses a delivery that knows fewer than its contract's `traffMinstPromille`.
    pub fn finish(self, intake: &mut Intake) {
        let Some(people) = self.people else { return };
        let found = Match { people, known: self.known.len() as u64 };
        intake.matched = Some(found);
        let Some(least) = self.least.filter(|_| found.people >= PEOPLE_MIN) else { return };
        if found.promille().is_some_and(|promille| promille < least) {
            let expected = format!("at least {least} of 1000 of the people of SUS");
            intake.faults.add(Rule::Match, MANIFEST, None, None, &expected);
        }
    }
}
