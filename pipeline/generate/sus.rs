//! Renders inregistreringar as SUS holds them, with what the handler ticked, and tells facit about each row.

use super::chance::Chance;
use super::deltagande::{Deltagande, Fel, Radslag, SUS_CLOSED};
use super::insats::Insatser;
use super::matning::{Komponent, Matpunkt};
use super::observation::{Observation, UTTAG_SUS};
use super::register::Render;
use super::tid::shift;
use crate::error::Result;

/// One row in so many is followed by one at fault.
const FAULT: u64 = 180;
const EDUCATION: [&str; 4] = ["FORGYMNASIAL", "GYMNASIAL", "EFTERGYMNASIAL", "SAKNAS"];
const TIME: [&str; 7] = ["INGEN", "UNDER_1", "1_2", "2_3", "3_5", "5_10", "10_MER"];
/// What handlers tick, by what it is.
const TICKS: [(Komponent, &str); 10] = [
    (Komponent::Sjukpenning, "SJUKPENNING"),
    (Komponent::Rehabiliteringspenning, "REHABILITERINGSPENNING"),
    (Komponent::Sjukersattning, "SJUKERSATTNING"),
    (Komponent::Aktivitetsersattning, "AKTIVITETSERSATTNING"),
    (Komponent::AKassa, "A_KASSA"),
    (Komponent::Aktivitetsstod, "AKTIVITETSSTOD"),
    (Komponent::Utvecklingsersattning, "UTVECKLINGSERSATTNING"),
    (Komponent::Etableringsersattning, "ETABLERINGSERSATTNING"),
    (Komponent::EkonomisktBistand, "FORSORJNINGSSTOD"),
    (Komponent::Studiemedel, "STUDIESTOD"),
];
const ACTIVITIES: [&str; 5] = ["ARBETE", "ARBETE_SUBV", "STUDIER", "ARBETSSOKANDE", "OVRIGT"];
/// How handlers err, in promille: of the källor that hold so many are ticked, and of those that do not so many; of the
/// occasions so many have another activity than the true one, and so many nothing at all.
const TICKED: usize = 920;
const TICKED_WITHOUT_GROUND: usize = 8;
const WRONG_ACTIVITY: usize = 50;
const NOT_FILLED_IN: usize = 15;

/// Ids handed out so far.
#[derive(Default)]
pub struct Inregistrering {
    count: u64,
    faults: u64,
}

/// The texts of a row.
struct Rad {
    id: String,
    nummer: String,
    form: &'static str,
    start: String,
    slut: String,
    anledning: &'static str,
    utbildning: &'static str,
    tid: &'static str,
}

impl Inregistrering {
    /// Writes one deltagande, and after some of them a row that must be rejected.
    ///
    /// # Errors
    /// As [`super::delivery::DeliveryWriter::row`].
    pub fn write(
        &mut self,
        chance: &mut Chance,
        render: &mut Render<'_>,
        insatser: &Insatser,
        observation: &Observation<'_>,
    ) -> Result<()> {
        let deltagande = observation.deltagande;
        let rad = self.rad(chance, insatser, observation);
        write_row(render, insatser, observation, &rad)?;
        if deltagande.atertaget.is_some() {
            render.leveranser.samtycke.row(&[("deltagande_id", &rad.id), ("datum", &rad.slut)])?;
        }
        tick(chance, render, &rad.id, observation)?;
        let due = render.leveranser.deltagande.row_count() / FAULT > self.faults;
        if due && deltagande.slag == Radslag::Ordinarie && !observation.person.skyddad {
            self.faults += 1;
            self.spoil(chance, render, insatser, observation, rad)?;
        }
        Ok(())
    }

    fn rad(&mut self, chance: &mut Chance, insatser: &Insatser, observation: &Observation<'_>) -> Rad {
        let deltagande = observation.deltagande;
        self.count += 1;
        Rad {
            id: format!("D{:07}", self.count),
            nummer: observation.sus_nummer.to_owned(),
            form: insatser.all[deltagande.insats].form,
            start: deltagande.start.to_string(),
            slut: deltagande.slut.map(|slut| slut.to_string()).unwrap_or_default(),
            anledning: deltagande.avslutsanledning(chance),
            utbildning: EDUCATION[chance.weighted(&[30, 44, 20, 6])],
            tid: TIME[chance.weighted(&[10, 14, 16, 15, 18, 16, 11])],
        }
    }

