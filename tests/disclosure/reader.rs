//! What a reader can make of a release: one unknown per withheld count, and everything that he knows of them.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Deltaganden,
    Personer,
}

/// One count of a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    pub key: String,
    pub unit: Unit,
}

impl Count {
    fn of(key: &str, unit: Unit) -> Count {
        Count { key: key.into(), unit }
    }

    /// Whether two counts are the same but for one column of their keys.
    pub fn is_beside(&self, other: &Count) -> bool {
        let (mine, others): (Vec<&str>, Vec<&str>) = (self.key.split('|').collect(), other.key.split('|').collect());
        mine.len() == others.len() && mine.iter().zip(&others).filter(|(a, b)| a != b).count() <= 1
    }
}

/// Σ factor · count, and how it stands to zero.
struct Truth {
    terms: Vec<(Count, f64)>,
    operator: ComparisonOp,
}

pub struct Reader {
    /// Every count of the tables; none where it is withheld or in no table.
    counts: BTreeMap<Count, Option<f64>>,
    withheld: BTreeSet<Count>,
    truths: Vec<Truth>,
}

const MATPUNKTER: [&str; 3] = ["intag", "avslut", "sex_manader"];
const KON: [&str; 3] = ["kvinna", "man", "uppgift_saknas"];
const VARDEN: [&str; 3] = ["ja", "nej", "okand"];
const STATUS: [&str; 7] =
    ["ej_kopplingsbar", "avliden", "pagar", "ej_mogen", "utvandrad", "tackning_saknas", "observerad"];
const GRUPPER: [(&str, &[&str]); 3] = [
    ("ohalsa", &["sjukpenning", "rehabiliteringspenning", "sjukersattning", "aktivitetsersattning"]),
    ("arbetsmarknadsstod", &["a_kassa", "aktivitetsstod", "utvecklingsersattning", "etableringsersattning"]),
    ("ekonomiskt_bistand", &["ekonomiskt_bistand"]),
];
const OVRIGA: [&str; 2] = ["studiemedel", "arbete"];
/// Komponenter whose registers the country has no deliveries of: of them nothing but unknown is possible.
const EJ_LEVERERADE: [&str; 7] = [
    "sjukersattning",
    "aktivitetsersattning",
    "a_kassa",
    "aktivitetsstod",
    "utvecklingsersattning",
    "etableringsersattning",
    "studiemedel",
];
const REGISTRERING: [&str; 2] = ["personuppgifter", "anonym"];
const KVARTAL: [&str; 4] = ["riket/K1", "riket/K2", "riket/K3", "riket/K4"];
/// Divisions of those with personal data; the first is the one that every area has.
const BAKGRUND: [&[&str]; 5] = [
    &["under_30", "fran_30", "trettio_okand"],
    &[
        "alder_under_16",
        "alder_16_19",
        "alder_20_24",
        "alder_25_29",
        "alder_30_44",
        "alder_45_54",
        "alder_55_65",
        "alder_over_65",
        "alder_okand",
    ],
    &["utb_forgymnasial", "utb_gymnasial", "utb_eftergymnasial", "utb_saknas"],
    &["fodd_sverige", "fodd_utomlands", "fodd_okand"],
    &["inr_individ", "inr_struktur"],
];

impl Reader {
    /// Opens the tables of a release.
    pub fn new(folder: &Path) -> Reader {
        let mut reader = Reader { counts: BTreeMap::new(), withheld: BTreeSet::new(), truths: Vec::new() };
        for (table, columns) in [
            ("forsorjning", &["matpunkt_kod", "indelning_kod", "forsorjning_kod", "varde_kod", "kon_kod"][..]),
            ("tackning", &["matpunkt_kod", "observationsstatus_kod", "kon_kod"]),
            ("deltagare", &["registrering_kod", "bakgrund_kod", "kon_kod"]),
        ] {
            for level in ["riket", "kvartal", "lan", "forbund", "forbund_nu", "kommun"] {
                if (table, level) != ("tackning", "kommun") && (table, level) != ("forsorjning", "kommun") {
                    let path = folder.join(format!("{table}_{level}.plain.csv"));
                    // What is not released tells nothing; the three tables of before always are.
                    if path.exists() || level == "riket" || level == "forbund" {
                        reader.open(&path, table, columns);
                    }
                }
            }
        }
        let forbund: BTreeSet<String> =
            reader.counts.keys().filter_map(|count| count.key.split('|').nth(1).map(str::to_owned)).collect();
        let forbund: Vec<&str> = forbund.iter().map(String::as_str).filter(|area| !area.starts_with("riket")).collect();
        reader.know(&forbund);
        reader
    }

