//! What changed of a table as a whole.

use super::{Change, Weight, differs};
use crate::contract::{Contract, RowRule};
use crate::layer::Layer;
use serde_yaml_ng::Value;
use std::collections::BTreeSet;

/// Custom properties of a contract, in Swedish, and what a change of each weighs for a supplier; for the readers of
/// other layers none of them breaks anything. One that does not stand here is taken to break.
const PROPERTIES: [(&str, &str, Judgement); 30] = [
    ("format", "formatet", Judgement::Fewer),
    ("teckenkodning", "teckenkodningen", Judgement::Always(Weight::Breaks)),
    ("avgransare", "avgränsaren", Judgement::Always(Weight::Breaks)),
    ("rubrikrad", "rubrikraden", Judgement::Always(Weight::Breaks)),
    ("rubrikHogstRad", "den sista rad som rubriken får stå på", Judgement::Lower),
    ("slutradTillaten", "vad en slutrad får börja med", Judgement::Fewer),
    ("radbredd", "radens bredd", Judgement::Always(Weight::Breaks)),
    ("blad", "bladet", Judgement::Always(Weight::Breaks)),
    ("radslut", "radslutet i exemplet", Judgement::Always(Weight::Text)),
    ("filnamn", "filnamnet i exemplet", Judgement::Always(Weight::Text)),
    ("overskjutandeKolumner", "om fler kolumner får finnas", Judgement::Always(Weight::Passes)),
    ("roll", "rollen", Judgement::Always(Weight::Passes)),
    ("efterfoljd", "hur leveranser följer varandra", Judgement::Always(Weight::Breaks)),
    ("periodkolumn", "periodens kolumner", Judgement::Always(Weight::Breaks)),
    ("upprepadNyckel", "vad en upprepad nyckel betyder", Judgement::Unless("ersatter")),
    ("avgransning", "avgränsningen", Judgement::Always(Weight::Passes)),
    ("utelamna", "vilka rader som utelämnas", Judgement::Always(Weight::Passes)),
    ("avvisadeHogstPromille", "högsta andel avvisade rader i promille", Judgement::Lower),
    ("tomTillaten", "om leveransen får vara tom", Judgement::Withdrawn),
    ("kontrollsummor", "kontrollsummorna", Judgement::More),
    ("kravs", "om leveransen krävs", Judgement::Always(Weight::Passes)),
    ("efterslapning", "eftersläpningen", Judgement::Always(Weight::Passes)),
    ("forvantas", "när leveransen väntas", Judgement::Always(Weight::Passes)),
    ("rattsligGrund", "den rättsliga grunden", Judgement::Always(Weight::Breaks)),
    ("identitetGaller", "när identiteten gäller", Judgement::Always(Weight::Passes)),
    (
        "traffMinstPromille",
        "hur många av deltagarna som registret minst ska känna, i promille",
        Judgement::Always(Weight::Passes),
    ),
    ("gallras", "gallringen", Judgement::Always(Weight::Passes)),
    ("verifierad", "om utformningen är bekräftad", Judgement::Always(Weight::Text)),
    ("leverans", "leveransen", Judgement::Always(Weight::Text)),
    ("titelEn", "den engelska titeln", Judgement::Always(Weight::Text)),
];

#[derive(Clone, Copy)]
enum Judgement {
    Always(Weight),
    /// Breaks where something that was there is gone.
    Fewer,
    /// Breaks where something has come to what was there.
    More,
    /// Breaks where the number is lower.
    Lower,
    /// Breaks where it was true.
    Withdrawn,
    /// Breaks where it becomes another than this.
    Unless(&'static str),
}

impl Judgement {
    fn weight(self, old: Option<&Value>, new: Option<&Value>) -> Weight {
        let breaks = match self {
            Judgement::Always(weight) => return weight,
            Judgement::Fewer => !items(old).is_subset(&items(new)),
            Judgement::More => !items(new).is_subset(&items(old)),
            Judgement::Lower => number(new) < number(old),
            Judgement::Unless(lenient) => new.and_then(Value::as_str) != Some(lenient),
            Judgement::Withdrawn => old.and_then(Value::as_bool) == Some(true),
        };
        if breaks { Weight::Breaks } else { Weight::Passes }
    }
}

fn items(value: Option<&Value>) -> BTreeSet<String> {
    match value {
        None => BTreeSet::new(),
        Some(Value::Sequence(items)) => items.iter().map(shown).collect(),
        Some(one) => BTreeSet::from([shown(one)]),
    }
}

fn number(value: Option<&Value>) -> i64 {
    value.and_then(Value::as_i64).unwrap_or(0)
}

/// A value of a custom property as one reads it.
pub(in crate::contract) fn shown(value: &Value) -> String {
    match value {
        Value::Bool(true) => "ja".into(),
        Value::Bool(false) => "nej".into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Sequence(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Mapping(pairs) => {
            pairs.iter().map(|(key, value)| format!("{}: {}", shown(key), shown(value))).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

pub(super) fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |text: Option<String>, weight| changes.extend(text.map(|text| Change { place: None, text, weight }));
    for (was, is, what) in [
        (&old.title, &new.title, "titeln"),
        (&old.title_en, &new.title_en, "den engelska titeln"),
        (&old.description, &new.description, "beskrivningen"),
    ] {
        add(differs(Some(was.clone()), Some(is.clone()), what), Weight::Text);
    }
    add(differs(Some(old.grain.clone()), Some(new.grain.clone()), "radens omfattning"), Weight::Breaks);
    let key = |contract: &Contract| {
        Some(contract.key().iter().map(|column| column.title.clone()).collect::<Vec<_>>().join(", "))
    };
    if old.key().iter().map(|c| &c.name).ne(new.key().iter().map(|c| &c.name)) {
        add(differs(key(old), key(new), "nyckeln"), Weight::Breaks);
    }
    let names: BTreeSet<&String> = old.custom.keys().chain(new.custom.keys()).collect();
    for name in names {
        let (was, is) = (old.custom.get(name), new.custom.get(name));
        let known = PROPERTIES.iter().find(|(property, ..)| property == name);
        let (title, judgement) =
            known.map_or((name.as_str(), Judgement::Always(Weight::Breaks)), |known| (known.1, known.2));
        let weight = if new.layer == Layer::Deliveries { judgement.weight(was, is) } else { Weight::Passes };
        add(differs(was.map(shown), is.map(shown), title), weight);
    }
    for (rule, text, weight) in rules(old, new) {
        add(Some(format!("Regeln {rule} {text}.")), weight);
    }
    changes
}

fn rules(old: &Contract, new: &Contract) -> Vec<(String, &'static str, Weight)> {
    let described = |contract: &Contract| -> BTreeSet<(String, String)> {
        let described = contract.row_rules.iter().map(|rule| (rule_name(rule), format!("{rule:?}")));
        described.collect()
    };
    let (was, is) = (described(old), described(new));
    let had = |rules: &BTreeSet<(String, String)>, name: &str| rules.iter().any(|(rule, _)| rule == name);
    let gone = was.difference(&is).filter(|(name, _)| !had(&is, name));
    let gone = gone.map(|(name, _)| (name.clone(), "är borttagen", Weight::Passes));
    let come = is
        .difference(&was)
        .map(|(name, _)| (name.clone(), if had(&was, name) { "är ändrad" } else { "är ny" }, Weight::Breaks));
    gone.chain(come).collect()
}

fn rule_name(rule: &RowRule) -> String {
    match rule {
        RowRule::Order { name, .. } => name.clone(),
    }
}
