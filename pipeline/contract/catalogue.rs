//! All contracts, code lists and SQL files that this program was built with, or those of a folder.

use super::{CodeList, Contract};
use crate::error::{Error, Result};
use crate::layer::Layer;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// Contracts by layer and name, code lists by name, and the SQL files.
#[derive(Clone, Debug)]
pub struct Catalogue {
    contracts: BTreeMap<(Layer, String), Arc<Contract>>,
    code_lists: BTreeMap<String, Arc<CodeList>>,
    sql: BTreeMap<String, String>,
    digest: String,
    is_of_folder: bool,
}

impl Catalogue {
    /// What was compiled in.
    ///
    /// # Errors
    /// [`Error::Contract`] naming the file that is not a contract or code list.
    pub fn embedded() -> Result<Catalogue> {
        Catalogue::from_files(embedded::FILES.iter().map(|(path, text)| (path.to_string(), text.to_string())))
    }

    /// The folder's `data-contracts/` and `sql/` in place of what was compiled in; for trying a changed rule.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`], and [`Error::Io`] where the folder cannot be read.
    pub fn from_folder(root: &Path) -> Result<Catalogue> {
        let mut files = Vec::new();
        for folder in ["data-contracts", "sql"] {
            collect(root, &root.join(folder), &mut files)?;
        }
        Ok(Catalogue { is_of_folder: true, ..Catalogue::from_files(files.into_iter())? })
    }

    /// From path (relative to the repository) and text.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`].
    pub fn from_files(files: impl Iterator<Item = (String, String)>) -> Result<Catalogue> {
        let mut files: Vec<_> = files.collect();
        files.sort();
        let mut catalogue = Catalogue {
            contracts: BTreeMap::new(),
            code_lists: BTreeMap::new(),
            sql: BTreeMap::new(),
            digest: String::new(),
            is_of_folder: false,
        };
        let mut hash = Sha256::new();
        for (path, text) in files {
            hash.update(path.as_bytes());
            hash.update([0]);
            hash.update(text.as_bytes());
            hash.update([0]);
            catalogue.take(&path, &text)?;
        }
        catalogue.digest = crate::hex(&hash.finalize());
        Ok(catalogue)
    }

    fn take(&mut self, path: &str, text: &str) -> Result<()> {
        let unknown = || Error::Contract { contract: path.to_owned(), reason: "no layer of that name".into() };
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["sql", layer, file] => {
                let name = file.trim_end_matches(".sql");
                self.sql.insert(format!("{layer}.{name}"), text.to_owned());
            }
            ["data-contracts", "codes", file] => {
                let name = file.trim_end_matches(".csv");
                self.code_lists.insert(name.to_owned(), Arc::new(CodeList::parse(name, text)?));
            }
            ["data-contracts", layer, file] => {
                let layer = Layer::ALL.into_iter().find(|l| l.name() == *layer).ok_or_else(unknown)?;
                let name = file.trim_end_matches(".yaml");
                let contract = Contract::parse(layer, name, text)?;
                self.contracts.insert((layer, name.to_owned()), Arc::new(contract));
            }
            _ => return Err(unknown()),
        }
        Ok(())
    }

    /// The contract of a table.
    ///
    /// # Errors
    /// [`Error::Contract`] where there is none.
    pub fn contract(&self, layer: Layer, name: &str) -> Result<&Arc<Contract>> {
        self.contracts.get(&(layer, name.to_owned())).ok_or_else(|| Error::Contract {
            contract: format!("{layer}.{name}"),
            reason: "there is no such contract".into(),
        })
    }

    /// Every contract of a layer, by name.
    pub fn layer(&self, layer: Layer) -> impl Iterator<Item = &Arc<Contract>> {
        self.contracts.values().filter(move |contract| contract.layer == layer && !contract.custom_flag("utkast"))
    }

    /// # Errors
    /// [`Error::Contract`] where there is no such list.
    pub fn code_list(&self, name: &str) -> Result<&Arc<CodeList>> {
        self.code_lists.get(name).ok_or_else(|| Error::Contract {
            contract: format!("codes.{name}"),
            reason: "there is no such code list".into(),
        })
    }

    pub fn code_lists(&self) -> impl Iterator<Item = &Arc<CodeList>> {
        self.code_lists.values()
    }

    /// The text of `sql/<layer>/<name>.sql`.
    ///
    /// # Errors
    /// [`Error::Contract`] where there is no such file.
    pub fn sql(&self, layer: Layer, name: &str) -> Result<&str> {
        self.sql.get(&format!("{layer}.{name}")).map(String::as_str).ok_or_else(|| Error::Contract {
            contract: format!("{layer}.{name}"),
            reason: format!("there is no sql/{layer}/{name}.sql"),
        })
    }

    /// `layer.name` of every SQL file.
    pub fn sql_names(&self) -> impl Iterator<Item = &str> {
        self.sql.keys().map(String::as_str)
    }

    /// Name and text of every SQL file of a layer.
    pub fn sql_of(&self, layer: Layer) -> impl Iterator<Item = (&str, &str)> {
        self.sql_in(layer.name())
    }

    /// Name and text of every SQL file of `sql/<folder>/`.
    pub fn sql_in<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.sql.iter().filter_map(move |(name, text)| {
            let (of, name) = name.split_once('.')?;
            (of == folder).then_some((name, text.as_str()))
        })
    }

    /// Whether the rules are somebody's folder, not those compiled in.
    pub fn is_of_folder(&self) -> bool {
        self.is_of_folder
    }

    /// SHA-256 over all files, hexadecimal: changes when any rule of meaning changes.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// The opening remark of an SQL file, as running text.
pub fn sql_header(sql: &str) -> String {
    let lines = sql.lines().take_while(|line| line.starts_with("--")).map(|line| line.trim_start_matches('-').trim());
    lines.collect::<Vec<_>>().join(" ")
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<()> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "sql" || e == "csv") {
            let text = fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            files.push((name, text));
        }
    }
    Ok(())
}
