//! The formats that a contract takes, and which of them a file is in: its suffix says so.

use super::Contract;
use crate::error::Result;
use serde_yaml_ng::Value;

/// Suffixes of workbooks that no reader of ours takes: older and binary ones, and those of other programs.
const OTHERS: [&str; 4] = ["xls", "xlsb", "xlsm", "ods"];

/// A file format of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Delimited,
    FixedWidth,
    Workbook,
    Parquet,
    Sas,
}

impl Format {
    const ALL: [Format; 5] = [Format::Delimited, Format::FixedWidth, Format::Workbook, Format::Parquet, Format::Sas];

    /// The name in contracts.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Delimited => "avgransad",
            Format::FixedWidth => "fastbredd",
            Format::Workbook => "xlsx",
            Format::Parquet => "parquet",
            Format::Sas => "sas7bdat",
        }
    }

    /// Text has any suffix, or none.
    pub const fn is_text(self) -> bool {
        matches!(self, Format::Delimited | Format::FixedWidth)
    }

    /// The format that a suffix speaks of; text has no suffix of its own.
    fn of_suffix(suffix: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| !format.is_text() && suffix.eq_ignore_ascii_case(format.name()))
    }
}

/// How a text file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Gz,
    /// With one member.
    Zip,
}

/// How a file is packed by its name, and the name without that suffix.
pub fn unpacked_name(file: &str) -> (Option<Packing>, &str) {
    match file.rsplit_once('.') {
        Some((name, suffix)) if suffix.eq_ignore_ascii_case("gz") => (Some(Packing::Gz), name),
        Some((name, suffix)) if suffix.eq_ignore_ascii_case("zip") => (Some(Packing::Zip), name),
        _ => (None, file),
    }
}

impl Contract {
    /// The formats of a delivery contract (`format`: one name, or a list of them), as they stand.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where one is not ours, or two of them are text: no suffix tells those apart.
    pub fn formats(&self) -> Result<Vec<Format>> {
        let named = |value: &Value| Format::ALL.into_iter().find(|format| value.as_str() == Some(format.name()));
        let names = match self.custom.get("format") {
            Some(Value::Sequence(names)) => names.iter().map(named).collect(),
            Some(name) => named(name).map(|format| vec![format]),
            None => None,
        };
        let formats: Vec<Format> = names.unwrap_or_default();
        let texts = formats.iter().filter(|format| format.is_text()).count();
        if formats.is_empty() || texts > 1 {
            let ours = Format::ALL.map(Format::name).join(", ");
            return Err(self.fault(format!("format is none of {ours}, nor a list of them with one text format")));
        }
        Ok(formats)
    }

    /// The format of a file by its name: that of its suffix, else the text format, else the only one there is;
    /// `None` where the contract does not take it. Text alone may be packed.
    ///
    /// # Errors
    /// As [`Contract::formats`].
    pub fn format_of(&self, file: &str) -> Result<Option<Format>> {
        let formats = self.formats()?;
        let (packing, file) = unpacked_name(file);
        let suffix = file.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        let format = match (Format::of_suffix(suffix), formats.as_slice()) {
            (Some(format), _) => formats.contains(&format).then_some(format),
            (None, _) if OTHERS.iter().any(|other| suffix.eq_ignore_ascii_case(other)) => None,
            (None, [only]) => Some(*only),
            (None, _) => formats.into_iter().find(|format| format.is_text()),
        };
        Ok(format.filter(|format| packing.is_none() || format.is_text()))
    }
}
