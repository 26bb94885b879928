//! The strict validator: what the specification asks of a PX file, and what PxWeb's parser and ours ask beside it.
//!
//! The first fault is told. It reads the file anew and takes nothing from the writer but the file.

use super::keywords::{Form, KEYWORDS, Keyword, Subkey};
use super::model::{Model, text, texts};
use super::read::{Datum, Entry, Px, Value, read};
use chrono::NaiveDateTime;
use std::collections::BTreeSet;

type Check = Result<(), String>;

/// Checks a file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn check(bytes: &[u8]) -> Check {
    let px = read(bytes)?;
    head(&px)?;
    px.entries.iter().try_for_each(form)?;
    let model = Model::of(&px)?;
    names(&model)?;
    time(&px, &model)?;
    complete(&px, &model)?;
    elimination(&px, &model)?;
    data(&px, &model)
}

fn at<T>(entry: &Entry, what: impl std::fmt::Display) -> Result<T, String> {
    Err(format!("line {}: {} {what}", entry.line, entry.keyword))
}

/// The three lines by which a program knows how to read the rest.
fn head(px: &Px) -> Check {
    for (at, (name, value)) in
        [("CHARSET", "ANSI"), ("AXIS-VERSION", "2013"), ("CODEPAGE", "utf-8")].into_iter().enumerate()
    {
        let is_due = |entry: &&Entry| entry.keyword == name && entry.line == at + 1 && text(entry) == Some(value);
        if px.entries.get(at).filter(is_due).is_none() {
            return Err(format!("line {} is not {name}=\"{value}\"", at + 1));
        }
    }
    Ok(())
}

fn keyword(entry: &Entry) -> Result<&'static Keyword, String> {
    let known = KEYWORDS.iter().find(|keyword| keyword.name == entry.keyword);
    known.ok_or_else(|| format!("line {}: {} is no keyword of ours", entry.line, entry.keyword))
}

/// Each keyword says what it may.
fn form(entry: &Entry) -> Check {
    let keyword = keyword(entry)?;
    let words: Vec<&str> = entry
        .values
        .iter()
        .filter_map(|v| if let Value::Word(word) = v { Some(word.as_str()) } else { None })
        .collect();
    if entry.split && keyword.form != Form::Note {
        return at(entry, "has a text that is split, which only a note may be");
    }
    if entry.values.iter().any(|value| matches!(value, Value::Text(text) if text.trim() != text || text.is_empty())) {
        return at(entry, "has a text that is empty or begins or ends with a blank");
    }
    let sound = match keyword.form {
        Form::Text(most) => text(entry).is_some_and(|text| text.chars().count() <= most),
        Form::Note => text(entry).is_some(),
        Form::Texts => words.is_empty(),
        Form::Times => matches!(entry.values.first(), Some(Value::Word(_))) && words.len() == 1,
        Form::YesOrNo => entry.values.len() == 1 && matches!(words[..], ["YES" | "NO"]),
        Form::YesNoOrText => entry.values.len() == 1 && matches!(words[..], [] | ["YES" | "NO"]),
        Form::Number(most) => entry.values.len() == 1 && number(entry).is_some_and(|number| number <= most),
        Form::Moment => {
            let moment = |text: &str| text.len() == 14 && NaiveDateTime::parse_from_str(text, "%Y%m%d %H:%M").is_ok();
            text(entry).is_some_and(moment)
        }
    };
    if sound { Ok(()) } else { at(entry, format!("does not hold what it should: {:?}", keyword.form)) }
}

fn number(entry: &Entry) -> Option<u32> {
    match entry.values.as_slice() {
        [Value::Word(word)] if word.bytes().all(|b| b.is_ascii_digit()) => word.parse().ok(),
        _ => None,
    }
}

