//! Days by counting, without a table and without another's arithmetic.

/// Days since 1970-01-01.
pub type Day = i32;

fn leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_length(year: i32, month: i32) -> i32 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 2000-01-01, where counting begins for days after it: most are.
const MILLENNIUM: (i32, Day) = (2000, 10_957);

/// The day number of a date from 1970 on.
pub fn day(year: i32, month: i32, date: i32) -> Day {
    let (first, before) = if year < MILLENNIUM.0 { (1970, 0) } else { MILLENNIUM };
    let years: i32 = before + (first..year).map(|y| if leap(y) { 366 } else { 365 }).sum::<i32>();
    years + (1..month).map(|m| month_length(year, m)).sum::<i32>() + date - 1
}

/// Year, month and date of a day number.
pub fn civil(mut day: Day) -> (i32, i32, i32) {
    let mut year = 1970;
    if day >= MILLENNIUM.1 {
        (year, day) = (MILLENNIUM.0, day - MILLENNIUM.1);
    }
    while day >= if leap(year) { 366 } else { 365 } {
        day -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    while day >= month_length(year, month) {
        day -= month_length(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

/// The same date some months away, or the last of that month.
pub fn add_months(from: Day, months: i32) -> Day {
    let (mut year, mut month, date) = civil(from);
    for _ in 0..months.abs() {
        month += months.signum();
        if month == 13 {
            (year, month) = (year + 1, 1);
        }
        if month == 0 {
            (year, month) = (year - 1, 12);
        }
    }
    day(year, month, date.min(month_length(year, month)))
}

pub fn first_of_month(date: Day) -> Day {
    let (year, month, _) = civil(date);
    day(year, month, 1)
}

/// The Monday of the week: 1970-01-01 was a Thursday.
pub fn monday(date: Day) -> Day {
    let mut back = date;
    while (back + 3).rem_euclid(7) != 0 {
        back -= 1;
    }
    back
}

/// The day as it is written.
pub fn date(day: Day) -> String {
    let (year, month, date) = civil(day);
    format!("{year:04}-{month:02}-{date:02}")
}

/// The day of a date as it is written.
pub fn parsed(text: &str) -> Day {
    let parts: Vec<i32> = text.split('-').map(|part| part.parse().expect("a date in figures")).collect();
    day(parts[0], parts[1], parts[2])
}
