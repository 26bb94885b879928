//! What a rule expected, in Swedish and read off the contract: the felrapport says it to the supplier.

use crate::contract::{Catalogue, Column, Contract, RowRule};
use crate::fault::{Place, Rule};
use serde_yaml_ng::Value;

/// Codes of a list that are written out; of a longer one its name is told.
const CODES_SHOWN: usize = 30;

/// What was expected where a fault stands; empty where the rule says it all.
pub(super) fn expected(contract: &Contract, catalogue: &Catalogue, place: &Place) -> String {
    let column = place.column.as_deref().and_then(|name| contract.column(name));
    match (place.rule, column) {
        (Rule::Manifest, _) => "leverans, uttagsdatum, period, population och filer".into(),
        (Rule::MissingFile, _) => "filen".into(),
        (Rule::Checksum, _) => "den sha256 som leverans.yaml anger".into(),
        (Rule::RowCount, _) => "så många rader som leverans.yaml anger".into(),
        (Rule::ControlTotal, _) => "den summa som leverans.yaml anger".into(),
        (Rule::Encoding, _) => contract.custom_text("teckenkodning").unwrap_or_default().into(),
        (Rule::Unreadable, _) => format!("en fil i formatet {}", listed(contract.custom.get("format"))),
        (Rule::Header, Some(column)) => {
            let names: Vec<&str> = [&column.header].into_iter().chain(&column.aliases).map(String::as_str).collect();
            format!("rubriken {}", names.join(" eller "))
        }
        (Rule::Header, None) => {
            let names: Vec<&str> = contract.columns.iter().map(|column| column.header.as_str()).collect();
            format!("{} rubriker: {}", names.len(), names.join(", "))
        }
        (Rule::ColumnType, _) => "text, tal eller datum".into(),
        (Rule::Truncated | Rule::FieldCount, _) if contract.custom_number("radbredd").is_none() => {
            format!("{} fält", contract.columns.len())
        }
        (Rule::Truncated | Rule::LineWidth, _) => {
            contract.custom_number("radbredd").map(|width| format!("{width} tecken")).unwrap_or_default()
        }
        (Rule::Empty, _) => "minst en rad".into(),
        (Rule::Tolerance, _) => {
            format!("högst {} felaktiga rader av 1 000", contract.custom_number("avvisadeHogstPromille").unwrap_or(0))
        }
        (Rule::Identity, _) => "tolv siffror, eller tio med - eller +".into(),
        (Rule::Type, Some(column)) => column.form_in_words().swedish,
        (Rule::Code, Some(column)) => code(column, catalogue),
        (Rule::CodeDate, Some(column)) => {
            let date = column.code_date.as_deref().and_then(|name| contract.column(name));
            let list = column.code_list.as_deref().unwrap_or_default();
            date.map(|date| format!("en kod i listan {list} som gäller på dagen i {}", date.title)).unwrap_or_default()
        }
        (Rule::Pattern, Some(column)) => format!("formen {}", column.pattern.as_deref().unwrap_or_default()),
        (Rule::Bounds, Some(column)) => within(column.minimum, column.maximum, ""),
        (Rule::Length, Some(column)) => within(column.min_length, column.max_length, " tecken"),
        (Rule::Order, Some(column)) => {
            let earlier = contract.row_rules.iter().find_map(|rule| match rule {
                RowRule::Order { from, till, .. } if *till == column.name => contract.column(from),
                RowRule::Order { .. } => None,
            });
            earlier.map(|earlier| format!("inte före {}", earlier.title)).unwrap_or_default()
        }
        (Rule::OutsidePeriod, _) => "en dag, en månad eller ett år i den period som leverans.yaml anger".into(),
        (Rule::LegalBasis, _) => {
            let day = |key| contract.custom_key("rattsligGrund", key).unwrap_or_default();
            format!("en dag från och med {} till och med {}", day("giltigFran"), day("giltigTill"))
        }
        _ => String::new(),
    }
}

fn code(column: &Column, catalogue: &Catalogue) -> String {
    let name = column.code_list.as_deref().unwrap_or_default();
    let list = catalogue.code_list(name).map(|list| list.codes.iter().map(|code| code.code.as_str()).collect());
    let mut codes: Vec<&str> = list.unwrap_or_default();
    codes.dedup();
    if codes.len() > CODES_SHOWN {
        return format!("en av de {} koderna i listan {name}", codes.len());
    }
    format!("en kod i listan {name}: {}", codes.join(", "))
}

fn within<T: std::fmt::Display>(least: Option<T>, most: Option<T>, unit: &str) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("{least}–{most}{unit}"),
        (Some(least), None) => format!("minst {least}{unit}"),
        (None, Some(most)) => format!("högst {most}{unit}"),
        (None, None) => String::new(),
    }
}

fn listed(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Sequence(texts)) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" eller "),
        _ => String::new(),
    }
}
