//! A data contract (Open Data Contract Standard v3.2, one YAML file per table) as the type of a table.
//!
//! Reader options, schemas, checks, blank rows, column titles and documentation are all read off a
//! [`Contract`]; no column list is written a second time in Rust. What ODCS lacks stands in its
//! `customProperties`; the keys that we use are listed in `data-contracts/README.md`.

mod catalogue;
mod code_list;
mod diff;
mod format;
mod forvantas;
mod odcs;
mod page;
mod period;
mod schema;
mod words;

pub use catalogue::{Catalogue, sql_header};
pub use code_list::{Code, CodeList, HEAD};
pub use diff::{Change, Difference, Weight};
pub use format::{Format, Packing, unpacked_name};
pub use forvantas::{Every, Expectation};
pub use page::{escaped, pages};
pub use period::PeriodColumns;
pub use schema::arrow_schema;
pub use words::Words;

use crate::error::{Error, Result};
use crate::layer::Layer;
use crate::pseudonymise::Issuers;
use serde_yaml_ng::Value;
use std::collections::BTreeMap;

/// What a column holds, whatever the format it is stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// 32-bit whole number.
    Integer,
    /// 64-bit whole number.
    Long,
    /// Decimal number; only for measures that never decide anything (netto days).
    Decimal,
    Date,
    Boolean,
    /// A pseudonym: 16 bytes.
    Uuid,
}

/// How a date is written in a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// `YYYY-MM-DD`
    Dashed,
    /// `YYYYMMDD`
    Compact,
    /// `YYYYMM`; the first day of the month.
    Month,
    /// `YYYYWW`, year and week as ISO 8601 has them; the Monday of the week.
    Week,
    /// `YYYY-MM-DD` or `YYYYMMDD` where month and day may be `00` or left out.
    Partial,
}

impl DateForm {
    /// A day as a delivered text.
    pub fn shown(self, day: chrono::NaiveDate) -> String {
        let format = match self {
            DateForm::Dashed | DateForm::Partial => "%Y-%m-%d",
            DateForm::Compact => "%Y%m%d",
            DateForm::Month => "%Y%m",
            DateForm::Week => "%G%V",
        };
        day.format(format).to_string()
    }
}

/// Whose identity a column holds; each is hashed in a `kind` of its own (design §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Personnummer or samordningsnummer.
    Person,
    /// Organisation number, or the personnummer of an employer.
    Employer,
    /// The personnummer of one who stands for a household; joins to no person.
    Household,
}

/// What a column says of one person (ODCS `classification`); the first that is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitivity {
    /// Names a person by itself: an identity number. Stands in deliveries only.
    Direct,
    /// What law protects or nobody would want known: support, health, pay, insats.
    Sensitive,
    /// Singles a person out together with other data: a pseudonym, month of birth, kommun.
    Indirect,
    /// Is about no one person.
    Nobody,
}

impl Sensitivity {
    pub const ALL: [Sensitivity; 4] =
        [Sensitivity::Direct, Sensitivity::Sensitive, Sensitivity::Indirect, Sensitivity::Nobody];

    /// As contracts have it.
    pub const fn name(self) -> &'static str {
        match self {
            Sensitivity::Direct => "direkt",
            Sensitivity::Sensitive => "kanslig",
            Sensitivity::Indirect => "indirekt",
            Sensitivity::Nobody => "ingen",
        }
    }
}

/// How long what is made of a delivery may be kept (`gallras`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Whole years from uttagsdatum.
    pub years: u32,
    /// Why so long, in Swedish.
    pub reason: String,
}

/// What happens to a row whose column does not hold what the contract says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The row is kept and counted; the value becomes null.
    Note,
    /// The row is left out and counted.
    Reject,
    /// Wrong file or layout: the delivery is refused and nothing else is checked.
    Stop,
}

impl Severity {
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Reject => "reject",
            Severity::Stop => "stop",
        }
    }
}

