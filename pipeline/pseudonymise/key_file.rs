//! Where the key lies, and whether it is safe there. Each reason to refuse it comes with the command that mends it.

use super::key::LENGTH;
use crate::error::{Error, Result};
use rustix::fs::OFlags;
use std::fs::{self, File, Metadata, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Its name in `$CREDENTIALS_DIRECTORY`.
const CREDENTIAL: &str = "finsam.key";

/// Bits of a mode: set-id and sticky ones, and rights.
const MODE: u32 = 0o7777;
const STICKY: u32 = 0o1000;

/// A file that is to hold the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
    is_credential: bool,
}

impl KeyFile {
    /// A file that an operator keeps.
    pub fn named(path: &Path) -> KeyFile {
        KeyFile { path: path.to_owned(), is_credential: false }
    }

    /// The file in `$CREDENTIALS_DIRECTORY`, which the service manager keeps.
    pub fn credential(folder: &Path) -> KeyFile {
        KeyFile { path: folder.join(CREDENTIAL), is_credential: true }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file, where it is a regular one of 32 bytes, that its owner alone can read, in folders that nobody
    /// else can change, outside the data root.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub(super) fn open(&self, data_root: &Path) -> Result<File> {
        let seen = fs::symlink_metadata(&self.path).map_err(|error| self.unseen(&error))?;
        self.require_file(&seen)?;
        self.require_owner(&seen)?;
        let whole = self.path.canonicalize().map_err(|error| self.unseen(&error))?;
        self.require_outside(&whole, data_root)?;
        self.require_folders(&whole)?;
        // What was looked at is what is opened: no link that was put there since, no pipe that nobody fills.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
        let flags = i32::try_from(flags).unwrap_or_default();
        let opened = OpenOptions::new().read(true).custom_flags(flags).open(&self.path);
        let opened = opened.map_err(|error| self.unseen(&error))?;
        let held = opened.metadata().map_err(|error| self.unseen(&error))?;
        if (held.dev(), held.ino()) != (seen.dev(), seen.ino()) {
            return Err(self.refused("it was replaced while it was looked at", "finsam key check".into()));
        }
        self.require_owner(&held)?;
        Ok(opened)
    }

    fn refused(&self, reason: &str, hint: String) -> Error {
        Error::Key { path: self.path.clone(), reason: reason.into(), hint }
    }

    fn unseen(&self, error: &std::io::Error) -> Error {
        let path = quoted(&self.path);
        match error.kind() {
            std::io::ErrorKind::NotFound if self.is_credential => {
                let hint = format!("finsam key new FILE, then LoadCredential={CREDENTIAL}:FILE in the unit");
                self.refused("there is no such file", hint)
            }
            std::io::ErrorKind::NotFound => self.refused("there is no such file", format!("finsam key new {path}")),
            std::io::ErrorKind::PermissionDenied => {
                self.refused("this user may not open it", format!("chown {} {path}", own_id()))
            }
            _ => self.refused(&format!("it cannot be opened ({error})"), format!("ls -l {path}")),
        }
    }

    /// A file of another size holds no key, and is left for somebody to look at.
    pub(super) fn not_a_key(&self) -> Error {
        let path = quoted(&self.path);
        let hint = format!("mv {path} {path}.inte-en-nyckel && finsam key new {path}");
        self.refused("it does not hold exactly 32 bytes", hint)
    }

    fn require_file(&self, seen: &Metadata) -> Result<()> {
        let path = quoted(&self.path);
        let kind = seen.file_type();
        if kind.is_symlink() {
            let hint = match self.path.canonicalize() {
                Ok(target) => format!("mv -T {} {path}", quoted(&target)),
                Err(_) => format!("rm {path} && finsam key new {path}"),
            };
            return Err(self.refused("it is a symbolic link", hint));
        }
        if kind.is_dir() {
            let inside = quoted(&self.path.join(CREDENTIAL));
            return Err(self.refused("it is a folder, not a regular file", format!("finsam key new {inside}")));
        }
        if !kind.is_file() {
            return Err(self.refused("it is not a regular file", format!("rm {path} && finsam key new {path}")));
        }
        if seen.len() == LENGTH as u64 { Ok(()) } else { Err(self.not_a_key()) }
    }

    /// The service manager may give a credential to a group list that stands for the service's user alone: then the
    /// owner is root, and the folder is closed to all others.
    fn require_owner(&self, seen: &Metadata) -> Result<()> {
        let (path, mode) = (quoted(&self.path), seen.mode() & MODE);
        let folder = self.path.parent().and_then(|folder| fs::metadata(folder).ok());
        let is_closed = folder.is_some_and(|folder| folder.mode() & 0o007 == 0);
        let is_lent = self.is_credential && is_closed;
        if seen.uid() != own_id() && !(is_lent && seen.uid() == 0) {
            return Err(self.refused("it belongs to another user", format!("chown {} {path}", own_id())));
        }
        if !(matches!(mode, 0o400 | 0o600) || is_lent && mode == 0o440) {
            return Err(self.refused(&format!("its mode is {mode:04o}, not 0600"), format!("chmod 600 {path}")));
        }
        Ok(())
    }

    fn require_outside(&self, whole: &Path, data_root: &Path) -> Result<()> {
        let Ok(root) = data_root.canonicalize() else { return Ok(()) };
        if !whole.starts_with(&root) {
            return Ok(());
        }
        let beside = root.with_file_name(whole.file_name().unwrap_or_default());
        let hint = format!("mv -n {} {}", quoted(&self.path), quoted(&beside));
        Err(self.refused("it lies inside the data root", hint))
    }

    /// Whoever may write a folder above the key may put another in its place.
    fn require_folders(&self, whole: &Path) -> Result<()> {
        for folder in whole.ancestors().skip(1) {
            let Ok(seen) = fs::metadata(folder) else { continue };
            let shown = quoted(folder);
            if seen.uid() != own_id() && seen.uid() != 0 {
                let reason = format!("the folder {shown} above it belongs to another user");
                return Err(self.refused(&reason, format!("chown {} {shown}", own_id())));
            }
            // In a sticky folder each may remove only what is theirs.
            let mode = seen.mode() & MODE;
            let own_group = [0, rustix::process::getegid().as_raw()].contains(&seen.gid());
            let is_open = mode & 0o002 != 0 || mode & 0o020 != 0 && !own_group;
            if is_open && mode & STICKY == 0 {
                let reason = format!("others may write the folder {shown} above it");
                return Err(self.refused(&reason, format!("chmod go-w {shown}")));
            }
        }
        Ok(())
    }
}

fn own_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+".contains(letter);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_for_the_shell() {
        assert_eq!(quoted(Path::new("/etc/finsam/finsam.key")), "/etc/finsam/finsam.key");
        assert_eq!(quoted(Path::new("/tmp/min nyckel; rm")), "'/tmp/min nyckel; rm'");
        assert_eq!(quoted(Path::new("it's")), r"'it'\''s'");
    }
}
