//! The columns of a release table that hold numbers, and what each is made of (`matt`, `beraknas`).

use super::rules::Link;
use super::table::Sheet;
use crate::contract::{Column, Contract, Kind};
use crate::error::Result;
use serde_yaml_ng::Value as Yaml;

/// What a column shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Deltaganden,
    Personer,
    /// A further measure of the mart, by its position.
    Further(usize),
    /// `andel`: percent of deltaganden within the whole of a key column.
    Andel {
        inom: usize,
    },
    /// `andel_av`: percent of an open number of the row.
    AndelAv {
        tal: usize,
        av: Numerator,
        decimals: u8,
    },
    /// `medel`: a sum by deltaganden.
    Medel {
        tal: usize,
        decimals: u8,
    },
    /// `tal_av`: a sum by a number that is always the same.
    Del {
        tal: usize,
        dela: i64,
        decimals: u8,
    },
    /// `kvot`: an open number or amount by the deltaganden of a row of another mart.
    Kvot {
        tal: usize,
        link: Link,
        decimals: u8,
    },
}

/// What a share is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numerator {
    Deltaganden,
    Personer,
    /// Another open number of the row.
    Further(usize),
}

/// The columns of a release contract that are neither key, name of an area nor status.
pub fn shown(contract: &Contract) -> impl Iterator<Item = &Column> {
    let is_name = |column: &Column| column.custom_text("kalla") == Some("omrade_namn");
    let is_status = |column: &Column| matches!(column.code_list.as_deref(), Some("cellstatus" | "markering"));
    contract.columns.iter().filter(move |c| c.key_position.is_none() && !is_name(c) && !is_status(c))
}

/// Decimals of a column's numbers: as `beraknas` says, else none of whole numbers and kronor, and one of others.
pub fn decimals(column: &Column) -> u8 {
    let made = column.custom.get("beraknas");
    let said = made.and_then(|made| made.get("decimaler")).and_then(Yaml::as_u64).and_then(|n| u8::try_from(n).ok());
    match (column.kind, column.custom_text("enhet")) {
        (Kind::Decimal, Some("kronor")) => said.unwrap_or(0),
        (Kind::Decimal, _) => said.unwrap_or(1),
        _ => 0,
    }
}

/// What each shown column of a release contract is made of.
///
/// # Errors
/// [`crate::error::Error::Contract`] where a column is none of these, or names what the mart lacks.
pub(super) fn measures(contract: &Contract, sheet: &Sheet) -> Result<Vec<Measure>> {
    shown(contract).map(|column| measure(contract, sheet, column)).collect()
}

fn measure(contract: &Contract, sheet: &Sheet, column: &Column) -> Result<Measure> {
    let Some(made) = column.custom.get("beraknas") else {
        let source = column.custom_text("kalla").unwrap_or(&column.name);
        return match (column.custom_text("matt"), sheet.further(source)) {
            (Some("deltaganden"), _) => Ok(Measure::Deltaganden),
            (Some("personer"), _) => Ok(Measure::Personer),
            (Some("cellnyckel"), _) => Err(contract.fault(format!("{} is a cell key: no table shows it", column.name))),
            (Some(_), Some(at)) => Ok(Measure::Further(at)),
            _ => Err(contract.fault(format!("{} is neither key, measure nor status", column.name))),
        };
    };
    let fault = |what: &str| contract.fault(format!("{}: beraknas {what}", column.name));
    let text = |key: &str| made.get(key).and_then(Yaml::as_str);
    let tal = || {
        let name = text("tal").ok_or_else(|| fault("lacks tal"))?;
        sheet.further(name).ok_or_else(|| fault("names a tal that is no measure of the mart"))
    };
    let decimals = decimals(column);
    Ok(match text("slag") {
        Some("andel") => Measure::Andel { inom: sheet.column(text("inom").ok_or_else(|| fault("lacks inom"))?)? },
        Some("andel_av") => {
            let av = match (text("av"), column.custom_text("matt")) {
                (Some(name), _) => {
                    let at = sheet.further(name).ok_or_else(|| fault("names an av that is no measure of the mart"))?;
                    Numerator::Further(at)
                }
                (None, Some("personer")) => Numerator::Personer,
                (None, _) => Numerator::Deltaganden,
            };
            Measure::AndelAv { tal: tal()?, av, decimals }
        }
        Some("tal_andel") => {
            let name = text("av").ok_or_else(|| fault("lacks av"))?;
            let whole = sheet.further(name).ok_or_else(|| fault("names an av that is no measure of the mart"))?;
            Measure::AndelAv { tal: whole, av: Numerator::Further(tal()?), decimals }
        }
        Some("medel") => Measure::Medel { tal: tal()?, decimals },
        Some("tal_av") => {
            let dela = made.get("dela").and_then(Yaml::as_i64).filter(|by| *by > 0);
            Measure::Del { tal: tal()?, dela: dela.ok_or_else(|| fault("lacks dela"))?, decimals }
        }
        Some("kvot") => Measure::Kvot { tal: tal()?, link: Link::of(contract, made)?, decimals },
        _ => return Err(fault("is andel, andel_av, tal_andel, medel, tal_av or kvot")),
    })
}
