//! After SUS: the insatser and counts of Uppföljning Finsam, and what some förbund note in Excel of those who left.

use super::rader::{DUBBLETT, Fel, Koder, Rader};
use super::{STREAM, Underlag};
use crate::error::Result;
use crate::generate::chance::Chance;
use crate::generate::facit::Facit;
use crate::generate::geografi::Forbund;
use crate::generate::insats::Insats;
use crate::generate::leveranser::Utlamnande;
use crate::generate::observation::UTTAG;
use crate::generate::tid::{day, shift};
use chrono::NaiveDate;

const FIRST: NaiveDate = day(2023, 1, 1);
const INSATS_FAULTS: &[Fel] = &[Fel { column: "inriktning_kod", text: "BLANDAD", rule: "kodlista" }, DUBBLETT];
const COUNT_FAULTS: &[Fel] = &[Fel { column: "kvinnor_antal", text: "-3", rule: "granser" }, DUBBLETT];
const LOCAL_FAULTS: &[Fel] = &[
    Fel { column: "utskrivningsorsak_kod", text: "Oklart", rule: "kodlista" },
    Fel { column: "utskrivning_datum", text: "2023-02-30", rule: "typ" },
];

pub fn write(utlamnande: &mut Utlamnande<'_>, facit: &mut Facit, underlag: &Underlag<'_>) -> Result<()> {
    let known: Vec<(String, &Insats)> = underlag
        .insatser
        .all
        .iter()
        .filter(|insats| insats.form == "FINSAM" && insats.slut.is_none_or(|slut| slut >= FIRST))
        .zip(1..)
        .map(|(insats, number)| (format!("U{number:06}"), insats))
        .collect();
    insatser(utlamnande, facit, underlag, &known)?;
    antal(utlamnande, facit, underlag, &known)?;
    lokal(utlamnande, facit, underlag, &known)
}

fn insatser(
    utlamnande: &mut Utlamnande<'_>,
    facit: &mut Facit,
    underlag: &Underlag<'_>,
    known: &[(String, &Insats)],
) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 4);
    let precise = |code: &str| Koder::with(underlag.catalogue, "preciserad_inriktning", "inriktning_kod", code);
    let (mut individ, mut struktur) = (precise("INDIVID")?, precise("STRUKTUR")?);
    let mut methods = Koder::of(underlag.catalogue, "uppfoljningsmetod")?;
    let mut rader = Rader::open(utlamnande, "uppfoljning_insats", UTTAG, facit, INSATS_FAULTS)?;
    for (place, (id, insats)) in known.iter().enumerate() {
        let (code, precise) = if insats.struktur { ("STRUKTUR", &mut struktur) } else { ("INDIVID", &mut individ) };
        let has_esf = place == 0 || chance.promille(80);
        rader.row(&[
            ("insats_id", id),
            ("forbund_id", &insats.forbund_id),
            ("insats_namn", &insats.namn),
            ("inriktning_kod", code),
            ("preciserad_inriktning_kod", precise.draw(&mut chance)),
            ("uppfoljningsmetod_kod", methods.draw(&mut chance)),
            ("esf_kod", if has_esf { "J" } else { "N" }),
            ("start_datum", &insats.start.to_string()),
            ("slut_datum", &insats.slut.map(|slut| slut.to_string()).unwrap_or_default()),
        ])?;
    }
    rader.close(utlamnande, FIRST, UTTAG)
}

fn antal(
    utlamnande: &mut Utlamnande<'_>,
    facit: &mut Facit,
    underlag: &Underlag<'_>,
    known: &[(String, &Insats)],
) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 5);
    let mut rader = Rader::open(utlamnande, "uppfoljning_antal", UTTAG, facit, COUNT_FAULTS)?;
    for (id, insats) in known {
        let most = if insats.struktur { 60 } else { 14 };
        let (women, men) = (chance.between(0, most), chance.between(0, most * 4 / 5));
        rader.row(&[
            ("insats_id", id),
            ("ar", "2023"),
            ("kvinnor_antal", &women.to_string()),
            ("man_antal", &men.to_string()),
        ])?;
    }
    rader.close(utlamnande, FIRST, UTTAG)
}

/// The lists that a row is filled in from.
struct Listor {
    kon: Koder,
    tid: Koder,
    fore: Koder,
    efter: Koder,
    orsak: Koder,
}

/// Every sixth förbund notes in Excel who left its individinsatser.
fn lokal(
    utlamnande: &mut Utlamnande<'_>,
    facit: &mut Facit,
    underlag: &Underlag<'_>,
    known: &[(String, &Insats)],
) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 6);
    let list = |name: &str| Koder::of(underlag.catalogue, name);
    let mut listor = Listor {
        kon: list("kon")?,
        tid: list("tid_i_forsorjning")?,
        fore: list("sus_sysselsattning")?,
        efter: list("sus_sysselsattning")?,
        orsak: list("utskrivningsorsak")?,
    };
    let mut rader = Rader::open(utlamnande, "lokal_uppfoljning", UTTAG, facit, LOCAL_FAULTS)?;
    for own in underlag.forbund(2023).step_by(6) {
        let of_own = |insats: &&Insats| insats.forbund_id == own.id && !insats.struktur;
        for insats in known.iter().map(|(_, insats)| *insats).filter(of_own) {
            for _ in 0..chance.between(2, 9) {
                left(&mut rader, &mut chance, underlag, (own, insats), &mut listor)?;
            }
        }
    }
    rader.close(utlamnande, FIRST, UTTAG)
}

fn left(
    rader: &mut Rader<'_>,
    chance: &mut Chance,
    underlag: &Underlag<'_>,
    (own, insats): (&Forbund, &Insats),
    listor: &mut Listor,
) -> Result<()> {
    let out = shift(FIRST, chance.between(8, 160));
    let age = if chance.promille(300) { chance.between(18, 29) } else { chance.between(30, 63) };
    let kommun = &underlag.map.kommuner[chance.pick(&own.medlemmar).kommun];
    rader.row(&[
        ("forbund_id", &own.id),
        ("insats_namn", &insats.namn),
        ("kon_kod", listor.kon.written(chance)),
        ("kommun_kod", &kommun.namn),
        ("alder_ar", &age.to_string()),
        ("inskrivning_datum", &shift(out, -chance.between(60, 700)).to_string()),
        ("utskrivning_datum", &out.to_string()),
        ("tid_i_forsorjning_kod", listor.tid.written(chance)),
        ("sysselsattning_in_kod", listor.fore.written(chance)),
        ("sysselsattning_ut_kod", listor.efter.written(chance)),
        ("utskrivningsorsak_kod", listor.orsak.written(chance)),
    ])
}
