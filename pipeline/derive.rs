//! From core to derived: meaning, decided in SQL. The order below is the order in which it is decided; each file
//! reads only what stands above it.
//!
//! Nothing here parses, joins or decides: this module binds tables, runs files and writes what comes out.

use crate::contract::{Contract, PeriodColumns, arrow_schema};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lab;
use crate::lake::{self, Writer};
use crate::layer::Layer;
use crate::record_key;
use crate::stage::{Night, keep_only};
use crate::warehouse::Warehouse;
use std::path::PathBuf;

/// `sql/derived/<name>.sql`, in order.
pub const TABLES: [&str; 36] = [
    "person",
    "personversion",
    "deltagande",
    "matpunkt",
    "spell_sjukpenning",
    "spell_sjukersattning",
    "spell_aktivitetsstod",
    "spell_akassa_vecka",
    "spell_akassa_manad",
    "spell_studiemedel",
    "spell_sokandekategori",
    "spell_bistand",
    "spell_arbete",
    "spell",
    "episod",
    "sjukfall",
    "registerfonster",
    "komponent",
    "status",
    "hierarki",
    "lage",
    "forandring",
    "forsorjningsflode",
    "forsorjningstid",
    "forsorjningstackning",
    "tid_i_forsorjning",
    "andel_i_forsorjning",
    "deltagandeordning",
    "aterintrade",
    "sus_forsorjning",
    "sus_utfall",
    "overensstammelse",
    "antal_deltagare",
    "redovisningsperiod",
    "forbund_nu",
    "avslutat",
];

/// # Errors
/// [`Error::Key`] where core was made with another key, [`Error::Sql`] where a file fails, [`Error::Broken`] where its
/// result is not as its contract says.
pub fn run(job: &Job, night: &mut Night) -> Result<()> {
    // What shows derived must not show half of it.
    lab::remove(job)?;
    let derived = job.layer(Layer::Derived);
    let warehouse = open(job, night)?;
    keep_only(job, Layer::Derived, &TABLES)?;
    for name in TABLES {
        let path = derived.join(format!("{name}.parquet"));
        write(job, &warehouse, Layer::Derived, name, &path)?;
        warehouse.bind(Layer::Derived, name, &[path])?;
    }
    record_key::run(job)
}

/// Of what a table of core consists tonight.
pub struct Source {
    pub name: String,
    pub files: Vec<PathBuf>,
    /// Which of their rows count; all where there is none.
    pub filter: Option<String>,
}

/// Every table of core by the deliveries in force.
///
/// # Errors
/// [`Error::Contract`] where a delivery's contract does not say by what it is divided into periods.
pub fn core_in_force(job: &Job, night: &Night) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for contract in job.catalogue.layer(Layer::Core) {
        let (name, folder) = (contract.name.clone(), job.layer(Layer::Core).join(&contract.name));
        if name == "leverans" {
            sources.push(Source { name, files: vec![folder.join("leverans.parquet")], filter: None });
            continue;
        }
        let in_force: Vec<_> = night.in_force.iter().filter(|one| one.table == name).collect();
        let mut files: Vec<PathBuf> =
            in_force.iter().map(|one| folder.join(format!("{}.parquet", one.uttagsdatum))).collect();
        files.dedup();
        let filter = in_force_filter(job, &name, &in_force)?;
        sources.push(Source { name, files, filter });
    }
    Ok(sources)
}

/// A locked connection with core bound to the deliveries in force.
///
/// # Errors
/// [`Error::Key`] where a core file was made with another key: refused before any join.
pub fn open(job: &Job, night: &Night) -> Result<Warehouse> {
    let spill = job.folder("spill");
    let folders = [Layer::Core, Layer::Derived, Layer::Mart].map(|layer| job.layer(layer));
    for folder in &folders {
        std::fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.clone(), source })?;
    }
    let allowed: Vec<&std::path::Path> = folders.iter().map(PathBuf::as_path).chain([spill.as_path()]).collect();
    let memory = format!("{}MiB", job.settings.memory_mib);
    let warehouse = Warehouse::open(&job.catalogue, &spill, &allowed, job.settings.threads, &memory)?;
    for source in core_in_force(job, night)? {
        source.files.iter().filter(|_| source.name != "leverans").try_for_each(|file| require_key(job, file))?;
        warehouse.bind_where(Layer::Core, &source.name, &source.files, source.filter.as_deref())?;
    }
    warehouse.lock()?;
    Ok(warehouse)
}

/// Data made with different keys join to nothing, in silence; so they are refused by name.
///
/// # Errors
/// [`Error::Key`] where the file was made with another key.
pub fn require_key(job: &Job, file: &std::path::Path) -> Result<()> {
    let metadata = lake::metadata(file)?;
    let check = metadata.iter().find(|(key, _)| key == "finsam.key_check").map(|(_, value)| value.as_str());
    if check == Some(job.pseudonymiser.key_check()) {
        return Ok(());
    }
    Err(another_key(file))
}

/// What is said of a file that was made with another key than the one that is named.
pub fn another_key(file: &std::path::Path) -> Error {
    Error::Key {
        path: file.to_owned(),
        reason: "the file was made with another key".into(),
        hint: "name the key that the data root was made with; `finsam key rotate --to FILE` exchanges it".into(),
    }
}

/// Where deliveries replace each other by period, each row counts only in the periods its delivery is in force for.
fn in_force_filter(job: &Job, table: &str, in_force: &[&crate::ingest::InForce]) -> Result<Option<String>> {
    let contract = job.catalogue.contract(Layer::Deliveries, table)?;
    let date = match contract.period_columns()? {
        None => return Ok(None),
        Some(PeriodColumns::Date(date)) => date.name.clone(),
        Some(PeriodColumns::Year(year)) => format!("make_date({}, 1, 1)", year.name),
        Some(PeriodColumns::YearAndMonth(year, month)) => format!("make_date({}, {}, 1)", year.name, month.name),
    };
    let parts = in_force.iter().map(|one| {
        let (uttag, from, till) = (one.uttagsdatum, one.from, one.till);
        format!("(uttags_datum = date '{uttag}' and {date} >= date '{from}' and {date} < date '{till}')")
    });
    Ok(Some(parts.collect::<Vec<_>>().join(" or ")).filter(|filter| !filter.is_empty()))
}

/// Runs one SQL file and writes its result.
///
/// # Errors
/// As [`run`].
pub fn write(job: &Job, warehouse: &Warehouse, layer: Layer, name: &str, path: &std::path::Path) -> Result<()> {
    let contract = job.catalogue.contract(layer, name)?;
    job.progress.begin(&contract.full_name(), None);
    let mut writer = writer(job, contract, path)?;
    let rows = warehouse.run(layer, name, job.catalogue.sql(layer, name)?, |batch| {
        writer.write(&record_key::sealed(&job.pseudonymiser, contract, batch)?)
    })?;
    writer.finish()?;
    job.progress.end(&format!("{rows} rows"));
    Ok(())
}

/// Begins a table that says by which contract and key it is made.
///
/// # Errors
/// [`Error::Io`] where it cannot be written.
pub fn writer(job: &Job, contract: &Contract, path: &std::path::Path) -> Result<Writer> {
    let table = contract.full_name();
    let metadata = [
        ("finsam.table", table.as_str()),
        ("finsam.contract", contract.version.as_str()),
        ("finsam.key_id", job.pseudonymiser.key_id()),
        ("finsam.key_check", job.pseudonymiser.key_check()),
    ];
    Writer::create(path, arrow_schema(contract), &metadata)
}
