//! PX: `<table>.px` per table, in Swedish and English, by *PX-file format specification*, AXIS-VERSION 2013 (SCB).
//!
//! What the specification leaves open is decided by how PxWeb's own parser reads (PCAxis.Core): CODEPAGE on line 3 and
//! no byte-order mark, `CHARSET="ANSI"` also in UTF-8, one space between data and one at the end of a line, a code for
//! every variable. A zero is `0`; what is missing has its symbol, explained in a note that is always shown.
//!
//! `read` and `check` are a validator that knows nothing of the writer: no file is published that it refuses.

mod check;
mod keywords;
mod model;
mod read;
#[cfg(test)]
mod tests;

pub use check::check;
pub use read::{Datum, Entry, Px, Value, read};

use super::Edition;
use super::cube::{Cube, Dimension, LANGUAGES, Member, Role, Words, fit, in_swedish, missing, reason, symbol};
use super::remarks;
use super::table::Cell;
use crate::error::{Error, Result};
use crate::lake;
use crate::protect::Protected;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// What all tables are about, in each language.
pub(super) struct Subject;

impl Subject {
    pub(super) const CODE: &'static str = "FINSAM";
    pub(super) const AREA: [&'static str; 2] =
        ["Finansiell samordning av rehabiliteringsinsatser", "Financial coordination of rehabilitation"];
    pub(super) const SOURCE: [&'static str; 2] = [
        "Uppföljning av insatser finansierade av samordningsförbund (finsam)",
        "Follow-up of insatser financed by samordningsförbund (finsam)",
    ];
    const CONTACT: [&'static str; 2] =
        ["Den enhet vid myndigheten som har lämnat ut filen", "The unit at the agency that gave out the file"];
}

/// No line is longer; the specification's own limit is 256.
const LINE: usize = 240;

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    for table in protected.tables() {
        let Some(cube) = Cube::new(table, edition.labels)? else { continue };
        let path = folder.join(format!("{}.px", cube.contract.name));
        lake::write_file(&path, text(&cube, edition).as_bytes())?;
        let written = fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        check(&written).map_err(|reason| Error::Format { path, reason })?;
    }
    Ok(())
}

/// MATRIX takes 20 letters: a longer name is cut, and told from others by its hash.
pub(super) fn matrix(name: &str) -> String {
    if name.len() <= 20 {
        return name.to_owned();
    }
    let hash = crate::hex(&Sha256::digest(name));
    format!("{}_{}", &name[..13], &hash[..6])
}

/// What a reader must know of a table: its definition, what was not in force, its symbols.
pub(super) fn notes(cube: &Cube<'_>, edition: &Edition<'_>, language: usize) -> Vec<String> {
    let description = fit(&cube.contract.description);
    let (date, run_id) = (edition.date, edition.run_id);
    let made = [
        format!("Uttag till och med {date}. Körning {run_id}."),
        format!("Extracts up to and including {date}. Run {run_id}."),
    ];
    let mut notes = vec![in_swedish(&description, language), made[language].clone()];
    if !edition.not_in_force.is_empty() {
        let mark = ["Ej i kraft", "Not in force"][language];
        notes.push(format!("{mark}: {}.", fit(&edition.not_in_force.join(", "))));
    }
    for missing in missing(cube) {
        notes.push(format!("{} {}", missing.symbol(), reason(missing, edition.labels, language)));
    }
    if let Some(mark) = remarks::common(cube) {
        let of = ["tal utan egen anmärkning", "figures without a remark of their own"][language];
        notes.push(format!("{}: {of}.", remarks::words(mark, edition.labels, language)));
    }
    notes
}

/// The text of a file while it grows.
struct Text(String);

impl Text {
    /// A keyword that has no language.
    fn once(&mut self, keyword: &str, values: &[String]) {
        self.entry(keyword, 0, &[], values);
    }

    /// A keyword in each language, side by side, with subkeys.
    fn both(&mut self, keyword: &str, subkeys: &[&Words], values: impl Fn(usize) -> Vec<String>) {
        for language in 0..LANGUAGES.len() {
            let subkeys: Vec<&str> = subkeys.iter().map(|words| words[language].as_str()).collect();
            self.entry(keyword, language, &subkeys, &values(language));
        }
    }