/// One column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Identifier in every layer: lower-case ASCII.
    pub name: String,
    /// Proper Swedish title (`businessName`).
    pub title: String,
    pub title_en: String,
    pub description: String,
    /// Header in the delivered file.
    pub header: String,
    /// Other headers that are taken for it.
    pub aliases: Vec<String>,
    pub kind: Kind,
    pub required: bool,
    /// Position in the primary key, from 1.
    pub key_position: Option<u32>,
    pub date_form: DateForm,
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub pattern: Option<String>,
    pub code_list: Option<String>,
    /// The date of the row on which its code must be valid.
    pub code_date: Option<String>,
    pub identity: Option<Identity>,
    /// None only where a contract leaves it open: marts and releases hold counts.
    pub sensitivity: Option<Sensitivity>,
    /// Whose interim and reserve numbers an identity may be, beside Skatteverket's.
    pub issuers: Issuers,
    /// Start (from 1) and width in characters, for fixed-width files.
    pub position: Option<(usize, usize)>,
    /// Texts that mean "not delivered", beside the empty one.
    pub null_texts: Vec<String>,
    pub severity: Severity,
    /// `,` in files with decimal comma.
    pub decimal_mark: char,
    /// Value of the blank row that fixtures start from.
    pub blank: String,
    /// Delivery column that a core column is made from.
    pub source: Option<String>,
    /// All custom properties, for the keys that only one module reads.
    pub custom: BTreeMap<String, Value>,
}

impl Column {
    /// How a date in the column is written; a column of another kind that holds one anyhow has it in full.
    pub const fn form(&self) -> DateForm {
        if matches!(self.kind, Kind::Date) { self.date_form } else { DateForm::Dashed }
    }

    /// What a fault in the column does. A missing key leaves nothing to count the row by: it is never only noted.
    pub const fn fault_severity(&self) -> Severity {
        if self.key_position.is_some() { Severity::Reject } else { self.severity }
    }

    /// A custom property as text.
    pub fn custom_text(&self, property: &str) -> Option<&str> {
        self.custom.get(property).and_then(Value::as_str)
    }
}

/// A rule over several columns of a row.
#[derive(Clone, Debug)]
pub enum RowRule {
    /// The first date may not come after the second (an empty second date is open).
    Order { name: String, from: String, till: String, severity: Severity },
}

/// One table of one layer.
#[derive(Clone, Debug)]
pub struct Contract {
    pub layer: Layer,
    pub name: String,
    pub version: String,
    pub title: String,
    pub title_en: String,
    pub description: String,
    /// "en rad per …"
    pub grain: String,
    pub columns: Vec<Column>,
    pub row_rules: Vec<RowRule>,
    /// Of a delivery.
    pub retention: Option<Retention>,
    pub custom: BTreeMap<String, Value>,
    /// SHA-256 of the YAML text, hexadecimal.
    pub digest: String,
}

impl Contract {
    /// Reads a contract.
    ///
    /// # Errors
    /// [`Error::Contract`] where the YAML is not ODCS or holds a value that we do not know.
    pub fn parse(layer: Layer, name: &str, yaml: &str) -> Result<Contract> {
        odcs::parse(layer, name, yaml)
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The primary key, in its own order.
    pub fn key(&self) -> Vec<&Column> {
        let mut key: Vec<&Column> = self.columns.iter().filter(|c| c.key_position.is_some()).collect();
        key.sort_by_key(|column| column.key_position);
        key
    }

    /// A custom property as text.
    pub fn custom_text(&self, property: &str) -> Option<&str> {
        self.custom.get(property).and_then(Value::as_str)
    }

    pub fn custom_flag(&self, property: &str) -> bool {
        self.custom.get(property).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn custom_number(&self, property: &str) -> Option<i64> {
        self.custom.get(property).and_then(Value::as_i64)
    }

    /// A key of a custom property that is a mapping, as text.
    pub fn custom_key(&self, property: &str, key: &str) -> Option<&str> {
        self.custom.get(property).and_then(|v| v.get(key)).and_then(Value::as_str)
    }

    /// Whether a key may be sent again, and the row sent last counts (`upprepadNyckel: ersatter`).
    pub fn last_row_counts(&self) -> bool {
        self.custom_text("upprepadNyckel") == Some("ersatter")
    }

    /// `layer.name`, as in SQL.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.layer, self.name)
    }

    pub(crate) fn fault(&self, reason: impl Into<String>) -> Error {
        Error::Contract { contract: self.full_name(), reason: reason.into() }
    }
}
