//! `finsam key`: make a key, look at one, and exchange one for another.

use super::print_json;
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::job::{Job, Progress};
use crate::pseudonymise::{Key, KeyFile, Pseudonymiser};
use crate::rotation::{self, KeyedFile};
use crate::settings::Settings;
use crate::{derive, talk};
use clap::Subcommand;
use serde::Serialize;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Action {
    /// Write 32 random bytes to FILE, mode 0600; never over an existing file.
    New {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Say whether the key is safe where it lies, and whether the data root was made with it; read nothing else.
    #[command(after_help = "Example:\n  finsam key check --root /srv/finsam --key-file /etc/finsam/finsam.key")]
    Check {
        #[arg(long)]
        json: bool,
    },
    /// Read every delivery in force again with another key; the release stays in force until the new one is whole.
    #[command(after_help = "Example:\n  finsam key new /etc/finsam/ny.key\n  finsam key rotate --root /srv/finsam \
                            --key-file /etc/finsam/finsam.key --to /etc/finsam/ny.key")]
    Rotate {
        /// The new key, made before with `finsam key new`.
        #[arg(long, value_name = "NEWFILE")]
        to: PathBuf,
    },
}

/// What is told of a key: nothing of the secret.
#[derive(Serialize)]
struct Standing {
    file: String,
    owner: u32,
    mode: String,
    bytes: u64,
    key_id: String,
    key_check: String,
    /// Files under the data root that were made with it.
    made_with_it: usize,
}

pub fn new(file: &Path) -> Result<u8> {
    let key = Key::create(file)?;
    talk::data(&format!("{}\n", key.id()))?;
    Ok(exit::DONE)
}

pub fn check(root: &Path, named: Option<&Path>, json: bool) -> Result<u8> {
    let file = Job::key_file(root, named, &Settings::read(root)?)?;
    let key = Key::read(&file, root)?;
    let path = file.path();
    let seen = path.metadata().map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let made = rotation::keyed_files(root)?;
    if let Some(KeyedFile { path, .. }) = made.iter().find(|made| made.key_check != key.check()) {
        return Err(derive::another_key(path));
    }
    let standing = Standing {
        file: path.display().to_string(),
        owner: seen.uid(),
        mode: format!("{:04o}", seen.mode() & 0o7777),
        bytes: seen.len(),
        key_id: key.id().to_owned(),
        key_check: key.check().to_owned(),
        made_with_it: made.len(),
    };
    if json {
        print_json(&standing)?;
        return Ok(exit::DONE);
    }
    let Standing { file, owner, mode, bytes, key_id, key_check, made_with_it } = standing;
    let root = root.display();
    let made = match made_with_it {
        0 => format!("nothing in {root} is made yet"),
        files => format!("{files} files in {root} were made with it, and none with another"),
    };
    let told = format!(
        "{file}\nowner      {owner} (this user)\nmode       {mode}\nbytes      {bytes}\nkey_id     {key_id}\n\
         key_check  {key_check}\ndata       {made}\n"
    );
    talk::data(&told)?;
    Ok(exit::DONE)
}

pub fn rotate(root: &Path, named: Option<&Path>, to: &Path, catalogue: Catalogue, quiet: bool) -> Result<u8> {
    let new = Key::read(&KeyFile::named(to), root)?;
    let mut job = Job::open(root, named, catalogue, Progress::new(quiet))?;
    let former = job.pseudonymiser.key_id().to_owned();
    if new.check() == job.pseudonymiser.key_check() {
        return Err(Error::Usage(format!("key rotate: {} is the key that is in use already", to.display())));
    }
    job.lock()?;
    job.begin("key rotate", None)?;
    let outcome = exchange(&mut job, &new, &former, to);
    job.end("key rotate", outcome)
}

fn exchange(job: &mut Job, new: &Key, former: &str, to: &Path) -> Result<u8> {
    job.progress
        .say("a pseudonym cannot be given another key without the number: every delivery in force is read again");
    let pseudonymiser = Pseudonymiser::new(new, &job.settings.domain);
    let night = rotation::rotate(job, pseudonymiser)?;
    super::run::tell(job, &night);
    job.progress.say(&format!("{former} is deactivated; {} is active: name {} from now on", new.id(), to.display()));
    talk::data(&format!("{}\n", new.id()))?;
    Ok(night.exit_code())
}
