//! The demo country: deliveries of every contract from a seed, and the truth behind them.
//!
//! A life history is drawn first for each person; the registers are rendered from it, each in its own format and
//! with its own faults. Nothing reads the clock, and no order depends on a hash map: the same plan gives the same
//! bytes. No identity number can belong to anyone alive (see [`nummer`]).
//!
//! **What it is not:** a model of Sweden. The numbers of participants, the share of women, the shares with
//! sjukpenning and aktivitetsersättning and the share to work or studies lie near the published ones of 2018–2022;
//! nothing else does on purpose.
//!
//! Deliveries follow each other as they do: months of bistånd that the file of their year replaces ([`bistand`]),
//! declarations of pay that are sent again, corrected and removed ([`agi`]). What was before is never the truth.
//!
//! What SUS has of someone's försörjning is what a handler made of the same life, with mistakes whose share is stated
//! ([`sus`], [`sus1`]).
//!
//! # Facit
//!
//! A folder outside the data root, without identity numbers, of three files in CSV with a header:
//!
//! - `deltagande.csv`: `fil,rad,matpunkt` and a column for each komponent of `codes/komponent`, in their order; one
//!   line for each data row of the delivered sus_deltagande (`rad` is its line in `fil`) and each mätpunkt of slag
//!   `matpunkt`. A cell is the truth (`ja`, `nej`, or empty where there is no such day: no slutdatum), followed, where
//!   a perfect reading of the deliveries does not find it, by a colon and the one reason why not ([`Orsak`]).
//! - `avvisade.csv`: `kontrakt,uttagsdatum,fil,rad,regel`; every row that ingest must reject, and for which of
//!   `identitetsnummer`, `kodlista`, `koddatum` (the code was not valid that day), `slut_fore_start`, `typ`, `granser`,
//!   `monster`, `rattslig_grund`, `nyckel` (the first row of a key is kept).
//! - `planterat.csv`: `orsak,antal`; how many cells of `deltagande.csv` have each reason.

mod agi;
mod bistand;
mod chance;
pub mod delivery;
mod deltagande;
mod deltagare;
mod facit;
mod folkbokforing;
mod geografi;
mod insats;
mod land;
mod leveranser;
mod levnad;
mod matning;
mod nummer;
mod observation;
mod orsak;
mod person;
mod prov;
mod redovisning;
mod referens;
mod register;
mod stod;
mod stodregister;
mod sus;
mod sus1;
mod tackning;
mod tid;

pub use delivery::{DeliveryWriter, Leverans, Population};
pub use nummer::{Nummer, Slag};
pub use observation::UTTAG;
pub use orsak::Orsak;
pub use prov::{Prov, sample};

use crate::contract::Catalogue;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// What country to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub seed: u64,
    /// 1 is the participants of 2018–2022 at published numbers, with five times as many others in the registers.
    pub scale: f64,
    /// Further people who are in no insats.
    pub befolkning: u64,
}

impl Plan {
    /// The country that `finsam demo` makes: a fifth of the published numbers.
    pub const fn demo() -> Plan {
        Plan { seed: 2022, scale: 0.2, befolkning: 0 }
    }

    /// # Errors
    /// [`Error::Usage`] where the scale is no positive number, or too large for the invented numbers there are.
    pub fn check(&self) -> Result<()> {
        if !self.scale.is_finite() || self.scale <= 0.0 || self.scale > 100.0 {
            return Err(Error::Usage("the scale is a number above 0, at most 100".into()));
        }
        Ok(())
    }
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Data rows per contract.
    pub rows: BTreeMap<String, u64>,
    /// Cells of `facit/deltagande.csv` per reason.
    pub planted: BTreeMap<String, u64>,
    /// Persons in the registers, participants included.
    pub persons: u64,
}

/// Makes the country: deliveries under `deliveries`, the truth under `facit`. `progress` is told the step, how much
/// of it is done, and of how much.
///
/// # Errors
/// [`Error::Usage`] where the plan asks for a scale that is no positive number or for more people than there are
/// invented numbers; [`Error::Contract`] where a delivery contract lacks what its file needs; [`Error::Io`].
pub fn generate(
    plan: &Plan,
    catalogue: &Catalogue,
    deliveries: &Path,
    facit: &Path,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<Summary> {
    plan.check()?;
    land::generate(plan, catalogue, deliveries, facit, progress)
}

#[cfg(test)]
mod tests;
