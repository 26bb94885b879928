//! A protected table as columns by its release contract, and the words for its codes.

use crate::contract::{Contract, Kind, arrow_schema};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake;
use crate::protect::{Missing, ProtectedRow, ProtectedTable, Value, shown};
use arrow::array::{ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Titles of codes: code lists by name, and the names of areas.
#[derive(Debug, Default)]
pub struct Labels {
    titles: BTreeMap<(String, String), Label>,
}

#[derive(Debug)]
struct Label {
    swedish: String,
    english: String,
    /// Place in the list, from 0.
    place: usize,
}

impl Labels {
    /// From the code lists and `mart.omrade` of a folder of marts.
    ///
    /// # Errors
    /// [`Error::Parquet`] where the mart cannot be read.
    pub fn read(job: &Job, marts: &Path) -> Result<Labels> {
        let mut titles = BTreeMap::new();
        for list in job.catalogue.code_lists() {
            for (place, code) in list.codes.iter().enumerate() {
                let label = Label { swedish: code.title.clone(), english: code.title_en.clone(), place };
                titles.insert((list.name.clone(), code.code.clone()), label);
            }
        }
        for batch in lake::read(&marts.join("omrade.parquet"))? {
            let batch = batch?;
            let column = |name: &str| {
                let column = batch.column_by_name(name).map(|column| column.as_string::<i32>().clone());
                column.ok_or_else(|| Error::Unexpected(format!("mart.omrade has no {name}")))
            };
            let (codes, names) = (column("omrade_kod")?, column("omrade_namn")?);
            for (code, name) in codes.iter().zip(names.iter()) {
                let (Some(code), Some(name)) = (code, name) else { continue };
                // An area has one name, in any language, and no place but by its code.
                let label = Label { swedish: name.to_owned(), english: name.to_owned(), place: 0 };
                titles.insert(("omrade".into(), code.to_owned()), label);
            }
        }
        Ok(Labels { titles })
    }

    /// The Swedish title of a code; the code itself where it has none.
    pub fn title<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        self.label(list, code).map_or(code, |label| &label.swedish)
    }

    /// The English title of a code; the code itself where it has none.
    pub fn title_en<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        self.label(list, code).map_or(code, |label| &label.english)
    }

    /// Where a code stands in its list; last where it is not there.
    pub fn place(&self, list: &str, code: &str) -> usize {
        self.label(list, code).map_or(usize::MAX, |label| label.place)
    }

    fn label(&self, list: &str, code: &str) -> Option<&Label> {
        self.titles.get(&(list.to_owned(), code.to_owned()))
    }
}

/// What stands in one cell of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Whole(i64),
    Decimal(f64),
    /// Withheld or not there.
    Missing(Missing),
}

/// The cells of a row, in the order of the release contract.
///
/// # Errors
/// [`Error::Contract`] where the contract has a column that protection knows nothing of.
pub fn cells(contract: &Contract, row: &ProtectedRow, labels: &Labels) -> Result<Vec<Cell>> {
    let key = contract.key();
    let measures: Vec<&str> = shown(contract).map(|column| column.name.as_str()).collect();
    contract
        .columns
        .iter()
        .map(|column| {
            if let Some(place) = key.iter().position(|k| k.name == column.name) {
                let text = row.key().get(place).map_or("", String::as_str);
                return Ok(match (column.kind, text.parse::<i64>()) {
                    (Kind::Integer | Kind::Long, Ok(number)) => Cell::Whole(number),
                    _ => Cell::Text(text.to_owned()),
                });
            }
            if column.custom_text("kalla") == Some("omrade_namn") {
                let area = key.iter().position(|k| k.custom_text("kalla") == Some("omrade_kod"));
                let code = area.and_then(|place| row.key().get(place));
                let code = code.ok_or_else(|| contract.fault(format!("{} has no area to name", column.name)))?;
                return Ok(Cell::Text(labels.title("omrade", code).to_owned()));
            }
            if column.code_list.as_deref() == Some("cellstatus") {
                return Ok(Cell::Text(row.status().to_owned()));
            }
            if column.code_list.as_deref() == Some("markering") {
                return Ok(Cell::Text(row.mark().code().to_owned()));
            }
            let value = measures.iter().position(|name| *name == column.name).and_then(|at| row.values().get(at));
            Ok(match value.copied() {
                Some(Value::Whole(count)) => Cell::Whole(count),
                Some(value @ Value::Decimal { .. }) => Cell::Decimal(value.number().unwrap_or_default()),
                Some(Value::Missing(missing)) => Cell::Missing(missing),
                None => return Err(contract.fault(format!("{} is neither key, measure nor status", column.name))),
            })
        })
        .collect()
}

/// A table as one batch, rows by key.
///
/// # Errors
/// [`Error::Broken`] where the columns are not as the release contract says.
pub fn batch(table: &ProtectedTable, labels: &Labels) -> Result<RecordBatch> {
    let contract = table.contract();
    let rows: Vec<Vec<Cell>> = table.rows().iter().map(|row| cells(contract, row, labels)).collect::<Result<_>>()?;
    let whole = |place: usize| {
        rows.iter().map(move |row| match &row[place] {
            Cell::Whole(number) => Some(*number),
            _ => None,
        })
    };
    let columns = contract.columns.iter().enumerate().map(|(place, column)| -> ArrayRef {
        match column.kind {
            Kind::Integer => {
                Arc::new(whole(place).map(|n| n.and_then(|n| i32::try_from(n).ok())).collect::<Int32Array>())
            }
            Kind::Long => Arc::new(whole(place).collect::<Int64Array>()),
            Kind::Decimal => Arc::new(
                rows.iter()
                    .map(|row| match &row[place] {
                        Cell::Decimal(number) => Some(*number),
                        _ => None,
                    })
                    .collect::<Float64Array>(),
            ),
            Kind::Text | Kind::Date | Kind::Boolean | Kind::Uuid => Arc::new(
                rows.iter()
                    .map(|row| match &row[place] {
                        Cell::Text(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            ),
        }
    });
    RecordBatch::try_new(arrow_schema(contract), columns.collect())
        .map_err(|error| Error::Broken { table: contract.full_name(), reason: error.to_string() })
}
