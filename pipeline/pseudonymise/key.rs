//! The key: 32 random bytes. Where it may lie is told by `key_file`.

use super::key_file::KeyFile;
use crate::error::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use rand::TryRng;
use sha2::Sha256;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
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
    /// Reads the key after checking that nobody else can read or replace it.
    ///
    /// # Errors
    /// [`Error::Key`] where the file is missing or unsafe, or does not hold 32 bytes; its hint is the command that
    /// mends it.
    pub fn read(file: &KeyFile, data_root: &Path) -> Result<Key> {
        let mut opened = file.open(data_root)?;
        let mut secret = Zeroizing::new([0u8; LENGTH]);
        let mut beyond = Zeroizing::new([0u8; 1]);
        let whole =
            opened.read_exact(secret.as_mut_slice()).is_ok() && matches!(opened.read(beyond.as_mut_slice()), Ok(0));
        Key::from_bytes(&secret).filter(|_| whole).ok_or_else(|| file.not_a_key())
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
