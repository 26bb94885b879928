//! What is drawn of a person: offsets in days, weeks or months from the first day of the world, and small choices.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// Which of the person's numbers a row is about, and which extraction it stands in.
pub type Place = (usize, usize);

/// Whether it is aktivitetsersättning, and whether it is vilande.
pub type Kind = (bool, bool);

/// The form of a loan, and where its row stands.
pub type Loan = (u8, Place);

#[derive(Clone, Debug)]
pub struct Seed {
    /// Start, length (none: ongoing), a choice (0 felregistrering, 1 anonymous), the rows of the first SUS (below 8).
    pub participations: Vec<(i32, Option<i32>, u8, u8)>,
    /// Start, length (none: open), extent, rehabilitation.
    pub sick: Vec<(i32, Option<i32>, u8, bool, Place)>,
    /// Days from the first exit to the start of the first period of sjukpenning, with pay in the month of exit.
    pub sick_near_exit: Option<i32>,
    /// Start, length (none: open), grade, aktivitetsersättning, vilande.
    pub disability: Vec<(i32, Option<i32>, u8, Kind, Place)>,
    /// Month of payment, kind, extent, days.
    pub activity: Vec<(i32, u8, u8, i32, Place)>,
    /// Week, kind, days.
    pub weeks: Vec<(i32, bool, i32, Place)>,
    /// Month, kind, days.
    pub months: Vec<(i32, bool, i32, Place)>,
    /// Start, length, form, extent, a loan of the same days (and extent).
    pub studies: Vec<(i32, i32, u8, u8, Loan)>,
    /// Start, length (none: open; negative: reversed), code.
    pub enrolment: Vec<(i32, Option<i32>, u8, Place)>,
    /// Month, kommun, kronor, as second adult.
    pub support: Vec<(i32, i32, u8, bool, Place)>,
    /// Month, employer, kronor, removed; a fourth extraction is a correction.
    pub pay: Vec<(i32, u8, u8, bool, Place)>,
    /// Age class and precision of the date of birth.
    pub birth: (i32, u8),
    pub sex: u8,
    /// Start and kommun of each move.
    pub moves: Vec<(i32, i32)>,
    /// Kind, day, precision, as a version of its own, return.
    pub departure: Option<(u8, i32, u8, bool, Option<i32>)>,
    /// Days of changes of number, and what kind of changes they are.
    pub changes: (Vec<i32>, u8),
    /// Former numbers stand in folkbokföring as given up.
    pub tombstones: bool,
    /// Number, start and kommun of versions of numbers that are not the newest.
    pub others: Vec<(usize, i32, i32)>,
}

pub fn seed() -> impl Strategy<Value = Seed> {
    let place = || (0usize..4, 0usize..4);
    let benefits = (
        vec((-60..2000, weighted(0.9, 0..120), 0u8..4, any::<bool>(), place()), 0..5),
        vec((-400..1900, weighted(0.6, 0..700), 0u8..7, (any::<bool>(), prop::bool::weighted(0.2)), place()), 0..3),
        vec((-3..66, 0u8..3, 0u8..4, -1..23, place()), 0..10),
        vec((-3..288, any::<bool>(), 0..6, place()), 0..16),
        vec((-3..66, any::<bool>(), 0..23, place()), 0..6),
        vec((-60..2000, 0..200, 0u8..9, 0u8..3, (0u8..4, place())), 0..4),
        vec((-200..1950, weighted(0.8, -3..500), 0u8..9, place()), 0..6),
        vec((-3..66, 0..4, 0u8..5, any::<bool>(), place()), 0..12),
        vec((-3..66, 0u8..3, 0u8..9, prop::bool::weighted(0.1), place()), 0..24),
    );
    let person = (
        (0..9000, 0u8..4),
        0u8..5,
        vec((0..2000, 0..4), 0..3),
        weighted(0.25, (0u8..8, -200..2000, 0u8..5, any::<bool>(), weighted(0.5, 1..700))),
        (vec(0..2000, 0..3), 0u8..14),
        any::<bool>(),
        vec((0usize..3, -400..2000, 0..4), 0..2),
    );
    let participations = vec((0..1825, weighted(0.9, 0..500), 0u8..14, 0u8..32), 1..4);
    (participations, weighted(0.4, -3..18), benefits, person).prop_map(|(participations, near, benefits, person)| {
        Seed {
            participations,
            sick_near_exit: near,
            sick: benefits.0,
            disability: benefits.1,
            activity: benefits.2,
            weeks: benefits.3,
            months: benefits.4,
            studies: benefits.5,
            enrolment: benefits.6,
            support: benefits.7,
            pay: benefits.8,
            birth: person.0,
            sex: person.1,
            moves: person.2,
            departure: person.3,
            changes: person.4,
            tombstones: person.5,
            others: person.6,
        }
    })
}
