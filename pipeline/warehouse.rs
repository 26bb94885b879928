//! DuckDB as the machine that runs `sql/`: it sees the tables that are bound to it and nothing else.
//!
//! The database is in memory and spills to one folder. Tables are bound by name to Parquet files, the SQL
//! files name no file; once locked, the connection reads no path outside the allowed folders, reaches no
//! network, loads no extension, and cannot change that. A result is checked against its contract (columns,
//! types, required values, key) before its first batch is handed on.

use crate::calendar;
use crate::contract::{Catalogue, CodeList, Contract, Kind, arrow_schema};
use crate::error::{Error, Result};
use crate::layer::Layer;
use arrow::record_batch::RecordBatch;
use duckdb::types::Value;
use duckdb::{Config, Connection, appender_params_from_iter};
use std::fs;
use std::path::{Path, PathBuf};

/// What is spilled is encrypted, with a key of the moment: a block is written whole, and beside rows it holds what was
/// in that memory before, which after ingest may be text of a delivery. DuckDB calls its own cipher unsafe because its
/// random numbers are not for secrets that last; this one lasts as long as the query.
const ENCRYPT_SPILL: &str = "set force_mbedtls_unsafe = true; set temp_file_encryption = true";

/// A row as text; null is `None`.
pub type TextRow = Vec<Option<String>>;

/// A connection with code lists and calendar loaded, and the contracts that its tables keep.
pub struct Warehouse {
    connection: Connection,
    catalogue: Catalogue,
    allowed: Vec<PathBuf>,
}

impl Warehouse {
    /// Opens an in-memory database that spills to `spill` and, once locked, reads only below `allowed`.
    /// `memory` is DuckDB's limit, for example `4GB`.
    ///
    /// # Errors
    /// [`Error::Io`] where a folder is not there, [`Error::Sql`] where DuckDB does not start.
    pub fn open(catalogue: &Catalogue, spill: &Path, allowed: &[&Path], threads: usize, memory: &str) -> Result<Self> {
        let spill = absolute(spill)?.display().to_string();
        let config = Config::default()
            .enable_autoload_extension(false)
            .and_then(|config| config.threads(i64::try_from(threads).unwrap_or(1)))
            .and_then(|config| config.max_memory(memory))
            .and_then(|config| config.with("temp_directory", spill))
            .and_then(Connection::open_in_memory_with_flags);
        let connection = config.map_err(|e| failed("warehouse", &e))?;
        let allowed = allowed.iter().map(|path| absolute(path)).collect::<Result<_>>()?;
        let warehouse = Warehouse { connection, catalogue: catalogue.clone(), allowed };
        warehouse.batch("warehouse", "set arrow_lossless_conversion = true; set preserve_insertion_order = true")?;
        warehouse.batch("warehouse", ENCRYPT_SPILL)?;
        for schema in ["core", "derived", "mart", "codes", "calendar", "result"] {
            warehouse.batch("warehouse", &format!("create schema {schema}"))?;
        }
        for list in catalogue.code_lists() {
            warehouse.load_codes(list)?;
        }
        warehouse.load_calendar("dag", &calendar::DAG, calendar::days())?;
        warehouse.load_calendar("manad", &calendar::MANAD, calendar::months())?;
        Ok(warehouse)
    }

    /// From here on: no path outside the allowed folders, no network, no extension, no change of settings.
    ///
    /// # Errors
    /// [`Error::Sql`] where DuckDB refuses a setting.
    pub fn lock(&self) -> Result<()> {
        let folders: Vec<String> = self.allowed.iter().map(|path| text(&path.display().to_string())).collect();
        self.batch(
            "warehouse",
            &format!(
                "set allowed_directories = [{}]; set autoinstall_known_extensions = false; \
                 set autoload_known_extensions = false; set allow_community_extensions = false; \
                 set enable_external_access = false; set lock_configuration = true",
                folders.join(", ")
            ),
        )
    }

