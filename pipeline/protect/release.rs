//! The protected tables of a release: what writers are given, with shares and means made from protected counts only.

use super::displayed::{Displayed, Mark};
use super::join::Joint;
use super::measure::{Measure, Numerator, measures};
use super::table::Sheet;
use super::value::{Missing, PUBLISHED, Value};
use crate::contract::Contract;
use crate::error::Result;
use serde_yaml_ng::Value as Yaml;
use std::sync::Arc;

/// One row of a protected table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedRow {
    key: Vec<String>,
    values: Vec<Value>,
    withheld: bool,
    mark: Mark,
}

impl ProtectedRow {
    /// Codes in the order of the release contract's primary key.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The measures, in the order of the release contract's columns that are neither key, name of an area nor status.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Code in `cellstatus`.
    pub fn status(&self) -> &'static str {
        if self.withheld { Missing::Sekretess.code() } else { PUBLISHED }
    }

    pub fn mark(&self) -> Mark {
        self.mark
    }
}

/// One table of a release, sorted by key.
#[derive(Clone, Debug)]
pub struct ProtectedTable {
    contract: Arc<Contract>,
    rows: Vec<ProtectedRow>,
}

impl ProtectedTable {
    /// The release contract.
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    pub fn rows(&self) -> &[ProtectedRow] {
        &self.rows
    }
}

/// Whether a release contract shows a row of a mart: its mart, its level, and of the columns in `endast` only
/// the codes named there.
pub(super) fn shows(contract: &Contract, sheet: &Sheet, row: usize) -> bool {
    if contract.custom_text("mart") != Some(sheet.name()) {
        return false;
    }
    if let Some(only) = contract.custom.get("endast").and_then(Yaml::as_mapping) {
        let barred = |(column, codes): (&Yaml, &Yaml)| {
            let at = sheet.columns.iter().position(|c| column.as_str() == Some(c));
            let code = at.map(|at| sheet.code(row, at));
            !codes.as_sequence().is_some_and(|codes| codes.iter().any(|c| c.as_str() == code))
        };
        if only.iter().any(barred) {
            return false;
        }
    }
    let at = sheet.columns.iter().position(|column| column == LEVEL);
    match (contract.custom_text("niva"), at) {
        (Some(level), Some(at)) => sheet.code(row, at) == level,
        _ => true,
    }
}

/// The key column of the level, of every mart that has levels.
const LEVEL: &str = "niva_kod";

/// Makes the table of one release contract.
///
/// # Errors
/// [`crate::error::Error::Contract`] where the contract names no mart of the release, or a column that the mart lacks.
pub(super) fn table(contract: &Arc<Contract>, joint: &Joint, displayed: &Displayed) -> Result<ProtectedTable> {
    let mart = contract.custom_text("mart").unwrap_or_default();
    let found = joint.sheets.iter().position(|sheet| sheet.name() == mart);
    let number = found.ok_or_else(|| contract.fault(format!("its mart {mart} is not in the release")))?;
    let sheet = &joint.sheets[number];
    let mut columns = Vec::new();
    for column in contract.key() {
        columns.push(sheet.column(column.custom_text("kalla").unwrap_or(&column.name))?);
    }
    let measures = measures(contract, sheet)?;
    let mut rows = Vec::new();
    for row in (0..sheet.rows.len()).filter(|&row| shows(contract, sheet, row)) {
        let shown = Shown { joint, displayed, number, row };
        let key: Vec<String> = columns.iter().map(|&column| sheet.code(row, column).to_owned()).collect();
        let values = measures.iter().map(|measure| shown.value(measure)).collect::<Result<_>>()?;
        // Of such a table each number is another than was counted, whatever else is to be said of it.
        let mark = sheet.policy.treatment.mark().unwrap_or_else(|| displayed.mark(joint, sheet.first + row));
        rows.push(ProtectedRow { key, values, withheld: shown.withheld(), mark });
    }
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].key == pair[1].key) {
        let key = pair[0].key.join("/");
        return Err(contract.fault(format!("its key does not tell the rows of the mart apart ({key})")));
    }
    Ok(ProtectedTable { contract: described(contract, sheet), rows })
}

