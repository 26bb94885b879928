//! What one run knows: folders, settings, contracts, key, and how to talk. The only reader of clock and environment.

use crate::contract::Catalogue;
use crate::error::{Error, Result};
use crate::layer::Layer;
use crate::log::{Event, Head, Log, Override, Reason};
use crate::pseudonymise::{Key, KeyFile, Pseudonymiser};
use crate::settings::Settings;
use crate::talk;
use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::{self, File};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// One run over one data root.
pub struct Job {
    pub root: PathBuf,
    pub settings: Settings,
    pub catalogue: Catalogue,
    pub progress: Progress,
    pub pseudonymiser: Pseudonymiser,
    /// Hash every delivery, whatever its stamp says.
    pub verify: bool,
    /// The day of the run, by which deliveries are late; no part of what is published.
    pub today: NaiveDate,
    lock: Option<File>,
}

impl Job {
    /// Opens a data root.
    ///
    /// # Errors
    /// [`Error::Settings`], [`Error::Key`], or [`Error::Io`] where the root is not there.
    pub fn open(root: &Path, key_file: Option<&Path>, catalogue: Catalogue, progress: Progress) -> Result<Job> {
        if !root.is_dir() {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such data root");
            return Err(Error::Io { path: root.to_owned(), source });
        }
        let settings = Settings::read(root)?;
        let key = Key::read(&Job::key_file(root, key_file, &settings)?, root)?;
        let pseudonymiser = Pseudonymiser::new(&key, &settings.domain);
        let (root, today) = (root.to_owned(), today(&settings));
        Ok(Job { root, settings, catalogue, progress, pseudonymiser, verify: false, today, lock: None })
    }

    /// Where the key is to lie: `--key-file`, else the settings' path (from the data root), else `finsam.key` in
    /// `$CREDENTIALS_DIRECTORY`.
    ///
    /// # Errors
    /// [`Error::Key`] where none is named.
    pub fn key_file(root: &Path, named: Option<&Path>, settings: &Settings) -> Result<KeyFile> {
        if let Some(path) = named {
            return Ok(KeyFile::named(path));
        }
        if let Some(path) = &settings.key_file {
            return Ok(KeyFile::named(&root.join(path)));
        }
        match std::env::var_os("CREDENTIALS_DIRECTORY") {
            Some(folder) => Ok(KeyFile::credential(Path::new(&folder))),
            None => Err(Error::Key {
                path: PathBuf::from("finsam.key"),
                reason: "no key is named".into(),
                hint: "finsam key new FILE, then --key-file FILE or key_file in finsam.toml".into(),
            }),
        }
    }

    /// Takes the lock of the data root, for as long as the job lives.
    ///
    /// # Errors
    /// [`Error::Locked`] where another run holds it.
    pub fn lock(&mut self) -> Result<()> {
        self.lock = Some(lock(&self.root)?);
        Ok(())
    }

    pub fn layer(&self, layer: Layer) -> PathBuf {
        self.root.join(layer.name())
    }

    /// A folder under the data root that is no layer.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Empties `spill/`: before the run, in case the last one was killed, and after it.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be emptied.
    pub fn empty_spill(&self) -> Result<PathBuf> {
        let spill = self.folder("spill");
        let failed = |source| Error::Io { path: spill.clone(), source };
        if spill.exists() {
            fs::remove_dir_all(&spill).map_err(failed)?;
        }
        fs::create_dir_all(&spill).map_err(failed)?;
        Ok(spill)
    }

    /// Adds a line to the log; the new head. A night that has begun goes on where it cannot, and says so.
    pub fn log(&self, event: &Event<'_>) -> Option<Head> {
        self.log_all(std::slice::from_ref(event))
    }

