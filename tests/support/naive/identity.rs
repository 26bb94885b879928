//! Who had which number when, by walking the changes one at a time.

use super::calendar::Day;
use crate::support::world::{Change, Person};
use std::collections::BTreeSet;

/// A number in the hands of one person.
#[derive(Clone, Debug)]
pub struct Holding {
    pub number: usize,
    pub order: i32,
    pub from: Option<Day>,
    pub till: Option<Day>,
    /// The number that it was exchanged for, and when.
    next: Option<(usize, Day)>,
    pub person: usize,
    pub link: &'static str,
}

impl Holding {
    fn on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.till.is_none_or(|till| day < till)
    }
}

/// The person who had the number on the day; none where nobody is known to have had it.
pub fn who(holdings: &[Holding], number: usize, day: Day) -> Option<usize> {
    holdings.iter().find(|holding| holding.number == number && holding.on(day)).map(|holding| holding.person)
}

pub fn holdings(person: &Person) -> Vec<Holding> {
    let changes = linking(person);
    let mut known: BTreeSet<usize> = person.versions.iter().map(|version| version.number).collect();
    known.extend(person.participations.iter().filter(|part| !part.anonymous).map(|part| part.number));
    known.extend(person.changes.iter().flat_map(|change| [change.old, change.new]));
    let mut found: Vec<Holding> = known.iter().flat_map(|number| of_number(person, &changes, *number)).collect();
    for at in 0..found.len() {
        (found[at].person, found[at].link) = follow(&found, at);
    }
    found
}

/// Changes that keep the person, each pair of numbers once, with its last day.
///
/// What was ever called a false identity, or stands in folkbokföring as annulled or false, links nobody.
fn linking(person: &Person) -> Vec<Change> {
    let struck = |number: usize| {
        person.versions.iter().any(|version| version.number == number && matches!(version.code, Some("AS" | "FI")))
    };
    let mut kept: Vec<Change> = Vec::new();
    for change in person.changes.iter().filter(|change| change.old != change.new) {
        let pair = |other: &Change| (other.old, other.new) == (change.old, change.new);
        if struck(change.old) || struck(change.new) || person.changes.iter().any(|c| pair(c) && c.code == "FI") {
            continue;
        }
        match kept.iter_mut().find(|other| pair(other)) {
            Some(other) => other.day = other.day.max(change.day),
            None => kept.push(change.clone()),
        }
    }
    kept.sort_by_key(|change| (change.day, change.new));
    kept
}

fn of_number(person: &Person, changes: &[Change], number: usize) -> Vec<Holding> {
    let given_up: Vec<&Change> = changes.iter().filter(|change| change.old == number).collect();
    let mut found = Vec::new();
    let mut from = None;
    let blank = Holding { number, order: 1, from: None, till: None, next: None, person: number, link: "" };
    for change in &given_up {
        let order = found.len() as i32 + 1;
        found.push(Holding {
            order,
            from,
            till: Some(change.day),
            next: Some((change.new, change.day)),
            ..blank.clone()
        });
        from = Some(change.day);
    }
    let anew = |last: Day| {
        let alive = |code: Option<&str>| code != Some("GN") && code != Some("GS");
        person.versions.iter().any(|v| v.number == number && v.from >= last && alive(v.code))
    };
    match from {
        None => found.push(blank),
        Some(last) if anew(last) && !comes_back(changes, number) => {
            found.push(Holding { order: found.len() as i32 + 1, from, ..blank });
        }
        // Nobody else had it, so the last one may keep it.
        Some(_) => {
            if let Some(holding) = found.last_mut() {
                holding.till = None;
            }
        }
    }
    found
}

/// Whether the changes lead from the number back to it.
fn comes_back(changes: &[Change], number: usize) -> bool {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![number];
    while let Some(next) = waiting.pop() {
        for change in changes.iter().filter(|change| change.old == next) {
            if reached.insert(change.new) {
                waiting.push(change.new);
            }
        }
    }
    reached.contains(&number)
}

/// The person at the end of the chain, and what kind of link leads there.
fn follow(holdings: &[Holding], start: usize) -> (usize, &'static str) {
    let step = |at: usize| {
        let (number, day) = holdings[at].next?;
        holdings.iter().position(|holding| holding.number == number && holding.on(day))
    };
    let mut path = vec![start];
    let mut person = holdings[start].number;
    let mut circle = false;
    while let Some(next) = path.last().and_then(|at| step(*at)) {
        if let Some(first) = path.iter().position(|at| *at == next) {
            // The newest change of the circle names the person.
            let newest =
                path[first..].iter().filter_map(|at| holdings[*at].next).max_by_key(|(number, day)| (*day, *number));
            person = newest.map_or(person, |(number, _)| number);
            circle = first == 0;
            break;
        }
        path.push(next);
        person = holdings[next].number;
    }
    let holding = &holdings[start];
    let link = match (circle, holding.from.is_some() || holding.till.is_some(), holding.next.is_some()) {
        (true, ..) => "cykel",
        (_, true, _) => "ateranvant",
        (.., true) => "tidigare",
        _ => "gallande",
    };
    (person, link)
}
