//! What changed of the columns.

use super::table::shown;
use super::{Change, Weight, differs};
use crate::contract::{Column, Contract, DateForm, Identity, Kind};
use crate::layer::Layer;
use std::collections::BTreeSet;

/// Custom properties of a column that are read into fields, which are compared by themselves.
const READ: [&str; 8] =
    ["titelEn", "kodlista", "datumformat", "identitet", "position", "saknasSom", "allvar", "decimaltecken"];

/// Custom properties that explain and decide nothing about a file.
const EXPLAINS: [&str; 6] = ["pseudonym", "enhet", "varfor", "fritext", "kalla", "matt"];

pub(super) fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let is_delivery = new.layer == Layer::Deliveries;
    let has_header = is_delivery && new.custom.get("rubrikrad").and_then(serde_yaml_ng::Value::as_bool) != Some(false);
    let mut changes = Vec::new();
    let mut successors: BTreeSet<&str> = BTreeSet::new();
    for was in &old.columns {
        let found = new.column(&was.name).or_else(|| successor(was, old, new));
        let Some(is) = found else {
            // A header that is no longer known is noted, and the file is taken.
            let weight = if has_header && was.key_position.is_none() { Weight::Passes } else { Weight::Breaks };
            changes.push(change(was, "kolumnen är borttagen.".into(), weight));
            continue;
        };
        successors.insert(&is.name);
        if is.name != was.name {
            let weight = if is_delivery { Weight::Passes } else { Weight::Breaks };
            changes.push(change(is, format!("kolumnen heter {}, förut {}.", is.name, was.name), weight));
        }
        of_column(was, is, is_delivery, &mut changes);
    }
    for is in new.columns.iter().filter(|is| !successors.contains(is.name.as_str())) {
        let weight = if is_delivery { Weight::Breaks } else { Weight::Passes };
        changes.push(change(is, "kolumnen är ny.".into(), weight));
    }
    changes
}

/// The column that a renamed one has become: it has the header of before, as its own or as an alias.
fn successor<'a>(was: &Column, old: &Contract, new: &'a Contract) -> Option<&'a Column> {
    let is_its = |is: &&Column| old.column(&is.name).is_none() && knows(is, &was.header);
    new.columns.iter().find(is_its)
}

fn knows(column: &Column, header: &String) -> bool {
    column.header == *header || column.aliases.contains(header)
}

fn change(column: &Column, text: String, weight: Weight) -> Change {
    Change { place: Some(format!("Kolumn {} ({})", column.title, column.name)), text, weight }
}

