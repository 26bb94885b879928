//! The measures and SUS beside the registers against the naive reference, on generated histories.
//!
//! A batch of persons goes through DuckDB at once. Where one of them differs, that person alone is shrunk.

use crate::support::catalogue;
use crate::support::measures::areas::{areas, placed};
use crate::support::measures::coverage::Coverage;
use crate::support::measures::drawn::{Seed, seed, settings};
use crate::support::measures::rows::{Given, tables};
use crate::support::measures::sus::{OCCASIONS, counted, counts};
use crate::support::measures::world::{Person, Settings, lay_out};
use crate::support::measures::{COMPONENTS, POINTS, Tables, before_after, sus};
use pipeline::contract::{Catalogue, Column, Contract, Kind};
use pipeline::layer::Layer;
use pipeline::warehouse::Warehouse;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write as _};
use tempfile::TempDir;

const BATCHES: usize = 20;
const PERSONS: usize = 500;
/// Every value of a code, every null and every number that is not zero occurs at least this often in its column, or the
/// comparison proves little.
const SEEN_AT_LEAST: usize = 50;
/// The same of the table that is about deliveries and not about persons: it has a few rows a batch.
const SEEN_OF_DELIVERIES: usize = 5;

/// What is compared, and given nothing of; in the order in which it is made.
pub const MEASURES: [&str; 11] = [
    "forandring",
    "forsorjningsflode",
    "forsorjningstid",
    "forsorjningstackning",
    "tid_i_forsorjning",
    "andel_i_forsorjning",
    "deltagandeordning",
    "aterintrade",
    "sus_forsorjning",
    "sus_utfall",
    "overensstammelse",
];

/// The same, of where what has ended counts.
pub const AREAS: [&str; 3] = ["redovisningsperiod", "forbund_nu", "avslutat"];

