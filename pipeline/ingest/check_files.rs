//! Files checked by a contract without a manifest, a data root or a key: nothing is written or kept.

use super::delivery::{
    Delivery, Everyone, Manifest, ManifestFile, Misstated, Omfattning, Period, Population, UNSTATED, read_manifest,
    survey,
};
use super::sets::Sets;
use super::take::{Context, Intake, take};
use super::text::BLOCK;
use crate::contract::{Catalogue, Contract, unpacked_name};
use crate::error::{Error, Result};
use crate::job::Progress;
use crate::pseudonymise::{Key, Pseudonymiser, stands_in};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Checks the files of one delivery together, as the night would: a key may stand in one of them only. Row counts
/// and control totals are those found, unless the folder of a `leverans.yaml` is named that states them: then its
/// files are checked by it. Also gives the name of each file in faults.
///
/// # Errors
/// [`Error::Io`] where a file cannot be read, [`Error::Contract`] where the contract lacks its own layout; the
/// delivery's faults are in the [`Intake`].
pub fn check_files(
    catalogue: &Catalogue,
    contract: &Arc<Contract>,
    files: &[PathBuf],
    uttagsdatum: NaiveDate,
    stated: Option<&Path>,
) -> Result<(Vec<String>, Intake)> {
    // Pseudonyms are made only to find repeated keys, and are forgotten with this key of the moment.
    let secret = rand::random::<[u8; 32]>();
    let key = Key::from_bytes(&secret).ok_or_else(|| Error::Unexpected("a key could not be made".into()))?;
    let pseudonymiser = Pseudonymiser::new(&key, "check");
    let manifest = match stated {
        Some(folder) => read_manifest(folder, contract, uttagsdatum),
        None => once(Manifest {
            leverans: contract.name.clone(),
            uttagsdatum,
            period: Period { fran: uttagsdatum, till: uttagsdatum },
            population: Population::Everyone(Everyone::Alla),
            omfattning: Omfattning::Hel,
            filer: found(files)?,
            kontrollsummor: BTreeMap::new(),
        }),
    };
    let names = manifest.iter().flat_map(|manifest| &manifest.filer).map(|file| file.namn.clone()).collect();
    let folder = stated.unwrap_or(Path::new(".")).to_owned();
    let delivery = Delivery { contract: contract.clone(), folder, uttagsdatum, manifest, stamps: Vec::new() };
    let spill = std::env::temp_dir().join(format!("finsam-check-{}", std::process::id()));
    let (sets, progress) = (Sets::default(), Progress::new(true));
    let (threads, block) = (2, BLOCK);
    let context =
        Context { catalogue, pseudonymiser: &pseudonymiser, sets: &sets, spill, progress: &progress, threads, block };
    Ok((names, take(&delivery, &context, &mut |_| Ok(()))?))
}

/// As in the night, a file is not counted twice.
fn once(manifest: Manifest) -> std::result::Result<Manifest, Misstated> {
    if manifest.repeats_a_file() { Err(Misstated::Twice) } else { Ok(manifest) }
}

/// What a manifest would say of the files. Each goes by its name, or by its path where another has the same name; by
/// its number among them where that is an identity number, for the felrapport is sent.
fn found(files: &[PathBuf]) -> Result<Vec<ManifestFile>> {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let describe = |(nr, path): (usize, &PathBuf)| {
        let sha256 = survey(path).map_err(|source| Error::Io { path: path.clone(), source })?.sha256;
        let own = name(path);
        let alone = files.iter().filter(|other| name(other) == own).count() == 1;
        let shown = if alone { own.clone() } else { path.display().to_string() };
        let namn = if stands_in(&shown) { format!("fil {nr} (namnet visas inte){}", suffixes(&own)) } else { shown };
        Ok(ManifestFile { namn, rader: UNSTATED, sha256, path: Some(path.clone()) })
    };
    (1..).zip(files).map(describe).collect()
}

/// The suffixes that tell a file's format and how it is packed; so short that no number is one.
fn suffixes(name: &str) -> String {
    let suffix = |name: &str| {
        let (_, suffix) = name.rsplit_once('.')?;
        let is_plain = suffix.len() <= 8 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_plain.then(|| format!(".{suffix}"))
    };
    let (packing, plain) = unpacked_name(name);
    let packed = packing.and_then(|_| suffix(name));
    [suffix(plain), packed].into_iter().flatten().collect()
}
