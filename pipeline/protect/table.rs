//! A mart in memory, and the lookups that the joint system is built with.

use super::rules::{Amounts, Kind, Link, Policy, Where};
use super::treatment::Treatment;
use crate::contract::{Column, Contract};
use crate::error::{Error, Result};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A row of a mart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MartRow {
    /// Codes in the order of the contract's primary key; whole numbers in digits.
    pub key: Vec<String>,
    /// Of an amount, both counts are the amount in kronor; of an open row, both are 0.
    pub deltaganden: i64,
    pub personer: i64,
    /// The other measures, in the order of [`further`].
    pub further: Vec<i64>,
}

/// The measures of a mart beside deltaganden and personer: sums over the row's deltaganden, open counts, amounts and
/// what is known of their contributors, and cell keys.
pub fn further(contract: &Contract) -> impl Iterator<Item = &Column> {
    let counts = ["deltaganden", "personer"];
    contract.columns.iter().filter(move |column| column.custom_text("matt").is_some_and(|matt| !counts.contains(&matt)))
}

/// A mart: unprotected counts, in no particular order.
#[derive(Clone, Debug)]
pub struct MartTable {
    pub contract: Arc<Contract>,
    pub rows: Vec<MartRow>,
}

/// A mart sorted by key, with its policy; row `r` is row `first + r` of the release.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub contract: Arc<Contract>,
    pub policy: Policy,
    pub columns: Vec<String>,
    pub rows: Vec<MartRow>,
    pub first: usize,
    codes: Ranks,
    /// Row by the number of its whole key.
    at: HashMap<u128, usize>,
}

/// The codes of every key column in numbers that sort as they do: lookups by number, not by text, since a release has
/// a million rows.
#[derive(Clone, Debug)]
struct Ranks {
    /// Per column, each code's number.
    of: Vec<HashMap<String, u32>>,
    /// Per column, the bits that its numbers take.
    bits: Vec<u32>,
    /// Per column and row.
    rows: Vec<Vec<u32>>,
}

impl Ranks {
    fn new(columns: usize, rows: &[MartRow]) -> Ranks {
        let (mut of, mut bits, mut of_rows) = (Vec::new(), Vec::new(), Vec::new());
        for column in 0..columns {
            let codes: BTreeSet<&str> = rows.iter().map(|row| row.key[column].as_str()).collect();
            let ranks: HashMap<String, u32> = codes.into_iter().map(str::to_owned).zip(0..).collect();
            bits.push(usize::BITS - ranks.len().leading_zeros());
            of_rows.push(rows.iter().map(|row| ranks[&row.key[column]]).collect());
            of.push(ranks);
        }
        Ranks { of, bits, rows: of_rows }
    }

    /// Whether the number of a whole key has room.
    fn fit(&self) -> bool {
        self.bits.iter().sum::<u32>() <= u128::BITS
    }

    /// One number of a key without some columns: it sorts as the key does.
    fn number(&self, left_out: &[usize], code: impl Fn(usize) -> Option<u32>) -> Option<u128> {
        let kept = (0..self.of.len()).filter(|column| !left_out.contains(column));
        kept.map(|column| Some((column, code(column)?)))
            .try_fold(0, |number, next| next.map(|(column, code)| (number << self.bits[column]) | u128::from(code)))
    }

    fn of_row(&self, left_out: &[usize], row: usize) -> u128 {
        self.number(left_out, |column| Some(self.rows[column][row])).unwrap_or_default()
    }
}

impl Sheet {
    /// # Errors
    /// [`Error::Broken`] where a key is not full or there twice; [`Error::Contract`] as [`Policy::of`].
    pub fn new(table: MartTable, threshold_min: i64, first: usize) -> Result<Sheet> {
        let MartTable { contract, mut rows } = table;
        let policy = Policy::of(&contract, threshold_min)?;
        let columns: Vec<String> = contract.key().iter().map(|column| column.name.clone()).collect();
        rows.sort();
        let broken = |reason: &str| Err(Error::Broken { table: contract.full_name(), reason: reason.into() });
        if rows.iter().any(|row| row.key.len() != columns.len()) {
            return broken("a key has another number of columns than the contract");
        }
        let codes = Ranks::new(columns.len(), &rows);
        if !codes.fit() {
            return broken("its key columns have more codes than any mart");
        }
        let at: HashMap<u128, usize> = (0..rows.len()).map(|row| (codes.of_row(&[], row), row)).collect();
        if at.len() != rows.len() {
            return broken("a key is there twice");
        }
        Ok(Sheet { contract, policy, columns, rows, first, codes, at })
    }

