//! What several test files need.

pub mod country;
pub mod json_schema;
pub mod land;
pub mod measures;
pub mod naive;
pub mod root;
pub mod spec;
pub mod world;

use pipeline::contract::Catalogue;
use std::path::{Path, PathBuf};

/// Contracts, code lists and SQL as they stand in the repository.
pub fn catalogue() -> Catalogue {
    Catalogue::from_folder(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the contracts are sound")
}

/// Every file below a folder, sorted.
pub fn paths(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}
