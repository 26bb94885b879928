//! What lies in `deliveries/<contract>/<uttagsdatum>/`, as its `leverans.yaml` states it.

use crate::contract::{Catalogue, Contract, Kind};
use crate::error::{Error, Result};
use crate::layer::Layer;
use crate::pseudonymise::stands_in;
use crate::receipt::Scope;
use crate::retention::Retired;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the file that is written last.
pub const MANIFEST: &str = "leverans.yaml";

/// Bytes of a `leverans.yaml`: some ten thousand files.
const MANIFEST_MAX: u64 = 1 << 20;

/// Letters of the name of the list that an extract was drawn on.
const LIST_NAME_MAX: usize = 40;

/// `leverans.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub leverans: String,
    #[serde(with = "day")]
    pub uttagsdatum: NaiveDate,
    pub period: Period,
    pub population: Population,
    #[serde(default)]
    pub omfattning: Omfattning,
    pub filer: Vec<ManifestFile>,
    #[serde(default)]
    pub kontrollsummor: BTreeMap<String, i64>,
}

impl Manifest {
    /// The period and population that it states.
    pub fn scope(&self) -> Scope {
        Scope { period: self.period, population: self.population.clone(), omfattning: self.omfattning }
    }

    /// Whether it can be a delivery of the contract; what it says is not repeated, for it may say anything.
    fn fits(&self, contract: &Contract) -> Result<(), Misstated> {
        // The name is kept with every row of the file.
        let plain = |file: &ManifestFile| {
            !file.namn.contains(['/', '\\', '\0']) && !file.namn.starts_with('.') && !stands_in(&file.namn)
        };
        let is_summed = |column: &String| {
            contract.column(column).is_some_and(|column| matches!(column.kind, Kind::Integer | Kind::Long))
        };
        // Where the row sent last counts, the names of the files say which was sent last.
        let in_order = self.filer.is_sorted_by(|one, next| one.namn < next.namn);
        let fits = self.leverans == contract.name
            && self.period.fran <= self.period.till
            && !self.filer.is_empty()
            && self.filer.iter().all(plain)
            && self.kontrollsummor.keys().all(is_summed)
            && (in_order || !contract.last_row_counts())
            && (self.omfattning == Omfattning::Hel || contract.last_row_counts());
        match &self.population {
            _ if !fits => Err(Misstated::Otherwise),
            Population::List { lista, .. } if !is_identifier(lista) => Err(Misstated::List),
            _ if self.repeats_a_file() => Err(Misstated::Twice),
            _ => Ok(()),
        }
    }

    /// Whether rows would count twice: a file is named twice, or stands under two names. Files without rows are alike,
    /// and count nothing.
    pub(super) fn repeats_a_file(&self) -> bool {
        let (mut names, mut hashes) = (BTreeSet::new(), BTreeSet::new());
        self.filer
            .iter()
            .any(|file| !names.insert(&file.namn) || file.rader > 0 && !hashes.insert(file.sha256.to_ascii_lowercase()))
    }

    /// Whether a supplier stated it; else `finsam check` made it of the files that it was given.
    pub fn is_stated(&self) -> bool {
        self.filer.iter().all(|file| file.rader != UNSTATED)
    }
}

/// The name of a list is kept with the receipt: it names nobody.
fn is_identifier(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    (1..=LIST_NAME_MAX).contains(&name.len()) && name.bytes().all(plain) && !stands_in(name)
}

/// Why a `leverans.yaml` is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misstated {
    /// It cannot be read, lacks something, or speaks of another delivery.
    Otherwise,
    Long,
    /// The name of the population's list is no identifier.
    List,
    /// A file is there twice.
    Twice,
}

impl Misstated {
    /// What was expected.
    pub const fn expected(self) -> &'static str {
        match self {
            Misstated::Otherwise => "leverans, uttagsdatum, period, filer",
            Misstated::Long => "at most 1 MiB",
            Misstated::List => "population: a list named by at most 40 of a-z, 0-9, _ and -, and by no identity number",
            Misstated::Twice => "each file once",
        }
    }

    /// What the supplier is told of it, in Swedish.
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Misstated::Otherwise => None,
            Misstated::Long => Some("högst 1 MiB"),
            Misstated::List => Some(
                "populationens lista: ett namn av högst 40 tecken (a–z, 0–9, _ och -) som inte är ett personnummer",
            ),
            Misstated::Twice => Some("varje fil en gång: två poster har samma namn eller samma innehåll (sha256)"),
        }
    }
}

