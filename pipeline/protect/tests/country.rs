//! An invented country's marts, drawn person by person, so that every relation holds because it is true.

use crate::contract::Contract;
use crate::layer::Layer;
use crate::protect::{Codes, Groups, MartRow, MartTable, Settings};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

pub const MATPUNKT: [&str; 3] = ["intag", "avslut", "sex_manader"];
const KON: [&str; 4] = ["kvinna", "man", "uppgift_saknas", "totalt"];
const VARDE: [&str; 3] = ["ja", "nej", "okand"];
const OBSERVATION: [&str; 8] =
    ["observerad", "ej_kopplingsbar", "avliden", "pagar", "ej_mogen", "utvandrad", "tackning_saknas", "totalt"];
const REGISTRERING: [&str; 3] = ["personuppgifter", "anonym", "totalt"];
/// Komponent, group, percent of participants who have it.
const KOMPONENT: [(&str, &str, u64); 6] = [
    ("sjukpenning", "ohalsa", 18),
    ("sjukersattning", "ohalsa", 9),
    ("aktivitetsstod", "arbetsmarknadsstod", 17),
    ("etableringsersattning", "arbetsmarknadsstod", 5),
    ("a_kassa", "arbetsmarknadsstod", 4),
    ("ekonomiskt_bistand_komponent", "ekonomiskt_bistand", 30),
];
const GRUPP: [&str; 3] = ["ohalsa", "arbetsmarknadsstod", "ekonomiskt_bistand"];
/// Whole years of one era: quarters, län and kommuner are not drawn.
const KVARTAL: &str = "hela_aret";
const ERA: &str = "nya_sus";

/// What to draw.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub seed: u64,
    pub forbund: usize,
    pub years: usize,
    /// Deltaganden ended per förbund and year, on average.
    pub ended: u64,
}

/// Small, known, and the same everywhere; the quality of the numbers matters little here.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// The contracts of the marts and of the release; `whole` shows every row of the marts, whatever the release
/// contracts leave out.
pub fn contracts(whole: bool) -> (Vec<Arc<Contract>>, Vec<Arc<Contract>>) {
    let read = |layer, name: &str, yaml: &str| {
        let lines = yaml.lines().filter(|line| !(whole && line.contains("property: endast")));
        let yaml: String = lines.flat_map(|line| [line, "\n"]).collect();
        Arc::new(Contract::parse(layer, name, &yaml).expect("it is sound"))
    };
    macro_rules! all {
        ($layer:expr, $folder:literal, $($name:literal),+) => {
            vec![$(read(
                $layer,
                $name,
                include_str!(concat!("../../../data-contracts/", $folder, "/", $name, ".yaml"))
            )),+]
        };
    }
    (
        all!(Layer::Mart, "mart", "deltagare", "forsorjning", "tackning"),
        all!(
            Layer::Release,
            "release",
            "deltagare_forbund",
            "deltagare_forbund_nu",
            "deltagare_riket",
            "forsorjning_forbund",
            "forsorjning_forbund_nu",
            "forsorjning_riket",
            "tackning_forbund",
            "tackning_forbund_nu",
            "tackning_riket"
        ),
    )
}

pub fn settings() -> Settings {
    let groups: Groups = KOMPONENT.iter().map(|(k, g, _)| ((*k).to_owned(), (*g).to_owned())).collect();
    let place = |f: usize| {
        let forbund = format!("f{f:03}");
        let now = now(&forbund);
        [(("forbund".to_owned(), forbund), now.clone()), (("forbund_nu".to_owned(), now), "riket".to_owned())]
    };
    let upper = (0..1000).flat_map(place).collect();
    Settings { threshold_min: 0, codes: Codes { groups, upper, ..Codes::default() }, is_preliminary: false }
}

/// The förbund that it is part of now: every fourth has gone into the one before it.
pub fn now(forbund: &str) -> String {
    let number: usize = forbund[1..].parse().expect("it is numbered");
    format!("f{:03}", if number % 4 == 1 { number - 1 } else { number })
}

type Counts = HashMap<Vec<String>, (i64, HashSet<u64>)>;

/// Counts one deltagande in every crossing of area and kön that it belongs to.
fn count(counts: &mut Counts, person: u64, forbund: &str, kon: &str, middle: &[&str]) {
    let now = now(forbund);
    for (level, area) in [("riket", "riket"), ("forbund_nu", now.as_str()), ("forbund", forbund)] {
        if level != "riket" && middle.contains(&"komponent") {
            continue;
        }
        for sex in [kon, "totalt"] {
            let key = [&[level, area], middle, &[sex]].concat();
            let entry = counts.entry(key.into_iter().map(str::to_owned).collect()).or_default();
            entry.0 += 1;
            entry.1.insert(person);
        }
    }
}

fn observation(dice: &mut Dice, last: bool) -> [usize; 3] {
    let out = |dice: &mut Dice| match dice.below(200) {
        0 => 2,
        1 => 5,
        2..=8 => 6,
        _ => 0,
    };
    if dice.below(100) < 4 {
        return [1; 3];
    }
    let mut status = [out(dice), out(dice), out(dice)];
    if last && dice.below(2) == 0 {
        status[2] = 4;
    }
    status
}

/// Draws the three marts.
pub fn country(size: Size) -> Vec<MartTable> {
    country_at(size, LAST)
}

/// The last vintage: everything has come.
pub const LAST: u64 = 99;

