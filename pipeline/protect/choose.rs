//! Chooses the secondary cells, and finds the proof on the way.
//!
//! For each cell that needs protection, the cheapest circuit is looked for that moves it far enough; what it
//! passes through and is still published becomes secondary. A circuit is an alternative table, so every cell
//! on it is protected by the same witness, and withholding more later never takes a witness away. Cells are
//! taken in an order of their own (dearest first, then by key), never in the order of the rows.
//!
//! Where many tables hang together a circuit runs through all of them. The cells that no short one is found for are
//! moved together, by one linear program for many of them.

use super::graph::Graph;
use super::pattern::{Checker, Need, Status, Witnesses, need};
use super::program::{Goals, Program};
use super::search::{Bounds, Circuit};
use super::system::{Shift, Step, System};
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Tries that a search may take: most circuits are found at once, and what is left goes to programs.
const EFFORT: usize = 400;
/// Cells that one program moves: more take longer than two programs.
const TOGETHER: usize = 400;
/// Cells that are moved one by one where together they cannot be.
const ALONE_MAX: usize = 20;
/// Rounds of programs, each for what those before it left or withheld.
const ROUNDS_MAX: usize = 40;
/// Rounds that may change nothing.
const IDLE_MAX: usize = 6;

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
    pub(super) system: &'a System,
    pub(super) checker: Checker<'a>,
    pub(super) graph: Graph,
    pub(super) choice: Choice,
    fresh: VecDeque<usize>,
    /// Weight of the dearest published cell that may be withheld.
    dearest: i64,
    /// Whether a cell was secondary before anything was chosen: it stays so.
    pub(super) is_given: Vec<bool>,
}

