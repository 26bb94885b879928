//! Participants: who they are, what becomes of them, and what is planted in their lives for the registers to miss.

use super::chance::Chance;
use super::deltagande::{self, Deltagande};
use super::facit::asked_days;
use super::land::{Land, SUPPORT_OF_PARTICIPANTS, SUS1_OF_PARTICIPANTS};
use super::levnad::Levnad;
use super::matning::{Fraga, Komponent, Matpunkt};
use super::observation::{Observation, REGISTERS_FROM};
use super::person::{FALSE_UNTIL, Person, Utvandring};
use super::stod::{Livslopp, Stod};
use super::sus1::Forsta;
use super::tid::{day, month_of, shift};
use crate::error::Result;
use chrono::Datelike;

/// Participants between two false identities.
const FALSE_EVERY: u64 = 20_000;

/// A participant and all that happened to them.
pub struct Deltagare {
    pub person: Person,
    pub levnad: Levnad,
    pub stod: Stod,
    pub deltaganden: Vec<Deltagande>,
    /// In the first SUS, if they were.
    pub forsta: Option<Forsta>,
    /// What the rows of [`Stod`] are drawn from.
    pub stod_chance: Chance,
}

impl Land<'_> {
    pub(super) fn draw_participant(&mut self, chance: &mut Chance, index: u64) -> Result<Deltagare> {
        let (start, end) = deltagande::draw_first(chance);
        let forbund = deltagande::forbund_on(self.map, chance.weighted(&self.weights), start);
        let kommun = deltagande::draw_kommun(chance, self.map, forbund, start);
        let fodd = deltagande::draw_birth(chance, start);
        let kvinna = chance.promille(555);
        let mut person = Person::draw(chance, &mut self.nummer, fodd, kvinna, kommun)?;
        let young = start.year() - fodd.year() < 30;
        let (kalla, utfall) = (deltagande::draw_kalla(chance, young), deltagande::draw_utfall(chance));
        let insats = self.insatser.pick(chance, forbund, start);
        let first = Deltagande::new(chance, insats, start, end, utfall);
        let more = deltagande::draw_more(chance, self.insatser, forbund, &first, end);
        let mut deltaganden = vec![first];
        deltaganden.extend(more);
        self.draw_fate(chance, &mut person, &mut deltaganden);

        let last = deltaganden.iter().filter_map(|d| d.slut).max().unwrap_or(end).max(start);
        let mut levnad = Levnad::of_participant(chance, start, last, kalla, utfall);
        levnad.come_of_age(fodd);
        plant_sick_pay(chance, &mut levnad, &deltaganden);
        plant_health(chance, &mut levnad, &deltaganden);
        levnad.end_with(&person);
        plant_late_row(chance, &mut levnad, &deltaganden);

        let mut stod_chance = Chance::new(self.plan.seed, SUPPORT_OF_PARTICIPANTS + index);
        let lived = Livslopp { person: &person, levnad: &levnad };
        let mut stod = Stod::of_participant(&mut stod_chance, lived, (start, last), kalla, utfall);
        if let Some(older) = self.stodregister.older(&mut stod_chance, &person) {
            stod.sokande.put(older);
        }
        stod.end_with(&person);
        stod.enter(&mut stod_chance);
        plant_late_support(&mut stod_chance, &mut stod, &deltaganden);
        self.falsify(index, &mut person, (&levnad, &stod), &deltaganden)?;
        let took_part = index.is_multiple_of(SUS1_OF_PARTICIPANTS);
        let forsta = took_part.then(|| Forsta::draw(&mut stod_chance, &person)).flatten();
        stod.beslut.extend(forsta.as_ref().and_then(|forsta| forsta.beslut(&mut stod_chance, &person)));
        if !person.skyddad {
            let strays = deltagande::draw_strays(chance, self.insatser, &deltaganden[0]);
            deltaganden.extend(strays);
        }
        Ok(Deltagare { person, levnad, stod, deltaganden, forsta, stod_chance })
    }

    /// Death, emigration, moves and protection.
    fn draw_fate(&self, chance: &mut Chance, person: &mut Person, deltaganden: &mut Vec<Deltagande>) {
        let start = deltaganden[0].start;
        match chance.below(1000) {
            0..=8 => {
                let dod = shift(start.max(REGISTERS_FROM), chance.between(5, 900)).min(day(2023, 5, 20));
                deltaganden.retain(|deltagande| deltagande.start <= dod);
                for deltagande in deltaganden {
                    deltagande.end_by_death(chance, dod);
                }
                person.die(chance, dod);
            }
            9..=19 => {
                let fran = shift(start.max(REGISTERS_FROM), chance.between(20, 900)).min(day(2023, 5, 1));
                let till = if chance.promille(450) { Some(shift(fran, chance.between(60, 700))) } else { None };
                person.utvandring = Some(Utvandring { fran, kod: "UV", till });
            }
            20..=25 => person.skyddad = person.identiteter.len() == 1,
            26..=85 => {
                let avoid: Vec<_> =
                    deltaganden.iter().flat_map(|d| asked_days(d).into_iter().chain([d.start])).collect();
                let first = i64::from(month_of(REGISTERS_FROM));
                let month = u32::try_from(chance.between(first, first + 72)).unwrap_or(0);
                let kommun = chance.weighted(&self.kommun_weights);
                person.move_to(month, kommun, &avoid);
            }
            _ => {}
        }
    }

    /// Now and then someone turns out to have been another: planted where it hides sjukpenning.
    fn falsify(
        &mut self,
        index: u64,
        person: &mut Person,
        (levnad, stod): (&Levnad, &Stod),
        deltaganden: &[Deltagande],
    ) -> Result<()> {
        let plain = person.identiteter.len() == 1 && !person.skyddad && person.dod.is_none();
        if self.falska > index / FALSE_EVERY || !plain || person.utvandring.is_some() || person.bosattningar.len() > 1 {
            return Ok(());
        }
        let observation = Observation {
            person,
            levnad,
            stod,
            deltagande: &deltaganden[0],
            sus_nummer: "",
            tackning: self.tackning,
            efterslapning: self.efterslapning,
        };
        let in_time = Matpunkt::Avslut.day(&deltaganden[0]).is_some_and(|when| when < FALSE_UNTIL);
        let seen = (Komponent::Sjukpenning, (Some(true), None));
        if in_time && observation.of(Matpunkt::Avslut).contains(&seen) {
            person.falsify(&mut self.nummer)?;
            self.falska += 1;
        }
        Ok(())
    }
}