    fn open(&mut self, path: &Path, table: &str, columns: &[&str]) {
        let text = fs::read_to_string(path).expect("the table is released");
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
        for line in lines {
            let row: BTreeMap<&str, &str> = header.iter().copied().zip(line.split(',')).collect();
            if row.get("slut_ar").or(row.get("ar")) != Some(&"2021") {
                continue;
            }
            // No förbund has merged, so it is now what it was; the one län and its kommun are all of the country.
            let quarter = row.get("kvartal_kod").map(|quarter| format!("riket/{quarter}"));
            let area = row.get("forbund_id").map(|id| (*id).to_owned()).or(quarter).unwrap_or_else(|| "riket".into());
            let codes: Vec<&str> = columns.iter().map(|column| row[column]).collect();
            let key = format!("{table}|{area}|{}", codes.join("|"));
            for (unit, column) in [(Unit::Deltaganden, "deltaganden_antal"), (Unit::Personer, "personer_antal")] {
                let count = Count::of(&key, unit);
                if row["status_kod"] == "sekretess" {
                    self.withheld.insert(count.clone());
                }
                let shown = row[column].parse().ok();
                let held = self.counts.entry(count).or_insert(shown);
                *held = held.or(shown);
            }
        }
    }

    pub fn withheld(&self) -> Vec<Count> {
        self.withheld.iter().cloned().collect()
    }

    /// Lets the reader know a cell that was withheld.
    pub fn learn(&mut self, count: &Count, truth: &BTreeMap<String, f64>) {
        if count.unit == Unit::Personer {
            self.counts.insert(count.clone(), Some(truth[&count.key]));
            self.withheld.remove(count);
        }
    }

    /// Whether everything that the reader takes for true, of persons, is.
    pub fn agrees_with(&self, truth: &BTreeMap<String, f64>) -> bool {
        self.truths.iter().filter(|known| known.terms.iter().all(|(count, _)| count.unit == Unit::Personer)).all(
            |known| {
                let sum: f64 = known
                    .terms
                    .iter()
                    .map(|(count, factor)| factor * truth.get(&count.key).copied().unwrap_or(0.0))
                    .sum();
                match known.operator {
                    ComparisonOp::Eq => sum == 0.0,
                    ComparisonOp::Le => sum <= 0.0,
                    ComparisonOp::Ge => sum >= 0.0,
                }
            },
        )
    }

    /// A table that agrees with everything the reader knows and takes one count as far as any does.
    pub fn furthest(&self, aim: &Count, direction: OptimizationDirection) -> BTreeMap<&Count, f64> {
        let mut problem = Problem::new(direction);
        let unknown = self.counts.iter().filter(|(_, value)| value.is_none());
        let unknown: BTreeMap<&Count, Variable> =
            unknown.map(|(count, _)| (count, problem.add_var(f64::from(u8::from(count == aim)), (0.0, 1e4)))).collect();
        for known in &self.truths {
            let mut sum = 0.0;
            let mut terms: Vec<(Variable, f64)> = Vec::new();
            for (count, factor) in &known.terms {
                match self.counts[count] {
                    Some(value) => sum += factor * value,
                    None => terms.push((unknown[count], *factor)),
                }
            }
            if !terms.is_empty() {
                problem.add_constraint(terms, known.operator, -sum);
            }
        }
        let solution = problem.solve().expect("the truth is a solution").into_solution().expect("there is no limit");
        unknown.into_iter().map(|(count, variable)| (count, solution.var_value(variable))).collect()
    }

    /// Least and greatest value of every withheld count: by two programs of its own, unless the tables that were met
    /// on the way have shown already that it may be as low and as high as it must.
    pub fn bounds(&self, is_wide: impl Fn(&Count, (f64, f64)) -> bool) -> BTreeMap<Count, (f64, f64)> {
        let mut bounds: BTreeMap<Count, (f64, f64)> = BTreeMap::new();
        for aim in &self.withheld {
            for direction in [OptimizationDirection::Minimize, OptimizationDirection::Maximize] {
                if bounds.get(aim).is_some_and(|found| is_wide(aim, *found)) {
                    break;
                }
                for (count, value) in self.furthest(aim, direction) {
                    let (low, high) = bounds.entry(count.clone()).or_insert((value, value));
                    (*low, *high) = (low.min(value), high.max(value));
                }
            }
        }
        bounds.retain(|count, _| self.withheld.contains(count));
        bounds
    }

    fn state(&mut self, unit: Unit, whole: &str, parts: &[String], operator: ComparisonOp) {
        let mut terms = vec![(Count::of(whole, unit), -1.0)];
        terms.extend(parts.iter().map(|part| (Count::of(part, unit), 1.0)));
        for (count, _) in &terms {
            // In no table, but the reader knows that there is such a number.
            self.counts.entry(count.clone()).or_insert(None);
        }
        self.truths.push(Truth { terms, operator });
    }

