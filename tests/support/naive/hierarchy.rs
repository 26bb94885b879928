//! The named hierarchies over the components of one point.

use super::codes::{Codes, Hierarchy};
use super::component::Found;
use super::window::Measured;

/// A group, its value, and the component that decided.
pub type Placed = (String, &'static str, Option<String>);

/// `found` is in the order of the components; `observed` tells whether the status is observerad.
pub fn place(
    codes: &Codes,
    hierarchy: &Hierarchy,
    found: &[Found],
    (observed, at): (bool, Option<Measured>),
) -> Vec<Placed> {
    let holds = at.is_some_and(|at| hierarchy.first_day.is_none_or(|first| first <= at.date));
    if !observed || !holds {
        return hierarchy.groups.iter().map(|group| (group.clone(), "okand", None)).collect();
    }
    match hierarchy.rule.as_str() {
        "flera" => hierarchy.groups.iter().map(|group| several(codes, hierarchy, found, group)).collect(),
        "forsta" => first(codes, hierarchy, found),
        _ => largest(codes, hierarchy, found),
    }
}

fn of<'a>(codes: &Codes, found: &'a [Found], component: &str) -> &'a Found {
    &found[codes.components.iter().position(|one| one.code == component).expect("a component of the list")]
}

/// The first member of the group with the value.
fn member(codes: &Codes, hierarchy: &Hierarchy, found: &[Found], group: &str, value: &str) -> Option<String> {
    let steps = hierarchy.steps.iter().filter(|(_, of_group)| of_group == group);
    let mut members = steps.map(|(component, _)| component);
    members.find(|component| of(codes, found, component).value == value).cloned()
}

fn several(codes: &Codes, hierarchy: &Hierarchy, found: &[Found], group: &str) -> Placed {
    for value in ["ja", "okand"] {
        if let Some(decided) = member(codes, hierarchy, found, group, value) {
            return (group.to_owned(), value, Some(decided));
        }
    }
    (group.to_owned(), "nej", None)
}

/// The first group that holds or may hold; what may hold leaves every later group open too.
fn first(codes: &Codes, hierarchy: &Hierarchy, found: &[Found]) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::new();
    let mut taken = false;
    let mut open: Option<String> = None;
    for group in &hierarchy.groups {
        let empty = !hierarchy.steps.iter().any(|(_, of_group)| of_group == group);
        let has = |value| member(codes, hierarchy, found, group, value);
        let (value, decided) = if taken {
            ("nej", None)
        } else if open.is_some() {
            ("okand", open.clone())
        } else if empty {
            ("ja", None)
        } else if let Some(component) = has("ja") {
            taken = true;
            ("ja", Some(component))
        } else if let Some(component) = has("okand") {
            open = Some(component.clone());
            ("okand", Some(component))
        } else {
            ("nej", None)
        };
        placed.push((group.clone(), value, decided));
    }
    placed
}

/// The largest extent; components without one come last, and equals in the order of the steps.
fn largest(codes: &Codes, hierarchy: &Hierarchy, found: &[Found]) -> Vec<Placed> {
    let mut winner: Option<(usize, Option<i32>)> = None;
    for (rank, (component, _)) in hierarchy.steps.iter().enumerate() {
        let one = of(codes, found, component);
        if one.value == "ja" && winner.is_none_or(|(_, extent)| one.extent.unwrap_or(-1) > extent.unwrap_or(-1)) {
            winner = Some((rank, one.extent));
        }
    }
    // What is not known may have any extent up to the whole, or none where the component has none.
    let rival = |(rank, (component, _)): &(usize, &(String, String))| {
        let with_extent = codes.component(component).with_extent;
        of(codes, found, component).value == "okand"
            && match winner {
                None => true,
                Some((best, Some(extent))) => with_extent && (extent < 1000 || (extent == 1000 && *rank < best)),
                Some((best, None)) => with_extent || *rank < best,
            }
    };
    let rivals: Vec<String> =
        hierarchy.steps.iter().enumerate().filter(rival).map(|(_, (component, _))| component.clone()).collect();
    let won = winner.map(|(rank, _)| hierarchy.steps[rank].0.clone());
    let value = |group: &String| {
        let step = hierarchy.steps.iter().find(|(_, of_group)| of_group == group).map(|(component, _)| component);
        let first = match step {
            Some(component) => won.as_ref() == Some(component),
            None => won.is_none(),
        };
        match (first, rivals.first()) {
            (true, None) => ("ja", won.clone()),
            (true, Some(decided)) => ("okand", Some(decided.clone())),
            (_, Some(decided)) if step.is_some_and(|component| rivals.contains(component)) => {
                ("okand", Some(decided.clone()))
            }
            _ => ("nej", None),
        }
    };
    hierarchy.groups.iter().map(|group| (group.clone(), value(group).0, value(group).1)).collect()
}
