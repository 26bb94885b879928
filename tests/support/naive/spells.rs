//! Stretches of days with support, register by register.

use super::calendar::{Day, add_months};
use super::codes::Codes;
use super::life::Life;
use crate::support::world::{Enrolment, Pay, Settings, Unemployment};

/// A stretch of days, end exclusive.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub component: &'static str,
    pub from: Day,
    /// None while it is open.
    pub till: Option<Day>,
    pub extent: Option<i32>,
    /// Days paid, where the register counts them.
    pub days: Option<i32>,
    pub grain: &'static str,
    pub table: &'static str,
    pub extracted: Day,
    /// Kronor, of pay alone.
    pub kronor: i32,
}

impl Stretch {
    /// The first day that is not known to be covered: an open stretch covers through its extraction.
    pub fn covered_till(&self) -> Day {
        self.till.unwrap_or(self.extracted + 1)
    }

    pub fn meets(&self, from: Day, till: Day) -> bool {
        self.from < till && from < self.covered_till()
    }

    /// Nothing is paid of an extent of nothing.
    pub fn paid(&self) -> bool {
        self.extent.is_none_or(|extent| extent > 0)
    }
}

pub fn stretches(codes: &Codes, settings: &Settings, life: &Life) -> Vec<Stretch> {
    let mut found = days(codes, life);
    found.extend(activity(life));
    found.extend(unemployment(life, &life.drawn.weeks, "akassa_vecka"));
    found.extend(unemployment(life, &life.drawn.months, "akassa_manad"));
    found.extend(support(codes, life));
    found.extend(work(codes, settings, life));
    found.extend(enrolment(codes, life));
    found
}

fn of_days(component: &'static str, table: &'static str, from: Day, to: Option<Day>, extracted: Day) -> Stretch {
    let till = to.map(|to| to + 1);
    Stretch { component, from, till, extent: None, days: None, grain: "dag", table, extracted, kronor: 0 }
}

/// Registers that give days and extents.
fn days(codes: &Codes, life: &Life) -> Vec<Stretch> {
    let mut found = Vec::new();
    for row in life.drawn.sick.iter().filter(|row| life.own(row.number, row.from)) {
        let component = if row.rehabilitation { "rehabiliteringspenning" } else { "sjukpenning" };
        let plain = of_days(component, "fk_sjukpenning", row.from, row.to, row.extracted);
        found.push(Stretch { extent: Some(10 * row.percent), ..plain });
    }
    for row in life.drawn.disability.iter().filter(|row| life.own(row.number, row.from)) {
        let component = if row.activity { "aktivitetsersattning" } else { "sjukersattning" };
        let (_, extent) = codes.grades.iter().find(|(grade, _)| grade == row.grade).expect("a grade of the list");
        let extent = if row.resting { 0 } else { *extent };
        let plain = of_days(component, "fk_sjukersattning", row.from, row.to, row.extracted);
        found.push(Stretch { extent: Some(extent), ..plain });
    }
    for row in life.drawn.studies.iter().filter(|row| life.own(row.number, row.from)) {
        let plain = of_days("studiemedel", "csn_studiemedel", row.from, Some(row.to), row.extracted);
        let stretch = Stretch { extent: Some(10 * row.percent), ..plain };
        // Grant and loan of the same studies are one support.
        let same = |other: &Stretch| {
            let key = |s: &Stretch| (s.component, s.from, s.till, s.extent, s.extracted);
            key(other) == key(&stretch)
        };
        if !found.iter().any(same) {
            found.push(stretch);
        }
    }
    found
}

fn activity(life: &Life) -> Vec<Stretch> {
    let mut found = Vec::new();
    for row in life.drawn.activity.iter().filter(|row| row.days > 0) {
        // Paid in arrears: the month concerned is the one before.
        let from = add_months(row.month, -1);
        if !life.own(row.number, from) {
            continue;
        }
        let component = match row.kind {
            "AS" => "aktivitetsstod",
            "UE" => "utvecklingsersattning",
            _ => "etableringsersattning",
        };
        let plain = of_days(component, "fk_aktivitetsstod", from, Some(row.month - 1), row.extracted);
        found.push(Stretch { extent: Some(10 * row.percent), days: Some(row.days), grain: "manad", ..plain });
    }
    found
}

/// Weeks or months of a-kassa, every kind of benefit added.
fn unemployment(life: &Life, rows: &[Unemployment], table: &'static str) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for row in rows.iter().filter(|row| row.days > 0 && life.own(row.number, row.from)) {
        if let Some(same) = found.iter_mut().find(|s| (s.from, s.extracted) == (row.from, row.extracted)) {
            same.days = same.days.map(|days| days + row.days);
            continue;
        }
        let weekly = table == "akassa_vecka";
        let last = if weekly { row.from + 6 } else { add_months(row.from, 1) - 1 };
        let grain = if weekly { "vecka" } else { "manad" };
        let plain = of_days("a_kassa", table, row.from, Some(last), row.extracted);
        found.push(Stretch { days: Some(row.days), grain, ..plain });
    }
    found
}

