//! Files checked by a contract without a manifest, a data root or a key: nothing is written or kept.

use super::delivery::{Delivery, Everyone, Manifest, ManifestFile, Period, Population, UNSTATED, survey};
use super::sets::Sets;
use super::take::{Context, Intake, take};
use crate::contract::{Catalogue, Contract};
use crate::error::{Error, Result};
use crate::fault::FaultLog;
use crate::job::Progress;
use crate::pseudonymise::{Key, Pseudonymiser};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Checks the files of one delivery. Row counts and control totals are those found, since no manifest states others.
///
/// # Errors
/// [`Error::Io`] where a file cannot be read; the delivery's faults are in the [`Intake`].
pub fn check_files(
    catalogue: &Catalogue,
    contract: &Arc<Contract>,
    files: &[PathBuf],
    uttagsdatum: NaiveDate,
) -> Result<Intake> {
    // Pseudonyms are made only to find repeated keys, and are forgotten with this key of the moment.
    let secret = rand::random::<[u8; 32]>();
    let key = Key::from_bytes(&secret).ok_or_else(|| Error::Unexpected("a key could not be made".into()))?;
    let pseudonymiser = Pseudonymiser::new(&key, "check");
    let spill = std::env::temp_dir().join(format!("finsam-check-{}", std::process::id()));
    let mut whole = Intake::default();
    for file in files {
        let intake = check_file(catalogue, contract, file, uttagsdatum, &pseudonymiser, &spill)?;
        merge(&mut whole, intake);
    }
    Ok(whole)
}

fn check_file(
    catalogue: &Catalogue,
    contract: &Arc<Contract>,
    file: &Path,
    uttagsdatum: NaiveDate,
    pseudonymiser: &Pseudonymiser,
    spill: &Path,
) -> Result<Intake> {
    let found = survey(file).map_err(|source| Error::Io { path: file.to_owned(), source })?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let manifest = Manifest {
        leverans: contract.name.clone(),
        uttagsdatum,
        period: Period { fran: uttagsdatum, till: uttagsdatum },
        population: Population::Everyone(Everyone::Alla),
        filer: vec![ManifestFile { namn: name, rader: UNSTATED, sha256: found.sha256, path: None }],
        kontrollsummor: BTreeMap::new(),
    };
    let delivery = Delivery {
        contract: contract.clone(),
        folder: file.parent().unwrap_or(Path::new(".")).to_owned(),
        uttagsdatum,
        manifest: Some(manifest),
        stamps: Vec::new(),
    };
    let (sets, progress) = (Sets::default(), Progress::new(true));
    let context = Context { catalogue, pseudonymiser, sets: &sets, spill: spill.to_owned(), progress: &progress };
    take(&delivery, &context, &mut |_| Ok(()))
}

fn merge(whole: &mut Intake, part: Intake) {
    let mut faults = FaultLog::default();
    for (place, count) in whole.faults.iter().chain(part.faults.iter()) {
        let rows = count.rows.iter().map(|row| Some(*row)).chain(std::iter::repeat(None));
        for row in rows.take(usize::try_from(count.faults).unwrap_or(usize::MAX)) {
            faults.add_as(count.severity, place.rule, &place.file, place.column.as_deref(), row, &count.expected);
        }
    }
    whole.faults = faults;
    whole.rows += part.rows;
    whole.rejected += part.rejected;
    whole.kept += part.kept;
    whole.left_out += part.left_out;
}
