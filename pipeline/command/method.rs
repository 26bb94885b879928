//! `finsam method`: the method description, made of the very files that decide, and of the cases that test them.
//!
//! One page in Swedish that stands by itself. The same files give the same bytes: it holds no date, but the versions of
//! the contracts and a digest of everything that it was made of.

mod markdown;
mod page;

use crate::contract::{Catalogue, CodeList, Contract};
use crate::derive::TABLES;
use crate::error::{Error, Result, exit};
use crate::lake;
use crate::layer::Layer;
use crate::talk;
use markdown::Block;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// All that the page tells, in its order.
struct Method<'a> {
    tables: Vec<Table<'a>>,
    lists: Vec<&'a Arc<CodeList>>,
    /// SHA-256, hexadecimal, over contracts, SQL, cases and code lists.
    digest: String,
}

/// A derived table: its contract, its SQL file and the blocks of its suite.
struct Table<'a> {
    contract: &'a Contract,
    sql: &'a str,
    suite: Vec<Block>,
}

impl Table<'_> {
    /// Whether a column of it holds codes of the list, or its SQL reads the list.
    fn uses(&self, list: &str) -> bool {
        self.contract.columns.iter().any(|column| column.code_list.as_deref() == Some(list))
            || names_after(self.sql, "codes.").any(|name| name == list)
    }

    fn cases(&self) -> usize {
        self.suite.iter().filter(|block| matches!(block, Block::Heading(2, _))).count()
    }
}

/// Writes the page to `out`, by the suites in `spec`.
///
/// # Errors
/// [`Error::Input`] where a table has no suite there, [`Error::Asked`] where a suite has no case, [`Error::Io`] where
/// the page cannot be written.
pub fn method(catalogue: &Catalogue, spec: &Path, out: &Path) -> Result<u8> {
    let html = page::page(&read(catalogue, spec)?);
    lake::write_file(out, html.as_bytes())?;
    talk::data(&format!("{}\n", out.display()))?;
    Ok(exit::DONE)
}

fn read<'a>(catalogue: &'a Catalogue, spec: &Path) -> Result<Method<'a>> {
    let (mut tables, mut hash) = (Vec::new(), Sha256::new());
    let mut add = |name: &str, text: &str| hash.update([name.as_bytes(), &[0], text.as_bytes(), &[0]].concat());
    for name in TABLES {
        let contract = catalogue.contract(Layer::Derived, name)?;
        let sql = catalogue.sql(Layer::Derived, name)?;
        let path = spec.join(format!("{name}.md"));
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Input { path: path.clone(), source })?;
        let table = Table { contract, sql, suite: markdown::blocks(&text) };
        if table.cases() == 0 {
            return Err(Error::Asked {
                what: format!("method: {} has no case", path.display()),
                hint: "write one under a heading of two #; a rule that nothing tests is not the method".into(),
            });
        }
        add(name, &contract.digest);
        add(name, sql);
        add(name, &text);
        tables.push(table);
    }
    let mut lists = BTreeMap::new();
    for table in &tables {
        for column in &table.contract.columns {
            if let Some(list) = &column.code_list {
                lists.insert(list.clone(), catalogue.code_list(list)?);
            }
        }
        for name in names_after(table.sql, "codes.") {
            lists.insert(name.to_owned(), catalogue.code_list(name)?);
        }
    }
    for (name, list) in &lists {
        add(name, &list.digest());
    }
    Ok(Method { tables, lists: lists.into_values().collect(), digest: crate::hex(&hash.finalize()) })
}

/// Names of relations that follow a schema's name in SQL, comments left out; as often as they stand there.
fn names_after<'a>(sql: &'a str, schema: &'a str) -> impl Iterator<Item = &'a str> {
    let code = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    code.flat_map(move |line| line.split(schema).skip(1)).map(name_at).filter(|name| !name.is_empty())
}

/// The name that a text begins with.
fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}
