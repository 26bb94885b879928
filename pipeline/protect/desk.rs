//! What a search has before it: which cells the circuit at hand moves, and which lines it disturbs.
//! Dense tables that are written for each circuit in turn, since a search looks at millions of cells.

use super::search::Node;
use std::cell::Cell;

/// The tables of one graph, by cell and by line. A number is of the circuit at hand where its mark is.
#[derive(Debug, Default)]
pub struct Desk {
    at_hand: Cell<u32>,
    moved: Vec<Cell<u32>>,
    disturbed: Vec<Cell<u32>>,
    amount: Vec<Cell<i64>>,
}

impl Desk {
    pub fn new(cells: usize, lines: usize) -> Desk {
        Desk {
            at_hand: Cell::new(0),
            moved: vec![Cell::new(0); cells],
            disturbed: vec![Cell::new(0); lines],
            amount: vec![Cell::new(0); lines],
        }
    }

    /// Lays out a circuit; the sum of what is guessed for its lines.
    pub fn lay(&self, node: &Node, guess: impl Fn(usize) -> i64) -> i64 {
        let mark = self.at_hand.get().checked_add(1).unwrap_or_else(|| self.wipe());
        self.at_hand.set(mark);
        node.moves.iter().for_each(|(cell, _)| self.moved[*cell].set(mark));
        let lay = |&(line, amount): &(usize, i64)| {
            self.disturbed[line].set(mark);
            self.amount[line].set(amount);
            guess(line)
        };
        node.open.iter().map(lay).sum()
    }

    /// Marks have run out: none is of any circuit.
    fn wipe(&self) -> u32 {
        self.moved.iter().chain(&self.disturbed).for_each(|mark| mark.set(0));
        1
    }

    pub fn is_moved(&self, cell: usize) -> bool {
        self.moved[cell].get() == self.at_hand.get()
    }

    /// How far a line is disturbed; none where it is not.
    pub fn amount(&self, line: usize) -> Option<i64> {
        (self.disturbed[line].get() == self.at_hand.get()).then(|| self.amount[line].get())
    }
}
