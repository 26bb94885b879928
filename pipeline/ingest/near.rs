//! The declared code that is nearest to a delivered one: a slip of the pen, not a guess.

/// The one code of a list that a text was probably meant to be: the same but for capitals and blanks, or one slip in
/// three letters. `None` where two codes are as near, for then it would be a guess.
pub(super) fn nearest<'a>(codes: &[&'a str], text: &str) -> Option<&'a str> {
    let plain = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    let text = plain(text);
    let slips = |code: &str| {
        let code = plain(code);
        let slips = strsim::osa_distance(&code, &text);
        (slips * 3 <= code.chars().count().max(text.chars().count())).then_some(slips)
    };
    let mut near: Vec<(usize, &str)> = codes.iter().filter_map(|code| Some((slips(code)?, *code))).collect();
    near.sort_unstable();
    near.dedup();
    match near.as_slice() {
        [(first, code), rest @ ..] if rest.first().is_none_or(|(second, _)| second > first) => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_seen_and_a_guess_is_not_made() {
        let codes = ["ARBETE", "STUDIER", "SP", "RP", "0180", "0181"];
        for (text, expected) in [
            ("arbete", Some("ARBETE")),
            ("ARBTE", Some("ARBETE")),
            ("STUDEIR", Some("STUDIER")),
            ("sp", Some("SP")),
            ("S P", Some("SP")),
            ("XP", None),
            ("0182", None),
            ("HEMLIGT", None),
            ("", None),
        ] {
            assert_eq!(nearest(&codes, text), expected, "{text}");
        }
    }
}
