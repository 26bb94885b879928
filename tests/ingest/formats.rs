//! One contract, several formats: the suffix of a file chooses.

use super::laws::{in_format, kept};
use crate::support::root::{Root, UTTAG, contract, day, numbers, take};
use pipeline::contract::{Catalogue, Contract, Format};
use pipeline::fault::Rule;
use pipeline::generate::{DeliveryWriter, Leverans};
use std::path::PathBuf;

/// Two rows of sjukpenning in a file of some name.
fn deliver(root: &Root, contract: &Contract, file: &str) -> PathBuf {
    let deliveries = root.path.join("deliveries");
    let mut writer = DeliveryWriter::create_named(contract, file, &deliveries, day(UTTAG)).expect("a layout");
    for number in numbers(2) {
        writer.row(&[("personnummer", &number), ("netto_dagar_antal", "2.5")]).expect("the row fits");
    }
    writer.finish(&Leverans::of_all(day("2019-01-01"), day(UTTAG))).expect("the folder is writable")
}

fn read(catalogue: &Catalogue, file: &str) -> Vec<String> {
    let root = Root::new();
    let folder = deliver(&root, &contract(catalogue, "fk_sjukpenning"), file);
    let (intake, taken) = take(catalogue, &folder);
    assert_eq!(intake.faults.to_string(), "", "{file}");
    kept(&taken)
}

#[test]
fn the_suffix_chooses_among_the_formats_of_a_contract() {
    let catalogue = in_format("[parquet, avgransad, xlsx, sas7bdat]");
    let rows = read(&catalogue, "sjukpenning.parquet");
    assert_eq!(rows.len(), 2);
    for file in
        ["sjukpenning.csv", "sjukpenning", "SJUKPENNING.TXT", "sjukpenning.xlsx", "Sjukpenning.XLSX", "s.sas7bdat"]
    {
        assert_eq!(read(&catalogue, file), rows, "{file}");
    }
}

#[test]
fn a_suffix_of_another_format_stops() {
    let (writes, reads) = (in_format("[parquet, avgransad]"), in_format("[avgransad, xlsx]"));
    let root = Root::new();
    let folder = deliver(&root, &contract(&writes, "fk_sjukpenning"), "sjukpenning.parquet");
    let (intake, _) = take(&reads, &folder);
    assert_eq!(intake.faults.stop().map(|place| place.rule), Some(Rule::Unreadable));
    let said = intake.faults.iter().map(|(_, count)| count.expected.as_str()).collect::<String>();
    assert_eq!(said, "a file of the contract's formats: avgransad, xlsx; text alone packed");
}

#[test]
fn two_text_formats_cannot_be_told_apart() {
    for list in ["[avgransad, fastbredd]", "[]", "[pdf]", "[parquet, pdf]"] {
        let catalogue = in_format(list);
        assert!(contract(&catalogue, "fk_sjukpenning").formats().is_err(), "{list}");
    }
    let formats = contract(&in_format("xlsx"), "fk_sjukpenning").formats();
    assert_eq!(formats.expect("one"), [Format::Workbook]);
}
