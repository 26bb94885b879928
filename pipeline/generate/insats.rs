//! Insatser, the organisations that run them, and participants who are only counted.

use super::chance::Chance;
use super::geografi::Geografi;
use super::tid::{day, shift};
use chrono::NaiveDate;

/// Individinsatser at published numbers, so that about 1 138 were there in 2019.
const INDIVID_COUNT: f64 = 3_800.0;
/// Participants without personuppgifter at published numbers: total less those with personuppgifter.
const ANONYMOUS: [(i32, f64); 5] =
    [(2018, 11_900.0), (2019, 10_814.0), (2020, 7_413.0), (2021, 7_000.0), (2022, 6_000.0)];
/// Women of a thousand among them.
const WOMEN: f64 = 0.55;
/// Organisations of other samverkansformer in the same system.
pub const OTHERS: [(&str, &str, &str); 3] = [
    ("F901", "Tvåpartssamverkan Norr", "TVAPART"),
    ("F902", "Handlingsplan Syd", "HANDLINGSPLAN"),
    ("F903", "Samarbetet Arbetsförmedlingen och Försäkringskassan", "AFFK"),
];
const NAMES: [&str; 12] = [
    "Vägen in",
    "Steget vidare",
    "Unga framåt",
    "Resursteamet",
    "Kraftkällan",
    "Nystart",
    "Åter i arbete",
    "Samverkansteamet",
    "Lotsen",
    "Grön rehab",
    "Självklart",
    "Ökad delaktighet",
];
const STRUCTURAL: [&str; 4] = ["Utbildning för personal", "Kartläggning av behov", "Nätverk och möten", "Samsyn"];

pub struct Insats {
    pub id: String,
    pub forbund_id: String,
    pub namn: String,
    pub form: &'static str,
    pub struktur: bool,
    pub start: NaiveDate,
    pub slut: Option<NaiveDate>,
    pub planerat: Option<u64>,
}

impl Insats {
    pub fn runs_on(&self, when: NaiveDate) -> bool {
        self.start <= when && self.slut.is_none_or(|slut| when <= slut)
    }
}

pub struct Insatser {
    pub all: Vec<Insats>,
    /// Positions of the individinsatser of each förbund; the first runs as long as the förbund.
    pub individ: Vec<Vec<usize>>,
    /// Positions of the insatser of other samverkansformer.
    pub others: Vec<usize>,
}

/// Counts of one insats in one year.
pub struct Anonyma {
    pub insats: usize,
    pub ar: i32,
    pub kvinnor: u64,
    pub man: u64,
}

impl Insatser {
    /// The insatser of all förbund, in number by their weight.
    pub fn draw(chance: &mut Chance, map: &Geografi, scale: f64) -> Insatser {
        let total: u32 = map.forbund.iter().map(|forbund| map.weight(forbund)).sum();
        let mut insatser = Insatser { all: Vec::new(), individ: Vec::new(), others: Vec::new() };
        for forbund in &map.forbund {
            let share = f64::from(map.weight(forbund)) / f64::from(total.max(1));
            let count = ((share * INDIVID_COUNT * scale).round() as usize).max(2);
            let first = forbund.fran.max(day(2012, 1, 1));
            let mut individ = vec![insatser.add(chance, &forbund.id, false, first, forbund.till)];
            for _ in 1..count {
                let (start, slut) = span(chance, first, forbund.till);
                individ.push(insatser.add(chance, &forbund.id, false, start, slut));
            }
            for _ in 0..(count * 17).div_ceil(20) {
                let (start, slut) = span(chance, first, forbund.till);
                insatser.add(chance, &forbund.id, true, start, slut);
            }
            insatser.individ.push(individ);
        }
        for (id, _, form) in OTHERS {
            let position = insatser.add(chance, id, false, day(2012, 1, 1), None);
            insatser.all[position].form = form;
            insatser.others.push(position);
        }
        insatser
    }

    fn add(
        &mut self,
        chance: &mut Chance,
        id: &str,
        struktur: bool,
        start: NaiveDate,
        slut: Option<NaiveDate>,
    ) -> usize {
        let position = self.all.len();
        let namn = if struktur { *chance.pick(&STRUCTURAL) } else { *chance.pick(&NAMES) };
        let planned = chance.between(5, 60);
        self.all.push(Insats {
            id: format!("I{:06}", position + 1),
            forbund_id: id.to_owned(),
            namn: namn.to_owned(),
            form: "FINSAM",
            struktur,
            start,
            slut,
            planerat: if chance.promille(800) { u64::try_from(planned).ok() } else { None },
        });
        position
    }

    /// An individinsats of a förbund that runs on a day.
    pub fn pick(&self, chance: &mut Chance, forbund: usize, when: NaiveDate) -> usize {
        let own = &self.individ[forbund];
        let running: Vec<usize> = own.iter().copied().filter(|insats| self.all[*insats].runs_on(when)).collect();
        if running.is_empty() { own[0] } else { *chance.pick(&running) }
    }

    /// The counted participants of every insats and year, adding up to the published numbers times the scale.
    pub fn anonymous(&self, chance: &mut Chance, scale: f64) -> Vec<Anonyma> {
        let mut all = Vec::new();
        for (ar, total) in ANONYMOUS {
            let running: Vec<usize> = self
                .individ
                .iter()
                .flatten()
                .copied()
                .filter(|i| {
                    self.all[*i].start <= day(ar, 12, 31) && self.all[*i].slut.is_none_or(|s| s >= day(ar, 1, 1))
                })
                .collect();
            let weights: Vec<f64> = running.iter().map(|_| chance.between(0, 10) as f64).collect();
            let sum: f64 = weights.iter().sum::<f64>().max(1.0);
            // What is rounded away from one insats is given to the next, so that the total holds.
            let (mut women, mut men) = (0.0, 0.0);
            for (insats, weight) in running.into_iter().zip(weights) {
                women += total * scale * WOMEN * weight / sum;
                men += total * scale * (1.0 - WOMEN) * weight / sum;
                let (kvinnor, man) = (women.floor(), men.floor());
                (women, men) = (women - kvinnor, men - man);
                if kvinnor + man > 0.0 {
                    all.push(Anonyma { insats, ar, kvinnor: kvinnor as u64, man: man as u64 });
                }
            }
        }
        all
    }
}

/// One to four years within the life of the förbund.
fn span(chance: &mut Chance, first: NaiveDate, last: Option<NaiveDate>) -> (NaiveDate, Option<NaiveDate>) {
    let end = last.unwrap_or(day(2022, 12, 31));
    let first = first.max(day(2014, 1, 1));
    let start = shift(first, chance.between(0, (end - first).num_days().max(0)));
    let slut = shift(start, chance.between(300, 1500));
    if slut <= end { (start, Some(slut)) } else { (start, last) }
}
