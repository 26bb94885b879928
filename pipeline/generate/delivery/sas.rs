//! sas7bdat as SAS writes it on 64-bit little-endian machines, uncompressed: text stays characters, numbers and whole
//! dates are doubles. The layout is that of ReadStat's writer (MIT), which SAS and every reader of the format take.
//! The file says its rows, pages and widths before the first row, so it is put together in memory.

use super::hashing::HashedFile;
use crate::contract::{Contract, DateForm, Kind};
use crate::error::{Error, Result};
use chrono::NaiveDate;
use std::io::Write;
use std::path::{Path, PathBuf};

const HEADER: usize = 1024;
const PAGE: usize = 1 << 15;
/// Bytes of a page before its rows or pointers, and of one pointer.
const PAGE_HEAD: usize = 40;
const POINTER: usize = 24;
const MAGIC: [u8; 32] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc2, 0xea, 0x81, 0x60, 0xb3, 0x14, 0x11, 0xcf, 0xbd, 0x92, 0x08, 0x00, 0x09,
    0xc7, 0x31, 0x8c, 0x18, 0x1f, 0x10, 0x11,
];
/// The missing value that is written `.`.
const MISSING: u64 = 0xffff_fe00_0000_0000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    Day(DateForm),
}

pub(super) struct SasFile {
    path: PathBuf,
    header: Vec<String>,
    forms: Vec<Form>,
    encoding: &'static str,
    rows: Vec<Vec<Vec<u8>>>,
}

impl SasFile {
    pub(super) fn create(contract: &Contract, path: &Path) -> SasFile {
        let form = |kind, date_form| match (kind, date_form) {
            (Kind::Integer | Kind::Long | Kind::Decimal, _) => Form::Number,
            // A date of which parts are unknown is none of SAS's.
            (Kind::Date, DateForm::Dashed | DateForm::Compact | DateForm::Month) => Form::Day(date_form),
            _ => Form::Text,
        };
        SasFile {
            path: path.to_owned(),
            header: contract.columns.iter().map(|column| column.header.clone()).collect(),
            forms: contract.columns.iter().map(|column| form(column.kind, column.date_form)).collect(),
            encoding: match contract.custom_text("teckenkodning") {
                Some("iso-8859-1") => "iso-8859-1",
                Some("cp1252") => "cp1252",
                _ => "utf-8",
            },
            rows: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, contract: &Contract, cells: &[String]) -> Result<()> {
        let mut row = Vec::with_capacity(cells.len());
        for ((cell, form), column) in cells.iter().zip(&self.forms).zip(&contract.columns) {
            let bytes = match form {
                Form::Text => self.encoded(cell),
                Form::Number => number(&cell.replace(column.decimal_mark, ".")).map(|bits| bits.to_le_bytes().into()),
                Form::Day(form) => day(cell, *form).map(|bits| bits.to_le_bytes().into()),
            };
            let unfit = || self.failed(&format!("column {} does not take the text", column.name));
            row.push(bytes.ok_or_else(unfit)?);
        }
        self.rows.push(row);
        Ok(())
    }

    fn encoded(&self, text: &str) -> Option<Vec<u8>> {
        match self.encoding {
            "iso-8859-1" => text.chars().map(|letter| u8::try_from(letter).ok()).collect(),
            "cp1252" => {
                let (bytes, _, lacks) = encoding_rs::WINDOWS_1252.encode(text);
                (!lacks).then(|| bytes.into_owned())
            }
            _ => Some(text.as_bytes().to_vec()),
        }
    }

    pub(super) fn finish(self) -> Result<String> {
        let width = |at: usize| self.rows.iter().map(|row| row[at].len()).max().unwrap_or(1).max(1);
        let widths: Vec<usize> =
            self.forms.iter().enumerate().map(|(at, form)| if *form == Form::Text { width(at) } else { 8 }).collect();
        let row_length: usize = widths.iter().sum();
        let fit = (PAGE - PAGE_HEAD) / row_length.max(1);
        let metadata = self.metadata(&widths, fit).filter(|_| fit > 0);
        let metadata = metadata.ok_or_else(|| self.failed("the columns do not fit a page"))?;
        let pages = 1 + self.rows.len().div_ceil(fit);
        let mut file = HashedFile::create(&self.path)?;
        let mut put = |bytes: &[u8]| file.write_all(bytes).map_err(|source| file.failed(source));
        put(&self.file_header(pages))?;
        put(&metadata)?;
        for rows in self.rows.chunks(fit.max(1)) {
            let mut page = page_head(0x0100, rows.len(), 0);
            for (cell, (form, width)) in rows.iter().flat_map(|row| row.iter().zip(self.forms.iter().zip(&widths))) {
                page.extend_from_slice(cell);
                let blanks = if *form == Form::Text { width - cell.len() } else { 0 };
                page.extend(std::iter::repeat_n(b' ', blanks));
            }
            page.resize(PAGE, 0);
            put(&page)?;
        }
        file.finish()
    }

    fn file_header(&self, pages: usize) -> Vec<u8> {
        let mut header = vec![0; HEADER];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC);
        // 64 bits, so aligned; little-endian; Unix.
        put(32, &[0x33, 0x22, 0, 0x33, 0x33, 1, 2, b'1']);
        put(
            70,
            &[match self.encoding {
                "iso-8859-1" => 29,
                "cp1252" => 62,
                _ => 20,
            }],
        );
        put(84, b"SAS FILE");
        put(92, format!("{:32}", "UTTAG").as_bytes());
        put(156, b"DATA    ");
        put(200, &(HEADER as u32).to_le_bytes());
        put(204, &(PAGE as u32).to_le_bytes());
        put(208, &(pages as u64).to_le_bytes());
        put(224, b"9.0401M6Linux");
        header
    }

