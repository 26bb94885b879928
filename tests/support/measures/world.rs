//! A generated world for the measures: deliveries, and persons with what was derived of them before the measures.
//!
//! A person is drawn as small numbers (what proptest shrinks) and laid out as rows (what both sides read).

use super::super::naive::{Day, add_months, civil, day};
use super::drawn::{FIRST, FirstSusSeed, ParticipationSeed, Seed, SituationSeed};
use super::{COMPONENTS, POINTS, Point, STUDIES, WORK, measured, or};

/// A line of `core.leverans`.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub table: &'static str,
    pub from: Day,
    pub till: Day,
    pub extracted: Day,
    pub lag: i32,
    /// Not a delivery of corrections only.
    pub whole: bool,
    /// The day on which the list of people was drawn; none where the delivery holds everyone.
    pub listed: Option<Day>,
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub deliveries: Vec<Delivery>,
    pub sus_extracted: Day,
}

impl Settings {
    /// Whole deliveries of a table.
    pub fn of(&self, table: &str) -> Vec<&Delivery> {
        self.deliveries.iter().filter(|delivery| delivery.table == table && delivery.whole).collect()
    }

    /// The extraction that a participation stands in; the first SUS was extracted earlier.
    pub fn extracted(&self, part: &Participation) -> Day {
        if part.first_sus { self.sus_extracted - 300 } else { self.sus_extracted }
    }
}

/// The points that a situation is drawn for: the main ones, SUS's weeks and one that no measure may read.
pub const MEASURED: [&str; 9] = [
    "intag",
    "avslut",
    "sex_manader",
    "tolv_manader",
    "tjugofyra_manader",
    "trettiosex_manader",
    "direkt_fore",
    "direkt_efter",
    "avslut_plus_14",
];

/// What holds at a point, as komponent, status and läge say it.
#[derive(Clone, Debug)]
pub struct Situation {
    pub status: &'static str,
    /// ja, nej or okand, and extent, of each komponent.
    pub values: Vec<(&'static str, Option<i32>)>,
    level: Option<i32>,
    step: Option<i32>,
}

impl Situation {
    fn observed(&self) -> bool {
        self.status == "observerad"
    }

    /// A komponent's value as läge shows it.
    pub fn value(&self, component: usize) -> &'static str {
        if self.observed() { self.values[component].0 } else { "okand" }
    }

    pub fn work_or_studies(&self) -> &'static str {
        or(self.value(WORK), self.value(STUDIES))
    }

    /// Inkomstnivå.
    pub fn level(&self) -> Option<i32> {
        match self.value(WORK) {
            "ja" => self.level,
            "nej" => Some(0),
            _ => None,
        }
    }

    pub fn step(&self) -> Option<i32> {
        self.step.filter(|_| self.observed())
    }
}

/// A row of the first SUS.
#[derive(Clone, Debug)]
pub struct FirstSus {
    pub occupation: Option<usize>,
    pub percents: Vec<Option<i32>>,
}

#[derive(Clone, Debug)]
pub struct Participation {
    pub id: String,
    /// The id as SUS wrote it; the two eras may have used the same.
    pub raw: String,
    pub first_sus: bool,
    pub insats: u8,
    pub anonymous: bool,
    pub start: Day,
    pub end: Option<Day>,
    /// In the order of [`MEASURED`].
    pub situations: Vec<Situation>,
    pub ticks: [Option<Vec<usize>>; 2],
    pub occupations: [Vec<(usize, Option<i32>)>; 2],
    pub first: [Option<FirstSus>; 3],
}

impl Participation {
    pub fn at(&self, point: &str) -> &Situation {
        let at = MEASURED.iter().position(|code| *code == point).expect("a point with a situation");
        &self.situations[at]
    }
}

#[derive(Clone, Debug)]
pub struct Spell {
    pub component: usize,
    pub table: &'static str,
    pub from: Day,
    /// Exclusive; none where it is open.
    pub till: Option<Day>,
    pub extent: Option<i32>,
    pub extracted: Day,
}

