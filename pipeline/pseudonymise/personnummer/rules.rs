//! What makes twelve digits a number: century, date, serial, check digit.

use super::{Defect, Quality};

/// Digits by value, or nothing where one of the bytes is no ASCII digit.
#[inline(always)]
pub(super) fn digits(twelve: &[u8; 12]) -> Option<[u8; 12]> {
    let values = twelve.map(|byte| byte.wrapping_sub(b'0'));
    // No branch per byte: this is asked of every row of a full-population register.
    (values.iter().fold(0, |beyond, value| beyond | u8::from(*value > 9)) == 0).then_some(values)
}

/// Judges a person's number, given by the value of its digits.
#[inline(always)]
pub(super) fn person(digits: &[u8; 12]) -> Result<Quality, Defect> {
    let pair = |at: usize| u16::from(digits[at]) * 10 + u16::from(digits[at + 1]);
    let (century, month, day) = (pair(0), pair(4), pair(6));
    if month >= 20 {
        return Err(Defect::Organisation);
    }
    if !(18..=20).contains(&century) {
        return Err(Defect::Century);
    }
    let last = last_day(century * 100 + pair(2), month);
    let quality = match day {
        1.. if day <= last => Quality::Personnummer,
        60..=91 if month == 0 => Quality::MonthUnknown,
        60 if month <= 12 => Quality::DayUnknown,
        61..=91 if day - 60 <= last => Quality::Samordningsnummer,
        61..=91 if month <= 12 => Quality::NoSuchDate,
        _ => return Err(Defect::Date),
    };
    if digits[8..11] == [0; 3] {
        return Err(Defect::Serial);
    }
    if !is_checked(digits) {
        return Err(Defect::CheckDigit);
    }
    Ok(quality)
}

/// Judges an organisation number with prefix 16, given by the value of its digits.
pub(super) fn organisation(digits: &[u8; 12]) -> Result<(), Defect> {
    match (digits[4] >= 2, is_checked(digits)) {
        (false, _) => Err(Defect::Organisation),
        (true, false) => Err(Defect::CheckDigit),
        (true, true) => Ok(()),
    }
}

/// The last day of each month of a year without a leap day, from month 0, which there is not.
const LAST_DAYS: [u16; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The last day of a month; 0 where there is no such month.
#[inline(always)]
pub(super) fn last_day(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = LAST_DAYS.get(usize::from(month)).copied().unwrap_or(0);
    last + u16::from(month == 2 && leap)
}

/// A digit that counts twice, its own digits added; as long as four bits reach.
const DOUBLED: [u8; 16] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9, 0, 0, 0, 0, 0, 0];

/// Whether the last of twelve digits is the check digit of the nine before it: [`luhn`] of a full-population register.
#[inline(always)]
fn is_checked(digits: &[u8; 12]) -> bool {
    let [_, _, pairs @ ..] = digits;
    let weighed = |at: usize| DOUBLED[usize::from(pairs[at] & 15)].wrapping_add(pairs[at + 1]);
    // At most 90.
    let sum = weighed(0).wrapping_add(weighed(2)).wrapping_add(weighed(4)).wrapping_add(weighed(6));
    sum.wrapping_add(weighed(8)).is_multiple_of(10)
}

/// Luhn over an even number of values, the last of them the check digit; each is doubled in turn from the first.
/// A value may be more than a digit (a letter that counts by its code): its own digits are added.
pub(super) fn luhn(values: &[u8]) -> bool {
    let weighed =
        values.iter().enumerate().map(|(place, value)| u16::from(*value) * if place % 2 == 0 { 2 } else { 1 });
    weighed.map(|product| product / 100 + product / 10 % 10 + product % 10).sum::<u16>().is_multiple_of(10)
}