    /// The parts add up to the whole, persons too.
    fn adds_up(&mut self, whole: &str, parts: &[String]) {
        self.state(Unit::Deltaganden, whole, parts, ComparisonOp::Eq);
        self.state(Unit::Personer, whole, parts, ComparisonOp::Eq);
    }

    /// The parts add up to the whole, but a person may be in several.
    fn covers(&mut self, whole: &str, parts: &[String]) {
        self.state(Unit::Deltaganden, whole, parts, ComparisonOp::Eq);
        self.overlaps(Unit::Personer, whole, parts);
    }

    /// Whoever is in the whole is in some part, and the other way round.
    fn overlaps(&mut self, unit: Unit, whole: &str, parts: &[String]) {
        self.state(unit, whole, parts, ComparisonOp::Ge);
        for part in parts {
            self.state(unit, whole, std::slice::from_ref(part), ComparisonOp::Le);
        }
    }

    /// Everything that the definitions of the tables say.
    fn know(&mut self, forbund: &[&str]) {
        let areas: Vec<&str> = forbund.iter().copied().chain(["riket"]).chain(KVARTAL).collect();
        let all_kon: Vec<&str> = KON.iter().copied().chain(["totalt"]).collect();
        for area in &areas {
            self.know_area(area, &all_kon);
        }
        let over = |key: &str| forbund.iter().map(|area| key.replacen("riket", area, 1)).collect::<Vec<_>>();
        for code in BAKGRUND[0] {
            let key = format!("deltagare|riket|personuppgifter|{code}|totalt");
            self.covers(&key, &over(&key));
        }
        for kon in &all_kon {
            for registrering in REGISTRERING.iter().chain(["totalt"].iter()) {
                let key = format!("deltagare|riket|{registrering}|totalt|{kon}");
                self.covers(&key, &over(&key));
            }
            self.know_quarters(kon);
            for point in MATPUNKTER {
                for status in STATUS.iter().chain(["totalt"].iter()) {
                    let key = format!("tackning|riket|{point}|{status}|{kon}");
                    self.covers(&key, &over(&key));
                }
                for (group, parts) in GRUPPER {
                    for value in VARDEN {
                        let key = format!("forsorjning|riket|{point}|finsam3|{group}|{value}|{kon}");
                        self.covers(&key, &over(&key));
                    }
                    self.know_group(point, group, parts, kon);
                }
            }
        }
        self.know_what_cannot_be();
        let pairs: Vec<String> = self.counts.keys().map(|count| count.key.clone()).collect();
        for key in pairs.into_iter().collect::<BTreeSet<_>>() {
            for unit in [Unit::Deltaganden, Unit::Personer] {
                self.counts.entry(Count::of(&key, unit)).or_insert(None);
            }
            let terms = vec![(Count::of(&key, Unit::Personer), 1.0), (Count::of(&key, Unit::Deltaganden), -1.0)];
            self.truths.push(Truth { terms, operator: ComparisonOp::Le });
        }
    }

    /// Zeros that need no table: registers that are not delivered, groups with such a komponent, and deltaganden that
    /// go on after they have ended.
    fn know_what_cannot_be(&mut self) {
        let cannot_be = |count: &Count| {
            let codes: Vec<&str> = count.key.split('|').collect();
            match codes.as_slice() {
                ["forsorjning", _, _, _, means, "ja" | "nej", _] if EJ_LEVERERADE.contains(means) => true,
                ["forsorjning", _, _, _, "arbetsmarknadsstod", "ja" | "nej", _] => true,
                ["forsorjning", _, _, _, "ohalsa", "nej", _] | ["tackning", _, _, "pagar", _] => true,
                _ => false,
            }
        };
        let known: Vec<Count> = self.counts.keys().filter(|count| cannot_be(count)).cloned().collect();
        for count in known {
            self.withheld.remove(&count);
            self.counts.insert(count, Some(0.0));
        }
    }

    /// Who left in the year left in one of its quarters; who took part may have done so in several.
    fn know_quarters(&mut self, kon: &str) {
        let over = |key: &str| KVARTAL.map(|area| key.replacen("riket", area, 1));
        let key = format!("deltagare|riket|personuppgifter|totalt|{kon}");
        for unit in [Unit::Deltaganden, Unit::Personer] {
            self.overlaps(unit, &key, &over(&key));
        }
        for point in MATPUNKTER {
            for status in STATUS.iter().chain(["totalt"].iter()) {
                let key = format!("tackning|riket|{point}|{status}|{kon}");
                self.covers(&key, &over(&key));
            }
            for (group, value) in GRUPPER.iter().flat_map(|(group, _)| VARDEN.map(|value| (group, value))) {
                let key = format!("forsorjning|riket|{point}|finsam3|{group}|{value}|{kon}");
                self.covers(&key, &over(&key));
            }
        }
    }

