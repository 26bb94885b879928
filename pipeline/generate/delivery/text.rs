//! Delimited and fixed-width files, encoded strictly.

use super::packing::{PackedFile, unwritten};
use super::property;
use crate::contract::{Contract, Format};
use crate::error::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Bytes gathered before they go to disk.
const BLOCK: usize = 1 << 16;

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    /// The real ISO-8859-1, where 0x80–0x9F are control characters; not the Web's name for cp1252.
    Latin1,
    Cp1252,
}

enum Layout {
    Delimited {
        delimiter: char,
    },
    /// Width of a line in characters; each column stands at its position.
    Fixed {
        width: usize,
    },
}

pub(super) struct TextFile {
    file: PackedFile,
    path: PathBuf,
    encoding: Encoding,
    layout: Layout,
    line_end: &'static str,
    line: String,
    block: Vec<u8>,
}

impl TextFile {
    pub(super) fn create(contract: &Contract, format: Format, path: &Path) -> Result<TextFile> {
        let encoding = match property(contract, "teckenkodning")? {
            "utf-8" => Encoding::Utf8,
            "iso-8859-1" => Encoding::Latin1,
            "cp1252" => Encoding::Cp1252,
            other => return Err(contract.fault(format!("teckenkodning {other} is not one of ours"))),
        };
        let line_end = match property(contract, "radslut")? {
            "crlf" => "\r\n",
            "lf" => "\n",
            other => return Err(contract.fault(format!("radslut {other} is not one of ours"))),
        };
        let mut file = TextFile {
            file: PackedFile::create(path)?,
            path: path.to_owned(),
            encoding,
            layout: layout(contract, format)?,
            line_end,
            line: String::new(),
            block: Vec::with_capacity(BLOCK + 4096),
        };
        if contract.custom_flag("rubrikrad") {
            let head: Vec<String> = contract.columns.iter().map(|column| column.header.clone()).collect();
            file.write(contract, &head, &[])?;
        }
        Ok(file)
    }

    pub(super) fn write(&mut self, contract: &Contract, cells: &[String], extra: &[&str]) -> Result<()> {
        self.line.clear();
        match self.layout {
            Layout::Delimited { delimiter } => {
                for (index, cell) in cells.iter().map(String::as_str).chain(extra.iter().copied()).enumerate() {
                    if index > 0 {
                        self.line.push(delimiter);
                    }
                    push_field(&mut self.line, cell, delimiter);
                }
            }
            Layout::Fixed { width } => self.lay_out(contract, cells, width)?,
        }
        self.line.push_str(self.line_end);
        self.encode()?;
        if self.block.len() >= BLOCK {
            self.flush()?;
        }
        Ok(())
    }

    fn lay_out(&mut self, contract: &Contract, cells: &[String], width: usize) -> Result<()> {
        let mut column_at: Vec<(usize, usize, usize)> = Vec::with_capacity(cells.len());
        for (index, column) in contract.columns.iter().enumerate() {
            let (start, breadth) =
                column.position.ok_or_else(|| contract.fault(format!("column {} has no position", column.name)))?;
            column_at.push((start, breadth, index));
        }
        column_at.sort_unstable();
        let mut next = 1;
        for (start, breadth, index) in column_at {
            let cell = &cells[index];
            let length = cell.chars().count();
            if length > breadth {
                let name = &contract.columns[index].name;
                return Err(self.unfit(format!("{length} characters do not fit the {breadth} of column {name}")));
            }
            self.line.extend(std::iter::repeat_n(' ', start.saturating_sub(next)));
            self.line.push_str(cell);
            self.line.extend(std::iter::repeat_n(' ', breadth - length));
            next = start + breadth;
        }
        self.line.extend(std::iter::repeat_n(' ', (width + 1).saturating_sub(next)));
        Ok(())
    }

    fn encode(&mut self) -> Result<()> {
        let fits = match self.encoding {
            _ if self.line.is_ascii() => true,
            Encoding::Utf8 => true,
            Encoding::Latin1 => self.line.chars().all(|letter| u32::from(letter) < 0x100),
            Encoding::Cp1252 => !encoding_rs::WINDOWS_1252.encode(&self.line).2,
        };
        if !fits {
            return Err(self.unfit("the encoding of the contract lacks a letter of the row".into()));
        }
        match self.encoding {
            Encoding::Utf8 => self.block.extend_from_slice(self.line.as_bytes()),
            _ if self.line.is_ascii() => self.block.extend_from_slice(self.line.as_bytes()),
            Encoding::Latin1 => {
                self.block.extend(self.line.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')));
            }
            Encoding::Cp1252 => self.block.extend_from_slice(&encoding_rs::WINDOWS_1252.encode(&self.line).0),
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.block).map_err(|source| unwritten(&self.path, source))?;
        self.block.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<String> {
        self.flush()?;
        self.file.finish(&self.path)
    }

    fn unfit(&self, reason: String) -> Error {
        Error::Format { path: self.path.clone(), reason }
    }
}

fn layout(contract: &Contract, format: Format) -> Result<Layout> {
    if format == Format::Delimited {
        let mut letters = property(contract, "avgransare")?.chars();
        return match (letters.next(), letters.next()) {
            (Some(delimiter), None) => Ok(Layout::Delimited { delimiter }),
            _ => Err(contract.fault("avgransare is one character")),
        };
    }
    let width = contract.custom_number("radbredd").and_then(|width| usize::try_from(width).ok());
    Ok(Layout::Fixed { width: width.ok_or_else(|| contract.fault("there is no radbredd"))? })
}

/// A field is quoted only where it must be, as RFC 4180 has it.
fn push_field(line: &mut String, cell: &str, delimiter: char) {
    if cell.contains([delimiter, '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}
