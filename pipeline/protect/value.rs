//! What stands in a protected cell, and the one list of reasons why nothing does.

use std::fmt;

/// Why there is no number. Every format takes its symbol and its words from here and from the code list
/// `cellstatus`, which holds the same codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Missing {
    /// Nothing that could be counted: a share of nobody.
    KanEjForekomma,
    /// Withheld to protect individuals.
    Sekretess,
    /// The follow-up time has not passed.
    EjMogen,
    /// A delivery is missing.
    LeveransSaknas,
}

impl Missing {
    pub const ALL: [Missing; 4] =
        [Missing::KanEjForekomma, Missing::Sekretess, Missing::EjMogen, Missing::LeveransSaknas];

    /// Code in `cellstatus`.
    pub const fn code(self) -> &'static str {
        match self {
            Missing::KanEjForekomma => "kan_ej_forekomma",
            Missing::Sekretess => "sekretess",
            Missing::EjMogen => "ej_mogen",
            Missing::LeveransSaknas => "leverans_saknas",
        }
    }

    /// The symbol that Swedish readers know, as PX writes it.
    pub const fn symbol(self) -> &'static str {
        match self {
            Missing::KanEjForekomma => ".",
            Missing::Sekretess => "..",
            Missing::EjMogen => "...",
            Missing::LeveransSaknas => "....",
        }
    }
}

/// Code in `cellstatus` of a cell that has its number.
pub const PUBLISHED: &str = "publicerad";

/// One protected number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    Count(i64),
    /// Tenths of a percent: 333 is 33,3 %.
    Share(i64),
    Missing(Missing),
}

impl Value {
    /// `part` of `whole` in tenths of a percent, halves rounded up; of nobody there is no share.
    pub fn share(part: i64, whole: i64) -> Value {
        if whole <= 0 {
            return Value::Missing(Missing::KanEjForekomma);
        }
        Value::Share((part * 2000 + whole).div_euclid(2 * whole))
    }

    /// The number, a share in percent; none where it is missing.
    pub fn number(self) -> Option<f64> {
        match self {
            Value::Count(count) => Some(count as f64),
            Value::Share(tenths) => Some(tenths as f64 / 10.0),
            Value::Missing(_) => None,
        }
    }
}

/// Plain digits with a decimal point, or the symbol.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Count(count) => write!(f, "{count}"),
            Value::Share(tenths) => write!(f, "{}.{}", tenths / 10, tenths % 10),
            Value::Missing(missing) => f.write_str(missing.symbol()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_one_decimal() {
        for (part, whole, shown) in
            [(1, 3, "33.3"), (2, 3, "66.7"), (0, 7, "0.0"), (7, 7, "100.0"), (1, 2000, "0.1"), (0, 0, ".")]
        {
            assert_eq!(Value::share(part, whole).to_string(), shown, "{part} of {whole}");
        }
    }

    #[test]
    fn the_code_list_holds_the_same_codes_and_symbols() {
        let text = include_str!("../../data-contracts/codes/cellstatus.csv");
        let list = crate::contract::CodeList::parse("cellstatus", text).expect("the list is sound");
        let symbol = list.columns.iter().position(|c| c == "symbol").expect("the list has symbols");
        let mut listed: Vec<(&str, &str)> = list.rows.iter().map(|r| (r[0].as_str(), r[symbol].as_str())).collect();
        let mut ours: Vec<(&str, &str)> = Missing::ALL.iter().map(|m| (m.code(), m.symbol())).collect();
        ours.push((PUBLISHED, ""));
        listed.sort_unstable();
        ours.sort_unstable();
        assert_eq!(listed, ours);
    }
}
