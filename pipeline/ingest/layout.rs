//! How the contract says that a file is laid out, read off before the file is opened.

use super::decode::Encoding;
use crate::contract::{Contract, Format};
use crate::error::Result;

/// The reader that a file needs, with what that reader must know.
pub enum Layout {
    Delimited {
        encoding: Encoding,
        delimiter: u8,
    },
    /// `positions` are start (from 1) and width of each column, `width` that of the line.
    FixedWidth {
        encoding: Encoding,
        positions: Vec<(usize, usize)>,
        width: usize,
    },
    Workbook,
    Columnar,
    Sas,
}

impl Layout {
    /// The layout of a file by its name; `None` where the contract does not take files of that suffix.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where the contract does not describe its own format: that is no fault of
    /// the delivery.
    pub fn of(contract: &Contract, file: &str) -> Result<Option<Layout>> {
        let encoding = || {
            let named = contract.custom_text("teckenkodning").and_then(Encoding::named);
            let named = match (named, contract.custom_flag("cp850Tecken")) {
                (Some(Encoding::Cp1252), true) => Some(Encoding::Cp1252WithCp850),
                (_, true) => return Err(contract.fault("cp850Tecken goes with teckenkodning cp1252 alone")),
                (named, false) => named,
            };
            named.ok_or_else(|| contract.fault("teckenkodning is none of utf-8, iso-8859-1 and cp1252"))
        };
        let Some(format) = contract.format_of(file)? else { return Ok(None) };
        let layout = match format {
            Format::Delimited => match contract.custom_text("avgransare").map(str::as_bytes) {
                Some([delimiter]) => Layout::Delimited { encoding: encoding()?, delimiter: *delimiter },
                _ => return Err(contract.fault("avgransare is not one character of ASCII")),
            },
            Format::FixedWidth => {
                let width = contract.custom_number("radbredd").and_then(|width| usize::try_from(width).ok());
                let width = width.ok_or_else(|| contract.fault("radbredd is not a number of characters"))?;
                let place = |column: &crate::contract::Column| {
                    let within = column.position.filter(|(start, length)| start + length - 1 <= width);
                    within.ok_or_else(|| contract.fault(format!("{} has no position within radbredd", column.name)))
                };
                let positions = contract.columns.iter().map(place).collect::<Result<_>>()?;
                Layout::FixedWidth { encoding: encoding()?, positions, width }
            }
            Format::Workbook => Layout::Workbook,
            Format::Parquet => Layout::Columnar,
            Format::Sas => Layout::Sas,
        };
        Ok(Some(layout))
    }
}
