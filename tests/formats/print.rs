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
    for number in 1..=tables + 3 {
        let sheet = book.part(&format!("xl/worksheets/sheet{number}.xml"));
        for setting in ["fitToPage=\"1\"", "orientation=\"landscape\"", "fitToHeight=\"0\"", "paperSize=\"9\""] {
            assert!(sheet.contains(setting), "sheet {number} lacks {setting}");
        }
        assert!(!sheet.contains("fitToWidth"), "sheet {number} is one page wide, which is what is not said");
        for forbidden in ["mergeCell", "hidden=\"1\"", "<f>", "headerFooter", "<drawing"] {
            assert!(!sheet.contains(forbidden), "sheet {number} has {forbidden}");
        }
        if number > 1 {
            let row = header_row(&mut book, number - 1);
            let below = row + 1;
            let frozen =
                format!("<pane ySplit=\"{row}\" topLeftCell=\"A{below}\" activePane=\"bottomLeft\" state=\"frozen\"/>");
            assert!(sheet.contains(&frozen), "sheet {number} has its header in sight");
            let names = book.part("xl/workbook.xml");
            assert!(names.contains(&format!("!${row}:${row}</definedName>")), "{number}: the header is on every page");
        }
    }
    let styles = book.part("xl/styles.xml");
    assert_eq!(styles.matches("<fill>").count(), 2, "no cell is filled: {styles}");
    let properties = book.part("docProps/core.xml");
    for said in ["<dc:language>sv-SE</dc:language>", "<dc:title>Uppföljning av insatser"] {
        assert!(properties.contains(said), "{said} is not in {properties}");
    }
}

/// Where the header of a table stands: it has a filter, and a text for who cannot see it.
fn header_row(book: &mut Book, number: usize) -> usize {
    let table = book.part(&format!("xl/tables/table{number}.xml"));
    let row = table.split("<autoFilter ref=\"A").nth(1).and_then(|rest| rest.split(':').next());
    let sheet = book.part(&format!("xl/worksheets/_rels/sheet{}.xml.rels", number + 1));
    assert_eq!(sheet.matches("/tables/").count(), 1, "sheet {} has one table", number + 1);
    assert!(table.contains("altTextSummary=\""), "table {number} has no text: {table}");
    row.expect("a filter").parse().expect("a row")
}
