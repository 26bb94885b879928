//! Where the delimiters and line ends of a text stand: all of them in one go, eight bytes at a time.

/// Bytes that are looked at together: a bit of a word for each.
const TOGETHER: usize = 64;

/// Places in a text of at most 4 GiB, ascending.
#[derive(Default)]
pub(super) struct Marks {
    delimiters: Vec<u32>,
    lines: Vec<u32>,
}

/// A line: where it starts and ends, and which delimiters are in it.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub from: usize,
    pub end: usize,
    /// Number of fields.
    pub count: usize,
    first: usize,
}

impl Marks {
    /// Finds those of a text; what was found before is forgotten.
    pub fn find(&mut self, text: &[u8], delimiter: u8) {
        self.delimiters.clear();
        self.lines.clear();
        let (chunks, rest) = text.as_chunks::<TOGETHER>();
        let mut base = 0;
        for chunk in chunks {
            push(places(chunk, delimiter), base, &mut self.delimiters);
            push(places(chunk, b'\n'), base, &mut self.lines);
            base += TOGETHER as u32;
        }
        // The rest is looked at among bytes that are neither.
        let mut last = [0; TOGETHER];
        last[..rest.len()].copy_from_slice(rest);
        push(places(&last, delimiter), base, &mut self.delimiters);
        push(places(&last, b'\n'), base, &mut self.lines);
        if text.last().is_some_and(|byte| *byte != b'\n') {
            self.lines.push(text.len() as u32);
        }
    }

    /// The lines, empty ones included; `fields` is how many fields most have.
    pub fn lines(&self, fields: usize) -> impl Iterator<Item = Line> + '_ {
        let (mut from, mut first) = (0, 0);
        self.lines.iter().map(move |end| {
            let is_within = |at: usize| self.delimiters.get(at).is_some_and(|place| place < end);
            let usual = fields.saturating_sub(1);
            let is_usual = !is_within(first + usual) && (usual == 0 || is_within(first + usual - 1));
            let inner = if is_usual { usual } else { (first..).take_while(|at| is_within(*at)).count() };
            let line = Line { from, end: *end as usize, count: inner + 1, first };
            (from, first) = (line.end + 1, first + inner);
            line
        })
    }

    /// Where a field of a line starts and ends.
    #[inline]
    pub fn field(&self, line: &Line, place: usize) -> (usize, usize) {
        let mark = |at: usize| self.delimiters[line.first + at] as usize;
        let from = if place == 0 { line.from } else { mark(place - 1) + 1 };
        (from, if place + 1 == line.count { line.end } else { mark(place) })
    }
}

/// A bit for each byte that is the wanted one, the first byte's the lowest.
#[inline]
fn places(chunk: &[u8; TOGETHER], wanted: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from_le_bytes([wanted; 8]);
    let (words, _) = chunk.as_chunks::<8>();
    words.iter().enumerate().fold(0, |found, (at, word)| {
        let differs = u64::from_le_bytes(*word) ^ pattern;
        // The highest bit of each byte that does not differ, and no other bit.
        let equal = !((differs & LOW).wrapping_add(LOW) | differs | LOW);
        // Those eight bits side by side.
        found | ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (at * 8)
    })
}

#[inline]
fn push(mut found: u64, base: u32, list: &mut Vec<u32>) {
    while found != 0 {
        list.push(base + found.trailing_zeros());
        found &= found - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_and_fields_are_those_of_splitting(text in "[;a\n\u{e5}\u{3b7}:]{0,300}", fields in 1_usize..6) {
            let mut marks = Marks::default();
            marks.find(text.as_bytes(), b';');
            let found: Vec<Vec<&str>> = marks
                .lines(fields)
                .map(|line| {
                    let field = |place| marks.field(&line, place);
                    (0..line.count).map(|place| &text[field(place).0..field(place).1]).collect()
                })
                .collect();
            let expected: Vec<Vec<&str>> = text.split_terminator('\n').map(|line| line.split(';').collect()).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_byte_is_told_from_every_other() {
        for byte in 0..=255 {
            let chunk: [u8; TOGETHER] = std::array::from_fn(|at| byte ^ (at as u8 * 4));
            for wanted in 0..=255 {
                let expected = (0..TOGETHER).fold(0, |bits, at| bits | u64::from(chunk[at] == wanted) << at);
                assert_eq!(places(&chunk, wanted), expected, "{byte} {wanted}");
            }
        }
    }
}
