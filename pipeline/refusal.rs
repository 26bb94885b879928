//! What was handed in and is not in force: in the manifest, in the run-id, and told to whoever runs the night.

use crate::error::Error;
use crate::fault::Rule;
use crate::receipt::{FaultLine, Receipt};
use crate::stage::Night;
use serde::Serialize;

/// Causes that are told; the felrapport has all.
const CAUSES_MAX: usize = 3;

/// A delivery that was refused, or a folder that belongs to no contract. No path in it says where the data root lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refusal {
    /// `contract uttagsdatum`, or the folder below the data root.
    pub name: String,
    /// None where a folder belongs to none.
    #[serde(skip)]
    pub contract: Option<String>,
    /// The first rule that stopped it.
    pub rule: Option<String>,
    /// File, row, column and rule of the first causes; never a value.
    pub causes: Vec<String>,
    /// The felrapport, below the data root.
    pub report: Option<String>,
    /// Whether it is in force as it was when it was read before.
    pub stays: bool,
}

impl Refusal {
    /// A delivery that was refused, by the receipt of its reading.
    pub fn of(receipt: &Receipt) -> Refusal {
        let of = |severity: &'static str| receipt.faults.iter().filter(move |line| line.severity == severity);
        Refusal {
            name: format!("{} {}", receipt.table, receipt.uttagsdatum),
            contract: Some(receipt.table.clone()),
            rule: of("stop").next().map(|line| line.rule.clone()),
            causes: of("stop").chain(of("reject")).take(CAUSES_MAX).map(FaultLine::to_string).collect(),
            report: Some(format!("faults/{}/{}.html", receipt.table, receipt.uttagsdatum)),
            stays: receipt.earlier.is_some(),
        }
    }

    /// A folder below `deliveries/` that is named by no contract or no date.
    pub fn stray(folder: &str) -> Refusal {
        Refusal {
            name: format!("deliveries/{folder}"),
            contract: None,
            rule: Some(Rule::UnknownContract.code().to_owned()),
            causes: Vec::new(),
            report: None,
            stays: false,
        }
    }

    /// A folder named by a day that has not come.
    pub fn early(folder: &str) -> Refusal {
        Refusal { rule: None, causes: vec!["its date has not come yet".into()], ..Refusal::stray(folder) }
    }

    /// Whether a delivery was refused; else a folder belongs to no contract.
    pub const fn is_delivery(&self) -> bool {
        self.contract.is_some()
    }

    /// One line, as the manifest has it.
    pub fn line(&self) -> String {
        match (&self.rule, &self.report) {
            (rule, Some(report)) => {
                let earlier = if self.stays { "; as it was read before it stays in force" } else { "" };
                format!("{}: refused ({}){earlier}; {report}", self.name, rule.as_deref().unwrap_or("fault"))
            }
            (Some(_), None) => format!("{}: belongs to no contract", self.name),
            (None, None) => format!("{}: dated after the day of the run", self.name),
        }
    }
}

/// Adds to a required delivery's refusal what the supplier has to mend.
pub fn explained(error: Error, night: &Night) -> Error {
    let Error::Required { contract, reason } = error else { return error };
    let of_it = |refusal: &&Refusal| refusal.contract.as_ref() == Some(&contract);
    let Some(refusal) = night.refused.iter().find(of_it) else {
        return Error::Required { contract, reason };
    };
    let date = refusal.name.split(' ').nth(1).unwrap_or_default();
    let report = refusal.report.as_deref().unwrap_or_default();
    let reason = format!("{reason}: {date}: {}; the felrapport is {report}", refusal.causes.join("; "));
    Error::Required { contract, reason }
}
