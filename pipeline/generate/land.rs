//! The country as a whole: references first, then person by person.

use super::chance::Chance;
use super::deltagande::{Deltagande, PERSONS, Radslag};
use super::deltagare::Deltagare;
use super::facit::Facit;
use super::geografi::Geografi;
use super::insats::Insatser;
use super::leveranser::{Leveranser, Utlamnande};
use super::levnad::Levnad;
use super::matning::Efterslapning;
use super::nummer::Nummer;
use super::observation::{Observation, REGISTERS_FROM};
use super::person::{Person, Utvandring};
use super::redovisning::{self, Deltagarantal, Underlag};
use super::register::Render;
use super::stod::{Livslopp, Stod};
use super::stodregister::{Stodregister, Vem};
use super::sus::Inregistrering;
use super::sus1::{self, Forsta, Sus1};
use super::tackning::Tackning;
use super::tid::{day, shift};
use super::{Plan, Summary, referens};
use crate::contract::Catalogue;
use crate::error::Result;
use std::path::Path;

/// Streams of chance: the map's, then one per person in ranges that never meet.
const COUNTRY: u64 = 0;
const PARTICIPANTS: u64 = 1 << 40;
const OTHERS: u64 = 2 << 40;
const PARTNERS: u64 = 3 << 40;
pub(super) const SUPPORT_OF_PARTICIPANTS: u64 = 4 << 40;
const SUPPORT_OF_OTHERS: u64 = 5 << 40;
/// Others in the registers for each participant.
const OTHERS_PER_PARTICIPANT: u64 = 5;
/// Participants of whom one took part in the first SUS too, others of whom one did, and of whom one is in a control
/// group.
pub(super) const SUS1_OF_PARTICIPANTS: u64 = 12;
const SUS1_OF_OTHERS: u64 = 60;
const CONTROL_OF_OTHERS: u64 = 40;
/// Others of whom one was deregistered for a rarer reason than death or emigration.
const DEREGISTERED_EVERY: u64 = 400;
/// Persons between two reports of progress.
const REPORT_EVERY: u64 = 2_000;

pub(super) struct Land<'a> {
    pub(super) plan: &'a Plan,
    pub(super) map: &'a Geografi,
    pub(super) insatser: &'a Insatser,
    pub(super) tackning: &'a Tackning,
    pub(super) weights: Vec<u32>,
    pub(super) kommun_weights: Vec<u32>,
    pub(super) efterslapning: Efterslapning,
    pub(super) nummer: Nummer,
    leveranser: Leveranser,
    pub(super) stodregister: Stodregister,
    sus1: Sus1,
    facit: Facit,
    inregistrering: Inregistrering,
    deltagarantal: Deltagarantal,
    partners: u64,
    /// False identities planted.
    pub(super) falska: u64,
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
        efterslapning: Efterslapning::read(catalogue)?,
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
                stod: &deltagare.stod,
                deltagande,
                sus_nummer,
                tackning: self.tackning,
                efterslapning: self.efterslapning,
            };
            self.inregistrering.write(&mut chance, &mut render, self.insatser, &observation)?;
        }
        self.support_of_participant(index, deltagare)
    }

    /// What the further registers hold about a participant.
    fn support_of_participant(&mut self, index: u64, deltagare: Deltagare) -> Result<()> {
        let Deltagare { person, stod, deltaganden, forsta, mut stod_chance, .. } = deltagare;
        let chance = &mut stod_chance;
        let counts = |one: &Deltagande| one.slag == Radslag::Ordinarie && one.atertaget.is_none();
        let behalls = !person.skyddad && !person.falsk && deltaganden.iter().any(counts);
        let vem = Vem { person: &person, behalls };
        let (register, facit) = (&mut self.stodregister, &mut self.facit);
        register.stod(facit, chance, &vem, &stod)?;
        register.akassa_per_manad(facit, index, &vem)?;
        if let Some(forsta) = &forsta {
            let samtycke = &mut self.leveranser.samtycke;
            self.sus1.deltagande((register, facit), chance, &vem, (forsta, &stod), samtycke)?;
        }
        Ok(())
    }

    /// What the further registers hold about someone in no insats of today.
    fn support_of_other(&mut self, index: u64, person: &Person, levnad: &Levnad) -> Result<()> {
        let mut chance = Chance::new(self.plan.seed, SUPPORT_OF_OTHERS + index);
        let mut stod = Stod::of_other(&mut chance, Livslopp { person, levnad });
        stod.end_with(person);
        stod.enter(&mut chance);
        let forsta = index.is_multiple_of(SUS1_OF_OTHERS).then(|| Forsta::draw(&mut chance, person)).flatten();
        stod.beslut.extend(forsta.as_ref().and_then(|forsta| forsta.beslut(&mut chance, person)));
        let (register, facit) = (&mut self.stodregister, &mut self.facit);
        // Who was in the first SUS is a participant, and ingest looks at all of their rows.
        let (vem, known) = (Vem { person, behalls: false }, Vem { person, behalls: true });
        register.stod(facit, &mut chance, &vem, &stod)?;
        if let Some(forsta) = &forsta {
            let samtycke = &mut self.leveranser.samtycke;
            self.sus1.deltagande((register, facit), &mut chance, &known, (forsta, &stod), samtycke)?;
        }
        if index % CONTROL_OF_OTHERS == 1 {
            sus1::kontrollperson(register, facit, &mut chance, &known)?;
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
        self.support_of_other(index, &person, &levnad)
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
