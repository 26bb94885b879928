//! One linear program for many cells: the table nearest to the true one in which all of them are as far from it as they
//! must be held possible.
//!
//! Published cells may move at a cost, so that the program also says which of them to withhold. Tables of counts have
//! whole-number corners nearly everywhere: where a corner has others the cells around them are moved once more, in
//! whole numbers. A cell that is left over is moved alone, and then in whole numbers only.

use super::graph::{Graph, rise, room};
use super::system::{Cell, Sense, Shift, Step, System, Term, Unit};
use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, SolveOptions, Variable};
use std::collections::BTreeMap;

/// How far any cell may move, in persons: more is never needed.
const MOVE_MAX: i64 = 1000;
/// Inequalities with more room than this are put in when a table breaks them.
const FAR: i64 = 60;
/// How often broken inequalities are put in.
const ATTEMPTS_MAX: usize = 30;
/// Gain per person towards a goal: more than any way to get there costs.
const GAIN: f64 = 1_000_000.0;
/// Of a goal's deltaganden, where they move by themselves: persons come first.
const GAIN_DELTAGANDEN: f64 = 10_000.0;
/// Cost per person of a cell that is withheld already: near tables before far ones.
const COST_WITHHELD: f64 = 0.01;
/// Nodes of the search for whole numbers where one cell is moved alone.
const NODES_MAX: u64 = 200;
/// How far from the cheapest table that search may stop: of a goal's gain, less than one person.
const GAP: f64 = 0.001;
/// Cells that are moved in whole numbers where not all are.
const NEAR_MAX: usize = 1500;
/// What the solver's rounding may amount to.
const TOLERANCE: f64 = 1e-6;

/// Cells to be moved, up or down, and how far in persons.
pub type Goals = BTreeMap<usize, i64>;

/// A relation as the program sees it.
#[derive(Debug)]
struct Row {
    terms: Vec<Term>,
    /// How much the sum may grow; none for an equality.
    slack: Option<i64>,
    is_in: bool,
}

impl Row {
    /// How much a table adds to the sum.
    fn by(&self, shift: &Shift) -> i64 {
        let by = |term: &Term| term.factor * shift.get(&term.cell).map_or(0, |step| step.of(term.unit));
        self.terms.iter().map(by).sum()
    }
}

/// The relations of a system, put in as they are needed.
#[derive(Debug)]
pub(super) struct Program<'a> {
    system: &'a System,
    rows: Vec<Row>,
    /// Whether the two measures of a cell move by themselves.
    is_apart: bool,
    /// How often costs have been varied.
    turns: usize,
    /// Where not all cells may move.
    region: Option<Region>,
}

/// The cells that may move, and how far the others are moved for good.
#[derive(Debug)]
struct Region {
    may_move: Vec<bool>,
    moved: Shift,
}

/// What a program came to.
struct Corner {
    shift: Shift,
    /// Cells that it moves by no whole number.
    between: Vec<usize>,
}

/// One way in which a cell may move, and what it does to its measures.
struct Way {
    variable: Variable,
    deltaganden: f64,
    personer: f64,
}

impl Way {
    fn of(&self, unit: Unit) -> f64 {
        match unit {
            Unit::Deltaganden => self.deltaganden,
            Unit::Personer => self.personer,
        }
    }
}

