//! Types and checks the columns of a batch by its contract: one Polars expression per rule, all evaluated together.

use super::delivery::Period;
use super::near::Near;
use super::partial_date;
use crate::contract::{Catalogue, CodeList, Column, Contract, DateForm, Kind, PeriodColumns, RowRule, Severity};
use crate::error::{Error, Result};
use crate::fault::{FaultLog, Rule};
use crate::layer::Layer;
use crate::pseudonymise::stands_in;
use arrow::array::{Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, StringArray};
use chrono::Datelike;
use polars::prelude as pl;
use polars::prelude::{IntoLazy, NewChunkedArray};
use std::collections::HashMap;
use std::sync::Arc;

/// A rule as an expression that is true where a row breaks it.
struct Check {
    column: String,
    rule: Rule,
    severity: Severity,
    expected: String,
    broken: pl::Expr,
}

/// The checks of one contract, made once per delivery.
pub struct Checker {
    contract: Arc<Contract>,
    /// The typed columns, worked out once; the checks read them.
    typed: Vec<pl::Expr>,
    /// Those columns by the contract's names.
    names: Vec<pl::Expr>,
    checks: Vec<Check>,
    /// The codes of each column that has a list.
    codes: HashMap<String, Near>,
}

/// A checked batch: one typed column per contract column (a partial date and identities stay text), and the rows to
/// keep.
pub struct Checked {
    pub columns: HashMap<String, ArrayRef>,
    pub keep: BooleanArray,
}

impl Checker {
    /// # Errors
    /// [`Error::Contract`] where a rule names a code list that is not there.
    pub fn new(contract: &Arc<Contract>, catalogue: &Catalogue) -> Result<Checker> {
        let contract = as_wide_as_core(contract, catalogue);
        let codes = HashMap::new();
        let mut checker =
            Checker { contract: contract.clone(), typed: Vec::new(), names: Vec::new(), checks: Vec::new(), codes };
        for column in contract.columns.iter().filter(|column| column.identity.is_none()) {
            if let Some(typed) = typed(column) {
                checker.typed.push(typed.alias(typed_name(column)));
                checker.names.push(pl::col(typed_name(column)).alias(column.name.as_str()));
            }
            checker.add_column(column, catalogue)?;
        }
        for rule in &contract.row_rules {
            checker.add_row_rule(rule);
        }
        checker.add_legal_basis()?;
        Ok(checker)
    }

    fn add(&mut self, column: &Column, rule: Rule, expected: String, broken: pl::Expr) {
        let (name, severity) = (column.name.clone(), column.fault_severity());
        self.checks.push(Check { column: name, rule, severity, expected, broken });
    }

    fn add_column(&mut self, column: &Column, catalogue: &Catalogue) -> Result<()> {
        let text = || pl::col(column.name.as_str());
        let value = || value(column);
        if column.required {
            self.add(column, Rule::Missing, String::new(), text().is_null());
        }
        if column.kind != Kind::Text {
            let expected = column.form_in_words().english;
            let wrong = match column.date_form {
                DateForm::Partial if column.kind == Kind::Date => partial_date::broken(text()),
                _ => value().is_null(),
            };
            self.add(column, Rule::Type, expected, text().is_not_null().and(wrong));
        }
        if let Some(name) = &column.code_list {
            let list = catalogue.code_list(name)?;
            self.codes.insert(column.name.clone(), Near::new(list.codes.iter().map(|code| code.code.as_str())));
            let known = is_one_of(column, list.codes.iter().map(|code| code.code.as_str()));
            self.add(column, Rule::Code, format!("a code of {name}"), text().is_not_null().and(known.clone().not()));
            if let Some(date) = column.code_date.as_deref().and_then(|date| self.contract.column(date)) {
                let expected = format!("a code of {name} that is valid on {}", date.name);
                self.add(column, Rule::CodeDate, expected, known.and(is_valid(column, list, date).not()));
            }
        }
        if let Some(pattern) = &column.pattern {
            let matched = text().str().contains(pl::lit(format!("^(?:{pattern})$")), true);
            self.add(column, Rule::Pattern, format!("the form {pattern}"), matched.not());
        }
        if let Some(minimum) = column.minimum {
            self.add(column, Rule::Bounds, format!("at least {minimum}"), value().lt(pl::lit(minimum)));
        }
        if let Some(maximum) = column.maximum {
            self.add(column, Rule::Bounds, format!("at most {maximum}"), value().gt(pl::lit(maximum)));
        }
        let length = || text().str().len_chars().cast(pl::DataType::Int64);
        if let Some(shortest) = column.min_length {
            let broken = length().lt(pl::lit(shortest as i64));
            self.add(column, Rule::Length, format!("at least {shortest} characters"), broken);
        }
        if let Some(longest) = column.max_length {
            let broken = length().gt(pl::lit(longest as i64));
            self.add(column, Rule::Length, format!("at most {longest} characters"), broken);
        }
        Ok(())
    }

