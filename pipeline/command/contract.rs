//! `finsam contract diff` and `finsam contract page`: contracts for those who deliver by them.

use super::print_json;
use crate::contract::{Catalogue, CodeList, Contract, Difference, pages};
use crate::error::{Error, Result, exit};
use crate::lake;
use crate::layer::Layer;
use crate::talk;
use serde_yaml_ng::Value;
use std::path::Path;

/// Says what changed, as a part of the change log for suppliers.
pub fn diff(old: &Path, new: &Path, json: bool) -> Result<u8> {
    let is_list = |path: &Path| path.extension().is_some_and(|extension| extension == "csv");
    let difference = match (is_list(old), is_list(new)) {
        (true, true) => Difference::of_codes(&list(old)?, &list(new)?),
        (false, false) => {
            let (old, new) = (contract(old)?, contract(new)?);
            if old.full_name() != new.full_name() {
                let names = format!("{} and {}", old.full_name(), new.full_name());
                return Err(Error::Usage(format!("compare {names}: name two versions of one contract")));
            }
            Difference::of(&old, &new)
        }
        _ => return Err(Error::Usage("compare a contract with a code list: name two of a kind".into())),
    };
    if json {
        print_json(&difference)?;
        return Ok(exit::DONE);
    }
    talk::data(&difference.told())?;
    if let Some(version) = &difference.version_wanted {
        talk::line(&format!("hint: the version is too low for these changes, make it at least {version}"));
    }
    Ok(exit::DONE)
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|source| Error::Input { path: path.to_owned(), source })
}

fn list(path: &Path) -> Result<CodeList> {
    CodeList::parse(&path.file_stem().unwrap_or_default().to_string_lossy(), &text(path)?)
}

/// A contract wherever it lies: its id says of which layer and table it is.
fn contract(path: &Path) -> Result<Contract> {
    let text = text(path)?;
    let fault = |reason: &str| Error::Contract { contract: path.display().to_string(), reason: reason.into() };
    let document: Value = serde_yaml_ng::from_str(&text).map_err(|error| fault(&error.to_string()))?;
    let id = document.get("id").and_then(Value::as_str).and_then(|id| id.split_once('.'));
    let (layer, name) = id.ok_or_else(|| fault("id is not <layer>.<name>"))?;
    let layer = Layer::ALL.into_iter().find(|one| one.name() == layer).ok_or_else(|| fault("id names no layer"))?;
    Contract::parse(layer, name, &text)
}

/// Writes a page per delivery contract and code list, and an index.
pub fn page(catalogue: &Catalogue, folder: &Path) -> Result<u8> {
    for (name, html) in pages(catalogue)? {
        lake::write_file(&folder.join(name), html.as_bytes())?;
    }
    talk::data(&format!("{}\n", folder.join("index.html").display()))?;
    Ok(exit::DONE)
}