    /// As [`Job::log`], of several that belong together.
    pub fn log_all(&self, events: &[Event<'_>]) -> Option<Head> {
        let head = Log::of(&self.root).append_all(events, now());
        if head.is_err() {
            self.progress.say("the log cannot be written");
        }
        head.ok()
    }

    /// Logs who begins a command, and what is otherwise than every night.
    ///
    /// # Errors
    /// [`Error::Io`] where the log cannot be written: then nothing may be done.
    pub fn begin(&self, command: &'static str, reason: Option<&Reason>) -> Result<()> {
        let mut overrides = Vec::new();
        overrides.extend(self.verify.then_some(Override::Verify));
        overrides.extend(self.catalogue.is_of_folder().then_some(Override::Rules));
        overrides.extend(self.settings.raised_threshold(&self.catalogue));
        let key_id = Some(self.pseudonymiser.key_id());
        let start = Event::Start { command, key_id, rules: self.catalogue.digest(), overrides: &overrides, reason };
        Log::of(&self.root).append(&start, now()).map(drop)
    }

    /// Logs how a command ended, and hands its outcome on.
    ///
    /// # Errors
    /// The command's own.
    pub fn end(&self, command: &'static str, outcome: Result<u8>) -> Result<u8> {
        let exit_code = outcome.as_ref().map_or_else(Error::exit_code, |code| *code);
        self.log(&Event::Stop { command, exit_code });
        outcome
    }
}

/// The time of day: in the log, and nowhere else.
pub fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

/// Takes the lock of a data root; it is held until the file is dropped.
///
/// # Errors
/// [`Error::Locked`] where another run holds it.
pub fn lock(root: &Path) -> Result<File> {
    let path = root.join("lock");
    let failed = |source| Error::Io { path: path.clone(), source };
    let mut file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    if file.try_lock().is_err() {
        return Err(Error::Locked { path });
    }
    file.set_len(0).and_then(|()| writeln!(file, "pid {}", std::process::id())).map_err(failed)?;
    Ok(file)
}

/// Refuses to read what a run is changing: half of it may be of another night than the rest.
///
/// # Errors
/// [`Error::Locked`] where a run holds the lock.
pub fn require_stillness(root: &Path) -> Result<()> {
    let path = root.join("lock");
    match File::open(&path) {
        Ok(lock) if lock.try_lock_shared().is_err() => Err(Error::Locked { path }),
        _ => Ok(()),
    }
}

/// Makes the data root the working folder.
///
/// # Errors
/// [`Error::Io`] where it cannot be entered.
pub fn enter(root: &Path) -> Result<()> {
    std::env::set_current_dir(root).map_err(|source| Error::Io { path: root.to_owned(), source })
}

/// The day by which deliveries are late: that of the settings, where the deliveries are of another time, else this.
pub fn today(settings: &Settings) -> NaiveDate {
    settings.idag.unwrap_or_else(|| chrono::Local::now().date_naive())
}

/// Tells how far a run has come: a bar on a terminal, else a line at each step and every half minute.
pub struct Progress {
    bar: ProgressBar,
    plain: bool,
    quiet: bool,
    step: Mutex<Step>,
}

struct Step {
    name: String,
    done: u64,
    total: Option<u64>,
    began: Instant,
    told: Instant,
}

const SILENCE: Duration = Duration::from_secs(30);

impl Progress {
    /// For a person at a terminal, or for a log.
    pub fn new(quiet: bool) -> Progress {
        let plain = !std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if !plain && !quiet {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let now = Instant::now();
        let step = Step { name: String::new(), done: 0, total: None, began: now, told: now };
        Progress { bar, plain, quiet, step: Mutex::new(step) }
    }

    fn step(&self) -> std::sync::MutexGuard<'_, Step> {
        self.step.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Begins a step; `total` in rows where it is known.
    pub fn begin(&self, name: &str, total: Option<u64>) {
        let now = Instant::now();
        *self.step() = Step { name: name.to_owned(), done: 0, total, began: now, told: now };
        self.bar.reset();
        let style = match total {
            Some(total) => {
                self.bar.set_length(total);
                ProgressStyle::with_template("{spinner} {msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}")
            }
            None => ProgressStyle::with_template("{spinner} {msg} {human_pos} {elapsed}"),
        };
        if let Ok(style) = style {
            self.bar.set_style(style);
        }
        self.bar.set_message(name.to_owned());
        self.bar.tick();
    }

    /// Some rows further.
    pub fn advance(&self, rows: u64) {
        self.bar.inc(rows);
        let mut step = self.step();
        step.done += rows;
        if self.plain && !self.quiet && step.told.elapsed() >= SILENCE {
            step.told = Instant::now();
            let total = step.total.map(|total| format!(" of {total}")).unwrap_or_default();
            let seconds = step.began.elapsed().as_secs();
            talk::line(&format!("{}: {}{total} rows, {seconds} s", step.name, step.done));
        }
    }

    /// Ends the step with a word on how it went.
    pub fn end(&self, outcome: &str) {
        let line = {
            let step = self.step();
            format!("{:<32} {:>6.1} s  {outcome}", step.name, step.began.elapsed().as_secs_f64())
        };
        self.say(&line);
    }

    /// One line of talk, on stderr.
    pub fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        self.bar.suspend(|| talk::line(line));
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
