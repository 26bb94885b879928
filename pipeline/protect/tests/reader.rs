//! A reader who computes: an independent look at a pattern, that shares no code with the audit.

use crate::protect::{Sense, Status, System, Unit};
use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};
use std::collections::BTreeMap;

/// Least and greatest value of a withheld count over everything that is shown, by linear programs over the whole
/// system at once.
pub fn bounds(system: &System, status: &[Status], cell: usize, unit: Unit) -> (f64, f64) {
    let solve = |direction| {
        let mut problem = Problem::new(direction);
        let mut counts: BTreeMap<(usize, Unit), Variable> = BTreeMap::new();
        for (index, held) in system.cells.iter().enumerate() {
            for measure in [Unit::Deltaganden, Unit::Personer] {
                let value = held.value(measure) as f64;
                let range = if status[index] == Status::Published { (value, value) } else { (0.0, 1e6) };
                let aim = f64::from(u8::from((index, measure) == (cell, unit)));
                counts.insert((index, measure), problem.add_var(aim, range));
            }
            let pair = [(counts[&(index, Unit::Personer)], 1.0), (counts[&(index, Unit::Deltaganden)], -1.0)];
            problem.add_constraint(pair, ComparisonOp::Le, 0.0);
        }
        for relation in &system.relations {
            let terms: Vec<(Variable, f64)> =
                relation.terms.iter().map(|t| (counts[&(t.cell, t.unit)], t.factor as f64)).collect();
            let operator = if relation.sense == Sense::Equal { ComparisonOp::Eq } else { ComparisonOp::Le };
            problem.add_constraint(terms, operator, 0.0);
        }
        let solution = problem.solve().expect("the true table is one").into_solution().expect("there is no limit");
        solution.var_value(counts[&(cell, unit)])
    };
    (solve(OptimizationDirection::Minimize), solve(OptimizationDirection::Maximize))
}

/// Least and greatest whole number of persons of every cell, by trying every table with counts up to `most` that
/// agrees with what is shown. For tables where deltaganden and persons are the same, and few cells are withheld.
pub fn enumerate(system: &System, status: &[Status], most: i64) -> Vec<(i64, i64)> {
    let withheld: Vec<usize> = (0..status.len()).filter(|&c| status[c] != Status::Published).collect();
    let mut values: Vec<i64> = system.cells.iter().map(|c| c.personer).collect();
    let mut found: Vec<(i64, i64)> = values.iter().map(|&v| (v, v)).collect();
    try_from(system, &withheld, &mut values, most, &mut found);
    found
}

fn try_from(system: &System, left: &[usize], values: &mut [i64], most: i64, found: &mut [(i64, i64)]) {
    let Some((&cell, rest)) = left.split_first() else {
        let sums = system.relations.iter().all(|r| r.terms.iter().map(|t| t.factor * values[t.cell]).sum::<i64>() == 0);
        if sums {
            for (reach, &value) in found.iter_mut().zip(values.iter()) {
                *reach = (reach.0.min(value), reach.1.max(value));
            }
        }
        return;
    };
    let own = values[cell];
    // A cell that stands alone in a relation with what is settled can only be one thing.
    let forced = system.relations.iter().find_map(|relation| {
        let open = relation.terms.iter().filter(|t| t.cell == cell || rest.contains(&t.cell)).count();
        let mine = relation.terms.iter().find(|t| t.cell == cell)?;
        let others: i64 = relation.terms.iter().filter(|t| t.cell != cell).map(|t| t.factor * values[t.cell]).sum();
        (open == 1).then_some(-others * mine.factor)
    });
    let candidates = match forced {
        Some(value) => value..=value,
        None => 0..=most,
    };
    for value in candidates.filter(|value| (0..=most).contains(value)) {
        values[cell] = value;
        try_from(system, rest, values, most, found);
    }
    values[cell] = own;
}