    /// Makes `layer.name` a view of Parquet files, with the contract's columns; without files, an empty one.
    ///
    /// # Errors
    /// [`Error::Broken`] where a column of the files has another type than the contract says (a pseudonym
    /// that is not a UUID would join in silence), [`Error::Sql`] where a file cannot be read.
    pub fn bind(&self, layer: Layer, name: &str, files: &[PathBuf]) -> Result<()> {
        self.bind_where(layer, name, files, None)
    }

    /// As [`Warehouse::bind`], with only the rows that a condition holds for.
    ///
    /// # Errors
    /// As [`Warehouse::bind`].
    pub fn bind_where(&self, layer: Layer, name: &str, files: &[PathBuf], condition: Option<&str>) -> Result<()> {
        let contract = self.catalogue.contract(layer, name)?.clone();
        if files.is_empty() {
            return self.bind_rows(layer, name, &[]);
        }
        let paths: Vec<String> =
            files.iter().map(|file| Ok(text(&absolute(file)?.display().to_string()))).collect::<Result<_>>()?;
        let columns: Vec<String> = contract.columns.iter().map(|column| quoted(&column.name)).collect();
        let table = contract.full_name();
        self.batch(
            &table,
            &format!(
                "create or replace view {table} as select {} from read_parquet([{}], union_by_name = true, \
                 hive_partitioning = false) where {}",
                columns.join(", "),
                paths.join(", "),
                condition.unwrap_or("true")
            ),
        )?;
        for (column, actual) in contract.columns.iter().zip(self.columns(&table)?) {
            if actual.1 != column.kind.sql() {
                let reason = format!("column {} is {} in the file, not {}", column.name, actual.1, column.kind.sql());
                return Err(Error::Broken { table, reason });
            }
        }
        Ok(())
    }

    /// Makes `layer.name` a view of rows given as text, in contract order; for tables that are written by
    /// hand (tests, and tables with no file).
    ///
    /// # Errors
    /// [`Error::Sql`] where a text is not of its column's type.
    pub fn bind_rows(&self, layer: Layer, name: &str, rows: &[Vec<Option<String>>]) -> Result<()> {
        let contract = self.catalogue.contract(layer, name)?;
        let columns: Vec<(&str, Kind)> = contract.columns.iter().map(|c| (c.name.as_str(), c.kind)).collect();
        self.batch(
            &contract.full_name(),
            &format!("create or replace view {} as {}", contract.full_name(), rows_sql(&columns, rows)),
        )
    }

