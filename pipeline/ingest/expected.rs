//! Deliveries that should have come: never delivered, late, or in force long after their time (`forvantas`).
//!
//! What a release says of this is judged on the newest uttagsdatum, so that the same deliveries give the same bytes;
//! the log, `status` and the felrapport are judged on the day of the run, and are no part of a release.

use super::delivery::Scan;
use super::felrapport::{self, Felrapport};
use super::succession::InForce;
use crate::contract::{Catalogue, Contract, Every};
use crate::error::Result;
use crate::fault::{FaultLog, Rule};
use crate::job::Job;
use crate::layer::Layer;
use crate::log::Event;
use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The name of the felrapport of a delivery that has not come, in the folder of its contract.
const REPORT: &str = "forvantad";

/// A delivery that should be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overdue {
    pub table: String,
    #[serde(rename = "rule", serialize_with = "code")]
    pub rule: Rule,
    /// The newest period that should have come, and the day by which; none where it is one delivery for all time.
    pub period: Option<String>,
    pub due: Option<String>,
    /// The last day that deliveries reach: those in force where they are stale, else those handed in.
    pub reaches: Option<String>,
    /// The felrapport, below the data root.
    pub report: String,
}

fn code<S: Serializer>(rule: &Rule, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.code())
}

/// One line, as the manifest has it.
impl std::fmt::Display for Overdue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.rule {
            Rule::NeverDelivered => "never delivered",
            Rule::Stale => "stale",
            _ => "late",
        };
        write!(f, "{}: {word}", self.table)?;
        if let (Some(period), Some(due)) = (&self.period, &self.due) {
            write!(f, "; {period} was due by {due}")?;
        }
        self.reaches.iter().try_for_each(|reaches| write!(f, ", and what is there reaches {reaches}"))
    }
}

/// The last day of a contract's deliveries: of those handed in, and of those in force.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    pub handed_in: Option<NaiveDate>,
    pub in_force: Option<NaiveDate>,
}

/// How far the deliveries of each contract reach.
pub fn reaches<'a>(scan: &Scan, in_force: impl Iterator<Item = (&'a str, NaiveDate)>) -> BTreeMap<String, Reach> {
    let mut reaches: BTreeMap<String, Reach> = BTreeMap::new();
    for delivery in &scan.deliveries {
        // One whose leverans.yaml cannot be read has come; what it is about nobody knows.
        let till = delivery.manifest.as_ref().map_or(delivery.uttagsdatum, |manifest| manifest.period.till);
        let reach = reaches.entry(delivery.contract.name.clone()).or_default();
        reach.handed_in = reach.handed_in.max(Some(till));
    }
    for (table, till) in in_force {
        let reach = reaches.entry(table.to_owned()).or_default();
        reach.in_force = reach.in_force.max(Some(till));
        reach.handed_in = reach.handed_in.max(Some(till));
    }
    reaches
}

/// What should be there on a day and is not, by contract.
///
/// # Errors
/// [`crate::error::Error::Contract`] where a contract expects what we do not know.
pub fn overdue(catalogue: &Catalogue, reaches: &BTreeMap<String, Reach>, today: NaiveDate) -> Result<Vec<Overdue>> {
    let mut found = Vec::new();
    for contract in catalogue.layer(Layer::Deliveries) {
        let reach = reaches.get(&contract.name).copied().unwrap_or_default();
        found.extend(overdue_of(contract, reach, today)?);
    }
    Ok(found)
}

fn overdue_of(contract: &Contract, reach: Reach, today: NaiveDate) -> Result<Option<Overdue>> {
    let Some(expectation) = contract.expectation()?.filter(|expectation| expectation.every != Every::Never) else {
        return Ok(None);
    };
    let due = expectation.due_by(today);
    let behind = |till: Option<NaiveDate>| Some(due? - expectation.over_by(till?)?);
    let (rule, reaches) = if reach.handed_in.is_none() {
        (Rule::NeverDelivered, None)
    } else if behind(reach.in_force) >= Some(expectation.stale_after.max(1)) {
        (Rule::Stale, reach.in_force)
    } else if behind(reach.handed_in) >= Some(1) {
        (Rule::Late, reach.handed_in)
    } else {
        return Ok(None);
    };
    let period = due.and_then(|due| expectation.period(due));
    let latest = period.as_ref().map(|(last, _)| *last + chrono::TimeDelta::days(expectation.within_days));
    Ok(Some(Overdue {
        table: contract.name.clone(),
        rule,
        period: period.map(|(_, name)| name),
        due: latest.map(|due| due.to_string()),
        reaches: reaches.map(|reaches| reaches.to_string()),
        report: format!("faults/{}/{REPORT}.html", contract.name),
    }))
}

/// What a release says: judged by what is in force, on the newest uttagsdatum.
///
/// # Errors
/// As [`overdue`].
pub fn overdue_in_release(catalogue: &Catalogue, in_force: &[InForce]) -> Result<Vec<Overdue>> {
    let Some(newest) = in_force.iter().map(|one| one.uttagsdatum).max() else { return Ok(Vec::new()) };
    overdue(catalogue, &reaches(&Scan::default(), last_days(in_force)), newest)
}

fn last_days(in_force: &[InForce]) -> impl Iterator<Item = (&str, NaiveDate)> {
    in_force.iter().map(|one| (one.table.as_str(), one.till.pred_opt().unwrap_or(one.till)))
}

/// What is overdue on the day of the run.
///
/// # Errors
/// As [`overdue`].
pub(super) fn of_night(job: &Job, scan: &Scan, in_force: &[InForce]) -> Result<Vec<Overdue>> {
    overdue(&job.catalogue, &reaches(scan, last_days(in_force)), job.today)
}

/// Finds what is overdue tonight, and writes or removes its felrapport.
///
/// # Errors
/// As [`overdue`], and [`crate::error::Error::Io`] where a felrapport cannot be written.
pub(super) fn tell(job: &Job, scan: &Scan, in_force: &[InForce]) -> Result<Vec<Overdue>> {
    let found = of_night(job, scan, in_force)?;
    if !found.is_empty() {
        let events = found.iter().map(|one| Event::Overdue { contract: &one.table, rule: one.rule.code() });
        job.log_all(&events.collect::<Vec<_>>());
    }
    for contract in job.catalogue.layer(Layer::Deliveries) {
        let mut faults = FaultLog::default();
        for one in found.iter().filter(|one| one.table == contract.name) {
            faults.add(one.rule, "", None, None, "");
            faults.hint(one.rule, "", None, hint(one));
        }
        let report = Felrapport::of_expected(contract, &job.catalogue, &faults);
        felrapport::write_all(&report, &job.folder("faults").join(&contract.name).join(REPORT))?;
    }
    Ok(found)
}

fn hint(overdue: &Overdue) -> String {
    let expected = match (&overdue.period, &overdue.due) {
        (Some(period), Some(due)) => format!("{period} skulle ha kommit senast {due}"),
        _ => "en leverans väntas".into(),
    };
    match &overdue.reaches {
        Some(reaches) => format!("{expected}; det som finns gäller till och med {reaches}"),
        None => expected,
    }
}
