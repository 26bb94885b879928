//! Budgets and outcomes, in SUS and as the förbund's årsredovisningar have them; and what else SUS holds per insats.

use super::rader::{DUBBLETT, Fel, Koder, Rader};
use super::{STREAM, SUS_YEARS, Underlag};
use crate::error::Result;
use crate::generate::chance::Chance;
use crate::generate::facit::Facit;
use crate::generate::insats::Insats;
use crate::generate::leveranser::Utlamnande;
use crate::generate::observation::UTTAG_SUS;
use crate::generate::tid::day;
use std::collections::BTreeMap;

const NOTES: [&str; 4] = ["", "Lokaler och material", "Två processledare, halvtid", "Enligt avtal; förlängt i juni"];
const QUESTIONS: [&str; 4] =
    ["Självskattad hälsa", "Arbetsförmåga", "Delaktighet i planeringen", "Resväg till insatsen"];
const BUDGET_FAULTS: &[Fel] = &[
    Fel { column: "budgettyp_kod", text: "ANNAT", rule: "kodlista" },
    DUBBLETT,
    Fel { column: "budget_belopp_antal", text: "-1", rule: "granser" },
];
const VOLYM_FAULTS: &[Fel] = &[DUBBLETT, Fel { column: "deltagare_antal", text: "många", rule: "typ" }];
const REPORT_FAULTS: &[Fel] = &[DUBBLETT];

/// Kronor of a förbund in a year.
#[derive(Clone, Copy, Default)]
struct Belopp {
    budget: i64,
    utfall: i64,
}

/// By förbund and year.
type Summor = BTreeMap<(String, i32), Belopp>;

pub fn write(utlamnande: &mut Utlamnande<'_>, facit: &mut Facit, underlag: &Underlag<'_>) -> Result<()> {
    let summor = budget(utlamnande, facit, underlag)?;
    volym(utlamnande, facit, underlag)?;
    fragor(utlamnande, facit, underlag)?;
    arsredovisning(utlamnande, facit, underlag, &summor)
}

/// Insatser of finansiell samordning that run in a year.
fn running<'a>(underlag: &'a Underlag<'_>, year: i32) -> impl Iterator<Item = &'a Insats> {
    let runs = move |insats: &&Insats| {
        insats.start <= day(year, 12, 31) && insats.slut.is_none_or(|slut| slut >= day(year, 1, 1))
    };
    underlag.insatser.all.iter().filter(|insats| insats.form == "FINSAM").filter(runs)
}

fn budget(utlamnande: &mut Utlamnande<'_>, facit: &mut Facit, underlag: &Underlag<'_>) -> Result<Summor> {
    let mut chance = Chance::new(underlag.seed, STREAM);
    let types = Koder::of(underlag.catalogue, "budgettyp")?;
    let mut summor = Summor::new();
    let mut rader = Rader::open(utlamnande, "sus_insatsbudget", UTTAG_SUS, facit, BUDGET_FAULTS)?;
    for year in SUS_YEARS {
        for insats in running(underlag, year) {
            let planned = insats.planerat.and_then(|count| i64::try_from(count).ok());
            let size = planned.unwrap_or(20) * if insats.struktur { 3 } else { 10 };
            // The insats itself, and now and then money of ESF beside it.
            let rows = if chance.promille(70) { types.all() } else { &types.all()[..1] };
            for code in rows {
                let budget = size * chance.between(800, 1600);
                let utfall = budget * chance.between(70, 110) / 100;
                // Of the last year a third is not filled in yet.
                let is_filled_in = year < *SUS_YEARS.end() || chance.promille(670);
                let sum = summor.entry((insats.forbund_id.clone(), year)).or_default();
                sum.budget += budget;
                sum.utfall += utfall;
                rader.row(&[
                    ("insats_id", &insats.id),
                    ("ar", &year.to_string()),
                    ("budgettyp_kod", &code.code),
                    ("planerat_antal", &planned.map(|count| count.to_string()).unwrap_or_default()),
                    ("budget_belopp_antal", &budget.to_string()),
                    ("utfall_belopp_antal", &if is_filled_in { utfall.to_string() } else { String::new() }),
                    ("beskrivning", NOTES[chance.below(NOTES.len())]),
                ])?;
            }
        }
    }
    rader.close(utlamnande, day(2018, 1, 1), day(2022, 12, 31))?;
    Ok(summor)
}

