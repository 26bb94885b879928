//! Chooses the secondary cells, and finds the proof on the way.
//!
//! For each cell that needs protection, the cheapest circuit is looked for that moves it far enough; what it
//! passes through and is still published becomes secondary. A circuit is an alternative table, so every cell
//! on it is protected by the same witness, and withholding more later never takes a witness away. Cells are
//! taken in an order of their own (dearest first, then by key), never in the order of the rows.

use super::graph::Graph;
use super::neighbourhood::{self, Aim, Blocks};
use super::pattern::{Checker, Need, Status, Witnesses, need};
use super::search::{Bounds, Circuit, Moved, Walk};
use super::system::{Shift, Step, System};
use super::transfer::Areas;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Tries that a search may take: most circuits are found at once, and what is left goes to programs.
const EFFORT: usize = 400;
/// Tries for the cells that were not found so: still far less work than a program.
const EFFORT_MORE: usize = 3000;
/// Witnesses that are tried in a sum.
const COMBINED_MAX: usize = 100;
/// Witnesses that a sum may start from.
const STARTS_MAX: usize = 6;
/// Neighbours' tables that a chain of circuits may start from.
const BASES_MAX: usize = 4;
/// Cells of one area that may be stuck before the area is withheld with its like.
const STUCK_MAX: usize = 8;
/// Cells of one program at first; larger ones where small ones find nothing.
const PROGRAM_CELLS: usize = 300;
/// Programs of one component: each may take a second, and what is left over is withheld with more beside it.
const PROGRAMS_MAX: usize = 30;
/// How often lines of stuck cells are opened up.
const ROUNDS_MAX: usize = 2;

/// A pattern and the witnesses that were met while it was made.
#[derive(Clone, Debug)]
pub struct Choice {
    pub status: Vec<Status>,
    pub witnesses: Witnesses,
    /// Cells for which no witness was found: left to the audit's linear programs.
    pub stuck: Vec<usize>,
}

/// How hard to try.
#[derive(Clone, Copy, Debug, Default)]
struct Means {
    bounds: Bounds,
    /// Cells of the integer programs that are solved in place of the search; 0 for none.
    program_cells: usize,
    /// Parts of one cell of the upper level that may fail before the rest are given up.
    failures_max: usize,
}

