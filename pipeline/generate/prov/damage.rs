//! Changes the files of a delivery that is written, and states them in `leverans.yaml` anew.

use crate::error::{Error, Result};
use crate::generate::delivery::MANIFEST;
use serde_yaml_ng::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A delivery of one file, being changed.
pub(super) struct Written {
    pub folder: PathBuf,
    pub manifest: Value,
}

impl Written {
    pub fn open(folder: PathBuf) -> Result<Written> {
        let path = folder.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let manifest =
            serde_yaml_ng::from_str(&text).map_err(|error| Error::Format { path, reason: error.to_string() })?;
        Ok(Written { folder, manifest })
    }

    /// The name of its first file.
    pub fn name(&self) -> String {
        self.manifest["filer"][0]["namn"].as_str().unwrap_or_default().to_owned()
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(self.name())
    }

    pub fn rows(&self) -> u64 {
        self.manifest["filer"][0]["rader"].as_u64().unwrap_or_default()
    }

    pub fn bytes(&self) -> Result<Vec<u8>> {
        fs::read(self.path()).map_err(|source| Error::Io { path: self.path(), source })
    }

    /// Its lines, each with its end.
    pub fn lines(&self) -> Result<Vec<Vec<u8>>> {
        Ok(self.bytes()?.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect())
    }

    /// Puts files with their names and numbers of rows in place of those that are there.
    pub fn replace(&mut self, files: &[(String, Vec<u8>, u64)]) -> Result<()> {
        fs::remove_file(self.path()).map_err(|source| Error::Io { path: self.path(), source })?;
        let mut stated = Vec::new();
        for (name, bytes, rows) in files {
            let path = self.folder.join(name);
            fs::write(&path, bytes).map_err(|source| Error::Io { path, source })?;
            let mut file = serde_yaml_ng::Mapping::new();
            file.insert("namn".into(), name.as_str().into());
            file.insert("rader".into(), (*rows).into());
            file.insert("sha256".into(), crate::hex(&Sha256::digest(bytes)).into());
            stated.push(Value::Mapping(file));
        }
        self.manifest["filer"] = Value::Sequence(stated);
        self.state()
    }

    /// Other bytes under the same name, with the rows stated as they were.
    pub fn rewrite(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.replace(&[(self.name(), bytes, self.rows())])
    }

    /// Writes `leverans.yaml`.
    pub fn state(&self) -> Result<()> {
        let path = self.folder.join(MANIFEST);
        let text = serde_yaml_ng::to_string(&self.manifest)
            .map_err(|error| Error::Format { path: path.clone(), reason: error.to_string() })?;
        write(&path, text.as_bytes())
    }
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|source| Error::Io { path: path.to_owned(), source })
}
