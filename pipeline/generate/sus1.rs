//! The first SUS (2005–2012): aktiviteter, and participants at up to three occasions with their support in per cent
//! per källa, as the handler typed it in. And the control groups of evaluations.

use super::chance::Chance;
use super::delivery::DeliveryWriter;
use super::facit::Facit;
use super::geografi::Geografi;
use super::insats::OTHERS;
use super::matning::first_of;
use super::person::Person;
use super::stod::{Beslut, Stod, age};
use super::stodregister::{Stodregister, Vem};
use super::tid::{add_months, day, shift};
use crate::error::Result;
use chrono::NaiveDate;

/// Columns of the källor.
const SOURCES: [&str; 10] = [
    "sjukpenning_procent",
    "rehabiliteringspenning_procent",
    "sjukersattning_procent",
    "aktivitetsersattning_procent",
    "a_kassa_procent",
    "aktivitetsstod_procent",
    "forsorjningsstod_procent",
    "studiestod_procent",
    "lon_procent",
    "annan_procent",
];
/// Of so many in a thousand the sjukersattning of then is in Försäkringskassan's register.
const WITH_SICKNESS_COMPENSATION: usize = 250;
/// Handlers mistake the extent of a decision for the share of what someone lives on so often, in promille, and type in
/// a sjukersattning that is none so often.
const MISTAKEN_SHARE: usize = 100;
const WITHOUT_GROUND: usize = 10;

/// One aktivitet per förbund with one part, and one of each other samverkansform.
///
/// # Errors
/// As [`DeliveryWriter::row`].
pub fn aktiviteter(register: &mut Stodregister, facit: &mut Facit, map: &Geografi) -> Result<()> {
    let finsam = map.forbund.iter().map(|forbund| (forbund.id.as_str(), "FINSAM"));
    for (nr, (forbund, form)) in (1..).zip(finsam.chain(OTHERS.map(|(id, _, form)| (id, form)))) {
        let aktivitet = id(nr);
        for part in ["0", "1"] {
            let row = [
                ("aktivitet_id", aktivitet.as_str()),
                ("delaktivitet_nr", part),
                ("forbund_id", forbund),
                ("samverkansform_kod", form),
                ("aktivitet_namn", if part == "0" { "Vägen åter" } else { "Vägen åter, förberedande del" }),
                ("start_datum", "20050101"),
                ("slut_datum", if nr % 3 == 0 { "" } else { "20121231" }),
                ("budget_antal", if part == "0" { "1250000" } else { "" }),
                ("part_kommun_kod", if nr % 2 == 0 { "J" } else { "N" }),
                ("malgrupp", "Långtidssjukskrivna"),
                ("syfte", "Att deltagaren ska närma sig arbete eller studier"),
            ];
            register.write(facit, "sus1_aktivitet", &row, false)?;
        }
    }
    Ok(())
}

/// Ids handed out so far, and the number of aktiviteter.
pub struct Sus1 {
    count: u64,
    aktiviteter: usize,
}

impl Sus1 {
    pub fn new(map: &Geografi) -> Sus1 {
        Sus1 { count: 0, aktiviteter: map.forbund.len() }
    }

    /// One row at the start, at the end and six months later, as far as they were made. `samtycke` takes those whose
    /// samtycke was withdrawn.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn deltagande(
        &mut self,
        (register, facit): (&mut Stodregister, &mut Facit),
        chance: &mut Chance,
        vem: &Vem<'_>,
        (forsta, stod): (&Forsta, &Stod),
        samtycke: &mut DeliveryWriter,
    ) -> Result<()> {
        self.count += 1;
        let deltagande = format!("V{:07}", self.count);
        let (start, slut) = (forsta.start, forsta.slut);
        let other = chance.promille(60);
        let (aktivitet, form) = if other {
            let at = chance.below(OTHERS.len());
            (self.aktiviteter + 1 + at, OTHERS[at].2)
        } else {
            (1 + chance.below(self.aktiviteter), "FINSAM")
        };
        let last = [("START", start), ("AVSLUT", slut), ("SEX_MANADER", add_months(slut, 6))];
        let made = if chance.promille(600) { 3 } else { 1 + chance.below(2) };
        for (occasion, when) in last.into_iter().take(made) {
            let (first, end) = (compact(start), compact(slut));
            let registered = compact(shift(when, chance.between(0, 40)));
            let aktivitet = id(aktivitet);
            let shares = forsta.shares(chance, stod, when);
            let mut row = vec![
                ("deltagande_id", deltagande.as_str()),
                ("mattillfalle_kod", occasion),
                ("aktivitet_id", aktivitet.as_str()),
                ("delaktivitet_nr", "1"),
                ("personnummer", vem.person.number_on(when)),
                ("samverkansform_kod", form),
                ("start_datum", first.as_str()),
                ("slut_datum", if occasion == "START" { "" } else { end.as_str() }),
                ("registrering_datum", registered.as_str()),
                ("sysselsattning_kod", activity(chance, &shares)),
            ];
            row.extend(shares.iter().map(|(source, share)| (*source, share.as_str())));
            register.write(facit, "sus1_deltagare", &row, vem.behalls && !other)?;
        }
        if chance.promille(25) {
            samtycke.row(&[("deltagande_id", &deltagande), ("datum", &shift(slut, 30).to_string())])?;
        }
        Ok(())
    }
}

