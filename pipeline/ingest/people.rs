//! Who may be kept: the population of SUS, with every number linked to theirs, less those who may not be joined.
//!
//! What decides is told by digests, and the digests of the last night are remembered with what they were made of:
//! where nothing changed, no delivery is read to find that out.

use super::delivery::Scan;
use super::linked;
use super::links::{self, Links};
use super::lists;
use super::numbers;
use super::sets::Sets;
use super::store::grounds_of;
use super::succession::candidates;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::layer::Layer;
use crate::pseudonymise::{Numbers, Pseudonym, Pseudonyms};
use crate::receipt::Receipt;
use crate::stage::Night;
use arrow::array::AsArray;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// A digest of people, and of what it was made of.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    inputs: String,
    digest: String,
}

/// What is remembered between nights.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    /// Those who lose their pseudonym in SUS.
    protected: Known,
    /// Those whose rows are kept.
    population: Known,
    /// Withdrawn samtycken that are no deltagande's, and what they were looked for in.
    #[serde(default)]
    unmet: Unmet,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Unmet {
    inputs: String,
    count: u64,
}

/// The people of one night: digests at once, sets only where a delivery must be read.
pub(super) struct People<'a> {
    job: &'a Job,
    scan: &'a Scan,
    memory: Memory,
    /// Core files of SUS in force, once they are settled.
    sus: Option<Vec<PathBuf>>,
    /// What the digests of this night are made of, as far as it is settled.
    inputs: [Option<String>; 2],
    links: Option<Links>,
    sets: Sets,
    has_protected: bool,
}

/// Place in `inputs`.
const PROTECTED: usize = 0;
const POPULATION: usize = 1;