    fn add_row_rule(&mut self, rule: &RowRule) {
        let RowRule::Order { from, till, severity, .. } = rule;
        let date = |name: &str| self.contract.column(name).map_or_else(|| pl::col(name), value);
        let check = Check {
            column: till.clone(),
            rule: Rule::Order,
            severity: *severity,
            expected: format!("not before {from}"),
            broken: date(from).gt(date(till)),
        };
        self.checks.push(check);
    }

    /// A row that its delivery's period does not hold would be taken and never counted.
    ///
    /// # Errors
    /// As [`Contract::period_columns`].
    pub fn add_period(&mut self, period: &Period) -> Result<()> {
        let contract = self.contract.clone();
        let Some(columns) = contract.period_columns()? else { return Ok(()) };
        let day = |date: chrono::NaiveDate| date.signed_duration_since(chrono::NaiveDate::default()).num_days();
        let month = |date: chrono::NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month());
        let (part, from, till) = match columns {
            PeriodColumns::Date(date) => (value(date), day(period.fran), day(period.till)),
            PeriodColumns::Year(year) => {
                let is_begun = period.fran.ordinal() > 1;
                (value(year), i64::from(period.fran.year()) + i64::from(is_begun), i64::from(period.till.year()))
            }
            PeriodColumns::YearAndMonth(year, number) => {
                let is_begun = period.fran.day() > 1;
                let months = value(year) * pl::lit(12_i64) + value(number);
                (months, month(period.fran) + i64::from(is_begun), month(period.till))
            }
        };
        let broken = part.clone().lt(pl::lit(from)).or(part.gt(pl::lit(till)));
        self.checks.push(Check {
            column: columns.last().name.clone(),
            rule: Rule::OutsidePeriod,
            severity: Severity::Reject,
            expected: "the period that leverans.yaml states".into(),
            broken,
        });
        Ok(())
    }

    fn add_legal_basis(&mut self) -> Result<()> {
        let key = |key: &str| self.contract.custom_key("rattsligGrund", key);
        let Some(name) = key("datumkolumn") else { return Ok(()) };
        let column = self.contract.column(name);
        let column =
            column.ok_or_else(|| self.contract.fault(format!("rattsligGrund names {name}, which is no column")))?;
        // A whole number is a year.
        let bound = |at: &str| -> Result<i32> {
            let date = key(at).and_then(|text| text.parse::<chrono::NaiveDate>().ok());
            let date = date.ok_or_else(|| self.contract.fault(format!("rattsligGrund needs {at} as a date")))?;
            let days = date.signed_duration_since(chrono::NaiveDate::default()).num_days() as i32;
            Ok(if column.kind == Kind::Date { days } else { date.year() })
        };
        let (from, till) = (bound("giltigFran")?, bound("giltigTill")?);
        let days = || value(column);
        let broken = days().lt(pl::lit(from)).or(days().gt(pl::lit(till)));
        let check = Check {
            column: name.to_owned(),
            rule: Rule::LegalBasis,
            severity: Severity::Reject,
            expected: "a date within the legal basis".into(),
            broken,
        };
        self.checks.push(check);
        Ok(())
    }

    /// Checks the rows of a batch. Faults are noted with the rows' numbers in the file.
    ///
    /// # Errors
    /// [`Error::Unexpected`] where Polars fails, which no delivery may bring about.
    pub fn check(&self, columns: &[StringArray], rows: &[u64], file: &str, faults: &mut FaultLog) -> Result<Checked> {
        let failed =
            |error: pl::PolarsError| Error::Unexpected(format!("check {}: {error}", self.contract.full_name()));
        let texts = self.contract.columns.iter().zip(columns).filter(|(column, _)| column.identity.is_none());
        let frame: Vec<pl::Column> = texts
            .map(|(column, text)| {
                let column = pl::StringChunked::from_iter_options(column.name.as_str().into(), text.iter());
                pl::IntoColumn::into_column(column)
            })
            .collect();
        let masks = self
            .checks
            .iter()
            .enumerate()
            .map(|(i, check)| check.broken.clone().fill_null(pl::lit(false)).alias(format!("bruten {i}").as_str()));
        let selected: Vec<pl::Expr> = self.names.iter().cloned().chain(masks).collect();
        let frame = pl::DataFrame::new(rows.len(), frame).map_err(failed)?;
        let frame = if selected.is_empty() {
            frame
        } else {
            frame.lazy().with_columns_seq(&self.typed).select_seq(selected).collect().map_err(failed)?
        };
        let mut keep = vec![true; rows.len()];
        let mut cleared: HashMap<&str, Vec<bool>> = HashMap::new();
        for (i, check) in self.checks.iter().enumerate() {
            let broken =
                frame.column(&format!("bruten {i}")).and_then(|column| column.bool().cloned()).map_err(failed)?;
            if !broken.any() {
                continue;
            }
            // A scalar check (over no column) is broadcast to one row; every check here is over a column.
            for (row, _) in broken.iter().enumerate().filter(|(_, broken)| *broken == Some(true)) {
                let Check { column, rule, severity, expected, .. } = check;
                faults.add_as(*severity, *rule, file, Some(column), Some(rows[row]), expected);
                if *rule == Rule::Code && faults.keeps_hint(*rule, file, Some(column)) {
                    self.hint_code(column, columns, row, file, faults);
                }
                match severity {
                    Severity::Note => cleared.entry(column).or_insert_with(|| vec![false; rows.len()])[row] = true,
                    Severity::Reject | Severity::Stop => keep[row] = false,
                }
            }
        }
        self.check_embedded(columns, rows, file, faults, &mut keep);
        let mut checked = HashMap::new();
        for (column, text) in self.contract.columns.iter().zip(columns) {
            let array = to_arrow(column, text, &frame).map_err(failed)?;
            let array = match cleared.get(column.name.as_str()) {
                Some(mask) => arrow::compute::nullif(&array, &BooleanArray::from(mask.clone()))
                    .map_err(|error| Error::Unexpected(error.to_string()))?,
                None => array,
            };
            checked.insert(column.name.clone(), array);
        }
        Ok(Checked { columns: checked, keep: BooleanArray::from(keep) })
    }
}

