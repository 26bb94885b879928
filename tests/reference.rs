//! `sql/derived` against the naive reference, on generated histories.
//!
//! A batch of persons goes through DuckDB at once. Where one of them differs, that person alone is shrunk.

use crate::reference_measures::{AREAS, MEASURES};
use crate::support::catalogue;
use crate::support::naive::{Codes, Rows, decide};
use crate::support::world::{Person, REGISTERS, Seed, Settings, lay_out, seed, settings, tables};
use pipeline::contract::{Catalogue, Column, Kind};
use pipeline::derive::TABLES;
use pipeline::layer::Layer;
use pipeline::warehouse::Warehouse;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use tempfile::TempDir;

/// Each batch is a world of its own: other deliveries, other periods, another time.
const BATCHES: u8 = 16;
const PERSONS: usize = 350;
/// Batches at a time, each with one thread of DuckDB's.
const WORKERS: u8 = 2;
/// Every status, reason and value occurs at least this often, or the comparison proves little.
const SEEN_AT_LEAST: usize = 50;
/// Steps towards the smallest person who still differs.
const SHRINKS: usize = 300;

/// Table, what its rows are about, and the columns that are compared, in the order of deciding.
const COMPARED: [(&str, &[&str], &str); 11] = [
    ("person", &["pseudonym"], "innehav_nr,fran_datum,till_datum,person_id,koppling_kod"),
    (
        "deltagande",
        &["deltagande_id"],
        "person_id,insats_id,forbund_id,start_datum,slut_datum,kon_kod,alder_ar,kommun_kod,lans_kod,era_kod",
    ),
    ("matpunkt", &["deltagande_id", "matpunkt_kod"], "person_id,mat_datum,fonster_till_datum,manad_datum"),
    (
        "spell",
        &["person_id"],
        "komponent_kod,fran_datum,till_datum,omfattning_promille,dagar_antal,kornighet_kod,kalla,uttags_datum",
    ),
    (
        "sjukfall",
        &["person_id"],
        "fran_datum,till_datum,brutto_dagar_antal,netto_dagar_promille,sjuklon_dagar_antal,uttags_datum",
    ),
    ("episod", &["person_id"], "episod_nr,komponent_kod,fran_datum,till_datum,omfattning_promille,spell_antal"),
    (
        "registerfonster",
        &["deltagande_id", "matpunkt_kod"],
        "tabell_namn,matning_kod,person_id,fran_datum,till_datum,uttags_datum,i_population_kod,mogen_kod",
    ),
    (
        "komponent",
        &["deltagande_id", "matpunkt_kod"],
        "komponent_kod,varde_kod,orsak_kod,omfattning_promille,dagar_antal,kalla",
    ),
    ("status", &["deltagande_id", "matpunkt_kod"], "observationsstatus_kod"),
    ("hierarki", &["deltagande_id", "matpunkt_kod"], "hierarki_kod,grupp_kod,varde_kod,avgorande_komponent_kod"),
    (
        "lage",
        &["deltagande_id", "matpunkt_kod"],
        "offentlig_forsorjning_kod,omfattning_summa_promille,over_tusen_kod,arbete_kod,arbete_med_subvention_kod,\
         arbete_utan_subvention_kod,studier_kod,arbete_eller_studier_kod,inskriven_kod,inkomst_antal,inkomstniva_kod,\
         steg_kod",
    ),
];

/// What no reference decides for itself: personversion shows in deltagande, status and komponent, and the spells of a
/// register in spell.
fn shows_elsewhere(table: &str) -> bool {
    table == "personversion" || table.starts_with("spell_")
}

#[test]
fn every_derived_table_has_a_reference() {
    let compared: BTreeSet<&str> =
        COMPARED.iter().map(|(name, ..)| *name).chain(MEASURES).chain(AREAS).chain(["antal_deltagare"]).collect();
    for table in TABLES.into_iter().filter(|table| !shows_elsewhere(table)) {
        assert!(compared.contains(table), "{table} is compared with nothing");
    }
}

/// How often each thing that is to occur has occurred.
type Seen = BTreeMap<String, usize>;

