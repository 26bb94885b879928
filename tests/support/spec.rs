//! Runs a suite of `tests/spec`: Markdown cases of given tables and expected tables.
//!
//! A table that stands before the first `##` is given to every case that does not give it anew. Types come
//! from the contract; a column that is not listed holds the contract's blank, and `uttags_datum` the one that
//! `core.leverans` gives for the table. Pseudonyms are single letters. An expected table is compared in its
//! listed columns, as a set of rows; a condition in backticks after its name chooses rows.

use crate::support::catalogue;
use pipeline::contract::{Catalogue, CodeList, Column, Kind};
use pipeline::layer::Layer;
use pipeline::warehouse::Warehouse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

type Row = Vec<Option<String>>;

/// A table of a case.
#[derive(Clone)]
struct Table {
    name: String,
    condition: Option<String>,
    columns: Vec<String>,
    rows: Vec<Row>,
    lines: Range<usize>,
}

struct Case {
    title: String,
    given: Vec<Table>,
    expected: Vec<Table>,
}

/// Runs every case of `tests/spec/<name>.md` and panics with those that fail; `UPDATE=1` rewrites instead.
pub fn run_suite(name: &str) -> usize {
    let path = folder().join(format!("{name}.md"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (common, cases) = parse(&text);
    assert!(!cases.is_empty(), "{name}.md has no case");
    let catalogue = catalogue();
    let mut faults = String::new();
    let mut rewritten: Vec<String> = text.lines().map(str::to_owned).collect();
    for case in cases.iter().rev() {
        let mut given: BTreeMap<&str, &Table> = common.iter().map(|table| (table.name.as_str(), table)).collect();
        given.extend(case.given.iter().map(|table| (table.name.as_str(), table)));
        let warehouse = set_up(&catalogue, &given);
        for expected in case.expected.iter().rev() {
            let actual = actual_rows(&warehouse, &catalogue, &given, expected);
            let mut wanted = expected.rows.clone();
            wanted.sort();
            if wanted != actual {
                let shown = render(&expected.columns, &actual);
                let _ = write!(faults, "\n{name}.md: {}: {} is\n\n{shown}\n", case.title, expected.name);
                rewritten.splice(expected.lines.clone(), shown.lines().map(str::to_owned));
            }
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, rewritten.join("\n") + "\n").expect("the suite is writable");
    } else {
        assert!(faults.is_empty(), "{faults}");
    }
    cases.len()
}

/// `tests/spec`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec")
}

/// Tables of `derived` that an SQL file reads.
pub fn reads(sql: &str) -> Vec<String> {
    let code: Vec<&str> = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    code.join("\n")
        .split("derived.")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .collect()
}

fn set_up(catalogue: &Catalogue, given: &BTreeMap<&str, &Table>) -> Warehouse {
    let spill = std::env::temp_dir();
    let warehouse = Warehouse::open(catalogue, &spill, &[], 1, "1GB").expect("the warehouse opens");
    for contract in catalogue.layer(Layer::Core) {
        warehouse.bind(Layer::Core, &contract.name, &[]).expect("an empty table binds");
    }
    let dates = extraction_dates(given);
    for table in given.values() {
        let (layer, name) = split(&table.name);
        if layer == "codes" {
            give_codes(&warehouse, name, table);
            continue;
        }
        let layer = layer_of(layer);
        let contract = catalogue.contract(layer, name).expect("the given table has a contract");
        for column in &table.columns {
            assert!(contract.column(column).is_some(), "{} has no column {column}", table.name);
        }
        let rows = table.rows.iter().enumerate().map(|(index, row)| {
            let cell = |column: &Column| match table.columns.iter().position(|c| *c == column.name) {
                Some(at) => row[at].clone().map(|cell| from_letter(column.kind, &cell)),
                None => blank(column, dates.get(name), index),
            };
            contract.columns.iter().map(cell).collect()
        });
        warehouse.bind_rows(layer, name, &rows.collect::<Vec<Row>>()).unwrap_or_else(|e| panic!("{}: {e}", table.name));
    }
    warehouse
}

/// The newest `uttags_datum` of each table in the case's `core.leverans`.
fn extraction_dates<'a>(given: &BTreeMap<&str, &'a Table>) -> BTreeMap<&'a str, String> {
    let mut dates = BTreeMap::new();
    if let Some(table) = given.get("core.leverans") {
        let at = |name: &str| table.columns.iter().position(|c| c == name).expect("leverans names table and date");
        for row in &table.rows {
            if let (Some(name), Some(date)) = (&row[at("tabell_namn")], &row[at("uttags_datum")]) {
                let newest: &mut String = dates.entry(name.as_str()).or_default();
                *newest = newest.clone().max(date.clone());
            }
        }
    }
    dates
}

fn blank(column: &Column, extraction: Option<&String>, index: usize) -> Option<String> {
    if let (true, Some(date)) = (column.name == "uttags_datum", extraction) {
        return Some(date.clone());
    }
    if column.name == "rad_nr" {
        return Some((index + 1).to_string());
    }
    if !column.blank.is_empty() {
        return Some(column.blank.clone());
    }
    column.required.then(|| match column.kind {
        Kind::Text => "x".to_owned(),
        Kind::Integer | Kind::Long | Kind::Decimal => "0".to_owned(),
        Kind::Date => "2020-01-01".to_owned(),
        Kind::Boolean => "false".to_owned(),
        Kind::Uuid => "00000000-0000-0000-0000-000000000000".to_owned(),
    })
}

