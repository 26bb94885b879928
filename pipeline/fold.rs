//! The one rule that turns a proper Swedish name into an identifier or a file name.

/// Folds a name to lower-case ASCII: å ä → a, ö → o, é → e, every other run of characters that is
/// neither letter nor digit → one underscore, none at either end.
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        let plain = match letter {
            'å' | 'ä' | 'à' | 'á' => 'a',
            'ö' | 'ø' => 'o',
            'é' | 'è' | 'ë' => 'e',
            'ü' => 'u',
            'a'..='z' | '0'..='9' => letter,
            _ => '_',
        };
        if plain != '_' || !(folded.is_empty() || folded.ends_with('_')) {
            folded.push(plain);
        }
    }
    folded.truncate(folded.trim_end_matches('_').len());
    folded
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn folds_swedish_names() {
        for (name, expected) in [
            ("Försörjning", "forsorjning"),
            ("Insatsens id", "insatsens_id"),
            ("  Län – kod ", "lan_kod"),
            ("ÅÄÖ é", "aao_e"),
            ("2022", "2022"),
        ] {
            assert_eq!(fold(name), expected, "{name}");
        }
    }
}