    /// The same deltagande once more, at fault in one of four ways.
    fn spoil(
        &mut self,
        chance: &mut Chance,
        render: &mut Render<'_>,
        insatser: &Insatser,
        observation: &Observation<'_>,
        first: Rad,
    ) -> Result<()> {
        let ways = [Fel::Nummer, Fel::Kod, Fel::SlutForeStart, Fel::Dubblett];
        let fel = ways[usize::try_from(self.faults % 4).unwrap_or(0)];
        let mut rad = if fel == Fel::Dubblett { first } else { self.rad(chance, insatser, observation) };
        let rule = match fel {
            Fel::Nummer => {
                rad.nummer = render.nummer.invalid(self.faults / 4)?;
                "identitetsnummer"
            }
            Fel::Kod => {
                rad.anledning = "OKLART";
                "kodlista"
            }
            Fel::SlutForeStart => {
                rad.slut = shift(observation.deltagande.start, -10).to_string();
                "slut_fore_start"
            }
            Fel::Dubblett => "nyckel",
        };
        let deltagande = Deltagande { slag: Radslag::Avvisad(fel), ..observation.deltagande.clone() };
        let at_fault = Observation { deltagande: &deltagande, ..*observation };
        let at = write_row(render, insatser, &at_fault, &rad)?;
        let fil = render.leveranser.deltagande.file_name().to_owned();
        render.facit.reject("sus_deltagande", UTTAG_SUS, &fil, at, rule)
    }
}

fn write_row(render: &mut Render<'_>, insatser: &Insatser, observation: &Observation<'_>, rad: &Rad) -> Result<u64> {
    let writer = &mut render.leveranser.deltagande;
    let at = writer.row(&[
        ("deltagande_id", &rad.id),
        ("insats_id", &insatser.all[observation.deltagande.insats].id),
        ("personnummer", &rad.nummer),
        ("samverkansform_kod", rad.form),
        ("start_datum", &rad.start),
        ("slut_datum", &rad.slut),
        ("avslutsanledning_kod", rad.anledning),
        ("utbildning_kod", rad.utbildning),
        ("tid_i_forsorjning_kod", rad.tid),
    ])?;
    let fil = writer.file_name().to_owned();
    render.facit.tell(&fil, at, observation)?;
    Ok(at)
}

/// What the handler ticked: mostly the truth at intag and at avslut.
fn tick(chance: &mut Chance, render: &mut Render<'_>, id: &str, observation: &Observation<'_>) -> Result<()> {
    let left = observation.deltagande.slut.is_some_and(|slut| slut <= SUS_CLOSED) && !observation.deltagande.avled;
    for (mattillfalle, matpunkt) in [("FORE", Matpunkt::Intag), ("EFTER", Matpunkt::Avslut)] {
        let (ticked, done) = (sources(chance, observation, matpunkt), activities(chance, observation, matpunkt));
        if chance.promille(NOT_FILLED_IN) || (mattillfalle == "EFTER" && !left) {
            continue;
        }
        for kod in ticked {
            render.leveranser.forsorjning.row(&[
                ("deltagande_id", id),
                ("mattillfalle_kod", mattillfalle),
                ("forsorjning_kod", kod),
            ])?;
        }
        for kod in done {
            let extent = if matches!(kod, "ARBETE" | "ARBETE_SUBV" | "STUDIER") {
                *chance.pick(&["25", "50", "75", "100", "100"])
            } else {
                ""
            };
            render.leveranser.sysselsattning.row(&[
                ("deltagande_id", id),
                ("mattillfalle_kod", mattillfalle),
                ("sysselsattning_kod", kod),
                ("omfattning_procent", extent),
            ])?;
        }
    }
    Ok(())
}

fn holds(observation: &Observation<'_>, matpunkt: Matpunkt, komponent: Komponent) -> bool {
    observation.truth_at(matpunkt, komponent) == Some(true)
}

fn sources(chance: &mut Chance, observation: &Observation<'_>, matpunkt: Matpunkt) -> Vec<&'static str> {
    let mut ticked = Vec::new();
    for (komponent, kod) in TICKS {
        let held = holds(observation, matpunkt, komponent);
        if chance.promille(if held { TICKED } else { TICKED_WITHOUT_GROUND }) {
            ticked.push(kod);
        }
    }
    if ticked.is_empty() {
        ticked.push(if chance.promille(70) { "ANNAN_OFFENTLIG" } else { "INGEN_OFFENTLIG" });
    }
    ticked
}

/// Work and studies, or where there is neither whether the person seeks work.
fn activities(chance: &mut Chance, observation: &Observation<'_>, matpunkt: Matpunkt) -> Vec<&'static str> {
    if chance.promille(WRONG_ACTIVITY) {
        return vec![*chance.pick(&ACTIVITIES)];
    }
    let held = |komponent| holds(observation, matpunkt, komponent);
    let supported = held(Komponent::SubventioneratArbete) || held(Komponent::Nystartsjobb);
    let work = held(Komponent::Arbete).then_some(if supported { "ARBETE_SUBV" } else { "ARBETE" });
    let studies = held(Komponent::Studiemedel).then_some("STUDIER");
    let other = if held(Komponent::Inskriven) { "ARBETSSOKANDE" } else { "OVRIGT" };
    let all: Vec<&str> = work.into_iter().chain(studies).collect();
    if all.is_empty() { vec![other] } else { all }
}
