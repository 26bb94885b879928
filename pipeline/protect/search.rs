//! Looks for circuits: sets of cells, each one up or one down, that together leave every equality untouched.
//! A circuit through withheld cells, walked some steps, is a whole-number table that a reader cannot tell
//! from the true one.
//!
//! The search is a best-first repair: move the cell asked for, then, while some equality is disturbed, let
//! another of its cells take up the disturbance. It is deterministic and keeps both measures of a cell in
//! step, so that persons and deltaganden move alike. It may miss a circuit; it never invents one.

use super::desk::Draft;
use super::graph::{Graph, Place};
use std::cmp::Reverse;

/// Ways kept of those that could take up one disturbance.
const CANDIDATES_MAX: usize = 40;
const MOVES_MAX: usize = 64;
/// Cost of using a cell that is withheld already: short circuits before long ones.
const COST_WITHHELD: i64 = 1;
/// Cost of a table in which a cell that has someone is empty: the person in it knows better.
const COST_EMPTIED: i64 = 4;
/// What a circuit that lacks only an inequality is preferred by.
const COMMITTED: i64 = 10_000;

/// Cells of a circuit, +1 or −1, the cell asked for first.
pub type Circuit = Vec<(usize, i64)>;

/// How far a circuit must be walkable from the true table, and how far back.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    pub along: i64,
    pub back: i64,
}

/// Where a search may go, and how long.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// Tries before it gives up.
    pub effort: usize,
    /// Weight of the dearest published cell that it may pass through; 0 bars all of them.
    pub dearest: i64,
}

/// A move that is worth a try, cheapest first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repair {
    estimate: i64,
    /// The node that it follows.
    node: u32,
    cell: u32,
    sign: i8,
}

impl Graph {
    /// A cheap circuit that moves `cell` by `sign` and can be walked as far as asked.
    pub fn circuit(&self, from: (usize, i64), walk: Walk, bounds: Bounds) -> Option<Circuit> {
        let mut draft = self.desk.take_draft();
        let circuit = self.search(&mut draft, from, walk, bounds);
        self.desk.lay_back(draft);
        circuit
    }

    fn search(&self, draft: &mut Draft, from: (usize, i64), walk: Walk, bounds: Bounds) -> Option<Circuit> {
        self.put_down(draft, None, from, 0);
        self.repairs(draft, walk, bounds);
        for _ in 0..bounds.effort {
            let Reverse(repair) = draft.queue.pop()?;
            let (before, cell, sign) = (repair.node as usize, repair.cell as usize, i64::from(repair.sign));
            let line = draft.nodes[before].line;
            let cost =
                self.room_for(cell, sign, walk).map_or(0, |is_emptied| self.cost(&self.places[cell], is_emptied));
            self.put_down(draft, Some(before), (cell, sign), cost);
            // An inequality is relieved by one cell; whether that was enough is seen at the end.
            if self.slack(line).is_some() {
                draft.relieve(line);
            }
            let number = draft.last();
            if draft.open(number).is_empty() {
                let mut moves: Circuit = draft.moves(number).collect();
                moves.reverse();
                match self.broken_limit(&moves, walk) {
                    None => return Some(moves),
                    Some((line, sign)) => {
                        // Go on from here before all that is cheaper and would meet the same bound.
                        draft.disturb(line, sign);
                        draft.nodes[number].cost -= COMMITTED;
                    }
                }
            }
            self.repairs(draft, walk, bounds);
        }
        None
    }

    /// Puts down a move and what it does to the lines of the cell.
    fn put_down(&self, draft: &mut Draft, before: Option<usize>, (cell, sign): (usize, i64), cost: i64) {
        draft.begin(before, (cell, sign), cost);
        self.equalities.of(cell).for_each(|(line, factor)| draft.disturb(line, factor * sign));
    }

    /// Queues the best ways to take up the disturbance of the tightest disturbed line of the last node.
    fn repairs(&self, draft: &mut Draft, walk: Walk, bounds: Bounds) {
        let number = draft.last();
        if draft.nodes[number].length >= MOVES_MAX {
            return;
        }
        let so_far = draft.nodes[number].cost + self.desk.lay(draft, number, &self.guess);
        let Some((line, amount)) = self.tightest(draft, walk, bounds) else { return };
        draft.nodes[number].line = line;
        draft.repairs.clear();
        for (cell, factor) in self.terms.of(line) {
            let sign = -(amount * factor).signum();
            let Some(is_emptied) = self.may_move((cell, sign), walk, bounds) else { continue };
            let estimate = so_far + self.cost(&self.places[cell], is_emptied) + self.estimate(cell, sign);
            draft.repairs.push(Repair { estimate, node: number as u32, cell: cell as u32, sign: sign as i8 });
        }
        if draft.repairs.len() > CANDIDATES_MAX {
            draft.repairs.select_nth_unstable(CANDIDATES_MAX);
            draft.repairs.truncate(CANDIDATES_MAX);
        }
        draft.queue.extend(draft.repairs.drain(..).map(Reverse));
    }

