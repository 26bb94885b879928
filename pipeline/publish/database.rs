//! `finsam.duckdb`: the release's Parquet files as tables, with comments from the contracts; views of them with words
//! for codes; and the common questions of `sql/release/` as table macros.
//!
//! Storage version v1.0.0, so that the statisticians' older clients open it; one thread and key order, so that the
//! same tables give the same bytes. Texts by dictionary, numbers uncompressed: DuckDB's other ways leave gaps (beside a
//! missing count, after the last text) with whatever the memory held there before, which is neither the same twice nor
//! anybody's to read. Views and macros name no database, so that the file may be opened under any name.

mod words;

use super::{Edition, lasmig};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::protect::{Protected, ProtectedTable};
use duckdb::{Config, Connection};
use std::path::Path;
use words::Words;

const NAME: &str = "finsam.duckdb";

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    let path = folder.join(NAME);
    let failed = |error: duckdb::Error| {
        let fault = || Error::Format { path: path.clone(), reason: error.to_string() };
        Error::of_disk(&path, &error).unwrap_or_else(fault)
    };
    let config = Config::default().threads(1).and_then(|c| c.enable_autoload_extension(false)).map_err(failed)?;
    let connection = Connection::open_in_memory_with_flags(config).map_err(failed)?;
    let attach = format!("attach {} as finsam (storage_version 'v1.0.0'); use finsam", text(&path.to_string_lossy()));
    connection.execute_batch(&attach).map_err(failed)?;
    for table in protected.tables() {
        connection.execute_batch(&filled(table, folder)).map_err(failed)?;
        connection.execute_batch(&comments(table.contract(), edition)).map_err(failed)?;
    }
    let words = Words::of(protected, edition.labels);
    connection.execute_batch(&words.table()).map_err(failed)?;
    connection.execute_batch(&told(protected, edition)).map_err(failed)?;
    connection.execute_batch("create schema titlar").map_err(failed)?;
    for table in protected.tables() {
        connection.execute_batch(&words::view(table.contract())).map_err(failed)?;
    }
    for (name, sql) in &edition.questions {
        connection.execute_batch(&question(name, sql)).map_err(failed)?;
    }
    connection.execute_batch("checkpoint finsam; use memory; detach finsam").map_err(failed)
}

/// A table with the rows of its Parquet file.
fn filled(table: &ProtectedTable, folder: &Path) -> String {
    let contract = table.contract();
    let source = folder.join(format!("{}.parquet", contract.name));
    format!(
        "create table {0} ({1}); insert into {0} select * from read_parquet({2});",
        contract.name,
        declaration(contract),
        text(&source.to_string_lossy())
    )
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

fn comments(contract: &Contract, edition: &Edition<'_>) -> String {
    let mark = match edition.not_in_force.join(", ") {
        names if names.is_empty() => String::new(),
        names => format!(" Ej i kraft: {names}."),
    };
    let (date, run_id) = (edition.date, edition.run_id);
    let about = format!("{}. {} Uttag {date}, körning {run_id}.{mark}", contract.title, contract.description);
    let mut comments = format!("comment on table {} is {};", contract.name, text(&about));
    for column in &contract.columns {
        let about = format!("{}. {}", column.title, column.description);
        comments += &format!("comment on column {}.{} is {};", contract.name, column.name, text(about.trim()));
    }
    comments
}

/// `tabell`: which tables there are; `lasmig`: the text of the release, line by line.
fn told(protected: &Protected, edition: &Edition<'_>) -> String {
    let tables = protected.tables().iter().map(|table| {
        let contract = table.contract();
        let cells = [&contract.name, &contract.title, &contract.description, &contract.grain].map(|cell| text(cell));
        format!("({}, {})", cells.join(", "), table.rows().len())
    });
    let lines = lasmig::text(protected, edition);
    let lines = lines.lines().zip(1..).map(|(line, number)| format!("({number}, {})", text(line)));
    let textual = "varchar not null using compression dictionary";
    let whole = "bigint not null using compression uncompressed";
    format!(
        "create table tabell (tabell_namn {textual}, titel {textual}, beskrivning {textual}, rad {textual}, \
         rader_antal {whole}); insert into tabell values {}; \
         comment on table tabell is 'Utgåvans tabeller, och vad en rad i dem är.'; \
         create table lasmig (rad_nr {whole}, text {textual}); insert into lasmig values {}; \
         comment on table lasmig is 'LASMIG.md rad för rad: vad utgåvan är och hur den används.';",
        tables.collect::<Vec<_>>().join(", "),
        lines.collect::<Vec<_>>().join(", ")
    )
}

/// A question of `sql/release/` as a table macro; its first line names its parameters, as
/// `-- release.serie(sokt_omrade): …`.
fn question(name: &str, sql: &str) -> String {
    let about = crate::contract::sql_header(sql);
    let parameters = about.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inner, _)| inner);
    format!(
        "create macro {name}({parameters}) as table {}; comment on macro table {name} is {};",
        sql.trim_end().trim_end_matches(';'),
        text(about.strip_prefix("release.").unwrap_or(&about))
    )
}

/// A text in SQL.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
