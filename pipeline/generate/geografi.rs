//! Kommuner, and invented samordningsförbund made of them.
//!
//! The map does not depend on the seed: 290 kommuner, 17 of them without förbund, Göteborg in four, 75 förbund
//! in force at the end of 2022, some across a länsgräns, and eight that were merged into them on the way there.

use super::tid::day;
use crate::contract::Catalogue;
use crate::error::{Error, Result};
use chrono::NaiveDate;

const GOTEBORG: &str = "1480";
const GOTEBORG_PARTS: [&str; 4] = ["Norra", "Södra", "Västra", "Östra"];
/// Kommuner outside finansiell samordning at the end of 2022: as many as there were, not the same ones.
const WITHOUT: [&str; 17] = [
    "0117", "0162", "0186", "0187", "0330", "0488", "0512", "0643", "0834", "1233", "1262", "1278", "1407", "1443",
    "1760", "2409", "2506",
];
/// Kommuner whose förbund lies in another län.
const ACROSS: [(&str, &str); 4] = [("1384", "1481"), ("0560", "0687"), ("1980", "0381"), ("2303", "2262")];
/// Days on which a förbund was last its own before it was merged.
const MERGED: [NaiveDate; 8] = [
    day(2018, 12, 31),
    day(2018, 12, 31),
    day(2019, 12, 31),
    day(2019, 12, 31),
    day(2019, 12, 31),
    day(2020, 12, 31),
    day(2021, 6, 30),
    day(2021, 12, 31),
];
/// Län whose kommuner are all in one förbund.
const WHOLE: [&str; 3] = ["10", "21", "22"];
/// Kommuner per förbund, on average, where a län is cut into parts of nearly equal size.
const MEMBERS: usize = 4;

pub struct Kommun {
    pub kod: String,
    pub namn: String,
    pub lans_kod: String,
    /// Share of the people: no count, a weight.
    pub weight: u32,
}

pub struct Medlem {
    /// Position among the kommuner.
    pub kommun: usize,
    pub fran: NaiveDate,
    pub till: Option<NaiveDate>,
}

pub struct Forbund {
    pub id: String,
    pub namn: String,
    pub fran: NaiveDate,
    pub till: Option<NaiveDate>,
    pub eftertradare: Option<String>,
    pub medlemmar: Vec<Medlem>,
}

pub struct Geografi {
    pub kommuner: Vec<Kommun>,
    pub forbund: Vec<Forbund>,
}

impl Geografi {
    /// The map, from the code list of kommuner.
    ///
    /// # Errors
    /// [`Error::Contract`] where the code list lacks `lans_kod`.
    pub fn draw(catalogue: &Catalogue) -> Result<Geografi> {
        let kommuner = kommuner(catalogue)?;
        let groups = groups(&kommuner);
        let mut forbund: Vec<Forbund> = Vec::new();
        for group in &groups {
            forbund.push(founded(forbund.len(), namn(&kommuner, group), group));
        }
        let goteborg: Vec<usize> = (0..kommuner.len()).filter(|k| kommuner[*k].kod == GOTEBORG).collect();
        for part in GOTEBORG_PARTS {
            forbund.push(founded(forbund.len(), format!("Samordningsförbundet Göteborg {part}"), &goteborg));
        }
        merge(&kommuner, &mut forbund);
        Ok(Geografi { kommuner, forbund })
    }

    /// The weight of a förbund: that of its kommuner; Göteborg's four share.
    pub fn weight(&self, forbund: &Forbund) -> u32 {
        let sum: u32 = forbund.medlemmar.iter().map(|medlem| self.kommuner[medlem.kommun].weight).sum();
        if forbund.namn.contains("Göteborg ") { sum / 4 } else { sum }
    }
}

fn kommuner(catalogue: &Catalogue) -> Result<Vec<Kommun>> {
    let list = catalogue.code_list("kommun")?;
    let lan = list.columns.iter().position(|column| column == "lans_kod").ok_or_else(|| Error::Contract {
        contract: "codes.kommun".into(),
        reason: "there is no column lans_kod".into(),
    })?;
    Ok(list
        .rows
        .iter()
        .zip(&list.codes)
        .map(|(row, code)| Kommun {
            weight: weight(&code.code),
            kod: code.code.clone(),
            namn: code.title.clone(),
            lans_kod: row[lan].clone(),
        })
        .collect())
}

/// Towns are larger: the codes of old towns end in 80 and above.
fn weight(kod: &str) -> u32 {
    let number: u32 = kod.parse().unwrap_or(0);
    match (kod, number % 100) {
        ("0180", _) => 80,
        ("1480", _) => 48,
        ("1280", _) => 30,
        (_, 80) => 10,
        (_, 81..) => 4 + number % 3,
        _ => 1 + number % 3,
    }
}