fn volym(utlamnande: &mut Utlamnande<'_>, facit: &mut Facit, underlag: &Underlag<'_>) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 1);
    let mut rader = Rader::open(utlamnande, "sus_volyminsats", UTTAG_SUS, facit, VOLYM_FAULTS)?;
    for year in SUS_YEARS {
        for insats in running(underlag, year).filter(|insats| insats.struktur) {
            let count = chance.between(0, 120).to_string();
            rader.row(&[("insats_id", &insats.id), ("ar", &year.to_string()), ("deltagare_antal", &count)])?;
        }
    }
    rader.close(utlamnande, day(2018, 1, 1), day(2022, 12, 31))
}

/// Every third förbund asked something of its own.
fn fragor(utlamnande: &mut Utlamnande<'_>, facit: &mut Facit, underlag: &Underlag<'_>) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 2);
    let mut rader = Rader::open(utlamnande, "sus_kompletterande_fraga", UTTAG_SUS, facit, &[DUBBLETT])?;
    for own in underlag.map.forbund.iter().step_by(3) {
        let count = chance.between(1, 3).unsigned_abs() as usize;
        for (place, name) in (1..).zip(QUESTIONS.iter().take(count)) {
            let from = day(2012 + chance.below(9) as i32, 1, 1).max(own.fran);
            let till = own.till.map(|till| till.max(from).to_string()).unwrap_or_default();
            rader.row(&[
                ("forbund_id", &own.id),
                ("fraga_id", &format!("{}", place * 10)),
                ("fraga_namn", name),
                ("innehall", "Hur skulle du själv beskriva det?"),
                ("giltig_fran_datum", &from.to_string()),
                ("giltig_till_datum", &till),
                ("ordning_nr", &place.to_string()),
            ])?;
        }
    }
    rader.close(utlamnande, day(2012, 1, 1), day(2022, 12, 31))
}

/// One workbook per year. Of five förbund one counts more participants than SUS has, and one fewer.
fn arsredovisning(
    utlamnande: &mut Utlamnande<'_>,
    facit: &mut Facit,
    underlag: &Underlag<'_>,
    summor: &Summor,
) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 3);
    let mut capital: BTreeMap<&str, i64> = BTreeMap::new();
    for year in SUS_YEARS {
        let uttag = day(year + 1, 3, 31);
        let mut rader = Rader::open(utlamnande, "arsredovisning", uttag, facit, REPORT_FAULTS)?;
        for (place, own) in underlag.forbund(year).enumerate() {
            let in_sus = underlag.deltagare.in_sus(underlag, &own.id, year);
            let stated = match place % 5 {
                0 => in_sus + in_sus.div_ceil(12),
                1 => in_sus - in_sus.div_ceil(10),
                _ => in_sus,
            };
            let sum = summor.get(&(own.id.clone(), year)).copied().unwrap_or_default();
            let administration = 1000 * chance.between(400, 1500);
            let (budget, utfall) = (sum.budget + administration, sum.utfall + administration);
            let capital = capital.entry(&own.id).or_insert_with(|| 1000 * chance.between(-200, 4000));
            *capital += (budget - utfall) / 4;
            let administration = if chance.promille(60) { "-".to_owned() } else { administration.to_string() };
            rader.row(&[
                ("forbund_id", &own.id),
                ("ar", &year.to_string()),
                ("deltagare_antal", &stated.to_string()),
                ("budget_belopp_antal", &budget.to_string()),
                ("utfall_belopp_antal", &utfall.to_string()),
                ("administration_belopp_antal", &administration),
                ("eget_kapital_belopp_antal", &capital.to_string()),
            ])?;
        }
        rader.close(utlamnande, day(year, 1, 1), day(year, 12, 31))?;
    }
    Ok(())
}
