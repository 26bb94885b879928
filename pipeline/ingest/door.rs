//! What becomes of a batch before anything looks at it: titles become the codes that they stand for, and free text is
//! left behind.

use super::batch::Batch;
use crate::contract::{Catalogue, Column, Contract};
use crate::error::Result;
use arrow::array::{Array, StringArray};
use serde_yaml_ng::Value;
use std::collections::HashMap;

/// What happens to a column.
enum Change {
    /// `kodform: titel`: the code of each code and title of the list, as [`plain`] text.
    Code(HashMap<String, String>),
    /// `fritext`: nothing of it is held.
    Forget,
}

/// The changes that a contract asks for, by the place of the column.
pub(super) struct Door(Vec<(usize, Change)>);

impl Door {
    /// # Errors
    /// [`crate::error::Error::Contract`] where a column asks for titles of a list that is not there, or in which two
    /// codes have one title; where `kodform` is another; where free text is required.
    pub fn of(contract: &Contract, catalogue: &Catalogue) -> Result<Door> {
        let mut changes = Vec::new();
        for (place, column) in contract.columns.iter().enumerate() {
            if column.custom.get("fritext").and_then(Value::as_bool) == Some(true) {
                if column.required {
                    return Err(contract.fault(format!("{}: free text cannot be required", column.name)));
                }
                changes.push((place, Change::Forget));
            } else if column.custom.contains_key("kodform") {
                changes.push((place, Change::Code(codes(contract, column, catalogue)?)));
            }
        }
        Ok(Door(changes))
    }

    /// The batch as the checks see it. A text that is neither code nor title stays, for the checks to find.
    pub fn let_in(&self, mut batch: Batch) -> Batch {
        for (place, change) in &self.0 {
            let held = &batch.columns[*place];
            batch.columns[*place] = match change {
                Change::Forget => StringArray::new_null(held.len()),
                Change::Code(codes) => {
                    let code = |text: &str| codes.get(&plain(text)).cloned().unwrap_or_else(|| text.to_owned());
                    held.iter().map(|text| text.map(code)).collect()
                }
            };
        }
        batch
    }
}

fn codes(contract: &Contract, column: &Column, catalogue: &Catalogue) -> Result<HashMap<String, String>> {
    let (Some("titel"), Some(name)) = (column.custom_text("kodform"), &column.code_list) else {
        return Err(contract.fault(format!("{}: kodform is titel, of a column with kodlista", column.name)));
    };
    let mut codes: HashMap<String, String> = HashMap::new();
    for code in &catalogue.code_list(name)?.codes {
        for text in [&code.code, &code.title] {
            let other = codes.insert(plain(text), code.code.clone());
            if other.is_some_and(|other| other != code.code) {
                return Err(contract.fault(format!("{}: two codes of {name} have one title", column.name)));
            }
        }
    }
    Ok(codes)
}

/// A text as people may write it: in any case, with any dash, with blanks as they come.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace(['–', '—', '‑'], "-");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn people_write_a_title_in_many_ways() {
        assert_eq!(plain(" 1–2   År"), plain("1-2 år"));
        assert_ne!(plain("Håbo"), plain("Habo"), "both are kommuner");
    }
}