#[test]
fn sql_and_naive_reference_agree() {
    let catalogue = catalogue();
    let codes = Codes::read(&catalogue);
    let first = std::env::var("FINSAM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let seen: Vec<Seen> = std::thread::scope(|scope| {
        let work = |worker| {
            let (catalogue, codes) = (&catalogue, &codes);
            scope.spawn(move || {
                let database = Database::open(catalogue);
                let batches = (0..BATCHES).filter(|nr| nr % WORKERS == worker);
                batches.map(|nr| batch(&database, codes, [first, nr])).collect::<Vec<Seen>>()
            })
        };
        let workers: Vec<_> = (0..WORKERS).map(work).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.flat_map(|seen| seen.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut all = Seen::new();
    for (what, count) in seen.into_iter().flatten() {
        *all.entry(what).or_default() += count;
    }
    let histories = all["historia"];
    assert!(histories >= 10_000, "only {histories} histories were compared");
    let rare = to_occur(&catalogue).into_iter().filter(|what| all.get(what).is_none_or(|count| *count < SEEN_AT_LEAST));
    let rare: Vec<String> = rare.map(|what| format!("{what}: {}", all.get(&what).unwrap_or(&0))).collect();
    assert!(rare.is_empty(), "rare in {histories} histories: {rare:?}");
    println!("{histories} histories agree; {all:?}");
}

/// Compares a batch of persons of one world, and counts what occurs in it.
fn batch(database: &Database, codes: &Codes, drawn: [u8; 2]) -> Seen {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&drawn);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let settings = settings().new_tree(&mut runner).expect("settings").current();
    let mut trees: Vec<_> = (0..PERSONS).map(|_| seed().new_tree(&mut runner).expect("a person")).collect();
    let persons: Vec<Person> =
        trees.iter().enumerate().map(|(nr, tree)| lay_out(nr, &tree.current(), &settings)).collect();
    let wanted = by_loops(codes, &settings, &persons);
    let actual = database.decide(&settings, &persons, COMPARED.len());
    if let Some((table, nr)) = first_difference(&wanted, &actual) {
        println!("batch {drawn:?}: {} differs for person {nr}", COMPARED[table].0);
        panic!("{}", shrink(database, codes, &settings, (table, nr), &mut trees[nr]));
    }
    count(&wanted)
}

/// Key and rows, as text.
type Lines = BTreeMap<String, String>;

fn by_loops(codes: &Codes, settings: &Settings, persons: &[Person]) -> Lines {
    let mut rows = Rows::new();
    for person in persons {
        decide(codes, settings, person, &mut rows);
    }
    rows.into_iter()
        .map(|(key, mut rows)| {
            rows.sort_unstable();
            (key, rows.join("; "))
        })
        .collect()
}

/// Core that is given, and what `sql/derived` makes of it.
struct Database<'a> {
    catalogue: &'a Catalogue,
    folder: TempDir,
    warehouse: Warehouse,
}

