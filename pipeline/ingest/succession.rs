//! How deliveries of one contract follow each other: `ersatter`, `period`, `tillagg` (design §3).

use super::delivery::{Delivery, Omfattning, Population, Scan};
use crate::contract::Contract;
use crate::receipt::{Receipt, Scope};
use chrono::NaiveDate;
use std::sync::Arc;

/// What is in force for a table and a period, and from which delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub table: String,
    pub uttagsdatum: NaiveDate,
    pub from: NaiveDate,
    /// The day after the last.
    pub till: NaiveDate,
    /// `alla` or `deltagare`.
    pub population: &'static str,
    pub population_date: Option<NaiveDate>,
    pub omfattning: Omfattning,
    pub lag_months: i32,
    pub rows: u64,
    pub kept: u64,
}

/// The deliveries of a contract, newest first.
pub fn candidates<'a>(scan: &'a Scan, contract: &Arc<Contract>) -> Vec<&'a Delivery> {
    let mut found: Vec<&Delivery> = scan.deliveries.iter().filter(|d| d.contract.name == contract.name).collect();
    found.sort_by_key(|delivery| std::cmp::Reverse(delivery.uttagsdatum));
    found
}

/// Whether newer accepted deliveries leave nothing for this one to be in force for.
pub fn covered(contract: &Contract, delivery: &Delivery, newer: &[InForce]) -> bool {
    match (contract.custom_text("efterfoljd"), &delivery.manifest) {
        (Some("tillagg"), _) | (Some("period"), Err(_)) => false,
        (Some("period"), Ok(manifest)) => remaining(&manifest.scope(), newer).is_empty(),
        _ => newer.iter().any(InForce::is_whole),
    }
}

/// The parts of a delivery's period that no newer whole delivery has taken; `till` is the day after the last.
fn remaining(scope: &Scope, newer: &[InForce]) -> Vec<(NaiveDate, NaiveDate)> {
    let end = scope.period.till.succ_opt().unwrap_or(NaiveDate::MAX);
    let mut parts = vec![(scope.period.fran, end)];
    for taken in newer.iter().filter(|one| one.is_whole()) {
        parts = parts
            .into_iter()
            .flat_map(|(from, till)| [(from, till.min(taken.from)), (from.max(taken.till), till)])
            .filter(|(from, till)| from < till)
            .collect();
    }
    parts.sort_unstable();
    parts.dedup();
    parts
}

impl InForce {
    /// Whether it holds all of its period; a correction leaves what it corrects in force.
    pub fn is_whole(&self) -> bool {
        self.omfattning == Omfattning::Hel
    }

    /// By table, delivery and period.
    pub fn in_order(&self, other: &InForce) -> std::cmp::Ordering {
        (&self.table, self.uttagsdatum, self.from).cmp(&(&other.table, other.uttagsdatum, other.from))
    }

    /// What an accepted delivery is in force for, by the receipt of the reading that is.
    pub fn of(delivery: &Delivery, receipt: &Receipt, newer: &[InForce]) -> Option<Vec<InForce>> {
        let scope = receipt.scope.as_ref()?;
        let replaces_by_period = delivery.contract.custom_text("efterfoljd") == Some("period");
        let parts = remaining(scope, if replaces_by_period { newer } else { &[] });
        let (population, population_date) = match &scope.population {
            Population::Everyone(_) => ("alla", None),
            Population::List { datum, .. } => ("deltagare", Some(*datum)),
        };
        let lag = delivery.contract.custom.get("efterslapning").and_then(|lag| lag.get("manader"));
        let lag_months = lag.and_then(serde_yaml_ng::Value::as_i64).and_then(|lag| i32::try_from(lag).ok());
        Some(
            parts
                .into_iter()
                .map(|(from, till)| InForce {
                    table: delivery.contract.name.clone(),
                    uttagsdatum: delivery.uttagsdatum,
                    from,
                    till,
                    population,
                    population_date,
                    omfattning: scope.omfattning,
                    lag_months: lag_months.unwrap_or(0),
                    rows: receipt.rows,
                    kept: receipt.kept,
                })
                .collect(),
        )
    }
}