fn give_codes(warehouse: &Warehouse, name: &str, table: &Table) {
    let columns: Vec<String> = table.columns.iter().map(|c| format!("{c} {}", CodeList::kind(c).sql())).collect();
    let rows: Vec<String> = table
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> =
                row.iter().map(|cell| cell.as_ref().map_or("null".to_owned(), |c| format!("'{c}'"))).collect();
            format!("({})", cells.join(", "))
        })
        .collect();
    let sql = format!(
        "create or replace table codes.{name}({}); insert into codes.{name} values {}",
        columns.join(", "),
        rows.join(", ")
    );
    warehouse.execute(&sql).unwrap_or_else(|e| panic!("codes.{name}: {e}"));
}

fn actual_rows(
    warehouse: &Warehouse,
    catalogue: &Catalogue,
    given: &BTreeMap<&str, &Table>,
    expected: &Table,
) -> Vec<Row> {
    make(warehouse, catalogue, given, &expected.name);
    let condition = expected.condition.as_ref().map_or(String::new(), |text| format!(" where {text}"));
    let sql = format!("select {} from {}{condition}", expected.columns.join(", "), expected.name);
    let (_, rows) = warehouse.query(&sql).unwrap_or_else(|e| panic!("{}: {e}", expected.name));
    let mut rows: Vec<Row> =
        rows.into_iter().map(|row| row.into_iter().map(|cell| cell.map(to_letter)).collect()).collect();
    rows.sort();
    rows
}

/// Makes a derived or mart table, and before it every table that it reads and the case does not give.
fn make(warehouse: &Warehouse, catalogue: &Catalogue, given: &BTreeMap<&str, &Table>, table: &str) {
    if given.contains_key(table) || warehouse.query(&format!("select 1 as made from {table} limit 0")).is_ok() {
        return;
    }
    let (layer, name) = split(table);
    let layer = layer_of(layer);
    let sql = catalogue.sql(layer, name).expect("the expected table has an SQL file").to_owned();
    for read in reads(&sql) {
        make(warehouse, catalogue, given, &format!("derived.{read}"));
    }
    warehouse.make(layer, name, &sql).unwrap_or_else(|e| panic!("{table}: {e}"));
}

fn split(table: &str) -> (&str, &str) {
    table.split_once('.').unwrap_or_else(|| panic!("{table} is not layer.table"))
}

fn layer_of(name: &str) -> Layer {
    Layer::ALL.into_iter().find(|layer| layer.name() == name).unwrap_or_else(|| panic!("{name} is no layer"))
}

/// `a` as a pseudonym: the letter's byte, sixteen times.
pub fn from_letter(kind: Kind, cell: &str) -> String {
    match (kind, cell.as_bytes()) {
        (Kind::Uuid, [letter]) => {
            let pair = format!("{letter:02x}");
            format!("{}-{}-{}-{}-{}", pair.repeat(4), pair.repeat(2), pair.repeat(2), pair.repeat(2), pair.repeat(6))
        }
        _ => cell.to_owned(),
    }
}

fn to_letter(cell: String) -> String {
    let letter = u8::from_str_radix(cell.get(..2).unwrap_or_default(), 16).unwrap_or_default();
    let name = char::from(letter).to_string();
    if cell.len() == 36 && from_letter(Kind::Uuid, &name) == cell { name } else { cell }
}

fn render(columns: &[String], rows: &[Row]) -> String {
    let mut text = format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
    for row in rows {
        let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or_default()).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// Tables given to all cases, and the cases.
fn parse(text: &str) -> (Vec<Table>, Vec<Case>) {
    let lines: Vec<&str> = text.lines().collect();
    let (mut common, mut cases): (Vec<Table>, Vec<Case>) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case { title: title.to_owned(), given: Vec::new(), expected: Vec::new() });
        } else if line.starts_with("Given `") || line.starts_with("Expect `") {
            let table = parse_table(&lines, line, &mut at);
            match (cases.last_mut(), line.starts_with("Given")) {
                (Some(case), true) => case.given.push(table),
                (Some(case), false) => case.expected.push(table),
                (None, true) => common.push(table),
                (None, false) => panic!("{line}: stands before the first case"),
            }
        }
    }
    for case in &cases {
        assert!(!case.expected.is_empty(), "{}: expects nothing", case.title);
    }
    (common, cases)
}

fn parse_table(lines: &[&str], heading: &str, at: &mut usize) -> Table {
    let quoted: Vec<&str> = heading.split('`').skip(1).step_by(2).collect();
    while lines.get(*at).is_some_and(|line| line.trim().is_empty()) {
        *at += 1;
    }
    let start = *at;
    let mut cells = Vec::new();
    while let Some(line) = lines.get(*at).filter(|line| line.starts_with('|')) {
        let inner = line.trim().trim_start_matches('|');
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        cells.push(inner.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
        *at += 1;
    }
    assert!(cells.len() >= 2, "{heading}: no table follows");
    let columns = cells[0].clone();
    let rows = cells[2..]
        .iter()
        .map(|row| {
            assert_eq!(row.len(), columns.len(), "{heading}: a row of {} has another width", row.join(" | "));
            row.iter().map(|cell| Some(cell.clone()).filter(|text| !text.is_empty())).collect()
        })
        .collect();
    let condition = quoted.get(1).map(|text| (*text).to_owned());
    Table { name: quoted[0].to_owned(), condition, columns, rows, lines: start..*at }
}
