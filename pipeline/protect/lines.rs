//! The relations of a system as the search goes along them: both measures of a cell moving alike, each relation once,
//! without cells that never move, and without inequalities that follow from other relations. That a part is at most
//! its whole is said of most cells several times over, and every inequality costs a linear program time.
//!
//! What is left out here is for speed only: the proof is held to the relations as they are declared.

use super::system::{Sense, System};
use std::collections::{BTreeMap, HashMap};

/// A relation over cells, both measures moving alike.
#[derive(Debug)]
pub(super) struct Line {
    /// Sorted by cell.
    pub(super) terms: Vec<(usize, i64)>,
    /// How much the sum may grow; none for an equality.
    pub(super) slack: Option<i64>,
}

/// How far each cell may move, in persons.
#[derive(Debug)]
pub(super) struct Reach {
    pub(super) room: Vec<i64>,
    pub(super) rise: Vec<i64>,
}

impl Reach {
    /// A sum over one cell alone is a bound of it.
    fn hold(&mut self, (cell, factor): (usize, i64), slack: Option<i64>) {
        let most = slack.unwrap_or(0) / factor.abs();
        if factor < 0 || slack.is_none() {
            self.room[cell] = self.room[cell].min(most);
        }
        if factor > 0 || slack.is_none() {
            self.rise[cell] = self.rise[cell].min(most);
        }
    }

    /// How much a sum can grow by what its cells may move.
    fn most(&self, terms: &[(usize, i64)]) -> i64 {
        let one = |&(cell, factor): &(usize, i64)| {
            let by = if factor > 0 { self.rise[cell] } else { self.room[cell] };
            by.saturating_mul(factor.abs())
        };
        terms.iter().map(one).fold(0, i64::saturating_add)
    }
}

/// The lines of a system; what they say of one cell alone goes to its reach.
pub(super) fn lines(system: &System, reach: &mut Reach) -> Vec<Line> {
    let mut lines = merged(system);
    lines.retain(|line| match line.terms.as_slice() {
        [] => false,
        [only] => {
            reach.hold(*only, line.slack);
            false
        }
        _ => true,
    });
    drop_chained(&mut lines);
    drop_within_sums(&mut lines, reach);
    lines
}

/// Each sum once, with the least that it may grow.
fn merged(system: &System) -> Vec<Line> {
    let mut unique: BTreeMap<Vec<(usize, i64)>, Option<i64>> = BTreeMap::new();
    for relation in &system.relations {
        let mut terms: BTreeMap<usize, i64> = BTreeMap::new();
        for term in relation.terms.iter().filter(|term| !system.cells[term.cell].is_known) {
            *terms.entry(term.cell).or_default() += term.factor;
        }
        let terms: Vec<(usize, i64)> = terms.into_iter().filter(|(_, factor)| *factor != 0).collect();
        let sum: i64 = relation.terms.iter().map(|t| t.factor * system.cells[t.cell].value(t.unit)).sum();
        let slack = (relation.sense == Sense::AtMost).then_some(-sum);
        let known = unique.entry(terms).or_insert(slack);
        *known = match (*known, slack) {
            (Some(a), Some(b)) => Some(a.min(b)),
            _ => None,
        };
    }
    unique.into_iter().map(|(terms, slack)| Line { terms, slack }).collect()
}

/// A part and its whole, where a line says no more than that the one cannot outgrow the other.
fn part_and_whole(line: &Line) -> Option<(usize, usize, i64)> {
    match (line.terms.as_slice(), line.slack) {
        ([(a, 1), (b, -1)], Some(slack)) => Some((*a, *b, slack)),
        ([(a, -1), (b, 1)], Some(slack)) => Some((*b, *a, slack)),
        _ => None,
    }
}

/// What is part of a part is part of the whole.
fn drop_chained(lines: &mut Vec<Line>) {
    let mut slack_of: HashMap<(usize, usize), i64> = HashMap::new();
    let mut wholes: HashMap<usize, Vec<usize>> = HashMap::new();
    for (part, whole, slack) in lines.iter().filter_map(part_and_whole) {
        slack_of.insert((part, whole), slack);
        wholes.entry(part).or_default().push(whole);
    }
    lines.retain(|line| {
        let Some((part, whole, slack)) = part_and_whole(line) else { return true };
        let through = |between: &usize| {
            let (first, second) = (slack_of.get(&(part, *between)), slack_of.get(&(*between, whole)));
            *between != whole && first.zip(second).is_some_and(|(first, second)| first + second <= slack)
        };
        let follows = wholes[&part].iter().any(through);
        // What is dropped implies nothing more: two cells that are at most each other keep one way.
        if follows {
            slack_of.remove(&(part, whole));
        }
        !follows
    });
}

/// A whole that is the sum of its parts loses, beside a part, no more than the other parts can.
fn drop_within_sums(lines: &mut Vec<Line>, reach: &mut Reach) {
    let mut sums: HashMap<usize, Vec<Vec<(usize, i64)>>> = HashMap::new();
    for line in lines.iter().filter(|line| line.slack.is_none()) {
        for (cell, _) in &line.terms {
            sums.entry(*cell).or_default().push(line.terms.clone());
        }
    }
    lines.retain(|line| {
        let Some((part, whole, slack)) = part_and_whole(line) else { return true };
        let others = |sum: &Vec<(usize, i64)>| {
            let factor = |cell: usize| sum.iter().find(|term| term.0 == cell).map(|term| term.1);
            let (of_part, of_whole) = (factor(part)?, factor(whole)?);
            let others = sum.iter().filter(|term| term.0 != part && term.0 != whole);
            // Part less whole, as the rest of the sum says it.
            (of_part == -of_whole && of_part.abs() == 1)
                .then(|| others.map(|&(cell, factor)| (cell, -factor * of_part)).collect::<Vec<_>>())
        };
        for rest in sums.get(&part).into_iter().flatten().filter_map(others) {
            if let [only] = rest.as_slice() {
                reach.hold(*only, Some(slack));
                return false;
            }
            if reach.most(&rest) <= slack {
                return false;
            }
        }
        true
    });
}