/// Both days belong to the period.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Period {
    #[serde(with = "day")]
    pub fran: NaiveDate,
    #[serde(with = "day")]
    pub till: NaiveDate,
}

/// Whom the extract was drawn on.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Population {
    /// `alla`
    Everyone(Everyone),
    /// The list that it was drawn on, and the list's date.
    List {
        lista: String,
        #[serde(with = "day")]
        datum: NaiveDate,
    },
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Everyone {
    Alla,
}

/// How much of its period a delivery holds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Omfattning {
    /// All of it.
    #[default]
    Hel,
    /// Rows that replace, add to or remove rows of the whole delivery that is in force for the period.
    Rattelse,
}

impl Omfattning {
    pub const fn code(self) -> &'static str {
        match self {
            Omfattning::Hel => "hel",
            Omfattning::Rattelse => "rattelse",
        }
    }
}

/// Stands for a number of rows that nobody stated (`finsam check` has no manifest).
pub(super) const UNSTATED: u64 = u64::MAX;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    pub namn: String,
    pub rader: u64,
    pub sha256: String,
    /// Where it lies, if not in the delivery's folder; a manifest does not say so.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// A day as `YYYY-MM-DD`.
mod day {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("not a day YYYY-MM-DD"))
    }
}

/// How a file stood when it was seen; the same stamp means the same bytes (design §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub name: String,
    pub size: u64,
    pub modified_ns: i128,
    pub inode: u64,
}

impl Stamp {
    /// # Errors
    /// The file system's own.
    pub fn of(path: &Path) -> std::io::Result<Stamp> {
        let meta = fs::metadata(path)?;
        Ok(Stamp {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            size: meta.len(),
            modified_ns: i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec()),
            inode: meta.ino(),
        })
    }
}

/// One delivery folder.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub contract: Arc<Contract>,
    pub folder: PathBuf,
    pub uttagsdatum: NaiveDate,
    pub manifest: Result<Manifest, Misstated>,
    pub stamps: Vec<Stamp>,
}

impl Delivery {
    /// `contract uttagsdatum`, as messages name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.contract.name, self.uttagsdatum)
    }

    /// Where one of its files lies.
    pub fn path(&self, file: &ManifestFile) -> PathBuf {
        file.path.clone().unwrap_or_else(|| self.folder.join(&file.namn))
    }
}

/// All delivery folders.
#[derive(Debug, Default)]
pub struct Scan {
    /// By contract and uttagsdatum.
    pub deliveries: Vec<Delivery>,
    /// Folders that belong to no contract, or are named by no date.
    pub strangers: Vec<String>,
    /// Folders named by a day that has not come. Nothing can be drawn on it, and a list dated by mistake would stand
    /// before every later one: they are not taken.
    pub early: Vec<String>,
    /// Folders without `leverans.yaml`: still being copied.
    pub waiting: Vec<String>,
    /// Deliveries past their retention: what was made of them was removed, and they are not taken any more.
    pub retired: Vec<String>,
}

impl Scan {
    /// Looks through `deliveries/` as they are on a day; reads only the manifests.
    ///
    /// # Errors
    /// [`Error::Io`] where a folder cannot be listed.
    pub fn of(deliveries: &Path, catalogue: &Catalogue, today: NaiveDate) -> Result<Scan> {
        let mut scan = Scan::default();
        if !deliveries.exists() {
            return Ok(scan);
        }
        let retired = Retired::read(deliveries.parent().unwrap_or(Path::new("")))?;
        for (name, folder) in folders(deliveries)? {
            let Ok(contract) = catalogue.contract(Layer::Deliveries, &name) else {
                scan.strangers.push(shown(name));
                continue;
            };
            for (date, folder) in folders(&folder)? {
                let Ok(uttagsdatum) = date.parse::<NaiveDate>() else {
                    scan.strangers.push(format!("{name}/{}", shown(date)));
                    continue;
                };
                if uttagsdatum > today {
                    scan.early.push(format!("{name}/{date}"));
                    continue;
                }
                if retired.holds(&name, uttagsdatum) {
                    scan.retired.push(format!("{name}/{date}"));
                    continue;
                }
                if !folder.join(MANIFEST).exists() {
                    scan.waiting.push(format!("{name}/{date}"));
                    continue;
                }
                let manifest = read_manifest(&folder, contract, uttagsdatum);
                let stamps = stamps(&folder, manifest.as_ref().ok());
                scan.deliveries.push(Delivery { contract: contract.clone(), folder, uttagsdatum, manifest, stamps });
            }
        }
        Ok(scan)
    }
}

