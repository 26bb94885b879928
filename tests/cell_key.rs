//! The cell key method from deliveries to release: what is promised of it holds in what readers are given, where
//! one word of a mart contract is changed.

use crate::contracts::files;
use crate::support::root::Root;
use duckdb::Connection;
use pipeline::contract::Catalogue;
use pipeline::error::{Error, exit};
use pipeline::publish::current;
use pipeline::stage::run_stages;
use std::fs;
use std::path::Path;

const SCALE: f64 = 0.02;
const MOST: i64 = 5;
const THRESHOLD: i64 = 5;

/// The contracts with one mart by cell key, and its tables released; with `beside`, only these marts' tables beside it.
fn switched(mart: &str, beside: Option<&[&str]>) -> Catalogue {
    let draft = "  - {property: utkast, value: true}\n";
    let shows = |text: &str, mart: &str| text.contains(&format!("{{property: mart, value: {mart}}}"));
    let changed = files().into_iter().map(|(path, text)| {
        let is_release = path.starts_with("data-contracts/release/");
        let is_other = beside.is_some_and(|beside| !beside.iter().any(|mart| shows(&text, mart)));
        let text = if path == format!("data-contracts/mart/{mart}.yaml") {
            assert!(text.contains("{property: metod, value: undertryckning}"), "{mart} names its method");
            text.replace("{property: metod, value: undertryckning}", "{property: metod, value: cellnyckel}")
        } else if is_release && shows(&text, mart) {
            text.replace(draft, "")
        } else if is_release && is_other && !text.contains(draft) {
            text.replace("\ncustomProperties:\n", &format!("\ncustomProperties:\n{draft}"))
        } else {
            text
        };
        (path, text)
    });
    // The questions of a release ask for tables that are then not there.
    let asked = changed.filter(|(path, _)| beside.is_none() || !path.starts_with("sql/release/"));
    Catalogue::from_files(asked).expect("sound contracts")
}

/// The release beside the mart that it was made of.
struct Night<'a> {
    root: &'a Root,
    connection: Connection,
    folder: std::path::PathBuf,
}

