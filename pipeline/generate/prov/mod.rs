//! The sample: small deliveries by which a supplier sees what is taken and what is not.
//!
//! Of every delivery contract one that is sound for each option that the contract leaves open, in which every code
//! of its lists occurs; and for each rule of faults a small delivery that breaks exactly that rule. Made from the
//! contracts alone, so that a new contract has its sample at once.
//!
//! ```text
//! godkanda/<what it shows>/<contract>/<uttagsdatum>/
//! felaktiga/<rule>/<contract>/<uttagsdatum>/
//! prov.csv                                    what each of them shows
//! ```

mod cells;
mod damage;
mod faulty;
mod sound;

use super::observation::UTTAG;
use crate::contract::{Catalogue, Contract, Kind};
use crate::error::{Error, Result};
use crate::fault::Rule;
use crate::generate::{DeliveryWriter, Leverans};
use crate::layer::Layer;
use chrono::NaiveDate;
use std::path::{Path, PathBuf};

/// The first day of the period that the sample states.
const FROM: NaiveDate = super::tid::day(2018, 1, 1);

/// One delivery of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prov {
    /// The folder of deliveries that it lies in; each sample has one of its own.
    pub deliveries: PathBuf,
    pub contract: String,
    /// The option that it shows; of a faulty one the rule's code.
    pub shows: String,
    /// The rule that it breaks.
    pub rule: Option<Rule>,
}

/// Writes the sample into a folder. The same contracts give the same bytes.
///
/// # Errors
/// [`Error::Usage`] where the folder holds something else; [`Error::Contract`] where a contract does not say how its
/// file looks; [`Error::Io`].
pub fn sample(catalogue: &Catalogue, folder: &Path) -> Result<Vec<Prov>> {
    make_room(folder)?;
    let mut all = Vec::new();
    for contract in catalogue.layer(Layer::Deliveries) {
        all.extend(sound::of(contract, catalogue, &folder.join("godkanda"))?);
    }
    for rule in Rule::ALL {
        all.extend(faulty::of(*rule, catalogue, &folder.join("felaktiga").join(rule.code()))?);
    }
    let mut index = String::from("mapp;kontrakt;visar;regel;vad som är fel\r\n");
    for prov in &all {
        let below = prov.deliveries.strip_prefix(folder).unwrap_or(&prov.deliveries).display();
        let (code, text) = prov.rule.map_or(("", ""), |rule| (rule.code(), rule.text()));
        index += &format!("{below}/{};{};{};{code};{text}\r\n", prov.contract, prov.contract, prov.shows);
    }
    crate::lake::write_file(&folder.join(INDEX), format!("\u{feff}{index}").as_bytes())?;
    Ok(all)
}

const INDEX: &str = "prov.csv";

/// An earlier sample is replaced; anything else is left alone.
fn make_room(folder: &Path) -> Result<()> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    if folder.is_dir() && std::fs::read_dir(folder).map_err(failed)?.next().is_some() {
        if !folder.join(INDEX).is_file() {
            let shown = folder.display();
            return Err(Error::Usage(format!("generate: {shown} holds something else than a sample; name another")));
        }
        for made in ["godkanda", "felaktiga"] {
            let made = folder.join(made);
            if made.is_dir() {
                std::fs::remove_dir_all(made).map_err(failed)?;
            }
        }
    }
    std::fs::create_dir_all(folder).map_err(failed)
}

/// Writes rows as a delivery of the sample's day; its folder.
fn deliver(contract: &Contract, deliveries: &Path, uttag: NaiveDate, rows: &[cells::Row]) -> Result<PathBuf> {
    let mut writer = DeliveryWriter::create(contract, deliveries, uttag)?;
    for row in rows {
        let row: Vec<(&str, &str)> = row.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        writer.row(&row)?;
    }
    let last = last_day(contract, rows).map_or(uttag, |last| last.max(uttag));
    writer.finish(&Leverans::of_all(FROM, last))
}

/// The last day that the rows belong to, where the contract says by which column.
fn last_day(contract: &Contract, rows: &[cells::Row]) -> Option<NaiveDate> {
    let column = contract.period_columns().ok()??.first();
    let day = |row: &cells::Row| {
        let text = row.get(&column.name)?;
        match column.kind {
            Kind::Date => cells::read(text, column.date_form),
            _ => NaiveDate::from_ymd_opt(text.parse().ok()?, 12, 31),
        }
    };
    rows.iter().filter_map(day).max()
}