impl<'a> People<'a> {
    pub fn new(job: &'a Job, scan: &'a Scan) -> People<'a> {
        let text = std::fs::read_to_string(path(job)).ok();
        let memory = text.and_then(|text| serde_json::from_str(&text).ok()).filter(|_| !job.verify);
        People {
            job,
            scan,
            memory: memory.unwrap_or_default(),
            sus: None,
            inputs: [None, None],
            links: None,
            sets: Sets::default(),
            has_protected: false,
        }
    }

    /// Lists and changes of number are as they will be this night: from here on SUS can be judged.
    pub fn lists_are_settled(&mut self) -> Result<()> {
        let mut hash = Sha256::new();
        for contract in self.job.catalogue.layer(Layer::Deliveries).filter(|contract| lists::is_list(contract)) {
            hash.update(serde_json::to_vec(&grounds_of(self.job, contract, String::new())?).unwrap_or_default());
            let path = lists::path(self.job, contract);
            match std::fs::read(&path) {
                Ok(bytes) => hash.update(Sha256::digest(&bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => hash.update([0]),
                Err(source) => return Err(Error::Io { path, source }),
            }
        }
        for contract in links::contracts(self.job) {
            hash.update(serde_json::to_vec(&grounds_of(self.job, &contract, String::new())?).unwrap_or_default());
            for delivery in candidates(self.scan, &contract) {
                let seen = (delivery.uttagsdatum.to_string(), &delivery.stamps);
                hash.update(serde_json::to_vec(&seen).unwrap_or_default());
            }
        }
        self.inputs[PROTECTED] = Some(crate::hex(&hash.finalize()));
        Ok(())
    }

    /// SUS is in force: from here on registers can be judged.
    pub fn population_is_settled(&mut self, night: &Night) {
        let contracts = self.with_role("population");
        let is_population = |table: &str| contracts.iter().any(|contract| contract.name == table);
        let mut hash = Sha256::new();
        hash.update(self.inputs[PROTECTED].as_deref().unwrap_or_default());
        let mut files = BTreeSet::new();
        for one in night.in_force.iter().filter(|one| is_population(&one.table)) {
            files.insert(self.job.layer(Layer::Core).join(&one.table).join(format!("{}.parquet", one.uttagsdatum)));
            let date = one.uttagsdatum.to_string();
            let is_its = |receipt: &&Receipt| receipt.table == one.table && receipt.uttagsdatum == date;
            for receipt in night.receipts.iter().filter_map(Receipt::in_force).filter(is_its) {
                hash.update(serde_json::to_vec(&(&date, &receipt.prints, &receipt.grounds)).unwrap_or_default());
            }
        }
        self.inputs[POPULATION] = Some(crate::hex(&hash.finalize()));
        self.sus = Some(files.into_iter().collect());
    }

    /// The digest that a contract's receipts hold, if it is known without reading a delivery; empty where the
    /// contract depends on nobody.
    pub fn known_digest(&self, contract: &Contract) -> Option<String> {
        let Some(place) = depends(contract) else { return Some(String::new()) };
        let known = [&self.memory.protected, &self.memory.population][place];
        (self.inputs[place].as_ref() == Some(&known.inputs)).then(|| known.digest.clone())
    }

    /// As [`People::known_digest`], gathering the people where it must.
    ///
    /// # Errors
    /// [`Error::Key`] where a list is remembered that this key cannot read, and what reading deliveries gives.
    pub fn digest(&mut self, contract: &Contract) -> Result<String> {
        if let Some(digest) = self.known_digest(contract) {
            return Ok(digest);
        }
        let Some(place) = depends(contract) else { return Ok(String::new()) };
        let digest = self.sets(contract)?.digest(contract.custom_text("roll").unwrap_or_default());
        let known = Known { inputs: self.inputs[place].clone().unwrap_or_default(), digest: digest.clone() };
        if place == PROTECTED {
            self.memory.protected = known;
        } else {
            self.memory.population = known;
        }
        Ok(digest)
    }

    /// The people themselves, as far as a contract depends on them.
    ///
    /// # Errors
    /// As [`People::digest`].
    pub fn sets(&mut self, contract: &Contract) -> Result<&Sets> {
        match depends(contract) {
            Some(PROTECTED) if !self.has_protected => self.gather_protected()?,
            Some(POPULATION) if self.sets.population.is_none() => self.gather_population()?,
            _ => {}
        }
        Ok(&self.sets)
    }

    /// How many withdrawn samtycken are no deltagande's, once SUS is in force.
    ///
    /// # Errors
    /// As [`People::digest`].
    pub fn unmet(&mut self) -> Result<u64> {
        let inputs = self.inputs[POPULATION].clone().unwrap_or_default();
        if self.memory.unmet.inputs != inputs {
            let mut withdrawn = BTreeSet::new();
            for contract in self.with_role("samtycke") {
                withdrawn.extend(lists::read(self.job, &contract)?);
            }
            let count = lists::unmet(self.job, &withdrawn, self.sus.as_deref().unwrap_or_default())?;
            self.memory.unmet = Unmet { inputs, count };
        }
        Ok(self.memory.unmet.count)
    }

    /// Remembers the digests for the next night.
    ///
    /// # Errors
    /// [`Error::Io`] where they cannot be written.
    pub fn remember(&self) -> Result<()> {
        let path = path(self.job);
        let text = serde_json::to_string_pretty(&self.memory).map_err(|e| Error::Unexpected(e.to_string()))?;
        if std::fs::read_to_string(&path).is_ok_and(|before| before == text) {
            return Ok(());
        }
        lake::write_file(&path, text.as_bytes())
    }

    fn links(&mut self) -> Result<&Links> {
        let links = match self.links.take() {
            Some(links) => links,
            None => Links::gather(self.job, self.scan)?,
        };
        Ok(self.links.insert(links))
    }

    fn gather_protected(&mut self) -> Result<()> {
        for contract in self.with_role("samtycke") {
            self.sets.withdrawn.extend(lists::read(self.job, &contract)?);
        }
        let mut protected = BTreeSet::new();
        for contract in self.with_role("skydd") {
            protected.extend(lists::read(self.job, &contract)?);
        }
        linked::close(self.job, self.links()?, &mut protected)?;
        self.sets.protected = protected;
        self.has_protected = true;
        Ok(())
    }

    /// Reads the population out of core and adds every number linked to it.
    fn gather_population(&mut self) -> Result<()> {
        let mut people: Vec<Pseudonym> = Vec::new();
        for path in self.sus.iter().flatten() {
            for batch in lake::read(path)? {
                let batch = batch?;
                let column = batch.column_by_name("pseudonym");
                let column = column.ok_or_else(|| Error::Broken {
                    table: path.display().to_string(),
                    reason: "the population needs a column pseudonym".into(),
                })?;
                people.extend(column.as_fixed_size_binary().iter().flatten().flat_map(Pseudonym::try_from));
            }
        }
        let mut people: BTreeSet<Pseudonym> = people.into_iter().collect();
        self.links()?.close(&mut people, |person| *person)?;
        let people: Pseudonyms = people.into_iter().collect();
        self.sets.numbers = self.numbers(&people)?;
        self.sets.population = Some(people);
        Ok(())
    }

    /// The numbers behind the pseudonyms of the population, for the sieve: read once more from the deliveries that
    /// hold them, and held in memory alone. `None` where they no longer hold all of them (the files of a delivery in
    /// force may have changed since it was read): then every row of a register is hashed.
    fn numbers(&self, population: &Pseudonyms) -> Result<Option<Arc<Numbers>>> {
        let sources = self
            .scan
            .deliveries
            .iter()
            .filter(|delivery| matches!(delivery.contract.custom_text("roll"), Some("population" | "nummerbyte")));
        let (mut numbers, mut found) = (Numbers::new(), Pseudonyms::default());
        for delivery in sources {
            numbers::read(self.job, delivery, &mut |pseudonym, number| {
                if population.contains(&pseudonym) {
                    found.insert(pseudonym);
                    number.into_iter().for_each(|number| numbers.insert(number));
                }
            })?;
        }
        // Every one found is of the population, so as many are all of them.
        Ok((found.len() == population.len()).then(|| Arc::new(numbers)))
    }

    fn with_role(&self, role: &str) -> Vec<Arc<Contract>> {
        let contracts = self.job.catalogue.layer(Layer::Deliveries);
        contracts.filter(|contract| contract.custom_text("roll") == Some(role)).cloned().collect()
    }
}

/// Which people decide what is kept of a contract's deliveries, if any do.
fn depends(contract: &Contract) -> Option<usize> {
    match (contract.custom_text("roll"), contract.custom_text("avgransning")) {
        (Some("population"), _) => Some(PROTECTED),
        (_, Some("deltagare")) => Some(POPULATION),
        _ => None,
    }
}

fn path(job: &Job) -> PathBuf {
    job.folder("receipts").join("personer.json")
}