    /// Runs a query, holds the result to the contract of `layer.name`, and gives its batches in the query's
    /// order to `sink`. Returns the number of rows.
    ///
    /// # Errors
    /// [`Error::Sql`] where the query fails, [`Error::Broken`] where the result breaks its contract, and what
    /// `sink` returns.
    pub fn run(
        &self,
        layer: Layer,
        name: &str,
        sql: &str,
        mut sink: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<u64> {
        let contract = self.catalogue.contract(layer, name)?.clone();
        // Made whole first: DuckDB's stream has no way to report an error in the middle of a query.
        let made = format!("result.{}_{}", layer.name(), name);
        self.create(&contract, &made, sql)?;
        let selected: Vec<String> = contract
            .columns
            .iter()
            .map(|column| format!("cast({0} as {1}) as {0}", quoted(&column.name), column.kind.sql()))
            .collect();
        let table = contract.full_name();
        let mut rows = 0;
        {
            let select = format!("select {} from {made}", selected.join(", "));
            let mut statement = self.connection.prepare(&select).map_err(|e| failed(&table, &e))?;
            let schema = arrow_schema(&contract);
            for batch in statement.stream_arrow([]).map_err(|e| failed(&table, &e))? {
                rows += u64::try_from(batch.num_rows()).unwrap_or_default();
                let batch = RecordBatch::try_new(schema.clone(), batch.columns().to_vec())
                    .map_err(|e| Error::Broken { table: table.clone(), reason: e.to_string() })?;
                sink(batch)?;
            }
        }
        self.batch(&table, &format!("drop table {made}"))?;
        Ok(rows)
    }

    /// As [`Warehouse::run`], but the result stays in the database as `layer.name`.
    ///
    /// # Errors
    /// As [`Warehouse::run`].
    pub fn make(&self, layer: Layer, name: &str, sql: &str) -> Result<()> {
        let contract = self.catalogue.contract(layer, name)?.clone();
        self.create(&contract, &contract.full_name(), sql)
    }

    /// Runs any query and gives column names and rows as text; null is `None`.
    ///
    /// # Errors
    /// [`Error::Sql`] where the query fails.
    pub fn query(&self, sql: &str) -> Result<(Vec<String>, Vec<TextRow>)> {
        let described = self.texts(&format!("select column_name from (describe {sql})"), 1)?;
        let names: Vec<String> = described.into_iter().flatten().flatten().collect();
        let cast: Vec<String> = names.iter().map(|name| format!("cast({0} as varchar) as {0}", quoted(name))).collect();
        let rows = self.texts(&format!("select {} from ({sql}) as asked", cast.join(", ")), names.len())?;
        Ok((names, rows))
    }

    fn texts(&self, sql: &str, width: usize) -> Result<Vec<Vec<Option<String>>>> {
        let fault = |e: duckdb::Error| failed("query", &e);
        let mut statement = self.connection.prepare(sql).map_err(fault)?;
        let mut found = statement.query([]).map_err(fault)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(fault)? {
            let cells = (0..width).map(|index| row.get::<_, Option<String>>(index));
            rows.push(cells.collect::<std::result::Result<_, _>>().map_err(fault)?);
        }
        Ok(rows)
    }

    /// Runs statements that give no rows.
    ///
    /// # Errors
    /// [`Error::Sql`] where one of them fails.
    pub fn execute(&self, sql: &str) -> Result<()> {
        self.batch("statement", sql)
    }

    fn create(&self, contract: &Contract, made: &str, sql: &str) -> Result<()> {
        let table = contract.full_name();
        self.batch(&table, &format!("create or replace table {made} as\n{}", sql.trim_end().trim_end_matches(';')))?;
        let broken = |reason: String| Error::Broken { table: table.clone(), reason };
        let found = self.columns(made)?;
        let names = |columns: &mut dyn Iterator<Item = &str>| columns.collect::<Vec<_>>().join(", ");
        let wanted = names(&mut contract.columns.iter().map(|c| c.name.as_str()));
        let actual = names(&mut found.iter().map(|c| c.0.as_str()));
        if wanted != actual {
            return Err(broken(format!("the columns are {actual}, not {wanted}")));
        }
        for (column, (_, kind)) in contract.columns.iter().zip(&found) {
            let whole = |name: &str| matches!(name, "INTEGER" | "BIGINT" | "HUGEINT");
            if kind != column.kind.sql() && !(whole(kind) && whole(column.kind.sql())) {
                return Err(broken(format!("column {} is {kind}, not {}", column.name, column.kind.sql())));
            }
        }
        self.check_values(contract, made)
    }

    /// Counts the guilty rows of each rule that the contract's columns carry: all columns in one pass, for a long table
    /// may have spilled.
    fn check_values(&self, contract: &Contract, made: &str) -> Result<()> {
        let mut rules = Vec::new();
        for column in &contract.columns {
            let name = quoted(&column.name);
            if column.required {
                rules.push((format!("{} is empty", column.name), format!("{name} is null")));
            }
            let fits = format!("try_cast({name} as {}) is null", column.kind.sql());
            rules.push((format!("{} does not fit its type", column.name), format!("{name} is not null and {fits}")));
        }
        let counts: Vec<String> =
            rules.iter().map(|(_, guilty)| format!("cast(count(*) filter (where {guilty}) as varchar)")).collect();
        let guilty = self.texts(&format!("select {} from {made}", counts.join(", ")), counts.len())?;
        let broken = |rule: &str, count: &str| Error::Broken {
            table: contract.full_name(),
            reason: format!("{rule} ({count} rows)"),
        };
        for ((rule, _), count) in rules.iter().zip(guilty.into_iter().flatten().flatten()) {
            if count != "0" {
                return Err(broken(rule, &count));
            }
        }
        let key: Vec<String> = contract.key().iter().map(|column| quoted(&column.name)).collect();
        if key.is_empty() {
            return Ok(());
        }
        let key = key.join(", ");
        let groups = format!("select {key} from {made} group by {key} having count(*) > 1");
        let twice = format!("select cast(count(*) as varchar) from ({groups}) as twice");
        match self.texts(&twice, 1)?.into_iter().flatten().flatten().next() {
            Some(count) if count != "0" => Err(broken("the key is there twice", &count)),
            _ => Ok(()),
        }
    }

    /// Name and DuckDB type of each column.
    fn columns(&self, table: &str) -> Result<Vec<(String, String)>> {
        let rows = self.texts(&format!("select column_name, column_type from (describe {table})"), 2)?;
        Ok(rows.into_iter().filter_map(|row| row.into_iter().collect::<Option<Vec<_>>>()).map(pair).collect())
    }

    fn load_codes(&self, list: &CodeList) -> Result<()> {
        let columns: Vec<(&str, Kind)> = list.columns.iter().map(|c| (c.as_str(), CodeList::kind(c))).collect();
        let rows: Vec<Vec<Option<String>>> = list
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| Some(cell.clone()).filter(|text| !text.is_empty())).collect())
            .collect();
        let table = format!("codes.{}", list.name);
        self.batch(&table, &format!("create or replace table {table} as {}", rows_sql(&columns, &rows)))
    }

    fn load_calendar<const N: usize>(
        &self,
        name: &str,
        columns: &[(&str, Kind); N],
        rows: impl Iterator<Item = [i32; N]>,
    ) -> Result<()> {
        let table = format!("calendar.{name}");
        let fault = |e: duckdb::Error| failed(&table, &e);
        self.batch(&table, &format!("create table {table} as {}", rows_sql(columns, &[])))?;
        let mut appender = self.connection.appender_to_db(name, "calendar").map_err(fault)?;
        for row in rows {
            let cells = columns.iter().zip(row).map(|((_, kind), cell)| match kind {
                Kind::Date => Value::Date32(cell),
                _ => Value::Int(cell),
            });
            appender.append_row(appender_params_from_iter(cells)).map_err(fault)?;
        }
        appender.flush().map_err(fault)
    }

    fn batch(&self, table: &str, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|e| failed(table, &e))
    }
}

