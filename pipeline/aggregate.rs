//! From derived to mart: counts of deltaganden and persons, in SQL; never divided, and never shown as they are.

use crate::derive;
use crate::error::Result;
use crate::job::Job;
use crate::lab;
use crate::layer::Layer;
use crate::record_key;
use crate::stage::{Night, keep_only};

/// `sql/mart/<name>.sql`; each reads core and derived only. `omrade` holds names, the others counts.
pub const MARTS: [&str; 23] = [
    "omrade",
    "deltagare",
    "tackning",
    "forsorjning",
    "forsorjning_flode",
    "sysselsattning",
    "stegforflyttning",
    "avslut",
    "tid_i_insats",
    "tid_i_offentlig_forsorjning",
    "prioriterade_grupper",
    "helarsekvivalenter",
    "insatser",
    "ekonomi",
    "indikator",
    "kompletterande_fragor",
    "overensstammelse",
    "kanslighet",
    "serie",
    "antal_efter_sus",
    "tackning_redovisning",
    "tackning_befolkning",
    "tackning_organisation",
];

/// # Errors
/// As [`derive::run`].
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    let warehouse = derive::open(job, night)?;
    for name in derive::TABLES.into_iter().chain(record_key::TABLES) {
        let path = job.layer(Layer::Derived).join(format!("{name}.parquet"));
        warehouse.bind(Layer::Derived, name, &[path])?;
    }
    keep_only(job, Layer::Mart, &MARTS)?;
    for name in MARTS {
        derive::write(job, &warehouse, Layer::Mart, name, &job.layer(Layer::Mart).join(format!("{name}.parquet")))?;
    }
    lab::write(job, night)
}
