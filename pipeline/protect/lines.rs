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

#[cfg(test)]
mod tests {
    use super::super::graph::{rise, room};
    use super::super::system::{Cell, Relation, Shift, Step, Unit};
    use super::*;
    use proptest::prelude::*;

    /// Two rows and two columns with their sums: wholes and parts. The first four cells are the inner ones.
    const SUMS: [(usize, [usize; 2]); 6] =
        [(4, [0, 1]), (5, [2, 3]), (6, [0, 2]), (7, [1, 3]), (8, [4, 5]), (8, [6, 7])];

    /// Deltaganden add up; of the persons of a whole one at most is in both its parts.
    fn table(inner: [(i64, i64); 4], in_both: [bool; 5], known: Option<usize>) -> System {
        let mut counts: Vec<(i64, i64)> = inner.map(|(persons, more)| (persons + more.min(persons), persons)).to_vec();
        for (at, (_, parts)) in SUMS.iter().take(5).enumerate() {
            let [a, b] = parts.map(|part| counts[part]);
            let once = i64::from(in_both[at] && a.1.min(b.1) > 0);
            counts.push((a.0 + b.0, a.1 + b.1 - once));
        }
        // Seen by its columns the whole is the same, so its persons may be no more than theirs.
        let columns = [6, 7].map(|column| counts[column].1);
        let least = [4, 5, 6, 7].map(|part| counts[part].1).into_iter().max().unwrap_or(0);
        counts[8].1 = counts[8].1.min(columns.iter().sum()).max(least);
        let mut cells: Vec<Cell> = counts.iter().map(|&(d, p)| Cell::count(d, p, 5)).collect();
        known.filter(|&at| counts[at].0 == 0).into_iter().for_each(|at| cells[at].is_known = true);
        let mut relations = Vec::new();
        for (whole, parts) in SUMS {
            let sum = [(whole, 1), (parts[0], -1), (parts[1], -1)];
            relations.push(Relation::new(Sense::Equal, Unit::Deltaganden, sum));
            relations.push(Relation::new(Sense::AtMost, Unit::Personer, sum));
            for unit in [Unit::Deltaganden, Unit::Personer] {
                relations.extend(parts.map(|part| Relation::new(Sense::AtMost, unit, [(part, 1), (whole, -1)])));
            }
        }
        relations.extend((0..4).map(|part| Relation::new(Sense::AtMost, Unit::Personer, [(part, 1), (8, -1)])));
        System::new(cells, relations).expect("the true counts keep it")
    }

    proptest! {
        /// What is left out follows from what stays: the same tables are possible.
        #[test]
        fn the_lines_allow_what_the_relations_allow(
            inner in prop::array::uniform4((0_i64..4, 0_i64..3)),
            in_both in prop::array::uniform5(any::<bool>()),
            known in prop::option::of(0_usize..4),
        ) {
            let system = table(inner, in_both, known);
            let bounds = |of: fn(&Cell) -> i64| -> Vec<i64> { system.cells.iter().map(of).collect() };
            let own = Reach { room: bounds(room), rise: bounds(rise) };
            let mut reach = Reach { room: bounds(room), rise: bounds(rise) };
            let lines = lines(&system, &mut reach);
            prop_assert!(lines.len() < system.relations.len());
            for number in 0..5_i64.pow(4) * 2 {
                let mut steps: Vec<i64> = (0..4).map(|at| number / 5_i64.pow(at) % 5 - 2).collect();
                for (_, parts) in SUMS.iter().take(5) {
                    steps.push(parts.iter().map(|&part| steps[part]).sum());
                }
                // Half of them do not add up.
                steps[8] += number / 5_i64.pow(4);
                let shift: Shift = steps.iter().copied().enumerate().map(|(cell, by)| (cell, Step::both(by))).collect();
                let within = |reach: &Reach| (0..9).all(|c| -reach.room[c] <= steps[c] && steps[c] <= reach.rise[c]);
                let stands = (0..9).all(|cell| !system.cells[cell].is_known || steps[cell] == 0);
                let declared = within(&own) && (0..system.relations.len()).all(|r| system.keeps(r, &shift));
                let sum = |line: &Line| line.terms.iter().map(|(cell, factor)| steps[*cell] * factor).sum::<i64>();
                let seen = within(&reach)
                    && lines.iter().all(|line| line.slack.map_or(sum(line) == 0, |slack| sum(line) <= slack));
                prop_assert_eq!(stands && declared, stands && seen, "{:?}", steps);
            }
        }
    }
}
