//! The folder `facit`: the truth beside the deliveries, by file and row, without identity numbers.

use super::deltagande::Deltagande;
use super::matning::{Komponent, Matpunkt};
use super::observation::Observation;
use super::orsak::Orsak;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes `deltagande.csv`, `avvisade.csv` and, at the end, `planterat.csv`; their columns stand in the module
/// documentation of [`crate::generate`].
pub struct Facit {
    folder: PathBuf,
    deltagande: BufWriter<File>,
    avvisade: BufWriter<File>,
    planted: BTreeMap<Orsak, u64>,
}

impl Facit {
    /// # Errors
    /// [`Error::Io`].
    pub fn create(folder: &Path) -> Result<Facit> {
        fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })?;
        let head = format!("fil,rad,matpunkt,{}", Komponent::ALL.map(Komponent::name).join(","));
        Ok(Facit {
            folder: folder.to_owned(),
            deltagande: open(&folder.join("deltagande.csv"), &head)?,
            avvisade: open(&folder.join("avvisade.csv"), "kontrakt,uttagsdatum,fil,rad,regel")?,
            planted: BTreeMap::new(),
        })
    }

    /// The truth about one row of the delivered deltaganden.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn tell(&mut self, fil: &str, rad: u64, observation: &Observation<'_>) -> Result<()> {
        for matpunkt in Matpunkt::ALL {
            let mut line = format!("{fil},{rad},{}", matpunkt.name());
            for (_, (truth, orsak)) in observation.of(matpunkt) {
                line.push_str(truth.map_or(",", |truth| if truth { ",ja" } else { ",nej" }));
                if let Some(orsak) = orsak {
                    line.push(':');
                    line.push_str(orsak.name());
                    *self.planted.entry(orsak).or_default() += 1;
                }
            }
            writeln!(self.deltagande, "{line}").map_err(|e| self.failed(e))?;
        }
        Ok(())
    }

    /// A row that ingest must reject, and the rule that it breaks.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn reject(&mut self, kontrakt: &str, uttag: NaiveDate, fil: &str, rad: u64, regel: &str) -> Result<()> {
        writeln!(self.avvisade, "{kontrakt},{uttag},{fil},{rad},{regel}").map_err(|e| self.failed(e))
    }

    /// Closes the files; gives the planted counts per reason.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(mut self) -> Result<BTreeMap<String, u64>> {
        self.deltagande.flush().map_err(|e| self.failed(e))?;
        self.avvisade.flush().map_err(|e| self.failed(e))?;
        let mut planted = open(&self.folder.join("planterat.csv"), "orsak,antal")?;
        for (orsak, count) in &self.planted {
            writeln!(planted, "{},{count}", orsak.name()).map_err(|e| self.failed(e))?;
        }
        planted.flush().map_err(|e| self.failed(e))?;
        Ok(self.planted.iter().map(|(orsak, count)| (orsak.name().to_owned(), *count)).collect())
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Io { path: self.folder.clone(), source }
    }
}

fn open(path: &Path, head: &str) -> Result<BufWriter<File>> {
    let failed = |source| Error::Io { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    writeln!(file, "{head}").map_err(failed)?;
    Ok(file)
}

/// The days that are asked about for a deltagande.
pub fn asked_days(deltagande: &Deltagande) -> Vec<NaiveDate> {
    Matpunkt::ALL.into_iter().filter_map(|matpunkt| matpunkt.day(deltagande)).collect()
}
