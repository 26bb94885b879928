//! Code lists: `data-contracts/codes/<name>.csv`.
//!
//! Every list begins with the columns `kod,titel_sv,titel_en,giltig_fran_datum,giltig_till_datum,kalla,verifierad`;
//! a list may carry further columns that rules need (rank, group, lag). The type of a further column is
//! read off its suffix: `_antal`, `_nr` and `_promille` are whole numbers, `_datum` is a date, all else is text.

use super::Kind;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};

/// The columns that every list begins with.
pub const HEAD: [&str; 7] =
    ["kod", "titel_sv", "titel_en", "giltig_fran_datum", "giltig_till_datum", "kalla", "verifierad"];

/// One code with its titles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub title: String,
    pub title_en: String,
    /// First day, `YYYY-MM-DD`; empty where always.
    pub valid_from: String,
    /// Last day, `YYYY-MM-DD`; empty where still valid.
    pub valid_till: String,
}

/// A code list as delivered in the repository.
#[derive(Clone, Debug)]
pub struct CodeList {
    pub name: String,
    /// Column names, [`HEAD`] first.
    pub columns: Vec<String>,
    /// The text of every row, in column order.
    pub rows: Vec<Vec<String>>,
    pub codes: Vec<Code>,
}

impl CodeList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`Error::Contract`] where the head is another than [`HEAD`] or a row is not full.
    pub fn parse(name: &str, text: &str) -> Result<CodeList> {
        let fault = |reason: String| Error::Contract { contract: format!("codes.{name}"), reason };
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text.as_bytes());
        let columns: Vec<String> =
            reader.headers().map_err(|e| fault(e.to_string()))?.iter().map(str::to_owned).collect();
        if columns.len() < HEAD.len() || columns[..HEAD.len()] != HEAD {
            return Err(fault(format!("a code list begins with the columns {}", HEAD.join(","))));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| fault(e.to_string()))?;
            rows.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        let codes = rows
            .iter()
            .map(|row| Code {
                code: row[0].clone(),
                title: row[1].clone(),
                title_en: row[2].clone(),
                valid_from: row[3].clone(),
                valid_till: row[4].clone(),
            })
            .collect();
        Ok(CodeList { name: name.to_owned(), columns, rows, codes })
    }

    /// SHA-256 over columns and rows, hexadecimal.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for row in std::iter::once(&self.columns).chain(&self.rows) {
            row.iter().for_each(|field| hash.update([field.as_bytes(), &[0x1f]].concat()));
            hash.update([0x1e]);
        }
        crate::hex(&hash.finalize())
    }

    /// The kind of a column, by its suffix.
    pub fn kind(column: &str) -> Kind {
        if column.ends_with("_antal") || column.ends_with("_nr") || column.ends_with("_promille") {
            Kind::Integer
        } else if column.ends_with("_datum") {
            Kind::Date
        } else {
            Kind::Text
        }
    }

    /// Each code with its text in a further column of the list.
    ///
    /// # Errors
    /// [`Error::Contract`] where the list has no such column.
    pub fn further(&self, column: &str) -> Result<impl Iterator<Item = (&str, &str)>> {
        let at = self.columns.iter().position(|name| name == column).ok_or_else(|| Error::Contract {
            contract: format!("codes.{}", self.name),
            reason: format!("{column} is missing"),
        })?;
        Ok(self.rows.iter().map(move |row| (row[0].as_str(), row[at].as_str())))
    }

    /// The Swedish title of a code.
    pub fn title(&self, code: &str) -> Option<&str> {
        self.codes.iter().find(|c| c.code == code).map(|c| c.title.as_str())
    }
}
