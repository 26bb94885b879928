//! Fixed-width text: every column has its position in the contract, counted in characters from 1.

use super::batch::{Batch, BatchBuilder, RECORD};
use super::reader::{Stop, Text, failed, too_long};
use super::summary::Summary;
use crate::contract::Contract;
use crate::fault::{FaultLog, Rule};
use std::io::{BufRead, Read};

/// A fixed-width file being read.
pub struct FixedWidth {
    name: String,
    input: Text,
    builder: BatchBuilder,
    summary: Summary,
    positions: Vec<(usize, usize)>,
    width: usize,
    line: String,
    row: u64,
    /// Lines that are no rows.
    passed: u64,
    done: bool,
}

impl FixedWidth {
    pub fn open(
        contract: &Contract,
        input: Text,
        positions: &[(usize, usize)],
        width: usize,
        name: &str,
    ) -> FixedWidth {
        FixedWidth {
            name: name.to_owned(),
            input,
            builder: BatchBuilder::new(contract),
            summary: Summary::of(contract),
            positions: positions.to_vec(),
            width,
            line: String::new(),
            row: 0,
            passed: 0,
            done: false,
        }
    }

    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Batch>, Stop> {
        while !self.done && !self.builder.is_full() {
            let mut line = std::mem::take(&mut self.line).into_bytes();
            line.clear();
            let read = (&mut self.input).take(RECORD as u64).read_until(b'\n', &mut line);
            // The decoder gives UTF-8, and a line is whole letters.
            self.line = String::from_utf8(line).unwrap_or_default();
            match read {
                Ok(0) => {
                    self.done = true;
                    self.summary.end(&self.name, faults)?;
                }
                Ok(RECORD..) => return Err(too_long(&self.name, self.row + 1, faults)),
                Ok(_) => {
                    self.row += 1;
                    self.take_line(faults)?;
                }
                Err(error) => {
                    let encoding = self.input.get_ref().encoding();
                    return Err(failed(&error, &self.name, self.row + 1, encoding, faults));
                }
            }
        }
        Ok(self.builder.take())
    }

    fn take_line(&mut self, faults: &mut FaultLog) -> Result<(), Stop> {
        let ended = self.line.ends_with('\n');
        let line = self.line.trim_end_matches(['\r', '\n']);
        let first = line.split_ascii_whitespace().next().unwrap_or_default();
        if self.summary.is_it(first, &self.name, self.row, faults)? {
            self.passed += 1;
            return Ok(());
        }
        let letters = if line.is_ascii() { line.len() } else { line.chars().count() };
        if letters == self.width {
            if !ended {
                faults.add(Rule::LineEnd, &self.name, None, Some(self.row), "a line end");
            }
            self.builder.push(self.row, self.positions.iter().map(|(start, width)| slice(line, *start, *width)));
            return Ok(());
        }
        let expected = format!("{} characters", self.width);
        if !ended {
            faults.add(Rule::Truncated, &self.name, None, Some(self.row), &expected);
            return Err(Stop);
        }
        faults.add(Rule::LineWidth, &self.name, None, Some(self.row), &expected);
        Ok(())
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn strays(&self) -> u64 {
        self.input.get_ref().strays()
    }

    pub const fn records(&self) -> u64 {
        self.row - self.passed
    }
}

/// The characters at a position (from 1); lines of ASCII are cut without counting.
fn slice(line: &str, start: usize, width: usize) -> &str {
    if line.is_ascii() {
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
        assert_eq!(slice("abcdef", 2, 3), "bcd");
        assert_eq!(slice("åäöabc", 2, 3), "äöa");
        assert_eq!(slice("åäö", 3, 1), "ö");
    }
}