    /// Participants: sexes, registrations, and each division of those with personal data.
    fn know_participants(&mut self, area: &str, all_kon: &[&str]) {
        let is_quarter = area.contains('/');
        let registered: &[&str] =
            if is_quarter { &REGISTRERING[..1] } else { &["personuppgifter", "anonym", "totalt"] };
        for registrering in registered {
            let key = |kon: &str| format!("deltagare|{area}|{registrering}|totalt|{kon}");
            self.adds_up(&key("totalt"), &KON.map(key));
        }
        if is_quarter {
            return;
        }
        for kon in all_kon {
            let key = |registrering: &str| format!("deltagare|{area}|{registrering}|totalt|{kon}");
            self.covers(&key("totalt"), &REGISTRERING.map(key));
        }
        let (divisions, sexes) =
            if area == "riket" { (&BAKGRUND[..], all_kon) } else { (&BAKGRUND[..1], &["totalt"][..]) };
        for codes in divisions {
            for kon in sexes {
                let key = |code: &&str| format!("deltagare|{area}|personuppgifter|{code}|{kon}");
                self.covers(&key(&"totalt"), &codes.iter().map(key).collect::<Vec<_>>());
            }
            if area == "riket" {
                for code in *codes {
                    let key = |kon: &str| format!("deltagare|{area}|personuppgifter|{code}|{kon}");
                    self.adds_up(&key("totalt"), &KON.map(key));
                }
            }
        }
    }

    fn know_area(&mut self, area: &str, all_kon: &[&str]) {
        self.know_participants(area, all_kon);
        let levels: &[(&str, &[&str])] = if area == "riket" { &[("komponent", &[])] } else { &[] };
        for point in MATPUNKTER {
            for status in STATUS.iter().chain(["totalt"].iter()) {
                let key = |kon: &str| format!("tackning|{area}|{point}|{status}|{kon}");
                self.adds_up(&key("totalt"), &KON.map(key));
            }
            let mut means: Vec<(&str, &str)> = GRUPPER.iter().map(|(group, _)| ("finsam3", *group)).collect();
            if !levels.is_empty() {
                means.extend(GRUPPER.iter().flat_map(|(_, parts)| parts.iter().map(|part| ("komponent", *part))));
                means.extend(OVRIGA.map(|part| ("komponent", part)));
            }
            for kon in all_kon {
                let key = |status: &str| format!("tackning|{area}|{point}|{status}|{kon}");
                self.covers(&key("totalt"), &STATUS.map(key));
                // Who has left an insats in a year took part in it that year; the same are asked after at each point.
                // Of a quarter only those with personal data are counted, and only they can be observed.
                let (left, among) =
                    if area.contains('/') { ("observerad", "personuppgifter") } else { ("totalt", "totalt") };
                let among = format!("deltagare|{area}|{among}|totalt|{kon}");
                self.state(Unit::Personer, &among, &[key(left)], ComparisonOp::Le);
                for status in ["totalt", "ej_kopplingsbar"] {
                    let at_intag = [format!("tackning|{area}|intag|{status}|{kon}")];
                    if point != "intag" {
                        self.adds_up(&key(status), &at_intag);
                    }
                }
                for (level, name) in &means {
                    let value = |value: &str| format!("forsorjning|{area}|{point}|{level}|{name}|{value}|{kon}");
                    self.covers(&key("observerad"), &VARDEN.map(value));
                }
            }
            for (level, name) in &means {
                for value in VARDEN {
                    let key = |kon: &str| format!("forsorjning|{area}|{point}|{level}|{name}|{value}|{kon}");
                    self.adds_up(&key("totalt"), &KON.map(key));
                }
            }
        }
    }

    /// Yes to a group is yes to some part of it, no is no to every part.
    fn know_group(&mut self, point: &str, group: &str, parts: &[&str], kon: &str) {
        let whole = |value: &str| format!("forsorjning|riket|{point}|finsam3|{group}|{value}|{kon}");
        let each = |value: &str| -> Vec<String> {
            parts.iter().map(|part| format!("forsorjning|riket|{point}|komponent|{part}|{value}|{kon}")).collect()
        };
        for unit in [Unit::Deltaganden, Unit::Personer] {
            self.overlaps(unit, &whole("ja"), &each("ja"));
            for part in each("nej") {
                self.state(unit, &part, &[whole("nej")], ComparisonOp::Le);
            }
        }
    }
}