fn failed(table: &str, error: &duckdb::Error) -> Error {
    let fault = || Error::Sql { table: table.to_owned(), reason: error.to_string() };
    Error::of_disk(Path::new(table), error).unwrap_or_else(fault)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}

fn pair(mut row: Vec<String>) -> (String, String) {
    let second = row.pop().unwrap_or_default();
    (row.pop().unwrap_or_default(), second)
}

/// A name in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in SQL.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A select of rows given as text; typed also when there is no row.
fn rows_sql(columns: &[(&str, Kind)], rows: &[Vec<Option<String>>]) -> String {
    let cast: Vec<String> =
        columns.iter().map(|(name, kind)| format!("cast({0} as {1}) as {0}", quoted(name), kind.sql())).collect();
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> =
                row.iter().map(|cell| cell.as_ref().map_or_else(|| "null".to_owned(), |cell| text(cell))).collect();
            format!("({})", cells.join(", "))
        })
        .collect();
    if lines.is_empty() {
        let empty: Vec<String> =
            columns.iter().map(|(name, kind)| format!("cast(null as {}) as {}", kind.sql(), quoted(name))).collect();
        return format!("select {} where false", empty.join(", "));
    }
    format!("select {} from (values {}) as given({})", cast.join(", "), lines.join(", "), names.join(", "))
}
