//! The declared code that is nearest to a delivered one: a slip of the pen, not a guess.

/// Letters of the longest text that is compared: a longer one is no slip of any code.
const LETTERS: usize = 64;

/// The codes of a list, made ready to be compared.
pub(super) struct Near {
    /// Each code without capitals and blanks, its letters, and as it is declared.
    codes: Vec<(String, usize, String)>,
    /// Letters of the longest text that may be a slip of one of them.
    longest: usize,
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_lowercase()
}

impl Near {
    pub fn new<'a>(codes: impl Iterator<Item = &'a str>) -> Near {
        let ready = |code: &str| {
            let plain = plain(code);
            let letters = plain.chars().count();
            (plain, letters, code.to_owned())
        };
        let codes: Vec<_> = codes.map(ready).collect();
        let longest = codes.iter().map(|(_, _, code)| code.chars().count()).max().unwrap_or(0);
        Near { codes, longest: LETTERS.min(2 * longest) }
    }

    /// The one code that a text was probably meant to be: the same but for capitals and blanks, or one slip in three
    /// letters. `None` where two codes are as near, for then it would be a guess; and where the text is more than
    /// twice as long as any code, or [`LETTERS`]: what it costs to compare grows with both.
    pub fn to<'a>(&'a self, text: &str) -> Option<&'a str> {
        // No letter has more than four bytes.
        if text.len() > 4 * self.longest || text.chars().count() > self.longest {
            return None;
        }
        let text = plain(text);
        let letters = text.chars().count();
        let slips = |(plain, length, code): &'a (String, usize, String)| {
            let most = letters.max(*length) / 3;
            // Each letter too many is a slip.
            let slips = (letters.abs_diff(*length) <= most).then(|| strsim::osa_distance(plain, &text))?;
            (slips <= most).then_some((slips, code.as_str()))
        };
        let mut near: Vec<(usize, &str)> = self.codes.iter().filter_map(slips).collect();
        near.sort_unstable();
        near.dedup();
        match near.as_slice() {
            [(first, code), rest @ ..] if rest.first().is_none_or(|(second, _)| second > first) => Some(code),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Near;

    #[test]
    fn a_slip_is_seen_and_a_guess_is_not_made() {
        let codes = Near::new(["ARBETE", "STUDIER", "SP", "RP", "0180", "0181"].into_iter());
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
            assert_eq!(codes.to(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_of_twice_the_letters_is_no_slip() {
        let codes = Near::new(["ARBETE"].into_iter());
        assert_eq!(codes.to("A R B E T E "), Some("ARBETE"));
        assert_eq!(codes.to("A R B E T E  "), None);
        let long = "a".repeat(65);
        assert_eq!(Near::new([long.as_str()].into_iter()).to(&long), None);
        assert_eq!(Near::new([&long[1..]].into_iter()).to(&long[1..]), Some(&long[1..]));
    }
}
