//! The command line: arguments, help with examples, and one module per command.
//!
//! Data go to stdout, talk to stderr; operators' language is English, what suppliers and the public read is Swedish.

mod approve;
mod audit;
mod check;
mod contract;
mod demo;
mod explain;
mod gc;
mod hand_out;
mod key;
mod log;
mod method;
mod plan;
mod query;
mod run;
mod status;

use crate::contract::Catalogue;
use crate::error::{Error, Result};
use crate::job::{Job, Progress, now};
use crate::log::{Event, Log, Reason};
use crate::talk;
use clap::{Args, Parser, Subcommand};
use query::Form;
use std::path::{Path, PathBuf};

/// Register follow-up of insatser financed by samordningsförbund.
#[derive(Parser)]
#[command(name = "finsam", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Folder with deliveries/, and everything that is made of them.
    #[arg(long, global = true, env = "FINSAM_ROOT", default_value = "data/demo", value_name = "DIR")]
    root: PathBuf,
    /// The key that makes pseudonyms; else key_file in finsam.toml, else finsam.key in $CREDENTIALS_DIRECTORY.
    #[arg(long, global = true, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Contracts, code lists and SQL of this folder in place of those compiled in; for trying a changed rule.
    #[arg(long, global = true, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Only errors.
    #[arg(long, global = true)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  finsam demo data/demo                          make an invented country and run its night
  finsam plan --root /srv/finsam                 what would be read and made, and why
  finsam run --root /srv/finsam                  the night
  finsam query 'from forsorjning_riket limit 5'  ask the release in force

Exit codes:
  0 done, or nothing to do     10 a required delivery is missing or refused   14 another run holds the lock
  1 unexpected (a bug)         11 a contract is broken inside the pipeline    15 disk, permission or I/O
  2 usage                      12 key missing, unsafe, or another             16 settings or contract at fault
  3 done, delivery refused     13 disclosure proof failed; not published";