    /// The first page: every subheader of the columns; nothing where they do not fit.
    fn metadata(&self, widths: &[usize], fit: usize) -> Option<Vec<u8>> {
        // Names and formats stand in one text, after its length; columns point into it.
        let mut text = vec![0; 16];
        let mut place = |name: &str| {
            let at = text.len();
            text.extend_from_slice(name.as_bytes());
            text.resize(text.len().next_multiple_of(4), 0);
            Some([u16::try_from(at).ok()?, u16::try_from(name.len()).ok()?])
        };
        let date = place("YYMMDD")?;
        let names = self.header.iter().map(|name| place(name)).collect::<Option<Vec<_>>>()?;
        // Its length is that of the subheader less its first eight bytes and last twelve, as that of the next two.
        let length = u16::try_from(text.len()).ok()?;
        text[..2].copy_from_slice(&length.to_le_bytes());
        let mut subheaders = vec![
            self.row_size(widths.iter().sum(), fit),
            subheader(0xf6f6_f6f6, &[(8, &(names.len() as u64).to_le_bytes())], 24),
            subheader(0xffff_ffff_ffff_fffd, &[(8, &text)], 8 + text.len() + 12),
        ];
        let (mut held_names, mut held_places, mut from) = (vec![0; 8], vec![0; 8], 0_u64);
        for ((name, width), form) in names.iter().zip(widths).zip(&self.forms) {
            held_names.extend([0, name[0], name[1], 0].iter().flat_map(|part: &u16| part.to_le_bytes()));
            held_places.extend(from.to_le_bytes());
            held_places.extend((*width as u32).to_le_bytes());
            held_places.extend([0, 4, if *form == Form::Text { 2 } else { 1 }, 0]);
            from += *width as u64;
        }
        for (signature, mut held) in [(u64::MAX, held_names), (0xffff_ffff_ffff_fffc, held_places)] {
            let whole = held.len() + 8 + 12;
            held[..2].copy_from_slice(&u16::try_from(whole - 20).ok()?.to_le_bytes());
            subheaders.push(subheader(signature, &[(8, &held)], whole));
        }
        for form in &self.forms {
            let parts = if matches!(form, Form::Day(_)) { date } else { [0, 0] };
            let width: u16 = if matches!(form, Form::Day(_)) { 10 } else { 0 };
            let [at, length] = parts.map(u16::to_le_bytes);
            let fields: [(usize, &[u8]); 3] = [(24, &width.to_le_bytes()), (48, &at), (50, &length)];
            subheaders.push(subheader(0xffff_ffff_ffff_fbfe, &fields, 64));
        }
        let mut page = page_head(0, subheaders.len(), subheaders.len());
        let mut at = PAGE_HEAD + (subheaders.len() + 1) * POINTER;
        for held in &subheaders {
            page.extend((at as u64).to_le_bytes());
            page.extend((held.len() as u64).to_le_bytes());
            page.extend([0; 8]);
            at += held.len().next_multiple_of(8);
        }
        page.extend([0; POINTER]);
        for held in &subheaders {
            page.extend_from_slice(held);
            page.resize(page.len().next_multiple_of(8), 0);
        }
        (page.len() <= PAGE).then(|| {
            page.resize(PAGE, 0);
            page
        })
    }

    fn row_size(&self, row_length: usize, fit: usize) -> Vec<u8> {
        let numbers = [(40, row_length), (48, self.rows.len()), (72, self.forms.len()), (104, PAGE), (120, fit)];
        let numbers = numbers.map(|(at, number)| (at, (number as u64).to_le_bytes()));
        subheader(0xf7f7_f7f7, &numbers.each_ref().map(|(at, bytes)| (*at, bytes.as_slice())), 808)
    }

    fn failed(&self, reason: &str) -> Error {
        Error::Format { path: self.path.clone(), reason: reason.to_owned() }
    }
}

fn page_head(kind: u16, blocks: usize, subheaders: usize) -> Vec<u8> {
    let mut head = vec![0; PAGE_HEAD];
    for (at, number) in [(32, kind), (34, blocks as u16), (36, subheaders as u16)] {
        head[at..at + 2].copy_from_slice(&number.to_le_bytes());
    }
    head
}

fn subheader(signature: u64, fields: &[(usize, &[u8])], length: usize) -> Vec<u8> {
    let mut held = vec![0; length];
    held[..8].copy_from_slice(&signature.to_le_bytes());
    for (at, bytes) in fields {
        held[*at..*at + bytes.len()].copy_from_slice(bytes);
    }
    held
}

fn number(text: &str) -> Option<u64> {
    if text.is_empty() { Some(MISSING) } else { text.parse::<f64>().ok().map(f64::to_bits) }
}

/// Days since 1 January 1960, as SAS counts them: without 29 February of the years 4000 and 8000.
fn day(text: &str, form: DateForm) -> Option<u64> {
    if text.is_empty() {
        return Some(MISSING);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = if form == DateForm::Month { digits + "01" } else { digits };
    let date = NaiveDate::parse_from_str(&digits, "%Y%m%d").ok()?;
    let days = date.signed_duration_since(NaiveDate::from_ymd_opt(1960, 1, 1)?).num_days();
    let leapless = [4000, 8000].into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, 3, 1));
    let days = days - leapless.filter(|first| date >= *first).count() as i64;
    Some((days as f64).to_bits())
}
