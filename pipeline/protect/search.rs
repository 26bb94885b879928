//! Looks for circuits: sets of cells, each one up or one down, that together leave every equality untouched.
//! A circuit through withheld cells, walked some steps, is a whole-number table that a reader cannot tell
//! from the true one.
//!
//! The search is a best-first repair: move the cell asked for, then, while some equality is disturbed, let
//! another of its cells take up the disturbance. It is deterministic and keeps both measures of a cell in
//! step, so that persons and deltaganden move alike. It may miss a circuit; it never invents one.

use super::graph::Graph;
use super::lines::Line;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Ways kept of those that could take up one disturbance.
const CANDIDATES_MAX: usize = 40;
const MOVES_MAX: usize = 64;
/// Cost of using a cell that is withheld already: short circuits before long ones.
const COST_WITHHELD: i64 = 1;
/// Cost of a table in which a cell that has someone is empty: the person in it knows better.
const COST_EMPTIED: i64 = 4;
/// Guessed cost of repairing a line. High on purpose: half-repaired circuits are finished before others are
/// begun, which finds a good circuit in milliseconds where the best one would take minutes.
const GUESS: i64 = 100;
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
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Repair {
    estimate: i64,
    node: usize,
    cell: usize,
    sign: i64,
    cost: i64,
    /// The line whose disturbance it takes up.
    line: usize,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) moves: Circuit,
    /// Disturbed equalities, and inequalities that were found broken (to be relieved once).
    pub(super) open: Vec<(usize, i64)>,
    cost: i64,
}

impl Graph {
    /// A cheap circuit that moves `cell` by `sign` and can be walked as far as asked.
    pub fn circuit(&self, (cell, sign): (usize, i64), walk: Walk, bounds: Bounds) -> Option<Circuit> {
        let start = Node { moves: Vec::new(), open: Vec::new(), cost: 0 };
        let mut nodes = vec![self.moved(&start, cell, sign, 0)];
        let mut queue = BinaryHeap::new();
        self.repairs(0, &nodes[0], walk, bounds, &mut queue);
        for _ in 0..bounds.effort {
            let Reverse(repair) = queue.pop()?;
            let mut node = self.moved(&nodes[repair.node], repair.cell, repair.sign, repair.cost);
            // An inequality is relieved by one cell; whether that was enough is seen at the end.
            node.open.retain(|(line, _)| *line != repair.line || self.lines[*line].slack.is_none());
            if node.open.is_empty() {
                match self.broken_limit(&node.moves, walk) {
                    None => return Some(node.moves),
                    Some((line, sign)) => {
                        // Go on from here before all that is cheaper and would meet the same bound.
                        node.open.push((line, sign));
                        node.cost -= COMMITTED;
                    }
                }
            }
            nodes.push(node);
            self.repairs(nodes.len() - 1, &nodes[nodes.len() - 1], walk, bounds, &mut queue);
        }
        None
    }

    /// Queues the best ways to take up the disturbance of the tightest disturbed line.
    fn repairs(&self, number: usize, node: &Node, walk: Walk, bounds: Bounds, queue: &mut BinaryHeap<Reverse<Repair>>) {
        if node.moves.len() >= MOVES_MAX {
            return;
        }
        let guesses = self.desk.lay(node, |line| self.guess(line));
        let Some((line, amount)) = self.tightest(node, walk, bounds) else { return };
        let mut repairs = Vec::new();
        for &(cell, factor) in &self.lines[line].terms {
            let sign = -(amount * factor).signum();
            let Some(emptied) = self.may_move((cell, sign), walk, bounds) else { continue };
            let cost = if self.free[cell] { COST_WITHHELD } else { self.weight[cell] };
            let cost = cost + if emptied { COST_EMPTIED } else { 0 };
            let estimate = node.cost + cost + guesses + self.estimate(cell, sign);
            repairs.push(Repair { estimate, node: number, cell, sign, cost, line });
        }
        if repairs.len() > CANDIDATES_MAX {
            repairs.select_nth_unstable(CANDIDATES_MAX);
            repairs.truncate(CANDIDATES_MAX);
        }
        queue.extend(repairs.into_iter().map(Reverse));
    }

