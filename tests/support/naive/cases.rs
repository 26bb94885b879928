//! Sjukfall and episodes: what spells make together.

use super::calendar::Day;
use super::codes::Codes;
use super::life::Life;
use super::spells::Stretch;
use std::collections::BTreeSet;

/// A sjukfall at Försäkringskassan, by one extraction.
pub struct Case {
    pub from: Day,
    /// None while a period in it is open.
    pub till: Option<Day>,
    pub gross: i32,
    pub net: i64,
    /// Days before the first one that the employer may have paid.
    pub sick_pay: i32,
    pub extracted: Day,
}

pub fn cases(codes: &Codes, stretches: &[Stretch]) -> Vec<Case> {
    let mut found = Vec::new();
    let of_sickness = |s: &&Stretch| s.table == "fk_sjukpenning";
    let extractions: BTreeSet<Day> = stretches.iter().filter(of_sickness).map(|s| s.extracted).collect();
    for extracted in extractions {
        let mut periods: Vec<&Stretch> =
            stretches.iter().filter(of_sickness).filter(|s| s.extracted == extracted).collect();
        periods.sort_by_key(|period| period.from);
        let mut case: Vec<&Stretch> = Vec::new();
        for period in periods {
            // Less than five days without support, and the earlier case goes on.
            let furthest = case.iter().map(|other| other.covered_till()).max();
            if furthest.is_some_and(|till| period.from - till >= 5) {
                found.push(closed(codes, &case));
                case.clear();
            }
            case.push(period);
        }
        found.push(closed(codes, &case));
    }
    found
}

fn closed(codes: &Codes, periods: &[&Stretch]) -> Case {
    let first = periods.iter().map(|period| period.from).min().expect("a period");
    let last = periods.iter().map(|period| period.covered_till()).max().expect("a period");
    let covered = |day: &Day| periods.iter().any(|period| period.from <= *day && *day < period.covered_till());
    let net =
        |period: &&Stretch| i64::from(period.covered_till() - period.from) * i64::from(period.extent.unwrap_or(0));
    let sick_pay = codes.sick_pay.iter().find(|(valid, _)| valid.on(first)).map_or(0, |(_, days)| *days);
    Case {
        from: first,
        till: periods.iter().all(|period| period.till.is_some()).then_some(last),
        gross: (first..last).filter(covered).count().try_into().expect("some days"),
        net: periods.iter().map(net).sum(),
        sick_pay,
        extracted: periods[0].extracted,
    }
}

/// An interval in which nothing begins or ends, of one component.
pub struct Episode {
    pub nr: i32,
    pub component: &'static str,
    pub from: Day,
    pub till: Option<Day>,
    pub extent: Option<i32>,
    pub spells: usize,
}

pub fn episodes(life: &Life) -> Vec<Episode> {
    let cuts: BTreeSet<Day> = life.stretches.iter().flat_map(|s| [Some(s.from), s.till]).flatten().collect();
    let cuts: Vec<Day> = cuts.into_iter().collect();
    let mut found = Vec::new();
    let mut nr = 0;
    for (at, from) in cuts.iter().enumerate() {
        let over = |s: &&Stretch| s.from <= *from && s.till.is_none_or(|till| *from < till);
        let there: Vec<&Stretch> = life.stretches.iter().filter(over).collect();
        let components: BTreeSet<&str> = there.iter().map(|s| s.component).collect();
        nr += i32::from(!components.is_empty());
        for component in components {
            let own: Vec<&&Stretch> = there.iter().filter(|s| s.component == component).collect();
            let extents: Vec<i32> = own.iter().filter_map(|s| s.extent).collect();
            found.push(Episode {
                nr,
                component,
                from: *from,
                till: cuts.get(at + 1).copied(),
                extent: Some(extents.iter().sum()).filter(|_| !extents.is_empty()),
                spells: own.len(),
            });
        }
    }
    found
}