    fn entry(&mut self, keyword: &str, language: usize, subkeys: &[&str], values: &[String]) {
        let mut line = keyword.to_owned();
        if language > 0 {
            line += &format!("[{}]", LANGUAGES[language]);
        }
        for (at, key) in subkeys.iter().map(|key| quoted(key)).enumerate() {
            line.push(if at == 0 { '(' } else { ',' });
            // A cell is named by a value of every variable.
            if letters(&line) + letters(&key) + 2 > LINE {
                self.line(&line);
                line.clear();
            }
            line += &key;
        }
        line += if subkeys.is_empty() { "=" } else { ")=" };
        for (at, value) in values.iter().enumerate() {
            let comma = if at + 1 < values.len() { "," } else { ";" };
            if at > 0 && letters(&line) + letters(value) + 1 > LINE {
                self.line(&line);
                line.clear();
            }
            line += value;
            line += comma;
        }
        self.line(&line);
    }

    /// A note, which alone may be split: in pieces, each within quotation marks on a line of its own.
    fn note(&mut self, keyword: &str, subkeys: &[&Words], words: impl Fn(usize) -> String) {
        self.both(keyword, subkeys, |language| vec![pieces(&words(language)).join("\n")]);
    }

    fn line(&mut self, line: &str) {
        self.0 += line;
        self.0.push('\n');
    }
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// A long text in quoted pieces, cut between words; each but the last ends with the blank between them.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in text.split_inclusive(' ') {
        match pieces.last_mut() {
            Some(piece) if letters(piece) + letters(word) <= LINE / 2 => *piece += word,
            _ => pieces.push(word.to_owned()),
        }
    }
    pieces.iter().map(|piece| quoted(piece)).collect()
}

fn text(cube: &Cube<'_>, edition: &Edition<'_>) -> String {
    let mut text = Text(String::new());
    head(&mut text, cube, edition);
    for dimension in &cube.dimensions {
        variable(&mut text, cube, dimension);
    }
    measured(&mut text, cube, edition);
    text.both("SOURCE", &[], |language| vec![quoted(Subject::SOURCE[language])]);
    text.note("NOTEX", &[], |language| notes(cube, edition, language).join(" #"));
    remarked(&mut text, cube, edition);
    for dimension in cube.dimensions.iter().filter(|dimension| !dimension.note.is_empty()) {
        text.note("NOTE", &[&dimension.title], |language| in_swedish(&dimension.note, language));
    }
    for missing in missing(cube) {
        let keyword = format!("DATASYMBOL{}", missing.symbol().len());
        text.both(&keyword, &[], |_| vec![quoted(missing.symbol())]);
    }
    data(&mut text, cube);
    text.0
}

/// The rows that have a remark of their own, each with all its measures.
fn remarked(text: &mut Text, cube: &Cube<'_>, edition: &Edition<'_>) {
    let any = ["*".to_owned(), "*".to_owned()];
    for (place, mark) in remarks::own(cube) {
        let mut place = place.iter();
        let titles = cube.dimensions.iter().map(|dimension| match dimension.role {
            Role::Measure => Some(&any),
            _ => place.next().map(|&at| &dimension.members[at].title),
        });
        let titles: Vec<&Words> = titles.flatten().collect();
        text.note("CELLNOTEX", &titles, |language| remarks::words(mark, edition.labels, language).to_owned());
    }
}

/// What holds for the whole table, up to the names of its variables.
fn head(text: &mut Text, cube: &Cube<'_>, edition: &Edition<'_>) {
    let contract = cube.contract;
    let most = cube.measures.iter().map(|measure| measure.decimals).max().unwrap_or_default();
    let one = |word: &str| [quoted(word)];
    text.once("CHARSET", &one("ANSI"));
    text.once("AXIS-VERSION", &one("2013"));
    text.once("CODEPAGE", &one("utf-8"));
    text.once("LANGUAGE", &one(LANGUAGES[0]));
    text.once("LANGUAGES", &LANGUAGES.map(quoted));
    text.once("CREATION-DATE", &one(&moment(edition)));
    text.once("UPDATE-FREQUENCY", &one("dagligen"));
    text.once("TABLEID", &one(&contract.name));
    text.once("MATRIX", &one(&matrix(&contract.name)));
    text.once("SUBJECT-CODE", &one(Subject::CODE));
    text.both("SUBJECT-AREA", &[], |language| vec![quoted(Subject::AREA[language])]);
    text.once("DECIMALS", &[most.to_string()]);
    text.once("SHOWDECIMALS", &["0".into()]);
    text.once("AGGREGALLOWED", &["NO".into()]);
    text.once("OFFICIAL-STATISTICS", &["NO".into()]);
    let title = |language: usize| fit([&contract.title, &contract.title_en][language]);
    text.both("TITLE", &[], |language| {
        // A title may not be split over lines.
        let long = Some(cube.title(language)).filter(|long| letters(long) <= LINE - 20);
        vec![quoted(&long.unwrap_or_else(|| title(language)))]
    });
    text.both("DESCRIPTION", &[], |language| vec![quoted(&title(language))]);
    text.once("DESCRIPTIONDEFAULT", &["YES".into()]);
    text.both("CONTENTS", &[], |language| vec![quoted(&title(language))]);
    let names =
        |part: &[Dimension], language: usize| part.iter().map(|d| quoted(&d.title[language])).collect::<Vec<_>>();
    // The measures and the years stand side by side; all else, or at least the measures, one below the other.
    let (stub, heading) = cube.dimensions.split_at(cube.dimensions.len().saturating_sub(2).max(1));
    text.both("STUB", &[], |language| names(stub, language));
    text.both("HEADING", &[], |language| names(heading, language));
    for dimension in cube.with_role(Role::Measure) {
        text.both("CONTVARIABLE", &[], |language| vec![quoted(&dimension.title[language])]);
    }
}

