//! Draws what is held in [`Stod`]: of participants around their insats, of others at any time.

use super::{Akassavecka, Beslut, Grupp, Period, Programmanad, Stod, Studier, age, monday};
use crate::generate::chance::Chance;
use crate::generate::deltagande::{Kalla, Utfall};
use crate::generate::levnad::Levnad;
use crate::generate::matning::first_of;
use crate::generate::observation::REGISTERS_FROM;
use crate::generate::person::Person;
use crate::generate::tid::{MONTH_COUNT, add_months, day, first_day, month_of, shift};
use chrono::{Datelike, NaiveDate};

/// Grades and how common they are; the codes are not in order of size, and 00 is nothing paid.
const GRADES: [(&str, u32); 6] = [("01", 55), ("02", 20), ("03", 8), ("04", 6), ("05", 4), ("00", 4)];
/// Categories of subsidised work, and of nystartsjobb.
const SUBSIDISED: [&str; 7] = ["42", "42", "42", "43", "38", "49", "58"];
const NEW_START: [&str; 3] = ["33", "33", "36"];
/// Categories before any programme, and after one.
const OPEN: [&str; 6] = ["11", "11", "11", "14", "21", "22"];
const AFTER: &str = "98";
const FIRST_ENROLMENT: NaiveDate = day(2016, 1, 1);
/// Weeks of a-kassa in a row, at most.
const MOST_WEEKS: i64 = 60;
/// The most that someone may have wanted to work with sjukersättning kept dormant.
const DORMANT_MONTHS: u32 = 24;
/// Days of a term, and from the first day of one to that of the next.
const TERM_DAYS: i64 = 140;
const BETWEEN_TERMS: i64 = 182;

/// Whose life it is; what is drawn already decides what can be.
#[derive(Clone, Copy)]
pub struct Livslopp<'a> {
    pub person: &'a Person,
    pub levnad: &'a Levnad,
}

impl Stod {
    /// Of a participant in insatser from `start` to `slut`.
    pub fn of_participant(
        chance: &mut Chance,
        vem: Livslopp<'_>,
        (start, slut): (NaiveDate, NaiveDate),
        kalla: Kalla,
        utfall: Utfall,
    ) -> Stod {
        let mut stod = Stod::default();
        let tail = if utfall.works() { chance.between(-100, 400) } else { chance.between(-60, 1200) };
        match kalla {
            Kalla::Aktivitetsersattning => stod.grant_young(chance, vem.person, start, shift(slut, tail)),
            Kalla::Sjukersattning => {
                let granted = shift(start, -chance.between(100, 2500));
                stod.grant(chance, granted);
            }
            Kalla::Sjukpenning if chance.promille(80) => {
                let granted = first_of(shift(start, -chance.between(100, 1500)));
                let grad = chance.pick(&["02", "04"]);
                stod.decide("SE", granted, None, grad);
            }
            _ => {}
        }
        if utfall.works() && chance.promille(400) {
            stod.rest(shift(slut, chance.between(-20, 60)));
        }
        stod.seek_work(chance, vem, (start, slut), kalla, utfall);
        if chance.promille(50) {
            let until = shift(start, chance.between(-300, 90));
            stod.study(chance, shift(until, -TERM_DAYS - BETWEEN_TERMS), 2);
        }
        if matches!(utfall, Utfall::Studier | Utfall::ArbeteOchStudier) {
            let terms = 1 + chance.below(4);
            let from = shift(slut, chance.between(-40, 15));
            stod.study(chance, from, terms);
        }
        stod
    }

    /// Of someone in no insats.
    pub fn of_other(chance: &mut Chance, vem: Livslopp<'_>) -> Stod {
        let mut stod = Stod::default();
        let some_day = |chance: &mut Chance| shift(REGISTERS_FROM, chance.between(-300, 2200));
        if chance.promille(30) {
            let granted = some_day(chance);
            if age(vem.person, granted) < 30 {
                stod.grant_young(chance, vem.person, granted, shift(granted, 900));
            } else {
                stod.grant(chance, granted);
            }
        }
        if chance.promille(80) {
            let from = some_day(chance);
            let programme = shift(from, chance.between(60, 300));
            let insured = is_insured(chance);
            stod.enrol(chance, vem, from, programme, insured);
            let after = shift(programme, chance.between(60, 400));
            stod.join_programme(chance, vem, programme, after);
        }
        if chance.promille(40) {
            let from = some_day(chance);
            let terms = 1 + chance.below(3);
            stod.study(chance, from, terms);
        }
        stod
    }

    fn decide(&mut self, forman: &'static str, fran: NaiveDate, till: Option<NaiveDate>, grad: &'static str) {
        self.beslut.push(Beslut { forman, fran, till, grad, vilande: grad == "00", levererad: true });
    }

    /// Sjukersättning until further notice or for some years; now and then in two grades at once.
    fn grant(&mut self, chance: &mut Chance, granted: NaiveDate) {
        let fran = first_of(granted);
        let till = chance.promille(150).then(|| shift(add_months(fran, 12 + 12 * chance.below(3) as u32), -1));
        let first = grade(chance);
        self.decide("SE", fran, till, first);
        if first == "02" && chance.promille(300) {
            self.decide("SE", fran, till, "04");
        }
    }