/// The same country as a vintage knows it: one deltagande in twelve comes late, one answer in fifty is corrected, and
/// from vintage 6 on the förbund f001 is part of f000.
pub fn country_at(size: Size, vintage: u64) -> Vec<MartTable> {
    let mut dice = Dice(size.seed);
    let mut counts: [Counts; 3] = Default::default();
    let mut person = 0;
    for f in 0..size.forbund {
        let forbund = format!("f{f:03}");
        let share = [20, 40, 70, 100, 150, 220][usize::try_from(dice.below(6)).expect("six")];
        for y in 0..size.years {
            let year = (2018 + y).to_string();
            let ended = size.ended * share / 100 + dice.below(5);
            for number in 0..ended * 2 {
                // One in twenty comes back, here or in the next förbund.
                if dice.below(20) != 0 {
                    person += 1;
                }
                let (merged, last) = (forbund == "f001" && (6..LAST).contains(&vintage), y + 1 == size.years);
                let place = (if merged { "f000" } else { forbund.as_str() }, year.as_str());
                // One in eleven comes late, a vintage each; one in seven all in the third.
                let came = match Dice(size.seed ^ (dice.0 >> 3)).below(132) {
                    late @ 0..12 => late,
                    12..30 => 3,
                    _ => 0,
                };
                let mut none: [Counts; 3] = Default::default();
                let here = if came > vintage { &mut none } else { &mut counts };
                draw(&mut dice, here, place, person, number < ended, (last, vintage));
                person += u64::from(dice.below(50) == 0);
            }
        }
    }
    let (marts, _) = contracts(true);
    let keys = dense(size);
    let tables = marts.into_iter().zip(counts).zip(keys);
    tables
        .map(|((contract, counts), keys)| {
            let row = |key: Vec<String>| {
                let (deltaganden, personer) = counts.get(&key).map_or((0, 0), |(d, p)| (*d, p.len() as i64));
                MartRow { key, deltaganden, personer, further: Vec::new() }
            };
            MartTable { contract, rows: keys.into_iter().map(row).collect() }
        })
        .collect()
}

fn draw(
    dice: &mut Dice,
    counts: &mut [Counts; 3],
    place: (&str, &str),
    person: u64,
    ended: bool,
    (last, vintage): (bool, u64),
) {
    let (forbund, year) = place;
    let status = observation(dice, last);
    let anonymous = status[0] == 1;
    // Sex follows the person; an anonymous deltagande is a person of its own, at times of unknown sex.
    let number = dice.0 % 1_000_000_007;
    let person = if anonymous { 1_000_000_000 + (dice.0 >> 8) + number } else { person };
    let kon = if anonymous && dice.below(10) == 0 { KON[2] } else { KON[usize::from(person % 5 < 2)] };
    for registrering in [REGISTRERING[usize::from(anonymous)], "totalt"] {
        count(&mut counts[0], person, forbund, kon, &[year, KVARTAL, ERA, registrering, "totalt"]);
    }
    if !ended {
        return;
    }
    for (matpunkt, state) in MATPUNKT.iter().zip(status) {
        for observation in [OBSERVATION[state], "totalt"] {
            count(&mut counts[2], person, forbund, kon, &[year, KVARTAL, ERA, matpunkt, observation]);
        }
        if state != 0 {
            continue;
        }
        let mut of_group: HashMap<&str, BTreeSet<usize>> = HashMap::new();
        for (komponent, group, percent) in KOMPONENT {
            let mut value = if dice.below(100) < percent { 0 } else { 1 + usize::from(dice.below(40) == 0) };
            let corrected = Dice(dice.0 >> 5).below(600);
            if vintage != LAST && corrected < 12 && corrected <= vintage {
                value = (value + 1) % 2;
            }
            of_group.entry(group).or_default().insert(value);
            let middle = [year, KVARTAL, ERA, matpunkt, "komponent", komponent, VARDE[value]];
            count(&mut counts[1], person, forbund, kon, &middle);
        }
        for group in GRUPP {
            let values = &of_group[group];
            let value = if values.contains(&0) {
                0
            } else if values.contains(&2) {
                2
            } else {
                1
            };
            let middle = [year, KVARTAL, ERA, matpunkt, "finsam3", group, VARDE[value]];
            count(&mut counts[1], person, forbund, kon, &middle);
        }
    }
}

/// Every key of the three marts: zero rows are there.
fn dense(size: Size) -> [Vec<Vec<String>>; 3] {
    let mut keys: [Vec<Vec<String>>; 3] = Default::default();
    let areas = std::iter::once(("riket", "riket".to_owned()));
    let forbund: Vec<String> = (0..size.forbund).map(|f| format!("f{f:03}")).collect();
    let merged = forbund.iter().filter(|area| now(area) == **area).map(|area| ("forbund_nu", area.clone()));
    for (level, area) in areas.chain(merged).chain(forbund.iter().map(|area| ("forbund", area.clone()))) {
        for y in 0..size.years {
            let year = (2018 + y).to_string();
            let mut put = |mart: usize, middle: &[&str]| {
                for kon in KON {
                    let key = [&[level, &area, &year, KVARTAL, ERA], middle, &[kon]].concat();
                    keys[mart].push(key.into_iter().map(str::to_owned).collect());
                }
            };
            REGISTRERING.iter().for_each(|registrering| put(0, &[registrering, "totalt"]));
            for matpunkt in MATPUNKT {
                OBSERVATION.iter().for_each(|observation| put(2, &[matpunkt, observation]));
                for value in VARDE {
                    GRUPP.iter().for_each(|group| put(1, &[matpunkt, "finsam3", group, value]));
                    if level == "riket" {
                        KOMPONENT.iter().for_each(|k| put(1, &[matpunkt, "komponent", k.0, value]));
                    }
                }
            }
        }
    }
    keys
}
