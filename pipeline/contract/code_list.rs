//! Code lists: `data-contracts/codes/<name>.csv`.
//!
//! Every list begins with the columns `kod,titel_sv,titel_en,giltig_fran_datum,giltig_till_datum,kalla,verifierad`;
//! a list may carry further columns that rules need (rank, group, lag). The type of a further column is
//! read off its suffix: `_antal`, `_nr` and `_promille` are whole numbers, `_datum` is a date, all else is text.
//!
//! A code that meant different things at different times stands once for each, with dates that do not meet.

use super::Kind;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The columns that every list begins with.
pub const HEAD: [&str; 7] =
    ["kod", "titel_sv", "titel_en", "giltig_fran_datum", "giltig_till_datum", "kalla", "verifierad"];

/// One code with its titles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub title: String,
    pub title_en: String,
    /// First day; none where always.
    pub valid_from: Option<NaiveDate>,
    /// Last day; none where still valid.
    pub valid_till: Option<NaiveDate>,
}

/// A code list as delivered in the repository.
#[derive(Clone, Debug)]
pub struct CodeList {
    pub name: String,
    /// Column names, [`HEAD`] first.
    pub columns: Vec<String>,
    /// The text of every row, in column order.
    pub rows: Vec<Vec<String>>,
    pub codes: Vec<Code>,
}

impl CodeList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`Error::Contract`] where the head is another than [`HEAD`], a row is not full or its dates are none, or a code
    /// means two things on one day.
    pub fn parse(name: &str, text: &str) -> Result<CodeList> {
        let fault = |reason: String| Error::Contract { contract: format!("codes.{name}"), reason };
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text.as_bytes());
        let columns: Vec<String> =
            reader.headers().map_err(|e| fault(e.to_string()))?.iter().map(str::to_owned).collect();
        if columns.len() < HEAD.len() || columns[..HEAD.len()] != HEAD {
            return Err(fault(format!("a code list begins with the columns {}", HEAD.join(","))));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| fault(e.to_string()))?;
            rows.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        let codes = rows.iter().map(|row| code(row).map_err(&fault)).collect::<Result<Vec<_>>>()?;
        for (at, code) in codes.iter().enumerate() {
            if codes[..at].iter().any(|other| code.code == other.code && code.title != other.title && code.meets(other))
            {
                return Err(fault(format!("{} means two things on one day", code.code)));
            }
        }
        Ok(CodeList { name: name.to_owned(), columns, rows, codes })
    }

    /// SHA-256 over columns and rows, hexadecimal.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for row in std::iter::once(&self.columns).chain(&self.rows) {
            row.iter().for_each(|field| hash.update([field.as_bytes(), &[0x1f]].concat()));
            hash.update([0x1e]);
        }
        crate::hex(&hash.finalize())
    }

    /// The kind of a column, by its suffix.
    pub fn kind(column: &str) -> Kind {
        if column.ends_with("_antal") || column.ends_with("_nr") || column.ends_with("_promille") {
            Kind::Integer
        } else if column.ends_with("_datum") {
            Kind::Date
        } else {
            Kind::Text
        }
    }

    /// Each code with its text in a further column of the list.
    ///
    /// # Errors
    /// [`Error::Contract`] where the list has no such column.
    pub fn further(&self, column: &str) -> Result<impl Iterator<Item = (&str, &str)>> {
        let at = self.columns.iter().position(|name| name == column).ok_or_else(|| Error::Contract {
            contract: format!("codes.{}", self.name),
            reason: format!("{column} is missing"),
        })?;
        Ok(self.rows.iter().map(move |row| (row[0].as_str(), row[at].as_str())))
    }

    /// The codes by the time that they are valid.
    pub fn by_validity(&self) -> BTreeMap<(Option<NaiveDate>, Option<NaiveDate>), Vec<&str>> {
        let mut times: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for code in &self.codes {
            times.entry((code.valid_from, code.valid_till)).or_default().push(&code.code);
        }
        times
    }

    /// The Swedish title of a code; of one that has meant several things, the first.
    pub fn title(&self, code: &str) -> Option<&str> {
        self.codes.iter().find(|c| c.code == code).map(|c| c.title.as_str())
    }
}

impl Code {
    /// Whether the code is valid on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_till.is_none_or(|till| day <= till)
    }

    fn meets(&self, other: &Code) -> bool {
        let begins_within = |one: &Code, other: &Code| match one.valid_from {
            Some(from) => other.is_valid_on(from),
            None => other.valid_from.is_none(),
        };
        begins_within(self, other) || begins_within(other, self)
    }
}

fn code(row: &[String]) -> std::result::Result<Code, String> {
    let date = |text: &str| match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("{}: a date is YYYY-MM-DD", row[0])),
    };
    let (valid_from, valid_till) = (date(&row[3])?, date(&row[4])?);
    if valid_till.is_some() && valid_from > valid_till {
        return Err(format!("{} ends before it begins", row[0]));
    }
    Ok(Code { code: row[0].clone(), title: row[1].clone(), title_en: row[2].clone(), valid_from, valid_till })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: &[&str]) -> Result<CodeList> {
        CodeList::parse("prov", &format!("{}\n{}\n", HEAD.join(","), rows.join("\n")))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_code_may_be_used_again_at_another_time() {
        let list = list(&["15,Förr,Before,,1997-07-31,Provet,ja", "15,Nu,Now,2016-03-01,,Provet,ja"]).expect("sound");
        let valid = |text: &str| list.codes.iter().filter(|code| code.is_valid_on(day(text))).count();
        assert_eq!(["1997-07-31", "1997-08-01", "2016-02-29", "2016-03-01"].map(valid), [1, 0, 0, 1]);
        assert_eq!(list.by_validity().len(), 2);
    }

    #[test]
    fn a_code_means_one_thing_on_a_day() {
        for rows in [
            ["15,A,A,,,P,ja", "15,B,B,,,P,ja"],
            ["15,A,A,,1997-07-31,P,ja", "15,B,B,1997-07-31,,P,ja"],
            ["15,A,A,2000-01-01,2000-12-31,P,ja", "15,B,B,1990-01-01,,P,ja"],
            ["15,A,A,1990-01-01,,P,ja", "15,B,B,,1990-01-01,P,ja"],
            ["15,A,A,2000-01-01,1999-12-31,P,ja", "16,B,B,,,P,ja"],
            ["15,A,A,2000-13-01,,P,ja", "16,B,B,,,P,ja"],
        ] {
            let error = list(&rows).expect_err(rows[0]);
            assert!(matches!(error, Error::Contract { .. }), "{}", rows[0]);
        }
    }
}
