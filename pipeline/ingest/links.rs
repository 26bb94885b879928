//! Which numbers were exchanged for which: pairs of pseudonyms under `spill/`, gone through as often as needed, so
//! that a register of all changes costs no memory.

use super::delivery::{Delivery, Scan};
use super::sets::Sets;
use super::succession::candidates;
use super::take::{Context, Taken, take};
use super::text::BLOCK;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::layer::Layer;
use crate::pseudonymise::Pseudonym;
use arrow::array::{Array, AsArray};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes of a link.
const PAIR: u64 = 32;
/// Says of each code whether the two numbers are one person's.
const LIST: &str = "nummerbyte";

/// The links of every accepted change of number.
pub(super) struct Links {
    path: PathBuf,
    /// Each delivery, and the pairs up to and with its last.
    deliveries: Vec<(String, u64)>,
}

/// The contracts whose deliveries are changes of number.
pub(super) fn contracts(job: &Job) -> Vec<Arc<Contract>> {
    let contracts = job.catalogue.layer(Layer::Deliveries);
    contracts.filter(|contract| contract.custom_text("roll") == Some("nummerbyte")).cloned().collect()
}

impl Drop for Links {
    fn drop(&mut self) {
        // Spill is emptied after every run in any case; but who is linked to whom is not left there meanwhile.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Links {
    /// Reads the deliveries; a refused one links nobody.
    ///
    /// # Errors
    /// [`Error::Contract`] where a contract of the role is not a pair of identities with a code; [`Error::Io`].
    pub fn gather(job: &Job, scan: &Scan) -> Result<Links> {
        let folder = job.folder("spill");
        let path = folder.join("nummerbyten");
        let failed = |source| Error::Io { path: path.clone(), source };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let mut file = BufWriter::new(File::create(&path).map_err(failed)?);
        let mut deliveries = Vec::new();
        let list = job.catalogue.code_list(LIST)?;
        // A false identity is nobody's other number.
        let same: BTreeSet<&str> =
            list.further("samma_person_kod")?.filter(|(_, same)| *same == "J").map(|(code, _)| code).collect();
        for contract in contracts(job) {
            let [code, former, new] = columns(&contract)?;
            for delivery in candidates(scan, &contract) {
                let begun = file.stream_position().map_err(failed)?;
                let accepted = read(job, delivery, &mut |taken| {
                    pairs(&taken, [&code, &former, &new], &same, &mut |pair| file.write_all(pair).map_err(failed))
                })?;
                if accepted {
                    deliveries.push((delivery.name(), file.stream_position().map_err(failed)? / PAIR));
                } else {
                    let undone = file.seek(SeekFrom::Start(begun)).and_then(|_| file.get_ref().set_len(begun));
                    undone.map_err(failed)?;
                }
            }
        }
        file.flush().map_err(failed)?;
        Ok(Links { path, deliveries })
    }

    /// Whether a delivery was read and accepted.
    pub fn holds(&self, delivery: &str) -> bool {
        self.deliveries.iter().any(|(name, _)| name == delivery)
    }

    /// Every link: its delivery, former and new number.
    ///
    /// # Errors
    /// [`Error::Io`] where the pairs cannot be read back.
    pub fn each(&self, see: &mut dyn FnMut(&str, Pseudonym, Pseudonym)) -> Result<()> {
        let failed = |source| Error::Io { path: self.path.clone(), source };
        let mut input = BufReader::with_capacity(1 << 16, File::open(&self.path).map_err(failed)?);
        let mut before = 0;
        for (delivery, end) in &self.deliveries {
            for _ in before..*end {
                let (mut former, mut new) = ([0; 16], [0; 16]);
                input.read_exact(&mut former).and_then(|()| input.read_exact(&mut new)).map_err(failed)?;
                see(delivery, former, new);
            }
            before = *end;
        }
        Ok(())
    }

    /// Adds everybody who is linked to somebody in the set, however far; `key` is what a person goes by there.
    ///
    /// # Errors
    /// [`Error::Io`] where the pairs cannot be read back.
    pub fn close<K: Ord>(&self, set: &mut BTreeSet<K>, key: impl Fn(&Pseudonym) -> K) -> Result<()> {
        // A chain of changes is followed one link per pass at least, and most are one link long.
        let mut grew = !set.is_empty();
        while grew {
            grew = false;
            self.each(&mut |_, former, new| {
                let (former, new) = (key(&former), key(&new));
                match (set.contains(&former), set.contains(&new)) {
                    (true, false) => grew |= set.insert(new),
                    (false, true) => grew |= set.insert(former),
                    _ => {}
                }
            })?;
        }
        Ok(())
    }
}

/// The columns of code, former and new number.
fn columns(contract: &Contract) -> Result<[String; 3]> {
    let code = contract.columns.iter().find(|column| column.code_list.as_deref() == Some(LIST));
    let code = code.ok_or_else(|| contract.fault("no column has the code list nummerbyte"))?;
    let people: Vec<&str> = contract.columns.iter().filter(|c| c.identity.is_some()).map(|c| c.name.as_str()).collect();
    match people.as_slice() {
        [former, new] => Ok([&code.name, *former, *new].map(str::to_owned)),
        _ => Err(contract.fault("two identity columns are needed")),
    }
}

/// Reads a delivery without keeping a row of it; whether it is accepted.
fn read(job: &Job, delivery: &Delivery, sink: &mut dyn FnMut(Taken) -> Result<()>) -> Result<bool> {
    let sets = Sets::default();
    let context = Context {
        catalogue: &job.catalogue,
        pseudonymiser: &job.pseudonymiser,
        sets: &sets,
        spill: job.folder("spill").join("personer"),
        progress: &job.progress,
        threads: job.settings.threads,
        block: BLOCK,
    };
    Ok(take(delivery, &context, sink)?.is_accepted())
}

fn pairs(
    taken: &Taken,
    columns: [&String; 3],
    same: &BTreeSet<&str>,
    sink: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let missing = || Error::Unexpected("a change of number lost a column".into());
    let [code, former, new] = columns;
    let codes = taken.columns.get(code).ok_or_else(missing)?.as_string::<i32>();
    let former = taken.pseudonyms.get(former).ok_or_else(missing)?;
    let new = taken.pseudonyms.get(new).ok_or_else(missing)?;
    for row in (0..codes.len()).filter(|row| former.is_valid(*row) && new.is_valid(*row)) {
        if same.contains(codes.value(row)) {
            sink(former.value(row))?;
            sink(new.value(row))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_followed_both_ways_and_a_cycle_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("nummerbyten");
        let pairs = [(1, 2), (2, 3), (3, 1), (8, 9), (5, 4), (4, 3)];
        let bytes: Vec<u8> = pairs.iter().flat_map(|(former, new)| [[*former; 16], [*new; 16]].concat()).collect();
        std::fs::write(&path, bytes).expect("writable");
        let mut all = BTreeSet::from([[2; 16]]);
        let deliveries = vec![("nummerbyte 2023-01-31".to_owned(), 4), ("nummerbyte 2023-06-30".to_owned(), 6)];
        Links { path, deliveries }.close(&mut all, |person| *person).expect("readable");
        assert_eq!(all, [1, 2, 3, 4, 5].map(|person| [person; 16]).into());
    }
}