#[derive(Subcommand)]
enum Command {
    /// Make an invented country in DIR and run its night.
    #[command(after_help = "Example:\n  finsam demo data/demo --scale 0.05")]
    Demo {
        /// The data root to make; its key and facit are put beside it.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[command(flatten)]
        country: Country,
    },
    /// Write the deliveries of an invented country, and the truth that they were drawn from.
    #[command(after_help = "Example:\n  finsam generate --root data/stor --scale 1 --facit data/stor.facit")]
    Generate {
        #[command(flatten)]
        country: Country,
        /// Folder of the truth, outside the data root.
        #[arg(long, value_name = "DIR")]
        facit: Option<PathBuf>,
        /// Write the sample instead, into this folder: of every contract sound deliveries, and for every rule one
        /// that breaks it.
        #[arg(long, value_name = "DIR", conflicts_with_all = ["facit", "scale", "befolkning", "seed"])]
        prov: Option<PathBuf>,
    },
    /// Run the night: take new deliveries, derive, count, protect, publish.
    #[command(after_help = "Example:\n  finsam run --root /srv/finsam --key-file /etc/finsam/finsam.key")]
    Run {
        /// Hash every delivery again, whatever its size and time say.
        #[arg(long)]
        verify: bool,
        #[command(flatten)]
        day: Day,
        /// Why, for the log: where something is done otherwise than every night.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Let a release leave the agency as a vintage, proven jointly with every vintage before.
    #[command(after_help = "Example:\n  finsam approve 2023-06-30-abb77a563340 --vintage ar2022 --by 'A. Andersson'")]
    Approve {
        /// The release, by its run-id.
        #[arg(value_name = "RUN")]
        run_id: String,
        /// Its name for good: small letters, digits and _.
        #[arg(long, value_name = "NAME")]
        vintage: String,
        /// Who approves, for the log and the ledger.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Mark every figure as preliminary.
        #[arg(long)]
        preliminar: bool,
        #[arg(long)]
        json: bool,
    },
    /// Put an earlier release in force.
    #[command(after_help = "Example:\n  finsam rollback --root /srv/finsam")]
    Rollback {
        /// Its run-id; else the one before that in force.
        #[arg(value_name = "RUN")]
        run_id: Option<String>,
        /// Why, for the log.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Say what a run would do, and why; change nothing.
    Plan {
        #[command(flatten)]
        day: Day,
        #[arg(long)]
        json: bool,
    },
    /// Check files by a contract without taking them in.
    #[command(
        after_help = "Example:\n  finsam check --contract fk_sjukpenning --uttagsdatum 2023-06-30 sjukpenning.txt"
    )]
    Check {
        /// The files of one delivery; with its leverans.yaml among them, as the night would take it.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// The contract; else the name of the folder above the date.
        #[arg(long)]
        contract: Option<String>,
        /// Extraction date; else the name of the folder.
        #[arg(long)]
        uttagsdatum: Option<chrono::NaiveDate>,
        /// Write the felrapport that the night would write, HTML and CSV, into this folder.
        #[arg(long, value_name = "DIR")]
        felrapport: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Say which release is in force, of which deliveries, and what was refused.
    Status {
        #[command(flatten)]
        day: Day,
        #[arg(long)]
        json: bool,
    },
    /// Make, inspect or exchange the key.
    Key {
        #[command(subcommand)]
        action: key::Action,
    },
    /// Compare two versions of a contract or code list, or write a page of each.
    Contract {
        #[command(subcommand)]
        action: ContractAction,
    },
    /// List what is past its retention, and with --yes remove it; releases and proofs stand.
    #[command(after_help = "Example:\n  finsam gc --root /srv/finsam --yes --reason 'annual review'")]
    Gc(gc::Wanted),
    /// See whether the log is whole.
    Log {
        #[command(subcommand)]
        action: LogAction,
    },
    /// Say what one deltagande was found to live on at each mätpunkt, and what decided it; for who may read derived.
    #[command(
        after_help = "Examples:\n  finsam explain D0007055\n  finsam explain D0007055 --matpunkt sex_manader --json"
    )]
    Explain {
        /// As derived.deltagande names it.
        #[arg(value_name = "DELTAGANDE")]
        deltagande: String,
        /// Only this mätpunkt, by its code; may be given again. Else all of codes.matpunkt that are no window of
        /// sensitivity or of SUS.
        #[arg(long, value_name = "KOD")]
        matpunkt: Vec<String>,
        #[arg(long)]
        json: bool,
    },
    /// Audit a table that others protected, or protect it: a linear system as a JJ file of τ-ARGUS. Or hand our own
    /// pattern to another auditor: that of a release, with every vintage before it.
    #[command(after_help = "Examples:\n  finsam audit tabell.jj\n  finsam audit tabell.jj --protect skyddad.jj\n  \
                            finsam audit --release ar2022 --out granskning")]
    Audit {
        #[arg(value_name = "FILE.jj", required_unless_present = "release")]
        file: Option<PathBuf>,
        /// A run-id or the name of a vintage.
        #[arg(long, value_name = "NAME", requires = "out", conflicts_with_all = ["file", "protect", "exact"])]
        release: Option<String>,
        /// Write its joint system (JJ) and what we hold proven of each withheld count (CSV) into this folder.
        #[arg(long, value_name = "DIR", requires = "release")]
        out: Option<PathBuf>,
        /// Choose secondary cells for the primary ones, and write the pattern to this file.
        #[arg(long, value_name = "FILE.jj")]
        protect: Option<PathBuf>,
        /// Solve for the interval of every withheld cell, also where less proves it safe.
        #[arg(long)]
        exact: bool,
        #[arg(long)]
        json: bool,
    },
    /// Write the method description: one page (HTML, Swedish) of contracts, rules, cases and code lists.
    #[command(after_help = "Example:\n  finsam method --spec tests/spec --out metod.html")]
    Method {
        /// Folder with the cases that the rules are tested by, one Markdown file per table.
        #[arg(long, value_name = "DIR")]
        spec: PathBuf,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Ask the release in force, in SQL; with --lab core, derived and marts, for who may read them.
    #[command(after_help = "Examples:\n  finsam query \"select * from tackning_riket where kon_kod = 'totalt'\"\n  \
                            finsam query \"from core.leverans where tabell_namn = 'agi'\"\n  \
                            finsam query --lab --reason 'review of AGI' \"from exempel.lon_vid_matpunkt\"")]
    Query {
        sql: String,
        /// Ask the lab, whose rows are about persons and whose counts are not protected. It is logged.
        #[arg(long)]
        lab: bool,
        /// Why, for the log.
        #[arg(long, value_name = "TEXT", requires = "lab")]
        reason: Option<String>,
        #[arg(long, conflicts_with = "csv")]
        json: bool,
        #[arg(long)]
        csv: bool,
    },
}

/// The day by which deliveries are late.
#[derive(Args, Clone, Copy)]
struct Day {
    /// Deliveries that should have come by this day are late; else idag in finsam.toml, else today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    idag: Option<chrono::NaiveDate>,
}

