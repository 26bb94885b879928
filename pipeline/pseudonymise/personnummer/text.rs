//! Finds numbers in texts that are meant to hold none.

use super::{Canonical, Issuers};

/// Fewest digits of any number: Värmland's has nine.
const DIGITS_MIN: usize = 9;

/// Any leap year serves to give a century: the day's century matters for 29 February alone.
const YEAR: i32 = 2000;

/// Whether an identity number of a person stands somewhere in a text: of twelve characters or of ten, interim and
/// reserve numbers among them, with whatever dashes and blanks people put between the digits. An id that happens to
/// look like one counts as one: nobody can tell them apart.
///
/// A run of digits is looked at whole. One of thirteen digits or more is an id of its own, though some part of it may
/// be a number: of ids of eighteen random digits one in fifteen has such a part, and would be refused for nothing.
pub fn stands_in(text: &str) -> bool {
    // Asked of every cell that is kept; nearly all of them end here.
    if text.bytes().filter(u8::is_ascii_digit).count() < DIGITS_MIN {
        return false;
    }
    let runs = runs(text);
    (0..runs.len()).any(|first| number_at(text, &runs, first))
}

/// What stands between two runs of digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Something else than dashes and blanks, or nothing before the first.
    Apart,
    /// Dashes, signs and low lines: one word.
    Tight,
    /// Blanks, with or without those.
    Loose,
}

/// Digits that follow each other, by their place in the text, and what stands before them.
struct Run {
    start: usize,
    end: usize,
    gap: Gap,
}

impl Run {
    const fn len(&self) -> usize {
        self.end - self.start
    }
}

/// What a character means between digits; nothing where it parts them.
fn gap(letter: char) -> Option<Gap> {
    match letter {
        '-' | '+' | '_' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' => Some(Gap::Tight),
        '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some(Gap::Tight),
        // No width, and not white space by Unicode.
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => Some(Gap::Loose),
        _ => letter.is_whitespace().then_some(Gap::Loose),
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut between = Gap::Apart;
    for (at, letter) in text.char_indices() {
        if !letter.is_ascii_digit() {
            between = match (between, gap(letter)) {
                (Gap::Apart, _) | (_, None) => Gap::Apart,
                (Gap::Tight, Some(gap)) => gap,
                (Gap::Loose, Some(_)) => Gap::Loose,
            };
            continue;
        }
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end += 1,
            None => runs.push(Run { start: at, end: at + 1, gap: between }),
        }
        between = Gap::Tight;
    }
    runs
}

/// Whether a run begins a number, alone or with those that follow it.
fn number_at(text: &str, runs: &[Run], first: usize) -> bool {
    let mut digits = Vec::with_capacity(12);
    for (last, run) in runs.iter().enumerate().skip(first) {
        if digits.len() + run.len() > 12 || last > first && run.gap == Gap::Apart {
            return false;
        }
        digits.extend_from_slice(&text.as_bytes()[run.start..run.end]);
        let ends = runs.get(last + 1).is_none_or(|next| next.gap != Gap::Tight);
        let is_word = runs[first].gap != Gap::Tight;
        let found = match digits.len() {
            12 => is_spelled(&runs[first..=last], is_word && ends) && is_number(&digits),
            10 => {
                is_spelled(&runs[first..=last], is_word && ends)
                    && is_number(&[&digits[..6], b"-", &digits[6..]].concat())
            }
            6 | 8 if last == first || is_word => serial(&text[run.end..]).is_some_and(|serial| {
                let dash: &[u8] = if digits.len() == 6 { b"-" } else { b"" };
                is_number(&[&digits, dash, serial].concat())
            }),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Whether people part the digits of a number so: not at all, before the last four, or as a spreadsheet parts a whole
/// number. Runs that are part of a longer word (`2019-01-01–2019-12-31`) are dates; so are ten digits parted
/// otherwise (`2012-06-30 12`), or a telephone number.
fn is_spelled(runs: &[Run], is_whole: bool) -> bool {
    let serial = |run: &Run| run.len() == 4;
    match runs {
        [_] => true,
        [date, last] if serial(last) && matches!(date.len(), 6 | 8) => true,
        [_, rest @ ..] => {
            let twelve = runs.iter().map(Run::len).sum::<usize>() == 12;
            is_whole && (twelve || rest.last().is_some_and(serial) || rest.iter().all(|run| run.len() == 3))
        }
        [] => false,
    }
}

/// The serial of an interim or reserve number after its date: a word of four capitals and digits, not of digits alone.
fn serial(rest: &str) -> Option<&[u8]> {
    let word = rest.trim_start_matches(|letter| gap(letter).is_some()).as_bytes();
    let is_part = |byte: &&u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    let is_serial = word.iter().take_while(is_part).count() == 4 && word[..4].iter().any(u8::is_ascii_uppercase);
    is_serial.then(|| &word[..4])
}

fn is_number(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let reserve = || Issuers::ALL.iter().any(|issuer| issuer.canonical(bytes, YEAR).is_some());
        Canonical::person(text, YEAR).is_ok() || reserve()
    })
}
