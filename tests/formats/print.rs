//! How a sheet of the workbook is filtered, scrolled and printed, read from the XML within.

use pipeline::contract::Catalogue;
use pipeline::layer::Layer;
use std::fs::File;
use std::io::Read;
use std::path::Path;

struct Book {
    archive: zip::ZipArchive<File>,
}

impl Book {
    fn part(&mut self, name: &str) -> String {
        let mut text = String::new();
        let mut part = self.archive.by_name(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        part.read_to_string(&mut text).expect("XML in UTF-8");
        text
    }
}

pub fn a_table_can_be_read_and_printed(catalogue: &Catalogue, folder: &Path) {
    let file = File::open(folder.join("finsam.xlsx")).expect("the workbook");
    let mut book = Book { archive: zip::ZipArchive::new(file).expect("a workbook is a zip file") };
    let tables = catalogue.layer(Layer::Release).count();
    for number in 1..=tables + 1 {
        let sheet = book.part(&format!("xl/worksheets/sheet{number}.xml"));
        for setting in ["fitToPage=\"1\"", "orientation=\"landscape\"", "fitToHeight=\"0\"", "paperSize=\"9\""] {
            assert!(sheet.contains(setting), "sheet {number} lacks {setting}");
        }
        assert!(!sheet.contains("fitToWidth"), "sheet {number} is one page wide, which is what is not said");
        assert!(!sheet.contains("mergeCell") && !sheet.contains("hidden=\"1\""), "sheet {number}");
        if number > 1 {
            let frozen = "<pane ySplit=\"4\" topLeftCell=\"A5\" activePane=\"bottomLeft\" state=\"frozen\"/>";
            assert!(sheet.contains(frozen), "sheet {number} has its header in sight");
        }
    }
    let names = book.part("xl/workbook.xml");
    assert_eq!(names.matches("$4:$4</definedName>").count(), tables, "the header is on every page: {names}");
    for number in 1..=tables {
        let table = book.part(&format!("xl/tables/table{number}.xml"));
        assert!(table.contains("<autoFilter ref=\"A4:"), "table {number} has a filter on its header: {table}");
    }
}
