//! Finds identity numbers in files: as raw bytes, and as values read back through the format's own reader.

use crate::support::paths;
use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use calamine::{Data, Reader, Xlsx, open_workbook};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pipeline::contract::{Catalogue, Contract, Format};
use pipeline::layer::Layer;
use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;

/// What people write between the digits of a number, in UTF-8 and in cp1252.
const PASSED: [&[u8]; 22] = [
    b"-",
    b"+",
    b"_",
    b" ",
    b"\t",
    b"\xc2\xad",     // soft hyphen
    b"\xc2\xa0",     // no-break space
    b"\xe2\x80\x90", // hyphen
    b"\xe2\x80\x91", // no-break hyphen
    b"\xe2\x80\x92", // figure dash
    b"\xe2\x80\x93", // en dash
    b"\xe2\x80\x94", // em dash
    b"\xe2\x80\x95", // horizontal bar
    b"\xe2\x88\x92", // minus
    b"\xe2\x80\x87", // figure space
    b"\xe2\x80\x89", // thin space
    b"\xe2\x80\x8a", // hair space
    b"\xe2\x80\xaf", // narrow no-break space
    b"\xef\xbc\x8d", // fullwidth hyphen
    b"\x96",
    b"\x97",
    b"\xa0",
];
/// So many of them at most, one after another: ` – `.
const PASSED_MAX: usize = 3;

/// Numbers sought, as digits: twelve, eleven (mistyped) and ten.
#[derive(Default)]
pub struct Numbers {
    sought: HashSet<Vec<u8>>,
    count: usize,
    /// Texts that were a number, also where it was known before.
    texts: usize,
}

impl Numbers {
    pub fn of(texts: &[String]) -> Numbers {
        let mut numbers = Numbers::default();
        texts.iter().for_each(|text| numbers.add(text.as_bytes()));
        numbers
    }

    /// How many texts were digits enough to be sought.
    pub fn count(&self) -> usize {
        self.count
    }

    fn add(&mut self, text: &[u8]) {
        let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
        let length = digits.len();
        let is_new = match length {
            12 => self.sought.insert(digits[2..].to_vec()) | self.sought.insert(digits),
            11 => self.sought.insert(digits),
            10 => {
                let centuries = [&b"18"[..], b"19", b"20"];
                let whole = centuries.iter().fold(false, |new, c| self.sought.insert([c, &digits[..]].concat()) | new);
                self.sought.insert(digits) | whole
            }
            _ => false,
        };
        self.count += usize::from(is_new);
        self.texts += usize::from((10..=12).contains(&length));
    }

    /// Runs of digits, dashes and blanks between them passed over, hold a number.
    pub fn in_bytes(&self, bytes: &[u8]) -> bool {
        self.in_runs(bytes, &PASSED, PASSED_MAX)
    }

    /// As [`Numbers::in_bytes`], of what is no text: there what looks like a blank is any byte, and digits that belong
    /// to nothing would be put together. Single signs are passed over.
    pub fn in_binary(&self, bytes: &[u8]) -> bool {
        self.in_runs(bytes, &PASSED[..2], 1)
    }

    fn in_runs(&self, bytes: &[u8], between: &[&'static [u8]], most: usize) -> bool {
        let (mut run, mut signs): (Vec<u8>, usize) = (Vec::new(), 0);
        let mut rest = bytes;
        while let [byte, after @ ..] = rest {
            if byte.is_ascii_digit() {
                run.push(*byte);
                signs = 0;
                let ends = |length: usize| run.len() >= length && self.sought.contains(&run[run.len() - length..]);
                if ends(12) || ends(11) || ends(10) {
                    return true;
                }
            } else if let Some(sign) =
                between.iter().find(|sign| rest.starts_with(sign)).filter(|_| !run.is_empty() && signs < most)
            {
                signs += 1;
                rest = &rest[sign.len()..];
                continue;
            } else {
                run.clear();
                signs = 0;
            }
            rest = after;
        }
        false
    }

    /// A whole number may have lost its leading zeros.
    fn in_value(&self, text: &str) -> bool {
        let padded = || text.parse::<u64>().is_ok_and(|number| self.in_bytes(format!("{number:010}").as_bytes()));
        self.in_bytes(text.as_bytes()) || padded()
    }

    /// How a file gives a number away, if it does.
    pub fn search(&self, path: &Path) -> Option<&'static str> {
        let bytes = fs::read(path).expect("a readable file");
        let kind = path.extension().and_then(|extension| extension.to_str());
        let is_text = !matches!(kind, Some("parquet" | "ofardig" | "xlsx" | "duckdb"));
        let is_found = if is_text { self.in_bytes(&bytes) } else { self.in_binary(&bytes) };
        if is_found {
            return Some("as bytes");
        }
        let held = match kind {
            // One that is not finished has no footer, and may be no Parquet file.
            Some("ofardig") if !is_finished(path) => false,
            Some("parquet" | "ofardig") => self.in_parquet(path),
            Some("xlsx") => self.in_workbook(path),
            Some("duckdb") => self.in_database(path),
            _ => false,
        };
        held.then_some("as a value")
    }