/// Months of ekonomiskt bistånd: both adults, never children.
fn support(codes: &Codes, life: &Life) -> Vec<Stretch> {
    let least = codes.component("ekonomiskt_bistand").least_amount;
    let mut found: Vec<Stretch> = Vec::new();
    for row in life.drawn.support.iter().filter(|row| row.kronor >= least && life.own(row.number, row.month)) {
        let next = add_months(row.month, 1);
        let child = life.born().is_some_and(|born| add_months(born, 12 * 18) >= next);
        let told = found.iter().any(|stretch| (stretch.from, stretch.extracted) == (row.month, row.extracted));
        if !child && !told {
            let plain = of_days("ekonomiskt_bistand", "ekonomiskt_bistand", row.month, Some(next - 1), row.extracted);
            found.push(Stretch { grain: "manad", ..plain });
        }
    }
    found
}

/// Months with pay, by the delivery that holds the month and what corrected it.
fn work(codes: &Codes, settings: &Settings, life: &Life) -> Vec<Stretch> {
    let least = codes.component("arbete").least_amount;
    let mut found: Vec<Stretch> = Vec::new();
    for month in life.pay.iter().map(|row| row.month) {
        let holding = settings.of("agi").into_iter().filter(|agi| agi.from <= month && month < agi.till);
        let Some(extracted) = holding.map(|agi| agi.extracted).max() else { continue };
        let kronor = paid(life, month, extracted);
        if kronor >= least && !found.iter().any(|stretch| stretch.from == month) {
            let plain = of_days("arbete", "agi", month, Some(add_months(month, 1) - 1), extracted);
            found.push(Stretch { grain: "manad", kronor, ..plain });
        }
    }
    found
}

/// Kronor of the month by one extraction and what was sent later: the last row of each employer, unless it removes.
fn paid(life: &Life, month: Day, extracted: Day) -> i32 {
    let mut last: Vec<&Pay> = Vec::new();
    let mut sent: Vec<&Pay> =
        life.pay.iter().filter(|row| row.month == month && row.extracted >= extracted).copied().collect();
    sent.sort_by_key(|row| row.extracted);
    for row in sent {
        // A key holds the number that was written, so the same employer counts once per number.
        last.retain(|other| (other.employer, other.number) != (row.employer, row.number));
        last.push(row);
    }
    last.iter().filter(|row| !row.removed).filter_map(|row| row.kronor).sum()
}

/// Periods at the employment service, day by day: a day belongs to the entry made last.
fn enrolment(codes: &Codes, life: &Life) -> Vec<Stretch> {
    let own: Vec<&Enrolment> = life
        .drawn
        .enrolment
        .iter()
        .filter(|row| life.own(row.number, row.from) && row.to.is_none_or(|to| to >= row.from))
        .collect();
    let mut found = Vec::new();
    for row in &own {
        let later: Vec<&&Enrolment> =
            own.iter().filter(|other| other.extracted == row.extracted && other.entry > row.entry).collect();
        let covered = |day: Day| later.iter().any(|other| other.from <= day && other.to.is_none_or(|to| day <= to));
        // After the last date of all nothing changes any more.
        let calm = own.iter().flat_map(|other| [other.from, other.to.unwrap_or(other.from)]).max().unwrap_or(0) + 1;
        let mut begun = None;
        for day in row.from..=row.to.unwrap_or(calm) + 1 {
            let inside = row.to.is_none_or(|to| day <= to) && !covered(day);
            match begun {
                None if inside => begun = Some(day),
                Some(from) if !inside => {
                    found.extend(meanings(codes, row, from, Some(day - 1)));
                    begun = None;
                }
                _ => {}
            }
        }
        found.extend(begun.into_iter().flat_map(|from| meanings(codes, row, from, None)));
    }
    found
}

/// What a period means: enrolled, and by the code on the period's first day subsidised work or a new start job.
fn meanings(codes: &Codes, row: &Enrolment, from: Day, to: Option<Day>) -> Vec<Stretch> {
    let meaning = codes.categories.iter().find(|(code, valid, _)| code == row.code && valid.on(row.from));
    let besides = match meaning.map(|(.., group)| group.as_str()) {
        Some("atgardssysselsattning") => Some("subventionerat_arbete"),
        Some("nystartsjobb") => Some("nystartsjobb"),
        _ => None,
    };
    let component = [Some("inskriven"), besides];
    component.into_iter().flatten().map(|code| of_days(code, "af_sokandekategori", from, to, row.extracted)).collect()
}