/// A version of the person in folkbokföring.
#[derive(Clone, Debug)]
pub struct Version {
    pub from: Day,
    pub till: Option<Day>,
    /// Kind of departure, with its earliest and latest day.
    pub departure: Option<(&'static str, Day, Day)>,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub index: usize,
    pub participations: Vec<Participation>,
    pub spells: Vec<Spell>,
    pub versions: Vec<Version>,
}

/// Rows of a seed.
pub fn lay_out(index: usize, seed: &Seed, settings: &Settings) -> Person {
    let first = day(FIRST.0, FIRST.1, FIRST.2) + seed.first;
    let mut participations: Vec<Participation> = Vec::new();
    for (nr, drawn) in seed.participations.iter().enumerate() {
        let (start, end) = days(first, drawn, participations.last());
        let first_sus = drawn.first_sus == 0;
        // Where the one before is of the first SUS, the same id is used again.
        let again = participations.last().is_some_and(|before| before.first_sus && !first_sus);
        let raw = format!("V{index:06}{}", if again { nr - 1 } else { nr });
        let id = if first_sus { format!("sus1-{raw}") } else { raw.clone() };
        let registered = |one: &FirstSusSeed| {
            one.as_ref().map(|(occupation, percents)| FirstSus {
                occupation: occupation.map(usize::from),
                percents: percents.iter().map(|one| one.map(|n| [0, 25, 50, 75, 100][usize::from(n)])).collect(),
            })
        };
        let mut part = Participation {
            id,
            raw,
            first_sus,
            insats: drawn.insats,
            anonymous: drawn.anonymous == 0,
            start,
            end,
            situations: Vec::new(),
            ticks: drawn.ticks.clone().map(|ticks| ticks.map(|codes| once(codes.into_iter().map(usize::from)))),
            occupations: drawn.occupations.clone().map(occupations),
            first: [0, 1, 2].map(|nr| registered(&drawn.first[nr])),
        };
        part.situations = MEASURED.iter().zip(&drawn.situations).map(|(code, one)| observe(one, code, &part)).collect();
        participations.push(part);
    }
    let start = participations[0].start;
    Person { index, spells: spells(seed, start, settings), versions: versions(seed, start), participations }
}

fn days(first: Day, drawn: &ParticipationSeed, before: Option<&Participation>) -> (Day, Option<Day>) {
    let earlier = before.and_then(|part| part.end.map(|end| (end, drawn.start.1.rem_euclid(6) - 3)));
    let start = match (drawn.start.0, earlier) {
        (3, Some((end, days))) => end + days,
        (4, Some((end, days))) => add_months(end, 6) + days,
        (5, Some((end, days))) => add_months(end, 12) + days,
        _ => first + drawn.start.1,
    };
    let start = snap(start, drawn.snap.0);
    (start, drawn.length.map(|length| snap(start + length, drawn.snap.1).max(start)))
}

/// The last of the month, of August or of February, a few times.
fn snap(date: Day, how: u8) -> Day {
    let (year, month, _) = civil(date);
    let end = |year, month| add_months(day(year, month, 1), 1) - 1;
    match how {
        0 => end(year, month),
        1 => end(year, 8),
        2 => end(year - year % 4, 2),
        _ => date,
    }
}

/// Each once, in order.
fn once(drawn: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut found: Vec<usize> = drawn.collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn occupations(drawn: Vec<(u8, Option<u8>)>) -> Vec<(usize, Option<i32>)> {
    let mut found: Vec<(usize, Option<i32>)> =
        drawn.iter().map(|(code, extent)| (usize::from(*code), extent.map(|n| 25 * i32::from(n)))).collect();
    found.sort_unstable();
    found.dedup_by_key(|(code, _)| *code);
    found
}

fn observe(drawn: &SituationSeed, code: &str, part: &Participation) -> Situation {
    let point: &Point = POINTS.iter().find(|point| point.code == code).expect("a point");
    let day = measured(part, point);
    let rest = if drawn.rest == 0 || part.anonymous || day.is_none() { "okand" } else { "nej" };
    let mut values = vec![(rest, None); COMPONENTS.len()];
    for (component, value, extent) in &drawn.picks {
        // Work and studies are picked oftener: most measures ask for them.
        let component = match component {
            15..=18 => WORK,
            19.. => STUDIES,
            _ => usize::from(*component),
        };
        let extent = (COMPONENTS[component].extent).then(|| 250 * (1 + i32::from(*extent)));
        values[component] = match value {
            0 => ("okand", None),
            1 => ("nej", None),
            _ => ("ja", extent),
        };
    }
    let status = match (part.anonymous, day, drawn.status) {
        (true, ..) => "ej_kopplingsbar",
        (_, None, _) => "pagar",
        (_, _, 0) => "avliden",
        (_, _, 1) => "utvandrad",
        (_, _, 2) => "ej_mogen",
        (_, _, 3) => "tackning_saknas",
        _ => "observerad",
    };
    if part.anonymous || day.is_none() {
        values.fill(("okand", None));
    }
    let level = (drawn.level > 0).then(|| 1 + i32::from(drawn.level) % 4);
    Situation { status, values, level, step: drawn.step.map(i32::from) }
}

fn spells(seed: &Seed, start: Day, settings: &Settings) -> Vec<Spell> {
    let mut found = Vec::new();
    let mut lay = |from: Day, till: Day, component: u8, extent: u8, open: u8| {
        let component = usize::from(component);
        let tables = COMPONENTS[component].tables;
        let table = tables[usize::from(extent) % tables.len()];
        let deliveries = settings.of(table);
        // A row is in the delivery of its period; what begins after the extraction is not in it.
        let delivery = deliveries.iter().rfind(|one| one.from <= from).or(deliveries.first());
        let Some(extracted) = delivery.map(|one| one.extracted).filter(|day| from <= *day) else { return };
        let grades = [0, 250, 500, 500, 750, 1000, 1000, 1000];
        let extent = COMPONENTS[component].extent.then(|| grades[usize::from(extent)]);
        found.push(Spell { component, table, from, till: (open > 0).then_some(till), extent, extracted });
    };
    let mut next = start;
    for (months, gap, length, component, extent, open) in &seed.before {
        let till = if *months { add_months(next, -1) + gap % 3 } else { next - gap };
        lay(till - length, till, *component, *extent, *open);
        next = till - length;
    }
    for (after, length, component, extent, open) in &seed.anywhere {
        lay(start + after, start + after + length, *component, *extent, *open);
    }
    found.sort_by_key(|spell| (spell.component, spell.from, spell.till));
    found
}

fn versions(seed: &Seed, start: Day) -> Vec<Version> {
    let mut rows = vec![Version { from: day(1980, 1, 1), till: None, departure: None }];
    if let Some((after, precision, own, back)) = seed.emigration {
        depart(&mut rows, "utvandrad", start + after, precision, own);
        if let Some(days) = back {
            let last = rows.last_mut().expect("a version");
            last.till = own.then_some(start + after + days);
            rows.push(Version { from: start + after + days, till: None, departure: None });
        }
    }
    let since = rows.last().map_or(start, |row| row.from);
    if let Some((after, precision, own)) = seed.death.filter(|(after, ..)| start + after > since) {
        depart(&mut rows, "avliden", start + after, precision, own);
    }
    rows
}

/// The person leaves: as a version of its own, or noted on the last one.
fn depart(rows: &mut Vec<Version>, kind: &'static str, left: Day, precision: u8, own: bool) {
    let (year, month, _) = civil(left);
    let (earliest, latest) = match precision {
        0 => (day(year, 1, 1), day(year, 12, 31)),
        1 => (day(year, month, 1), add_months(day(year, month, 1), 1) - 1),
        _ => (left, left),
    };
    let departure = Some((kind, earliest, latest));
    let last = rows.last_mut().expect("a version");
    if own || last.departure.is_some() {
        last.till = last.till.or(Some(left));
        rows.push(Version { from: left, till: None, departure });
    } else {
        last.departure = departure;
    }
}
