//! The lab: `lab/finsam_lab.duckdb`, views of core, derived and marts for authorised ad hoc work, and example queries.
//!
//! It holds no rows but those of the code lists: a view reads the Parquet file of its layer, by a path from the data
//! root. So it is small, it shows what is in force and nothing that has been removed, and it is as valid where the data
//! root is moved or its key exchanged; who opens it does so from the data root. Its folder is its owner's alone (0700);
//! a group is let in by hand, as to core. It is gone while derived is made anew, so that nobody reads half of two
//! nights. Nothing of a release is made of it.

use crate::aggregate;
use crate::contract::{Catalogue, CodeList, Column, sql_header};
use crate::derive::{self, Source, core_in_force};
use crate::error::{Error, Result};
use crate::job::{self, Job};
use crate::lake;
use crate::layer::Layer;
use crate::record_key;
use crate::settings::Settings;
use crate::stage::Night;
use duckdb::{Config, Connection};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Below the data root.
const FOLDER: &str = "lab";
const NAME: &str = "finsam_lab.duckdb";
/// Its layers: schemas of the same names.
const LAYERS: [Layer; 3] = [Layer::Core, Layer::Derived, Layer::Mart];
/// Schema and folder below `sql/` of the example queries.
const EXAMPLES: (&str, &str) = ("exempel", "lab");

fn path(root: &Path) -> PathBuf {
    root.join(FOLDER).join(NAME)
}

/// Writes the lab anew, whole or not at all.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be written, [`Error::Sql`] where a view does not fit its contract.
pub fn write(job: &Job, night: &Night) -> Result<()> {
    job.progress.begin(FOLDER, None);
    let folder = job.folder(FOLDER);
    let failed = |source| Error::Io { path: folder.clone(), source };
    fs::create_dir_all(&folder).map_err(failed)?;
    // The folder is closed before anything lies in it.
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(failed)?;
    let aside = folder.join("finsam_lab.ofardig");
    remove_file(&aside)?;
    let root = fs::canonicalize(&job.root).map_err(failed)?;
    fill(job, &core_in_force(job, night)?, &root, &aside)?;
    fs::set_permissions(&aside, Permissions::from_mode(0o600)).map_err(failed)?;
    fs::File::open(&aside).and_then(|file| file.sync_all()).map_err(failed)?;
    lake::rename(&aside, &path(&job.root))?;
    job.progress.end("");
    Ok(())
}

/// Writes the lab where it is gone and the rest of the night has nothing to do.
///
/// # Errors
/// As [`write`].
pub fn keep(job: &Job, night: &Night) -> Result<()> {
    if path(&job.root).exists() { Ok(()) } else { write(job, night) }
}

