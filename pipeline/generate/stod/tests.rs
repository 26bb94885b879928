use super::*;
use crate::generate::deltagande::{Kalla, Utfall};
use crate::generate::levnad::Levnad;
use crate::generate::nummer::Nummer;
use crate::generate::tid::day;

fn someone(chance: &mut Chance, index: u64, fodd: NaiveDate) -> Person {
    Person::draw(chance, &mut Nummer::new(index), fodd, true, 0).expect("a person")
}

fn of(person: &Person, chance: &mut Chance, kalla: Kalla, utfall: Utfall) -> Stod {
    let levnad = Levnad::default();
    let times = (day(2019, 2, 1), day(2020, 1, 1));
    let mut stod = Stod::of_participant(chance, Livslopp { person, levnad: &levnad }, times, kalla, utfall);
    stod.end_with(person);
    stod.enter(chance);
    stod
}

#[test]
fn what_is_drawn_is_in_order_and_ends_with_life() {
    let mut chance = Chance::new(3, 3);
    let last = day(2020, 5, 5);
    for index in 0..300 {
        let mut person = someone(&mut chance, index, day(1990, 1, 1));
        person.die(&mut chance, last);
        let kalla = if index % 2 == 0 { Kalla::Aktivitetsersattning } else { Kalla::Arbetsmarknadsstod };
        let stod = of(&person, &mut chance, kalla, Utfall::Studier);
        let spells = stod.beslut.iter().map(|one| (one.fran, one.till));
        for (fran, till) in spells.chain(stod.studier.iter().map(|one| (one.fran, Some(one.till)))) {
            assert!(till.is_some_and(|till| fran <= till && till <= last), "{fran} {till:?}");
        }
        assert!(stod.akassa.iter().all(|one| one.mandag.weekday() == Weekday::Mon && one.mandag <= last));
        assert!(stod.sokande.period_on(day(2020, 5, 6)).is_none());
    }
}

#[test]
fn no_row_is_there_twice() {
    let mut chance = Chance::new(5, 5);
    for index in 0..300 {
        let person = someone(&mut chance, index, day(1996, 1, 1));
        let kalla = if index % 2 == 0 { Kalla::Aktivitetsersattning } else { Kalla::Arbetsmarknadsstod };
        let stod = of(&person, &mut chance, kalla, Utfall::ArbeteMedStod);
        let mut keys: Vec<String> = Vec::new();
        keys.extend(stod.beslut.iter().map(|one| format!("{} {} {}", one.forman, one.fran, one.grad)));
        keys.extend(stod.program.iter().map(|one| format!("{} {} {}", one.ersattning, one.manad, one.omfattning)));
        keys.extend(stod.akassa.iter().map(|one| format!("{} {}", one.ersattning, one.mandag)));
        keys.extend(stod.studier.iter().map(|one| format!("{}", one.fran)));
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}

#[test]
fn aktivitetsersattning_ends_before_the_thirtieth_birthday() {
    let mut chance = Chance::new(7, 7);
    let person = someone(&mut chance, 1, day(1990, 6, 15));
    let mut most = NaiveDate::MIN;
    for _ in 0..200 {
        let stod = of(&person, &mut chance, Kalla::Aktivitetsersattning, Utfall::Ovrigt);
        let young = stod.beslut.iter().filter(|one| one.forman == "AE");
        most = most.max(young.filter_map(|one| one.till).max().expect("a decision"));
    }
    assert_eq!(most, day(2020, 6, 14));
}

fn fraga(komponent: Komponent, when: NaiveDate) -> Fraga {
    Fraga { komponent, when, month: when.with_day(1).expect("every month has a first") }
}

#[test]
fn a_dormant_right_pays_nothing_and_a_late_row_is_lacking() {
    let beslut =
        |vilande, levererad| Beslut { forman: "SE", fran: day(2019, 1, 1), till: None, grad: "02", vilande, levererad };
    let mut stod = Stod { beslut: vec![beslut(true, true)], ..Stod::default() };
    let asked = fraga(Komponent::Sjukersattning, day(2020, 1, 1));
    assert!(!stod.holds(&asked) && !stod.shows(&asked));
    stod.beslut.push(beslut(false, false));
    assert!(stod.holds(&asked) && !stod.shows(&asked) && stod.lacks(&asked));
    assert_eq!(stod.beslut.iter().map(|one| one.percent_on(asked.when)).sum::<i64>(), 50);
}

#[test]
fn a_programme_is_asked_about_by_the_month_that_is_paid_for() {
    let manad = month_of(day(2020, 3, 1));
    let row = |dagar| Programmanad { ersattning: "AS", manad, omfattning: 100, dagar, levererad: true };
    let mut stod = Stod { program: vec![row(12)], ..Stod::default() };
    let asked = fraga(Komponent::Aktivitetsstod, day(2020, 3, 10));
    assert_eq!(asked.window(), (day(2020, 4, 1), day(2020, 4, 30)));
    assert!(stod.shows(&asked) && !stod.shows(&fraga(Komponent::Aktivitetsstod, day(2020, 4, 10))));
    stod.program = vec![row(0)];
    assert!(!stod.holds(&asked), "a supplement is no day");
}

/// The rows say on each day what was, unless they were ended too late: then there was nothing.
#[test]
fn rows_of_job_seekers_say_what_was_or_run_on() {
    let (mut chance, mut late, mut cut) = (Chance::new(9, 9), 0, 0);
    for index in 0..400 {
        let person = someone(&mut chance, index, day(1985, 1, 1));
        let mut stod = Stod::default();
        let fran = day(2017, 3, 1);
        for (from, days, skat) in [(0, 700, "11"), (200, 150, "70"), (900, 300, "42"), (1300, 60, "33")] {
            let grupp = match skat {
                "42" => Grupp::Subventionerat,
                "33" => Grupp::Nystart,
                _ => Grupp::Annan,
            };
            let from = shift(fran, from + chance.between(0, 20));
            stod.sokande.put(Period::new(from, Some(shift(from, days)), skat, grupp));
        }
        stod.end_with(&person);
        stod.enter(&mut chance);
        cut += i32::from(stod.sokande.rows().iter().any(|row| row.skat == "11" && row.till > Some(day(2018, 8, 1))));
        for day in 0..1800 {
            let when = shift(fran, day);
            let said = stod.sokande.row_on(when).map(|row| row.skat.as_str());
            match stod.sokande.period_on(when) {
                Some(period) => assert_eq!(said, Some(period.skat.as_str()), "{when}"),
                None => late += i32::from(said.is_some()),
            }
        }
    }
    assert!(late > 100 && cut == 400, "{late} days too late, {cut} rows cut in two by a later one");
}
