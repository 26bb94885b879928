//! The workbook of data, and the sheets before the tables.

use super::{Codes, Row};
use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use pipeline::contract::{Catalogue, Contract, Kind};
use pipeline::layer::Layer;
use std::path::Path;

fn sheet(folder: &Path, book: &str, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = open_workbook(folder.join(book)).expect("it opens");
    book.worksheet_range(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Codes as they are; numbers; an empty cell where there is none, and its reason beside it.
pub fn data(catalogue: &Catalogue, folder: &Path, contract: &Contract) -> Vec<Row> {
    let sheet = sheet(folder, "finsam_data.xlsx", &contract.name);
    let mut rows = sheet.rows().skip(3);
    let header: Vec<String> = rows.next().expect("a header").iter().map(ToString::to_string).collect();
    let at = |name: &str| {
        let mut places = header.iter().enumerate().filter(|(_, header)| *header == name).map(|(place, _)| place);
        let place = places.next().unwrap_or_else(|| panic!("{} has no {name}", contract.name));
        assert_eq!(places.next(), None, "{} has two {name}", contract.name);
        place
    };
    let codes = Codes::of(catalogue, contract);
    let row = |row: &[Data]| {
        let cells = contract.columns.iter().map(|column| {
            let cell = &row[at(&column.name)];
            if let Some(words) = column.name.strip_suffix("_kod").filter(|_| column.code_list.is_some()) {
                let title = row[at(words)].to_string();
                assert_eq!(codes.code(column, &title), cell.to_string(), "{}", contract.name);
            }
            let found = match (column.kind, cell) {
                (Kind::Text, Data::String(text)) => Some(text.clone()),
                (Kind::Decimal, Data::Float(number)) => Some(format!("{number:.1}")),
                (Kind::Integer | Kind::Long, Data::Float(number)) => Some(format!("{number:.0}")),
                (Kind::Decimal | Kind::Integer | Kind::Long, Data::Empty) => None,
                (kind, cell) => panic!("{} {} is {kind:?} and holds {cell:?}", contract.name, column.name),
            };
            if column.kind == Kind::Decimal {
                let status = row[at(&format!("{}_status_kod", column.name))].to_string();
                assert_eq!(status == "publicerad", found.is_some(), "{} {row:?}", contract.name);
            }
            found
        });
        cells.collect()
    };
    rows.map(row).collect()
}

pub fn the_first_sheets_lead_to_the_others(catalogue: &Catalogue, folder: &Path) {
    let book: Xlsx<_> = open_workbook(folder.join("finsam.xlsx")).expect("it opens");
    let names = book.sheet_names();
    assert_eq!(names[..3], ["Försättsblad", "Innehåll", "Noter"]);
    let tables: Vec<&str> = catalogue.layer(Layer::Release).map(|contract| contract.name.as_str()).collect();
    let mut sorted: Vec<&str> = names[3..].iter().map(String::as_str).collect();
    sorted.sort_unstable();
    assert_eq!(sorted, tables, "a sheet per table");
    let contents = sheet(folder, "finsam.xlsx", "Innehåll");
    for contract in catalogue.layer(Layer::Release) {
        let listed = [&contract.title, &contract.name].map(|text| Data::String(text.clone()));
        assert!(contents.rows().any(|row| row[..2] == listed), "{} is not listed", contract.name);
    }
    let notes = sheet(folder, "finsam.xlsx", "Noter");
    let explained = |sign: &str| notes.rows().any(|row| row[0] == Data::String(sign.into()) && row[2] != Data::Empty);
    for sign in ["[not 1]", ".", "..", "...", "....", "Publicerad"] {
        assert!(explained(sign), "{sign} is not explained");
    }
    let share = "Andel av deltaganden [not ";
    let table = sheet(folder, "finsam.xlsx", "tackning_riket");
    let marked = table.rows().flatten().find(|cell| cell.to_string().starts_with(share)).expect("a marked header");
    let sign = marked.to_string().split_once(" [").map(|(_, sign)| format!("[{sign}")).expect("a mark");
    assert!(explained(&sign), "{sign} is not explained");
}
