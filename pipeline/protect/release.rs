//! The protected tables of a release: what writers are given, with shares made from protected counts only.

use super::join::Joint;
use super::pattern::Status;
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
    deltaganden: Value,
    personer: Value,
    andel: Value,
}

impl ProtectedRow {
    /// Codes in the order of the release contract's primary key.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    pub fn deltaganden(&self) -> Value {
        self.deltaganden
    }

    pub fn personer(&self) -> Value {
        self.personer
    }

    /// Percent of deltaganden within the contract's `andelInom`, or why there is none.
    pub fn andel(&self) -> Value {
        self.andel
    }

    /// Code in `cellstatus`.
    pub fn status(&self) -> &'static str {
        match self.deltaganden {
            Value::Missing(missing) => missing.code(),
            Value::Count(_) | Value::Share(_) => PUBLISHED,
        }
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
    match (contract.custom_text("niva"), sheet.policy.levels()) {
        (Some(level), Some((column, _))) => {
            sheet.columns.iter().position(|c| c == column).is_some_and(|at| sheet.code(row, at) == level)
        }
        _ => true,
    }
}

/// Makes the table of one release contract.
///
/// # Errors
/// [`crate::error::Error::Contract`] where the contract names no mart of the release, or a key column that
/// the mart lacks.
pub(super) fn table(contract: &Arc<Contract>, joint: &Joint, status: &[Status]) -> Result<ProtectedTable> {
    let mart = contract.custom_text("mart").unwrap_or_default();
    let found = joint.sheets.iter().position(|sheet| sheet.name() == mart);
    let number = found.ok_or_else(|| contract.fault(format!("its mart {mart} is not in the release")))?;
    let sheet = &joint.sheets[number];
    let mut columns = Vec::new();
    for column in contract.key() {
        columns.push(sheet.column(column.custom_text("kalla").unwrap_or(&column.name))?);
    }
    let within = contract.custom_text("andelInom").map(|column| sheet.column(column)).transpose()?;
    let mut rows = Vec::new();
    for row in (0..sheet.rows.len()).filter(|&row| shows(contract, sheet, row)) {
        let cell = joint.cell_of[sheet.first + row];
        let whole = within.and_then(|column| joint.whole(number, column, row));
        let true_cell = &joint.system.cells[cell];
        let count =
            |value| if status[cell].withheld() { Value::Missing(Missing::Sekretess) } else { Value::Count(value) };
        let andel = match whole {
            Some(whole) if !status[cell].withheld() && !status[whole].withheld() => {
                Value::share(true_cell.deltaganden, joint.system.cells[whole].deltaganden)
            }
            _ => Value::Missing(Missing::Sekretess),
        };
        let key = columns.iter().map(|&column| sheet.code(row, column).to_owned()).collect();
        let (deltaganden, personer) = (count(true_cell.deltaganden), count(true_cell.personer));
        rows.push(ProtectedRow { key, deltaganden, personer, andel });
    }
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(ProtectedTable { contract: Arc::clone(contract), rows })
}