/// A sjukfall that begins just before a mätpunkt, of someone with a job: the days that no register sees.
fn plant_sick_pay(chance: &mut Chance, levnad: &mut Levnad, deltaganden: &[Deltagande]) {
    let points = [Matpunkt::Intag, Matpunkt::Avslut, Matpunkt::SexManader];
    let Some(when) = chance.pick(&points).day(&deltaganden[0]) else { return };
    let sick_from = shift(when, -chance.between(0, 13));
    let months = month_of(sick_from)..=month_of(shift(sick_from, 14));
    if chance.promille(80) && sick_from >= day(2019, 1, 1) && months.clone().all(|month| levnad.arbete.has(month)) {
        let till = shift(sick_from, chance.between(20, 200));
        levnad.fall_ill(chance, sick_from, till);
    }
}

/// A few days of health within a sjukfall, where it is measured.
fn plant_health(chance: &mut Chance, levnad: &mut Levnad, deltaganden: &[Deltagande]) {
    if chance.promille(30)
        && let Some(when) = chance.pick(&Matpunkt::ALL).day(&deltaganden[0])
    {
        levnad.be_well(when, chance.between(1, 4));
    }
}

/// Of what a person lived on at a mätpunkt something was not known when the registers were drawn.
fn plant_late_support(chance: &mut Chance, stod: &mut Stod, deltaganden: &[Deltagande]) {
    let matpunkt = *chance.pick(&Matpunkt::ALL);
    if chance.promille(40)
        && let Some(fraga) = Fraga::new(matpunkt, &deltaganden[0], Komponent::Aktivitetsstod)
    {
        stod.be_late(&fraga);
    }
}

/// The last row of a sjukfall was not known when the register was drawn.
fn plant_late_row(chance: &mut Chance, levnad: &mut Levnad, deltaganden: &[Deltagande]) {
    if !chance.promille(60) {
        return;
    }
    let days = asked_days(&deltaganden[0]);
    for rad in levnad.sjukfall.iter_mut().filter_map(|sjukfall| sjukfall.rader.last_mut()) {
        let asked = days.iter().any(|when| rad.fran <= *when && *when <= rad.till);
        if asked && rad.fran > REGISTERS_FROM {
            rad.levererad = false;
        }
    }
}
