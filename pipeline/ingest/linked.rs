//! Which other numbers protected people have, remembered as their list is: keyed digests that join to no table.
//!
//! A change of number that is taken away, or whose delivery is refused, must not lift the protection of the number
//! that it led to; a delivery that is accepted anew says itself which of its changes still hold.

use super::delivery::Scan;
use super::links::Links;
use super::lists::{self, Digest};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake::{self, Writer};
use crate::layer::Layer;
use crate::pseudonymise::Pseudonym;
use arrow::array::{ArrayRef, AsArray, FixedSizeBinaryArray, RecordBatch, StringArray};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Delivery, and the digests of the former and the new number.
type Linked = BTreeSet<(String, Digest, Digest)>;

fn path(job: &Job) -> PathBuf {
    job.folder("receipts").join("skyddade_nummer.parquet")
}

/// Adds every number linked to a protected one, by the deliveries that can be read and by what is remembered of the
/// others; remembers that.
///
/// # Errors
/// [`Error::Key`] where what is remembered of a delivery that cannot be read was made with another key or domain;
/// [`Error::Io`].
pub(super) fn close(job: &Job, links: &Links, protected: &mut BTreeSet<Digest>) -> Result<()> {
    let key = |person: &Pseudonym| job.pseudonymiser.list_digest(person);
    let mut linked = remembered(job, links)?;
    loop {
        let before = protected.len();
        links.close(protected, key)?;
        for (_, former, new) in &linked {
            if protected.contains(former) || protected.contains(new) {
                protected.extend([*former, *new]);
            }
        }
        if protected.len() == before {
            break;
        }
    }
    linked.retain(|(_, former, _)| protected.contains(former));
    links.each(&mut |delivery, former, new| {
        let former = key(&former);
        if protected.contains(&former) {
            linked.insert((delivery.to_owned(), former, key(&new)));
        }
    })?;
    remember(job, &linked)
}

/// Deliveries that cannot be read now, and whose remembered changes alone protect somebody's other number: under
/// another key they would protect nobody.
///
/// # Errors
/// As [`close`], and what reading the deliveries gives.
pub fn protecting_alone(job: &Job) -> Result<BTreeSet<String>> {
    if !path(job).exists() {
        return Ok(BTreeSet::new());
    }
    let scan = Scan::of(&job.layer(Layer::Deliveries), &job.catalogue, job.today)?;
    let links = Links::gather(job, &scan)?;
    let linked = remembered(job, &links)?;
    let mut protected = BTreeSet::new();
    for contract in job.catalogue.layer(Layer::Deliveries).filter(|c| c.custom_text("roll") == Some("skydd")) {
        protected.extend(lists::read(job, contract)?);
    }
    links.close(&mut protected, |person| job.pseudonymiser.list_digest(person))?;
    let is_held = |one: &(String, Digest, Digest)| protected.contains(&one.1) && protected.contains(&one.2);
    Ok(linked.into_iter().filter(|one| !is_held(one)).map(|(delivery, ..)| delivery).collect())
}

/// What is remembered of deliveries that cannot be read now.
fn remembered(job: &Job, links: &Links) -> Result<Linked> {
    let path = path(job);
    let mut linked = Linked::new();
    if !path.exists() {
        return Ok(linked);
    }
    for batch in lake::read(&path)? {
        let batch = batch?;
        let names = batch.column(0).as_string::<i32>();
        let digests = |column: usize| batch.column(column).as_fixed_size_binary().iter().flatten();
        for ((name, former), new) in names.iter().flatten().zip(digests(1)).zip(digests(2)) {
            if let (Ok(former), Ok(new), false) = (former.try_into(), new.try_into(), links.holds(name)) {
                linked.insert((name.to_owned(), former, new));
            }
        }
    }
    match linked.first() {
        Some((delivery, ..)) if !lists::is_ours(job, &lake::metadata(&path)?) => Err(Error::Key {
            path,
            reason: format!("numbers linked by {delivery} were remembered with another key or domain"),
            hint: format!("hand in {delivery} again, or name the key of before"),
        }),
        _ => Ok(linked),
    }
}

fn remember(job: &Job, linked: &Linked) -> Result<()> {
    if linked.is_empty() && !path(job).exists() {
        return Ok(());
    }
    let digests = |of: &dyn Fn(&(String, Digest, Digest)) -> Digest| -> Result<ArrayRef> {
        let array = match linked.is_empty() {
            true => Ok(FixedSizeBinaryArray::new_null(16, 0)),
            false => FixedSizeBinaryArray::try_from_iter(linked.iter().map(of)),
        };
        Ok(Arc::new(array.map_err(|error| Error::Unexpected(format!("remember linked numbers: {error}")))?))
    };
    let names: ArrayRef = Arc::new(linked.iter().map(|(name, ..)| Some(name.as_str())).collect::<StringArray>());
    let columns =
        [("leverans", names), ("avtryck_tidigare", digests(&|one| one.1)?), ("avtryck_nytt", digests(&|one| one.2)?)];
    let batch = RecordBatch::try_from_iter(columns);
    let batch = batch.map_err(|error| Error::Unexpected(format!("remember linked numbers: {error}")))?;
    let metadata =
        [("finsam.key_check", job.pseudonymiser.key_check()), ("finsam.domain", job.settings.domain.as_str())];
    let mut writer = Writer::create(&path(job), batch.schema(), &metadata)?;
    writer.write(&batch)?;
    writer.finish().map(drop)
}
