//! From what is drawn of a person to the rows of every register.

use super::seed::Place;
use super::{Activity, Disability, Enrolment, Occasions, Participation, Pay, Person, Seed, Settings, Sick, Study};
use super::{Support, Unemployment, folk};
use crate::support::naive::{Day, add_months, first_of_month, monday};

/// What rows are laid out by: the world, and how many numbers the person has.
struct Frame<'a> {
    settings: &'a Settings,
    numbers: usize,
}

impl Frame<'_> {
    fn number(&self, place: Place) -> usize {
        place.0 % self.numbers
    }

    fn extractions(&self, table: &str, place: Place) -> Vec<Day> {
        self.settings.extractions(table, place.1)
    }

    fn day(&self, after: i32) -> Day {
        self.settings.origin + after
    }

    fn month(&self, after: i32) -> Day {
        add_months(first_of_month(self.settings.origin), after)
    }
}

pub fn lay_out(index: usize, seed: &Seed, settings: &Settings) -> Person {
    let changes = folk::changes(seed, settings);
    let numbers = changes.iter().map(|change| change.old.max(change.new) + 1).max().unwrap_or(1);
    let frame = Frame { settings, numbers };
    Person {
        index,
        participations: participations(index, seed, &frame),
        sick: sick(seed, &frame),
        disability: disability(seed, &frame),
        activity: activity(seed, &frame),
        weeks: weeks(seed, &frame),
        months: months(seed, &frame),
        studies: studies(seed, &frame),
        enrolment: enrolment(seed, &frame),
        support: support(seed, &frame),
        pay: pay(seed, &frame),
        versions: folk::versions(seed, settings, &changes),
        birth: folk::birth(seed, settings),
        changes,
    }
}

fn participations(index: usize, seed: &Seed, frame: &Frame) -> Vec<Participation> {
    let row = |(nr, (after, length, choice, occasions)): (usize, &(i32, Option<i32>, u8, u8))| Participation {
        id: format!("D{index:06}-{nr}"),
        start: frame.day(*after),
        end: length.map(|days| frame.day(after + days)),
        misregistered: *choice == 0 && *occasions >= 8,
        anonymous: *choice == 1,
        number: nr % frame.numbers,
        first_sus: (*occasions < 8).then_some(Occasions {
            start: *occasions != 1,
            exit: *occasions != 2,
            half_year: *occasions > 2,
            moved: *occasions % 2 == 1,
            late: *occasions == 6,
        }),
    };
    seed.participations.iter().enumerate().map(row).collect()
}

/// The first period of sjukpenning begins near the first exit, for those drawn so.
fn near(seed: &Seed, frame: &Frame) -> Option<(Day, Day)> {
    let (start, length, ..) = seed.participations[0];
    let exit = frame.day(start + length?);
    Some((exit + seed.sick_near_exit?, exit))
}

fn sick(seed: &Seed, frame: &Frame) -> Vec<Sick> {
    let mut rows = Vec::new();
    for (nr, (after, length, extent, rehabilitation, place)) in seed.sick.iter().enumerate() {
        let from = near(seed, frame).filter(|_| nr == 0).map_or(frame.day(*after), |(first, _)| first);
        for extracted in frame.extractions("fk_sjukpenning", *place).into_iter().filter(|day| from <= *day) {
            rows.push(Sick {
                rehabilitation: *rehabilitation,
                from,
                to: length.map(|days| from + days),
                percent: [25, 50, 75, 100][usize::from(*extent)],
                extracted,
                number: frame.number(*place),
            });
        }
    }
    rows
}

fn disability(seed: &Seed, frame: &Frame) -> Vec<Disability> {
    let mut rows = Vec::new();
    for (after, length, grade, (activity, resting), place) in &seed.disability {
        for extracted in frame.extractions("fk_sjukersattning", *place) {
            rows.push(Disability {
                activity: *activity,
                from: frame.day(*after),
                to: length.map(|days| frame.day(after + days)),
                grade: ["00", "01", "02", "03", "04", "05", "01"][usize::from(*grade)],
                resting: *resting,
                extracted,
                number: frame.number(*place),
            });
        }
    }
    rows
}

