//! `finsam.duckdb`: the release's Parquet files as tables, with comments from the contracts.
//!
//! Storage version v1.0.0, so that the statisticians' older clients open it; one thread and key order, so that the
//! same tables give the same bytes. Texts by dictionary, numbers uncompressed: DuckDB's other ways leave gaps (beside a
//! missing count, after the last text) with whatever the memory held there before, which is neither the same twice nor
//! anybody's to read.

use super::Edition;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::protect::Protected;
use duckdb::{Config, Connection};
use std::path::Path;

const NAME: &str = "finsam.duckdb";

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    let path = folder.join(NAME);
    let failed = |error: duckdb::Error| {
        let fault = || Error::Format { path: path.clone(), reason: error.to_string() };
        Error::of_disk(&path, &error).unwrap_or_else(fault)
    };
    let config = Config::default().threads(1).and_then(|c| c.enable_autoload_extension(false)).map_err(failed)?;
    let connection = Connection::open_in_memory_with_flags(config).map_err(failed)?;
    let quoted = |text: &str| text.replace('\'', "''");
    let attach = format!("attach '{}' as slapp (storage_version 'v1.0.0')", quoted(&path.to_string_lossy()));
    connection.execute_batch(&attach).map_err(failed)?;
    let mark = match edition.not_in_force.join(", ") {
        names if names.is_empty() => String::new(),
        names => format!(" Ej i kraft: {names}."),
    };
    for table in protected.tables() {
        let contract = table.contract();
        let source = folder.join(format!("{}.parquet", contract.name));
        let made = format!(
            "create table slapp.{0} ({1}); insert into slapp.{0} select * from read_parquet('{2}');",
            contract.name,
            declaration(contract),
            quoted(&source.to_string_lossy())
        );
        connection.execute_batch(&made).map_err(failed)?;
        let mut comments = format!(
            "comment on table slapp.{} is '{}. {} Uttag {}, körning {}.{}';",
            contract.name,
            quoted(&contract.title),
            quoted(&contract.description),
            edition.date,
            edition.run_id,
            quoted(&mark)
        );
        for column in &contract.columns {
            let title = quoted(&format!("{}. {}", column.title, column.description));
            comments += &format!("comment on column slapp.{}.{} is '{}';", contract.name, column.name, title.trim());
        }
        connection.execute_batch(&comments).map_err(failed)?;
    }
    connection.execute_batch("checkpoint slapp; detach slapp").map_err(failed)
}

fn declaration(contract: &Contract) -> String {
    let columns = contract.columns.iter().map(|column| {
        let presence = if column.required { " not null" } else { "" };
        let kind = column.kind.sql();
        let compression = if kind == "VARCHAR" { "dictionary" } else { "uncompressed" };
        format!("{} {kind}{presence} using compression {compression}", column.name)
    });
    columns.collect::<Vec<_>>().join(", ")
}
