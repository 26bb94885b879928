//! What was handed in and is not in force: in the manifest, in the run-id, and told to whoever runs the night.

use crate::error::Error;
use crate::receipt::FaultLine;
use crate::stage::Night;
use serde::Serialize;

/// Causes that are told; the felrapport has all.
const CAUSES_MAX: usize = 3;

/// A delivery that was refused, or a folder that belongs to no contract. No path in it says where the data root lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refusal {
    /// `contract uttagsdatum`, or the folder below the data root.
    pub name: String,
    /// The first rule that stopped it; none where a folder belongs to no contract.
    pub rule: Option<String>,
    /// File, row, column and rule of the first causes; never a value.
    pub causes: Vec<String>,
    /// The felrapport, below the data root.
    pub report: Option<String>,
    /// Whether it is in force as it was when it was read before.
    pub stays: bool,
}

impl Refusal {
    /// Every refusal of a night, by name.
    pub fn all(night: &Night) -> Vec<Refusal> {
        let strays = night.refused.iter().filter(|line| line.starts_with("deliveries/"));
        let strays = strays.map(|line| Refusal {
            name: line.split(": ").next().unwrap_or(line).to_owned(),
            rule: None,
            causes: Vec::new(),
            report: None,
            stays: false,
        });
        let receipts = night.receipts.iter().filter(|receipt| !receipt.accepted);
        let refused = receipts.map(|receipt| {
            let of = |severity: &'static str| receipt.faults.iter().filter(move |line| line.severity == severity);
            Refusal {
                name: format!("{} {}", receipt.table, receipt.uttagsdatum),
                rule: of("stop").next().map(|line| line.rule.clone()),
                causes: of("stop").chain(of("reject")).take(CAUSES_MAX).map(cause).collect(),
                report: Some(format!("faults/{}/{}.txt", receipt.table, receipt.uttagsdatum)),
                stays: receipt.earlier.is_some(),
            }
        });
        let mut all: Vec<Refusal> = strays.chain(refused).collect();
        all.sort();
        all
    }

    /// Whether a delivery was refused; else a folder belongs to no contract.
    pub const fn is_delivery(&self) -> bool {
        self.report.is_some()
    }

    /// One line, as the manifest has it.
    pub fn line(&self) -> String {
        match (&self.rule, &self.report) {
            (rule, Some(report)) => {
                let earlier = if self.stays { "; as it was read before it stays in force" } else { "" };
                format!("{}: refused ({}){earlier}; {report}", self.name, rule.as_deref().unwrap_or("fault"))
            }
            (_, None) => format!("{}: belongs to no contract", self.name),
        }
    }
}

/// `file:row column: rule [severity] expected …`, as `finsam check` has it.
pub fn cause(line: &FaultLine) -> String {
    let row = line.first_row.map(|row| format!(":{row}")).unwrap_or_default();
    let column = line.column.as_deref().map(|column| format!(" {column}")).unwrap_or_default();
    let expected = if line.expected.is_empty() { String::new() } else { format!(" expected {}", line.expected) };
    let times = if line.faults == 1 { String::new() } else { format!(", {} times", line.faults) };
    format!("{}{row}{column}: {} [{}]{expected}{times}", line.file, line.rule, line.severity)
}

/// Adds to a required delivery's refusal what the supplier has to mend.
pub fn explained(error: Error, night: &Night) -> Error {
    let Error::Required { contract, reason } = error else { return error };
    let of_it = |refusal: &Refusal| refusal.name.split(' ').next() == Some(contract.as_str());
    let Some(refusal) = Refusal::all(night).into_iter().find(of_it) else {
        return Error::Required { contract, reason };
    };
    let date = refusal.name.split(' ').nth(1).unwrap_or_default();
    let report = refusal.report.unwrap_or_default();
    let reason = format!("{reason}: {date}: {}; the felrapport is {report}", refusal.causes.join("; "));
    Error::Required { contract, reason }
}
