//! How a mart's counts are protected (`metod`, `avrundning`): withheld with proof, perturbed by cell key, or rounded.
//!
//! Perturbed and rounded counts take no part in the joint system: beside them an exact total would tell what was done
//! to its parts. So marts that are linked to each other in a release are protected by one method, with the same noise.

use super::displayed::Mark;
use super::rules::{Kind, Rule};
use super::table::{Sheet, further};
use crate::contract::{self, Contract};
use crate::error::Result;
use serde_yaml_ng::Value;

/// What is done to the counts of a mart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Treatment {
    /// Small counts are withheld, and others beside them (`undertryckning`).
    Suppression,
    /// Noise by the sum of the record keys of those counted (`cellnyckel`).
    CellKey {
        /// Persons; no count is changed by more.
        most: i64,
        /// Persons squared, of counts that no bound cuts short.
        variance: f64,
        /// Persons; 1 to one fewer are never shown.
        threshold: i64,
    },
    /// To the nearest multiple of so many (`avrundning`).
    Rounding { base: i64 },
}

impl Treatment {
    /// Reads the method of a mart about people; `threshold` is that in effect.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where it is no method of ours, or the mart has exact measures beside counts.
    pub fn of(contract: &Contract, kind: &Kind, declared: i64, threshold: i64) -> Result<Treatment> {
        let rounding = contract.custom.get("avrundning");
        let method = match (contract.custom_text("metod"), rounding) {
            (None, _) if contract.custom.contains_key("metod") => return Err(unknown(contract)),
            (None | Some("undertryckning"), None) => return Ok(Treatment::Suppression),
            (None | Some("undertryckning"), Some(base)) => {
                Treatment::Rounding { base: rounded(contract, base, declared, threshold)? }
            }
            (Some("cellnyckel"), None) => perturbed(contract, declared, threshold)?,
            (Some("cellnyckel"), Some(_)) => {
                return Err(contract.fault("avrundning and metod: cellnyckel are two methods; state one"));
            }
            (Some(_), _) => return Err(unknown(contract)),
        };
        if *kind != Kind::People {
            return Err(contract.fault("metod and avrundning are for marts about people; this one has skydd"));
        }
        let is_exact = |column: &&contract::Column| !matches!(column.custom_text("matt"), Some("antal" | "cellnyckel"));
        match further(contract).find(is_exact) {
            None => Ok(method),
            Some(column) => Err(contract.fault(format!(
                "{} is exact beside perturbed or rounded counts: take it out, or use metod: undertryckning",
                column.name
            ))),
        }
    }

    /// The mark of every row of such a mart.
    pub const fn mark(self) -> Option<Mark> {
        match self {
            Treatment::Suppression => None,
            Treatment::CellKey { .. } => Some(Mark::Perturbed),
            Treatment::Rounding { .. } => Some(Mark::Rounded),
        }
    }

    /// What readers of a table are told of its numbers, in Swedish as the contracts' texts.
    pub fn words(self) -> Option<String> {
        match self {
            Treatment::Suppression => None,
            Treatment::CellKey { most, threshold, .. } => Some(format!(
                "Talen är brusade med cellnyckelmetoden: personer, och deltaganden utöver en per person, är vart och \
                 ett ändrat med högst {most}. Noll är alltid noll, 1–{} visas aldrig, och samma människor ger samma \
                 tal i alla tabeller. Delar summerar därför inte alltid till det hela, och andelar är räknade på \
                 brusade tal.",
                threshold - 1
            )),
            Treatment::Rounding { base } => Some(format!(
                "Talen är avrundade till närmaste multipel av {base}. Delar summerar därför inte alltid till det hela, \
                 och andelar är räknade på avrundade tal."
            )),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Treatment::Suppression => "undertryckning",
            Treatment::CellKey { .. } => "cellnyckel",
            Treatment::Rounding { .. } => "avrundning",
        }
    }
}

fn unknown(contract: &Contract) -> crate::error::Error {
    contract.fault("metod is undertryckning or cellnyckel")
}

fn perturbed(contract: &Contract, declared: i64, threshold: i64) -> Result<Treatment> {
    let noise = contract.custom.get("brus").ok_or_else(|| contract.fault("metod: cellnyckel lacks brus"))?;
    let most = noise.get("hogst").and_then(Value::as_i64).ok_or_else(|| contract.fault("brus lacks hogst"))?;
    let variance = noise.get("varians").and_then(Value::as_f64).ok_or_else(|| contract.fault("brus lacks varians"))?;
    if !(declared..=MOST).contains(&most) {
        let reason = format!("brus: hogst is from troskel ({declared}) to {MOST}: few must be able to become enough");
        return Err(contract.fault(reason));
    }
    // More than that of even odds, the largest noise would be the commonest.
    let even = (most * (most + 1)) as f64 / 3.0;
    if !(variance > 0.0 && variance < even) {
        return Err(contract.fault(format!("brus: varians is more than 0 and less than {even:.1}, that of even odds")));
    }
    let of = |column: &&contract::Column| column.custom_text("matt") == Some("cellnyckel");
    match contract.columns.iter().find(of) {
        Some(column) if column.required && column.kind == contract::Kind::Long => {
            Ok(Treatment::CellKey { most: most.max(threshold), variance, threshold })
        }
        Some(column) => Err(contract.fault(format!("{} is matt: cellnyckel, a required BIGINT", column.name))),
        None => Err(contract.fault("metod: cellnyckel lacks a measure with matt: cellnyckel")),
    }
}

/// No noise is larger: the table of a count has twice as many entries.
const MOST: i64 = 50;

fn rounded(contract: &Contract, base: &Value, declared: i64, threshold: i64) -> Result<i64> {
    match base.as_i64() {
        // A threshold that the settings raise makes the steps longer, and leaves them multiples of the base.
        Some(base) if base >= declared => Ok(base * ((threshold + base - 1) / base)),
        _ => Err(contract.fault(format!("avrundning is a whole number of at least troskel ({declared})"))),
    }
}

/// Links between marts of a release are between marts of one method; a mart that is not exact loses those to marts
/// that are not in the release.
///
/// # Errors
/// [`crate::error::Error::Contract`], which says what to do.
pub(super) fn settle_links(sheets: &mut [Sheet]) -> Result<()> {
    let methods: Vec<(String, Treatment)> = sheets.iter().map(|s| (s.name().to_owned(), s.policy.treatment)).collect();
    let of = |mart: &str| methods.iter().find(|(name, _)| name == mart).map(|(_, method)| *method);
    for sheet in sheets {
        let own = sheet.policy.treatment;
        for mart in sheet.policy.rules.iter().filter_map(linked) {
            let Some(other) = of(mart).filter(|other| *other != own) else { continue };
            return Err(sheet.contract.fault(format!(
                "it is protected by {} and linked to the mart {mart}, which is protected by {}{}: exact totals may not \
                 stand beside perturbed parts; give both one method (metod, brus, avrundning, troskel), or keep the \
                 tables of one of them out of the release (utkast)",
                own.name(),
                other.name(),
                if own.name() == other.name() { " otherwise" } else { "" }
            )));
        }
        if own != Treatment::Suppression {
            sheet.policy.rules.retain(|rule| linked(rule).is_none_or(|mart| of(mart).is_some()));
        }
    }
    Ok(())
}

/// The mart that a relation leads to.
fn linked(rule: &Rule) -> Option<&str> {
    match rule {
        Rule::Parts { link, .. } | Rule::AtMost { link, .. } => Some(&link.mart),
        _ => None,
    }
}
