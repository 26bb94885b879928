//! Chooses the secondary cells, and finds the proof on the way.
//!
//! For each cell that needs protection, the cheapest circuit is looked for that moves it far enough; what it
//! passes through and is still published becomes secondary. A circuit is an alternative table, so every cell
//! on it is protected by the same witness, and withholding more later never takes a witness away. Cells are
//! taken in an order of their own (dearest first, then by key), never in the order of the rows.

use super::neighbourhood::{self, Aim, Blocks};
use super::pattern::{Need, Status, Witnesses, is_witness, need};
use super::search::{Circuit, Graph, Moved, Walk};
use super::system::{Shift, Step, System};
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Tries that a search may take: most circuits are found at once, and what is left goes to programs.
const EFFORT: usize = 2000;
/// Programs are slow: they are solved only for the last few.
const STUCK_FEW: usize = 8;
/// How often lines of stuck cells are opened up.
const ROUNDS_MAX: usize = 6;

/// A pattern and the witnesses that were met while it was made.
#[derive(Clone, Debug)]
pub struct Choice {
    pub status: Vec<Status>,
    pub witnesses: Witnesses,
    /// Cells for which no witness was found: left to the audit's linear programs.
    pub stuck: Vec<usize>,
}

/// The work on one system.
pub(super) struct Chooser<'a> {
    system: &'a System,
    of_cell: Vec<Vec<usize>>,
    graph: Graph,
    choice: Choice,
    fresh: VecDeque<usize>,
    /// Weight of the dearest published cell that may be withheld.
    dearest: i64,
    effort: usize,
    /// Whether integer programs are solved in place of the search.
    by_program: bool,
    blocks: Blocks,
}

/// Adds secondary cells to a pattern of primary ones until every withheld cell has its witnesses.
pub fn choose(system: &System, primary: Vec<Status>) -> Choice {
    choose_from(system, primary, Witnesses::new(system.cells.len()))
}

/// As [`choose`], from a pattern and witnesses that are there already.
pub(super) fn choose_from(system: &System, status: Vec<Status>, witnesses: Witnesses) -> Choice {
    let mut chooser = Chooser::new(system, status, witnesses, i64::MAX);
    chooser.run();
    chooser.choice
}

/// Looks for witnesses of the cells that still need them, without withholding more.
pub fn complete(system: &System, status: &[Status], witnesses: Witnesses) -> Choice {
    let mut chooser = Chooser::new(system, status.to_vec(), witnesses, 0);
    chooser.run();
    chooser.choice
}