/// Whatever is needed is there, in every language alike, about nothing that is not there, and no thing twice.
fn complete(px: &Px, model: &Model<'_>) -> Check {
    for keyword in &KEYWORDS {
        let mut spoken = Vec::new();
        for language in 0..model.languages.len() {
            let entries = || model.entries(px, keyword.name, language);
            if language > 0 && !keyword.languages {
                entries().try_for_each(|entry| at(entry, "has a language, and takes none"))?;
                continue;
            }
            let mut places = BTreeSet::new();
            for entry in entries() {
                let place = model.place(entry, keyword.subkey, language)?;
                if !places.insert(place) {
                    return at(entry, "stands twice");
                }
            }
            spoken.push(places);
        }
        let Some(main) = spoken.first() else { continue };
        if keyword.needed && main.is_empty() {
            return Err(format!("{} is missing", keyword.name));
        }
        if spoken.iter().any(|places| places != main) {
            return Err(format!("{} is not the same set in every language", keyword.name));
        }
        let due = match keyword.subkey {
            Subkey::EveryVariable => model.variables.len(),
            Subkey::EveryMeasure if !main.is_empty() => model.measures(),
            Subkey::Time => 1,
            _ => main.len(),
        };
        if main.len() != due {
            return Err(format!("{} stands {} times, not {due}", keyword.name, main.len()));
        }
        // What depends on language only by what it is about says the same in all.
        const SAME: [&str; 6] = ["VARIABLECODE", "CODES", "TIMEVAL", "VARIABLE-TYPE", "PRECISION", "LAST-UPDATED"];
        let said = |language| model.entries(px, keyword.name, language).map(|entry| &entry.values).collect::<Vec<_>>();
        if SAME.contains(&keyword.name) && (1..model.languages.len()).any(|language| said(language) != said(0)) {
            return Err(format!("{} does not say the same in every language", keyword.name));
        }
    }
    let contvariable = px.entries.iter().position(|entry| entry.keyword == "CONTVARIABLE");
    let about_measure = |entry: &Entry| keyword(entry).is_ok_and(|keyword| keyword.subkey == Subkey::EveryMeasure);
    if px.entries.iter().position(about_measure) < contvariable {
        return Err("CONTVARIABLE comes after a keyword that needs it".into());
    }
    Ok(())
}

/// Names, values and codes are unique, as many in each language, and free of what readers trip on.
fn names(model: &Model<'_>) -> Check {
    let unique = |what: &str, of: &[String]| {
        let mut seen = BTreeSet::new();
        let twice = of.iter().find(|text| !seen.insert(text.as_str()));
        twice.map_or(Ok(()), |text| Err(format!("{what} {text:?} stands twice")))
    };
    let clean = |of: &[String]| {
        let bad = of.iter().find(|text| text.contains(['=', ';', '#', '"']) || text.contains("  "));
        bad.map_or(Ok(()), |text| Err(format!("the name or value {text:?} has a sign that readers trip on")))
    };
    for language in 0..model.languages.len() {
        let of_all: Vec<String> = model.variables.iter().map(|variable| variable.names[language].clone()).collect();
        unique("the variable", &of_all)?;
        clean(&of_all)?;
        for variable in &model.variables {
            let (values, codes) = (&variable.values[language], &variable.codes[language]);
            unique("the value", values)?;
            unique("the code", codes)?;
            clean(values)?;
            let counts = [values.len(), codes.len(), variable.values[0].len()];
            if counts[1] != counts[0] || counts[2] != counts[0] {
                let name = &variable.names[language];
                return Err(format!(
                    "{name:?} has another number of VALUES than of CODES, or than in another language"
                ));
            }
        }
    }
    unique("the VARIABLECODE", &model.variables.iter().map(|variable| variable.code.clone()).collect::<Vec<_>>())
}

/// TIMEVAL lists the times of its variable, oldest first, in digits.
fn time(px: &Px, model: &Model<'_>) -> Check {
    let Some(entry) = model.entries(px, "TIMEVAL", 0).next() else { return Ok(()) };
    let variable = &model.variables[model.place(entry, Subkey::Time, 0)?[0]];
    let scale = match entry.values.first() {
        Some(Value::Word(scale)) => scale.as_str(),
        _ => "",
    };
    let Some((_, width, last)) = [("TLIST(A1)", 4, 1), ("TLIST(Q1)", 5, 4), ("TLIST(M1)", 6, 12)]
        .into_iter()
        .find(|(name, _, _)| *name == scale)
    else {
        return at(entry, "has a scale of time that is none of A1, Q1, M1");
    };
    let times = texts(entry);
    for time in &times {
        let part = time.get(4..).filter(|part| !part.is_empty()).map_or(Some(1), |part| part.parse::<u32>().ok());
        let is_part = part.is_some_and(|part| (1..=last).contains(&part));
        if time.len() != width || !time.bytes().all(|b| b.is_ascii_digit()) || !is_part {
            return at(entry, format!("has a time that is no {scale}: {time:?}"));
        }
    }
    if !times.windows(2).all(|pair| pair[0] < pair[1]) {
        return at(entry, "has times that do not follow each other");
    }
    let digits = |text: &String| text.chars().filter(char::is_ascii_digit).collect::<String>();
    for values in variable.values.iter().chain(&variable.codes) {
        if values.iter().map(digits).ne(times.iter().map(|time| (*time).to_owned())) {
            return at(entry, "has other times than its variable's values or codes");
        }
    }
    Ok(())
}

