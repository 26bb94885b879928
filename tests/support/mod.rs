//! What several test files need.

pub mod country;
pub mod land;
pub mod naive;
pub mod root;
pub mod spec;
pub mod world;

use pipeline::contract::Catalogue;
use std::path::Path;

/// Contracts, code lists and SQL as they stand in the repository.
pub fn catalogue() -> Catalogue {
    Catalogue::from_folder(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the contracts are sound")
}