#[derive(Subcommand)]
enum LogAction {
    /// Find any change, removal or reordering of lines; exit code 11 where there is one.
    Verify {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum ContractAction {
    /// Say in words what changed between two versions, and whether it breaks someone.
    #[command(after_help = "Example:\n  finsam contract diff agi-1.0.0.yaml data-contracts/deliveries/agi.yaml")]
    Diff {
        /// The version of before: a contract (.yaml) or a code list (.csv).
        #[arg(value_name = "OLD")]
        old: PathBuf,
        #[arg(value_name = "NEW")]
        new: PathBuf,
        #[arg(long)]
        json: bool,
    },
    /// Write a page (HTML) of every delivery contract and code list, and an index, into DIR.
    #[command(after_help = "Example:\n  finsam contract page sidor")]
    Page {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// How large the invented country is.
#[derive(Args, Clone)]
pub struct Country {
    /// 1 is all participants of 2018–2022 at published numbers; 0.2 if not named.
    #[arg(long)]
    scale: Option<f64>,
    /// More people, who are in no insats; 0 if not named.
    #[arg(long, value_name = "N")]
    befolkning: Option<u64>,
    /// The same seed gives the same bytes; 2022 if not named.
    #[arg(long)]
    seed: Option<u64>,
}

/// Carries out a command; the exit code.
///
/// # Errors
/// What the command could not do; `main` prints it.
pub fn carry_out(arguments: Arguments) -> Result<u8> {
    let rules = arguments.rules.clone();
    dispatch(arguments).map_err(|error| match (rules, error) {
        // SQL that was compiled in and fails is a bug; SQL of somebody's folder is theirs to correct.
        (Some(folder), Error::Sql { table, reason }) => {
            let path = folder.join("sql").join(table.replacen('.', "/", 1)).with_extension("sql");
            if path.exists() { Error::Rule { path, reason } } else { Error::Sql { table, reason } }
        }
        (_, error) => error,
    })
}

fn dispatch(arguments: Arguments) -> Result<u8> {
    let Arguments { command, root, key_file, rules, quiet } = arguments;
    let catalogue = || match &rules {
        Some(folder) => Catalogue::from_folder(folder),
        None => Catalogue::embedded(),
    };
    let job = |day: Day| {
        let mut job = Job::open(&root, key_file.as_deref(), catalogue()?, Progress::new(quiet))?;
        job.today = day.idag.unwrap_or(job.today);
        Ok::<Job, Error>(job)
    };
    match command {
        Command::Demo { folder, country } => demo::demo(&folder, &country, key_file.as_deref(), catalogue()?, quiet),
        Command::Generate { prov: Some(folder), .. } => demo::write_sample(&folder, &catalogue()?, quiet),
        Command::Generate { country, facit, prov: None } => {
            demo::generate_into(&root, facit, &country, &catalogue()?, quiet)
        }
        Command::Run { verify, day, reason, json } => {
            let reason = reason.as_deref().map(Reason::parse).transpose()?;
            let job = job(day).inspect_err(|error| denied(&root, "run", error))?;
            run::run(job, verify, reason.as_ref(), json)
        }
        Command::Approve { run_id, vintage, by, preliminar, json } => {
            let job = job(Day { idag: None }).inspect_err(|error| denied(&root, "approve", error))?;
            let wanted =
                approve::Wanted { run_id: &run_id, vintage: &vintage, by: &by, is_preliminary: preliminar, json };
            approve::approve(job, &wanted)
        }
        Command::Rollback { run_id, reason } => {
            let reason = reason.as_deref().map(Reason::parse).transpose()?;
            approve::rollback(&root, run_id.as_deref(), reason.as_ref())
        }
        Command::Plan { day, json } => plan::plan(&job(day)?, json),
        Command::Check { files, contract, uttagsdatum, felrapport, json } => {
            check::check(&catalogue()?, &files, contract, uttagsdatum, felrapport.as_deref(), json)
        }
        Command::Status { day, json } => status::status(&root, &catalogue()?, day.idag, json),
        Command::Key { action } => match action {
            key::Action::New { file } => key::new(&file),
            key::Action::Check { json } => key::check(&root, key_file.as_deref(), json),
            key::Action::Rotate { to } => key::rotate(&root, key_file.as_deref(), &to, catalogue()?, quiet),
        },
        Command::Contract { action: ContractAction::Diff { old, new, json } } => contract::diff(&old, &new, json),
        Command::Contract { action: ContractAction::Page { folder } } => contract::page(&catalogue()?, &folder),
        Command::Explain { deltagande, matpunkt, json } => {
            explain::explain(&root, &catalogue()?, &deltagande, &matpunkt, json)
        }
        Command::Audit { file: Some(file), protect, exact, json, .. } => {
            audit::audit(&file, protect.as_deref(), exact, json)
        }
        Command::Audit { release, out, json, .. } => {
            let (name, folder) = (release.unwrap_or_default(), out.unwrap_or_default());
            hand_out::hand_out(&root, &catalogue()?, &name, &folder, json)
        }
        Command::Method { spec, out } => method::method(&catalogue()?, &spec, &out),
        Command::Gc(wanted) => gc::gc(&root, &catalogue()?, &wanted),
        Command::Log { action: LogAction::Verify { json } } => log::verify_log(&root, json),
        Command::Query { sql, lab: true, reason, json, csv } => {
            let reason = reason.as_deref().map(Reason::parse).transpose()?;
            query::lab(&root, &sql, reason.as_ref(), Form { json, csv })
        }
        Command::Query { sql, json, csv, .. } => query::query(&root, &sql, Form { json, csv }),
    }
}

/// Tells the log of a data root that is in use that a command could not begin.
fn denied(root: &Path, command: &'static str, error: &Error) {
    if root.join("log").is_dir()
        && Log::of(root).append(&Event::Denied { command, exit_code: error.exit_code() }, now()).is_err()
    {
        talk::line("the log cannot be written");
    }
}

/// Prints a value that a program may read.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Unexpected(error.to_string()))?;
    talk::data(&format!("{text}\n"))
}
