//! Where no circuit is found: a small integer program over the withheld cells around one cell, the rest of
//! the country held at its true values. What it finds is a witness like any other; what it does not find may
//! still exist.

use super::graph::{Graph, SHORT_MAX};
use super::system::{Sense, Shift, Step, System, Unit};
use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, Variable};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How far any one cell may move, in persons: more is never needed.
const MOVE_MAX: i64 = 40;
/// Branches of one program.
const NODES_MAX: u64 = 50;

/// The withheld cells in blocks that short lines hold together.
#[derive(Debug, Default)]
pub struct Blocks {
    of_cell: BTreeMap<usize, usize>,
    members: Vec<Vec<usize>>,
}

impl Blocks {
    pub fn new(graph: &Graph) -> Blocks {
        let mut blocks = Blocks::default();
        for cell in (0..graph.cell_count()).filter(|&cell| graph.is_free(cell)) {
            if blocks.of_cell.contains_key(&cell) {
                continue;
            }
            let number = blocks.members.len();
            let (mut members, mut waiting) = (Vec::new(), vec![cell]);
            while let Some(next) = waiting.pop() {
                if blocks.of_cell.insert(next, number).is_some() {
                    continue;
                }
                members.push(next);
                for &(line, _) in graph.equalities_of(next) {
                    let terms = graph.terms(line);
                    if terms.len() <= SHORT_MAX {
                        let others = terms.iter().map(|t| t.0);
                        waiting.extend(others.filter(|o| graph.is_free(*o) && !blocks.of_cell.contains_key(o)));
                    }
                }
            }
            blocks.members.push(members);
        }
        blocks
    }

    /// The cells of a cell's own block and of the blocks that can give way to it: those that have something of
    /// the same kind first, then those that share most long lines with it; about `cells_max` in all.
    pub fn around(&self, graph: &Graph, cell: usize, cells_max: usize) -> BTreeSet<usize> {
        let Some(&own) = self.of_cell.get(&cell) else { return BTreeSet::new() };
        let mut shared: BTreeMap<usize, i64> = BTreeMap::new();
        for &member in &self.members[own] {
            for &(line, factor) in graph.equalities_of(member) {
                for &(other, far) in graph.terms(line) {
                    let Some(&block) = self.of_cell.get(&other).filter(|block| **block != own) else { continue };
                    // The line's whole can always move with its part; other parts only as far as they have room.
                    let room = if far == factor { graph.room(other).min(4) } else { 1000 };
                    let use_of = if member == cell { room * 10_000 } else { room };
                    *shared.entry(block).or_default() += use_of;
                }
            }
        }
        let mut ranked: Vec<(Reverse<i64>, usize)> = shared.into_iter().map(|(b, s)| (Reverse(s), b)).collect();
        ranked.sort_unstable();
        let mut cells: BTreeSet<usize> = self.members[own].iter().copied().collect();
        for (_, block) in ranked.into_iter() {
            if cells.len() + self.members[block].len() > cells_max {
                break;
            }
            cells.extend(&self.members[block]);
        }
        cells
    }
}

/// The cell to be moved, up (+1) or down (−1), and how far in persons.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    pub cell: usize,
    pub sign: i64,
    pub goal: i64,
}

