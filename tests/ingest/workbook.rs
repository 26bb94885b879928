//! Workbooks as people make them: columns moved about, dates as dates, and cells that hold an error.

use super::laws::in_format;
use crate::support::root::{Root, UTTAG, contract, damage, edit_manifest, numbers, take};
use pipeline::contract::Catalogue;
use pipeline::fault::Rule;
use pipeline::ingest::{Intake, Taken};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

/// The columns of the contract in an order of their own, the dates as dates of Excel.
fn moved(headers: &[(String, &'static str)], errors: &[(u32, &str)]) -> Vec<u8> {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Blad1").expect("a name");
    let people = numbers(4);
    for (place, (header, column)) in (0..).zip(headers) {
        sheet.write_string(0, place, header).expect("a cell");
        for (row, person) in (1..).zip(&people) {
            if errors.contains(&(row, column)) {
                sheet.write_formula(row, place, Formula::new("=NA()").set_result("#N/A")).expect("a cell");
                continue;
            }
            let day = || ExcelDateTime::from_ymd(2019, 3, u8::try_from(row).expect("a day")).expect("a date");
            match *column {
                "personnummer" => sheet.write_string(row, place, person).map(drop),
                "forman_kod" => sheet.write_string(row, place, "SP").map(drop),
                "fran_datum" | "till_datum" => sheet.write_datetime_with_format(row, place, day(), &date).map(drop),
                "omfattning_procent" => sheet.write_number(row, place, 50).map(drop),
                "brutto_dagar_antal" => sheet.write_number(row, place, 7).map(drop),
                _ => Ok(()),
            }
            .expect("a cell");
        }
    }
    workbook.save_to_buffer().expect("in memory")
}

fn read(catalogue: &Catalogue, turn: usize, errors: &[(u32, &str)]) -> (Intake, Vec<Taken>) {
    let root = Root::new();
    let contract = contract(catalogue, "fk_sjukpenning");
    let mut headers: Vec<(String, &'static str)> = contract
        .columns
        .iter()
        .map(|column| (column.header.clone(), Box::leak(column.name.clone().into_boxed_str()) as &'static str))
        .collect();
    headers.rotate_left(turn);
    let folder = root.deliver(&contract, UTTAG, &[vec![]]);
    damage(&folder, |_| moved(&headers, errors));
    edit_manifest(&folder, |manifest| manifest["filer"][0]["rader"] = 4.into());
    take(catalogue, &folder)
}

#[test]
fn a_date_has_the_form_of_the_column_that_its_header_names() {
    let catalogue = in_format("xlsx");
    for turn in 0..7 {
        let (intake, _) = read(&catalogue, turn, &[]);
        assert_eq!((intake.kept, intake.faults.to_string().as_str()), (4, ""), "columns moved by {turn}");
    }
}

#[test]
fn an_error_in_a_cell_is_a_fault_of_type_with_row_and_column() {
    let catalogue = in_format("xlsx");
    let (intake, taken) = read(&catalogue, 2, &[(2, "till_datum"), (3, "personnummer"), (4, "brutto_dagar_antal")]);
    let found: Vec<(Rule, Vec<u64>, &str)> = intake
        .faults
        .iter()
        .map(|(place, count)| (place.rule, count.rows.clone(), place.column.as_deref().unwrap_or_default()))
        .filter(|(rule, ..)| *rule == Rule::Type)
        .collect();
    let expected = [("brutto_dagar_antal", 5), ("personnummer", 4), ("till_datum", 3)];
    assert_eq!(found, expected.map(|(column, row)| (Rule::Type, vec![row], column)));
    assert_eq!(taken.iter().map(|part| part.rows.len()).sum::<usize>(), 4 - 3);
}
