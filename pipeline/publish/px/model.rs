//! What a PX file is about: its languages, variables, values and codes, by which keywords are checked.

use super::keywords::Subkey;
use super::read::{Entry, Px, Value};

/// A variable; each list has one item per language, the main one first.
pub struct Variable {
    pub names: Vec<String>,
    pub values: Vec<Vec<String>>,
    pub codes: Vec<Vec<String>>,
    pub code: String,
}

pub struct Model<'a> {
    pub languages: Vec<&'a str>,
    /// Of STUB, then of HEADING.
    pub variables: Vec<Variable>,
    /// Which of them CONTVARIABLE names.
    pub content: usize,
}

/// The one text of an entry.
pub fn text(entry: &Entry) -> Option<&str> {
    match entry.values.as_slice() {
        [Value::Text(text)] => Some(text),
        _ => None,
    }
}

/// The texts of an entry.
pub fn texts(entry: &Entry) -> Vec<&str> {
    entry.values.iter().filter_map(|v| if let Value::Text(text) = v { Some(text.as_str()) } else { None }).collect()
}

impl<'a> Model<'a> {
    /// # Errors
    /// Where the languages or the variables do not hang together.
    pub fn of(px: &'a Px) -> Result<Model<'a>, String> {
        let find = |name: &str| px.entries.iter().find(|entry| entry.keyword == name && entry.language.is_none());
        let main = find("LANGUAGE").and_then(text).ok_or("LANGUAGE is missing")?;
        let languages = find("LANGUAGES").map(texts).ok_or("LANGUAGES is missing")?;
        if languages.first() != Some(&main) || (1..languages.len()).any(|at| languages[..at].contains(&languages[at])) {
            return Err("LANGUAGES does not begin with LANGUAGE, or names a language twice".into());
        }
        let foreign =
            |entry: &&Entry| entry.language.as_deref().is_some_and(|language| !languages[1..].contains(&language));
        if let Some(entry) = px.entries.iter().find(foreign) {
            return Err(format!(
                "line {}: {} is in the main language by name, or in none of ours",
                entry.line, entry.keyword
            ));
        }
        let mut model = Model { languages, variables: Vec::new(), content: 0 };
        let list = |model: &Model<'_>, name: &str, language| {
            model.entries(px, name, language).next().map(texts).ok_or(format!("{name} is missing in a language"))
        };
        let mut names: Vec<Vec<&str>> = Vec::new();
        for language in 0..model.languages.len() {
            names.push([list(&model, "STUB", language)?, list(&model, "HEADING", language)?].concat());
        }
        if names.iter().any(|other| other.len() != names[0].len()) {
            return Err("STUB and HEADING have not as many variables in every language".into());
        }
        let of = |name: &str, language: usize, variable: &str| -> Result<Vec<String>, String> {
            let about = |entry: &&Entry| entry.subkeys == [variable];
            let found = model.entries(px, name, language).find(about);
            let found = found.ok_or(format!("{name} is missing of the variable {variable:?}"))?;
            Ok(texts(found).into_iter().map(str::to_owned).collect())
        };
        let mut variables = Vec::new();
        for at in 0..names[0].len() {
            let each =
                |name: &str| names.iter().enumerate().map(|(language, names)| of(name, language, names[at])).collect();
            variables.push(Variable {
                names: names.iter().map(|names| names[at].to_owned()).collect(),
                values: {
                    let values: Result<_, String> = each("VALUES");
                    values?
                },
                codes: {
                    let codes: Result<_, String> = each("CODES");
                    codes?
                },
                code: of("VARIABLECODE", 0, names[0][at])?.concat(),
            });
        }
        model.variables = variables;
        model.content = model.content(px)?;
        Ok(model)
    }

    /// The variable of the measures, the same in each language.
    fn content(&self, px: &Px) -> Result<usize, String> {
        let mut found = Vec::new();
        for language in 0..self.languages.len() {
            let name = self.entries(px, "CONTVARIABLE", language).next().and_then(text);
            found.push(self.variables.iter().position(|variable| Some(variable.names[language].as_str()) == name));
        }
        match found.first() {
            Some(Some(first)) if found.iter().all(|one| *one == Some(*first)) => Ok(*first),
            _ => Err("CONTVARIABLE names no variable, or not the same in every language".into()),
        }
    }

    /// The entries of a keyword in one language.
    pub fn entries<'p>(&self, px: &'p Px, name: &str, language: usize) -> impl Iterator<Item = &'p Entry> {
        let wanted = (language > 0).then(|| self.languages[language].to_owned());
        let name = name.to_owned();
        px.entries.iter().filter(move |entry| entry.keyword == name && entry.language == wanted)
    }

    pub fn measures(&self) -> usize {
        self.variables[self.content].values[0].len()
    }

    /// Whether an entry of the main language is about a variable.
    pub fn is_about(&self, entry: &Entry, variable: usize) -> bool {
        entry.subkeys.first() == Some(&self.variables[variable].names[0])
    }

    /// What an entry is about, by number: nothing, a variable, a variable and its value, a measure, or a cell.
    ///
    /// # Errors
    /// Where it names what is not there.
    pub fn place(&self, entry: &Entry, subkey: Subkey, language: usize) -> Result<Vec<usize>, String> {
        let variable = |name: &String| self.variables.iter().position(|variable| variable.names[language] == *name);
        let value = |variable: usize, name: &String| {
            self.variables[variable].values[language].iter().position(|value| value == name)
        };
        let place = match (subkey, entry.subkeys.as_slice()) {
            (Subkey::Nothing, []) => Some(vec![]),
            (Subkey::EveryVariable | Subkey::Variable | Subkey::Time, [name]) => variable(name).map(|at| vec![at]),
            (Subkey::EveryMeasure, [name]) => value(self.content, name).map(|at| vec![at]),
            (Subkey::Value, [name, of]) => variable(name).and_then(|at| Some(vec![at, value(at, of)?])),
            (Subkey::Cell, names) if names.len() == self.variables.len() => {
                // Every value of a variable stands for a place of its own.
                let of = |(at, name): (usize, &String)| if name == "*" { Some(usize::MAX) } else { value(at, name) };
                names.iter().enumerate().map(of).collect()
            }
            _ => None,
        };
        place.ok_or_else(|| format!("line {}: {} is about something that is not there", entry.line, entry.keyword))
    }
}