impl<'a> Database<'a> {
    fn open(catalogue: &'a Catalogue) -> Database<'a> {
        let folder = tempfile::tempdir().expect("a folder");
        let warehouse = Warehouse::open(catalogue, folder.path(), &[folder.path()], 1, "2GB").expect("a warehouse");
        Database { catalogue, folder, warehouse }
    }

    /// Makes the derived tables, as far as the first few of those that are compared.
    fn decide(&self, settings: &Settings, persons: &[Person], compared: usize) -> Lines {
        let tables = tables(settings, persons);
        for contract in self.catalogue.layer(Layer::Core) {
            match tables.iter().find(|(name, ..)| *name == contract.name) {
                Some((name, columns, lines)) => self.load(name, columns, lines),
                None => self.warehouse.bind(Layer::Core, &contract.name, &[]).expect("an empty table"),
            }
        }
        let mut lines = Lines::new();
        let last = COMPARED[compared - 1].0;
        for table in TABLES {
            let sql = self.catalogue.sql(Layer::Derived, table).expect("the file is there");
            self.warehouse.make(Layer::Derived, table, sql).unwrap_or_else(|e| panic!("{table}: {e}"));
            if let Some((_, about, columns)) = COMPARED.iter().find(|(name, ..)| *name == table) {
                lines.extend(read(&self.warehouse, table, about, columns));
            }
            if table == last {
                break;
            }
        }
        lines
    }

    /// Loads lines of a few columns; the others get a neutral value, or none.
    fn load(&self, name: &str, columns: &str, lines: &[String]) {
        let file = self.folder.path().join(format!("{name}.csv"));
        std::fs::write(&file, format!("{columns}\n{}\n", lines.join("\n"))).expect("the folder is writable");
        let contract = self.catalogue.contract(Layer::Core, name).expect("a contract");
        for column in columns.split(',') {
            assert!(contract.column(column).is_some(), "core.{name} has no column {column}");
        }
        let cell = |column: &Column| {
            let value = match (columns.split(',').any(|c| c == column.name), column.required, column.kind) {
                (true, ..) => column.name.clone(),
                (_, true, Kind::Text) => "'x'".to_owned(),
                (_, true, Kind::Date) => "'2020-01-01'".to_owned(),
                (_, true, Kind::Uuid) => "'00000000-0000-0000-0000-000000000000'".to_owned(),
                (_, true, _) => "'0'".to_owned(),
                _ => "null".to_owned(),
            };
            format!("cast({value} as {}) as {}", column.kind.sql(), column.name)
        };
        let selected: Vec<String> = contract.columns.iter().map(cell).collect();
        let sql = format!(
            "create or replace table core.{name} as select {} from read_csv('{}', header = true, all_varchar = true)",
            selected.join(", "),
            file.display()
        );
        self.warehouse.execute(&sql).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

/// A derived table as one line for each thing that it is about.
fn read(warehouse: &Warehouse, table: &str, about: &[&str], columns: &str) -> Vec<(String, String)> {
    let text = |column: &str| format!("coalesce(cast({column} as varchar), '-')");
    let about: Vec<String> = about.iter().map(|column| text(column)).collect();
    let columns: Vec<String> = columns.split(',').map(text).collect();
    let (key, row) = (about.join(" || ' ' || "), columns.join(" || ' ' || "));
    let sql = format!(
        "select '{table} ' || {key} as nyckel, string_agg({row}, '; ' order by {row}) as rad
        from derived.{table} group by nyckel"
    );
    let (_, rows) = warehouse.query(&sql).unwrap_or_else(|e| panic!("{table}: {e}"));
    let cell = |cell: &Option<String>| cell.clone().unwrap_or_default();
    rows.iter().map(|row| (cell(&row[0]), cell(&row[1]))).collect()
}

/// The smallest version of a person for whom a table differs, and how.
fn shrink(
    database: &Database,
    codes: &Codes,
    settings: &Settings,
    (table, nr): (usize, usize),
    tree: &mut impl ValueTree<Value = Seed>,
) -> String {
    let name = COMPARED[table].0;
    let differs = |seed: &Seed| {
        let person = lay_out(nr, seed, settings);
        let persons = std::slice::from_ref(&person);
        let (wanted, actual) = (by_loops(codes, settings, persons), database.decide(settings, persons, table + 1));
        let differences = differences(&of_table(&wanted, name), &of_table(&actual, name));
        (!differences.is_empty()).then_some((person, differences))
    };
    let mut smallest = differs(&tree.current());
    for _ in 0..SHRINKS {
        let found = differs(&tree.current());
        let more = if found.is_some() { tree.simplify() } else { tree.complicate() };
        smallest = found.or(smallest);
        if !more {
            break;
        }
    }
    match smallest {
        Some((person, differences)) => format!("{person:#?}\n{settings:?}\n{differences}"),
        None => format!("{name} of person {nr} differs only beside others"),
    }
}

/// Lines of one table.
fn of_table<'a>(lines: &'a Lines, table: &str) -> BTreeMap<&'a str, &'a str> {
    let own = |key: &str| key.split(' ').next() == Some(table);
    lines.iter().filter(|(key, _)| own(key)).map(|(key, line)| (key.as_str(), line.as_str())).collect()
}

/// Rows that only one side has, thing by thing.
fn differences(wanted: &BTreeMap<&str, &str>, actual: &BTreeMap<&str, &str>) -> String {
    let mut text = String::new();
    for key in wanted.keys().chain(actual.keys()).collect::<BTreeSet<_>>() {
        let rows = |lines: &BTreeMap<&str, &str>| -> Vec<String> {
            lines.get(*key).into_iter().flat_map(|line| line.split("; ").map(str::to_owned)).collect()
        };
        let (ours, theirs) = (rows(wanted), rows(actual));
        if ours != theirs {
            let only = |one: &[String], other: &[String]| -> Vec<String> {
                let one = one.iter().filter(|row| !other.contains(row)).cloned();
                one.collect()
            };
            let _ = writeln!(text, "{key}: reference {:?}, SQL {:?}", only(&ours, &theirs), only(&theirs, &ours));
        }
    }
    text
}

/// The first table in the order of deciding that is not the same on both sides, and a person for whom it is not.
fn first_difference(wanted: &Lines, actual: &Lines) -> Option<(usize, usize)> {
    COMPARED.iter().enumerate().find_map(|(table, (name, ..))| {
        let (ours, theirs) = (of_table(wanted, name), of_table(actual, name));
        let only = |one: &BTreeMap<&str, &str>, other: &BTreeMap<&str, &str>| {
            one.iter().find(|(key, line)| other.get(*key) != Some(*line)).map(|(key, _)| key.to_string())
        };
        let key = only(&ours, &theirs).or_else(|| only(&theirs, &ours))?;
        Some((table, person_of(key.split(' ').nth(1)?)?))
    })
}

/// The drawn person that a deltagande or a pseudonym is of.
fn person_of(about: &str) -> Option<usize> {
    match about.split_once('D') {
        Some((_, id)) => id[..6].parse().ok(),
        // The last part of a pseudonym counts numbers, eight of each person.
        None => usize::from_str_radix(about.rsplit('-').next()?, 16).ok().map(|number| number / 8),
    }
}

/// Every code that is to occur.
fn to_occur(catalogue: &Catalogue) -> Vec<String> {
    let codes = |list: &str| -> Vec<String> {
        let list = catalogue.code_list(list).expect("the list is there");
        list.codes.iter().map(|code| code.code.clone()).filter(|code| code != "totalt").collect()
    };
    let each = |word: &str, list: &str| codes(list).into_iter().map(|code| format!("{word} {code}")).collect();
    let mut wanted: Vec<Vec<String>> = vec![
        each("status", "observationsstatus"),
        each("orsak", "orsak"),
        each("steg", "steg"),
        each("inkomstniva", "inkomstniva"),
        each("koppling", "koppling"),
    ];
    // Every step of a hierarchy has made its group a ja.
    wanted.push(codes("hierarkisteg").into_iter().map(|step| format!("steg {step} ja")).collect());
    wanted.push(["nya_sus", "sus1"].map(|era| format!("era {era}")).to_vec());
    // Both regimes of a-kassa answer, each for itself.
    wanted.push(REGISTERS.map(|register| format!("kalla {register} ja")).to_vec());
    for value in codes("varde") {
        let of = |kind: &str, list: &str| codes(list).into_iter().map(|c| format!("{kind} {c} {value}")).collect();
        wanted.extend([of("komponent", "komponent"), of("grupp", "hierarkigrupp")]);
    }
    wanted.concat()
}

/// What occurs in the rows of the reference.
fn count(lines: &Lines) -> Seen {
    let mut seen = Seen::new();
    for (key, line) in lines {
        let table = key.split(' ').next().unwrap_or_default();
        for row in line.split("; ") {
            let cells: Vec<&str> = row.split(' ').collect();
            let words = match table {
                "komponent" => vec![
                    format!("komponent {} {}", cells[0], cells[1]),
                    format!("orsak {}", cells[2]),
                    format!("kalla {} {}", cells[5], cells[1]),
                ],
                "hierarki" => vec![
                    format!("grupp {}.{} {}", cells[0], cells[1], cells[2]),
                    format!("steg {}.{} {}", cells[0], cells[3], cells[2]),
                ],
                "lage" => vec![format!("inkomstniva {}", cells[10]), format!("steg {}", cells[11])],
                "status" => vec![format!("status {row}")],
                "person" => vec![format!("koppling {}", cells[4])],
                "deltagande" => vec!["historia".to_owned(), format!("era {}", cells[9])],
                _ => vec![],
            };
            for word in words {
                *seen.entry(word).or_default() += 1;
            }
        }
    }
    seen
}