impl Checker {
    /// Tells the supplier which declared code a wrong one is near to.
    fn hint_code(&self, column: &str, columns: &[StringArray], row: usize, file: &str, faults: &mut FaultLog) {
        let text = self.contract.position(column).map(|place| columns[place].value(row));
        if let Some(code) = text.zip(self.codes.get(column)).and_then(|(text, codes)| codes.to(text)) {
            faults.hint(Rule::Code, file, Some(column), format!("närmaste kod i listan: {code}"));
        }
    }

    /// No column but those of identity may hold a person's number: what is not one is stored as it stands.
    fn check_embedded(
        &self,
        columns: &[StringArray],
        rows: &[u64],
        file: &str,
        faults: &mut FaultLog,
        keep: &mut [bool],
    ) {
        let meant = |column: &Column| {
            let number = matches!(column.kind, Kind::Text | Kind::Integer | Kind::Long | Kind::Decimal);
            column.identity.is_none() && column.code_list.is_none() && number
        };
        for (column, text) in self.contract.columns.iter().zip(columns).filter(|(column, _)| meant(column)) {
            for (row, text) in text.iter().enumerate() {
                if text.is_some_and(|text| holds_number(column, text)) {
                    faults.add(Rule::Embedded, file, Some(&column.name), Some(rows[row]), "no identity number");
                    keep[row] = false;
                }
            }
        }
    }
}

/// Of a decimal with a power of ten its digits count as they are stored.
fn holds_number(column: &Column, text: &str) -> bool {
    let number = || text.replace(column.decimal_mark, ".").parse::<f64>();
    let has_power = column.kind == Kind::Decimal && text.contains(['e', 'E']);
    stands_in(text) || has_power && number().is_ok_and(|number| stands_in(&number.to_string()))
}

/// The contract with the whole numbers that core holds in 32 bits: what does not fit is a fault of type.
fn as_wide_as_core(contract: &Arc<Contract>, catalogue: &Catalogue) -> Arc<Contract> {
    let Ok(core) = catalogue.contract(Layer::Core, &contract.name) else { return contract.clone() };
    let mut narrow = Contract::clone(contract);
    for column in narrow.columns.iter_mut().filter(|column| column.kind == Kind::Long) {
        let kept = |kept: &&Column| kept.source.as_ref().unwrap_or(&kept.name) == &column.name;
        if core.columns.iter().find(kept).is_some_and(|kept| kept.kind == Kind::Integer) {
            column.kind = Kind::Integer;
        }
    }
    Arc::new(narrow)
}

fn is_one_of<'a>(column: &Column, codes: impl Iterator<Item = &'a str>) -> pl::Expr {
    let codes: Vec<&str> = codes.collect();
    let list = pl::lit(<pl::Series as pl::NamedFrom<_, _>>::new("koder".into(), codes)).implode(true);
    code_text(column).is_in(list, false)
}