/// Which kommuner go together: neighbours by code within a län, and a few across.
fn groups(kommuner: &[Kommun]) -> Vec<Vec<usize>> {
    let across = |kod: &str| ACROSS.iter().find(|(member, _)| *member == kod).map(|(_, host)| *host);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut start = 0;
    while start < kommuner.len() {
        let lan = &kommuner[start].lans_kod;
        let end = start + kommuner[start..].iter().take_while(|k| k.lans_kod == *lan).count();
        let inside: Vec<usize> = (start..end)
            .filter(|k| {
                let kod = kommuner[*k].kod.as_str();
                kod != GOTEBORG && !WITHOUT.contains(&kod) && across(kod).is_none()
            })
            .collect();
        let parts = if WHOLE.contains(&lan.as_str()) { 1 } else { inside.len().div_ceil(MEMBERS) };
        for part in 0..parts {
            let (from, till) = (inside.len() * part / parts, inside.len() * (part + 1) / parts);
            groups.push(inside[from..till].to_vec());
        }
        start = end;
    }
    for (member, host) in ACROSS {
        let member = kommuner.iter().position(|k| k.kod == member);
        let group = groups.iter_mut().find(|group| group.iter().any(|k| kommuner[*k].kod == host));
        if let (Some(member), Some(group)) = (member, group) {
            group.push(member);
        }
    }
    groups
}

fn namn(kommuner: &[Kommun], group: &[usize]) -> String {
    match group {
        [] => "Samordningsförbundet".to_owned(),
        [one] => format!("Samordningsförbundet {}", kommuner[*one].namn),
        [one, .., last] => format!("Samordningsförbundet {}–{}", kommuner[*one].namn, kommuner[*last].namn),
    }
}

fn founded(index: usize, namn: String, group: &[usize]) -> Forbund {
    let fran = day(2005 + (index % 9) as i32, 1, 1);
    let medlemmar = group
        .iter()
        .enumerate()
        .map(|(place, kommun)| {
            // Some joined late: 253 kommuner in early 2018, 260 at its end, 273 in 2022.
            let joined = match (index * 7 + place) % 40 {
                3 if place > 0 => day(2018, 7, 1),
                11 | 29 if place > 0 => day(2021, 1, 1),
                _ => fran,
            };
            Medlem { kommun: *kommun, fran: joined, till: None }
        })
        .collect();
    Forbund { id: format!("F{:03}", index + 1), namn, fran, till: None, eftertradare: None, medlemmar }
}

/// Eight förbund that are no more: their kommuner belong to the successor from the day after.
fn merge(kommuner: &[Kommun], forbund: &mut Vec<Forbund>) {
    let large: Vec<usize> = (0..forbund.len()).filter(|f| forbund[*f].medlemmar.len() >= 4).collect();
    for (index, till) in MERGED.into_iter().enumerate() {
        let successor = large[index * large.len() / MERGED.len()];
        let from_day = till.succ_opt().unwrap_or(till);
        let mut medlemmar = Vec::new();
        for medlem in forbund[successor].medlemmar.iter_mut().skip(2).take(2) {
            medlemmar.push(Medlem { kommun: medlem.kommun, fran: day(2006, 1, 1), till: Some(till) });
            medlem.fran = from_day;
        }
        let namn = medlemmar.iter().map(|m| kommuner[m.kommun].namn.as_str()).collect::<Vec<_>>().join(" och ");
        forbund.push(Forbund {
            id: format!("F{:03}", forbund.len() + 1),
            namn: format!("Samordningsförbundet {namn}"),
            fran: day(2006, 1, 1),
            till: Some(till),
            eftertradare: Some(forbund[successor].id.clone()),
            medlemmar,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_map_is_that_of_the_country_in_numbers() {
        let map = Geografi::draw(&Catalogue::embedded().expect("sound contracts")).expect("a map");
        let in_force: Vec<&Forbund> = map.forbund.iter().filter(|f| f.till.is_none()).collect();
        assert_eq!(map.kommuner.len(), 290);
        assert_eq!(in_force.len(), 75);
        let mut count: BTreeMap<usize, usize> = BTreeMap::new();
        for medlem in in_force.iter().flat_map(|f| &f.medlemmar) {
            *count.entry(medlem.kommun).or_default() += 1;
        }
        assert_eq!(count.len(), 273);
        for (kommun, times) in count {
            assert_eq!(times, if map.kommuner[kommun].kod == GOTEBORG { 4 } else { 1 });
        }
        assert_eq!(map.forbund.iter().filter(|f| f.eftertradare.is_some()).count(), 8);
        let crossing = in_force.iter().filter(|f| {
            let lan = |m: &Medlem| map.kommuner[m.kommun].lans_kod.clone();
            f.medlemmar.iter().any(|m| lan(m) != lan(&f.medlemmar[0]))
        });
        assert!(crossing.count() >= 3);
    }
}
