//! Where what has ended counts: the years of each era, the förbund as they are now, and the areas of a participation.

use super::super::naive::{Day, civil, day};
use super::rows::Given;
use super::{Tables, date, number};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What can deliver participations, and one that says nothing of the years; an era's number is its table's.
const DELIVERED: [&str; 3] = ["sus1_deltagare", "sus_deltagande", "sus_insats"];
const ERAS: [&str; 2] = ["sus1", "nya_sus"];
const SEXES: [&str; 3] = ["kvinna", "man", "uppgift_saknas"];
/// Förbund that something can name; the list has fewer.
const NAMED: u8 = 10;

/// A participation: whose, of which förbund, from which län, sex, era, and its last day.
type Part = (Option<u8>, u8, Option<u8>, usize, usize, Option<Day>);

/// Deliveries (table, first day, days, days from there to the extraction), the successor of each förbund in the list,
/// and participations.
#[derive(Clone, Debug)]
pub struct Areas {
    deliveries: Vec<(usize, Day, i32, i32)>,
    successors: Vec<Option<u8>>,
    parts: Vec<Part>,
}

pub fn areas() -> impl Strategy<Value = Areas> {
    let first = day(2010, 1, 1);
    let delivery = (0..DELIVERED.len(), first..first + 2000, 1..1500, -900..400);
    let part = (
        weighted(0.8, 0u8..9),
        0..NAMED,
        weighted(0.8, 1u8..9),
        0..SEXES.len(),
        0..ERAS.len(),
        weighted(0.9, first - 200..first + 3500),
    );
    (vec(delivery, 0..8), vec(weighted(0.85, 0..NAMED), 4..10), vec(part, 20..120)).prop_map(
        |(deliveries, successors, parts)| {
            let deliveries = deliveries.into_iter();
            let deliveries = deliveries.map(|(table, from, days, waited)| (table, from, days, days + waited)).collect();
            Areas { deliveries, successors, parts }
        },
    )
}

impl Areas {
    pub fn tables(&self) -> Vec<Given> {
        let delivered = |(table, from, days, extracted): &(usize, Day, i32, i32)| {
            let dates = [from + extracted, *from, from + days].map(|day| date(Some(day)));
            format!("{},{}", DELIVERED[*table], dates.join(","))
        };
        let listed = |(nr, successor): (usize, &Option<u8>)| {
            format!("F{nr},{}", successor.map_or(String::new(), |nr| format!("F{nr}")))
        };
        let part = |(nr, (person, forbund, county, sex, era, end)): (usize, &Part)| {
            let person = person.map_or(String::new(), uuid);
            let county = county.map_or(String::new(), |county| format!("0{county}"));
            let end = end.map_or(String::new(), |end| date(Some(end)));
            format!("D{nr},{person},F{forbund},{end},{},{county},{}", SEXES[*sex], ERAS[*era])
        };
        vec![
            Given {
                layer: "core",
                name: "leverans",
                columns: "tabell_namn,uttags_datum,period_fran_datum,period_till_datum",
                lines: self.deliveries.iter().map(delivered).collect(),
            },
            Given {
                layer: "core",
                name: "forbund",
                columns: "forbund_id,eftertradare_id",
                lines: self.successors.iter().enumerate().map(listed).collect(),
            },
            Given {
                layer: "derived",
                name: "deltagande",
                columns: "deltagande_id,person_id,forbund_id,slut_datum,kon_kod,lans_kod,era_kod",
                lines: self.parts.iter().enumerate().map(part).collect(),
            },
        ]
    }

    /// How many förbund away the end of each förbund's chain is; none where it has none.
    pub fn links(&self) -> Vec<Option<usize>> {
        (0..self.successors.len()).map(|nr| self.walk(nr).map(|way| way.len())).collect()
    }

    /// The förbund that follow one; none where they never end.
    fn walk(&self, nr: usize) -> Option<Vec<usize>> {
        let (mut at, mut way) = (nr, Vec::new());
        while let Some(next) = self.successors.get(at).copied().flatten().map(usize::from) {
            if next == at || next >= self.successors.len() {
                break;
            }
            if way.len() > self.successors.len() {
                return None;
            }
            at = next;
            way.push(next);
        }
        Some(way)
    }

    fn now(&self, nr: usize) -> usize {
        self.walk(nr).and_then(|way| way.last().copied()).unwrap_or(nr)
    }

    /// The first and last year of an era.
    fn years(&self, era: usize) -> Option<(i32, i32)> {
        let year = |day: Day| civil(day).0;
        let of_era = || self.deliveries.iter().filter(|delivery| delivery.0 == era);
        let first = of_era().map(|(_, from, ..)| year(*from)).min()?;
        let last = of_era().map(|(_, from, days, extracted)| year(from + (days - 1).min(*extracted))).max()?;
        (first <= last).then_some((first, last))
    }
}

fn uuid(person: u8) -> String {
    format!("00000000-0000-0000-0000-0000000000{person:02x}")
}

/// Every table of these areas.
pub fn placed(areas: &Areas) -> Tables {
    let (mut periods, mut ended) = (BTreeMap::new(), BTreeMap::new());
    for (nr, era) in ERAS.into_iter().enumerate() {
        for year in areas.years(nr).into_iter().flat_map(|(first, last)| first..=last) {
            let dates = |from, till| format!("{} {}", date(Some(from)), date(Some(till)));
            let whole = dates(day(year, 1, 1), day(year + 1, 1, 1));
            periods.insert(format!("{era} {year} hela_aret"), whole);
            for quarter in 1..=4 {
                let till = if quarter == 4 { day(year + 1, 1, 1) } else { day(year, 3 * quarter + 1, 1) };
                periods.insert(format!("{era} {year} K{quarter}"), dates(day(year, 3 * quarter - 2, 1), till));
            }
        }
    }
    for (nr, (person, forbund, county, sex, era, end)) in areas.parts.iter().enumerate() {
        let (Some(end), Some((first, last))) = (end, areas.years(*era)) else { continue };
        let (year, month, _) = civil(*end);
        if year < first || year > last {
            continue;
        }
        let who = format!("{} {}", person.map_or("-".to_owned(), uuid), SEXES[*sex]);
        let row = |area: String| format!("{area} {} {} {who}", number(Some(year)), ERAS[*era]);
        ended.insert(format!("D{nr} riket K{}", (month + 2) / 3), row("riket".to_owned()));
        ended.insert(format!("D{nr} riket hela_aret"), row("riket".to_owned()));
        let county = county.map_or("okand".to_owned(), |county| format!("0{county}"));
        ended.insert(format!("D{nr} lan hela_aret"), row(county));
        ended.insert(format!("D{nr} forbund hela_aret"), row(format!("F{forbund}")));
        let now = areas.now(usize::from(*forbund));
        ended.insert(format!("D{nr} forbund_nu hela_aret"), row(format!("F{now}")));
    }
    let now = (0..areas.successors.len()).map(|nr| (format!("F{nr}"), format!("F{}", areas.now(nr)))).collect();
    BTreeMap::from([("redovisningsperiod", periods), ("forbund_nu", now), ("avslutat", ended)])
}
