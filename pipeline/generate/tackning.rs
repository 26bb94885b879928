//! Which kommun reported which month of ekonomiskt bistånd.

use super::chance::Chance;
use super::tid::{FIRST_YEAR, Manader};

/// The last month of a year in which reports were missing; later ones are too recent to be counted on.
const LAST_GAP_YEAR: i32 = 2022;

pub struct Tackning {
    missing: Vec<Manader>,
}

impl Tackning {
    /// Nearly all report; each year a few kommuner miss some months and one or two the whole year, as in
    /// SCB's notes on the register (facts: 2016 and 2017).
    pub fn draw(chance: &mut Chance, kommun_count: usize) -> Tackning {
        let mut missing = vec![Manader::default(); kommun_count];
        for year in 2017..=LAST_GAP_YEAR {
            let january = i64::from(year - FIRST_YEAR) * 12;
            for kommun in &mut missing {
                if chance.promille(25) {
                    let first = january + chance.between(0, 11);
                    kommun.fill(first, (first + chance.between(0, 2)).min(january + 11), true);
                }
            }
            for _ in 0..2 {
                missing[chance.below(kommun_count)].fill(january, january + 11, true);
            }
        }
        Tackning { missing }
    }

    pub fn reported(&self, kommun: usize, month: u32) -> bool {
        !self.missing[kommun].has(month)
    }
}
