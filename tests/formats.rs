//! What was written is what is read: every row and cell of the six tables, from every format, by other means than
//! the writers'.

mod bombs;
mod cubes;
mod excel;
mod other;
mod parquet_bombs;
mod peaks;
mod print;
mod px;
mod questions;

use crate::support::catalogue;
use crate::support::land::Land;
use arrow::array::RecordBatch;
use arrow::util::display::array_value_to_string;
use calamine::{Data, Reader, Xlsx, open_workbook};
use duckdb::{AccessMode, Config, Connection};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pipeline::contract::{Catalogue, Column, Contract, Kind, arrow_schema};
use pipeline::layer::Layer;
use pipeline::publish::current;
use pipeline::stage::run_stages;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

/// A cell by what it means: codes as codes, numbers in digits with a point, none where the number is withheld.
type Row = Vec<Option<String>>;

/// The symbols of a number that is not shown.
const SYMBOLS: [&str; 4] = [".", "..", "...", "...."];

#[test]
fn every_format_holds_the_same_tables() {
    let catalogue = catalogue();
    let land = Land::new(&catalogue);
    run_stages(&land.root.job(&catalogue)).unwrap_or_else(|error| panic!("the night: {error}"));
    let (_, folder) = current(&land.root.path).expect("a release is in force");
    let (mut tables, mut shares) = (0, 0);
    for contract in catalogue.layer(Layer::Release) {
        let parquet = from_parquet(&folder, contract);
        if parquet.is_empty() {
            // The small country has no such thing; a cube of nothing is no cube.
            assert!(!folder.join(format!("{}.px", contract.name)).exists(), "{}", contract.name);
            continue;
        }
        shares += has_teeth(contract, &parquet);
        for (format, found) in [
            ("plain CSV", from_plain_csv(&folder, contract)),
            ("Swedish CSV", from_swedish_csv(&catalogue, &folder, contract)),
            ("Excel", from_excel(&catalogue, &folder, contract)),
            ("Excel's data", excel::data(&catalogue, &folder, contract)),
            ("DuckDB", from_duckdb(&folder, contract)),
        ] {
            assert_eq!(found.len(), parquet.len(), "{}: rows in {format} and Parquet", contract.name);
            for (number, (found, expected)) in found.iter().zip(&parquet).enumerate() {
                assert_eq!(found, expected, "{}: row {number} in {format} and Parquet", contract.name);
            }
        }
        names_are_shown(contract, &parquet);
        cubes::hold_the_same(&catalogue, &folder, contract, &parquet);
        tables += 1;
    }
    assert!(tables >= 6 && shares > 100, "{tables} tables with {shares} shares");
    print::a_table_can_be_read_and_printed(&catalogue, &folder);
    excel::the_first_sheets_lead_to_the_others(&catalogue, &folder);
    questions::every_question_has_an_answer(&catalogue, &folder);
    questions::words_stand_for_codes(&catalogue, &folder);
}

/// A table without rows, or in which nothing is withheld, would prove little. How many shares it shows.
fn has_teeth(contract: &Contract, rows: &[Row]) -> usize {
    // Of insatser and förbund nothing is withheld, and the small country may have none.
    if contract.position("deltaganden_antal").is_none() || rows.is_empty() {
        return 0;
    }
    let at = |name: &str| contract.position(name).expect("a column");
    let withheld = rows.iter().filter(|row| row[at("deltaganden_antal")].is_none()).count();
    let share = contract.position("deltaganden_andel");
    let shares = rows.iter().filter(|row| share.is_some_and(|share| row[share].is_some())).count();
    assert!(withheld < rows.len() || rows.len() < 10, "{}: {withheld} of {} withheld", contract.name, rows.len());
    let crossed = ["deltagare_forbund", "tackning_forbund", "forsorjning_forbund"].contains(&contract.name.as_str());
    assert!(withheld > 0 || !crossed, "{}: nothing is withheld", contract.name);
    for row in rows {
        let silent = row[at("status_kod")].as_deref() != Some("publicerad");
        assert_eq!(silent, row[at("deltaganden_antal")].is_none(), "{}: {row:?}", contract.name);
        assert_eq!(silent, row[at("personer_antal")].is_none(), "{}: {row:?}", contract.name);
    }
    shares
}