/// A witness that takes a cell as far as it can go towards the goal, both measures of every cell alike.
pub fn move_alike(graph: &Graph, cells: &BTreeSet<usize>, aim: Aim) -> Option<Shift> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let mut variables: BTreeMap<usize, Variable> = BTreeMap::new();
    for &member in cells {
        let (mut low, mut high) = (-graph.room(member).min(MOVE_MAX), graph.rise(member).min(MOVE_MAX));
        if member == aim.cell {
            (low, high) = if aim.sign > 0 { (0, aim.goal) } else { (low.max(-aim.goal), 0) };
        }
        let weight = if member == aim.cell { aim.sign as f64 } else { 0.0 };
        variables.insert(member, problem.add_var(weight, (low as f64, high as f64)));
    }
    let lines: BTreeSet<usize> = cells.iter().flat_map(|&c| graph.lines_of(c)).collect();
    for line in lines {
        let known = graph.terms(line).iter().filter_map(|(c, factor)| Some((*variables.get(c)?, *factor as f64)));
        let terms: Vec<(Variable, f64)> = known.collect();
        match graph.slack(line) {
            None => problem.add_constraint(terms, ComparisonOp::Eq, 0.0),
            Some(slack) => problem.add_constraint(terms, ComparisonOp::Le, slack as f64),
        }
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    let steps =
        variables.iter().map(|(&cell, &variable)| Some((cell, Step::both(whole(solution.var_value(variable))?))));
    steps.filter(|step| !matches!(step, Some((_, step)) if *step == Step::default())).collect()
}

/// The whole number that a value is but for rounding.
fn whole(value: f64) -> Option<i64> {
    let rounded = value.round();
    ((value - rounded).abs() < 1e-6).then_some(rounded as i64)
}

/// As [`move_alike`], where the two measures may go their own ways: dearer, and needed only where somebody
/// with several deltaganden binds them.
pub fn move_apart(system: &System, of_cell: &[Vec<usize>], cells: &BTreeSet<usize>, aim: Aim) -> Option<Shift> {
    let Aim { cell, sign, goal } = aim;
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let mut variables: BTreeMap<(usize, Unit), Variable> = BTreeMap::new();
    for &member in cells {
        let held = &system.cells[member];
        for unit in [Unit::Deltaganden, Unit::Personer] {
            // A cell that has someone keeps one: what the solver must not do is leave one measure without the other.
            let stays = i64::from(!held.is_free && held.personer > 0 && member != cell);
            let fall = held.value(unit).saturating_sub(held.range.0) - stays;
            let (mut low, mut high) = (-fall.clamp(0, MOVE_MAX), (held.range.1 - held.value(unit)).min(MOVE_MAX));
            if (member, unit) == (cell, Unit::Personer) {
                (low, high) = if sign > 0 { (0, goal) } else { (low.max(-goal), 0) };
            }
            let aim = if member == cell { sign as f64 } else { 0.0 };
            variables.insert(
                (member, unit),
                problem.add_integer_var(aim, (i32::try_from(low).ok()?, i32::try_from(high).ok()?)),
            );
        }
        if !held.is_free {
            let pair = [(variables[&(member, Unit::Personer)], 1.0), (variables[&(member, Unit::Deltaganden)], -1.0)];
            problem.add_constraint(pair, ComparisonOp::Le, (held.deltaganden - held.personer) as f64);
        }
    }
    let relations: BTreeSet<usize> = cells.iter().flat_map(|&c| of_cell[c].iter().copied()).collect();
    for relation in relations.into_iter().map(|index| &system.relations[index]) {
        let known = relation.terms.iter().filter_map(|t| Some((*variables.get(&(t.cell, t.unit))?, t.factor as f64)));
        let terms: Vec<(Variable, f64)> = known.collect();
        let sum: i64 = relation.terms.iter().map(|t| t.factor * system.cells[t.cell].value(t.unit)).sum();
        match relation.sense {
            Sense::Equal => problem.add_constraint(terms, ComparisonOp::Eq, 0.0),
            Sense::AtMost => problem.add_constraint(terms, ComparisonOp::Le, -sum as f64),
        }
    }
    let mut options = SolveOptions::default();
    options.node_limit = Some(NODES_MAX);
    let solution = problem.solve_with(options).ok()?.into_solution().ok()?;
    let mut shift = Shift::new();
    for (&(member, unit), &variable) in &variables {
        let value = whole(solution.var_value(variable))?;
        let step = shift.entry(member).or_default();
        match unit {
            Unit::Deltaganden => step.deltaganden = value,
            Unit::Personer => step.personer = value,
        }
    }
    shift.retain(|_, step| *step != Step::default());
    Some(shift)
}
