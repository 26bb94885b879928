//! What is drawn of a world, as small numbers: deliveries, and persons before they are laid out as rows.

use super::super::naive::day;
use super::COMPONENTS;
use super::world::{Delivery, MEASURED, Settings};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// First day of the years that participations start in.
pub const FIRST: (i32, i32, i32) = (2012, 1, 1);

const TABLES: [&str; 9] = [
    "fk_sjukpenning",
    "fk_sjukersattning",
    "fk_aktivitetsstod",
    "akassa_vecka",
    "akassa_manad",
    "ekonomiskt_bistand",
    "csn_studiemedel",
    "agi",
    "af_sokandekategori",
];

/// Deliveries; `nothing` is delivered of the registers of offentlig försörjning, a few times.
pub fn settings(nothing: bool) -> impl Strategy<Value = Settings> {
    // Delivered or not, first day, length, days from the end to the extraction, lag, corrected, and split in two with
    // days between them, listed.
    let table = (0..12, -300..1300, 1500..3200, -90..200, 0..5, 0..3, weighted(0.5, (200..1200, -3..4, 0u8..12)));
    (vec(table, TABLES.len()), 1500..3700).prop_map(move |(tables, sus)| {
        let start = day(FIRST.0, FIRST.1, FIRST.2);
        let mut deliveries = Vec::new();
        for (table, (delivered, first, length, waited, lag, corrected, split)) in TABLES.into_iter().zip(tables) {
            let from = start + first;
            let till = from + length;
            let one = Delivery { table, from, till, extracted: till + waited, lag, whole: true, listed: None };
            let public = COMPONENTS.iter().any(|component| component.public && component.tables.contains(&table));
            if delivered > 0 && !(nothing && public) {
                match split {
                    Some((after, gap, listed)) => {
                        let middle = from + after;
                        let lists = [(listed == 0).then_some(middle), (listed < 2).then_some(middle + 400)];
                        let older = Delivery { till: middle, extracted: middle + waited, ..one.clone() };
                        deliveries.push(Delivery { listed: lists[0], ..older });
                        deliveries.push(Delivery { from: middle + gap, listed: lists[1], ..one.clone() });
                    }
                    None => deliveries.push(one.clone()),
                }
            }
            if corrected == 0 {
                let wide = Delivery { from: start - 2000, till: till + 400, extracted: till + 900, lag: 0, ..one };
                deliveries.push(Delivery { whole: false, ..wide });
            }
        }
        Settings { deliveries, sus_extracted: start + sus }
    })
}

/// What is drawn of a situation at a point.
#[derive(Clone, Debug)]
pub struct SituationSeed {
    pub status: u8,
    /// What a komponent is where it is not picked: 0 okand, else nej.
    pub rest: u8,
    /// Komponent, value, extent.
    pub picks: Vec<(u8, u8, u8)>,
    pub level: u8,
    pub step: Option<u8>,
}

/// What is drawn of a registration in the first SUS: occupation, and a percentage for each source.
pub type FirstSusSeed = Option<(Option<u8>, Vec<Option<u8>>)>;

/// What is drawn of a participation.
#[derive(Clone, Debug)]
pub struct ParticipationSeed {
    /// What the start is counted from, and the days: 0–2 the person's first day, 3 the end before, 4 and 5 a point
    /// after it.
    pub start: (u8, i32),
    pub length: Option<i32>,
    /// Start and end moved to the end of a month or of February.
    pub snap: (u8, u8),
    pub insats: u8,
    pub anonymous: u8,
    pub first_sus: u8,
    pub situations: Vec<SituationSeed>,
    /// Ticks before and after; none where nothing is registered.
    pub ticks: [Option<Vec<u8>>; 2],
    /// Occupations and their extents, before and after.
    pub occupations: [Vec<(u8, Option<u8>)>; 2],
    pub first: [FirstSusSeed; 3],
}

/// What is drawn of a person.
#[derive(Clone, Debug)]
pub struct Seed {
    pub first: i32,
    pub participations: Vec<ParticipationSeed>,
    /// Spells backwards from the first start: days, or days off a month, to what follows; length; komponent; extent;
    /// an open end.
    pub before: Vec<(bool, i32, i32, u8, u8, u8)>,
    /// Spells anywhere: days from the first start, length, komponent, extent, an open end.
    pub anywhere: Vec<(i32, i32, u8, u8, u8)>,
    /// Days from the first start, precision, as a version of its own, return.
    pub emigration: Option<(i32, u8, bool, Option<i32>)>,
    /// Days from the first start, precision, as a version of its own.
    pub death: Option<(i32, u8, bool)>,
}

fn situation() -> impl Strategy<Value = SituationSeed> {
    (0u8..14, 0u8..6, vec((0u8..22, 0u8..8, 0u8..4), 0..5), 0u8..10, weighted(0.9, 0u8..6))
        .prop_map(|(status, rest, picks, level, step)| SituationSeed { status, rest, picks, level, step })
}

fn participation() -> impl Strategy<Value = ParticipationSeed> {
    let time = ((0u8..6, -3..1200), weighted(0.85, 0..700), (0u8..8, 0u8..8));
    let ticks = || weighted(0.8, vec(0u8..12, 0..4));
    let occupations = || vec((0u8..5, weighted(0.8, 0u8..5)), 0..3);
    let first = || weighted(0.75, (weighted(0.8, 0u8..5), vec(weighted(0.5, 0u8..5), 10)));
    let kind = (0u8..3, 0u8..12, 0u8..3, vec(situation(), MEASURED.len()));
    let registered = ([ticks(), ticks()], [occupations(), occupations()], [first(), first(), first()]);
    (time, kind, registered).prop_map(|(time, kind, registered)| ParticipationSeed {
        start: time.0,
        length: time.1,
        snap: time.2,
        insats: kind.0,
        anonymous: kind.1,
        first_sus: kind.2,
        situations: kind.3,
        ticks: registered.0,
        occupations: registered.1,
        first: registered.2,
    })
}

pub fn seed() -> impl Strategy<Value = Seed> {
    let before = (any::<bool>(), -3..34, 1..250, 0u8..15, 0u8..8, 0u8..40);
    let anywhere = (-1200..2400, 1..300, 0u8..15, 0u8..8, 0u8..16);
    let people = (
        weighted(0.3, (-900..2000, 0u8..3, any::<bool>(), weighted(0.6, 1..500))),
        weighted(0.2, (0..2000, 0u8..3, any::<bool>())),
    );
    (0..2400, vec(participation(), 1..4), vec(before, 0..6), vec(anywhere, 0..5), people).prop_map(
        |(first, participations, before, anywhere, people)| Seed {
            first,
            participations,
            before,
            anywhere,
            emigration: people.0,
            death: people.1,
        },
    )
}