fn activity(seed: &Seed, frame: &Frame) -> Vec<Activity> {
    let mut rows = Vec::new();
    for (after, kind, extent, days, place) in &seed.activity {
        for extracted in frame.extractions("fk_aktivitetsstod", *place) {
            rows.push(Activity {
                kind: ["AS", "UE", "EE"][usize::from(*kind)],
                month: frame.month(*after),
                percent: [25, 50, 75, 100][usize::from(*extent)],
                days: *days,
                extracted,
                number: frame.number(*place),
            });
        }
    }
    rows
}

fn weeks(seed: &Seed, frame: &Frame) -> Vec<Unemployment> {
    let mut rows = Vec::new();
    for (after, basic, days, place) in &seed.weeks {
        for extracted in frame.extractions("akassa_vecka", *place) {
            let (kind, number) = (if *basic { "GRU" } else { "INK" }, frame.number(*place));
            rows.push(Unemployment { from: monday(frame.day(7 * after)), kind, days: *days, extracted, number });
        }
    }
    rows
}

fn months(seed: &Seed, frame: &Frame) -> Vec<Unemployment> {
    let mut rows = Vec::new();
    for (after, basic, days, place) in &seed.months {
        for extracted in frame.extractions("akassa_manad", *place) {
            let (kind, number) = (if *basic { "GRU" } else { "INK" }, frame.number(*place));
            rows.push(Unemployment { from: frame.month(*after), kind, days: *days, extracted, number });
        }
    }
    rows
}

fn studies(seed: &Seed, frame: &Frame) -> Vec<Study> {
    let forms = ["BIDRAG", "TILLAGGSLAN", "TILLAGGSBIDRAG", "MERKOSTNADSLAN", "STUDIEHJALP", "STUDIESTARTSSTOD"];
    let mut rows = Vec::new();
    for (after, length, form, extent, (loan, place)) in &seed.studies {
        for extracted in frame.extractions("csn_studiemedel", *place) {
            let grant = Study {
                form: forms[usize::from(*form) % forms.len()],
                from: frame.day(*after),
                to: frame.day(after + length),
                percent: [50, 75, 100][usize::from(*extent)],
                extracted,
                number: frame.number(*place),
            };
            // A loan for the same days: of the same extent, or of another.
            match loan {
                0 => rows.push(Study { form: "LAN", ..grant.clone() }),
                1 => rows.push(Study { form: "LAN", percent: 50, ..grant.clone() }),
                _ => {}
            }
            rows.push(grant);
        }
    }
    rows
}

fn enrolment(seed: &Seed, frame: &Frame) -> Vec<Enrolment> {
    let codes = ["11", "33", "37", "42", "46", "51", "54", "22", "80"];
    let mut rows = Vec::new();
    for (nr, (after, length, code, place)) in seed.enrolment.iter().enumerate() {
        for extracted in frame.extractions("af_sokandekategori", *place) {
            rows.push(Enrolment {
                // Entered in another order than that of the rows.
                entry: [4, 2, 6, 1, 5, 3][nr % 6],
                from: frame.day(*after),
                to: length.map(|days| frame.day(after + days)),
                code: codes[usize::from(*code)],
                extracted,
                number: frame.number(*place),
            });
        }
    }
    rows
}

fn support(seed: &Seed, frame: &Frame) -> Vec<Support> {
    let mut rows = Vec::new();
    for (after, kommun, kronor, second, place) in &seed.support {
        for extracted in frame.extractions("ekonomiskt_bistand", *place) {
            rows.push(Support {
                month: frame.month(*after),
                kommun: *kommun,
                kronor: [0, 1, 5000, 5000, 9000][usize::from(*kronor)],
                second: *second,
                number: frame.number(*place),
                extracted,
            });
        }
    }
    rows
}

fn pay(seed: &Seed, frame: &Frame) -> Vec<Pay> {
    let kronor = [Some(0), None, Some(50), Some(99), Some(100), Some(4000), Some(9000), Some(14_000), Some(31_000)];
    let mut rows = Vec::new();
    for (nr, (after, employer, amount, removed, place)) in seed.pay.iter().enumerate() {
        let month = match near(seed, frame) {
            Some((_, exit)) if nr < 2 => first_of_month(exit + 1),
            _ => frame.month(*after),
        };
        let sent = match place.1 {
            3 => vec![frame.settings.corrected()],
            _ => frame.extractions("agi", *place),
        };
        for extracted in sent {
            rows.push(Pay {
                employer: *employer,
                month,
                kronor: kronor[usize::from(*amount)],
                removed: *removed,
                extracted,
                number: frame.number(*place),
            });
        }
    }
    rows
}
