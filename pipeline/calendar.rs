//! The calendar that SQL joins instead of computing: every day and month of 1900–2100.
//!
//! Months are added by joining `calendar.manad` on its index, because `n * interval` means different things
//! to different engines. Dates are days since 1970-01-01, as Arrow and DuckDB keep them.

use crate::contract::Kind;
use chrono::{Datelike, Duration, Months, NaiveDate};

const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// Columns of `calendar.dag`; the index numbers the days from 1900-01-01, which is 0, and `vecka_datum` is the Monday
/// of the day's ISO week.
pub const DAG: [(&str, Kind); 9] = [
    ("datum", Kind::Date),
    ("manad_datum", Kind::Date),
    ("ar", Kind::Integer),
    ("manad_nr", Kind::Integer),
    ("dag_nr", Kind::Integer),
    ("dag_index_nr", Kind::Integer),
    ("iso_ar", Kind::Integer),
    ("iso_vecka_nr", Kind::Integer),
    ("vecka_datum", Kind::Date),
];

/// Columns of `calendar.manad`; the index numbers the months from January 1900, which is 0.
pub const MANAD: [(&str, Kind); 6] = [
    ("manad_datum", Kind::Date),
    ("nasta_manad_datum", Kind::Date),
    ("manad_index_nr", Kind::Integer),
    ("ar", Kind::Integer),
    ("manad_nr", Kind::Integer),
    ("dagar_antal", Kind::Integer),
];

/// Days since 1970-01-01.
pub fn epoch_day(date: NaiveDate) -> i32 {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

/// Rows of `calendar.dag`, in order.
pub fn days() -> impl Iterator<Item = [i32; 9]> {
    month_starts().flat_map(|(month, next)| {
        (0..next.signed_duration_since(month).num_days()).map(move |offset| {
            let day = month + Duration::days(offset);
            [
                epoch_day(day),
                epoch_day(month),
                day.year(),
                number(day.month()),
                number(day.day()),
                epoch_day(day) - FIRST_DAY,
                day.iso_week().year(),
                number(day.iso_week().week()),
                epoch_day(day) - number(day.weekday().num_days_from_monday()),
            ]
        })
    })
}

/// Rows of `calendar.manad`, in order.
pub fn months() -> impl Iterator<Item = [i32; 6]> {
    month_starts().map(|(month, next)| {
        [
            epoch_day(month),
            epoch_day(next),
            12 * (month.year() - YEARS.start()) + number(month.month0()),
            month.year(),
            number(month.month()),
            epoch_day(next) - epoch_day(month),
        ]
    })
}

/// 1900-01-01 in days since 1970-01-01.
const FIRST_DAY: i32 = -25_567;

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Each month's first day and the next month's.
fn month_starts() -> impl Iterator<Item = (NaiveDate, NaiveDate)> {
    YEARS
        .flat_map(|year| (1..=12).filter_map(move |month| NaiveDate::from_ymd_opt(year, month, 1)))
        .filter_map(|month| Some((month, month.checked_add_months(Months::new(1))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_every_day_once() {
        let days: Vec<_> = days().collect();
        assert_eq!(days.len(), 73_414);
        assert_eq!(days[0][0], FIRST_DAY);
        assert!(days.windows(2).all(|pair| pair[1][0] == pair[0][0] + 1 && pair[1][5] == pair[0][5] + 1));
        assert_eq!(months().map(|row| row[5]).sum::<i32>(), 73_414);
    }

    #[test]
    fn knows_leap_years_and_iso_weeks() {
        let february = |year| months().find(|row| row[3] == year && row[4] == 2).map(|row| row[5]);
        assert_eq!(
            (february(1900), february(2000), february(2023), february(2024)),
            (Some(28), Some(29), Some(28), Some(29))
        );
        let week = |y, m, d| days().find(|row| (row[2], row[3], row[4]) == (y, m, d)).map(|row| (row[6], row[7]));
        assert_eq!(week(2021, 1, 3), Some((2020, 53)));
        assert_eq!(week(2021, 1, 4), Some((2021, 1)));
        let monday = |y, m, d| days().find(|row| (row[2], row[3], row[4]) == (y, m, d)).map(|row| row[0] - row[8]);
        assert_eq!((monday(2021, 1, 3), monday(2021, 1, 4)), (Some(6), Some(0)));
    }
}