impl<'a> Chooser<'a> {
    fn new(system: &'a System, status: Vec<Status>, witnesses: Witnesses, dearest: i64) -> Chooser<'a> {
        let mut graph = Graph::new(system);
        let mut cells: Vec<usize> = (0..status.len()).filter(|&c| status[c].withheld()).collect();
        cells.iter().for_each(|&cell| graph.free(cell));
        cells.sort_by_key(|&c| (Reverse(system.cells[c].weight), c));
        let choice = Choice { status, witnesses, stuck: Vec::new() };
        Chooser {
            system,
            of_cell: system.relations_of_cell(),
            graph,
            choice,
            fresh: cells.into(),
            dearest,
            effort: 0,
            by_program: false,
            blocks: Blocks::default(),
        }
    }

    fn run(&mut self) {
        for round in 0..ROUNDS_MAX {
            self.effort = EFFORT;
            self.settle();
            if self.choice.stuck.len() <= STUCK_FEW {
                self.blocks = Blocks::new(&self.graph);
                self.by_program = true;
                self.settle();
                self.by_program = false;
            }
            if self.choice.stuck.is_empty() || self.dearest == 0 {
                break;
            }
            for cell in self.choice.stuck.clone() {
                self.open_up(cell, round);
            }
        }
        self.choice.stuck.sort_unstable();
    }

    /// Protects the cells that wait; those that it fails with are stuck.
    fn settle(&mut self) {
        self.fresh.extend(std::mem::take(&mut self.choice.stuck));
        while let Some(cell) = self.fresh.pop_front() {
            let need = need(&self.system.cells[cell], self.choice.status[cell]);
            if !self.choice.witnesses.satisfies(cell, need) && !self.protect(cell, need) {
                self.choice.stuck.push(cell);
            }
        }
    }

    /// Withholds the dearest cell of a stuck cell's longest line, in later rounds of its shorter ones: where
    /// no other part can give way, the whole must.
    fn open_up(&mut self, cell: usize, round: usize) {
        if let Some(whole) = self.graph.whole(cell, round) {
            self.withhold(whole);
        }
    }

    fn withhold(&mut self, cell: usize) {
        if !self.graph.is_free(cell) {
            self.graph.free(cell);
            self.choice.status[cell] = Status::Secondary;
            self.fresh.push_back(cell);
        }
    }

    /// One circuit that serves both ways if there is one, else a chain of circuits each way.
    fn protect(&mut self, cell: usize, need: Need) -> bool {
        if self.by_program {
            self.stretch_both(cell, need);
            return self.choice.witnesses.satisfies(cell, need);
        }
        let truth = Moved::new();
        let spread = need.width - need.down - need.up;
        let walks =
            [Walk { along: need.up + spread, back: need.down }, Walk { along: need.down + spread, back: need.up }];
        for (sign, walk) in [(1, walks[0]), (-1, walks[1])] {
            if let Some(circuit) = self.graph.circuit((cell, sign), walk, &truth, self.effort, self.dearest) {
                self.take(&circuit);
                if self.choice.witnesses.satisfies(cell, need) {
                    return true;
                }
            }
        }
        self.stretch_both(cell, need);
        self.choice.witnesses.satisfies(cell, need)
    }

    fn stretch_both(&mut self, cell: usize, need: Need) {
        self.stretch(cell, 1, need.up);
        self.stretch(cell, -1, need.down);
        let (low, high) = self.choice.witnesses.persons(cell);
        if high - low < need.width {
            self.stretch(cell, 1, need.width + low);
        }
        let (low, high) = self.choice.witnesses.persons(cell);
        if high - low < need.width {
            self.stretch(cell, -1, need.width - high);
        }
    }

    /// Chains circuits until the cell is `goal` from its true value in the direction of `sign`.
    fn stretch(&mut self, cell: usize, sign: i64, goal: i64) {
        let mut base = Moved::new();
        if self.by_program && goal > 0 {
            let cells = self.blocks.around(&self.graph, cell);
            let aim = Aim { cell, sign, goal };
            let alike = neighbourhood::move_alike(&self.graph, &cells, aim);
            alike.into_iter().for_each(|shift| self.witness(shift));
            let (low, high) = self.choice.witnesses.persons(cell);
            if (if sign > 0 { high } else { -low }) < goal {
                let apart = neighbourhood::move_apart(self.system, &self.of_cell, &cells, aim);
                apart.into_iter().for_each(|shift| self.witness(shift));
            }
            return;
        }
        loop {
            let (low, high) = self.choice.witnesses.persons(cell);
            let left = goal - base.get(&cell).map_or(0, |by| by * sign);
            if left <= 0 || (if sign > 0 { high } else { -low }) >= goal {
                return;
            }
            let found = [left, (left + 1) / 2, 1].into_iter().find_map(|step| {
                let walk = Walk { along: step, back: 0 };
                let circuit = self.graph.circuit((cell, sign), walk, &base, self.effort, self.dearest)?;
                Some((circuit, step))
            });
            let Some((circuit, step)) = found else { return };
            self.take(&circuit);
            for &(moved, by) in &circuit {
                *base.entry(moved).or_default() += by * step;
            }
            self.witness(base.iter().map(|(&cell, &by)| (cell, Step::both(by))).collect());
        }
    }

    /// Withholds what the circuit passes through and keeps the tables at its two ends.
    fn take(&mut self, circuit: &Circuit) {
        for &(cell, _) in circuit {
            self.withhold(cell);
        }
        let most = circuit.iter().map(|(cell, _)| self.system.cells[*cell].threshold).max().unwrap_or(0);
        let walk = self.graph.steps(circuit, most);
        for steps in [walk.along, -walk.back] {
            if steps != 0 {
                self.witness(circuit.iter().map(|&(cell, by)| (cell, Step::both(by * steps))).collect());
            }
        }
    }

    fn witness(&mut self, shift: Shift) {
        // The search is trusted with nothing: what is not a witness of the system as declared is dropped.
        if is_witness(self.system, &self.of_cell, &self.choice.status, &shift) {
            self.choice.witnesses.add(shift);
        }
    }
}