/// The release contract; its description says by which method the numbers are not the counted ones, so that every
/// format does.
fn described(contract: &Arc<Contract>, sheet: &Sheet) -> Arc<Contract> {
    let Some(words) = sheet.policy.treatment.words() else { return Arc::clone(contract) };
    let description = format!("{} {words}", contract.description.trim_end());
    Arc::new(Contract { description, ..Contract::clone(contract) })
}

/// One row of a mart, seen through a pattern.
struct Shown<'a> {
    joint: &'a Joint,
    displayed: &'a Displayed,
    /// The sheet, and the row in it.
    number: usize,
    row: usize,
}

impl Shown<'_> {
    fn sheet(&self) -> &Sheet {
        &self.joint.sheets[self.number]
    }

    fn cell(&self) -> usize {
        self.joint.cell_of[self.sheet().first + self.row]
    }

    fn withheld(&self) -> bool {
        self.counts(self.cell()).is_none()
    }

    /// Deltaganden and personer of a cell that is shown.
    fn counts(&self, cell: usize) -> Option<(i64, i64)> {
        self.displayed.counts(self.joint, cell)
    }

    /// The number of a measure, or why there is none.
    fn value(&self, measure: &Measure) -> Result<Value> {
        let withheld = Value::Missing(Missing::Sekretess);
        let Some((deltaganden, personer)) = self.counts(self.cell()) else { return Ok(withheld) };
        let measures = self.displayed.further(self.sheet().first + self.row);
        let further = |at: usize| measures.unwrap_or(&self.sheet().rows[self.row].further)[at];
        // Of few there is no share and no mean, also where the few may be counted.
        let of = |part: i64, factor: i64, whole: (i64, i64), decimals: u8| match whole.1 {
            few if few > 0 && few < self.sheet().policy.denominator => withheld,
            _ => Value::quotient(part, factor, whole.0, decimals),
        };
        Ok(match measure {
            Measure::Deltaganden => Value::Whole(deltaganden),
            Measure::Personer => Value::Whole(personer),
            Measure::Further(at) => Value::Whole(further(*at)),
            Measure::Andel { inom } => {
                match self.joint.whole(self.number, *inom, self.row).and_then(|c| self.counts(c)) {
                    Some(whole) => of(deltaganden, 100, whole, 1),
                    // The whole is in a mart that is not in the release.
                    None if !self.sheet().is_exact() => Value::Missing(Missing::KanEjForekomma),
                    None => withheld,
                }
            }
            Measure::AndelAv { tal, av, decimals } => {
                let part = match av {
                    Numerator::Deltaganden => deltaganden,
                    Numerator::Personer => personer,
                    Numerator::Further(at) => further(*at),
                };
                Value::quotient(part, 100, further(*tal), *decimals)
            }
            Measure::Medel { tal, decimals } => of(further(*tal), 1, (deltaganden, personer), *decimals),
            Measure::Del { tal, dela, decimals } => Value::quotient(further(*tal), 1, *dela, *decimals),
            Measure::Kvot { tal, link, decimals } => {
                let other = self.joint.sheets.iter().find(|sheet| sheet.name() == link.mart);
                let fault = || self.sheet().contract.fault(format!("a quotient names the mart {}", link.mart));
                let other = other.ok_or_else(fault)?;
                let row = self.sheet().find(self.row, link, other)?;
                match row.and_then(|row| self.counts(self.joint.cell_of[other.first + row])) {
                    Some(whole) => of(further(*tal), 1, whole, *decimals),
                    None if row.is_none() => Value::Missing(Missing::KanEjForekomma),
                    None => withheld,
                }
            }
        })
    }
}
