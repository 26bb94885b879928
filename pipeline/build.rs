//! Lists the files of `data-contracts/` and `sql/` so that they are compiled into the binary:
//! the nightly machine has the program and the deliveries, not the repository. And tells the program which sources
//! of its own decide what becomes of a delivery.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other("cargo sets it"));
    let (root, out) = (folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?);
    let mut files = Vec::new();
    for folder in ["data-contracts", "sql"] {
        collect(&root.join(folder), &["yaml", "sql", "csv"], &mut files)?;
    }
    files.sort();
    println!("cargo:rustc-env=FINSAM_SOURCES={:032x}", sources(&root)?);
    let mut list = String::from("pub const FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.display().to_string();
        writeln!(list, "    ({name:?}, include_str!({file:?})),").map_err(io::Error::other)?;
    }
    list.push_str("];\n");
    fs::write(out.join("embedded.rs"), list)
}

/// A digest of the sources that decide what becomes of a delivery, the versions of the crates among them: part of
/// every receipt. It tells builds apart, and nobody gains by making two alike: FNV-1a of 128 bits will do.
fn sources(root: &Path) -> io::Result<u128> {
    let mut files = ["Cargo.lock", "pipeline/fault.rs", "pipeline/lake.rs"].map(|name| root.join(name)).to_vec();
    for folder in ["pipeline/contract", "pipeline/ingest", "pipeline/pseudonymise"] {
        collect(&root.join(folder), &["rs"], &mut files)?;
    }
    // By name, not by path: in the order of their bytes, wherever the repository lies.
    let name = |path: PathBuf| {
        let name = path.strip_prefix(root).map_err(io::Error::other)?.display().to_string();
        Ok::<_, io::Error>((name, path))
    };
    let mut named = files.into_iter().map(name).collect::<io::Result<Vec<_>>>()?;
    named.sort();
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for (name, path) in named {
        println!("cargo:rerun-if-changed={}", path.display());
        for byte in [name.as_bytes(), &[0], &fs::read(path)?, &[0]].concat() {
            hash = (hash ^ u128::from(byte)).wrapping_mul((1 << 88) + 0x13b);
        }
    }
    Ok(hash)
}

fn collect(folder: &Path, kinds: &[&str], files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, kinds, files)?;
        } else if path.extension().is_some_and(|kind| kinds.iter().any(|one| kind == *one)) {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
