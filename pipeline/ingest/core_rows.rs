//! Rows that were taken, as the core contract has them: its columns, types and where each row comes from.

use super::check::narrowed;
use super::partial_date::{End, end_of, first_of_month, month_in, month_of};
use super::take::Taken;
use crate::contract::{Column, Contract, arrow_schema};
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use chrono::{Datelike, NaiveDate};
use std::sync::Arc;

/// The rows of a delivery of that day.
///
/// # Errors
/// [`Error::Contract`] where the core contract names what is not delivered.
pub(super) fn core_batch(core: &Contract, taken: &Taken, uttagsdatum: NaiveDate) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> =
        core.columns.iter().map(|column| core_column(core, column, taken, uttagsdatum)).collect::<Result<_>>()?;
    RecordBatch::try_new(arrow_schema(core), columns)
        .map_err(|error| Error::Broken { table: core.full_name(), reason: error.to_string() })
}

fn core_column(core: &Contract, column: &Column, taken: &Taken, uttagsdatum: NaiveDate) -> Result<ArrayRef> {
    let rows = taken.rows.len();
    let source = column.source.as_deref().unwrap_or(&column.name);
    match column.custom_text("harkomst") {
        Some("uttagsdatum") => {
            let days = uttagsdatum.num_days_from_ce() - NaiveDate::default().num_days_from_ce();
            return Ok(Arc::new(Date32Array::from(vec![days; rows])));
        }
        Some("fil") => return Ok(Arc::new(StringArray::from(vec![taken.file.as_str(); rows]))),
        Some("rad") => {
            return Ok(Arc::new(taken.rows.iter().map(|row| row.map(|row| row as i64)).collect::<Int64Array>()));
        }
        _ => {}
    }
    if let Some(pseudonyms) = taken.pseudonyms.get(source) {
        return Ok(Arc::new(pseudonyms.clone()));
    }
    let held = taken.columns.get(source);
    let held =
        held.ok_or_else(|| core.fault(format!("{source}, from which {} is made, is not delivered", column.name)))?;
    Ok(match column.custom_text("omvandling") {
        Some("tidigast") => Arc::new(end_of(held.as_string::<i32>(), End::Earliest)),
        Some("senast") => Arc::new(end_of(held.as_string::<i32>(), End::Latest)),
        Some("tidigast_manad") => Arc::new(month_of(held.as_string::<i32>(), End::Earliest)),
        Some("senast_manad") => Arc::new(month_of(held.as_string::<i32>(), End::Latest)),
        Some("manad_vid_fodelse") => {
            let birth = column.custom_text("fodelse").and_then(|birth| taken.columns.get(birth));
            let birth = birth.ok_or_else(|| core.fault(format!("{} does not name its fodelse", column.name)))?;
            Arc::new(month_in(held.as_primitive::<Date32Type>(), birth.as_string::<i32>()))
        }
        Some("manad") => Arc::new(first_of_month(held.as_primitive::<Date32Type>())),
        Some(other) => return Err(core.fault(format!("omvandling {other} is not one of ours"))),
        None => narrowed(held, column.kind),
    })
}
