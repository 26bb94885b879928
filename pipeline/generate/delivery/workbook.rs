//! An Excel workbook of one sheet, every cell text, the same bytes each time.

use super::hashing::HashedFile;
use super::property;
use crate::contract::Contract;
use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};
use std::io::Write;
use std::path::{Path, PathBuf};

pub(super) struct Sheet {
    workbook: Workbook,
    sheet: Worksheet,
    path: PathBuf,
    next_row: u32,
}

impl Sheet {
    pub(super) fn create(contract: &Contract, path: &Path, uttagsdatum: NaiveDate) -> Result<Sheet> {
        let mut new = Sheet { workbook: Workbook::new(), sheet: Worksheet::new(), path: path.to_owned(), next_row: 0 };
        let year = u16::try_from(uttagsdatum.year()).unwrap_or(1900);
        let month = u8::try_from(uttagsdatum.month()).unwrap_or(1);
        let day = u8::try_from(uttagsdatum.day()).unwrap_or(1);
        // Without a date of its own a workbook holds the time of day at which it was written.
        let created = ExcelDateTime::from_ymd(year, month, day).map_err(|e| new.failed(&e))?;
        new.workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        new.sheet.set_name(property(contract, "blad")?).map_err(|e| failed(path, &e))?;
        let head: Vec<String> = contract.columns.iter().map(|column| column.header.clone()).collect();
        new.write(&head)?;
        Ok(new)
    }

    pub(super) fn write(&mut self, cells: &[String]) -> Result<()> {
        for (column, cell) in (0_u16..).zip(cells) {
            if !cell.is_empty() {
                self.sheet.write_string(self.next_row, column, cell).map_err(|e| failed(&self.path, &e))?;
            }
        }
        self.next_row += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<String> {
        self.workbook.push_worksheet(self.sheet);
        let bytes = self.workbook.save_to_buffer().map_err(|e| failed(&self.path, &e))?;
        let mut file = HashedFile::create(&self.path)?;
        file.write_all(&bytes).map_err(|source| file.failed(source))?;
        file.finish()
    }

    fn failed(&self, error: &XlsxError) -> Error {
        failed(&self.path, error)
    }
}

fn failed(path: &Path, error: &XlsxError) -> Error {
    Error::Format { path: path.to_owned(), reason: error.to_string() }
}