/// Who reads the table of the förbund need not know their ids by heart.
fn names_are_shown(contract: &Contract, rows: &[Row]) {
    let Some(id) = contract.position("forbund_id") else { return };
    let name = contract.position("forbund_namn").unwrap_or_else(|| panic!("{} has no names", contract.name));
    for row in rows {
        let id = row[id].as_deref().expect("an id");
        assert_eq!(row[name].as_deref(), Some(format!("Förbund {id}").as_str()), "{}", contract.name);
    }
}

fn from_parquet(folder: &Path, contract: &Contract) -> Vec<Row> {
    let file = File::open(folder.join(format!("{}.parquet", contract.name))).expect("the table is released");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build()).expect("Parquet");
    let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("a batch")).collect();
    let mut rows = Vec::new();
    for batch in &batches {
        let (found, wanted) = (batch.schema(), arrow_schema(contract));
        for (found, wanted) in found.fields().iter().zip(wanted.fields()) {
            assert_eq!((found.name(), found.data_type()), (wanted.name(), wanted.data_type()), "{}", contract.name);
        }
        assert_eq!(found.fields().len(), wanted.fields().len(), "{}", contract.name);
        let cell = |row: usize, column: &arrow::array::ArrayRef| {
            let text = || array_value_to_string(column, row).expect("text, whole number or decimal");
            (!column.is_null(row)).then(text)
        };
        rows.extend((0..batch.num_rows()).map(|row| batch.columns().iter().map(|column| cell(row, column)).collect()));
    }
    rows
}

fn from_plain_csv(folder: &Path, contract: &Contract) -> Vec<Row> {
    let path = folder.join(format!("{}.plain.csv", contract.name));
    let mut reader = csv::Reader::from_path(path).expect("the table is released");
    let names: Vec<&str> = contract.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(reader.headers().expect("a header"), names, "{}", contract.name);
    let cell = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    reader.records().map(|record| record.expect("a record").iter().map(cell).collect()).collect()
}

fn from_duckdb(folder: &Path, contract: &Contract) -> Vec<Row> {
    let read_only = Config::default().access_mode(AccessMode::ReadOnly).expect("a mode");
    let stock = Connection::open_with_flags(folder.join("finsam.duckdb"), read_only).expect("it opens");
    let texts = |sql: &str, width: usize| -> Vec<Row> {
        let mut statement = stock.prepare(sql).expect("SQL");
        let rows = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    };
    let some = |text: &str| Some(text.to_owned());
    let declared: Vec<Row> = contract
        .columns
        .iter()
        .map(|column| {
            vec![some(&column.name), some(column.kind.sql()), some(if column.required { "NO" } else { "YES" })]
        })
        .collect();
    let described = format!("select column_name, column_type, \"null\" from (describe {})", contract.name);
    assert_eq!(texts(&described, 3), declared, "{}", contract.name);
    let cells: Vec<String> = contract.columns.iter().map(|column| format!("{}::varchar", column.name)).collect();
    texts(&format!("select {} from {}", cells.join(", "), contract.name), cells.len())
}

fn from_swedish_csv(catalogue: &Catalogue, folder: &Path, contract: &Contract) -> Vec<Row> {
    let text = fs::read_to_string(folder.join(format!("{}.csv", contract.name))).expect("the table is released");
    let text = text.strip_prefix('\u{feff}').expect("a byte-order mark, or Excel takes it for cp1252");
    assert_eq!(
        text.matches('\n').count(),
        text.matches("\r\n").count(),
        "{}: every line ends as Excel's",
        contract.name
    );
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let titles: Vec<&str> = contract.columns.iter().map(|column| column.title.as_str()).collect();
    assert_eq!(reader.headers().expect("a header"), titles, "{}", contract.name);
    let codes = Codes::of(catalogue, contract);
    let row = |record: csv::StringRecord| {
        let cells = contract.columns.iter().zip(&record).map(|(column, text)| match column.kind {
            Kind::Text => Some(codes.code(column, text)),
            _ if SYMBOLS.contains(&text) => None,
            Kind::Decimal => {
                assert!(text.contains(',') && !text.contains('.'), "{text} has a decimal comma");
                Some(text.replace(',', "."))
            }
            _ => Some(text.to_owned()),
        });
        let symbols = contract.columns.iter().zip(&record).filter(|(column, _)| column.kind != Kind::Text);
        codes.agree(contract, &record[contract.position("status_kod").expect("a status")], symbols);
        cells.collect()
    };
    reader.records().map(|record| row(record.expect("a record"))).collect()
}

