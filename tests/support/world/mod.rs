//! A generated world: settings of the deliveries, and persons with their rows in every register.
//!
//! A person is drawn as small numbers ([`Seed`], what proptest shrinks) and laid out as rows (what both sides read).
//! Every number and date of a person lies within the person, so that one alone can be shrunk.

mod deliveries;
mod folk;
mod lay_out;
mod rows;
mod seed;

pub use deliveries::{Delivery, REGISTERS, Settings, settings};
pub use lay_out::lay_out;
pub use rows::{tables, uuid};
pub use seed::{Seed, seed};

use super::naive::Day;

/// One deltagande as SUS delivered it.
#[derive(Clone, Debug)]
pub struct Participation {
    pub id: String,
    pub start: Day,
    pub end: Option<Day>,
    pub misregistered: bool,
    pub anonymous: bool,
    pub number: usize,
    /// The rows of the first SUS; none in the later one.
    pub first_sus: Option<Occasions>,
}

/// Which rows of the first SUS there are.
#[derive(Clone, Copy, Debug)]
pub struct Occasions {
    pub start: bool,
    pub exit: bool,
    pub half_year: bool,
    /// Only the row of the start holds the true start: the others were registered with a later one.
    pub moved: bool,
    /// The row of the start says a later start than the others.
    pub late: bool,
}

/// Days by which a start is late.
pub const LATE: Day = 100;

#[derive(Clone, Debug)]
pub struct Sick {
    pub rehabilitation: bool,
    pub from: Day,
    /// Inclusive, as delivered.
    pub to: Option<Day>,
    pub percent: i32,
    pub extracted: Day,
    pub number: usize,
}

/// Sjukersättning or aktivitetsersättning.
#[derive(Clone, Debug)]
pub struct Disability {
    pub activity: bool,
    pub from: Day,
    /// Inclusive, as delivered.
    pub to: Option<Day>,
    pub grade: &'static str,
    pub resting: bool,
    pub extracted: Day,
    pub number: usize,
}

/// Aktivitetsstöd and what is paid like it.
#[derive(Clone, Debug)]
pub struct Activity {
    pub kind: &'static str,
    /// The month of payment.
    pub month: Day,
    pub percent: i32,
    pub days: i32,
    pub extracted: Day,
    pub number: usize,
}

/// A week or a month of a-kassa.
#[derive(Clone, Debug)]
pub struct Unemployment {
    /// Monday, or first of the month.
    pub from: Day,
    pub kind: &'static str,
    pub days: i32,
    pub extracted: Day,
    pub number: usize,
}

#[derive(Clone, Debug)]
pub struct Study {
    pub form: &'static str,
    pub from: Day,
    /// Inclusive, as delivered.
    pub to: Day,
    pub percent: i32,
    pub extracted: Day,
    pub number: usize,
}

/// A period at the employment service.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The order of entry.
    pub entry: i32,
    pub from: Day,
    /// Inclusive, as delivered.
    pub to: Option<Day>,
    pub code: &'static str,
    pub extracted: Day,
    pub number: usize,
}

#[derive(Clone, Debug)]
pub struct Support {
    /// First of the month concerned.
    pub month: Day,
    pub kommun: i32,
    pub kronor: i32,
    pub second: bool,
    pub number: usize,
    pub extracted: Day,
}

#[derive(Clone, Debug)]
pub struct Pay {
    pub employer: u8,
    pub month: Day,
    pub kronor: Option<i32>,
    pub removed: bool,
    pub extracted: Day,
    pub number: usize,
}

/// A row of folkbokföring.
#[derive(Clone, Debug)]
pub struct Version {
    pub from: Day,
    /// Inclusive, as delivered.
    pub to: Option<Day>,
    pub kommun: Option<i32>,
    pub sex: Option<&'static str>,
    pub code: Option<&'static str>,
    pub earliest: Option<Day>,
    pub latest: Option<Day>,
    pub number: usize,
}

/// A change of number.
#[derive(Clone, Debug)]
pub struct Change {
    pub old: usize,
    pub new: usize,
    pub day: Day,
    pub code: &'static str,
}

/// The rows about one drawn person, in the order in which they stand in the deliveries.
///
/// Numbers that never link make several persons of them.
#[derive(Clone, Debug)]
pub struct Person {
    pub index: usize,
    pub participations: Vec<Participation>,
    pub sick: Vec<Sick>,
    pub disability: Vec<Disability>,
    pub activity: Vec<Activity>,
    pub weeks: Vec<Unemployment>,
    pub months: Vec<Unemployment>,
    pub studies: Vec<Study>,
    pub enrolment: Vec<Enrolment>,
    pub support: Vec<Support>,
    pub pay: Vec<Pay>,
    pub versions: Vec<Version>,
    /// Earliest and latest possible day of birth.
    pub birth: (Day, Day),
    pub changes: Vec<Change>,
}
