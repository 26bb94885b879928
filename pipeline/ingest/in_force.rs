//! `core.leverans`: what is in force for which table, period and population, and from which delivery.

use super::succession::InForce;
use crate::contract::arrow_schema;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake::Writer;
use crate::layer::Layer;
use arrow::array::{ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray};
use chrono::{Datelike, NaiveDate};
use std::sync::Arc;

/// Writes the table.
///
/// # Errors
/// [`Error::Contract`] where its contract has a column that nothing is known of; [`Error::Io`].
pub(super) fn write(job: &Job, in_force: &[InForce]) -> Result<()> {
    let contract = job.catalogue.contract(Layer::Core, "leverans")?;
    let days = |date: NaiveDate| date.num_days_from_ce() - NaiveDate::default().num_days_from_ce();
    let text = |of: &dyn Fn(&InForce) -> String| -> ArrayRef {
        Arc::new(in_force.iter().map(|one| Some(of(one))).collect::<StringArray>())
    };
    let date = |of: &dyn Fn(&InForce) -> Option<NaiveDate>| -> ArrayRef {
        Arc::new(in_force.iter().map(|one| of(one).map(days)).collect::<Date32Array>())
    };
    let number = |of: &dyn Fn(&InForce) -> u64| -> ArrayRef {
        Arc::new(in_force.iter().map(|one| i64::try_from(of(one)).ok()).collect::<Int64Array>())
    };
    let columns = contract.columns.iter().map(|column| match column.name.as_str() {
        "tabell_namn" => Ok(text(&|one| one.table.clone())),
        "uttags_datum" => Ok(date(&|one| Some(one.uttagsdatum))),
        "period_fran_datum" => Ok(date(&|one| Some(one.from))),
        "period_till_datum" => Ok(date(&|one| Some(one.till))),
        "population_kod" => Ok(text(&|one| one.population.to_owned())),
        "population_datum" => Ok(date(&|one| one.population_date)),
        "omfattning_kod" => Ok(text(&|one| one.omfattning.code().to_owned())),
        "efterslapning_manader_antal" => {
            Ok(Arc::new(in_force.iter().map(|one| Some(one.lag_months)).collect::<Int32Array>()) as ArrayRef)
        }
        "rader_antal" => Ok(number(&|one| one.rows)),
        "behallna_antal" => Ok(number(&|one| one.kept)),
        other => Err(contract.fault(format!("nothing is known of the column {other}"))),
    });
    let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
    let batch = RecordBatch::try_new(arrow_schema(contract), columns)
        .map_err(|error| Error::Broken { table: contract.full_name(), reason: error.to_string() })?;
    let path = job.layer(Layer::Core).join("leverans").join("leverans.parquet");
    let mut writer = Writer::create(&path, arrow_schema(contract), &[("finsam.table", "core.leverans")])?;
    writer.write(&batch)?;
    writer.finish().map(|_| ())
}