/// The work on one system.
pub(super) struct Chooser<'a> {
    pub(super) system: &'a System,
    of_cell: Vec<Vec<usize>>,
    pub(super) checker: Checker<'a>,
    pub(super) graph: Graph,
    pub(super) choice: Choice,
    fresh: VecDeque<usize>,
    /// Weight of the dearest published cell that may be withheld.
    dearest: i64,
    means: Means,
    pub(super) areas: Areas,
    /// Areas that are withheld together.
    pub(super) pooled: BTreeSet<usize>,
    blocks: Blocks,
    /// Programs that may still be solved.
    programs_left: usize,
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
        let mut cells: Vec<usize> = (0..status.len()).filter(|&c| status[c].withheld()).collect();
        cells.iter().for_each(|&cell| graph.free(cell));
        cells.sort_by_key(|&c| (Reverse(system.cells[c].weight), c));
        let is_given = status.iter().map(|state| *state == Status::Secondary).collect();
        let choice = Choice { status, witnesses, stuck: Vec::new() };
        Chooser {
            system,
            of_cell: system.relations_of_cell(),
            checker: Checker::new(system),
            graph,
            choice,
            fresh: cells.into(),
            dearest,
            means: Means::default(),
            areas: Chooser::areas(system),
            pooled: BTreeSet::new(),
            blocks: Blocks::default(),
            is_given,
            programs_left: PROGRAMS_MAX,
        }
    }

    /// Circuits first; then, in rounds, what is left: areas with many stuck cells are withheld with their like,
    /// programs are solved around the others, and where all that fails more is withheld and searched longer.
    fn run(&mut self) {
        let may_withhold = self.dearest > 0;
        if may_withhold {
            self.pool(self.small_areas());
        }
        let usual = Bounds { effort: EFFORT, dearest: self.dearest, upward: false };
        let search = Means { bounds: usual, program_cells: 0, failures_max: 40 };
        self.settle(search);
        self.settle(Means { bounds: Bounds { effort: EFFORT_MORE, ..usual }, failures_max: usize::MAX, ..search });
        for round in 0..ROUNDS_MAX {
            let stuck_max = if round == 0 { STUCK_MAX } else { 0 };
            while may_withhold && self.pool_stuck(stuck_max) {
                self.settle(search);
            }
            if self.choice.stuck.is_empty() {
                break;
            }
            self.blocks = Blocks::new(&self.graph);
            self.settle(Means { program_cells: PROGRAM_CELLS << round.min(2), failures_max: 2, ..search });
            if !may_withhold {
                break;
            }
            for cell in self.choice.stuck.clone() {
                self.open_up(cell, round);
            }
            self.settle(Means { bounds: Bounds { upward: true, ..usual }, ..search });
            self.settle(search);
        }
        if may_withhold && !self.choice.stuck.is_empty() {
            self.pool(self.areas.keys().copied().filter(|area| !self.pooled.contains(area)).collect());
            self.settle(Means { bounds: Bounds { upward: true, ..usual }, ..search });
            self.settle(search);
        }
        if may_withhold && !self.choice.stuck.is_empty() {
            self.withhold_all();
            self.settle(search);
        }
        self.choice.stuck.sort_unstable();
    }

    /// The last resort: all that hangs together is withheld but for what is nothing. Relations are sums and
    /// comparisons without constants, so nobody and several times as many are as possible as the truth.
    fn withhold_all(&mut self) {
        let some: Vec<usize> =
            (0..self.system.cells.len()).filter(|&cell| self.system.cells[cell].deltaganden > 0).collect();
        some.iter().for_each(|&cell| self.withhold(cell));
        let times = some.iter().map(|&cell| self.system.cells[cell].threshold).max().unwrap_or(0);
        for by in [-1, times - 1] {
            let step = |cell: &usize| {
                let held = &self.system.cells[*cell];
                (*cell, Step { deltaganden: by * held.deltaganden, personer: by * held.personer })
            };
            self.witness(some.iter().map(step).collect());
        }
    }

    /// Pools the areas with so many stuck cells that they are too small as they are; says whether there were any.
    fn pool_stuck(&mut self, stuck_max: usize) -> bool {
        let mut stuck: BTreeMap<usize, usize> = BTreeMap::new();
        for area in self.choice.stuck.iter().filter_map(|&cell| self.system.cells[cell].part_of).map(|part| part.0) {
            *stuck.entry(area).or_default() += 1;
        }
        stuck.retain(|area, count| *count > stuck_max && !self.pooled.contains(area));
        let found = !stuck.is_empty();
        let mut more: Vec<usize> = stuck.into_keys().collect();
        if found {
            more.extend(self.company(&more));
        }
        self.pool(more);
        found
    }

    /// Protects the cells that wait; those that it fails with are stuck. After some failures in one cell of the
    /// upper level, other parts of that cell are not tried: they fail for the same reason.
    fn settle(&mut self, means: Means) {
        self.means = means;
        let mut failures: BTreeMap<usize, usize> = BTreeMap::new();
        self.fresh.extend(std::mem::take(&mut self.choice.stuck));
        while let Some(cell) = self.fresh.pop_front() {
            let need = need(&self.system.cells[cell], self.choice.status[cell]);
            if self.choice.witnesses.satisfies(cell, need) {
                continue;
            }
            let upper = self.system.cells[cell].part_of.map_or(cell, |part| part.1);
            let hopeless = failures.get(&upper).is_some_and(|count| *count >= means.failures_max);
            if hopeless || !self.protect(cell, need) {
                *failures.entry(upper).or_default() += 1;
                self.choice.stuck.push(cell);
            }
        }
    }

    /// Where no other part can give way to a stuck cell, the whole must: first the cell of the upper level, then,
    /// if that is not enough, all that is in line with the stuck one.
    fn open_up(&mut self, cell: usize, round: usize) {
        let upper = self.system.cells[cell].part_of.map_or(cell, |part| part.1);
        self.withhold(upper);
        if round > 1 {
            self.graph.beside(cell).into_iter().for_each(|other| self.withhold(other));
        }
    }

    pub(super) fn withhold(&mut self, cell: usize) {
        if !self.graph.is_free(cell) && !self.system.cells[cell].is_known {
            self.graph.free(cell);
            self.choice.status[cell] = Status::Secondary;
            self.fresh.push_back(cell);
        }
    }

    /// One circuit that serves both ways if there is one, else a chain of circuits each way.
    fn protect(&mut self, cell: usize, need: Need) -> bool {
        if self.means.program_cells > 0 {
            self.stretch_both(cell, need);
            return self.choice.witnesses.satisfies(cell, need);
        }
        if self.gather(cell) {
            return true;
        }
        let truth = Moved::new();
        let spread = need.width - need.down - need.up;
        let walks =
            [Walk { along: need.up + spread, back: need.down }, Walk { along: need.down + spread, back: need.up }];
        for (sign, walk) in [(1, walks[0]), (-1, walks[1])] {
            if let Some(circuit) = self.graph.circuit((cell, sign), walk, &truth, self.means.bounds) {
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
        for sign in [1, -1] {
            let missing = need.width - self.choice.witnesses.width(cell);
            if missing > 0 {
                self.stretch(cell, sign, self.reached(cell, sign) + missing);
            }
        }
    }

    /// Chains circuits until the cell is `goal` from its true value in the direction of `sign`.
    fn stretch(&mut self, cell: usize, sign: i64, goal: i64) {
        if self.means.program_cells > 0 {
            self.solve(Aim { cell, sign, goal });
            return;
        }
        self.combine(cell, sign, goal);
        for base in self.bases(cell, sign) {
            if self.reached(cell, sign) >= goal {
                return;
            }
            let base = base.map_or_else(Shift::new, |index| self.choice.witnesses.shifts[index].clone());
            self.stretch_from(base, cell, sign, goal);
        }
    }

    /// Adds up witnesses that take the cell the same way, as far as their sum is a witness too.
    fn combine(&mut self, cell: usize, sign: i64, goal: i64) {
        let shifts = &self.choice.witnesses.shifts;
        let moves = |index: &usize| shifts[*index].get(&cell).is_some_and(|step| step.personer * sign > 0);
        let mut found: Vec<usize> = (0..shifts.len()).filter(moves).collect();
        // Small ones get less into each other's way.
        found.sort_by_key(|&index| (shifts[index].len(), index));
        found.truncate(COMBINED_MAX);
        let best = |cell: usize| {
            let best = self.choice.witnesses.best[cell];
            if sign > 0 { best.1 } else { best.0 }
        };
        let mut starts = vec![None];
        starts.extend(best(cell).map(Some));
        starts.extend(self.graph.near(cell).into_iter().filter_map(best).filter(|index| moves(index)).map(Some));
        starts.truncate(STARTS_MAX);
        for start in starts {
            let mut sum = start.map_or_else(Shift::new, |index| self.choice.witnesses.shifts[index].clone());
            for &index in &found {
                if self.reached(cell, sign) >= goal {
                    return;
                }
                let before = sum.clone();
                for (&moved, step) in &self.choice.witnesses.shifts[index] {
                    let total = sum.entry(moved).or_default();
                    total.deltaganden += step.deltaganden;
                    total.personer += step.personer;
                }
                if !self.witness(sum.clone()) {
                    sum = before;
                }
            }
        }
    }

    fn reached(&self, cell: usize, sign: i64) -> i64 {
        let (low, high) = self.choice.witnesses.persons(cell);
        if sign > 0 { high } else { -low }
    }

    /// Tables to start from: the true one, the one that takes the cell furthest, and those in which its
    /// neighbours have most to give.
    fn bases(&self, cell: usize, sign: i64) -> Vec<Option<usize>> {
        let best = &self.choice.witnesses.best;
        let own = if sign > 0 { best[cell].1 } else { best[cell].0 };
        let mut bases = vec![None];
        bases.extend(own.map(Some));
        if sign > 0 {
            let near = self.graph.near(cell);
            let mut ranked: Vec<(i64, usize)> = near
                .into_iter()
                .filter_map(|other| Some((-self.choice.witnesses.persons(other).1, best[other].1?)))
                .collect();
            ranked.sort_unstable();
            ranked.dedup();
            bases.extend(ranked.into_iter().take(BASES_MAX).map(|(_, index)| Some(index)));
        }
        bases
    }

    fn stretch_from(&mut self, start: Shift, cell: usize, sign: i64, goal: i64) {
        let mut shift = start;
        loop {
            let base: Moved = shift.iter().map(|(&cell, step)| (cell, step.personer)).collect();
            let left = goal - base.get(&cell).map_or(0, |by| by * sign);
            if left <= 0 {
                return;
            }
            let found = [left, (left + 1) / 2, 1].into_iter().find_map(|step| {
                let walk = Walk { along: step, back: 0 };
                let circuit = self.graph.circuit((cell, sign), walk, &base, self.means.bounds)?;
                Some((circuit, step))
            });
            let Some((circuit, step)) = found else { return };
            self.take(&circuit);
            for &(moved, by) in &circuit {
                let total = shift.entry(moved).or_default();
                *total = Step { deltaganden: total.deltaganden + by * step, personer: total.personer + by * step };
            }
            if !self.witness(shift.clone()) {
                return;
            }
        }
    }

    /// As far as integer programs take the cell.
    fn solve(&mut self, aim: Aim) {
        if self.programs_left == 0 {
            return;
        }
        self.programs_left -= 1;
        let cells = self.blocks.around(&self.graph, aim.cell, self.means.program_cells);
        if let Some(shift) = neighbourhood::move_alike(&self.graph, &cells, aim) {
            self.witness(shift);
        }
        if self.reached(aim.cell, aim.sign) < aim.goal
            && let Some(shift) = neighbourhood::move_apart(self.system, &self.of_cell, &cells, aim)
        {
            self.witness(shift);
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

    pub(super) fn is_satisfied(&self, cell: usize) -> bool {
        self.choice.witnesses.satisfies(cell, need(&self.system.cells[cell], self.choice.status[cell]))
    }

    /// Keeps a shift if it is a witness; says whether it is.
    pub(super) fn witness(&mut self, shift: Shift) -> bool {
        // The search is trusted with nothing: what is not a witness of the system as declared is dropped.
        let is = self.checker.is_witness(&self.choice.status, &shift);
        if is {
            self.choice.witnesses.add(shift);
        }
        is
    }
}