fn of_column(was: &Column, is: &Column, is_delivery: bool, changes: &mut Vec<Change>) {
    let mut add = |text: Option<String>, weight| changes.extend(text.map(|text| change(is, text, weight)));
    let breaks = |yes: bool| if yes { Weight::Breaks } else { Weight::Passes };
    let text = |text: &str| Some(text.to_owned());
    add(differs(text(&was.title), text(&is.title), "titeln"), Weight::Text);
    add(differs(text(&was.title_en), text(&is.title_en), "den engelska titeln"), Weight::Text);
    add(differs(text(&was.description), text(&is.description), "beskrivningen"), Weight::Text);
    if is_delivery {
        add(differs(text(&was.header), text(&is.header), "rubriken"), breaks(!knows(is, &was.header)));
        let lost = was.aliases.iter().any(|alias| !knows(is, alias));
        add(differs(text(&was.aliases.join(", ")), text(&is.aliases.join(", ")), "andra rubriker"), breaks(lost));
    }
    let widened = (was.kind, is.kind) == (Kind::Integer, Kind::Long) && is_delivery;
    add(differs(text(kind(was.kind)), text(kind(is.kind)), "typen"), breaks(!widened));
    let stricter = if is_delivery { is.required } else { was.required };
    add(differs(yes(was.required), yes(is.required), "om den måste vara ifylld"), breaks(stricter));
    add(differs(text(form(was)), text(form(is)), "datumets form"), breaks(is.date_form != DateForm::Partial));
    add(differs(number(was.minimum), number(is.minimum), "det minsta värdet"), breaks(above(is.minimum, was.minimum)));
    add(
        differs(number(was.maximum), number(is.maximum), "det största värdet"),
        breaks(above(flip(is.maximum), flip(was.maximum))),
    );
    let length = |length: Option<usize>| length.and_then(|length| i64::try_from(length).ok());
    let (least, most) =
        ((length(was.min_length), length(is.min_length)), (length(was.max_length), length(is.max_length)));
    add(differs(number(least.0), number(least.1), "den minsta längden"), breaks(above(least.1, least.0)));
    add(differs(number(most.0), number(most.1), "den största längden"), breaks(above(flip(most.1), flip(most.0))));
    add(differs(was.pattern.clone(), is.pattern.clone(), "mönstret"), breaks(is.pattern.is_some()));
    add(differs(was.code_list.clone(), is.code_list.clone(), "kodlistan"), breaks(is.code_list.is_some()));
    add(differs(identity(was), identity(is), "identiteten"), Weight::Breaks);
    add(differs(place(was), place(is), "platsen på raden"), Weight::Breaks);
    let lost = was.null_texts.iter().any(|text| !is.null_texts.contains(text));
    add(
        differs(text(&was.null_texts.join(", ")), text(&is.null_texts.join(", ")), "vad som betyder saknas"),
        breaks(lost),
    );
    add(
        differs(text(consequence(was)), text(consequence(is)), "följden av ett fel"),
        breaks(is.severity > was.severity),
    );
    add(
        differs(text(&was.decimal_mark.to_string()), text(&is.decimal_mark.to_string()), "decimaltecknet"),
        Weight::Breaks,
    );
    let class = |column: &Column| column.sensitivity.map(|class| class.name().to_owned());
    add(differs(class(was), class(is), "klassen av personuppgift"), Weight::Passes);
    let source = |column: &Column| column.source.clone();
    add(differs(source(was), source(is), "leveransens kolumn"), Weight::Breaks);
    let names: BTreeSet<&String> = was.custom.keys().chain(is.custom.keys()).collect();
    for name in names.into_iter().filter(|name| !READ.contains(&name.as_str())) {
        let weight = if EXPLAINS.contains(&name.as_str()) { Weight::Text } else { Weight::Breaks };
        add(differs(was.custom.get(name).map(shown), is.custom.get(name).map(shown), name), weight);
    }
}

/// Whether the first bound leaves out what the second lets in.
fn above(is: Option<i64>, was: Option<i64>) -> bool {
    match (is, was) {
        (Some(is), Some(was)) => is > was,
        (is, _) => is.is_some(),
    }
}

fn flip(bound: Option<i64>) -> Option<i64> {
    bound.map(|bound| -bound)
}

fn number(number: Option<i64>) -> Option<String> {
    number.map(|number| number.to_string())
}

fn yes(flag: bool) -> Option<String> {
    Some(if flag { "ja" } else { "nej" }.into())
}

/// A type in Swedish.
pub(in crate::contract) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer | Kind::Long => "heltal",
        Kind::Decimal => "decimaltal",
        Kind::Date => "datum",
        Kind::Boolean => "sant eller falskt",
        Kind::Uuid => "pseudonym",
    }
}

/// How a date is written, in Swedish; empty where the column is no date.
pub(in crate::contract) const fn form(column: &Column) -> &'static str {
    match (column.kind, column.date_form) {
        (Kind::Date, DateForm::Dashed) => "ÅÅÅÅ-MM-DD",
        (Kind::Date, DateForm::Compact) => "ÅÅÅÅMMDD",
        (Kind::Date, DateForm::Month) => "ÅÅÅÅMM",
        (Kind::Date, DateForm::Week) => "ÅÅÅÅVV",
        (_, DateForm::Partial) => "ÅÅÅÅ-MM-DD, där månad och dag får vara 00 eller utelämnas",
        _ => "",
    }
}

/// Whose number a column holds, in Swedish.
pub(in crate::contract) fn identity(column: &Column) -> Option<String> {
    column.identity.map(|identity| match identity {
        Identity::Person => "personnummer eller samordningsnummer".to_owned(),
        Identity::Employer => "organisationsnummer, eller arbetsgivarens personnummer".to_owned(),
        Identity::Household => "hushållets nummer".to_owned(),
    })
}

/// Place in a line, in Swedish.
pub(in crate::contract) fn place(column: &Column) -> Option<String> {
    column.position.map(|(start, width)| format!("tecken {start}–{}", start + width - 1))
}

/// What a fault in the column does, in Swedish.
pub(in crate::contract) const fn consequence(column: &Column) -> &'static str {
    use crate::contract::Severity;
    match column.fault_severity() {
        Severity::Note => "värdet töms och noteras",
        Severity::Reject => "raden avvisas",
        Severity::Stop => "leveransen tas inte emot",
    }
}
