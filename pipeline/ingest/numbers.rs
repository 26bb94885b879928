//! Reads the people's numbers of a delivery, and nothing else of it: what the sieve knows people by.

use super::delivery::Delivery;
use super::layout::Layout;
use super::reader::{Parsed, Reader, Sifter};
use super::stream::in_order;
use super::text::BLOCK;
use crate::contract::{Contract, Identity};
use crate::error::Result;
use crate::fault::FaultLog;
use crate::job::Job;
use crate::pseudonymise::{Canonical, Number, Pseudonym};
use chrono::Datelike;

/// Hands over the pseudonym of every person's number that can be read, and the number where it is one of
/// digits. A delivery at fault gives what it has: whoever asks compares with the people whom it knows.
///
/// # Errors
/// [`crate::error::Error::Contract`] where the contract lacks its own layout.
pub(super) fn read(job: &Job, delivery: &Delivery, sink: &mut dyn FnMut(Pseudonym, Option<Number>)) -> Result<()> {
    let contract: &Contract = &delivery.contract;
    let people: Vec<usize> =
        (0..contract.columns.len()).filter(|at| contract.columns[*at].identity == Some(Identity::Person)).collect();
    let year = delivery.uttagsdatum.year();
    for file in delivery.manifest.iter().flat_map(|manifest| &manifest.filer) {
        let (path, named) = (delivery.path(file), (file.namn.as_str(), BLOCK));
        let Some(layout) = Layout::of(contract, &file.namn)? else { continue };
        let Ok((reader, mut source)) = Reader::open(contract, &layout, &path, named, &mut FaultLog::default()) else {
            continue;
        };
        let exchanged = |parsed: &Parsed| {
            let columns = parsed.batches.iter().flat_map(|batch| people.iter().map(|at| (*at, &batch.columns[*at])));
            let mut found = Vec::new();
            for (at, texts) in columns {
                let issuers = contract.columns[at].issuers;
                let exchanged = job.pseudonymiser.exchange(Identity::Person, issuers, texts, year).pseudonyms;
                for (text, pseudonym) in texts.iter().zip(exchanged.iter()) {
                    let number = text.and_then(|text| Canonical::person(text, year).ok()?.number());
                    found.extend(pseudonym.and_then(|held| Some((held.try_into().ok()?, number))));
                }
            }
            found
        };
        let work = |piece, wanted: &mut dyn FnMut(Vec<(Pseudonym, Option<Number>)>) -> bool| {
            let mut sifter = Sifter::new(None, contract);
            reader.parse(piece, &mut sifter, &mut |parsed| wanted(exchanged(&parsed)));
        };
        in_order(
            job.settings.threads,
            || source.next(),
            work,
            |people: Vec<_>| {
                people.into_iter().for_each(|(pseudonym, number)| sink(pseudonym, number));
                Ok(true)
            },
        )?;
    }
    Ok(())
}
