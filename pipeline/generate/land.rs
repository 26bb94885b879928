//! The country as a whole: references first, then person by person.

use super::chance::Chance;
use super::deltagande::{self, Deltagande, Kalla, PERSONS, Radslag};
use super::facit::{Facit, asked_days};
use super::geografi::Geografi;
use super::insats::Insatser;
use super::leveranser::{Leveranser, Utlamnande};
use super::levnad::Levnad;
use super::nummer::Nummer;
use super::observation::{Efterslapning, Komponent, Matpunkt, Observation, REGISTERS_FROM};
use super::person::{FALSE_UNTIL, Person, Utvandring};
use super::redovisning::{self, Deltagarantal, Underlag};
use super::register::Render;
use super::stod::Stod;
use super::stodregister::{Stodregister, Vem};
use super::sus::Inregistrering;
use super::sus1::{self, Sus1};
use super::tackning::Tackning;
use super::tid::{day, month_of, shift};
use super::{Plan, Summary, referens};
use crate::contract::Catalogue;
use crate::error::Result;
use crate::layer::Layer;
use std::path::Path;

/// Streams of chance: the map's, then one per person in ranges that never meet.
const COUNTRY: u64 = 0;
const PARTICIPANTS: u64 = 1 << 40;
const OTHERS: u64 = 2 << 40;
const PARTNERS: u64 = 3 << 40;
const SUPPORT_OF_PARTICIPANTS: u64 = 4 << 40;
const SUPPORT_OF_OTHERS: u64 = 5 << 40;
/// Others in the registers for each participant.
const OTHERS_PER_PARTICIPANT: u64 = 5;
/// Participants between two false identities.
const FALSE_EVERY: u64 = 20_000;
/// Participants of whom one took part in the first SUS too, others of whom one did, and of whom one is in a control
/// group.
const SUS1_OF_PARTICIPANTS: u64 = 12;
const SUS1_OF_OTHERS: u64 = 60;
const CONTROL_OF_OTHERS: u64 = 40;
/// Others of whom one was deregistered for a rarer reason than death or emigration.
const DEREGISTERED_EVERY: u64 = 400;
/// Persons between two reports of progress.
const REPORT_EVERY: u64 = 2_000;

struct Land<'a> {
    plan: &'a Plan,
    map: &'a Geografi,
    insatser: &'a Insatser,
    tackning: &'a Tackning,
    weights: Vec<u32>,
    kommun_weights: Vec<u32>,
    efterslapning: Efterslapning,
    nummer: Nummer,
    leveranser: Leveranser,
    stodregister: Stodregister,
    sus1: Sus1,
    facit: Facit,
    inregistrering: Inregistrering,
    deltagarantal: Deltagarantal,
    partners: u64,
    /// False identities planted.
    falska: u64,
}

/// A participant and all that happened to them.
struct Deltagare {
    person: Person,
    levnad: Levnad,
    deltaganden: Vec<Deltagande>,
    kalla: Kalla,
}

