//! What a person lived on: the truth that registers are rendered from.
//!
//! Pay and bistånd are sets of months, sickness is spells of days. Someone with a job is paid by the employer for
//! the first fourteen days of a sjukfall, so that Försäkringskassan's first row begins on the fifteenth; this is
//! told from 2019 on, when there are employer declarations to tell it by.

use super::chance::Chance;
use super::deltagande::{Kalla, Utfall};
use super::matning::{Fraga, Komponent};
use super::observation::{KNOWN_TILL, UTTAG};
use super::person::Person;
use super::tid::{Manader, add_months, day, first_day, month_of, shift};
use chrono::NaiveDate;

/// Days of a sjukfall that the employer pays (since 2005; SjukPP in SCB's background facts to LISA).
pub const SICK_PAY_DAYS: i64 = 14;
/// Days between two sjukfall of a person, so that neither is read as a part of the other.
const APART: i64 = 45;
const FIRST_DECLARATION: NaiveDate = day(2019, 1, 1);

/// One row at Försäkringskassan; the days are both included.
pub struct FkRad {
    pub forman: &'static str,
    pub fran: NaiveDate,
    pub till: NaiveDate,
    pub omfattning: i64,
    /// False for a row that was known only after the extract.
    pub levererad: bool,
    /// Delivered without an end, if it still runs when the register is drawn.
    pub oppen: bool,
}

impl FkRad {
    /// Whether the row is delivered without an end: it then covers every day to that of the extract.
    pub fn is_open(&self) -> bool {
        self.oppen && self.till >= UTTAG
    }

    /// The last day that the row covers as delivered.
    pub fn last_known(&self) -> NaiveDate {
        if self.is_open() { UTTAG } else { self.till.min(KNOWN_TILL) }
    }

    /// Whether the row, as delivered, covers a day.
    pub fn is_seen_on(&self, when: NaiveDate) -> bool {
        self.levererad && self.fran <= when.min(KNOWN_TILL) && when <= self.last_known()
    }
}

/// One spell of sickness.
pub struct Sjukfall {
    /// First day of sickness; up to fourteen days before the first row.
    pub sjuk_fran: NaiveDate,
    /// In order of time, with less than five days between two; never empty.
    pub rader: Vec<FkRad>,
}

impl Sjukfall {
    /// The first day that Försäkringskassan knows of, by the rows that were delivered.
    pub fn first_seen(&self) -> Option<NaiveDate> {
        self.rader.iter().find(|rad| rad.levererad).map(|rad| rad.fran)
    }

    fn last_day(&self) -> NaiveDate {
        self.rader.last().map_or(self.sjuk_fran, |rad| rad.till)
    }
}

#[derive(Default)]
pub struct Levnad {
    /// Months with at least 100 kronor in pay for work.
    pub arbete: Manader,
    /// Months with bistånd to the household.
    pub bistand: Manader,
    pub sjukfall: Vec<Sjukfall>,
}

impl Levnad {
    /// The life of a participant around an insats that lasted from `start` to `slut`.
    pub fn of_participant(
        chance: &mut Chance,
        start: NaiveDate,
        slut: NaiveDate,
        kalla: Kalla,
        utfall: Utfall,
    ) -> Levnad {
        let mut levnad = Levnad::default();
        levnad.draw_work(chance, start, slut, kalla, utfall);
        if matches!(kalla, Kalla::Bistand | Kalla::SjukpenningOchBistand) {
            levnad.draw_assistance(chance, start, slut, utfall);
        } else if chance.promille(70) {
            let first = i64::from(month_of(start)) + chance.between(-20, 20);
            levnad.bistand.fill(first, first + chance.between(1, 9), true);
        }
        if matches!(kalla, Kalla::Sjukpenning | Kalla::SjukpenningOchBistand) {
            let sick_from = shift(start, -chance.between(20, 900));
            let tail = if utfall.works() { chance.between(-60, 20) } else { chance.between(-60, 500) };
            let till = shift(slut, tail).max(shift(start, 10));
            levnad.fall_ill(chance, sick_from, till);
        } else if chance.promille(140) {
            let sick_from = shift(start, chance.between(-700, 900));
            let till = shift(sick_from, chance.between(20, 160));
            levnad.fall_ill(chance, sick_from, till);
        }
        if chance.promille(120) {
            let sick_from = shift(slut, chance.between(200, 1300));
            let till = shift(sick_from, chance.between(40, 500));
            levnad.fall_ill(chance, sick_from, till);
        }
        levnad
    }

    /// The life of someone in no insats.
    pub fn of_other(chance: &mut Chance) -> Levnad {
        let mut levnad = Levnad::default();
        if chance.promille(640) {
            let first = chance.between(-60, 50);
            levnad.arbete.fill(first, first + chance.between(40, 180), true);
            if chance.promille(200) {
                let hole = chance.between(0, 110);
                levnad.arbete.fill(hole, hole + chance.between(1, 12), false);
            }
        }
        if chance.promille(90) {
            let first = chance.between(0, 110);
            levnad.bistand.fill(first, first + chance.between(1, 40), true);
        }
        if chance.promille(110) {
            let sick_from = shift(day(2016, 6, 1), chance.between(0, 2500));
            let till = shift(sick_from, chance.between(20, 300));
            levnad.fall_ill(chance, sick_from, till);
        }
        levnad
    }

