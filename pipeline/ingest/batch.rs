//! The shape that every reader delivers: columns of text in contract order, with the row of the file beside.

use crate::contract::Contract;
use arrow::array::{StringArray, StringBuilder};

/// Rows per batch: large enough to keep the column loops busy, and so few that a delivery of any length fills one.
/// A batch is held some ten times over (text, types, checks), so this decides the peak of ingest.
pub const ROWS: usize = 4_096;

/// Bytes of text after which a batch is full however few its rows: those of readers that repeat a text (by dictionary,
/// shared string or run length) may be long in a small file.
pub const BYTES: usize = 4 << 20;

/// Bytes of the longest record: a file without line ends, or with a quotation mark that is never closed, is one
/// record from there on, and may not be held whole.
pub const RECORD: usize = 1 << 20;

/// Some rows of a delivered file.
pub struct Batch {
    /// Line (or record) in the file, from 1, header included.
    pub rows: Vec<u64>,
    /// One per contract column; empty texts and the contract's `saknasSom` are null, surrounding blanks are gone.
    pub columns: Vec<StringArray>,
}

/// Collects fields into a [`Batch`].
pub struct BatchBuilder {
    rows: Vec<u64>,
    columns: Vec<StringBuilder>,
    null_texts: Vec<Vec<String>>,
    bytes: usize,
}

impl BatchBuilder {
    pub fn new(contract: &Contract) -> BatchBuilder {
        BatchBuilder {
            rows: Vec::with_capacity(ROWS),
            columns: contract.columns.iter().map(|_| StringBuilder::new()).collect(),
            null_texts: contract.columns.iter().map(|column| column.null_texts.clone()).collect(),
            bytes: 0,
        }
    }

    /// Adds a row: one field per contract column, in contract order.
    pub fn push<'a>(&mut self, row: u64, fields: impl Iterator<Item = &'a str>) {
        self.rows.push(row);
        for ((builder, null_texts), field) in self.columns.iter_mut().zip(&self.null_texts).zip(fields) {
            let text = field.trim_matches(' ');
            if text.is_empty() || null_texts.iter().any(|null| null == text) {
                builder.append_null();
            } else {
                self.bytes += text.len();
                builder.append_value(text);
            }
        }
    }

    pub fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes >= BYTES
    }

    /// The rows collected so far, if any; the builder starts anew.
    pub fn take(&mut self) -> Option<Batch> {
        if self.rows.is_empty() {
            return None;
        }
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        Some(Batch { rows, columns: self.columns.iter_mut().map(StringBuilder::finish).collect() })
    }
}
