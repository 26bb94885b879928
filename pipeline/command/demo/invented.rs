//! Which deliveries may be written over: those that `finsam generate` made, and names in a file beside them.

use crate::error::{Error, Result};
use crate::lake;
use crate::layer::Layer;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lies in the data root; each line is the folder of an invented delivery.
const FILE: &str = "INVENTED";
/// Stands alone in the file while the country is being written.
const UNFINISHED: &str = "unfinished";

/// Whether a country is to be made: there are no deliveries, or a country that was never finished.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be listed.
pub(super) fn is_wanted(root: &Path) -> Result<bool> {
    Ok(deliveries(root)?.is_empty() || named(root).contains(UNFINISHED))
}

/// Refuses to write over deliveries that may be real, and to lay the truth in the data root.
///
/// # Errors
/// [`Error::Usage`]; [`Error::Io`] where the folder cannot be listed.
pub(super) fn require(root: &Path, facit: &Path) -> Result<()> {
    let invented = named(root);
    let foreign = deliveries(root)?.into_iter().find(|folder| !invented.contains(folder));
    if let Some(folder) = foreign.filter(|_| !invented.contains(UNFINISHED)) {
        return Err(Error::Usage(format!(
            "generate: {}/deliveries/{folder} was not made by generate and is not written over; name a new data root",
            root.display()
        )));
    }
    if resolved(facit).starts_with(resolved(root)) {
        return Err(Error::Usage(format!(
            "generate: the facit {} lies in the data root; name a folder outside it with --facit",
            facit.display()
        )));
    }
    Ok(())
}

/// Says that what is written from now on is invented.
///
/// # Errors
/// [`Error::Io`] where it cannot be written.
pub(super) fn begin(root: &Path) -> Result<()> {
    lake::write_file(&root.join(FILE), format!("{UNFINISHED}\n").as_bytes())
}

/// Names every delivery that was made, so that one which is handed in later is not taken for invented.
///
/// # Errors
/// [`Error::Io`] where it cannot be written.
pub(super) fn end(root: &Path) -> Result<()> {
    let lines: String = deliveries(root)?.iter().map(|folder| format!("{folder}\n")).collect();
    lake::write_file(&root.join(FILE), lines.as_bytes())
}

fn named(root: &Path) -> BTreeSet<String> {
    fs::read_to_string(root.join(FILE)).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// What lies in `deliveries/`: `contract/date`, and whatever else is there by its name.
fn deliveries(root: &Path) -> Result<BTreeSet<String>> {
    let folder = root.join(Layer::Deliveries.name());
    let mut found = BTreeSet::new();
    for name in names(&folder)? {
        let inner = names(&folder.join(&name))?;
        if inner.is_empty() {
            found.insert(name);
        } else {
            found.extend(inner.into_iter().map(|date| format!("{name}/{date}")));
        }
    }
    Ok(found)
}

/// The names in a folder; none where it is no folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| Ok(entry.map_err(failed)?.file_name().to_string_lossy().into_owned())).collect()
}

/// The path without links and dots; what is not there yet starts at the nearest folder that is.
fn resolved(path: &Path) -> PathBuf {
    let here = |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
    let found = path.ancestors().find_map(|folder| Some((folder, here(folder).canonicalize().ok()?)));
    match found {
        Some((folder, real)) => real.join(path.strip_prefix(folder).unwrap_or(path)),
        None => path.to_owned(),
    }
}