    fn cost(&self, place: &Place, is_emptied: bool) -> i64 {
        let cost = if place.is_free { COST_WITHHELD } else { place.weight };
        cost + if is_emptied { COST_EMPTIED } else { 0 }
    }

    /// The disturbed line that the fewest cells can repair: a circuit that cannot be closed is seen at once.
    fn tightest(&self, draft: &mut Draft, walk: Walk, bounds: Bounds) -> Option<(usize, i64)> {
        let mut found: Option<(usize, usize, i64)> = None;
        let mut order = std::mem::take(&mut draft.order);
        order.clear();
        order.extend_from_slice(draft.open(draft.last()));
        order.sort_unstable_by_key(|(line, _)| (self.terms.of(*line).len(), *line));
        for &(line, amount) in &order {
            let least = found.map_or(usize::MAX, |(count, ..)| count);
            let sign = |factor: i64| -(amount * factor).signum();
            let may_move = |&(cell, factor): &(usize, i64)| self.may_move((cell, sign(factor)), walk, bounds).is_some();
            let count = self.terms.of(line).filter(may_move).take(least).count();
            if found.is_none_or(|tightest| (count, line) < (tightest.0, tightest.1)) {
                found = Some((count, line, amount));
            }
            if count == 0 {
                break;
            }
        }
        draft.order = order;
        found.map(|(_, line, amount)| (line, amount))
    }

    /// Whether the circuit at hand may go on through a cell, and if so, whether it empties the cell.
    fn may_move(&self, (cell, sign): (usize, i64), walk: Walk, bounds: Bounds) -> Option<bool> {
        self.looked.set(self.looked.get() + 1);
        let place = &self.places[cell];
        let barred = place.is_known || (!place.is_free && place.weight > bounds.dearest);
        if barred || self.desk.is_moved(cell) {
            return None;
        }
        self.room_for(cell, sign, walk)
    }

    /// Whether the cell can be moved so far, and if so, whether somebody's cell becomes empty by it.
    fn room_for(&self, cell: usize, sign: i64, walk: Walk) -> Option<bool> {
        let place = &self.places[cell];
        let (fall, rise) = if sign < 0 { (walk.along, walk.back) } else { (walk.back, walk.along) };
        let fits = fall <= place.room && rise <= place.rise;
        fits.then_some(fall > 0 && fall == place.personer)
    }

    /// What a move adds to the guess at what is left: lines that it closes are done, others that it is in are open.
    fn estimate(&self, cell: usize, sign: i64) -> i64 {
        let line = |(line, factor): (usize, i64)| match self.desk.amount(line) {
            Some(amount) if amount + factor * sign == 0 => -self.guess[line],
            Some(_) => 0,
            None => self.guess[line],
        };
        self.equalities.of(cell).map(line).sum()
    }

    /// An inequality that the walk would break, with the sign of what relieves it reversed.
    fn broken_limit(&self, moves: &[(usize, i64)], walk: Walk) -> Option<(usize, i64)> {
        let limits = moves.iter().flat_map(|(cell, _)| self.limits.of(*cell));
        for (line, _) in limits {
            let (along, back) = self.limit_steps(line, moves);
            if along < walk.along {
                return Some((line, 1));
            }
            if back < walk.back {
                return Some((line, -1));
            }
        }
        None
    }

    /// How many steps an inequality lets the circuit go from the true table, and back.
    fn limit_steps(&self, line: usize, moves: &[(usize, i64)]) -> (i64, i64) {
        let Some(slack) = self.slack(line) else { return (i64::MAX, i64::MAX) };
        // Lines over all areas are long and circuits short: look up the shorter in the longer.
        match moves.iter().map(|&(cell, sign)| self.terms.factor(line, cell) * sign).sum::<i64>() {
            0 => (i64::MAX, i64::MAX),
            slope if slope > 0 => (slack / slope, i64::MAX),
            slope => (i64::MAX, slack / -slope),
        }
    }

    /// How many steps, at most `most`, the circuit can be walked from the true table, and back.
    pub fn steps(&self, circuit: &[(usize, i64)], most: i64) -> Walk {
        let mut walk = Walk { along: most, back: most };
        for &(cell, sign) in circuit {
            let (room, rise) = (self.room(cell), self.rise(cell));
            let (along, back) = if sign < 0 { (room, rise) } else { (rise, room) };
            walk = Walk { along: walk.along.min(along), back: walk.back.min(back) };
            for (line, _) in self.limits.of(cell) {
                let (along, back) = self.limit_steps(line, circuit);
                walk = Walk { along: walk.along.min(along), back: walk.back.min(back) };
            }
        }
        walk
    }
}
