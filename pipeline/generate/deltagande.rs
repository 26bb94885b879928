//! Inregistreringar of a person: when, where, how they ended, and which of them are at fault.

use super::chance::Chance;
use super::geografi::Geografi;
use super::insats::Insatser;
use super::tid::{day, shift};
use chrono::{Datelike, NaiveDate};

/// SUS took no more registrations after this day.
pub const SUS_CLOSED: NaiveDate = day(2022, 12, 31);
/// Inregistreringar with personuppgifter per year of start, at published numbers: with the lengths below they make
/// about 17 900, 20 353, 17 454, 17 100 and 15 400 active in 2018–2022.
const STARTS: [(i32, u32); 8] = [
    (2015, 10_000),
    (2016, 10_400),
    (2017, 11_200),
    (2018, 10_700),
    (2019, 12_066),
    (2020, 7_900),
    (2021, 9_536),
    (2022, 7_100),
];
/// Persons at published numbers: inregistreringar active 2018–2022, of which a person has 1.15 on average.
pub const PERSONS: f64 = 49_300.0;
/// Lengths in days and how common they are; the mean is near ten months.
const LENGTHS: [(i64, i64, u32); 5] = [(14, 90, 15), (90, 240, 35), (240, 400, 28), (400, 700, 16), (700, 1300, 6)];

/// Reasons for leaving of those who neither work nor study afterwards.
const OTHER_REASONS: [&str; 8] =
    ["PLAN", "PLAN", "REHAB", "SJUKDOM", "EGEN_BEGARAN", "ATER_REMITTENT", "FLYTTAT", "OVRIGT"];

/// What a participant mostly lives on when they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kalla {
    Sjukpenning,
    SjukpenningOchBistand,
    Bistand,
    Aktivitetsersattning,
    Sjukersattning,
    Arbetsmarknadsstod,
    Arbete,
    Ingen,
}

/// What a participant does afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Utfall {
    Arbete,
    ArbeteMedStod,
    Studier,
    ArbeteOchStudier,
    Arbetssokande,
    Ovrigt,
}

impl Utfall {
    pub const fn works(self) -> bool {
        matches!(self, Utfall::Arbete | Utfall::ArbeteMedStod | Utfall::ArbeteOchStudier)
    }
}

/// Whether a row of the delivery is one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radslag {
    Ordinarie,
    Felregistrering,
    /// Of another samverkansform than Finsam.
    AnnanForm,
    /// At fault, so that ingest must reject it.
    Avvisad(Fel),
}

/// How a rejected row is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fel {
    Nummer,
    Kod,
    SlutForeStart,
    /// The same row a second time; the first is kept.
    Dubblett,
}

#[derive(Clone)]
pub struct Deltagande {
    /// Position among the insatser.
    pub insats: usize,
    pub start: NaiveDate,
    /// As registered; none for those who have not left or were never registered out.
    pub slut: Option<NaiveDate>,
    /// Day on which the samtycke was withdrawn.
    pub atertaget: Option<NaiveDate>,
    pub utfall: Utfall,
    pub slag: Radslag,
    /// Left because of death.
    pub avled: bool,
}

/// A first inregistrering: start, and the day it would end if nothing comes between.
pub fn draw_first(chance: &mut Chance) -> (NaiveDate, NaiveDate) {
    let weights = STARTS.map(|(_, count)| count);
    // Those that ended before 2018 belong to no year that is told of.
    for _ in 0..1000 {
        let (year, _) = STARTS[chance.weighted(&weights)];
        let start = shift(day(year, 1, 1), chance.between(0, 364));
        let end = shift(start, draw_length(chance));
        if end >= day(2018, 1, 1) {
            return (start, end);
        }
    }
    (day(2019, 1, 7), day(2019, 11, 29))
}

fn draw_length(chance: &mut Chance) -> i64 {
    let (low, high, _) = LENGTHS[chance.weighted(&LENGTHS.map(|(_, _, weight)| weight))];
    chance.between(low, high)
}

/// The källa at the start, near the published shares: sjukpenning a fifth, aktivitetsersättning, which only those
/// under thirty have, nine in a hundred.
pub fn draw_kalla(chance: &mut Chance, young: bool) -> Kalla {
    // Of those under thirty, and of others.
    const ALL: [(Kalla, u32, u32); 8] = [
        (Kalla::Sjukpenning, 120, 206),
        (Kalla::SjukpenningOchBistand, 15, 23),
        (Kalla::Bistand, 335, 405),
        (Kalla::Aktivitetsersattning, 270, 0),
        (Kalla::Sjukersattning, 0, 25),
        (Kalla::Arbetsmarknadsstod, 165, 204),
        (Kalla::Arbete, 35, 58),
        (Kalla::Ingen, 60, 79),
    ];
    let weights = ALL.map(|(_, of_young, of_others)| if young { of_young } else { of_others });
    ALL[chance.weighted(&weights)].0
}

/// The outcome, near the published share: about three in ten to work or studies.
pub fn draw_utfall(chance: &mut Chance) -> Utfall {
    const ALL: [(Utfall, u32); 6] = [
        (Utfall::Arbete, 135),
        (Utfall::ArbeteMedStod, 55),
        (Utfall::Studier, 95),
        (Utfall::ArbeteOchStudier, 20),
        (Utfall::Arbetssokande, 300),
        (Utfall::Ovrigt, 395),
    ];
    ALL[chance.weighted(&ALL.map(|(_, weight)| weight))].0
}

