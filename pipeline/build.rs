//! Lists the files of `data-contracts/` and `sql/` so that they are compiled into the binary:
//! the nightly machine has the program and the deliveries, not the repository.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets the manifest folder"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets the output folder"));
    let mut files = Vec::new();
    for folder in ["data-contracts", "sql"] {
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let mut list = String::from("pub const FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).expect("listed below the root").display();
        writeln!(list, "    ({:?}, include_str!({:?})),", name.to_string(), file).expect("a string takes text");
    }
    list.push_str("];\n");
    fs::write(out.join("embedded.rs"), list).expect("the output folder is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).expect("the folder is in the repository") {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "sql" || e == "csv") {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
}