impl<'a> Night<'a> {
    fn of(root: &'a Root, catalogue: &Catalogue) -> Night<'a> {
        run_stages(&root.job(catalogue)).unwrap_or_else(|error| panic!("the night: {error}"));
        let (_, folder) = current(&root.path).expect("a release is in force");
        Night { root, connection: Connection::open_in_memory().expect("DuckDB"), folder }
    }

    fn number(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn released(&self, table: &str) -> String {
        format!("read_parquet('{}')", self.folder.join(format!("{table}.parquet")).display())
    }

    fn layer(&self, layer: &str, table: &str) -> String {
        format!("read_parquet('{}')", self.root.path.join(layer).join(format!("{table}.parquet")).display())
    }

    /// Shown and true counts side by side as the view `par`, by the columns that both have.
    fn pair(&self, shown: &str, mart: &str, key: &str, rows: &str) {
        let sql = format!(
            "create or replace view par as select shown.*, held.deltaganden_antal as d, held.personer_antal as p, \
             held.cellnyckel_nr as nyckel from {shown} as shown inner join (select * from {} where {rows}) as \
             held using ({key})",
            self.layer("mart", mart)
        );
        self.connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let rows = self.number(&format!("select count(*) from {shown}"));
        assert_eq!(self.number("select count(*) from par"), rows, "every row of {shown} is one of the mart");
        assert!(rows > 10, "{shown} has {rows} rows");
    }

    fn none(&self, law: &str, condition: &str) {
        assert_eq!(self.number(&format!("select count(*) from par where {condition}")), 0, "{law}: {condition}");
    }

    fn some(&self, what: &str, condition: &str) {
        assert!(self.number(&format!("select count(*) from par where {condition}")) > 0, "{what}: {condition}");
    }

    fn keeps_the_laws(&self) {
        self.none("nothing is withheld", "personer_antal is null or deltaganden_antal is null");
        self.none("every row is marked", "status_kod <> 'publicerad' or markering_kod <> 'brusad'");
        self.none("zero stays zero", "p = 0 and (personer_antal <> 0 or deltaganden_antal <> 0)");
        self.none("noise is bounded", &format!("abs(personer_antal - p) > {MOST}"));
        self.none("no count is negative", "personer_antal < 0 or deltaganden_antal < personer_antal");
        self.none("few are not shown", &format!("personer_antal between 1 and {}", THRESHOLD - 1));
        self.none("both are none or neither", "(personer_antal = 0) <> (deltaganden_antal = 0)");
        self.none("deltaganden follow", &format!("personer_antal > 0 and abs(deltaganden_antal - d) > {}", 2 * MOST));
        self.none("a cell key is in range", "nyckel not between 0 and 4294967295");
        self.some("some counts are changed", "personer_antal <> p");
        let apart = self.number(
            "select count(*) from (select 1 from par where p > 0 group by nyckel, p, d \
             having count(distinct (personer_antal, deltaganden_antal)) > 1)",
        );
        assert_eq!(apart, 0, "the same persons have the same noise");
    }
}

/// Every file that is text says by which method the numbers are made, and none holds a cell key.
fn says_so(folder: &Path, table: &str) {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for name in ["LASMIG.md".to_owned(), format!("{table}.px"), format!("{table}.json"), format!("{table}.en.json")] {
        // PX breaks long texts.
        let text = read(&name).replace("\"\n\"", "").replace("\"\r\n\"", "");
        assert!(text.contains("brusade med cellnyckelmetoden"), "{name} does not say it");
    }
    let stock = Connection::open(folder.join("finsam.duckdb")).expect("DuckDB opens the release");
    let sql = format!("select comment from duckdb_tables() where table_name = '{table}'");
    let comment: String = stock.query_row(&sql, [], |row| row.get(0)).expect("the table has words");
    assert!(comment.contains("cellnyckelmetoden"), "{comment}");
    let header = read(&format!("{table}.plain.csv"));
    let header = header.lines().next().unwrap_or_default();
    assert!(header.contains("markering_kod") && !header.contains("nyckel"), "{header}");
}

#[test]
fn a_released_mart_that_is_switched_keeps_the_laws() {
    let root = Root::generated(SCALE);
    let catalogue = switched("antal_efter_sus", Some(&["indikator"]));
    let night = Night::of(&root, &catalogue);
    let key = "ar, era_kod, inriktning_kod, kon_kod";
    let (country, areas) = (night.released("antal_efter_sus_riket"), night.released("antal_efter_sus_forbund"));
    let areas = format!("(select * exclude (forbund_id), forbund_id as omrade_kod from {areas})");
    for (shown, level, key) in [(country, "riket", key.to_owned()), (areas, "forbund", format!("omrade_kod, {key}"))] {
        night.pair(&shown, "antal_efter_sus", &key, &format!("niva_kod = '{level}'"));
        night.keeps_the_laws();
        night.none("each is one person", "deltaganden_antal <> personer_antal");
        says_so(&night.folder, &format!("antal_efter_sus_{level}"));
    }
    // Tables of other marts are protected as ever.
    let exact = night
        .number(&format!("select count(*) from {} where markering_kod = 'brusad'", night.released("indikator_riket")));
    assert_eq!(exact, 0, "one mart is perturbed");
    // The same night again is the same release.
    let again = run_stages(&root.job(&catalogue)).expect("nothing is to be done");
    assert!(!again.published);
}

#[test]
fn persons_behind_pseudonyms_keep_the_laws_and_exact_totals_are_refused_beside_them() {
    let root = Root::generated(SCALE);
    let error = run_stages(&root.job(&switched("avslut", None))).err().expect("tackning is released as it is");
    assert!(matches!(&error, Error::Contract { contract, .. } if contract == "mart.avslut"), "{error}");
    assert_eq!(error.exit_code(), exit::SETTINGS);
    assert!(error.to_string().contains("utkast"), "it says what to do: {error}");

    let night = Night::of(&root, &switched("avslut", Some(&[])));
    let key = "slut_ar, era_kod, avslutsanledning_kod, kon_kod";
    night.pair(&night.released("avslut_riket"), "avslut", key, "niva_kod = 'riket' and kvartal_kod = 'hela_aret'");
    night.keeps_the_laws();
    says_so(&night.folder, "avslut_riket");
    let (quarters, key) = (night.released("avslut_kvartal"), "slut_ar, kvartal_kod, era_kod, avslutsanledning_kod");
    night.pair(&quarters, "avslut", key, "niva_kod = 'riket' and kon_kod = 'totalt'");
    night.keeps_the_laws();

    let keys = night.layer("derived", "postnyckel");
    let people = format!("{} inner join {keys} using (deltagande_id)", night.layer("derived", "deltagande"));
    let count = |what: &str| night.number(&format!("select {what} from {people}"));
    assert_eq!(
        count("count(*)"),
        night.number(&format!("select count(*) from {}", night.layer("derived", "deltagande")))
    );
    let records = count("count(distinct person_id) + count(*) filter (where person_id is null)");
    assert_eq!(count("count(distinct post_nr)"), records, "a key per person, and per deltagande without one");
    assert!(records > 100, "only {records} records");
    // A cell of one person holds a digest, not the person's key.
    let alone = format!(
        "select count(*) from {} where personer_antal = 1 and cellnyckel_nr in (select post_nr from {keys})",
        night.layer("mart", "avslut")
    );
    assert_eq!(night.number(&alone), 0, "the mart tells no record key");
}
