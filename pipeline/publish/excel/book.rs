//! A workbook with its title, language and date, and the shape that its sheets share.

use super::Edition;
use crate::error::{Error, Result};
use crate::lake;
use chrono::Datelike;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table, TableColumn, TableStyle, Url, Workbook, Worksheet,
    XlsxError,
};
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Where rust_xlsxwriter puts title, author and date.
const PROPERTIES: &str = "docProps/core.xml";
/// The text of everything in the workbook; a screen reader chooses its voice by it.
const LANGUAGE: &str = "sv-SE";

pub type Outcome = std::result::Result<(), XlsxError>;

/// A workbook that is being written.
pub struct Book {
    path: PathBuf,
    workbook: Workbook,
}

impl Book {
    /// # Errors
    /// [`Error::Format`] where the date is none that Excel has.
    pub fn begin(path: &Path, title: &str, edition: &Edition<'_>) -> Result<Book> {
        let (year, month, day) = (edition.date.year(), edition.date.month(), edition.date.day());
        let moment = ExcelDateTime::from_ymd(
            u16::try_from(year).unwrap_or_default(),
            u8::try_from(month).unwrap_or_default(),
            u8::try_from(day).unwrap_or_default(),
        );
        let moment = moment.map_err(|error| failed(path, &error))?;
        let properties = DocProperties::new().set_title(title).set_author("finsam").set_creation_datetime(&moment);
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties);
        Ok(Book { path: path.to_owned(), workbook })
    }

    /// Adds a sheet.
    ///
    /// # Errors
    /// [`Error::Format`] where Excel would not take it: a name that is there, or of more than 31 letters.
    pub fn page(mut self, fill: impl FnOnce(&mut Workbook) -> Outcome) -> Result<Book> {
        fill(&mut self.workbook).map_err(|error| failed(&self.path, &error))?;
        Ok(self)
    }

    /// # Errors
    /// [`Error::Io`] or [`Error::Format`].
    pub fn save(mut self) -> Result<()> {
        let bytes = self.workbook.save_to_buffer().map_err(|error| failed(&self.path, &error))?;
        let fault =
            |error: &dyn std::fmt::Display| Error::Format { path: self.path.clone(), reason: error.to_string() };
        let bytes = with_language(bytes).map_err(|error| fault(&error))?;
        lake::write_file(&self.path, &bytes)
    }
}

/// The crate has no way to say the language of a document; so it is put into the one part that holds its properties.
fn with_language(bytes: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let mut from = ZipArchive::new(Cursor::new(bytes))?;
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..from.len() {
        let mut part = from.by_index_raw(place)?;
        if part.name()? != PROPERTIES {
            to.raw_copy_file(part)?;
            continue;
        }
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(part.last_modified().unwrap_or_default());
        drop(part);
        let mut text = String::new();
        part = from.by_index(place)?;
        part.read_to_string(&mut text)?;
        let end = "</cp:coreProperties>";
        let said = format!("<dc:language>{LANGUAGE}</dc:language>{end}");
        to.start_file(PROPERTIES, options)?;
        to.write_all(text.replacen(end, &said, 1).as_bytes())?;
    }
    Ok(to.finish()?.into_inner())
}

/// A sheet with its name, its title in A1, and how it is printed: landscape A4, one page wide.
pub fn headed(sheet: &mut Worksheet, name: &str, title: &str) -> Outcome {
    const A4: u8 = 9;
    sheet.set_name(name)?;
    sheet.write_with_format(0, 0, title, &Format::new().set_bold().set_font_size(14))?;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The one table of a sheet: its header at `row`, in sight while the rest is scrolled and on every printed page.
pub fn table(sheet: &mut Worksheet, row: u32, rows: usize, name: &str, title: &str, headers: &[String]) -> Outcome {
    let wrapped = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let column = |header: &String| TableColumn::new().set_header(header.as_str()).set_header_format(&wrapped);
    let columns: Vec<TableColumn> = headers.iter().map(column).collect();
    let last_row = row + u32::try_from(rows.max(1)).unwrap_or(u32::MAX - row);
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let table = Table::new()
        .set_columns(&columns)
        .set_name(name)
        .set_alt_text_title(title)
        .set_alt_text(format!("{title}. {rows} rader, rubriker på rad {}.", row + 1))
        .set_style(TableStyle::None)
        .set_autofilter(true);
    sheet.add_table(row, 0, last_row, last_column, &table)?;
    let tallest = headers.iter().map(|header| lines(header, header_width(header) - 3).len()).max();
    sheet.set_row_height(row, height(tallest.unwrap_or(1)))?;
    sheet.set_freeze_panes(row + 1, 0)?;
    sheet.set_repeat_rows(row, row)?;
    Ok(())
}

/// A cell that leads to another sheet of the workbook.
pub fn link(sheet: &mut Worksheet, row: u32, column: u16, to: &str, text: &str) -> Outcome {
    let url = Url::new(format!("internal:'{to}'!A1")).set_text(text).set_tip(format!("Till bladet {to}"));
    sheet.write_url(row, column, url)?;
    Ok(())
}

/// Of a row with so many lines of wrapped text: not every program finds it by itself.
pub fn height(lines: usize) -> f64 {
    15.0 * lines.max(1) as f64 + 2.0
}

pub fn widen(sheet: &mut Worksheet, widths: &[usize]) -> Outcome {
    for (place, width) in widths.iter().enumerate() {
        sheet.set_column_width(u16::try_from(place).unwrap_or(u16::MAX), *width as f64)?;
    }
    Ok(())
}

pub fn letters(text: &str) -> usize {
    text.chars().count()
}

/// How wide a header wants its column: no wider than its longest word needs beside the button of its filter, nor
/// narrower than lets it stand on three lines.
pub fn header_width(header: &str) -> usize {
    let longest = header.split_whitespace().map(letters).max().unwrap_or(0);
    longest.max(letters(header).div_ceil(3)) + 4
}

/// A text in lines of at most so many letters, where a word is not longer.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if letters(line) + 1 + letters(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

pub fn at(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn failed(path: &Path, error: &XlsxError) -> Error {
    let fault = || Error::Format { path: path.to_owned(), reason: error.to_string() };
    Error::of_disk(path, error).unwrap_or_else(fault)
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_text_is_broken_between_words() {
        assert_eq!(lines("ett två  tre fyra", 7), ["ett två", "tre", "fyra"]);
        assert_eq!(lines("samordningsförbund i riket", 5), ["samordningsförbund", "i", "riket"]);
        assert!(lines(" ", 5).is_empty());
    }
}
