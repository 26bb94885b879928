//! The first SUS (2005–2012): aktiviteter, and participants at up to three occasions with their support in per cent
//! per källa, as the handler typed it in. And the control groups of evaluations.

use super::chance::Chance;
use super::delivery::DeliveryWriter;
use super::facit::Facit;
use super::geografi::Geografi;
use super::insats::OTHERS;
use super::stod::age;
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
const ACTIVITIES: [&str; 6] = ["ARBETE", "ARBETE_SUBV", "STUDIER", "ARBETSSOKANDE", "OVRIGT", ""];

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

    /// A participant of then: one row at the start, at the end and six months later, as far as they were made.
    /// `samtycke` takes those whose samtycke was withdrawn. A child of then has none.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn deltagande(
        &mut self,
        register: &mut Stodregister,
        facit: &mut Facit,
        chance: &mut Chance,
        vem: &Vem<'_>,
        samtycke: &mut DeliveryWriter,
    ) -> Result<()> {
        let start = shift(day(2005, 1, 10), chance.between(0, 2300));
        if age(vem.person, start) < 19 || vem.person.falsk {
            return Ok(());
        }
        self.count += 1;
        let deltagande = format!("V{:07}", self.count);
        let slut = shift(start, chance.between(60, 500));
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
                ("sysselsattning_kod", *chance.pick(&ACTIVITIES)),
            ];
            let shares = shares(chance);
            row.extend(shares.iter().map(|(source, share)| (*source, share.as_str())));
            register.write(facit, "sus1_deltagare", &row, vem.behalls && !other)?;
        }
        if chance.promille(25) {
            samtycke.row(&[("deltagande_id", &deltagande), ("datum", &shift(slut, 30).to_string())])?;
        }
        Ok(())
    }
}

/// One to three källor that make up a hundred per cent; handlers got it wrong now and then.
fn shares(chance: &mut Chance) -> Vec<(&'static str, String)> {
    let first = chance.below(SOURCES.len());
    let parts = *chance.pick::<&[usize]>(&[&[100], &[100], &[50, 50], &[75, 25], &[50, 25, 25], &[50]]);
    (0..).zip(parts).map(|(at, part)| (SOURCES[(first + at * 3) % SOURCES.len()], part.to_string())).collect()
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
