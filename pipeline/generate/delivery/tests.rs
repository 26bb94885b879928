//! What each contract's writer gives can be read back by that contract.

use super::*;
use crate::contract::Catalogue;
use crate::layer::Layer;
use arrow::array::{Array, Int64Array, StringArray};
use calamine::{Reader, Xlsx};

fn contract(name: &str) -> Contract {
    let catalogue = Catalogue::embedded().expect("sound contracts");
    Contract::clone(catalogue.contract(Layer::Deliveries, name).expect("a contract"))
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn leverans() -> Leverans {
    Leverans::of_all(date("2019-01-01"), date("2019-12-31"))
}

#[test]
fn every_contract_takes_its_own_blank_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::embedded().expect("sound contracts");
    for contract in catalogue.layer(Layer::Deliveries) {
        let mut writer =
            DeliveryWriter::create(contract, folder.path(), date("2023-01-31")).expect("a layout in the contract");
        let format = contract.formats().expect("a format")[0];
        let has_header = format == Format::Workbook || (format.is_text() && contract.custom_flag("rubrikrad"));
        let first = if has_header { 2 } else { 1 };
        assert_eq!(writer.row(&[]).expect("a row"), first, "{}", contract.name);
        assert_eq!(writer.row(&[]).expect("a row"), first + 1, "{}", contract.name);
        let path = writer.finish(&leverans()).expect("a delivery").join(MANIFEST);
        let manifest: Value = serde_yaml_ng::from_str(&fs::read_to_string(path).expect("text")).expect("YAML");
        assert_eq!(manifest["leverans"].as_str(), Some(contract.name.as_str()));
        assert_eq!(manifest["population"].as_str(), Some("alla"));
        assert_eq!(manifest["uttagsdatum"].as_str(), Some("2023-01-31"));
        assert_eq!(manifest["filer"][0]["rader"].as_u64(), Some(2));
    }
}

#[test]
fn delimited_text_is_in_the_encoding_of_its_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let contract = contract("sus_forbund");
    let mut writer = DeliveryWriter::create(&contract, folder.path(), date("2023-01-31")).expect("a writer");
    writer.row(&[("forbund_namn", "Åre–Öst; \"väst\"")]).expect("cp1252 has the dash");
    let bytes = fs::read(writer.finish(&leverans()).expect("done").join("forbund.csv")).expect("the file");
    let (text, _, faults) = encoding_rs::WINDOWS_1252.decode(&bytes);
    assert!(!faults && bytes.contains(&0x96));
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], "ForbundId;Namn;Samverkansform;Startdatum;Slutdatum");
    assert_eq!(lines[1], "F001;\"Åre–Öst; \"\"väst\"\"\";FINSAM;2005-01-01;");
    assert_eq!(lines[2], "");
}

#[test]
fn text_that_the_encoding_lacks_is_an_error_without_the_text() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, column) in [("sus_forbund", "forbund_namn"), ("ekonomiskt_bistand", "distrikt_kod")] {
        let mut writer = DeliveryWriter::create(&contract(name), folder.path(), date("2023-01-31")).expect("a writer");
        let error = writer.row(&[(column, "Łódź")]).expect_err("not in the encoding");
        assert!(matches!(error, Error::Format { .. }) && !error.to_string().contains('Ł'));
    }
}

#[test]
fn fixed_width_stands_at_its_positions() {
    let folder = tempfile::tempdir().expect("a folder");
    let contract = contract("fk_sjukpenning");
    let mut writer = DeliveryWriter::create(&contract, folder.path(), date("2023-06-30")).expect("a writer");
    writer.row(&[("omfattning_procent", "50"), ("netto_dagar_antal", "15,50")]).expect("a row");
    let error = writer.row(&[("forman_kod", "SPX")]).expect_err("too long");
    assert!(matches!(error, Error::Format { .. }));
    let bytes = fs::read(writer.finish(&leverans()).expect("done").join("sjukpenning.txt")).expect("the file");
    assert_eq!(bytes, b"184011302397SP20190101        50      15,50   \r\n");
}