fn runner() -> TestRunner {
    let mut bytes = [0; 32];
    bytes[0] = std::env::var("FINSAM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

#[test]
fn measures_and_naive_reference_agree() {
    let mut runner = runner();
    let bench = Bench::new();
    let mut seen = Seen::default();
    for batch in 0..BATCHES {
        // Of one batch in ten no register of offentlig försörjning is delivered.
        let settings = settings(batch % 10 == 9).new_tree(&mut runner).expect("settings").current();
        let world = World { coverage: Coverage::new(&settings), settings };
        let mut trees: Vec<_> = (0..PERSONS).map(|_| seed().new_tree(&mut runner).expect("a person")).collect();
        let persons: Vec<Person> =
            trees.iter().enumerate().map(|(nr, tree)| lay_out(nr, &tree.current(), &world.settings)).collect();
        let wanted = by_loops(&world, &persons);
        let actual = bench.by_sql(&tables(&world.settings, &persons), &MEASURES);
        if let Some((table, key)) = different(&wanted, &actual).into_iter().next() {
            let nr = owner(&key).unwrap_or_else(|| panic!("{:#?}\n{}", world.settings, differences(&wanted, &actual)));
            panic!("{}", shrink(&bench, &world, table, nr, &mut trees[nr]));
        }
        seen.count(&bench.catalogue, &wanted);
    }
    let persons = BATCHES * PERSONS;
    assert!(persons >= 10_000, "only {persons} histories were compared");
    seen.require(&bench.catalogue, &MEASURES);
    println!("{persons} histories agree; {:?}", seen.values);
}

#[test]
fn counts_and_naive_reference_agree() {
    agree(counts(), &["antal_deltagare"], |counts| counts.tables().into(), counted);
}

#[test]
fn areas_and_naive_reference_agree() {
    let worlds = agree(areas(), &AREAS, |areas| areas.tables(), placed);
    let links: Vec<Option<usize>> = worlds.iter().flat_map(|areas| areas.links()).collect();
    for (what, count) in [
        ("chains of three", links.iter().filter(|links| links.is_some_and(|links| links > 1)).count()),
        ("circles", links.iter().filter(|links| links.is_none()).count()),
    ] {
        assert!(count >= SEEN_AT_LEAST / 2, "only {count} {what}");
    }
}

/// Draws small worlds, compares the tables that are made of each, and gives the worlds.
fn agree<T: Clone + Debug>(
    drawn: impl Strategy<Value = T>,
    made: &[&'static str],
    given: impl Fn(&T) -> Vec<Given>,
    by_loops: impl Fn(&T) -> Tables,
) -> Vec<T> {
    let mut runner = runner();
    let bench = Bench::new();
    let (mut seen, mut worlds) = (Seen::default(), Vec::new());
    for _ in 0..60 {
        let mut tree = drawn.new_tree(&mut runner).expect("a world");
        let differs = |world: &T| {
            let (wanted, actual) = (by_loops(world), bench.by_sql(&given(world), made));
            (wanted != actual).then(|| format!("{world:#?}\n{}", differences(&wanted, &actual)))
        };
        if differs(&tree.current()).is_some() {
            panic!("{}", smallest(&mut tree, differs).unwrap_or_default());
        }
        worlds.push(tree.current());
        seen.count(&bench.catalogue, &by_loops(&tree.current()));
    }
    seen.require(&bench.catalogue, made);
    worlds
}

/// The smallest version of a drawn value that something is still said of.
fn smallest<T: ValueTree>(tree: &mut T, differs: impl Fn(&T::Value) -> Option<String>) -> Option<String> {
    let mut smallest = differs(&tree.current());
    for _ in 0..200 {
        let found = differs(&tree.current());
        let more = if found.is_some() { tree.simplify() } else { tree.complicate() };
        smallest = found.or(smallest);
        if !more {
            break;
        }
    }
    smallest
}

/// What is the same for every person of a batch.
struct World {
    settings: Settings,
    coverage: Coverage,
}

/// The smallest version of a person for whom the two sides differ in a table, and how.
fn shrink(bench: &Bench, world: &World, table: &str, nr: usize, tree: &mut impl ValueTree<Value = Seed>) -> String {
    // Agreement is made of what was ticked, time and share of unbroken times; coverage is about no person, and stands.
    let made_of = match table {
        "overensstammelse" => "sus_forsorjning",
        "tid_i_forsorjning" | "andel_i_forsorjning" => "forsorjningstid",
        _ => table,
    };
    let made: Vec<&'static str> = MEASURES.into_iter().filter(|one| [table, made_of].contains(one)).collect();
    let differs = |seed: &Seed| {
        let persons = [lay_out(nr, seed, &world.settings)];
        let mut wanted = by_loops(world, &persons);
        wanted.retain(|table, _| made.contains(table));
        let actual = bench.by_sql(&tables(&world.settings, &persons), &made);
        let said = differences(&wanted, &actual);
        (wanted != actual).then(|| format!("{:?}\n{:?}\n{said}", persons[0], world.settings))
    };
    smallest(tree, differs).unwrap_or_else(|| format!("person {nr} differs only beside others"))
}

/// Table and key of each row that is not the same on both sides.
fn different(wanted: &Tables, actual: &Tables) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    for (one, other) in [(wanted, actual), (actual, wanted)] {
        for (table, rows) in one {
            let differs =
                |(key, row): &(&String, &String)| other.get(table).and_then(|rows| rows.get(*key)) != Some(*row);
            found.extend(rows.iter().filter(differs).map(|(key, _)| (*table, key.clone())));
        }
    }
    found
}

fn differences(wanted: &Tables, actual: &Tables) -> String {
    let mut text = String::new();
    for (table, key) in different(wanted, actual) {
        let row = |tables: &Tables| tables.get(table).and_then(|rows| rows.get(&key)).cloned();
        let _ = writeln!(text, "{table} {key}: reference {:?}, SQL {:?}", row(wanted), row(actual));
    }
    text
}

/// The person whose row has a key; none where it is about no one.
fn owner(key: &str) -> Option<usize> {
    let of_participation = key.split_once('V').map(|(_, rest)| rest[..6].parse().expect("the number of a person"));
    let id = key.split(' ').next().filter(|id| id.len() == 36);
    of_participation.or_else(|| usize::from_str_radix(id?.rsplit('-').next()?, 16).ok())
}

fn by_loops(world: &World, persons: &[Person]) -> Tables {
    let mut found: Tables = MEASURES.iter().map(|table| (*table, BTreeMap::new())).collect();
    world.coverage.rows(&mut found);
    for person in persons {
        before_after::measures(&world.settings, &world.coverage, person, &mut found);
        sus::measures(person, &mut found);
    }
    found
}

/// A warehouse that is filled and asked again and again.
struct Bench {
    catalogue: Catalogue,
    warehouse: Warehouse,
    folder: TempDir,
}

impl Bench {
    /// Every table of core and derived is there and empty.
    fn new() -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let catalogue = catalogue();
        let warehouse = Warehouse::open(&catalogue, folder.path(), &[folder.path()], 2, "2GB").expect("a warehouse");
        for contract in [Layer::Core, Layer::Derived].into_iter().flat_map(|layer| catalogue.layer(layer)) {
            let columns: Vec<String> =
                contract.columns.iter().map(|column| format!("{} {}", column.name, column.kind.sql())).collect();
            let sql = format!("create table {}({})", contract.full_name(), columns.join(", "));
            warehouse.execute(&sql).expect("an empty table");
        }
        Bench { catalogue, warehouse, folder }
    }

    /// Makes tables, in this order, of what is given.
    fn by_sql(&self, given: &[Given], made: &[&'static str]) -> Tables {
        for table in given {
            self.load(table);
        }
        made.iter().map(|table| (*table, self.make(table))).collect()
    }

    /// Loads lines of a few columns; the others get a neutral value, or none.
    fn load(&self, given: &Given) {
        let name = format!("{}.{}", given.layer, given.name);
        let file = self.folder.path().join(format!("{name}.csv"));
        let head: Vec<&str> = given.columns.split(',').map(str::trim).collect();
        std::fs::write(&file, format!("{}\n{}\n", head.join(","), given.lines.join("\n"))).expect("a writable folder");
        let layer = if given.layer == "core" { Layer::Core } else { Layer::Derived };
        let contract = self.catalogue.contract(layer, given.name).expect("a contract");
        for column in &head {
            assert!(contract.column(column).is_some(), "{name} has no column {column}");
        }
        let selected: Vec<String> = contract.columns.iter().map(|column| cell(column, &head)).collect();
        let sql = format!(
            "create or replace table {name} as select {} from read_csv('{}', header = true, all_varchar = true)",
            selected.join(", "),
            file.display()
        );
        self.warehouse.execute(&sql).unwrap_or_else(|e| panic!("{name}: {e}"));
    }

    /// Runs the SQL file of a table, and gives its rows by key.
    fn make(&self, table: &str) -> BTreeMap<String, String> {
        let contract = self.catalogue.contract(Layer::Derived, table).expect("a contract");
        let sql = self.catalogue.sql(Layer::Derived, table).expect("the file is there");
        self.warehouse.make(Layer::Derived, table, sql).unwrap_or_else(|e| panic!("{table}: {e}"));
        let joined = |columns: Vec<&Column>| {
            let texts = columns.iter().map(|column| format!("coalesce(cast({} as varchar), '-')", column.name));
            let texts: Vec<String> = texts.collect();
            if texts.is_empty() { "''".to_owned() } else { texts.join(" || ' ' || ") }
        };
        let (key, rest) = (joined(contract.key()), joined(rest(contract)));
        let (_, rows) = self
            .warehouse
            .query(&format!("select {key} as nyckel, {rest} as rad from derived.{table}"))
            .expect("the table is there");
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
    }
}

fn rest(contract: &Contract) -> Vec<&Column> {
    contract.columns.iter().filter(|column| column.key_position.is_none()).collect()
}

fn cell(column: &Column, head: &[&str]) -> String {
    let value = match (head.contains(&column.name.as_str()), column.required, column.kind) {
        (true, ..) => column.name.clone(),
        (_, true, Kind::Text) => "'x'".to_owned(),
        (_, true, Kind::Date) => "'2020-01-01'".to_owned(),
        (_, true, Kind::Uuid) => "'00000000-0000-0000-0000-000000000000'".to_owned(),
        (_, true, _) => "'0'".to_owned(),
        _ => "null".to_owned(),
    };
    format!("cast({value} as {}) as {}", column.kind.sql(), column.name)
}

/// How often each value stands in each column; of numbers, only whether they are zero.
#[derive(Default)]
struct Seen {
    values: BTreeMap<(String, String, String), usize>,
}

impl Seen {
    fn count(&mut self, catalogue: &Catalogue, tables: &Tables) {
        for (table, rows) in tables {
            let contract = catalogue.contract(Layer::Derived, table).expect("a contract");
            let columns: Vec<&Column> = contract.key().into_iter().chain(rest(contract)).collect();
            for (key, row) in rows {
                let cells: Vec<&str> = key.split(' ').chain(row.split(' ').filter(|cell| !cell.is_empty())).collect();
                assert_eq!(cells.len(), columns.len(), "{table}: {key} {row}");
                for (column, cell) in columns.iter().zip(cells) {
                    let value = match (column.code_list.is_some(), column.kind, cell) {
                        (true, ..) | (_, _, "-" | "0") => cell,
                        (_, Kind::Integer | Kind::Long, _) => "other",
                        _ => continue,
                    };
                    let key = ((*table).to_owned(), column.name.clone(), value.to_owned());
                    *self.values.entry(key).or_default() += 1;
                }
            }
        }
    }

    fn require(&self, catalogue: &Catalogue, tables: &[&str]) {
        let mut seldom = String::new();
        for table in tables {
            let least = if *table == "forsorjningstackning" { SEEN_OF_DELIVERIES } else { SEEN_AT_LEAST };
            for column in &catalogue.contract(Layer::Derived, table).expect("a contract").columns {
                for value in possible(catalogue, table, column) {
                    let key = ((*table).to_owned(), column.name.clone(), value);
                    let count = self.values.get(&key).copied().unwrap_or_default();
                    if count < least {
                        let _ = writeln!(seldom, "{key:?} occurs {count} times");
                    }
                }
            }
        }
        assert!(seldom.is_empty(), "{seldom}");
    }
}

/// What a column can hold: the codes of its list, null where it may be so, and a number that is not zero.
fn possible(catalogue: &Catalogue, table: &str, column: &Column) -> BTreeSet<String> {
    let of_sus = matches!(table, "sus_forsorjning" | "sus_utfall" | "overensstammelse");
    let holds = |code: &str| match column.name.as_str() {
        "matpunkt_kod" if of_sus => OCCASIONS.iter().any(|occasion| occasion.0 == code),
        "matpunkt_kod" => code != "intag" && POINTS.iter().any(|point| point.main && point.code == code),
        "komponent_kod" => COMPONENTS.iter().any(|component| component.source && component.code == code),
        "era_kod" if of_sus || AREAS.contains(&table) => code != "uppfoljning",
        // Anonymous participants and volumes are counted in nya SUS alone.
        "era_kod" => code != "sus1",
        // Results are no kommun's, and the total is no person's sex.
        "niva_kod" => code != "kommun",
        "kon_kod" => code != "totalt",
        _ => true,
    };
    let mut found = BTreeSet::new();
    if let Some(list) = &column.code_list {
        let list = catalogue.code_list(list).expect("a code list");
        found.extend(list.codes.iter().map(|code| code.code.clone()).filter(|code| holds(code)));
    } else if matches!(column.kind, Kind::Integer | Kind::Long) {
        found.insert("other".to_owned());
    }
    if !column.required {
        found.insert("-".to_owned());
    }
    found
}
