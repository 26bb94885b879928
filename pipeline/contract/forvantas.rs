//! How often a delivery is expected (`forvantas`), and how many of its periods are over on a day.

use super::Contract;
use crate::error::Result;
use chrono::{Datelike, NaiveDate, TimeDelta};
use serde_yaml_ng::Value;

/// Periods that a delivery may be behind before it is more than late, where the contract does not say.
const STALE_AFTER: i64 = 2;

/// How long a period is, of which there is to be a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    Day,
    /// ISO week, Monday to Sunday.
    Week,
    Month,
    Quarter,
    Year,
    /// One delivery, ever.
    Once,
    /// None is expected.
    Never,
}

/// What a contract says of when its deliveries come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation {
    pub every: Every,
    /// Days after a period's last day within which its delivery comes.
    pub within_days: i64,
    /// Periods behind at which what is in force is stale.
    pub stale_after: i64,
}

impl Contract {
    /// When deliveries are expected; none where the contract does not say.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where `forvantas` says what we do not know.
    pub fn expectation(&self) -> Result<Option<Expectation>> {
        let Some(value) = self.custom.get("forvantas") else { return Ok(None) };
        let number = |key: &str| value.get(key).and_then(Value::as_i64).filter(|number| *number >= 0);
        let every = match value.get("var").and_then(Value::as_str) {
            Some("dag") => Every::Day,
            Some("vecka") => Every::Week,
            Some("manad") => Every::Month,
            Some("kvartal") => Every::Quarter,
            Some("ar") => Every::Year,
            Some("engang") => Every::Once,
            Some("aldrig") => Every::Never,
            _ => return Err(self.fault("forvantas is var: dag, vecka, manad, kvartal, ar, engang or aldrig")),
        };
        let within_days = match (every, number("senast_dagar")) {
            (Every::Once | Every::Never, _) => 0,
            (_, Some(days)) => days,
            _ => return Err(self.fault("forvantas needs senast_dagar, a number of days")),
        };
        let stale_after = number("inaktuell_perioder").unwrap_or(STALE_AFTER);
        Ok(Some(Expectation { every, within_days, stale_after }))
    }
}

impl Expectation {
    /// The number of the newest period whose delivery is to be there on a day, where periods are counted at all.
    pub fn due_by(&self, day: NaiveDate) -> Option<i64> {
        self.over_by(day - TimeDelta::days(self.within_days + 1))
    }

    /// How many periods are over at the end of a day, counted from the year 0.
    pub fn over_by(&self, day: NaiveDate) -> Option<i64> {
        let days = i64::from(day.num_days_from_ce());
        let last_of_month = day.succ_opt().is_none_or(|next| next.month() != day.month());
        let months = i64::from(day.year()) * 12 + i64::from(day.month0()) + i64::from(last_of_month);
        match self.every {
            Every::Day => Some(days),
            // The first day of the calendar was a Monday.
            Every::Week => Some(days.div_euclid(7)),
            Every::Month => Some(months),
            Every::Quarter => Some(months.div_euclid(3)),
            Every::Year => Some(months.div_euclid(12)),
            Every::Once | Every::Never => None,
        }
    }

    /// The last day of a period, and its name: `2023-05-31`, `2023-v22`, `2023-05`, `2023-K2`, `2023`.
    pub fn period(&self, number: i64) -> Option<(NaiveDate, String)> {
        let by_days = |days: i64| NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?);
        let by_months = |months: i64| {
            let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
            NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()? + 1, 1)?.pred_opt()
        };
        let last = match self.every {
            Every::Day => by_days(number),
            Every::Week => by_days(number * 7),
            Every::Month => by_months(number),
            Every::Quarter => by_months(number * 3),
            Every::Year => by_months(number * 12),
            Every::Once | Every::Never => None,
        }?;
        let name = match self.every {
            Every::Week => format!("{}-v{:02}", last.iso_week().year(), last.iso_week().week()),
            Every::Month => last.format("%Y-%m").to_string(),
            Every::Quarter => format!("{}-K{}", last.year(), last.month().div_ceil(3)),
            Every::Year => last.year().to_string(),
            _ => last.to_string(),
        };
        Some((last, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_period_is_due_so_many_days_after_its_last() {
        for (every, today, name, last) in [
            (Every::Day, "2023-06-30", "2023-06-19", "2023-06-19"),
            (Every::Week, "2023-06-29", "2023-v24", "2023-06-18"),
            (Every::Month, "2023-06-10", "2023-04", "2023-04-30"),
            (Every::Month, "2023-06-11", "2023-05", "2023-05-31"),
            (Every::Month, "2024-03-11", "2024-02", "2024-02-29"),
            (Every::Quarter, "2023-07-10", "2023-K1", "2023-03-31"),
            (Every::Quarter, "2023-07-11", "2023-K2", "2023-06-30"),
            (Every::Year, "2023-01-10", "2021", "2021-12-31"),
            (Every::Year, "2023-01-11", "2022", "2022-12-31"),
        ] {
            let expectation = Expectation { every, within_days: 10, stale_after: 2 };
            let due = expectation.due_by(day(today)).expect("a period");
            assert_eq!(expectation.period(due), Some((day(last), name.to_owned())), "{every:?} {today}");
            assert_eq!(expectation.over_by(day(last)), Some(due), "{every:?}");
        }
    }
}
