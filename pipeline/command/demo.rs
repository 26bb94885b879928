//! `finsam generate` and `finsam demo`: an invented country, and its first night.
//!
//! An invented country is never written over deliveries that may be real: see `invented`.

mod invented;

use super::{Country, run};
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::generate::{Plan, Summary, generate, sample};
use crate::job::{Job, Progress};
use crate::lake;
use crate::layer::Layer;
use crate::pseudonymise::Key;
use crate::settings::{FILE, TEMPLATE};
use crate::stage::run_stages;
use std::path::{Path, PathBuf};

/// Writes deliveries into a data root, and the truth beside it.
pub fn generate_into(
    root: &Path,
    facit: Option<PathBuf>,
    country: &Country,
    catalogue: &Catalogue,
    quiet: bool,
) -> Result<u8> {
    let facit = facit.unwrap_or_else(|| beside(root, "facit"));
    let progress = Progress::new(quiet);
    let summary = make(root, &facit, country, catalogue, &progress)?;
    for (table, rows) in &summary.rows {
        progress.say(&format!("{table:<22} {rows:>10} rows"));
    }
    progress.say(&format!("{} persons; the truth is in {}", summary.persons, facit.display()));
    Ok(exit::DONE)
}

/// Writes the sample by which a supplier sees what is taken and what is not.
pub fn write_sample(folder: &Path, catalogue: &Catalogue, quiet: bool) -> Result<u8> {
    let made = sample(catalogue, folder)?;
    let faulty = made.iter().filter(|prov| prov.rule.is_some()).count();
    let shown = folder.display();
    Progress::new(quiet).say(&format!(
        "{} sound and {faulty} faulty deliveries in {shown}; {shown}/prov.csv says what each of them shows",
        made.len() - faulty
    ));
    Ok(exit::DONE)
}

/// Makes a data root with settings, key and deliveries, and runs its night.
pub fn demo(
    folder: &Path,
    country: &Country,
    key_file: Option<&Path>,
    catalogue: Catalogue,
    quiet: bool,
) -> Result<u8> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let key = key_file.map_or_else(|| beside(folder, "key"), Path::to_owned);
    if !folder.join(FILE).exists() {
        let path = key.file_name().unwrap_or_default().to_string_lossy();
        let line = format!("\nkey_file = \"../{path}\"\n");
        let placeholder = "\n# key_file = \"../finsam.key\"\n";
        let mut settings = TEMPLATE.replace(placeholder, &line);
        if invented::is_wanted(folder)? {
            // The country's deliveries end one day, and are not late by any other.
            settings = settings.replace("\n# idag = ", "\nidag = ");
        }
        lake::write_file(&folder.join(FILE), settings.as_bytes())?;
    }
    if !key.exists() {
        Key::create(&key)?;
    }
    let progress = Progress::new(quiet);
    if invented::is_wanted(folder)? {
        make(folder, &beside(folder, "facit"), country, &catalogue, &progress)?;
        sample(&catalogue, &beside(folder, "prov"))?;
    } else if country.is_named() {
        return Err(Error::Usage(format!(
            "demo: {} has its deliveries already, which --scale, --befolkning and --seed do not change; leave them \
             out to run its night, or name another folder",
            folder.display()
        )));
    }
    let mut job = Job::open(folder, Some(&key), catalogue, progress)?;
    job.lock()?;
    job.begin("demo", None)?;
    job.end("demo", first_night(&job))
}

fn first_night(job: &Job) -> Result<u8> {
    let night = run_stages(job)?;
    run::tell(job, &night);
    let root = job.root.display();
    job.progress.say(&format!(
        "\nLook at it:\n  {root}/release/{}/finsam.xlsx\n  \
         finsam query --root {root} \"from forsorjning_riket limit 10\"\n  \
         finsam query --root {root} \"from forsorjning_forbund limit 10\"\n  finsam status --root {root}",
        night.run_id
    ));
    Ok(night.exit_code())
}

impl Country {
    fn is_named(&self) -> bool {
        self.scale.is_some() || self.befolkning.is_some() || self.seed.is_some()
    }

    fn plan(&self) -> Plan {
        let demo = Plan::demo();
        Plan {
            seed: self.seed.unwrap_or(demo.seed),
            scale: self.scale.unwrap_or(demo.scale),
            befolkning: self.befolkning.unwrap_or(demo.befolkning),
        }
    }
}

fn make(root: &Path, facit: &Path, country: &Country, catalogue: &Catalogue, progress: &Progress) -> Result<Summary> {
    invented::require(root, facit)?;
    let plan = country.plan();
    plan.check()?;
    let mut step = String::new();
    let mut done_before = 0;
    progress.begin("generate", None);
    invented::begin(root)?;
    let summary = generate(&plan, catalogue, &root.join(Layer::Deliveries.name()), facit, &mut |name, done, total| {
        if step != name {
            name.clone_into(&mut step);
            done_before = 0;
            progress.begin(&format!("generate {name}"), Some(total));
        }
        progress.advance(done.saturating_sub(done_before));
        done_before = done;
    })?;
    invented::end(root)?;
    progress.end(&format!("{} rows", summary.rows.values().sum::<u64>()));
    Ok(summary)
}

/// `data/demo` → `data/demo.key`: beside the data root, never in it.
fn beside(root: &Path, what: &str) -> PathBuf {
    // `.` has no name of its own.
    let named = if root.file_name().is_some() { None } else { root.canonicalize().ok() };
    let root = named.as_deref().unwrap_or(root);
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    root.with_file_name(format!("{name}.{what}"))
}
