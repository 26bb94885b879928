//! Dates whose month or day is not known: `2021-00-00`, `202103`, `2021`. They become an earliest and a latest day.
//! And dates whose day is not to be known: they become the first day of their month.

use arrow::array::{Array, Date32Array, StringArray};
use chrono::{Datelike, NaiveDate};
use polars::prelude as pl;
use polars::prelude::NewChunkedArray;

/// Which end of the possible days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Earliest,
    Latest,
}

/// True where a text is not even a partial date.
pub fn broken(text: pl::Expr) -> pl::Expr {
    let broken = |column: pl::Column| {
        let broken = column.str()?.iter().map(|text| text.map(|text| parts(text).is_none()));
        Ok(pl::IntoColumn::into_column(pl::BooleanChunked::from_iter_options(column.name().clone(), broken)))
    };
    text.map(broken, |_, field| Ok(pl::Field::new(field.name().clone(), pl::DataType::Boolean)))
}

/// Year, month and day, 0 where unknown; nothing where a text is no partial date. What is known is a day that there
/// is: an unknown month has no known day, and an unknown year no known month.
fn parts(text: &str) -> Option<(i32, u32, u32)> {
    if text == "0" {
        return Some((0, 0, 0));
    }
    let number = |part: &str| -> Option<u32> {
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    };
    let pair = |rest: &str| -> Option<(u32, usize)> {
        let skipped = usize::from(rest.starts_with('-'));
        match rest {
            "" => Some((0, 0)),
            _ => Some((number(rest.get(skipped..skipped + 2)?)?, skipped + 2)),
        }
    };
    let year = number(text.get(..4)?)?;
    let (month, taken) = pair(&text[4..])?;
    let rest = &text[4 + taken..];
    let (day, taken) = pair(rest)?;
    let year = i32::try_from(year).ok()?;
    let is_there = match (year, month, day) {
        (_, 0, 0) => true,
        (0, ..) | (_, 0, _) => false,
        (_, _, 0) => month <= 12,
        _ => NaiveDate::from_ymd_opt(year, month, day).is_some(),
    };
    (is_there && taken == rest.len()).then_some((year, month, day))
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

/// Each day, but the first of its month where it lies in a possible month of the birth beside it: a version of
/// folkbokföring that begins with the person would tell the day of birth.
pub fn month_in(dates: &Date32Array, births: &StringArray) -> Date32Array {
    let (first, last) = (month_of(births, End::Earliest), month_of(births, End::Latest));
    let months = first_of_month(dates);
    let reduced = |place: usize| {
        let month = months.is_valid(place).then(|| months.value(place))?;
        let born = first.is_valid(place) && (first.value(place)..=last.value(place)).contains(&month);
        Some(if born { month } else { dates.value(place) })
    };
    (0..dates.len()).map(reduced).collect()
}

fn date(days: i32) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(days.into()))
}

fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - NaiveDate::default().num_days_from_ce()
}

fn day(text: &str, end: End) -> Option<NaiveDate> {
    let (year, month, day) = parts(text).filter(|(year, ..)| *year > 0)?;
    let first_month = match (month, end) {
        (1.., _) => month,
        (0, End::Earliest) => 1,
        (0, End::Latest) => 12,
    };
    let first = NaiveDate::from_ymd_opt(year, first_month, 1)?;
    match end {
        _ if day > 0 => first.with_day(day),
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
    fn a_day_in_a_possible_month_of_birth_is_reduced_to_its_month() {
        let day = |text: &str| days(text.parse().expect("a date"));
        let births = ["1980-02-10", "1980-02-10", "1980-02-00", "1980-00-00", "0", "1980-02-10"];
        let dates = ["1980-02-10", "1980-03-10", "1980-02-03", "1980-11-09", "1980-02-10", ""];
        let kept = ["1980-02-01", "1980-03-10", "1980-02-01", "1980-11-01", "1980-02-10", ""];
        let all = |texts: [&str; 6]| -> Date32Array {
            texts.iter().map(|text| (!text.is_empty()).then(|| day(text))).collect()
        };
        assert_eq!(month_in(&all(dates), &StringArray::from(births.to_vec())), all(kept));
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

    #[test]
    fn what_is_known_of_a_date_is_a_day_that_there_is() {
        for text in ["0", "0000", "0000-00-00", "2021", "202100", "2021-00-00", "2021-12-00", "2020-02-29", "20211231"]
        {
            assert!(parts(text).is_some(), "{text}");
        }
        let form =
            ["", "202", "2021-", "20210", "2021-1", "2021-12-", "2021-12-1", "2021--12", "2021 12", "2021-12-011"];
        let none =
            ["2021-02-30", "2021-05-45", "2021-13-05", "20211345", "2021-13", "2021-00-05", "2021-02-29", "0000-05"];
        for text in form.into_iter().chain(none).chain(["+021", "2021-+1", "202å", "00", "2021-12-01\n"]) {
            assert!(parts(text).is_none(), "{text}");
            assert!([End::Earliest, End::Latest].iter().all(|end| day(text, *end).is_none()), "{text}");
        }
    }
}
