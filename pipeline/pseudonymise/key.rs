//! The key: 32 random bytes in a file outside the data root, readable by its owner alone.

use crate::error::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use rand::TryRng;
use sha2::Sha256;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// Length of the key in bytes.
pub const LENGTH: usize = 32;

/// The secret that makes pseudonyms. `Debug` shows only its public id.
pub struct Key {
    mac: Hmac<Sha256>,
    id: String,
    check: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl Key {
    /// Reads the key after checking that nobody else can.
    ///
    /// # Errors
    /// [`Error::Key`] where the file is missing, inside the data root, a link, of another owner or mode, or not 32
    /// bytes.
    pub fn read(path: &Path, data_root: &Path) -> Result<Key> {
        let refuse = |reason: &str, hint: String| Error::Key { path: path.to_owned(), reason: reason.into(), hint };
        let shown = path.display();
        let new_key = format!("finsam key new {shown}");
        let meta = fs::symlink_metadata(path).map_err(|_| refuse("there is no such file", new_key.clone()))?;
        if !meta.file_type().is_file() {
            return Err(refuse("it is not a regular file", format!("give the path of the file itself, not {shown}")));
        }
        if let (Ok(key), Ok(root)) = (path.canonicalize(), data_root.canonicalize())
            && key.starts_with(&root)
        {
            return Err(refuse(
                "it lies inside the data root",
                format!("mv {shown} to a folder outside {}", root.display()),
            ));
        }
        if meta.uid() != rustix::process::geteuid().as_raw() {
            return Err(refuse("it belongs to another user", format!("chown $(id -un) {shown}")));
        }
        if meta.mode() & 0o177 != 0 {
            return Err(refuse("others than its owner have rights to it", format!("chmod 0600 {shown}")));
        }
        let mut secret = Zeroizing::new([0u8; LENGTH]);
        let mut file =
            fs::File::open(path).map_err(|_| refuse("it cannot be opened", format!("chmod 0600 {shown}")))?;
        let mut beyond = [0u8; 1];
        let whole = file.read_exact(secret.as_mut_slice()).is_ok() && matches!(file.read(&mut beyond), Ok(0));
        if !whole {
            return Err(refuse("it does not hold exactly 32 bytes", new_key));
        }
        Key::from_bytes(&secret).ok_or_else(|| refuse("it is no key", format!("finsam key new {shown}")))
    }

    /// Makes a key from its bytes.
    pub fn from_bytes(secret: &[u8; LENGTH]) -> Option<Key> {
        let mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        let tag = |label: &[u8]| {
            let mut mac = mac.clone();
            mac.update(label);
            crate::hex(&mac.finalize().into_bytes()[..8])
        };
        let (id, check) = (tag(b"finsam key id v1"), tag(b"kcv|v1"));
        Some(Key { mac, id, check })
    }

    /// Writes a new key, mode 0600; never over an existing file.
    ///
    /// # Errors
    /// [`Error::Key`] where the file exists or cannot be made.
    pub fn create(path: &Path) -> Result<Key> {
        let refuse = |reason: String, hint: String| Error::Key { path: path.to_owned(), reason, hint };
        let mut secret = Zeroizing::new([0u8; LENGTH]);
        rand::rngs::SysRng
            .try_fill_bytes(secret.as_mut_slice())
            .map_err(|_| refuse("the machine gave no random bytes".into(), "try again".into()))?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| {
            refuse(format!("it cannot be made ({e})"), "a key is never written over; name another file".into())
        })?;
        file.write_all(secret.as_slice())
            .and_then(|()| file.sync_all())
            .map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Key::from_bytes(&secret).ok_or_else(|| refuse("it is no key".into(), String::new()))
    }

    /// Names the key in receipts and metadata; says nothing of the secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A second value that shows that two files were made with one key.
    pub fn check(&self) -> &str {
        &self.check
    }

    /// The keyed hash, ready to take a message.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.mac.clone()
    }
}
