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
    Whole(i64),
    /// So many of the last decimal: 333 with one decimal is 33,3.
    Decimal {
        scaled: i64,
        decimals: u8,
    },
    Missing(Missing),
}

impl Value {
    /// `part · factor / whole`, halves rounded away from zero; of nobody there is none.
    pub fn quotient(part: i64, factor: i64, whole: i64, decimals: u8) -> Value {
        if whole <= 0 {
            return Value::Missing(Missing::KanEjForekomma);
        }
        let scale = 10i128.pow(u32::from(decimals));
        let (part, whole) = (i128::from(part) * i128::from(factor) * scale, i128::from(whole));
        let rounded = (part.abs() * 2 + whole) / (2 * whole) * part.signum();
        match i64::try_from(rounded) {
            Ok(scaled) => Value::Decimal { scaled, decimals },
            Err(_) => Value::Missing(Missing::KanEjForekomma),
        }
    }

    /// Percent with one decimal.
    pub fn share(part: i64, whole: i64) -> Value {
        Value::quotient(part, 100, whole, 1)
    }

    /// The number, a share in percent; none where it is missing.
    pub fn number(self) -> Option<f64> {
        match self {
            Value::Whole(count) => Some(count as f64),
            Value::Decimal { scaled, decimals } => Some(scaled as f64 / 10f64.powi(i32::from(decimals))),
            Value::Missing(_) => None,
        }
    }
}

/// Plain digits with a decimal point, or the symbol.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Value::Whole(count) => write!(f, "{count}"),
            Value::Decimal { scaled, decimals: 0 } => write!(f, "{scaled}"),
            Value::Decimal { scaled, decimals } => {
                let scale = 10u64.pow(u32::from(decimals));
                let (whole, rest) = (scaled.unsigned_abs() / scale, scaled.unsigned_abs() % scale);
                let sign = if scaled < 0 { "-" } else { "" };
                write!(f, "{sign}{whole}.{rest:0width$}", width = usize::from(decimals))
            }
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
    fn quotients_round_halves_away_from_zero() {
        for (part, whole, decimals, shown) in [
            (7, 2, 0, "4"),
            (-7, 2, 0, "-4"),
            (-1, 8, 2, "-0.13"),
            (5, 4, 2, "1.25"),
            (1_000_000_000, 3, 0, "333333333"),
        ] {
            assert_eq!(Value::quotient(part, 1, whole, decimals).to_string(), shown, "{part} / {whole}");
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