fn from_excel(catalogue: &Catalogue, folder: &Path, contract: &Contract) -> Vec<Row> {
    let mut book: Xlsx<_> = open_workbook(folder.join("finsam.xlsx")).expect("it opens");
    let sheet = book.worksheet_range(&contract.name).expect("one sheet per table");
    assert_eq!(sheet.start(), Some((0, 0)), "the title stands in A1");
    // The text above the table is as long as it needs to be; the header is the first row as wide as the table.
    let mut rows = sheet.rows().skip_while(|row| row.contains(&Data::Empty));
    let unmarked = |cell: &Data| cell.to_string().split(" [not ").next().unwrap_or_default().to_owned();
    let headers: Vec<String> = rows.next().expect("a header").iter().map(unmarked).collect();
    let titles: Vec<&str> = contract.columns.iter().map(|column| column.title.as_str()).collect();
    assert_eq!(headers, titles, "{}", contract.name);
    let codes = Codes::of(catalogue, contract);
    let row = |row: &[Data]| {
        let cells = contract.columns.iter().zip(row).map(|(column, cell)| match (column.kind, cell) {
            (Kind::Text, Data::String(text)) => Some(codes.code(column, text)),
            (Kind::Decimal, Data::Float(number)) => Some(format!("{number:.1}")),
            (Kind::Integer | Kind::Long, Data::Float(number)) => Some(format!("{number:.0}")),
            (Kind::Decimal | Kind::Integer | Kind::Long, Data::String(text)) if SYMBOLS.contains(&text.as_str()) => {
                None
            }
            (kind, cell) => panic!("{} {} is {kind:?} and holds {cell:?}", contract.name, column.name),
        });
        let texts: Vec<String> = row.iter().map(ToString::to_string).collect();
        let numbers = contract.columns.iter().zip(texts.iter().map(String::as_str));
        let numbers = numbers.filter(|(column, _)| column.kind != Kind::Text);
        codes.agree(contract, &texts[contract.position("status_kod").expect("a status")], numbers);
        cells.collect()
    };
    rows.map(row).collect()
}

/// From the titles that readers see back to codes.
struct Codes {
    by_title: BTreeMap<(String, String), String>,
    /// Title of a status → symbol of a number that has it.
    symbols: BTreeMap<String, String>,
}

impl Codes {
    fn of(catalogue: &Catalogue, contract: &Contract) -> Codes {
        let mut by_title = BTreeMap::new();
        for name in contract.columns.iter().filter_map(|column| column.code_list.as_ref()) {
            for code in &catalogue.code_list(name).expect("a list").codes {
                let before = by_title.insert((name.clone(), code.title.clone()), code.code.clone());
                assert!(before.is_none_or(|before| before == code.code), "{name}: {} means two codes", code.title);
            }
        }
        let status = catalogue.code_list("cellstatus").expect("a list");
        let at = |name: &str| status.columns.iter().position(|column| column == name).expect("a column");
        let (title, symbol) = (at("titel_sv"), at("symbol"));
        let symbols = status.rows.iter().map(|row| (row[title].clone(), row[symbol].clone())).collect();
        Codes { by_title, symbols }
    }

    fn code(&self, column: &Column, title: &str) -> String {
        let Some(list) = &column.code_list else { return title.to_owned() };
        let code = self.by_title.get(&(list.clone(), title.to_owned()));
        code.unwrap_or_else(|| panic!("{title} is no title of {list}")).clone()
    }

    /// The symbol in place of a count is that of the row's status; a share may be missing beside a count.
    fn agree<'a>(&self, contract: &Contract, status: &str, cells: impl Iterator<Item = (&'a Column, &'a str)>) {
        let symbol = self.symbols.get(status).unwrap_or_else(|| panic!("{status} is the title of no status"));
        for (column, text) in cells {
            let is_count = matches!(column.custom_text("matt"), Some("deltaganden" | "personer"));
            let shown = if SYMBOLS.contains(&text) { text } else { "" };
            assert!(!is_count || shown == symbol, "{} {}: {text} beside {status}", contract.name, column.name);
        }
    }
}