    fn in_parquet(&self, path: &Path) -> bool {
        let file = File::open(path).expect("readable");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
        reader.expect("a Parquet file").any(|batch| {
            batch.expect("rows").columns().iter().any(|column| {
                if let Some(bytes) = column.as_fixed_size_binary_opt() {
                    return bytes.iter().flatten().any(|bytes| self.in_bytes(bytes));
                }
                let text = cast(column, &DataType::Utf8).expect("every other column can be text");
                text.as_string::<i32>().iter().flatten().any(|text| self.in_value(text))
            })
        })
    }

    fn in_workbook(&self, path: &Path) -> bool {
        let mut workbook: Xlsx<_> = open_workbook(path).expect("a workbook");
        let held = |cell: &Data| self.in_value(&cell.to_string());
        workbook.worksheets().iter().any(|(name, range)| self.in_value(name) || range.cells().any(|cell| held(cell.2)))
    }

    fn in_database(&self, path: &Path) -> bool {
        let config = duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly).expect("a setting");
        let base = duckdb::Connection::open_with_flags(path, config).expect("a DuckDB file");
        let texts = |sql: &str| -> Vec<String> {
            let mut statement = base.prepare(sql).expect("sound SQL");
            let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).expect("rows");
            rows.filter_map(|row| row.expect("text")).collect()
        };
        let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        // A view has no rows of its own: what the lab's read is searched where it lies.
        let columns = "select concat_ws(chr(31), database_name, schema_name, table_name, column_name) \
                       from duckdb_columns() as columns where not internal and exists (select 1 \
                       from duckdb_tables() as tables where tables.table_oid = columns.table_oid \
                       and tables.schema_oid = columns.schema_oid)";
        texts(columns).iter().any(|place| {
            let names: Vec<String> = place.split('\u{1f}').map(quote).collect();
            let sql = format!("select distinct {}::varchar from {}", names[3], names[..3].join("."));
            self.in_value(place) || texts(&sql).iter().any(|text| self.in_value(text))
        })
    }
}

/// Whether a file is Parquet and has its footer.
pub fn is_finished(path: &Path) -> bool {
    ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("readable")).is_ok()
}

/// Every identity number of the deliveries, read as simply as can be.
pub fn delivered(catalogue: &Catalogue, deliveries: &Path) -> Numbers {
    let mut numbers = Numbers::default();
    for contract in catalogue.layer(Layer::Deliveries) {
        let before = numbers.texts;
        let wanted: Vec<usize> =
            (0..contract.columns.len()).filter(|at| contract.columns[*at].identity.is_some()).collect();
        let name = contract.custom_text("filnamn").expect("a name");
        for path in paths(&deliveries.join(&contract.name)).iter().filter(|path| path.ends_with(name)) {
            match contract.format_of(name).expect("a format") {
                Some(Format::Parquet) => add_parquet(contract, &wanted, path, &mut numbers),
                Some(Format::Delimited | Format::FixedWidth) => add_text(contract, &wanted, path, &mut numbers),
                Some(Format::Workbook) => add_workbook(&wanted, path, &mut numbers),
                Some(Format::Sas) => add_bytes(path, &mut numbers),
                _ => assert!(wanted.is_empty(), "numbers of {name} are not looked for"),
            }
        }
        let may_be_none = wanted.is_empty() || contract.custom_flag("tomTillaten");
        let is_there = deliveries.join(&contract.name).exists();
        assert!(numbers.texts > before || may_be_none || !is_there, "no number of {} is looked for", contract.name);
    }
    numbers
}

fn add_workbook(wanted: &[usize], path: &Path, numbers: &mut Numbers) {
    let mut workbook: Xlsx<_> = open_workbook(path).expect("a workbook");
    for (_, range) in workbook.worksheets() {
        for cell in wanted.iter().flat_map(|at| range.rows().filter_map(|row| row.get(*at))) {
            numbers.add(cell.to_string().as_bytes());
        }
    }
}

/// Uncompressed rows hold a number as it is written, between letters and blanks.
fn add_bytes(path: &Path, numbers: &mut Numbers) {
    let bytes = fs::read(path).expect("readable");
    bytes.split(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+')).for_each(|text| numbers.add(text));
}

fn add_text(contract: &Contract, wanted: &[usize], path: &Path, numbers: &mut Numbers) {
    let bytes = fs::read(path).expect("readable");
    let delimiter = contract.custom_text("avgransare").and_then(|text| text.bytes().next());
    for line in bytes.split(|byte| *byte == b'\n') {
        for at in wanted {
            // The fixtures write columns in contract order.
            let field = match (contract.columns[*at].position, delimiter) {
                (Some((start, width)), _) => line.get(start - 1..start - 1 + width),
                (None, Some(delimiter)) => line.split(|byte| *byte == delimiter).nth(*at),
                (None, None) => None,
            };
            numbers.add(field.unwrap_or_default());
        }
    }
}

fn add_parquet(contract: &Contract, wanted: &[usize], path: &Path, numbers: &mut Numbers) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("readable")).expect("a Parquet file");
    for batch in reader.build().expect("a reader") {
        let batch = batch.expect("rows");
        for at in wanted {
            let column = batch.column_by_name(&contract.columns[*at].header).expect("the column is delivered");
            let text = cast(column, &DataType::Utf8).expect("text");
            text.as_string::<i32>().iter().flatten().for_each(|text| numbers.add(text.as_bytes()));
        }
    }
}