/// The förbund that answers for a drawn one on a day: its successor where it has been merged.
pub fn forbund_on(map: &Geografi, forbund: usize, when: NaiveDate) -> usize {
    let drawn = &map.forbund[forbund];
    match (&drawn.till, &drawn.eftertradare) {
        (Some(till), Some(successor)) if *till < when => {
            map.forbund.iter().position(|other| other.id == *successor).unwrap_or(forbund)
        }
        _ => forbund,
    }
}

/// A kommun for a participant of a förbund: nearly always a member on the day.
pub fn draw_kommun(chance: &mut Chance, map: &Geografi, forbund: usize, when: NaiveDate) -> usize {
    let members: Vec<usize> = map.forbund[forbund]
        .medlemmar
        .iter()
        .filter(|medlem| medlem.fran <= when && medlem.till.is_none_or(|till| when <= till))
        .map(|medlem| medlem.kommun)
        .collect();
    if members.is_empty() || chance.promille(40) {
        return chance.below(map.kommuner.len());
    }
    members[chance.weighted(&members.iter().map(|k| map.kommuner[*k].weight).collect::<Vec<_>>())]
}

impl Deltagande {
    /// An ordinary one. Those that run on when SUS closes have no slutdatum, or one that was planned; a few were
    /// never registered out.
    pub fn new(chance: &mut Chance, insats: usize, start: NaiveDate, end: NaiveDate, utfall: Utfall) -> Deltagande {
        let planned = end <= day(2023, 6, 30) && chance.promille(150);
        let slut = if (end <= SUS_CLOSED && !chance.promille(10)) || planned { Some(end) } else { None };
        let mut new =
            Deltagande { insats, start, slut, atertaget: None, utfall, slag: Radslag::Ordinarie, avled: false };
        if chance.promille(8) {
            let when = shift(start, chance.between(5, 200)).min(SUS_CLOSED);
            new.slut = Some(when);
            new.atertaget = Some(when);
        }
        new
    }

    /// Ends with a death: registered out some days later, or never.
    pub fn end_by_death(&mut self, chance: &mut Chance, dod: NaiveDate) {
        if self.slut.is_some_and(|slut| slut <= dod) {
            return;
        }
        let later = shift(dod, chance.between(0, 12));
        self.slut = if later <= SUS_CLOSED && chance.promille(750) { Some(later) } else { None };
        self.avled = self.slut.is_some();
        self.atertaget = None;
    }

    /// The code of why it ended; empty while it runs.
    pub fn avslutsanledning(&self, chance: &mut Chance) -> &'static str {
        match (self.slag, self.slut, self.atertaget, self.utfall) {
            (Radslag::Felregistrering, ..) => "FELREGISTRERING",
            (_, None, ..) => "",
            (_, _, Some(_), _) => "SAMTYCKE_ATERTAGET",
            _ if self.avled => "AVLIDEN",
            (_, _, _, Utfall::Arbete | Utfall::ArbeteMedStod) => "ARBETE",
            (_, _, _, Utfall::Studier | Utfall::ArbeteOchStudier) => "STUDIER",
            _ => chance.pick::<&str>(&OTHER_REASONS),
        }
    }
}

/// Further inregistreringar of the same person: parallel to the first, or repeated after it.
pub fn draw_more(
    chance: &mut Chance,
    insatser: &Insatser,
    forbund: usize,
    first: &Deltagande,
    end: NaiveDate,
) -> Vec<Deltagande> {
    let mut more = Vec::new();
    let mut last_end = end;
    for likelihood in [120, 250] {
        if !chance.promille(likelihood) {
            break;
        }
        let length = (last_end - first.start).num_days().max(1);
        let start = if chance.promille(350) {
            shift(first.start, chance.between(1, length))
        } else {
            shift(last_end, chance.between(5, 400))
        };
        if start > SUS_CLOSED || first.atertaget.is_some() {
            break;
        }
        let end = shift(start, draw_length(chance)).max(shift(day(2018, 1, 1), chance.between(0, 60)));
        let insats = insatser.pick(chance, forbund, start);
        let utfall = draw_utfall(chance);
        more.push(Deltagande::new(chance, insats, start, end, utfall));
        last_end = last_end.max(end);
    }
    more
}

/// Rows that do not count, made from one that does: a mistaken registration, one of another samverkansform.
pub fn draw_strays(chance: &mut Chance, insatser: &Insatser, first: &Deltagande) -> Vec<Deltagande> {
    let mut strays = Vec::new();
    if chance.promille(14) {
        let slut = shift(first.start, chance.between(0, 30)).min(SUS_CLOSED);
        strays.push(Deltagande {
            slut: Some(slut),
            slag: Radslag::Felregistrering,
            atertaget: None,
            avled: false,
            ..first.clone()
        });
    }
    if chance.promille(18) {
        let insats = *chance.pick(&insatser.others);
        strays.push(Deltagande { insats, slag: Radslag::AnnanForm, atertaget: None, avled: false, ..first.clone() });
    }
    strays
}

/// A birthday for someone who comes at a start: a third are under thirty.
pub fn draw_birth(chance: &mut Chance, start: NaiveDate) -> NaiveDate {
    let age = if chance.promille(360) { chance.between(19, 29) } else { chance.between(30, 62) };
    let year = (start.year() - i32::try_from(age).unwrap_or(40)).clamp(1950, 2003);
    shift(day(year, 1, 1), chance.between(0, 364))
}
