//! Which part of a delivery a row belongs to (`periodkolumn`): by a date, a year, or a year and a month.

use super::{Column, Contract, Kind};
use crate::error::Result;
use serde_yaml_ng::Value;

/// The columns that say it. A year or a month belongs to the period that its first day belongs to.
#[derive(Clone, Copy, Debug)]
pub enum PeriodColumns<'a> {
    Date(&'a Column),
    Year(&'a Column),
    YearAndMonth(&'a Column, &'a Column),
}

impl<'a> PeriodColumns<'a> {
    /// The date or the year.
    pub const fn first(self) -> &'a Column {
        match self {
            PeriodColumns::Date(column) | PeriodColumns::Year(column) | PeriodColumns::YearAndMonth(column, _) => {
                column
            }
        }
    }

    /// The part of them that differs most from row to row.
    pub const fn last(self) -> &'a Column {
        match self {
            PeriodColumns::Date(column) | PeriodColumns::Year(column) | PeriodColumns::YearAndMonth(_, column) => {
                column
            }
        }
    }
}

impl Contract {
    /// None where the rows of a delivery all belong to the whole of it.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where `periodkolumn` names something else.
    pub fn period_columns(&self) -> Result<Option<PeriodColumns<'_>>> {
        let Some(names) = self.custom.get("periodkolumn").and_then(Value::as_sequence) else { return Ok(None) };
        let columns: Option<Vec<&Column>> = names.iter().map(|name| self.column(name.as_str()?)).collect();
        let is_whole = |column: &Column| matches!(column.kind, Kind::Integer | Kind::Long);
        match columns.unwrap_or_default().as_slice() {
            [date] if date.kind == Kind::Date => Ok(Some(PeriodColumns::Date(date))),
            [year] if is_whole(year) => Ok(Some(PeriodColumns::Year(year))),
            [year, month] if is_whole(year) && is_whole(month) => Ok(Some(PeriodColumns::YearAndMonth(year, month))),
            _ => Err(self.fault("periodkolumn is a date, a year, or year and month")),
        }
    }
}
