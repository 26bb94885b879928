//! What a search has before it: the circuits that it has begun, and of the one at hand which cells it moves and which
//! lines it disturbs. One for all searches of a graph, so that memory is asked for once.

use super::search::Repair;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The tables of one graph, by cell and by line. A number is of the circuit at hand where its mark is.
#[derive(Debug, Default)]
pub struct Desk {
    at_hand: Cell<u32>,
    moved: Vec<Cell<u32>>,
    disturbed: Vec<(Cell<u32>, Cell<i32>)>,
    draft: RefCell<Draft>,
}

impl Desk {
    pub fn new(cells: usize, lines: usize) -> Desk {
        Desk {
            at_hand: Cell::new(0),
            moved: vec![Cell::new(0); cells],
            disturbed: vec![(Cell::new(0), Cell::new(0)); lines],
            draft: RefCell::default(),
        }
    }

    /// An empty draft, with the memory of the last one.
    pub(super) fn take_draft(&self) -> Draft {
        let mut draft = self.draft.take();
        draft.nodes.clear();
        draft.open.clear();
        draft.queue.clear();
        draft
    }

    pub(super) fn lay_back(&self, draft: Draft) {
        self.draft.replace(draft);
    }

    /// Lays out a circuit; the sum of what is guessed for its lines.
    pub(super) fn lay(&self, draft: &Draft, number: usize, guess: &[i64]) -> i64 {
        let mark = self.at_hand.get().checked_add(1).unwrap_or_else(|| self.wipe());
        self.at_hand.set(mark);
        draft.moves(number).for_each(|(cell, _)| self.moved[cell].set(mark));
        let lay = |&(line, amount): &(usize, i64)| {
            let (disturbed, by) = &self.disturbed[line];
            disturbed.set(mark);
            by.set(i32::try_from(amount).unwrap_or(i32::MAX));
            guess[line]
        };
        draft.open(number).iter().map(lay).sum()
    }

    /// Marks have run out: none is of any circuit.
    fn wipe(&self) -> u32 {
        self.moved.iter().chain(self.disturbed.iter().map(|line| &line.0)).for_each(|mark| mark.set(0));
        1
    }

    pub fn is_moved(&self, cell: usize) -> bool {
        self.moved[cell].get() == self.at_hand.get()
    }

    /// How far a line is disturbed; none where it is not.
    pub fn amount(&self, line: usize) -> Option<i64> {
        let (disturbed, by) = &self.disturbed[line];
        (disturbed.get() == self.at_hand.get()).then(|| i64::from(by.get()))
    }
}

/// A circuit that is not closed: its last move, the node that was before it, and the lines that it disturbs.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) before: usize,
    pub(super) last: (usize, i64),
    pub(super) length: usize,
    /// Where its disturbed equalities begin, and inequalities that were found broken (to be relieved once); they end
    /// where those of the next node begin.
    open: usize,
    pub(super) cost: i64,
    /// The line that is to be repaired next.
    pub(super) line: usize,
}

/// All that one search has begun.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) nodes: Vec<Node>,
    open: Vec<(usize, i64)>,
    pub(super) queue: BinaryHeap<Reverse<Repair>>,
    /// Of the node at hand: ways to take up one disturbance, and its disturbances in order.
    pub(super) repairs: Vec<Repair>,
    pub(super) order: Vec<(usize, i64)>,
}

impl Draft {
    /// Puts down a move after another, with the lines that were disturbed before it.
    pub fn begin(&mut self, before: Option<usize>, last: (usize, i64), cost: i64) {
        let open = self.open.len();
        let (length, so_far) = match before {
            None => (1, 0),
            Some(before) => {
                self.open.extend_from_within(self.place(before));
                (self.nodes[before].length + 1, self.nodes[before].cost)
            }
        };
        let before = before.unwrap_or(0);
        self.nodes.push(Node { before, last, length, open, cost: so_far + cost, line: 0 });
    }

    /// The number of the node that was put down last.
    pub fn last(&self) -> usize {
        self.nodes.len() - 1
    }

    /// Disturbs a line of the last node.
    pub fn disturb(&mut self, line: usize, by: i64) {
        match self.find(line) {
            Some(at) if self.open[at].1 + by == 0 => {
                self.open.swap_remove(at);
            }
            Some(at) => self.open[at].1 += by,
            None => self.open.push((line, by)),
        }
    }

    /// Says of a line of the last node that it is as it should be.
    pub fn relieve(&mut self, line: usize) {
        if let Some(at) = self.find(line) {
            self.open.swap_remove(at);
        }
    }

    /// Where a line of the last node stands.
    fn find(&self, line: usize) -> Option<usize> {
        self.place(self.last()).find(|&at| self.open[at].0 == line)
    }

    /// Where the lines of a node stand.
    fn place(&self, number: usize) -> Range<usize> {
        let end = self.nodes.get(number + 1).map_or(self.open.len(), |next| next.open);
        self.nodes[number].open..end
    }

    /// The lines that a node disturbs.
    pub fn open(&self, number: usize) -> &[(usize, i64)] {
        &self.open[self.place(number)]
    }

    /// The moves of a node, the last one first.
    pub fn moves(&self, number: usize) -> impl Iterator<Item = (usize, i64)> {
        let mut at = number;
        (0..self.nodes[number].length).map(move |_| {
            let node = &self.nodes[at];
            at = node.before;
            node.last
        })
    }
}
