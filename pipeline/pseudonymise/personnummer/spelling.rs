//! From the spellings that are taken for a number to twelve characters.

use super::Defect;

/// Twelve characters of a date of six or eight digits, `-` or `+`, and four more characters. What those four are is
/// left to the caller.
pub(super) fn expand(bytes: &[u8], reference_year: i32) -> Result<[u8; 12], Defect> {
    let (date, separator, serial) = match bytes.len() {
        13 => (&bytes[..8], bytes[8], &bytes[9..]),
        11 => (&bytes[..6], bytes[6], &bytes[7..]),
        _ => return Err(Defect::Form),
    };
    if !date.iter().all(u8::is_ascii_digit) || !matches!(separator, b'-' | b'+') {
        return Err(Defect::Form);
    }
    let mut twelve = [b'0'; 12];
    twelve[8..].copy_from_slice(serial);
    twelve[8 - date.len()..8].copy_from_slice(date);
    if date.len() == 6 {
        let short = i32::from(date[0] - b'0') * 10 + i32::from(date[1] - b'0');
        // `+` from 1 January of the year in which one turns 100 (folkbokföringslagen 18 §).
        let aged = if separator == b'+' { 100 } else { 0 };
        let year = reference_year - (reference_year - short).rem_euclid(100) - aged;
        let century = u8::try_from(year / 100).map_err(|_| Defect::Century)?;
        twelve[0] = b'0' + century / 10 % 10;
        twelve[1] = b'0' + century % 10;
    }
    Ok(twelve)
}

/// Twelve digits with prefix 16, where the text is spelled as an organisation number: its third digit is 2 or more,
/// so that its ten digits need no century.
pub(super) fn organisation(bytes: &[u8]) -> Option<[u8; 12]> {
    let ten = match bytes.len() {
        12 | 13 if bytes.starts_with(b"16") => &bytes[2..],
        10 | 11 if bytes[2] >= b'2' => bytes,
        _ => return None,
    };
    let (first, last) = match ten.len() {
        10 => ten.split_at(6),
        _ if ten[6] == b'-' => (&ten[..6], &ten[7..]),
        _ => return None,
    };
    let mut twelve = *b"160000000000";
    twelve[2..8].copy_from_slice(first);
    twelve[8..].copy_from_slice(last);
    Some(twelve)
}
