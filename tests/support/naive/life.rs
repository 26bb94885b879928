//! One person's rows, whatever number they were written on.

use super::calendar::{Day, add_months, civil, first_of_month};
use super::cases::{Case, cases};
use super::codes::Codes;
use super::identity::{Holding, who};
use super::spells::{self, Stretch};
use crate::support::world::{LATE, Pay, Person, Settings, Version};

/// A deltagande as it is counted.
#[derive(Clone, Debug)]
pub struct Part {
    pub id: String,
    pub person: Option<usize>,
    pub insats: &'static str,
    pub forbund: &'static str,
    pub start: Day,
    pub end: Option<Day>,
    pub era: &'static str,
}

/// Everything about one person.
pub struct Life<'a> {
    pub person: usize,
    pub drawn: &'a Person,
    pub holdings: &'a [Holding],
    /// In order; where they overlap the last one holds.
    pub versions: Vec<&'a Version>,
    pub pay: Vec<&'a Pay>,
    pub stretches: Vec<Stretch>,
    pub cases: Vec<Case>,
    /// First start of a deltagande.
    pub first_start: Option<Day>,
}

impl<'a> Life<'a> {
    pub fn new(codes: &Codes, settings: &Settings, drawn: &'a Person, holdings: &'a [Holding], person: usize) -> Self {
        let own = |number: usize, day: Day| who(holdings, number, day) == Some(person);
        let mut versions: Vec<&Version> = drawn.versions.iter().filter(|v| own(v.number, v.from) && holds(v)).collect();
        versions.sort_by_key(|version| (version.from, version.number == person));
        let pay = drawn.pay.iter().filter(|row| own(row.number, row.month)).collect();
        let starts = parts(drawn, holdings).into_iter().filter(|part| part.person == Some(person));
        let first_start = starts.map(|part| part.start).min();
        let mut life = Life { person, drawn, holdings, versions, pay, stretches: vec![], cases: vec![], first_start };
        life.stretches = spells::stretches(codes, settings, &life);
        life.cases = cases(codes, &life.stretches);
        life
    }

    pub fn own(&self, number: usize, day: Day) -> bool {
        who(self.holdings, number, day) == Some(self.person)
    }

    /// The first month in which the person may have been born.
    pub fn born(&self) -> Option<Day> {
        self.versions.first().map(|_| first_of_month(self.drawn.birth.0))
    }

    /// Kommuner where the person was registered some day of the stretch.
    pub fn homes(&self, from: Day, till: Day) -> Vec<i32> {
        let lived = |v: &&&Version| v.from < till && end_of(v).is_none_or(|end| end > from);
        self.versions.iter().filter(lived).filter_map(|version| version.kommun).collect()
    }
}

/// Everything that SUS counts as a deltagande, in either of its eras.
pub fn parts(drawn: &Person, holdings: &[Holding]) -> Vec<Part> {
    let mut found = Vec::new();
    for (nr, row) in drawn.participations.iter().enumerate().filter(|(_, row)| !row.misregistered) {
        let mut part = Part {
            id: row.id.clone(),
            person: None,
            insats: if nr == 1 { "I2" } else { "I1" },
            forbund: if nr == 1 { "F002" } else { "F001" },
            start: row.start,
            end: row.end,
            era: "nya_sus",
        };
        // The number is that of the start, or of the day on which the first row that there is was registered.
        let mut known = row.start;
        if let Some(occasions) = row.first_sus {
            let after_start = row.end.is_some() && (occasions.exit || occasions.half_year);
            part.id = format!("sus1-{}", row.id);
            (part.insats, part.forbund) = if nr % 2 == 1 { ("sus1-A1-1", "F004") } else { ("sus1-A1-0", "F003") };
            part.end = row.end.filter(|_| after_start);
            part.era = "sus1";
            // The row of the start may say a day after the end; the row of the end then knows better.
            let told = row.start + if occasions.late { LATE } else { 0 };
            part.start = if part.end.is_some_and(|end| end < told) { row.start } else { told };
            known = if occasions.start || !after_start { told } else { row.end.unwrap_or(told) };
        }
        part.person = if row.anonymous { None } else { who(holdings, row.number, known) };
        found.push(part);
    }
    found
}

/// The first day after a version, as it holds for the person; none while it is open.
pub fn end_of(version: &Version) -> Option<Day> {
    let end = version.to.map(|to| to + 1);
    match (version.code, version.earliest) {
        (Some("GN" | "GS"), Some(given_up)) => Some(end.map_or(given_up, |end| end.min(given_up))),
        _ => end,
    }
}

fn holds(version: &Version) -> bool {
    end_of(version).is_none_or(|end| version.from < end)
}

/// Person, sex, age, kommun and län at the start, as folkbokföring has them.
pub fn described(part: &Part, life: Option<&Life>) -> String {
    let Some(life) = life else { return "uppgift_saknas - - -".to_owned() };
    let valid = |v: &&&Version| v.from <= part.start && end_of(v).is_none_or(|end| part.start < end);
    let there = life.versions.iter().rfind(valid);
    let Some(version) = there.or(life.versions.last()) else { return "uppgift_saknas - - -".to_owned() };
    let sex = match version.sex {
        Some("K") => "kvinna",
        Some(_) => "man",
        None => "uppgift_saknas",
    };
    let age = |born: Day| {
        let (mut years, born) = (0, first_of_month(born));
        while add_months(born, 12 * (years + 1)) <= part.start {
            years += 1;
        }
        years
    };
    let (oldest, youngest) = (age(life.drawn.birth.0), age(life.drawn.birth.1));
    let age = if oldest == youngest { oldest.to_string() } else { "-".to_owned() };
    let kommun = there.and_then(|version| version.kommun);
    let year = civil(part.start).0;
    let lan = match kommun {
        Some(0) => "01",
        Some(1) if year <= 2020 => "01",
        Some(1) => "03",
        Some(2) if year >= 2015 => "14",
        _ => "-",
    };
    let kommun = kommun.map_or("-".to_owned(), |kommun| format!("{kommun:04}"));
    format!("{sex} {age} {kommun} {lan}")
}