/// The name of a folder, unless it holds what may not be printed.
fn shown(name: String) -> String {
    if stands_in(&name) { "(a folder named by an identity number)".into() } else { name }
}

fn folders(parent: &Path) -> Result<Vec<(String, PathBuf)>> {
    let failed = |source| Error::Io { path: parent.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(parent).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Opens a file that was delivered, or the one that a link leads to. What is none (a folder, a FIFO, a device) is not
/// waited for.
///
/// # Errors
/// The file system's own.
pub(super) fn open(path: &Path) -> std::io::Result<fs::File> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    fs::File::open(path)
}

pub(super) fn read_manifest(folder: &Path, contract: &Contract, uttagsdatum: NaiveDate) -> Result<Manifest, Misstated> {
    let mut bytes = Vec::new();
    let read = open(&folder.join(MANIFEST)).and_then(|file| file.take(MANIFEST_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|_| Misstated::Otherwise)?;
    if bytes.len() as u64 > MANIFEST_MAX {
        return Err(Misstated::Long);
    }
    let manifest: Manifest = serde_yaml_ng::from_slice(&bytes).map_err(|_| Misstated::Otherwise)?;
    if manifest.uttagsdatum != uttagsdatum {
        return Err(Misstated::Otherwise);
    }
    manifest.fits(contract).map(|()| manifest)
}

fn stamps(folder: &Path, manifest: Option<&Manifest>) -> Vec<Stamp> {
    let names: Vec<&str> =
        manifest.map(|m| m.filer.iter().map(|file| file.namn.as_str()).collect()).unwrap_or_default();
    // What cannot be opened has no stamp: once it can, the delivery is another than before.
    let paths = std::iter::once(MANIFEST).chain(names).map(|name| folder.join(name));
    paths.filter(|path| open(path).is_ok()).filter_map(|path| Stamp::of(&path).ok()).collect()
}

/// What one reading of all bytes tells about a file.
pub struct Survey {
    pub sha256: String,
    /// It holds letters beyond ASCII, and all of it is UTF-8.
    pub is_multibyte_utf8: bool,
}

/// Hashes a file, and notes whether it is UTF-8: a UTF-8 file read as cp1252 would pass every check as nonsense.
///
/// # Errors
/// The file system's own.
pub fn survey(path: &Path) -> std::io::Result<Survey> {
    let mut hash = Sha256::new();
    let is_multibyte_utf8 = is_multibyte_utf8(open(path)?, |bytes| hash.update(bytes))?;
    Ok(Survey { sha256: crate::hex(&hash.finalize()), is_multibyte_utf8 })
}

/// Whether bytes hold letters beyond ASCII and all of them are UTF-8; each piece is shown to `see` as well.
///
/// # Errors
/// The reader's own.
pub fn is_multibyte_utf8(mut bytes: impl Read, mut see: impl FnMut(&[u8])) -> std::io::Result<bool> {
    let mut buffer = vec![0; 1 << 18];
    let (mut kept, mut utf8, mut multibyte) = (0, true, false);
    loop {
        let read = bytes.read(&mut buffer[kept..])?;
        see(&buffer[kept..kept + read]);
        if read == 0 {
            break;
        }
        let filled = kept + read;
        kept = 0;
        if utf8 && !buffer[..filled].is_ascii() {
            multibyte = true;
            if let Err(error) = std::str::from_utf8(&buffer[..filled]) {
                utf8 = error.error_len().is_none();
                // A letter cut by the end of the buffer is looked at again with the next bytes.
                kept = if utf8 { filled - error.valid_up_to() } else { 0 };
                buffer.copy_within(filled - kept..filled, 0);
            }
        }
    }
    Ok(utf8 && multibyte && kept == 0)
}
