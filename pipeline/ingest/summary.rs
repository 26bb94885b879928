//! The line that ends a table where the contract says so (`slutrad`): a sum or a count under the rows, which is no
//! row itself. A table without it is cut off, unless the contract only lets it be there (`slutradTillaten`), and rows
//! after it belong to something else.

use super::reader::Stop;
use crate::contract::Contract;
use crate::fault::{FaultLog, Rule};
use serde_yaml_ng::Value;

/// What the first field of the last line may say; nothing where the contract has no such line.
#[derive(Clone, Default)]
pub struct Summary {
    texts: Vec<String>,
    required: bool,
    passed: bool,
}

impl Summary {
    pub fn of(contract: &Contract) -> Summary {
        let texts = |name| match contract.custom.get(name) {
            Some(Value::Sequence(texts)) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        };
        let mut all = texts("slutrad");
        let required = !all.is_empty();
        all.extend(texts("slutradTillaten"));
        Summary { texts: all, required, passed: false }
    }

    /// Whether the contract has such a line, or lets it be there.
    pub const fn is_expected(&self) -> bool {
        !self.texts.is_empty()
    }

    /// Whether it was met.
    pub const fn is_passed(&self) -> bool {
        self.passed
    }

    /// This, or what was before it where this was not met.
    pub fn or(self, before: Summary) -> Summary {
        if self.passed { self } else { before }
    }

    /// Whether a record, by its first field, is the last line and no row.
    ///
    /// # Errors
    /// [`Stop`] where it comes after the last line.
    pub fn is_it(&mut self, first: &str, name: &str, row: u64, faults: &mut FaultLog) -> Result<bool, Stop> {
        if self.passed {
            faults.add(Rule::AfterSummary, name, None, Some(row), "no row after the last line");
            return Err(Stop);
        }
        self.passed = self.texts.iter().any(|text| text == first.trim());
        Ok(self.passed)
    }

    /// At the end of the file.
    ///
    /// # Errors
    /// [`Stop`] where a last line that must be there is missing.
    pub fn end(&self, name: &str, faults: &mut FaultLog) -> Result<(), Stop> {
        if !self.required || self.passed {
            return Ok(());
        }
        faults.add(
            Rule::Truncated,
            name,
            None,
            None,
            &format!("a last line that begins with {}", self.texts.join(" or ")),
        );
        Err(Stop)
    }
}