impl<'a> Program<'a> {
    /// Both measures of every cell move alike: half the size, and enough for nearly every cell.
    pub fn alike(system: &'a System, graph: &Graph) -> Program<'a> {
        let term = |(cell, factor): (usize, i64)| Term { cell, unit: Unit::Personer, factor };
        let row = |line: usize| Row {
            terms: graph.terms.of(line).map(term).collect(),
            slack: graph.slack(line),
            is_in: graph.slack(line).is_none_or(|slack| slack < FAR),
        };
        Program { system, rows: (0..graph.line_count()).map(row).collect(), is_apart: false, turns: 0, region: None }
    }

    /// Where somebody has several deltaganden the measures move by themselves.
    pub fn apart(system: &'a System) -> Program<'a> {
        let rows = system.relations.iter().map(|relation| {
            let sum: i64 = relation.terms.iter().map(|t| t.factor * system.cells[t.cell].value(t.unit)).sum();
            let slack = (relation.sense == Sense::AtMost).then_some(-sum);
            let mut terms = relation.terms.clone();
            terms.sort_by_key(|term| (term.cell, term.unit));
            Row { terms, slack, is_in: slack.is_none_or(|slack| slack < FAR) }
        });
        Program { system, rows: rows.collect(), is_apart: true, turns: 0, region: None }
    }

    /// Varies the costs, the same way each time: another corner may have the whole numbers that the last one lacked.
    pub fn turn(&mut self) {
        self.turns += 1;
    }

    fn cost(&self, graph: &Graph, cell: usize) -> f64 {
        let cost = if graph.is_free(cell) { COST_WITHHELD } else { (graph.weight(cell) as f64).sqrt() };
        let varied = (cell + 1).wrapping_mul(2_654_435_761).wrapping_mul(2 * self.turns + 1) >> 7;
        if self.turns == 0 { cost } else { cost * (1.0 + (varied % 1024) as f64 / 256.0) }
    }

    /// The table that takes the cells as far towards their goals as it can, and that moves as little as can be of what
    /// is published; none where the solver fails. Published cells dearer than `dearest` stand still.
    ///
    /// Where a corner is no whole table, what is whole of it stands, and the cells around the others are moved anew, in
    /// whole numbers.
    pub fn reach(&mut self, graph: &Graph, goals: &Goals, dearest: i64) -> Option<Shift> {
        let mut corner = self.solve(graph, goals, dearest)?;
        if !corner.between.is_empty() && goals.len() > 1 {
            let may_move = graph.near(&corner.between, NEAR_MAX);
            let moved = corner.shift.iter().filter(|(cell, _)| !may_move[**cell]).map(|(&c, &step)| (c, step));
            let region = Region { moved: moved.collect(), may_move };
            corner = self.solve_within(region, graph, goals, dearest).unwrap_or(corner);
        }
        Some(corner.shift)
    }

    /// One cell alone, in whole numbers, through the cells around it first.
    pub fn reach_alone(&mut self, graph: &Graph, (cell, goal): (usize, i64), dearest: i64) -> Option<Shift> {
        let goals = Goals::from([(cell, goal)]);
        let region = Region { may_move: graph.near(&[cell], NEAR_MAX), moved: Shift::new() };
        let close = self.solve_within(region, graph, &goals, dearest).map(|corner| corner.shift);
        let reached = |shift: &Option<Shift>| {
            shift.as_ref().and_then(|shift| shift.get(&cell)).map_or(0, |step| step.personer * goal.signum())
        };
        if reached(&close) >= goal.abs() {
            return close;
        }
        let wide = self.reach(graph, &goals, dearest);
        if reached(&wide) > reached(&close) { wide } else { close }
    }

    /// Through some cells only, in whole numbers.
    fn solve_within(&mut self, region: Region, graph: &Graph, goals: &Goals, dearest: i64) -> Option<Corner> {
        self.region = Some(region);
        let corner = self.solve(graph, goals, dearest);
        self.region = None;
        corner
    }

    /// Puts in inequalities until none is broken.
    fn solve(&mut self, graph: &Graph, goals: &Goals, dearest: i64) -> Option<Corner> {
        for _ in 0..ATTEMPTS_MAX {
            let corner = self.solve_once(graph, goals, dearest)?;
            if !self.put_in_broken(&corner.shift) {
                return Some(corner);
            }
        }
        None
    }

    fn solve_once(&self, graph: &Graph, goals: &Goals, dearest: i64) -> Option<Corner> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut ways: Vec<Vec<Way>> = Vec::with_capacity(graph.cell_count());
        for cell in 0..graph.cell_count() {
            let is_far = self.region.as_ref().is_some_and(|region| !region.may_move[cell]);
            let stands = is_far || graph.is_known(cell) || (!graph.is_free(cell) && graph.weight(cell) > dearest);
            ways.push(if stands { Vec::new() } else { self.ways(&mut problem, graph, cell, goals) });
        }
        let nowhere = Shift::new();
        let before = self.region.as_ref().map_or(&nowhere, |region| &region.moved);
        for row in self.rows.iter().filter(|row| row.is_in) {
            let terms = factors(row, &ways);
            let moved = row.by(before) as f64;
            match row.slack {
                _ if terms.is_empty() => {}
                None => problem.add_constraint(terms, ComparisonOp::Eq, -moved),
                Some(slack) => problem.add_constraint(terms, ComparisonOp::Le, slack as f64 - moved),
            }
        }
        let mut options = SolveOptions::default();
        // Nodes, not seconds: the same table always gives the same pattern.
        options.node_limit = Some(NODES_MAX);
        options.mip_gap = GAP;
        let solution = problem.solve_with(options).ok()?.into_solution().ok()?;
        let mut corner = Corner { shift: before.clone(), between: Vec::new() };
        for (cell, ways) in ways.iter().enumerate() {
            let (step, is_whole) = moved(&solution, ways);
            corner.between.extend((!is_whole).then_some(cell));
            corner.shift.extend((step != Step::default()).then_some((cell, step)));
        }
        Some(corner)
    }

    /// How a cell may move: towards its goal first, else either way.
    fn ways(&self, problem: &mut Problem, graph: &Graph, cell: usize, goals: &Goals) -> Vec<Way> {
        let goal = goals.get(&cell);
        let held = &self.system.cells[cell];
        let cost = self.cost(graph, cell);
        // What holds both measures may be more than what holds one.
        let (fall, rise) = if self.is_apart { (room(held), rise(held)) } else { (graph.room(cell), graph.rise(cell)) };
        let (fall, rise) = (fall.min(MOVE_MAX), rise.min(MOVE_MAX));
        let is_apart = self.is_apart && (held.is_free || held.deltaganden > held.personer);
        let mut ways = Vec::new();
        let is_whole = self.is_whole(goals);
        let mut add = |ways: &mut Vec<Way>, cost: f64, most: i64, (deltaganden, personer): (f64, f64)| {
            if most > 0 {
                let variable = number(problem, is_whole, cost, most);
                ways.push(Way { variable, deltaganden, personer });
            }
        };
        for (sign, most) in [(1.0, rise), (-1.0, fall)] {
            // There and back again would be a gain without a move.
            if goal.is_some_and(|goal| (*goal > 0) != (sign > 0.0)) {
                continue;
            }
            let towards = goal.map_or(0, |goal| goal.abs());
            let near = towards.min(most);
            let both = if is_apart { (0.0, sign) } else { (sign, sign) };
            add(&mut ways, -GAIN, near, both);
            add(&mut ways, cost, most - near, both);
            if is_apart {
                let most = if sign > 0.0 || held.is_free { MOVE_MAX } else { held.deltaganden.min(MOVE_MAX) };
                let near = towards.min(most);
                add(&mut ways, -GAIN_DELTAGANDEN, near, (sign, 0.0));
                add(&mut ways, cost, most - near, (sign, 0.0));
            }
        }
        if is_apart && !held.is_free {
            hold_together(problem, held, cost, (goals.get(&cell), is_whole), &mut ways);
        }
        ways
    }

    /// Whether cells are moved in whole numbers only, which few of them can be in good time.
    fn is_whole(&self, goals: &Goals) -> bool {
        goals.len() == 1 || self.region.is_some()
    }

    /// Puts in what a table breaks; says whether there was any.
    fn put_in_broken(&mut self, shift: &Shift) -> bool {
        let mut found = false;
        for row in self.rows.iter_mut().filter(|row| !row.is_in) {
            if row.slack.is_some_and(|slack| row.by(shift) > slack) {
                row.is_in = true;
                found = true;
            }
        }
        found
    }
}

/// A number from nought.
fn number(problem: &mut Problem, is_whole: bool, cost: f64, most: i64) -> Variable {
    match i32::try_from(most) {
        Ok(most) if is_whole => problem.add_integer_var(cost, (0, most)),
        _ => problem.add_var(cost, (0.0, most as f64)),
    }
}

/// Persons are at most deltaganden, and nobody is left where no deltagande is: a cell is emptied of both or keeps one.
fn hold_together(
    problem: &mut Problem,
    held: &Cell,
    cost: f64,
    (goal, is_whole): (Option<&i64>, bool),
    ways: &mut Vec<Way>,
) {
    if held.personer > 0 && goal.is_none_or(|goal| *goal < 0) {
        let (deltaganden, personer) = (held.deltaganden as f64, held.personer as f64);
        let gain = goal.map_or(0.0, |goal| GAIN * goal.abs().min(held.personer) as f64);
        let emptied = number(problem, is_whole, cost * personer - gain, 1);
        let most = MOVE_MAX as f64;
        // What is emptied neither falls by itself nor rises again.
        for (unit, sign, most) in [
            (Unit::Deltaganden, -1.0, deltaganden - 1.0),
            (Unit::Personer, -1.0, personer - 1.0),
            (Unit::Deltaganden, 1.0, most),
            (Unit::Personer, 1.0, most),
        ] {
            let moves = ways.iter().filter(|way| way.of(unit) * sign > 0.0).map(|way| (way.variable, 1.0));
            problem.add_constraint(moves.chain([(emptied, most)]).collect::<Vec<_>>(), ComparisonOp::Le, most);
        }
        ways.push(Way { variable: emptied, deltaganden: -deltaganden, personer: -personer });
    }
    let pair: Vec<(Variable, f64)> =
        ways.iter().map(|way| (way.variable, way.personer - way.deltaganden)).filter(|pair| pair.1 != 0.0).collect();
    problem.add_constraint(pair, ComparisonOp::Le, (held.deltaganden - held.personer) as f64);
}

/// What each way of a row's cells does to its sum.
fn factors(row: &Row, ways: &[Vec<Way>]) -> Vec<(Variable, f64)> {
    let mut factors: Vec<(Variable, f64)> = Vec::with_capacity(row.terms.len() * 2);
    for (at, term) in row.terms.iter().enumerate() {
        // A row may hold both measures of a cell, side by side.
        let pair = row.terms.get(at + 1).filter(|next| next.cell == term.cell);
        if at > 0 && row.terms[at - 1].cell == term.cell {
            continue;
        }
        for way in &ways[term.cell] {
            let of = |term: &Term| way.of(term.unit) * term.factor as f64;
            let factor = of(term) + pair.map_or(0.0, of);
            if factor != 0.0 {
                factors.push((way.variable, factor));
            }
        }
    }
    factors
}

/// How far a cell is moved, and whether in whole numbers; where not, the next one away from the truth, so that the cell
/// is withheld all the same.
fn moved(solution: &Solution, ways: &[Way]) -> (Step, bool) {
    let value = |way: &Way| solution.var_value(way.variable);
    let whole = |by: f64| (by.abs() - TOLERANCE).ceil().max(0.0).copysign(by) as i64;
    let of = |unit: Unit| whole(ways.iter().map(|way| way.of(unit) * value(way)).sum());
    let step = Step { deltaganden: of(Unit::Deltaganden), personer: of(Unit::Personer) };
    (step, ways.iter().all(|way| (value(way) - value(way).round()).abs() <= TOLERANCE))
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{Checker, Rule, Status};
    use super::super::system::Relation;
    use super::*;

    /// Three counts, every two of which have room for one person more, and their sum: half a person each is the corner.
    /// Beside them one that hangs together with nothing.
    #[test]
    fn what_no_corner_moves_is_moved_in_whole_numbers() {
        let mut cells: Vec<Cell> = [4, 4, 4, 12, 9, 4].map(|count| Cell::count(count, count, 5)).to_vec();
        cells[4].is_known = true;
        let sum = [(3, 1), (0, -1), (1, -1), (2, -1)];
        let mut relations = [Unit::Deltaganden, Unit::Personer].map(|u| Relation::new(Sense::Equal, u, sum)).to_vec();
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            relations.push(Relation::new(Sense::AtMost, Unit::Personer, [(a, 1), (b, 1), (4, -1)]));
        }
        let system = System::new(cells, relations).expect("the true counts keep it");
        let mut status = vec![Status::Primary(Rule::FewPersons); 6];
        status[4] = Status::Published;
        let mut graph = Graph::new(&system);
        (0..6).filter(|&cell| cell != 4).for_each(|cell| graph.free(cell));
        let is_witness = |shift: &Shift| Checker::new(&system).is_witness(&status, shift);
        for mut program in [Program::alike(&system, &graph), Program::apart(&system)] {
            let goals = Goals::from([(3, 2), (5, 1)]);
            let corner = program.solve(&graph, &goals, 0).expect("a corner");
            assert!(!corner.between.is_empty(), "the corner is whole, and the test says nothing: {:?}", corner.shift);
            let together = program.reach(&graph, &goals, 0).expect("a table");
            assert_eq!((together[&3].personer, together[&5].personer), (1, 1), "{together:?}");
            assert!(is_witness(&together));
            let alone = program.reach_alone(&graph, (3, 2), 0).expect("a table");
            assert_eq!(alone[&3].personer, 1, "{alone:?}");
            assert!(is_witness(&alone));
        }
    }
}