/// Whether the code is valid on the date beside it; null where that is no date, which is a fault of its own.
fn is_valid(column: &Column, list: &CodeList, date: &Column) -> pl::Expr {
    let days = || value(date);
    let number = |date: chrono::NaiveDate| pl::lit(date.signed_duration_since(chrono::NaiveDate::default()).num_days());
    let times = list.by_validity().into_iter().map(|((from, till), codes)| {
        let begun = from.map_or(days().is_not_null(), |from| days().gt_eq(number(from)));
        let lasts = till.map_or(pl::lit(true), |till| days().lt_eq(number(till)));
        is_one_of(column, codes.into_iter()).and(begun).and(lasts)
    });
    let valid = times.reduce(pl::Expr::or).unwrap_or_else(|| pl::lit(false));
    pl::when(days().is_null()).then(pl::lit(pl::NULL)).otherwise(valid)
}

/// Codes in number columns are compared without leading zeros.
fn code_text(column: &Column) -> pl::Expr {
    match column.kind {
        Kind::Integer | Kind::Long => {
            pl::col(column.name.as_str()).cast(pl::DataType::Int64).cast(pl::DataType::String)
        }
        _ => pl::col(column.name.as_str()),
    }
}

/// The column as the checks read it: its typed value, or its text where the text is the value.
fn value(column: &Column) -> pl::Expr {
    match typed(column) {
        Some(_) => pl::col(typed_name(column)),
        None => pl::col(column.name.as_str()),
    }
}

/// Beside the texts, which have the contract's names.
fn typed_name(column: &Column) -> String {
    format!("{} typad", column.name)
}

/// The typed value: days since 1970 for dates, 64-bit for whole numbers; `None` where the text is the value.
fn typed(column: &Column) -> Option<pl::Expr> {
    let text = || pl::col(column.name.as_str());
    let digits = |length: u32, format: &str, text: pl::Expr| {
        let options = pl::StrptimeOptions { format: Some(format.into()), strict: false, exact: true, cache: true };
        let days = text.clone().str().to_date(options).cast(pl::DataType::Int32);
        pl::when(text.str().len_bytes().eq(pl::lit(length))).then(days).otherwise(pl::lit(pl::NULL))
    };
    let value = match (column.kind, column.date_form) {
        (Kind::Text | Kind::Uuid | Kind::Boolean, _) | (Kind::Date, DateForm::Partial) => return None,
        // What does not fit 32 bits is not of the type: it must not become null later.
        (Kind::Integer, _) => text().cast(pl::DataType::Int32).cast(pl::DataType::Int64),
        (Kind::Long, _) => text().cast(pl::DataType::Int64),
        (Kind::Decimal, _) => {
            let plain = text().str().replace_all(pl::lit(column.decimal_mark.to_string()), pl::lit("."), true);
            let number = plain.cast(pl::DataType::Float64);
            pl::when(number.clone().is_finite()).then(number).otherwise(pl::lit(pl::NULL))
        }
        (Kind::Date, DateForm::Dashed) => digits(10, "%Y-%m-%d", text()),
        (Kind::Date, DateForm::Compact) => digits(8, "%Y%m%d", text()),
        (Kind::Date, DateForm::Month) => digits(8, "%Y%m%d", text() + pl::lit("01")),
        (Kind::Date, DateForm::Week) => digits(7, "%G%V%u", text() + pl::lit("1")),
    };
    Some(value)
}

fn to_arrow(column: &Column, text: &StringArray, frame: &pl::DataFrame) -> pl::PolarsResult<ArrayRef> {
    let held = || frame.column(&column.name);
    Ok(match (column.kind, column.date_form) {
        _ if column.identity.is_some() => Arc::new(text.clone()),
        (Kind::Date, DateForm::Dashed | DateForm::Compact | DateForm::Month | DateForm::Week) => {
            Arc::new(held()?.i32()?.iter().collect::<Date32Array>())
        }
        (Kind::Integer | Kind::Long, _) => Arc::new(held()?.i64()?.iter().collect::<Int64Array>()),
        (Kind::Decimal, _) => Arc::new(held()?.f64()?.iter().collect::<Float64Array>()),
        _ => Arc::new(text.clone()),
    })
}

/// A 64-bit column as the 32-bit one that a core contract may ask for.
pub fn narrowed(array: &ArrayRef, kind: Kind) -> ArrayRef {
    match (kind, array.as_any().downcast_ref::<Int64Array>()) {
        (Kind::Integer, Some(long)) => {
            Arc::new(long.iter().map(|value| value.and_then(|value| i32::try_from(value).ok())).collect::<Int32Array>())
        }
        _ => array.clone(),
    }
}