    /// Aktivitetsersättning: from July of the year one turns nineteen at the earliest, to the day before one turns
    /// thirty at the latest, for three years at most at a time.
    fn grant_young(&mut self, chance: &mut Chance, person: &Person, start: NaiveDate, until: NaiveDate) {
        let earliest = day(person.fodd.year() + 19, 7, 1);
        let last = shift(add_months(person.fodd, 30 * 12), -1);
        let mut fran = first_of(shift(start, -chance.between(100, 1000))).max(earliest);
        let mut grad = grade(chance);
        while fran <= until.min(last) {
            let till = shift(add_months(fran, 12 * (1 + chance.below(3) as u32)), -1).min(last);
            self.decide("AE", fran, Some(till), grad);
            if grad == "02" && chance.promille(200) {
                self.decide("AE", fran, Some(till), "04");
            }
            fran = shift(till, 1);
            if chance.promille(200) {
                grad = grade(chance);
            }
        }
        if fran > last && fran <= until && chance.promille(500) {
            self.decide("SE", fran, None, "01");
        }
    }

    /// What is paid on a day rests from then on, while the person tries to work.
    fn rest(&mut self, from: NaiveDate) {
        let from = first_of(add_months(from, 1));
        let last = shift(add_months(from, DORMANT_MONTHS), -1);
        let (paid, mut all): (Vec<Beslut>, Vec<Beslut>) =
            self.beslut.drain(..).partition(|one| one.fran < from && one.till.is_none_or(|till| till >= from));
        for one in paid {
            let (grad, end) = (one.grad, one.till);
            all.push(Beslut { till: Some(shift(from, -1)), ..one.clone() });
            let until = Some(end.map_or(last, |end| end.min(last)));
            all.push(Beslut { fran: from, till: until, vilande: true, ..one.clone() });
            if end.is_none_or(|end| end > last) {
                all.push(Beslut { fran: shift(last, 1), till: end, vilande: grad == "00", ..one });
            }
        }
        self.beslut = all;
    }

    /// Around the insats: unemployed, in a programme, in subsidised work; and some of them again years later.
    fn seek_work(
        &mut self,
        chance: &mut Chance,
        vem: Livslopp<'_>,
        (start, slut): (NaiveDate, NaiveDate),
        kalla: Kalla,
        utfall: Utfall,
    ) {
        let lives_on_it = kalla == Kalla::Arbetsmarknadsstod;
        if kalla == Kalla::Arbete && chance.promille(400) {
            let hired = shift(start, -chance.between(30, 180));
            self.work_with_support(chance, vem.levnad, hired);
        }
        let stays = utfall == Utfall::Arbetssokande;
        let end = match utfall {
            Utfall::Arbetssokande => shift(slut, chance.between(40, 600)),
            _ if utfall.works() => shift(slut, chance.between(-30, 25)),
            _ => shift(slut, chance.between(-60, 300)),
        };
        if lives_on_it && chance.promille(550) {
            let programme = shift(start, -chance.between(20, 300));
            let before = shift(programme, -chance.between(40, 300));
            let after = shift(start, chance.between(20, 400)).min(end.max(shift(start, 20)));
            let insured = [is_insured(chance), is_insured(chance)];
            self.enrol(chance, vem, before, programme, insured[0]);
            self.join_programme(chance, vem, programme, after);
            self.enrol(chance, vem, after, end, insured[1]);
        } else if lives_on_it {
            let programme = shift(start, chance.between(20, 200));
            let before = shift(start, -chance.between(20, 300));
            self.enrol(chance, vem, before, programme, true);
            self.join_programme(chance, vem, programme, end.max(shift(programme, 60)));
        } else if stays || chance.promille(350) {
            let from = if chance.promille(600) { shift(start, -chance.between(10, 700)) } else { slut };
            let programme = shift(from, (end - from).num_days().max(30) / 3);
            let after = shift(programme, chance.between(30, (end - from).num_days().max(40) / 2));
            let insured = [is_insured(chance), is_insured(chance)];
            self.enrol(chance, vem, from, programme, insured[0]);
            self.join_programme(chance, vem, programme, after);
            self.enrol(chance, vem, after, end, insured[1]);
        }
        if utfall == Utfall::ArbeteMedStod || chance.promille(120) {
            self.work_with_support(chance, vem.levnad, slut);
        }
        if chance.promille(250) {
            let fran = shift(slut, chance.between(200, 1100));
            let programme = shift(fran, chance.between(30, 200));
            let after = shift(programme, chance.between(40, 400));
            let insured = chance.promille(600);
            self.enrol(chance, vem, fran, programme, insured);
            self.join_programme(chance, vem, programme, after);
            self.work_with_support(chance, vem.levnad, after);
        }
    }

