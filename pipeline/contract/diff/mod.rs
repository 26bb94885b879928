//! What changed between two versions of a contract or code list, in Swedish words for suppliers, and whom it breaks.
//!
//! The version's last digit is for texts, the middle one for what passes as before, the first for what breaks.

mod column;
mod table;

pub(super) use column::{consequence, form, identity, kind, place};
pub(super) use table::shown;

use super::{CodeList, Contract};
use crate::layer::Layer;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How much a change weighs: which part of the version it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Titles and descriptions.
    Text,
    /// Deliveries: files of before are taken. Other layers: what reads the table reads it still.
    Passes,
    /// Files of before are not taken as they were, or what reads the table must be changed.
    Breaks,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The column or code; none where it is the whole table's.
    pub place: Option<String>,
    /// In Swedish, with what was and what is.
    pub text: String,
    pub weight: Weight,
}

/// All changes from one version to another.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    pub name: String,
    /// Empty for code lists, which have no version.
    pub old_version: String,
    pub new_version: String,
    /// First twelve digits of the hash of the new file.
    pub digest: String,
    /// Whom it breaks, where it breaks anyone.
    pub breaks: Option<&'static str>,
    /// Where the version says less than the changes weigh: the lowest that would do.
    pub version_wanted: Option<String>,
    pub changes: Vec<Change>,
}

impl Difference {
    /// Between two versions of one contract.
    pub fn of(old: &Contract, new: &Contract) -> Difference {
        let mut changes = table::changes(old, new);
        changes.extend(column::changes(old, new));
        let whom = if new.layer == Layer::Deliveries { "leverantören" } else { "den som läser tabellen" };
        let weight = weight(&changes);
        Difference {
            name: new.full_name(),
            old_version: old.version.clone(),
            new_version: new.version.clone(),
            digest: new.digest[..12].to_owned(),
            breaks: (weight == Some(Weight::Breaks)).then_some(whom),
            version_wanted: wanted(&old.version, &new.version, weight),
            changes,
        }
    }

    /// Between two versions of one code list.
    pub fn of_codes(old: &CodeList, new: &CodeList) -> Difference {
        let changes = codes(old, new);
        Difference {
            name: format!("codes.{}", new.name),
            old_version: String::new(),
            new_version: String::new(),
            digest: new.digest()[..12].to_owned(),
            breaks: (weight(&changes) == Some(Weight::Breaks)).then_some("leverantören"),
            version_wanted: None,
            changes,
        }
    }

    /// As a part of a change log (Markdown).
    pub fn told(&self) -> String {
        let mut text = format!("## {} {}\n\n", self.name, self.new_version).replace(" \n", "\n");
        let from = if self.old_version.is_empty() { String::new() } else { format!("Från {}. ", self.old_version) };
        let breaks = self.breaks.map_or("nej".to_owned(), |whom| format!("ja, för {whom}"));
        let _ = writeln!(text, "{from}Bryter: {breaks}. Avtryck: {}.\n", self.digest);
        if self.changes.is_empty() {
            text += "- Ingenting har ändrats.\n";
        }
        for change in &self.changes {
            let place = change.place.as_ref().map_or(String::new(), |place| format!("{place}: "));
            let breaks = if change.weight == Weight::Breaks { " **Bryter.**" } else { "" };
            let _ = writeln!(text, "- {place}{}{breaks}", change.text);
        }
        text
    }
}

fn weight(changes: &[Change]) -> Option<Weight> {
    changes.iter().map(|change| change.weight).max()
}

/// The lowest version that says as much as the changes weigh, where the new one does not.
fn wanted(old: &str, new: &str, weight: Option<Weight>) -> Option<String> {
    let numbers = |version: &str| -> Option<[u64; 3]> {
        let parts: Vec<u64> = version.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        parts.try_into().ok()
    };
    let ([major, minor, patch], is) = (numbers(old)?, numbers(new)?);
    let least = match weight? {
        Weight::Text => [major, minor, patch + 1],
        Weight::Passes => [major, minor + 1, 0],
        Weight::Breaks => [major + 1, 0, 0],
    };
    (is < least).then(|| least.map(|number| number.to_string()).join("."))
}

fn codes(old: &CodeList, new: &CodeList) -> Vec<Change> {
    // A code that was used for two things stands twice, with other dates.
    let by_code = |list: &CodeList| {
        let mut found: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
        for code in &list.codes {
            let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
            let held = (day(code.valid_from), day(code.valid_till), code.title.clone());
            found.entry(code.code.clone()).or_default().push(held);
        }
        found
    };
    let (before, after) = (by_code(old), by_code(new));
    let mut changes = Vec::new();
    let mut add = |code: &str, text: String, weight| {
        changes.push(Change { place: Some(format!("Kod {code}")), text, weight });
    };
    for (code, was) in &before {
        let Some(is) = after.get(code) else {
            add(code, format!("{} är borttagen.", was[0].2), Weight::Breaks);
            continue;
        };
        let dates = |held: &[(String, String, String)]| {
            let spans = held.iter().map(|(from, till, _)| match (from.as_str(), till.as_str()) {
                ("", "") => "alltid".to_owned(),
                (from, till) => format!("{from}–{till}"),
            });
            spans.collect::<Vec<_>>().join(" och ")
        };
        if dates(was) != dates(is) {
            let weight = if is.iter().any(|(from, till, _)| from.is_empty() && till.is_empty()) {
                Weight::Passes
            } else {
                Weight::Breaks
            };
            add(code, format!("gäller {}, förut {}.", dates(is), dates(was)), weight);
        }
        let titles = |held: &[(String, String, String)]| {
            held.iter().map(|(_, _, title)| title.as_str()).collect::<Vec<_>>().join(" och ")
        };
        if titles(was) != titles(is) {
            add(code, format!("heter ”{}”, förut ”{}”.", titles(is), titles(was)), Weight::Text);
        }
    }
    for (code, is) in after.iter().filter(|(code, _)| !before.contains_key(*code)) {
        add(code, format!("{} är ny.", is[0].2), Weight::Passes);
    }
    changes
}

/// A value that was and one that is, where they differ; `—` where there is none.
fn differs(old: Option<String>, new: Option<String>, what: &str) -> Option<String> {
    let shown = |value: Option<String>| value.filter(|text| !text.is_empty()).unwrap_or_else(|| "—".into());
    (old != new).then(|| format!("{what} är {}, förut {}.", shown(new), shown(old)))
}

#[cfg(test)]
mod tests;
