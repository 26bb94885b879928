//! The reader's own arithmetic: least and greatest value of a withheld count, by linear programs over
//! everything that hangs together with it when published counts are put in as numbers.
//!
//! A linear program knows no whole numbers, and of "no person exactly when no deltagande" only half, so its
//! interval may be wider than the truth's; bounds are rounded inward. Witnesses come first for that reason.

use super::pattern::Status;
use super::system::{Cell, Relation, Sense, System, Unit};
use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};
use std::collections::{BTreeMap, BTreeSet};

/// Withheld cells in one program; larger components are not solved, and their cells count as unproven.
const CELLS_MAX: usize = 300;
/// What the solver's rounding may amount to.
const TOLERANCE: f64 = 1e-6;
/// Stands for a count without an upper bound.
const UNBOUNDED: i64 = 1_000_000_000;

/// Solves for bounds, one program a bound.
pub struct Solver<'a> {
    system: &'a System,
    status: &'a [Status],
    of_cell: Vec<Vec<usize>>,
    component_of: BTreeMap<usize, usize>,
    components: Vec<Vec<usize>>,
    /// Deltaganden and personer, or where all relations are over persons only these.
    units: &'static [Unit],
    pub solved: usize,
}

impl<'a> Solver<'a> {
    pub fn new(system: &'a System, status: &'a [Status]) -> Solver<'a> {
        let of_cell = Vec::new();
        let units: &[Unit] = if system.is_single() { &[Unit::Personer] } else { &[Unit::Deltaganden, Unit::Personer] };
        Solver { system, status, of_cell, component_of: BTreeMap::new(), components: Vec::new(), units, solved: 0 }
    }

    /// Components are found when the first program is asked for: mostly none is.
    fn prepare(&mut self) {
        if self.of_cell.is_empty() {
            self.of_cell = self.system.relations_of_cell();
            self.components = self.system.components(|cell| self.status[cell].unseen());
            for (index, component) in self.components.iter().enumerate() {
                self.component_of.extend(component.iter().map(|&cell| (cell, index)));
            }
        }
    }

    /// Least and greatest count that a reader can hold possible, rounded inward; none where the component is
    /// too large or the solver fails.
    pub fn bounds(&mut self, cell: usize, unit: Unit) -> Option<(i64, i64)> {
        self.prepare();
        let unit = if self.units.contains(&unit) { unit } else { Unit::Personer };
        let component = &self.components[*self.component_of.get(&cell)?];
        if component.len() > CELLS_MAX {
            return None;
        }
        let low = self.extreme(component, cell, unit, OptimizationDirection::Minimize)?;
        let high = self.extreme(component, cell, unit, OptimizationDirection::Maximize)?;
        self.solved += 2;
        Some(((low - TOLERANCE).ceil() as i64, (high + TOLERANCE).floor() as i64))
    }

    fn extreme(&self, component: &[usize], cell: usize, unit: Unit, direction: OptimizationDirection) -> Option<f64> {
        let mut problem = Problem::new(direction);
        let mut variables: BTreeMap<(usize, Unit), Variable> = BTreeMap::new();
        for &member in component {
            let Cell { range, is_free, .. } = self.system.cells[member];
            let bounds = (range.0.max(-UNBOUNDED) as f64, range.1.min(UNBOUNDED) as f64);
            for &measure in self.units {
                let aim = if (member, measure) == (cell, unit) { 1.0 } else { 0.0 };
                variables.insert((member, measure), problem.add_var(aim, bounds));
            }
            if !is_free && self.units.len() == 2 {
                let pair =
                    [(variables[&(member, Unit::Personer)], 1.0), (variables[&(member, Unit::Deltaganden)], -1.0)];
                problem.add_constraint(pair, ComparisonOp::Le, 0.0);
            }
        }
        let relations: BTreeSet<usize> = component.iter().flat_map(|&c| &self.of_cell[c]).copied().collect();
        for index in relations {
            self.constrain(&mut problem, &variables, &self.system.relations[index]);
        }
        let solution = problem.solve().ok()?.into_solution().ok()?;
        Some(solution.var_value(variables[&(cell, unit)]))
    }

    fn constrain(&self, problem: &mut Problem, variables: &BTreeMap<(usize, Unit), Variable>, relation: &Relation) {
        let mut terms = Vec::new();
        let mut known = 0;
        for term in &relation.terms {
            match variables.get(&(term.cell, term.unit)) {
                Some(&variable) => terms.push((variable, term.factor as f64)),
                None => known += term.factor * self.system.cells[term.cell].value(term.unit),
            }
        }
        let operator = match relation.sense {
            Sense::Equal => ComparisonOp::Eq,
            Sense::AtMost => ComparisonOp::Le,
        };
        problem.add_constraint(terms.as_slice(), operator, -(known as f64));
    }
}