/// Takes the lab away: what it shows is about to change.
///
/// # Errors
/// [`Error::Io`] where it cannot be removed.
pub fn remove(job: &Job) -> Result<()> {
    remove_file(&path(&job.root))
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

fn fill(job: &Job, core: &[Source], root: &Path, file: &Path) -> Result<()> {
    let connection = memory()?;
    let run = |table: &str, sql: &str| connection.execute_batch(sql).map_err(|error| failed(table, &error));
    let root_text = text(&root.to_string_lossy());
    let attach = format!(
        "set file_search_path = {root_text}; attach {} as lab (storage_version 'v1.0.0'); use lab",
        text(&file.to_string_lossy())
    );
    run(FOLDER, &attach)?;
    for schema in LAYERS.map(Layer::name).into_iter().chain(["codes", EXAMPLES.0]) {
        run(FOLDER, &format!("create schema {schema}"))?;
    }
    for source in core {
        run(&source.name, &view(&job.catalogue, Layer::Core, source, &job.root)?)?;
    }
    let derived = [derive::TABLES.as_slice(), record_key::TABLES.as_slice()].concat();
    let made = [(Layer::Derived, derived.as_slice()), (Layer::Mart, aggregate::MARTS.as_slice())];
    for (layer, names) in made {
        for name in names {
            let file = job.layer(layer).join(format!("{name}.parquet"));
            let source = Source { name: (*name).to_owned(), files: vec![file], filter: None };
            run(name, &view(&job.catalogue, layer, &source, &job.root)?)?;
        }
    }
    for list in job.catalogue.code_lists() {
        run(&list.name, &codes(list))?;
    }
    for (name, sql) in job.catalogue.sql_in(EXAMPLES.1) {
        let made = format!("create view {}.{name} as {}", EXAMPLES.0, sql.trim_end().trim_end_matches(';'));
        let about = sql_header(sql);
        let comment = format!("comment on view {}.{name} is {}", EXAMPLES.0, text(&about));
        run(name, &format!("{made};\n{comment}"))?;
    }
    run(FOLDER, "checkpoint lab; use memory; detach lab")
}

/// A view of a table's files, with the contract's columns and words.
fn view(catalogue: &Catalogue, layer: Layer, source: &Source, root: &Path) -> Result<String> {
    let contract = catalogue.contract(layer, &source.name)?;
    let table = format!("{layer}.\"{}\"", source.name);
    let name = |column: &Column| format!("\"{}\"", column.name);
    let from_root = |file: &PathBuf| text(&file.strip_prefix(root).unwrap_or(file).to_string_lossy());
    let select = if source.files.is_empty() {
        let empty = |column: &Column| format!("cast(null as {}) as {}", column.kind.sql(), name(column));
        format!("select {} where false", joined(contract.columns.iter().map(empty)))
    } else {
        format!(
            "select {} from read_parquet([{}], union_by_name = true, hive_partitioning = false) where {}",
            joined(contract.columns.iter().map(name)),
            joined(source.files.iter().map(from_root)),
            source.filter.as_deref().unwrap_or("true")
        )
    };
    let about = format!("{}. {} {}", contract.title, contract.description, contract.grain);
    let mut sql = format!("create view {table} as {select}; comment on view {table} is {};", text(about.trim()));
    for column in &contract.columns {
        let about = format!("{}. {}", column.title, column.description);
        sql += &format!("comment on column {table}.{} is {};", name(column), text(about.trim()));
    }
    Ok(sql)
}

/// A code list as a view of its own lines: a table of so few rows takes a megabyte.
fn codes(list: &CodeList) -> String {
    let cast =
        list.columns.iter().map(|name| format!("cast(\"{name}\" as {0}) as \"{name}\"", CodeList::kind(name).sql()));
    let names = joined(list.columns.iter().map(|name| format!("\"{name}\"")));
    let row = |row: &Vec<String>| {
        let cells = row.iter().map(|cell| if cell.is_empty() { "null".to_owned() } else { text(cell) });
        format!("({})", joined(cells))
    };
    let nobody = || format!("({})", joined(list.columns.iter().map(|_| "null".to_owned())));
    let (rows, condition) = match list.rows.as_slice() {
        [] => (nobody(), " where false"),
        rows => (joined(rows.iter().map(row)), ""),
    };
    let name = &list.name;
    format!("create view codes.\"{name}\" as select {} from (values {rows}) as list({names}){condition}", joined(cast))
}

/// Opens the lab of a data root for questions: nothing but its layers within reach, and no change of settings.
///
/// The data root is the working folder from here on, for the lab names its files from there.
///
/// # Errors
/// [`Error::Asked`] where there is no lab, [`Error::Locked`] where a run is under way.
pub fn open(root: &Path) -> Result<Connection> {
    let lab = path(root);
    let failed_on = |source| Error::Io { path: root.to_owned(), source };
    let root = fs::canonicalize(root).map_err(failed_on)?;
    let settings = Settings::read(&root)?;
    job::require_stillness(&root)?;
    if !lab.is_file() {
        return Err(Error::Asked {
            what: format!("query: {} has no lab", root.display()),
            hint: "`finsam run` makes it".into(),
        });
    }
    job::enter(&root)?;
    let connection = memory()?;
    let layers = LAYERS.map(|layer| text(&root.join(layer.name()).to_string_lossy()));
    let batch = format!(
        "attach '{FOLDER}/{NAME}' as lab (read_only); use lab; set memory_limit = '{}MiB'; set threads = {}; \
         set max_temp_directory_size = '0KB'; set allowed_directories = [{}]; \
         set autoinstall_known_extensions = false; set enable_external_access = false; \
         set lock_configuration = true",
        settings.memory_mib,
        settings.threads,
        layers.join(", ")
    );
    connection.execute_batch(&batch).map_err(|error| failed(FOLDER, &error))?;
    Ok(connection)
}

/// One question, and no more: what may be read may else be written over by `copy … to`.
///
/// # Errors
/// [`Error::Asked`] where the SQL is anything else.
pub fn only_asks(connection: &Connection, sql: &str) -> Result<()> {
    let asked = "select json_extract_string(told, '$.error'), coalesce(json_array_length(told, '$.statements'), 0), \
                 coalesce(json_extract_string(told, '$.error_message'), '') \
                 from (select json_serialize_sql(cast(? as varchar)) as told)";
    let told = connection
        .query_row(asked, [sql], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)));
    let said = match told.map_err(|error| failed(FOLDER, &error))? {
        (error, 1, _) if error == "false" => return Ok(()),
        (_, _, message) if message.is_empty() => "more than one statement".into(),
        (_, _, message) => message,
    };
    Err(Error::Asked {
        what: format!("query: {}", said.lines().next().unwrap_or_default()),
        hint: "give the lab one select, and no more: it may be read, never written".into(),
    })
}

fn memory() -> Result<Connection> {
    let config = Config::default().threads(1).and_then(|config| config.enable_autoload_extension(false));
    config.and_then(Connection::open_in_memory_with_flags).map_err(|error| failed(FOLDER, &error))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// A text in SQL.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn failed(table: &str, error: &duckdb::Error) -> Error {
    let fault = || Error::Sql { table: table.to_owned(), reason: error.to_string() };
    Error::of_disk(Path::new(table), error).unwrap_or_else(fault)
}