/// ELIMINATION names a value, in each language the same, and never of the measures or of time.
fn elimination(px: &Px, model: &Model<'_>) -> Check {
    let mut chosen = Vec::new();
    for language in 0..model.languages.len() {
        let mut of_language = BTreeSet::new();
        for entry in model.entries(px, "ELIMINATION", language) {
            let place = model.place(entry, Subkey::Variable, language)?[0];
            if place == model.content || model.entries(px, "TIMEVAL", 0).any(|t| model.is_about(t, place)) {
                return at(entry, "lets the measures or time be left out");
            }
            let value = text(entry).map(|text| {
                let found = model.variables[place].values[language].iter().position(|value| value == text);
                found.ok_or_else(|| format!("line {}: ELIMINATION names no value of its variable", entry.line))
            });
            of_language.insert((place, value.transpose()?));
        }
        chosen.push(of_language);
    }
    if chosen.iter().any(|one| *one != chosen[0]) {
        return Err("ELIMINATION is another in another language".into());
    }
    Ok(())
}

/// As many data as there are combinations, each with the decimals of its measure, each symbol explained.
fn data(px: &Px, model: &Model<'_>) -> Check {
    let count: usize = model.variables.iter().map(|variable| variable.values[0].len()).product();
    if px.data.len() != count {
        return Err(format!("{} data stand where the variables ask for {count}", px.data.len()));
    }
    let whole = |name: &str| model.entries(px, name, 0).next().and_then(number);
    let decimals = whole("DECIMALS").unwrap_or_default();
    let shown = whole("SHOWDECIMALS");
    if shown.is_none() && decimals > 6 || shown.is_some_and(|shown| shown > decimals) {
        return Err("SHOWDECIMALS is more than DECIMALS, or missing beside more than 6".into());
    }
    let shown = shown.unwrap_or(decimals);
    let mut of_measure = vec![shown; model.measures()];
    for entry in model.entries(px, "PRECISION", 0) {
        let (place, precision) = (model.place(entry, Subkey::Value, 0)?, number(entry).unwrap_or_default());
        if place[0] != model.content || precision <= shown || precision > decimals {
            return at(entry, "is not of a measure, not more than SHOWDECIMALS or more than DECIMALS");
        }
        of_measure[place[1]] = precision;
    }
    let inner: usize = model.variables[model.content + 1..].iter().map(|variable| variable.values[0].len()).product();
    let mut symbols = BTreeSet::new();
    for (place, datum) in px.data.iter().enumerate() {
        match datum {
            Datum::Symbol(symbol) => drop(symbols.insert(symbol.as_str())),
            Datum::Number(number) => {
                let due = of_measure[place / inner % of_measure.len()] as usize;
                let found = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                if found != due {
                    return Err(format!("datum {} has {found} decimals, and its measure {due}", place + 1));
                }
            }
        }
    }
    if !symbols.is_empty() && model.entries(px, "AGGREGALLOWED", 0).any(|e| e.values != [Value::Word("NO".into())]) {
        return Err("AGGREGALLOWED lets numbers be added up where some are missing".into());
    }
    symbols.into_iter().try_for_each(|symbol| explained(px, model, symbol))
}

fn explained(px: &Px, model: &Model<'_>, symbol: &str) -> Check {
    let keyword = format!("DATASYMBOL{}", symbol.len());
    for language in 0..model.languages.len() {
        let shown = model.entries(px, &keyword, language).next().and_then(text);
        let begins = |note: &str| note.strip_prefix(symbol).is_some_and(|rest| rest.starts_with(' '));
        let noted = model.entries(px, "NOTEX", language).filter_map(text).any(|note| note.split('#').any(begins));
        if symbol == "-" || shown != Some(symbol) || !noted {
            return Err(format!("the symbol {symbol:?} has no {keyword}, or no NOTEX that explains it"));
        }
    }
    Ok(())
}
