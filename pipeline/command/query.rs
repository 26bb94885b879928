//! `finsam query`: SQL on the release in force, read-only, with no other file within reach.
//!
//! Beside it stands `core.leverans`, what is in force and from which delivery, where the user may read core. It is the
//! one table of core without rows about persons; the others are not for a command that anyone may give. They are in
//! the lab, which is asked by name (`--lab`), by who may read it, and never in silence.

use super::print_json;
use crate::error::{Error, Result, exit};
use crate::job::now;
use crate::lab;
use crate::layer::Layer;
use crate::log::{Event, Log, Reason};
use crate::publish;
use crate::talk;
use arrow::datatypes::Date32Type;
use duckdb::types::ValueRef;
use duckdb::{Config, Connection};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::Path;

/// How rows are written; as a table where neither is asked for.
#[derive(Clone, Copy)]
pub struct Form {
    pub json: bool,
    pub csv: bool,
}

pub fn query(root: &Path, sql: &str, form: Form) -> Result<u8> {
    tell(&open(root)?, sql, form)
}

/// Asks the lab: rows about persons, for who may read core. Logged before the first row is read.
pub fn lab(root: &Path, sql: &str, reason: Option<&Reason>, form: Form) -> Result<u8> {
    let connection = lab::open(root)?;
    lab::only_asks(&connection, sql)?;
    let sha256 = crate::hex(&Sha256::digest(sql.as_bytes()));
    Log::of(root).append(&Event::Lab { sha256: &sha256, reason }, now())?;
    talk::line("note: from the lab: not protected, for use inside the agency only");
    tell(&connection, sql, form)
}

fn tell(connection: &Connection, sql: &str, form: Form) -> Result<u8> {
    let failed = |error: duckdb::Error| Error::Usage(format!("query: {error}"));
    let mut statement = connection.prepare(sql).map_err(failed)?;
    let mut found = statement.query([]).map_err(failed)?;
    let names: Vec<String> = found.as_ref().map(|statement| statement.column_names()).unwrap_or_default();
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        let cells = (0..names.len()).map(|place| row.get_ref(place).map(|value| cell(&value)));
        rows.push(cells.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?);
    }
    if form.json {
        let objects: Vec<serde_json::Map<String, serde_json::Value>> =
            rows.into_iter().map(|row| names.iter().cloned().zip(row).collect()).collect();
        print_json(&objects)?;
    } else if form.csv {
        talk::data(&comma_separated(&names, &rows)?)?;
    } else {
        talk::data(&table(&names, &rows))?;
    }
    Ok(exit::DONE)
}

/// The release as DuckDB's first database, `core` beside it, and nothing else.
fn open(root: &Path) -> Result<Connection> {
    let (_, folder) = publish::current(root)
        .ok_or_else(|| Error::Usage("query: no release is in force; `finsam run` makes one".into()))?;
    let failed = |error: duckdb::Error| Error::Usage(format!("query: {error}"));
    let config = Config::default().enable_autoload_extension(false).map_err(failed)?;
    let connection = Connection::open_in_memory_with_flags(config).map_err(failed)?;
    let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "''"));
    let mut batch = format!("attach {} as finsam (read_only); ", quoted(&folder.join("finsam.duckdb")));
    let in_force = root.join(Layer::Core.name()).join("leverans").join("leverans.parquet");
    if File::open(&in_force).is_ok() {
        let held = quoted(&in_force);
        batch += &format!("attach ':memory:' as core; create table core.leverans as from read_parquet({held}); ");
    }
    batch += "use finsam; set autoinstall_known_extensions = false; set enable_external_access = false; \
              set lock_configuration = true";
    connection.execute_batch(&batch).map_err(failed)?;
    Ok(connection)
}

fn cell(value: &ValueRef<'_>) -> serde_json::Value {
    match value {
        ValueRef::Null => serde_json::Value::Null,
        ValueRef::Boolean(value) => (*value).into(),
        ValueRef::TinyInt(number) => (*number).into(),
        ValueRef::SmallInt(number) => (*number).into(),
        ValueRef::Int(number) => (*number).into(),
        ValueRef::BigInt(number) => (*number).into(),
        ValueRef::HugeInt(number) => {
            number.to_string().parse::<i64>().map_or_else(|_| number.to_string().into(), Into::into)
        }
        ValueRef::Double(number) => (*number).into(),
        ValueRef::Float(number) => (*number).into(),
        ValueRef::Date32(days) => Date32Type::to_naive_date_opt(*days).map(|day| day.to_string()).into(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
        other => format!("{other:?}").into(),
    }
}

fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn comma_separated(names: &[String], rows: &[Vec<serde_json::Value>]) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| Error::Unexpected(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names).map_err(|e| failed(&e))?;
    for row in rows {
        writer.write_record(row.iter().map(text)).map_err(|e| failed(&e))?;
    }
    String::from_utf8(writer.into_inner().map_err(|e| failed(&e))?).map_err(|e| failed(&e))
}

fn table(names: &[String], rows: &[Vec<serde_json::Value>]) -> String {
    let letters = |text: &str| text.chars().count();
    let shown: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
    let widths: Vec<usize> = names
        .iter()
        .enumerate()
        .map(|(place, name)| shown.iter().map(|row| letters(&row[place])).chain([letters(name)]).max().unwrap_or(0))
        .collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    [line(names), line(&rule)].into_iter().chain(shown.iter().map(|row| line(row))).collect()
}