#[test]
fn a_workbook_is_text_and_the_same_bytes_each_time() {
    let contract = contract("forbund");
    let write = || {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = DeliveryWriter::create(&contract, folder.path(), date("2023-01-31")).expect("a writer");
        assert_eq!(writer.row(&[("forbund_namn", "Åäö")]).expect("a row"), 2);
        fs::read(writer.finish(&leverans()).expect("done").join("forbund.xlsx")).expect("the file")
    };
    let bytes = write();
    assert_eq!(bytes, write());
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("a workbook");
    let sheet = workbook.worksheet_range("Blad1").expect("the sheet");
    let row = |index: u32| (0..3).map(|c| sheet.get_value((index, c)).expect("a cell").to_string()).collect::<Vec<_>>();
    assert_eq!(row(0), ["Förbund", "Namn", "Giltig från"]);
    assert_eq!(row(1), ["F001", "Åäö", "2005-01-01"]);
}

#[test]
fn parquet_holds_text_and_whole_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = DeliveryWriter::create(&contract("agi"), folder.path(), date("2023-06-30")).expect("a writer");
    writer.row(&[("ersattning_arbete_antal", "25000")]).expect("a row");
    assert!(writer.row(&[("ersattning_arbete_antal", "mycket")]).is_err());
    let path = writer.finish(&leverans()).expect("done").join("agi.parquet");
    let file = fs::File::open(path).expect("the file");
    let mut reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)
        .expect("Parquet")
        .build()
        .expect("a reader");
    let batch = reader.next().expect("a batch").expect("sound");
    let column = |name: &str| batch.column_by_name(name).expect("a column").clone();
    let manad = column("RedovisningsPeriod");
    assert_eq!(manad.as_any().downcast_ref::<StringArray>().expect("text").value(0), "201901");
    let pay = column("KontantErsattningUlagAG");
    assert_eq!(pay.as_any().downcast_ref::<Int64Array>().expect("whole").value(0), 25_000);
    assert!(column("Borttag").is_null(0));
}

#[test]
fn fields_after_the_last_column_only_where_the_contract_has_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let create = |name| DeliveryWriter::create(&contract(name), folder.path(), date("2023-06-30")).expect("a writer");
    create("ekonomiskt_bistand").row_with(&[], &["180001019999"]).expect("children follow the adults");
    assert!(matches!(create("sus_deltagande").row_with(&[], &["x"]), Err(Error::Contract { .. })));
    assert!(matches!(create("sus_deltagande").row(&[("okand", "x")]), Err(Error::Contract { .. })));
}

#[test]
fn control_totals_are_those_of_the_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let contract = contract("sus_anonyma");
    let mut writer = DeliveryWriter::create(&contract, folder.path(), date("2023-01-31")).expect("a writer");
    writer.row(&[("kvinnor_antal", "3"), ("man_antal", "4")]).expect("a row");
    writer.row(&[("kvinnor_antal", "5")]).expect("a row");
    let lista = Leverans::of_list(date("2019-01-01"), date("2019-12-31"), "provlista", date("2023-01-01"));
    let path = writer.finish(&lista).expect("done").join(MANIFEST);
    let manifest: Value = serde_yaml_ng::from_str(&fs::read_to_string(path).expect("text")).expect("YAML");
    assert_eq!(manifest["kontrollsummor"]["kvinnor_antal"].as_i64(), Some(8));
    assert_eq!(manifest["kontrollsummor"]["man_antal"].as_i64(), Some(4));
    assert_eq!(manifest["population"]["lista"].as_str(), Some("provlista"));
}

/// ReadStat, and what is built on it, refuses a file in which one of these says another length.
#[test]
fn a_subheader_of_sas_states_its_length() {
    let folder = tempfile::tempdir().expect("a folder");
    let contract = contract("fk_sjukersattning");
    let mut writer = DeliveryWriter::create(&contract, folder.path(), date("2023-01-31")).expect("a writer");
    writer.row(&[]).expect("a row");
    let path = writer.finish(&leverans()).expect("done").join("sjukersattning.sas7bdat");
    let bytes = fs::read(path).expect("the file");
    let page = &bytes[1024..];
    let number = |at: usize| u64::from_le_bytes(page[at..at + 8].try_into().expect("eight bytes"));
    let short = |at: usize| u64::from(u16::from_le_bytes(page[at..at + 2].try_into().expect("two bytes")));
    let mut found = 0;
    for pointer in (0..short(36)).map(|nr| 40 + 24 * nr as usize) {
        let (at, length) = (number(pointer) as usize, number(pointer + 8));
        // Texts, names and places of columns.
        if [u64::MAX - 2, u64::MAX, u64::MAX - 3].contains(&number(at)) {
            assert_eq!(short(at + 8), length - 20);
            found += 1;
        }
    }
    assert_eq!(found, 3);
}
