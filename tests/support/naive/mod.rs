//! The meaning of försörjning a second time, as plain loops over one person's rows.
//!
//! Shares no code, calendar or query with `sql/`: it is there to disagree. Only figures of the code lists are read.

mod calendar;
mod cases;
mod codes;
mod component;
mod hierarchy;
mod identity;
mod life;
mod situation;
mod spells;
mod status;
mod window;

pub use calendar::{Day, add_months, civil, date, day, first_of_month, monday};
pub use codes::Codes;

use crate::support::world::{Person, Settings, uuid};
use identity::holdings;
use life::{Life, Part, described, parts};
use std::collections::{BTreeMap, BTreeSet};

/// Table and entity, and the rows about it.
pub type Rows = BTreeMap<String, Vec<String>>;

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

/// Everything that is decided about a drawn person, table by table.
pub fn decide(codes: &Codes, settings: &Settings, drawn: &Person, rows: &mut Rows) {
    let holdings = holdings(drawn);
    let mut add = |key: String, row: Vec<String>| rows.entry(key).or_default().push(row.join(" "));
    for one in &holdings {
        let dates = [one.from, one.till].map(|day| shown(day.map(date)));
        let [from, till] = dates;
        let person = uuid(drawn.index, one.person);
        let key = format!("person {}", uuid(drawn.index, one.number));
        add(key, vec![one.order.to_string(), from, till, person, one.link.to_owned()]);
    }
    let persons: BTreeSet<usize> = holdings.iter().map(|one| one.person).collect();
    let lives: Vec<Life> =
        persons.into_iter().map(|person| Life::new(codes, settings, drawn, &holdings, person)).collect();
    for life in &lives {
        tell(life, &mut add);
    }
    for part in parts(drawn, &holdings) {
        let life = part.person.and_then(|person| lives.iter().find(|life| life.person == person));
        let person = shown(part.person.map(|person| uuid(drawn.index, person)));
        let dates = [date(part.start), shown(part.end.map(date))].join(" ");
        let row = [&person, part.insats, part.forbund, &dates, &described(&part, life), part.era];
        add(format!("deltagande {}", part.id), row.map(str::to_owned).to_vec());
        for point in &codes.points {
            measure(codes, settings, (life, &part, &person, point), &mut add);
        }
    }
}

/// Spells, sjukfall and episodes of a person.
fn tell(life: &Life, add: &mut dyn FnMut(String, Vec<String>)) {
    let own = uuid(life.drawn.index, life.person);
    for s in &life.stretches {
        let head = [s.component.to_owned(), date(s.from), shown(s.till.map(date)), shown(s.extent), shown(s.days)];
        let tail = [s.grain.to_owned(), s.table.to_owned(), date(s.extracted)];
        add(format!("spell {own}"), [head.as_slice(), tail.as_slice()].concat());
    }
    for case in &life.cases {
        let head = [date(case.from), shown(case.till.map(date)), case.gross.to_string(), case.net.to_string()];
        let tail = [case.sick_pay.to_string(), date(case.extracted)];
        add(format!("sjukfall {own}"), [head.as_slice(), tail.as_slice()].concat());
    }
    for e in cases::episodes(life) {
        let head = [e.nr.to_string(), e.component.to_owned(), date(e.from), shown(e.till.map(date))];
        let tail = [shown(e.extent), e.spells.to_string()];
        add(format!("episod {own}"), [head.as_slice(), tail.as_slice()].concat());
    }
}

/// Everything about one deltagande at one point.
fn measure(
    codes: &Codes,
    settings: &Settings,
    (life, part, person, point): (Option<&Life>, &Part, &str, &codes::Point),
    add: &mut dyn FnMut(String, Vec<String>),
) {
    let at = window::measured(part, point);
    let key = |table: &str| format!("{table} {} {}", part.id, point.code);
    let days = [at.map(|at| at.date), at.map(|at| at.till), at.map(|at| at.month)].map(|day| shown(day.map(date)));
    add(key("matpunkt"), [&[person.to_owned()], days.as_slice()].concat());
    let mut told = BTreeSet::new();
    for source in &codes.sources {
        let (Some(life), Some(at)) = (life, at) else { continue };
        if settings.of(&source.table).is_empty() || !told.insert((&source.table, &source.measure)) {
            continue;
        }
        let w = window::window(settings, life, at, (&source.table, &source.measure, source.paid_after));
        let yes = |value: bool| if value { "J" } else { "N" }.to_owned();
        let head = [source.table.clone(), source.measure.clone(), person.to_owned(), date(w.from), date(w.till)];
        let tail = [shown(w.delivery.map(|d| date(d.extracted))), yes(w.in_population), yes(w.mature)];
        add(key("registerfonster"), [head.as_slice(), tail.as_slice()].concat());
    }
    let found = component::components(codes, settings, life, at);
    for (component, one) in codes.components.iter().zip(&found) {
        let head = [component.code.clone(), one.value.to_owned(), shown(one.reason), shown(one.extent)];
        add(key("komponent"), [head.as_slice(), &[shown(one.days), one.source.clone()]].concat());
    }
    let status = status::status(codes, settings, life, (part, point, at), &found);
    add(key("status"), vec![status.to_owned()]);
    let observed = status == "observerad";
    for hierarchy in &codes.hierarchies {
        for (group, value, decided) in hierarchy::place(codes, hierarchy, &found, (observed, at)) {
            add(key("hierarki"), vec![hierarchy.code.clone(), group, value.to_owned(), shown(decided)]);
        }
    }
    add(key("lage"), situation::situation(codes, &found, observed, at));
}