/// Someone's time in an aktivitet of then.
pub struct Forsta {
    start: NaiveDate,
    slut: NaiveDate,
    /// Position of the källa beside sjukersattning and aktivitetsersättning.
    kalla: usize,
}

impl Forsta {
    /// A child of then has none, nor has a false identity.
    pub fn draw(chance: &mut Chance, person: &Person) -> Option<Forsta> {
        let start = shift(day(2005, 1, 10), chance.between(0, 2300));
        let slut = shift(start, chance.between(60, 500));
        let kalla = *chance.pick(&[0, 1, 4, 5, 6, 6, 7, 8, 9]);
        (age(person, start) >= 19 && !person.falsk).then_some(Forsta { start, slut, kalla })
    }

    /// The sjukersattning or aktivitetsersättning that the person had then, if any: the only källa of that time that
    /// registers still tell of.
    pub fn beslut(&self, chance: &mut Chance, person: &Person) -> Option<Beslut> {
        let fran = first_of(shift(self.start, -chance.between(30, 600)));
        let till = shift(self.start, chance.between(100, 900));
        let forman = if age(person, fran) < 27 { "AE" } else { "SE" };
        let grad = *chance.pick(&["01", "01", "02", "03", "04"]);
        let beslut = Beslut { forman, fran, till: Some(till), grad, vilande: false, levererad: true };
        (chance.promille(WITH_SICKNESS_COMPENSATION) && age(person, fran) >= 19).then_some(beslut)
    }

    /// Källor and their shares, which make up a hundred per cent; handlers got it wrong now and then.
    fn shares(&self, chance: &mut Chance, stod: &Stod, when: NaiveDate) -> Vec<(&'static str, String)> {
        let mut left = 100;
        let mut shares = Vec::new();
        for (forman, column) in [("SE", SOURCES[2]), ("AE", SOURCES[3])] {
            let of_form = stod.beslut.iter().filter(|one| one.forman == forman);
            let extent: i64 = of_form.map(|one| one.percent_on(when)).sum();
            let typed = match extent {
                0 if chance.promille(WITHOUT_GROUND) => 50,
                0 => 0,
                extent if chance.promille(MISTAKEN_SHARE) => extent / 2,
                extent => extent,
            };
            if typed > 0 && left > 0 {
                shares.push((column, typed.min(left).to_string()));
                left -= typed.min(left);
            }
        }
        if left > 0 && !chance.promille(60) {
            let beside = chance.promille(200).then(|| SOURCES[(self.kalla + 1) % SOURCES.len()]);
            match beside.filter(|column| left == 100 && shares.iter().all(|(other, _)| other != column)) {
                Some(column) => shares.extend([(SOURCES[self.kalla], "75".to_owned()), (column, "25".to_owned())]),
                None => shares.push((SOURCES[self.kalla], left.to_string())),
            }
        }
        shares
    }
}

/// What goes with the källor.
fn activity(chance: &mut Chance, shares: &[(&'static str, String)]) -> &'static str {
    let has = |column: &str| shares.iter().any(|(other, _)| *other == column);
    if has("lon_procent") {
        chance.pick::<&str>(&["ARBETE", "ARBETE", "ARBETE_SUBV"])
    } else if has("studiestod_procent") {
        "STUDIER"
    } else {
        chance.pick::<&str>(&["ARBETSSOKANDE", "OVRIGT", ""])
    }
}

/// A person that an evaluation compares participants with.
///
/// # Errors
/// As [`DeliveryWriter::row`].
pub fn kontrollperson(
    register: &mut Stodregister,
    facit: &mut Facit,
    chance: &mut Chance,
    vem: &Vem<'_>,
) -> Result<()> {
    let year = 2020 + chance.below(3);
    let row = [
        ("utvardering_id", format!("U{year}-01")),
        ("personnummer", vem.person.latest_number().to_owned()),
        ("urval_kod", if chance.promille(800) { "MATCHAD" } else { "SLUMP" }.to_owned()),
        ("urval_datum", format!("{year}-{:02}-01", 1 + chance.below(12))),
    ];
    let row = row.each_ref().map(|(name, text)| (*name, text.as_str()));
    register.write(facit, "kontrollgrupp", &row, vem.behalls)
}

fn id(nr: usize) -> String {
    format!("A{nr:06}")
}

fn compact(when: NaiveDate) -> String {
    when.format("%Y%m%d").to_string()
}