    fn draw_work(&mut self, chance: &mut Chance, start: NaiveDate, slut: NaiveDate, kalla: Kalla, utfall: Utfall) {
        let (first, last) = (i64::from(month_of(start)), i64::from(month_of(slut)));
        if chance.promille(if kalla == Kalla::Arbete { 1000 } else { 420 }) {
            let until = if kalla == Kalla::Arbete { first + 2 } else { first - chance.between(1, 30) };
            self.arbete.fill(until - chance.between(6, 60), until, true);
        }
        if chance.promille(60) {
            self.arbete.fill(first, last, true);
        }
        if utfall.works() {
            let from = last + if chance.promille(850) { 0 } else { chance.between(1, 3) };
            self.arbete.fill(from, from + if chance.promille(250) { chance.between(2, 14) } else { 120 }, true);
        } else if chance.promille(170) {
            let from = last + chance.between(2, 9);
            self.arbete.fill(from, from + chance.between(2, 40), true);
        }
    }

    fn draw_assistance(&mut self, chance: &mut Chance, start: NaiveDate, slut: NaiveDate, utfall: Utfall) {
        let (first, last) = (i64::from(month_of(start)), i64::from(month_of(slut)));
        let tail = if utfall.works() { chance.between(-1, 3) } else { chance.between(-3, 50) };
        let from = first - chance.between(1, 60);
        self.bistand.fill(from, last + tail, true);
        for month in from.max(0)..=last + tail {
            if chance.promille(40) {
                self.bistand.fill(month, month, false);
            }
        }
    }

    /// A sjukfall from its first day of sickness to its last. Nothing happens where another one is near, or where
    /// it ends within the days that the employer pays.
    pub fn fall_ill(&mut self, chance: &mut Chance, sick_from: NaiveDate, till: NaiveDate) {
        let near =
            |other: &Sjukfall| shift(other.sjuk_fran, -APART) <= till && shift(other.last_day(), APART) >= sick_from;
        let months = month_of(sick_from)..=month_of(shift(sick_from, SICK_PAY_DAYS));
        let employed = sick_from >= FIRST_DECLARATION && months.clone().all(|month| self.arbete.has(month));
        let first = if employed { shift(sick_from, SICK_PAY_DAYS) } else { sick_from };
        if till < first || self.sjukfall.iter().any(near) {
            return;
        }
        let rader = rader(chance, first, till);
        for rad in &rader {
            // No pay in a month that is sick throughout; a month that is sick in part has some.
            let (from, last) = (month_of(rad.fran), month_of(rad.till));
            if rad.omfattning == 100 {
                self.arbete.fill(i64::from(from) + 1, i64::from(last) - 1, false);
            }
        }
        self.sjukfall.push(Sjukfall { sjuk_fran: sick_from, rader });
        self.sjukfall.sort_by_key(|sjukfall| sjukfall.sjuk_fran);
    }

    /// Bistånd is to adults; a child in the household is none of them.
    pub fn come_of_age(&mut self, fodd: NaiveDate) {
        self.bistand.fill(0, i64::from(month_of(add_months(fodd, 18 * 12))) - 1, false);
    }

    /// Nothing is paid to someone dead or abroad.
    pub fn end_with(&mut self, person: &Person) {
        if let Some(dod) = &person.dod {
            let month = i64::from(month_of(dod.datum));
            self.arbete.fill(month + 1, i64::MAX, false);
            self.bistand.fill(month + 1, i64::MAX, false);
            self.cut_sickness(dod.datum);
        }
        if let Some(abroad) = person.utvandring {
            let back = abroad.till.map_or(i64::MAX, |till| i64::from(month_of(till)) - 1);
            let month = i64::from(month_of(abroad.fran));
            self.arbete.fill(month + 1, back, false);
            self.bistand.fill(month + 1, back, false);
            self.cut_sickness(shift(abroad.fran, -1));
        }
    }

    fn cut_sickness(&mut self, last: NaiveDate) {
        for sjukfall in &mut self.sjukfall {
            sjukfall.rader.retain(|rad| rad.fran <= last);
            for rad in &mut sjukfall.rader {
                rad.till = rad.till.min(last);
            }
        }
        self.sjukfall.retain(|sjukfall| !sjukfall.rader.is_empty());
    }

    /// Whether a day is a day of sickness (`SP`) or of rehabiliteringspenning (`RP`).
    pub fn has_day(&self, forman: &str, when: NaiveDate) -> bool {
        self.sjukfall.iter().any(|sjukfall| {
            let row = |rad: &FkRad| rad.forman == forman && rad.fran <= when && when <= rad.till;
            let paid_by_employer = || {
                let first = sjukfall.rader.first().map_or(when, |rad| rad.fran);
                forman == "SP" && sjukfall.sjuk_fran <= when && when < first
            };
            sjukfall.rader.iter().any(row) || paid_by_employer()
        })
    }

