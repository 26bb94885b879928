//! Days and months of the demo country.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};

/// First year in which anything is remembered of a life.
pub const FIRST_YEAR: i32 = 2014;
/// Months remembered: 2014–2023.
pub const MONTH_COUNT: u32 = 120;

/// A day of the calendar.
///
/// # Panics
/// Where the calendar has no such day: a bug of the caller.
pub const fn day(year: i32, month: u32, day_of_month: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day_of_month) {
        Some(day) => day,
        None => panic!("the calendar has that day"),
    }
}

/// A day some days later, or earlier.
pub fn shift(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_add_signed(TimeDelta::days(days)).unwrap_or(day)
}

/// A day some calendar months later, clamped to the end of the month (31 August + 6 = 28 or 29 February).
pub fn add_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

/// The number of the month of a day, 0 for January 2014; days outside what is remembered go to its edges.
pub fn month_of(day: NaiveDate) -> u32 {
    let months = (day.year() - FIRST_YEAR) * 12 + day.month0() as i32;
    u32::try_from(months.max(0)).unwrap_or(0).min(MONTH_COUNT - 1)
}

/// Year and month (1–12).
pub const fn year_month(month: u32) -> (i32, u32) {
    (FIRST_YEAR + (month / 12) as i32, month % 12 + 1)
}

/// The first day of a month.
pub const fn first_day(month: u32) -> NaiveDate {
    let (year, number) = year_month(month);
    day(year, number, 1)
}

/// A set of months.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manader(u128);

impl Manader {
    pub const fn has(self, month: u32) -> bool {
        month < MONTH_COUNT && self.0 >> month & 1 == 1
    }

    pub fn set(&mut self, month: u32, value: bool) {
        if month < MONTH_COUNT {
            let bit = 1_u128 << month;
            self.0 = if value { self.0 | bit } else { self.0 & !bit };
        }
    }

    /// Months `first` to `last`, both included; negative months fall away.
    pub fn fill(&mut self, first: i64, last: i64, value: bool) {
        for month in first.max(0)..=last.min(i64::from(MONTH_COUNT) - 1) {
            self.set(month as u32, value);
        }
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_months_are_clamped_to_the_end_of_the_month() {
        assert_eq!(add_months(day(2021, 8, 31), 6), day(2022, 2, 28));
        assert_eq!(add_months(day(2019, 8, 31), 6), day(2020, 2, 29));
    }

    #[test]
    fn months_are_numbered_from_january_2014() {
        assert_eq!(month_of(day(2014, 1, 31)), 0);
        assert_eq!(month_of(day(2019, 1, 1)), 60);
        assert_eq!(first_day(60), day(2019, 1, 1));
        assert_eq!(month_of(day(2010, 1, 1)), 0);
    }

    #[test]
    fn a_set_of_months_fills_and_clears() {
        let mut months = Manader::default();
        months.fill(-3, 2, true);
        months.set(1, false);
        assert_eq!((months.has(0), months.has(1), months.has(2), months.has(3)), (true, false, true, false));
    }
}
