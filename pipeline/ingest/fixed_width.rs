//! Fixed-width text: every column has its position in the contract, counted in characters from 1.

use super::batch::RECORD;
use super::reader::{Parsed, Sifter, Stop, too_long};
use super::summary::Summary;
use super::text::Block;
use crate::contract::Contract;
use crate::fault::Rule;

/// What is known of a fixed-width file before its rows are read.
pub struct FixedWidth {
    name: String,
    positions: Vec<(usize, usize)>,
    width: usize,
    summary: Summary,
}

impl FixedWidth {
    pub fn new(contract: &Contract, positions: &[(usize, usize)], width: usize, name: &str) -> FixedWidth {
        let summary = Summary::of(contract);
        FixedWidth { name: name.to_owned(), positions: positions.to_vec(), width, summary }
    }

    /// The last line that is no row, if the contract has one.
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The rows of a block, after those that were parsed already.
    pub(super) fn parse(&self, block: &Block, sifter: &mut Sifter<'_>, parsed: &mut Parsed) {
        let is_ascii = block.text.is_ascii();
        let (mut rest, mut row) = (block.text.as_str(), block.lines);
        while !rest.is_empty() && !parsed.stopped {
            row += 1;
            let end = memchr::memchr(b'\n', rest.as_bytes());
            let (line, after) = end.map_or((rest, ""), |end| (&rest[..end], &rest[end + 1..]));
            rest = after;
            if line.len() >= RECORD {
                parsed.stop(|faults| too_long(&self.name, row, faults));
                break;
            }
            let line = line.trim_end_matches('\r');
            if parsed.ends(row, || line.split_ascii_whitespace().next().unwrap_or_default(), &self.name) {
                continue;
            }
            parsed.records += 1;
            let letters = if is_ascii { line.len() } else { line.chars().count() };
            if letters == self.width {
                if end.is_none() {
                    parsed.faults.add(Rule::LineEnd, &self.name, None, Some(row), "a line end");
                }
                let field = |column: usize| {
                    let (start, width) = self.positions[column];
                    slice(line, is_ascii, start, width)
                };
                parsed.push((row, false), field, self.positions.len(), sifter);
            } else {
                self.refuse(row, end.is_none(), parsed);
            }
        }
    }

    /// A line of another width; at the end of a file without line end, the file is cut off.
    fn refuse(&self, row: u64, is_cut: bool, parsed: &mut Parsed) {
        let expected = format!("{} characters", self.width);
        if is_cut {
            parsed.stop(|faults| {
                faults.add(Rule::Truncated, &self.name, None, Some(row), &expected);
                Stop
            });
        } else {
            parsed.faults.add(Rule::LineWidth, &self.name, None, Some(row), &expected);
        }
    }
}

/// The characters at a position (from 1); lines of ASCII are cut without counting.
fn slice(line: &str, is_ascii: bool, start: usize, width: usize) -> &str {
    if is_ascii {
        return line.get(start - 1..start - 1 + width).unwrap_or_default();
    }
    let mut bounds = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    let from = bounds.nth(start - 1).unwrap_or(line.len());
    let till = bounds.nth(width - 1).unwrap_or(line.len());
    &line[from..till]
}

#[cfg(test)]
mod tests {
    use super::slice;

    #[test]
    fn positions_count_letters() {
        assert_eq!(slice("abcdef", true, 2, 3), "bcd");
        assert_eq!(slice("åäöabc", false, 2, 3), "äöa");
        assert_eq!(slice("åäö", false, 3, 1), "ö");
    }
}