    /// Unemployed between two days, the last not included.
    fn enrol(&mut self, chance: &mut Chance, vem: Livslopp<'_>, fran: NaiveDate, till: NaiveDate, insured: bool) {
        let fran = fran.max(FIRST_ENROLMENT);
        if till <= fran {
            return;
        }
        let skat = if self.sokande.is_empty() { *chance.pick(&OPEN) } else { AFTER };
        self.sokande.put(Period::new(fran, Some(shift(till, -1)), skat, Grupp::Annan));
        if insured {
            self.insure(chance, vem.levnad, fran, till);
        }
    }

    /// Weeks of a-kassa: not every week is asked for, or paid in full, and none is to someone who is ill.
    fn insure(&mut self, chance: &mut Chance, levnad: &Levnad, fran: NaiveDate, till: NaiveDate) {
        let basic = chance.promille(250);
        let mut mandag = monday(fran);
        let end = till.min(shift(mandag, 7 * MOST_WEEKS));
        while mandag < end {
            let dagar = *chance.pick(&[5, 5, 5, 5, 5, 5, 3, 2, 0]);
            let mixed = chance.promille(15);
            let is_new = self.akassa.last().is_none_or(|last| last.mandag < mandag);
            if is_new && !levnad.has_day("SP", shift(mandag, 2)) {
                let mut week = |ersattning, dagar| {
                    self.akassa.push(Akassavecka { mandag, ersattning, dagar, levererad: true });
                };
                if mixed && dagar > 2 {
                    // From the one to the other in the middle of the week.
                    week("INK", dagar - 2);
                    week("GRU", 2);
                } else {
                    week(if basic { "GRU" } else { "INK" }, dagar);
                }
            }
            mandag = shift(mandag, 7);
        }
    }

    /// In a programme with its pay between two days, the last not included.
    fn join_programme(&mut self, chance: &mut Chance, vem: Livslopp<'_>, fran: NaiveDate, till: NaiveDate) {
        let fran = fran.max(FIRST_ENROLMENT);
        if till <= fran {
            return;
        }
        let young = age(vem.person, fran) < 25;
        let ersattning = match (young, vem.person.utrikes && chance.promille(400)) {
            (_, true) => "EE",
            (true, _) => "UE",
            _ => "AS",
        };
        let skat = if young { "69" } else { *chance.pick(&["70", "70", "54", "81"]) };
        self.sokande.put(Period::new(fran, Some(shift(till, -1)), skat, Grupp::Annan));
        let mut omfattning = *chance.pick(&[100, 100, 100, 75, 50, 25]);
        for manad in month_of(fran)..=month_of(shift(till, -1)).min(MONTH_COUNT - 2) {
            let is_new = self.program.last().is_none_or(|last| last.manad < manad);
            // Etableringsersättning is not paid beside sjukpenning.
            if !is_new || (ersattning == "EE" && vem.levnad.is_paid_in(manad)) {
                continue;
            }
            let mut pay = |omfattning, dagar| {
                self.program.push(Programmanad { ersattning, manad, omfattning, dagar, levererad: true });
            };
            match chance.below(100) {
                // A supplement to what was paid before, and no day.
                0..=2 => pay(omfattning, 0),
                3..=5 => {
                    let before = omfattning;
                    omfattning = if before == 100 { 50 } else { 100 };
                    pay(before, chance.between(3, 10));
                    pay(omfattning, chance.between(3, 10));
                }
                _ => pay(omfattning, chance.between(5, 22)),
            }
        }
    }

    /// Subsidised work, or a nystartsjobb, as long as the job lasts that comes within four months of a day, and two
    /// years at most.
    fn work_with_support(&mut self, chance: &mut Chance, levnad: &Levnad, slut: NaiveDate) {
        let until = month_of(slut) + 4;
        let Some(first) = (month_of(slut)..=until).find(|month| levnad.arbete.has(*month)) else { return };
        let length = (first..first + 24).take_while(|month| levnad.arbete.has(*month)).count() as u32;
        let fran = first_day(first).max(shift(slut, 1));
        let till = shift(add_months(first_day(first), length), -1);
        let (skat, grupp) = if chance.promille(300) {
            (*chance.pick(&NEW_START), Grupp::Nystart)
        } else {
            (*chance.pick(&SUBSIDISED), Grupp::Subventionerat)
        };
        if fran <= till && fran >= FIRST_ENROLMENT {
            self.sokande.put(Period::new(fran, Some(till), skat, grupp));
        }
    }

    /// Terms of twenty weeks.
    fn study(&mut self, chance: &mut Chance, from: NaiveDate, terms: usize) {
        let omfattning = *chance.pick(&[100, 100, 100, 75, 50]);
        let mut fran = monday(from);
        for _ in 0..terms {
            if self.studier.iter().all(|one| one.till < fran || shift(fran, TERM_DAYS - 1) < one.fran) {
                self.studier.push(Studier { fran, till: shift(fran, TERM_DAYS - 1), omfattning, levererad: true });
            }
            fran = shift(fran, BETWEEN_TERMS);
        }
    }
}

fn grade(chance: &mut Chance) -> &'static str {
    GRADES[chance.weighted(&GRADES.map(|(_, weight)| weight))].0
}

/// Whether someone unemployed has a-kassa.
fn is_insured(chance: &mut Chance) -> bool {
    chance.promille(350)
}
