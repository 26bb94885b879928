//! What a reader is shown of each cell: its own counts, those of an earlier vintage, or nothing.

use super::join::Joint;
use super::pattern::Status;
use super::vintage::{Past, Timeline};
use std::collections::BTreeMap;

/// A mark beside a published number. The code list `markering` holds the same codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    None,
    /// May still change.
    Preliminary,
    /// Another number than in the last vintage.
    Revised,
    /// The number of the last vintage: the new one differs by so few that the change would tell of them.
    Kept,
    /// Perturbed by cell key.
    Perturbed,
    /// Rounded.
    Rounded,
}

impl Mark {
    pub const ALL: [Mark; 6] =
        [Mark::None, Mark::Preliminary, Mark::Revised, Mark::Kept, Mark::Perturbed, Mark::Rounded];

    /// Code in `markering`.
    pub const fn code(self) -> &'static str {
        match self {
            Mark::None => "ingen",
            Mark::Preliminary => "preliminar",
            Mark::Revised => "reviderad",
            Mark::Kept => "kvarhallen",
            Mark::Perturbed => "brusad",
            Mark::Rounded => "avrundad",
        }
    }

    /// The mark of a code in `markering`.
    pub fn of(code: &str) -> Option<Mark> {
        Mark::ALL.into_iter().find(|mark| mark.code() == code)
    }

    /// The letter that stands beside a number where a format has room for no more; none where there is no remark.
    pub const fn symbol(self) -> &'static str {
        match self {
            Mark::None => "",
            Mark::Preliminary => "p",
            Mark::Revised => "r",
            Mark::Kept => "k",
            Mark::Perturbed => "b",
            Mark::Rounded => "a",
        }
    }
}

/// The new release as a reader sees it.
pub(super) struct Displayed {
    /// By cell of the new marts.
    pub status: Vec<Status>,
    /// Cell → deltaganden and personer of an earlier vintage.
    kept: BTreeMap<usize, (i64, i64)>,
    /// Row of the release → its further measures of then.
    further: BTreeMap<usize, Vec<i64>>,
    past: Vec<Past>,
    is_preliminary: bool,
}

impl Displayed {
    pub fn new(joint: &Joint, time: &Timeline, status: &[Status], is_preliminary: bool) -> Displayed {
        let status: Vec<Status> = time.cell_of.iter().map(|&cell| status[cell]).collect();
        let (mut kept, mut further) = (BTreeMap::new(), BTreeMap::new());
        for (row, past) in time.past.iter().enumerate() {
            let cell = joint.cell_of[row];
            let held = &joint.system.cells[cell];
            let (true, Some((deltaganden, personer, measures))) = (status[cell].withheld(), &past.shown) else {
                continue;
            };
            // Where more has changed, an old number would mislead.
            let is_near = |now: i64, then: i64| (now - then).abs() < held.threshold;
            if is_near(held.deltaganden, *deltaganden) && is_near(held.personer, *personer) {
                kept.entry(cell).or_insert((*deltaganden, *personer));
                further.insert(row, measures.clone());
            }
        }
        Displayed { status, kept, further, past: time.past.clone(), is_preliminary }
    }

    /// Deltaganden and personer of a cell, where they are shown.
    pub fn counts(&self, joint: &Joint, cell: usize) -> Option<(i64, i64)> {
        let held = &joint.system.cells[cell];
        match self.status[cell] {
            status if status.unseen() => self.kept.get(&cell).copied(),
            _ => Some((held.deltaganden, held.personer)),
        }
    }

    /// Rows whose status differs from that in the last vintage that has them.
    pub fn changed(&self, joint: &Joint) -> usize {
        let differs = |(row, past): (usize, &Past)| {
            past.was_withheld.is_some_and(|before| before != self.status[joint.cell_of[row]].unseen())
        };
        self.past.iter().enumerate().filter(|one| differs(*one)).count()
    }

    /// The further measures of a row that are shown in place of its own.
    pub fn further(&self, row: usize) -> Option<&Vec<i64>> {
        self.further.get(&row)
    }

    /// What is shown of a row in place of its own counts.
    pub fn kept(&self, cell: usize, row: usize) -> Option<(i64, i64, Vec<i64>)> {
        let (deltaganden, personer) = *self.kept.get(&cell)?;
        Some((deltaganden, personer, self.further.get(&row).cloned().unwrap_or_default()))
    }

    /// The mark of a row.
    pub fn mark(&self, joint: &Joint, row: usize) -> Mark {
        let cell = joint.cell_of[row];
        let Some(shown) = self.counts(joint, cell) else { return Mark::None };
        let before = self.past[row].shown.as_ref().map(|(deltaganden, personer, _)| (*deltaganden, *personer));
        match before {
            _ if self.kept.contains_key(&cell) => Mark::Kept,
            Some(before) if before != shown => Mark::Revised,
            _ if self.is_preliminary => Mark::Preliminary,
            _ => Mark::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_list_holds_the_same_codes() {
        let text = include_str!("../../data-contracts/codes/markering.csv");
        let list = crate::contract::CodeList::parse("markering", text).expect("the list is sound");
        let listed: Vec<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
        assert_eq!(listed, Mark::ALL.map(Mark::code));
        let symbols: Vec<&str> = list.further("symbol").expect("symbols").map(|(_, symbol)| symbol).collect();
        assert_eq!(symbols, Mark::ALL.map(Mark::symbol));
    }
}