    /// Position among the further measures of one by its name.
    pub fn further(&self, name: &str) -> Option<usize> {
        further(&self.contract).position(|column| column.name == name)
    }

    /// A further measure of a row by what it is (`matt`); 0 where the mart has none.
    pub fn measure(&self, row: usize, matt: &str) -> i64 {
        let at = further(&self.contract).position(|column| column.custom_text("matt") == Some(matt));
        at.map_or(0, |at| self.rows[row].further[at])
    }

    pub fn name(&self) -> &str {
        &self.contract.name
    }

    /// Position of a key column.
    ///
    /// # Errors
    /// [`Error::Contract`] where there is no such key column.
    pub fn column(&self, name: &str) -> Result<usize> {
        let position = self.columns.iter().position(|column| column == name);
        position.ok_or_else(|| self.contract.fault(format!("{name} is no key column")))
    }

    /// The rows that have in common what is left of their keys without some columns; groups by key, rows by key.
    pub fn groups(&self, left_out: &[usize]) -> Vec<Vec<usize>> {
        let mut rows: Vec<(u128, usize)> =
            (0..self.rows.len()).map(|row| (self.codes.of_row(left_out, row), row)).collect();
        rows.sort_unstable();
        rows.chunk_by(|a, b| a.0 == b.0).map(|group| group.iter().map(|(_, row)| *row).collect()).collect()
    }

    pub fn code(&self, row: usize, column: usize) -> &str {
        &self.rows[row].key[column]
    }

    /// Whether a row has the codes.
    pub fn chosen(&self, row: usize, rows: &Where) -> Result<bool> {
        for (column, codes) in rows {
            let code = self.code(row, self.column(column)?);
            if !codes.iter().any(|wanted| wanted == code) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether what is shown are the counts themselves; others stand in no relation.
    pub fn is_exact(&self) -> bool {
        self.policy.treatment == Treatment::Suppression
    }

    /// Whether a row is about nobody who could be revealed, or is shown whatever it is.
    pub fn is_open(&self, row: usize) -> Result<bool> {
        if !self.is_exact() {
            return Ok(true);
        }
        match &self.policy.kind {
            Kind::People => Ok(false),
            Kind::Open => Ok(true),
            Kind::Amounts(Amounts { open: None, .. }) => Ok(false),
            Kind::Amounts(Amounts { open: Some((column, codes)), .. }) => {
                let code = self.code(row, self.column(column)?);
                Ok(codes.iter().any(|open| open == code))
            }
        }
    }

    /// The row of `other` that a link leads to from one of ours.
    ///
    /// # Errors
    /// [`Error::Broken`] where that row is missing: marts are dense.
    pub fn linked(&self, row: usize, link: &Link, other: &Sheet) -> Result<usize> {
        self.find(row, link, other)?.ok_or_else(|| Error::Broken {
            table: other.contract.full_name(),
            reason: format!(
                "a row that {} is linked to is missing (its key {})",
                self.contract.full_name(),
                self.rows[row].key.join("/")
            ),
        })
    }

    /// The row of `other` that a link leads to, if it is there.
    pub fn find(&self, row: usize, link: &Link, other: &Sheet) -> Result<Option<usize>> {
        let mut key = Vec::with_capacity(other.columns.len());
        for (at, column) in other.columns.iter().enumerate() {
            let code = match link.fixed.get(column) {
                Some(code) => code,
                None => self.code(row, self.column(link.renamed.get(column).unwrap_or(column))?),
            };
            key.push(other.codes.of[at].get(code).copied());
        }
        Ok(other.codes.number(&[], |column| key[column]).and_then(|number| other.at.get(&number).copied()))
    }
}