pub(super) fn generate(
    plan: &Plan,
    catalogue: &Catalogue,
    deliveries: &Path,
    facit: &Path,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<Summary> {
    let mut chance = Chance::new(plan.seed, COUNTRY);
    let map = Geografi::draw(catalogue)?;
    let insatser = Insatser::draw(&mut chance, &map, plan.scale);
    let tackning = Tackning::draw(&mut chance, map.kommuner.len());
    let mut utlamnande = Utlamnande::new(catalogue, deliveries);
    referens::geografi(&mut utlamnande, &map)?;
    let anonyma = insatser.anonymous(&mut chance, plan.scale);
    referens::sus(&mut utlamnande, &map, &insatser, &anonyma)?;
    referens::tackning(&mut utlamnande, &map, &tackning)?;
    let mut land = Land {
        plan,
        map: &map,
        insatser: &insatser,
        tackning: &tackning,
        weights: map.forbund.iter().map(|forbund| map.weight(forbund)).collect(),
        kommun_weights: map.kommuner.iter().map(|kommun| kommun.weight).collect(),
        efterslapning: Efterslapning {
            sjukpenning: lag(catalogue, "fk_sjukpenning")?,
            bistand: lag(catalogue, "ekonomiskt_bistand")?,
            agi: lag(catalogue, "agi")?,
        },
        nummer: Nummer::new(plan.seed),
        leveranser: Leveranser::open(&utlamnande)?,
        stodregister: Stodregister::open(&utlamnande, plan.seed)?,
        sus1: Sus1::new(&map),
        facit: Facit::create(facit)?,
        inregistrering: Inregistrering::default(),
        deltagarantal: Deltagarantal::default(),
        partners: 0,
        falska: 0,
    };
    sus1::aktiviteter(&mut land.stodregister, &mut land.facit, &map)?;
    let participants = (PERSONS * plan.scale).round().max(1.0) as u64;
    let total = participants * (1 + OTHERS_PER_PARTICIPANT) + plan.befolkning;
    for index in 0..participants {
        land.participant(index)?;
        if index % REPORT_EVERY == 0 {
            progress("deltagare", index, participants);
        }
    }
    let others = total - participants - land.partners;
    for index in 0..others {
        land.other(index)?;
        if index % REPORT_EVERY == 0 {
            progress("övriga", index, others);
        }
    }
    progress("övriga", others, others);
    land.leveranser.close(&mut utlamnande)?;
    land.stodregister.close(&mut utlamnande)?;
    let underlag = Underlag {
        catalogue,
        map: &map,
        insatser: &insatser,
        anonyma: &anonyma,
        deltagare: &land.deltagarantal,
        seed: plan.seed,
        scale: plan.scale,
    };
    redovisning::write(&mut utlamnande, &mut land.facit, &underlag)?;
    Ok(Summary { rows: utlamnande.rows, planted: land.facit.finish()?, persons: total })
}

fn lag(catalogue: &Catalogue, contract: &str) -> Result<u32> {
    let contract = catalogue.contract(Layer::Deliveries, contract)?;
    let months = contract.custom.get("efterslapning").and_then(|lag| lag.get("manader")).and_then(|m| m.as_u64());
    let months = months.and_then(|months| u32::try_from(months).ok());
    months.ok_or_else(|| contract.fault("there is no efterslapning in months"))
}

impl Land<'_> {
    fn participant(&mut self, index: u64) -> Result<()> {
        let mut chance = Chance::new(self.plan.seed, PARTICIPANTS + index);
        let deltagare = self.draw_participant(&mut chance, index)?;
        let partner = if !deltagare.levnad.bistand.is_empty() && chance.promille(350) {
            self.partners += 1;
            Some(self.partner(&deltagare.person, index)?)
        } else {
            None
        };
        let person = &deltagare.person;
        let sus_nummer = match person.identiteter.as_slice() {
            [first, ..] if person.falsk => first.nummer.as_str(),
            all => chance.pick(all).nummer.as_str(),
        };
        let mut render = Render {
            map: self.map,
            tackning: self.tackning,
            nummer: &mut self.nummer,
            leveranser: &mut self.leveranser,
            facit: &mut self.facit,
        };
        render.folkbokforing(&mut chance, person)?;
        render.sjukpenning(&mut chance, person, &deltagare.levnad, true)?;
        render.bistand(&mut chance, person, partner.as_ref(), &deltagare.levnad)?;
        render.agi(&mut chance, person, &deltagare.levnad)?;
        for deltagande in &deltagare.deltaganden {
            self.deltagarantal.count(self.insatser, deltagande);
            let observation = Observation {
                person,
                levnad: &deltagare.levnad,
                deltagande,
                sus_nummer,
                tackning: self.tackning,
                efterslapning: self.efterslapning,
            };
            let kalla = deltagare.kalla;
            self.inregistrering.write(&mut chance, &mut render, self.insatser, &observation, kalla)?;
        }
        self.support_of_participant(index, &deltagare)
    }

    /// What the further registers hold about a participant.
    fn support_of_participant(&mut self, index: u64, deltagare: &Deltagare) -> Result<()> {
        let mut chance = Chance::new(self.plan.seed, SUPPORT_OF_PARTICIPANTS + index);
        let (person, first) = (&deltagare.person, &deltagare.deltaganden[0]);
        let counts = |one: &Deltagande| one.slag == Radslag::Ordinarie && one.atertaget.is_none();
        let behalls = !person.skyddad && !person.falsk && deltagare.deltaganden.iter().any(counts);
        let vem = Vem { person, behalls };
        let times = (first.start, first.slut.unwrap_or(first.start));
        let stod = Stod::of_participant(&mut chance, person, times, deltagare.kalla, first.utfall);
        let (register, facit) = (&mut self.stodregister, &mut self.facit);
        register.stod(facit, &mut chance, &vem, &stod)?;
        register.inskrivningar(facit, &mut chance, &vem, &stod, true)?;
        register.akassa_per_manad(facit, index, &vem)?;
        if index.is_multiple_of(SUS1_OF_PARTICIPANTS) {
            self.sus1.deltagande(register, facit, &mut chance, &vem, &mut self.leveranser.samtycke)?;
        }
        Ok(())
    }

    /// What the further registers hold about someone in no insats of today.
    fn support_of_other(&mut self, index: u64, person: &Person) -> Result<()> {
        let mut chance = Chance::new(self.plan.seed, SUPPORT_OF_OTHERS + index);
        let (register, facit) = (&mut self.stodregister, &mut self.facit);
        let (vem, known) = (Vem { person, behalls: false }, Vem { person, behalls: true });
        let stod = Stod::of_other(&mut chance, person);
        register.stod(facit, &mut chance, &vem, &stod)?;
        register.inskrivningar(facit, &mut chance, &vem, &stod, false)?;
        if index.is_multiple_of(SUS1_OF_OTHERS) {
            self.sus1.deltagande(register, facit, &mut chance, &known, &mut self.leveranser.samtycke)?;
        }
        if index % CONTROL_OF_OTHERS == 1 {
            sus1::kontrollperson(register, facit, &mut chance, &known)?;
        }
        Ok(())
    }

    fn draw_participant(&mut self, chance: &mut Chance, index: u64) -> Result<Deltagare> {
        let (start, end) = deltagande::draw_first(chance);
        let forbund = deltagande::forbund_on(self.map, chance.weighted(&self.weights), start);
        let kommun = deltagande::draw_kommun(chance, self.map, forbund, start);
        let fodd = deltagande::draw_birth(chance, start);
        let kvinna = chance.promille(555);
        let mut person = Person::draw(chance, &mut self.nummer, fodd, kvinna, kommun)?;
        let (kalla, utfall) = (deltagande::draw_kalla(chance), deltagande::draw_utfall(chance));
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
        levnad.end_with(&person);
        plant_late_row(chance, &mut levnad, &deltaganden);
        self.falsify(index, &mut person, &levnad, &deltaganden)?;
        if !person.skyddad {
            let strays = deltagande::draw_strays(chance, self.insatser, &deltaganden[0]);
            deltaganden.extend(strays);
        }
        Ok(Deltagare { person, levnad, deltaganden, kalla })
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
    fn falsify(&mut self, index: u64, person: &mut Person, levnad: &Levnad, deltaganden: &[Deltagande]) -> Result<()> {
        let plain = person.identiteter.len() == 1 && !person.skyddad && person.dod.is_none();
        if self.falska > index / FALSE_EVERY || !plain || person.utvandring.is_some() || person.bosattningar.len() > 1 {
            return Ok(());
        }
        let observation = Observation {
            person,
            levnad,
            deltagande: &deltaganden[0],
            sus_nummer: "",
            tackning: self.tackning,
            efterslapning: self.efterslapning,
        };
        let in_time = Matpunkt::Avslut.day(&deltaganden[0]).is_some_and(|when| when < FALSE_UNTIL);
        if in_time && observation.of(Matpunkt::Avslut, Komponent::Sjukpenning) == (Some(true), None) {
            person.falsify(&mut self.nummer)?;
            self.falska += 1;
        }
        Ok(())
    }

    /// The other adult of a participant's household, who has a life and rows of their own.
    fn partner(&mut self, participant: &Person, index: u64) -> Result<Person> {
        let mut chance = Chance::new(self.plan.seed, PARTNERS + index);
        let fodd = shift(participant.fodd, chance.between(-2000, 2000));
        let kommun = participant.bosattningar[0].1;
        let kvinna = !participant.kvinna;
        let person = Person::draw(&mut chance, &mut self.nummer, fodd, kvinna, kommun)?;
        let mut levnad = Levnad::of_other(&mut chance);
        levnad.bistand = super::tid::Manader::default();
        self.render_other(&mut chance, &person, &levnad)?;
        Ok(person)
    }

    fn other(&mut self, index: u64) -> Result<()> {
        let mut chance = Chance::new(self.plan.seed, OTHERS + index);
        let kommun = chance.weighted(&self.kommun_weights);
        let fodd = shift(day(1955, 1, 1), chance.between(0, 17_500));
        let kvinna = chance.promille(495);
        let mut person = Person::draw(&mut chance, &mut self.nummer, fodd, kvinna, kommun)?;
        let mut levnad = Levnad::of_other(&mut chance);
        if chance.promille(5) {
            let dod = shift(REGISTERS_FROM, chance.between(0, 2300));
            person.die(&mut chance, dod);
        } else if index.is_multiple_of(DEREGISTERED_EVERY) {
            let kod = ["OB", "TA", "AS"][(index / DEREGISTERED_EVERY % 3) as usize];
            person.utvandring = Some(Utvandring { fran: day(2021, 5, 1), kod, till: None });
        }
        levnad.end_with(&person);
        self.render_other(&mut chance, &person, &levnad)?;
        self.support_of_other(index, &person)
    }

    fn render_other(&mut self, chance: &mut Chance, person: &Person, levnad: &Levnad) -> Result<()> {
        let mut render = Render {
            map: self.map,
            tackning: self.tackning,
            nummer: &mut self.nummer,
            leveranser: &mut self.leveranser,
            facit: &mut self.facit,
        };
        render.folkbokforing(chance, person)?;
        render.sjukpenning(chance, person, levnad, false)?;
        render.bistand(chance, person, None, levnad)?;
        render.agi(chance, person, levnad)
    }
}

/// A sjukfall that begins just before a mätpunkt, of someone with a job: the days that no register sees.
fn plant_sick_pay(chance: &mut Chance, levnad: &mut Levnad, deltaganden: &[Deltagande]) {
    let points = [Matpunkt::Intag, Matpunkt::Avslut, Matpunkt::SexManader];
    let Some(when) = chance.pick(&points).day(&deltaganden[0]) else { return };
    let sick_from = shift(when, -chance.between(0, 13));
    let months = month_of(sick_from)..=month_of(shift(sick_from, 14));
    if chance.promille(40) && sick_from >= day(2019, 1, 1) && months.clone().all(|month| levnad.arbete.has(month)) {
        let till = shift(sick_from, chance.between(20, 200));
        levnad.fall_ill(chance, sick_from, till);
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