    /// The disturbed line that the fewest cells can repair: a circuit that cannot be closed is seen at once.
    fn tightest(&self, node: &Node, walk: Walk, bounds: Bounds) -> Option<(usize, i64)> {
        let mut found: Option<(usize, usize, i64)> = None;
        let mut open = node.open.clone();
        open.sort_unstable_by_key(|(line, _)| (self.lines[*line].terms.len(), *line));
        for (line, amount) in open {
            let least = found.map_or(usize::MAX, |(count, ..)| count);
            let ways = self.lines[line]
                .terms
                .iter()
                .filter(|(cell, factor)| self.may_move((*cell, -(amount * factor).signum()), walk, bounds).is_some());
            let count = ways.take(least).count();
            if found.is_none_or(|tightest| (count, line) < (tightest.0, tightest.1)) {
                found = Some((count, line, amount));
            }
            if count == 0 {
                break;
            }
        }
        found.map(|(_, line, amount)| (line, amount))
    }

    /// Whether a circuit at hand may go on through a cell, and if so, whether it empties the cell.
    fn may_move(&self, (cell, sign): (usize, i64), walk: Walk, bounds: Bounds) -> Option<bool> {
        self.looked.set(self.looked.get() + 1);
        let barred = self.known[cell] || (!self.free[cell] && self.weight[cell] > bounds.dearest);
        if barred || self.desk.is_moved(cell) {
            return None;
        }
        self.room_for(cell, sign, walk)
    }

    /// Whether the cell can be moved so far, and if so, whether somebody's cell becomes empty by it.
    fn room_for(&self, cell: usize, sign: i64, walk: Walk) -> Option<bool> {
        let (fall, rise) = if sign < 0 { (walk.along, walk.back) } else { (walk.back, walk.along) };
        let fits = fall <= self.room[cell] && rise <= self.rise[cell];
        fits.then(|| fall > 0 && fall == self.personer[cell])
    }

    /// What a move adds to the guess at what is left: lines that it closes are done, others that it is in are open.
    fn estimate(&self, cell: usize, sign: i64) -> i64 {
        let line = |&(line, factor): &(usize, i64)| match self.desk.amount(line) {
            Some(amount) if amount + factor * sign == 0 => -self.guess(line),
            Some(_) => 0,
            None => self.guess(line),
        };
        self.equalities[cell].iter().map(line).sum()
    }

    fn guess(&self, line: usize) -> i64 {
        // A line with two free cells can as a rule be repaired through the other one.
        if self.free_count[line] >= 2 { GUESS } else { GUESS + 2 * self.weight_min[line] }
    }

    fn moved(&self, node: &Node, cell: usize, sign: i64, cost: i64) -> Node {
        let mut next = Node { moves: node.moves.clone(), open: node.open.clone(), cost: node.cost };
        next.moves.push((cell, sign));
        next.cost += cost;
        for &(line, factor) in &self.equalities[cell] {
            match next.open.iter().position(|(l, _)| *l == line) {
                Some(at) => {
                    next.open[at].1 += factor * sign;
                    if next.open[at].1 == 0 {
                        next.open.swap_remove(at);
                    }
                }
                None => next.open.push((line, factor * sign)),
            }
        }
        next
    }

    /// An inequality that the walk would break, with the sign of what relieves it reversed.
    fn broken_limit(&self, moves: &[(usize, i64)], walk: Walk) -> Option<(usize, i64)> {
        let limits = moves.iter().flat_map(|(cell, _)| &self.limits[*cell]);
        for &line in limits {
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
        let Line { terms, slack: Some(slack) } = &self.lines[line] else { return (i64::MAX, i64::MAX) };
        // Lines over all areas are long and circuits short: look up the shorter in the longer.
        let factor = |cell: usize| terms.binary_search_by_key(&cell, |term| term.0).map_or(0, |at| terms[at].1);
        match moves.iter().map(|&(cell, sign)| factor(cell) * sign).sum::<i64>() {
            0 => (i64::MAX, i64::MAX),
            slope if slope > 0 => (slack / slope, i64::MAX),
            slope => (i64::MAX, slack / -slope),
        }
    }

    /// How many steps, at most `most`, the circuit can be walked from the true table, and back.
    pub fn steps(&self, circuit: &[(usize, i64)], most: i64) -> Walk {
        let mut walk = Walk { along: most, back: most };
        for &(cell, sign) in circuit {
            let (room, rise) = (self.room[cell], self.rise[cell]);
            let (along, back) = if sign < 0 { (room, rise) } else { (rise, room) };
            walk = Walk { along: walk.along.min(along), back: walk.back.min(back) };
            for &line in &self.limits[cell] {
                let (along, back) = self.limit_steps(line, circuit);
                walk = Walk { along: walk.along.min(along), back: walk.back.min(back) };
            }
        }
        walk
    }
}