/// One variable: its code, values and codes, and what it may be used for.
fn variable(text: &mut Text, cube: &Cube<'_>, dimension: &Dimension) {
    let key = [&dimension.title];
    let members = &dimension.members;
    text.both("VARIABLECODE", &key, |_| vec![quoted(&dimension.code)]);
    text.both("VALUES", &key, |language| members.iter().map(|member| quoted(&member.title[language])).collect());
    if dimension.role == Role::Time {
        let scale = if cube.quarterly { "TLIST(Q1)" } else { "TLIST(A1)" };
        let digits = |member: &Member| member.code.chars().filter(char::is_ascii_digit).collect::<String>();
        let times = members.iter().map(|member| quoted(&digits(member)));
        let times: Vec<String> = std::iter::once(scale.to_owned()).chain(times).collect();
        text.both("TIMEVAL", &key, |_| times.clone());
    }
    text.both("CODES", &key, |_| members.iter().map(|member| quoted(&member.code)).collect());
    if dimension.role == Role::Area {
        text.both("VARIABLE-TYPE", &key, |_| vec![quoted("G")]);
    }
    if matches!(dimension.role, Role::Area | Role::Other) {
        // Dropping a variable gives its true total, never a sum over withheld cells.
        text.both("ELIMINATION", &key, |language| match dimension.total {
            Some(total) => vec![quoted(&members[total].title[language])],
            None => vec!["NO".into()],
        });
    }
}

/// Decimals, unit, date and definition of each measure.
fn measured(text: &mut Text, cube: &Cube<'_>, edition: &Edition<'_>) {
    for dimension in cube.with_role(Role::Measure) {
        let measures = || dimension.members.iter().zip(&cube.measures);
        for (member, measure) in measures().filter(|(_, measure)| measure.decimals > 0) {
            text.both("PRECISION", &[&dimension.title, &member.title], |_| vec![measure.decimals.to_string()]);
        }
        for (member, measure) in measures() {
            let key = [&member.title];
            text.both("LAST-UPDATED", &key, |_| vec![quoted(&moment(edition))]);
            text.both("UNITS", &key, |language| vec![quoted(&measure.unit[language])]);
            text.both("CONTACT", &key, |language| vec![quoted(Subject::CONTACT[language])]);
        }
        for (member, measure) in measures().filter(|(_, measure)| !measure.note.is_empty()) {
            text.note("VALUENOTE", &[&dimension.title, &member.title], |language| in_swedish(&measure.note, language));
        }
    }
}

fn moment(edition: &Edition<'_>) -> String {
    edition.date.format("%Y%m%d 00:00").to_string()
}

fn data(text: &mut Text, cube: &Cube<'_>) {
    text.line("DATA=");
    let times = cube.dimensions.last().map_or(1, |time| time.members.len());
    let wide = if cube.dimensions.len() > 2 { times * cube.measures.len() } else { times };
    for (row, cells) in cube.cells.chunks(wide).enumerate() {
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            let measure = (row * wide + at) / times % cube.measures.len();
            let datum = datum(cell, cube.measures[measure].decimals);
            if line.len() + datum.len() + 1 > LINE {
                text.line(&line);
                line.clear();
            }
            line += &datum;
            line.push(' ');
        }
        text.line(&line);
    }
    text.line(";");
}

fn datum(cell: &Cell, decimals: usize) -> String {
    match (cell, symbol(cell)) {
        (_, Some(symbol)) => quoted(symbol),
        (Cell::Whole(number), _) => number.to_string(),
        (Cell::Decimal(number), _) => format!("{number:.decimals$}"),
        // No measure holds text; the validator refuses a file where one does.
        (Cell::Text(_) | Cell::Missing(_), None) => quoted(""),
    }
}
