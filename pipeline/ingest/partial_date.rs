//! Dates whose month or day is not known: `2021-00-00`, `202103`, `2021`. They become an earliest and a latest day.
//! And dates whose day is not to be known: they become the first day of their month.

use arrow::array::{Date32Array, StringArray};
use chrono::{Datelike, NaiveDate};
use polars::prelude as pl;

/// Which end of the possible days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Earliest,
    Latest,
}

/// True where a text is not even a partial date.
pub fn broken(text: pl::Expr) -> pl::Expr {
    let form = "^[0-9]{4}(-?[0-9]{2}(-?[0-9]{2})?)?$|^0$";
    text.str().contains(pl::lit(form), true).not()
}

/// The earliest or latest possible day of each text; null where even the year is unknown (`0`, `0000-00-00`).
pub fn end_of(texts: &StringArray, end: End) -> Date32Array {
    texts.iter().map(|text| text.and_then(|text| day(text, end)).map(days)).collect()
}

/// The first day of the earliest or latest possible month: what is kept of a date whose day is nobody's business.
pub fn month_of(texts: &StringArray, end: End) -> Date32Array {
    let first = |text| day(text, end).and_then(|date| date.with_day(1));
    texts.iter().map(|text| text.and_then(first).map(days)).collect()
}

/// The first day of the month of each day.
pub fn first_of_month(dates: &Date32Array) -> Date32Array {
    dates.iter().map(|held| held.and_then(|held| date(held)?.with_day(1)).map(days)).collect()
}

fn date(days: i32) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(days.into()))
}

fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - NaiveDate::default().num_days_from_ce()
}

fn day(text: &str, end: End) -> Option<NaiveDate> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize, till: usize| digits.get(from..till).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    if year == 0 || digits.len() < 4 {
        return None;
    }
    let year = i32::try_from(year).ok()?;
    let first_month = match (month, end) {
        (1..=12, _) => month,
        (_, End::Earliest) => 1,
        (_, End::Latest) => 12,
    };
    let first = NaiveDate::from_ymd_opt(year, first_month, 1)?;
    match end {
        _ if (1..=12).contains(&month) && day > 0 => first.with_day(day),
        End::Earliest => Some(first),
        End::Latest => first.checked_add_months(chrono::Months::new(1))?.pred_opt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_day_of_birth_only_the_month_is_kept() {
        let texts = StringArray::from(vec![Some("1980-02-10"), Some("1980-00-00"), Some("198002"), Some("0"), None]);
        let kept = |end| month_of(&texts, end).iter().collect::<Vec<_>>();
        let first = |month| NaiveDate::from_ymd_opt(1980, month, 1).map(days);
        assert_eq!(kept(End::Earliest), [first(2), first(1), first(2), None, None]);
        assert_eq!(kept(End::Latest), [first(2), first(12), first(2), None, None]);
    }

    #[test]
    fn a_day_is_reduced_to_its_month() {
        let day = |text: &str| days(text.parse().expect("a date"));
        let dates = Date32Array::from(vec![Some(day("2023-03-31")), None, Some(day("1969-12-02"))]);
        let months = Date32Array::from(vec![Some(day("2023-03-01")), None, Some(day("1969-12-01"))]);
        assert_eq!(first_of_month(&dates), months);
    }

    #[test]
    fn unknown_parts_span_the_possible_days() {
        for (text, earliest, latest) in [
            ("2021-03-05", "2021-03-05", "2021-03-05"),
            ("20210305", "2021-03-05", "2021-03-05"),
            ("2021-03-00", "2021-03-01", "2021-03-31"),
            ("202102", "2021-02-01", "2021-02-28"),
            ("2021-00-00", "2021-01-01", "2021-12-31"),
            ("2020", "2020-01-01", "2020-12-31"),
        ] {
            let ends = [End::Earliest, End::Latest].map(|end| day(text, end).map(|date| date.to_string()));
            assert_eq!(ends, [Some(earliest.to_owned()), Some(latest.to_owned())], "{text}");
        }
        for text in ["0", "0000-00-00", "2021-02-30"] {
            assert_eq!(day(text, End::Earliest), None, "{text}");
        }
    }
}