    /// Whether a row that would answer a question was known only after the extract.
    pub fn lacks(&self, fraga: &Fraga) -> bool {
        let around = |sjukfall: &Sjukfall| sjukfall.sjuk_fran <= fraga.when && fraga.when <= sjukfall.last_day();
        matches!(fraga.komponent, Komponent::Sjukpenning | Komponent::Rehabiliteringspenning)
            && self.sjukfall.iter().any(|sjukfall| around(sjukfall) && sjukfall.rader.iter().any(|rad| !rad.levererad))
    }

    /// Well on a day in the middle of a row, and ill again within five days: the same sjukfall goes on, and the
    /// employer pays no days of it. Nothing happens where the row does not go on on both sides.
    pub fn be_well(&mut self, when: NaiveDate, days: i64) {
        let again = shift(when, days);
        for sjukfall in &mut self.sjukfall {
            let broken = sjukfall.rader.iter().position(|rad| rad.fran < when && again < rad.till);
            if let Some(at) = broken {
                let whole = &mut sjukfall.rader[at];
                let (forman, till, omfattning, oppen) = (whole.forman, whole.till, whole.omfattning, whole.oppen);
                (whole.till, whole.oppen) = (shift(when, -1), false);
                let rest = FkRad { forman, fran: again, till, omfattning, levererad: true, oppen };
                sjukfall.rader.insert(at + 1, rest);
            }
        }
    }

    /// Whether any row of Försäkringskassan touches a month.
    pub fn is_paid_in(&self, month: u32) -> bool {
        let (first, next) = (first_day(month), first_day(month + 1));
        self.sjukfall.iter().flat_map(|s| &s.rader).any(|rad| rad.fran < next && rad.till >= first)
    }
}

/// Extents that fall over time, now and then with rehabiliteringspenning at the end.
fn rader(chance: &mut Chance, first: NaiveDate, till: NaiveDate) -> Vec<FkRad> {
    let mut rader: Vec<FkRad> = Vec::new();
    let mut fran = first;
    let mut omfattning = *chance.pick(&[100, 100, 100, 75, 50]);
    let rehab = chance.promille(300);
    while fran <= till {
        let long = if omfattning == 100 { chance.between(30, 400) } else { chance.between(30, 200) };
        let end = shift(fran, long).min(till);
        rader.push(FkRad { forman: "SP", fran, till: end, omfattning, levererad: true, oppen: chance.promille(600) });
        fran = shift(end, 1);
        omfattning = match omfattning {
            100 => *chance.pick(&[75, 50, 50]),
            75 => *chance.pick(&[50, 25]),
            _ => 25,
        };
    }
    // Only the last of several: what begins a sjukfall is sjukpenning, and nothing follows.
    if rader.len() > 1
        && rehab
        && let Some(last) = rader.last_mut()
    {
        last.forman = "RP";
    }
    rader
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_employer_pays_the_first_days() {
        let mut levnad = Levnad::default();
        levnad.arbete.fill(0, 119, true);
        levnad.fall_ill(&mut Chance::new(1, 1), day(2020, 3, 2), day(2020, 6, 30));
        assert_eq!(levnad.sjukfall[0].first_seen(), Some(day(2020, 3, 16)));
        assert!(levnad.has_day("SP", day(2020, 3, 2)) && !levnad.has_day("SP", day(2020, 3, 1)));
        assert!(levnad.arbete.has(month_of(day(2020, 3, 1))), "the employer paid in March");
    }

    #[test]
    fn someone_without_a_job_is_seen_from_the_first_day() {
        let mut levnad = Levnad::default();
        levnad.fall_ill(&mut Chance::new(1, 1), day(2020, 3, 2), day(2020, 3, 9));
        assert_eq!(levnad.sjukfall[0].first_seen(), Some(day(2020, 3, 2)));
    }

    #[test]
    fn a_day_of_health_does_not_end_a_sjukfall() {
        let mut levnad = Levnad::default();
        levnad.fall_ill(&mut Chance::new(1, 1), day(2020, 3, 2), day(2020, 3, 29));
        levnad.be_well(day(2020, 3, 10), 4);
        assert_eq!(levnad.sjukfall.len(), 1);
        let sick = |when: u32| levnad.has_day("SP", day(2020, 3, when));
        assert_eq!([9, 10, 13, 14].map(sick), [true, false, false, true]);
        levnad.be_well(day(2020, 3, 28), 4);
        assert!(levnad.has_day("SP", day(2020, 3, 28)), "nothing follows there");
    }

    #[test]
    fn sjukfall_stay_apart() {
        let mut levnad = Levnad::default();
        let mut chance = Chance::new(1, 1);
        levnad.fall_ill(&mut chance, day(2020, 3, 2), day(2020, 3, 9));
        levnad.fall_ill(&mut chance, day(2020, 4, 2), day(2020, 4, 9));
        assert_eq!(levnad.sjukfall.len(), 1);
    }
}