/// Adds secondary cells to a pattern of primary ones until every withheld cell has its witnesses.
pub fn choose(system: &System, primary: Vec<Status>) -> Choice {
    let mut chooser = Chooser::new(system, primary, Witnesses::new(system.cells.len()), i64::MAX);
    chooser.run();
    chooser.prune();
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
        let mut cells: Vec<usize> = (0..status.len()).filter(|&c| status[c].unseen()).collect();
        cells.iter().for_each(|&cell| graph.free(cell));
        cells.sort_by_key(|&c| (Reverse(system.cells[c].weight), c));
        let is_given = status.iter().map(|state| *state == Status::Secondary).collect();
        let choice = Choice { status, witnesses, stuck: Vec::new() };
        Chooser { system, checker: Checker::new(system), graph, choice, fresh: cells.into(), dearest, is_given }
    }

    /// Circuits first, then programs for what is left.
    fn run(&mut self) {
        while let Some(cell) = self.fresh.pop_front() {
            if !self.protect(cell) {
                self.choice.stuck.push(cell);
            }
        }
        if !self.choice.stuck.is_empty() {
            self.move_stuck(Program::alike(self.system, &self.graph));
        }
        if !self.choice.stuck.is_empty() {
            self.move_stuck(Program::apart(self.system));
        }
        self.choice.stuck.sort_unstable();
    }

    /// One circuit that serves both ways if there is one, else one each way.
    fn protect(&mut self, cell: usize) -> bool {
        let bounds = Bounds { effort: EFFORT, dearest: self.dearest };
        for (sign, walk) in self.need_of(cell).walks() {
            if self.is_satisfied(cell) {
                break;
            }
            if let Some(circuit) = self.graph.circuit((cell, sign), walk, bounds) {
                circuit.iter().for_each(|&(cell, _)| self.withhold(cell));
                for shift in self.ends(&circuit) {
                    self.choice.witnesses.add(shift);
                }
            }
        }
        self.is_satisfied(cell)
    }

    /// Moves the stuck cells and what is withheld for them, round by round, up and down; one by one where that changes
    /// nothing.
    fn move_stuck(&mut self, mut program: Program) {
        let (mut lacking, mut idle) = (self.lacking(), 0);
        for round in 0..ROUNDS_MAX {
            let mut waiting = self.choice.stuck.clone();
            // A cell that needs no more than a width gets it upward in one round and downward in the next.
            let ways = [1, -1].map(|sign| (sign, (sign > 0) == (round % 2 == 0)));
            match idle {
                0 => ways.iter().for_each(|&way| self.move_cells(&mut program, &waiting, way)),
                _ => {
                    // Others than those that were tried alone last.
                    let tried = round * ALONE_MAX % waiting.len();
                    waiting.rotate_left(tried);
                    waiting.truncate(ALONE_MAX);
                    ways.iter().for_each(|&way| self.move_alone(&mut program, &waiting, way));
                }
            }
            let stuck = std::mem::take(&mut self.choice.stuck);
            let all = stuck.into_iter().chain(std::mem::take(&mut self.fresh));
            self.choice.stuck = all.filter(|&cell| !self.is_satisfied(cell)).collect();
            let before = std::mem::replace(&mut lacking, self.lacking());
            idle = if lacking == before { idle + 1 } else { 0 };
            if idle > 1 {
                program.turn();
            }
            if self.choice.stuck.is_empty() || idle > IDLE_MAX {
                return;
            }
        }
    }

    /// What the stuck cells lack, in persons, and how many they are.
    fn lacking(&self) -> (i64, usize) {
        let lacks = self.choice.stuck.iter().map(|&cell| {
            let (need, (low, high)) = (self.need_of(cell), self.choice.witnesses.persons(cell));
            let width = (need.width - self.choice.witnesses.width(cell)).max(0);
            (need.down + low).max(0) + (need.up - high).max(0) + width
        });
        (lacks.sum(), self.choice.stuck.len())
    }

    /// Many cells at a time.
    fn move_cells(&mut self, program: &mut Program, cells: &[usize], way: (i64, bool)) {
        let mut goals = Goals::new();
        for (at, &cell) in cells.iter().enumerate() {
            goals.extend(self.goal(cell, way).map(|goal| (cell, way.0 * goal)));
            if goals.is_empty() || (goals.len() < TOGETHER && at + 1 < cells.len()) {
                continue;
            }
            let found = program.reach(&self.graph, &std::mem::take(&mut goals), self.dearest);
            self.take(found);
        }
    }

    fn move_alone(&mut self, program: &mut Program, cells: &[usize], way: (i64, bool)) {
        for &cell in cells {
            if let Some(goal) = self.goal(cell, way) {
                let found = program.reach_alone(&self.graph, (cell, way.0 * goal), self.dearest);
                self.take(found);
            }
        }
    }

    /// Withholds what a table moves, and keeps its parts that are witnesses.
    fn take(&mut self, found: Option<Shift>) {
        for part in found.map_or_else(Vec::new, |shift| self.graph.parts(&shift)) {
            part.keys().for_each(|&cell| self.withhold(cell));
            // The solver is trusted with nothing: what is not a witness of the system as declared is dropped.
            if self.checker.is_witness(&self.choice.status, &part) {
                self.choice.witnesses.add(part);
            }
        }
    }

    /// How far a cell is still to be moved, up or down, in persons; none where it is far enough.
    fn goal(&self, cell: usize, (sign, is_wide): (i64, bool)) -> Option<i64> {
        let need = self.need_of(cell);
        if self.is_satisfied(cell) {
            return None;
        }
        let (low, high) = self.choice.witnesses.persons(cell);
        let (reached, wanted) = if sign > 0 { (high, need.up) } else { (-low, need.down) };
        // Of the two measures the narrower counts: deltaganden may lack what persons have.
        let is_far = high - low >= need.width;
        let far = if is_far { self.choice.witnesses.width(cell) } else { high.max(need.up) - low.min(-need.down) };
        let missing = need.width - far;
        let goal = if is_wide && missing > 0 { reached.max(wanted) + missing } else { wanted };
        (goal > reached).then_some(goal)
    }

    fn withhold(&mut self, cell: usize) {
        if !self.graph.is_free(cell) && !self.system.cells[cell].is_known {
            self.graph.free(cell);
            self.choice.status[cell] = Status::Secondary;
            self.fresh.push_back(cell);
        }
    }

    /// The tables at the ends of a circuit that are witnesses.
    pub(super) fn ends(&mut self, circuit: &Circuit) -> Vec<Shift> {
        let most = circuit.iter().map(|(cell, _)| self.system.cells[*cell].threshold).max().unwrap_or(0);
        let walk = self.graph.steps(circuit, most);
        let steps = [walk.along, -walk.back].into_iter().filter(|steps| *steps != 0);
        let shifts = steps.map(|steps| circuit.iter().map(|&(cell, by)| (cell, Step::both(by * steps))).collect());
        let shifts: Vec<Shift> = shifts.collect();
        shifts.into_iter().filter(|shift| self.checker.is_witness(&self.choice.status, shift)).collect()
    }

    pub(super) fn need_of(&self, cell: usize) -> Need {
        need(&self.system.cells[cell], self.choice.status[cell])
    }

    fn is_satisfied(&self, cell: usize) -> bool {
        self.choice.witnesses.satisfies(cell, self.need_of(cell))
    }
}
