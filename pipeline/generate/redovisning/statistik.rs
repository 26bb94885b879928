//! Statistics that the country is seen against: people, support, need; and which förbund a stadsdel belongs to.
//!
//! Kommuner are drawn; län and riket are their sums. Everything is in the scale of the country.

use super::rader::Koder;
use super::{STREAM, Underlag};
use crate::error::Result;
use crate::generate::chance::Chance;
use crate::generate::delivery::DeliveryWriter;
use crate::generate::leveranser::Utlamnande;
use crate::generate::observation::UTTAG_SUS;
use crate::generate::tid::day;
use std::collections::BTreeMap;

/// Inhabitants aged 16–65, and what was estimated of those in need of coordinated rehabilitation, lowest and highest.
const INHABITANTS: f64 = 6_300_000.0;
const NEED: [(&str, i32, f64, f64); 2] =
    [("PROP_2002_03_132", 2002, 280_000.0, 280_000.0), ("ISF_2023_2", 2022, 280_000.0, 500_000.0)];
const YEARS: [i32; 2] = [2021, 2022];
const GOTEBORG: &str = "1480";

/// Support in an area and year: persons who had it, thousands of kronor.
#[derive(Clone, Copy, Default)]
struct Stod {
    inhabitants: i64,
    persons: i64,
    sum: i64,
}

/// By level, area and ersättning.
type Matt = BTreeMap<(&'static str, String, String), Stod>;

pub fn write(utlamnande: &mut Utlamnande<'_>, underlag: &Underlag<'_>) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 8);
    stadsdelar(utlamnande, underlag)?;
    let people = folkmangd(utlamnande, underlag, &mut chance)?;
    let mut totals: BTreeMap<(String, i32), i64> = BTreeMap::new();
    for year in YEARS {
        let matt = draw(underlag, &mut chance, &people)?;
        for ((_, _, code), stod) in matt.iter().filter(|((level, ..), _)| *level == "RIKET") {
            totals.insert((code.clone(), year), stod.persons);
        }
        let mut writer = utlamnande.open("forsorjningsmatt", day(year + 1, 1, 31))?;
        matt.iter().try_for_each(|(place, stod)| measure(&mut writer, place, year, *stod))?;
        utlamnande.close("forsorjningsmatt", writer, day(year, 1, 1), day(year, 12, 31))?;
    }
    let mut writer = utlamnande.open("forman_totaler", UTTAG_SUS)?;
    for ((code, year), persons) in totals {
        let women = persons * 54 / 100;
        for (kon, count) in [("K", women), ("M", persons - women)] {
            writer.row(&[
                ("ersattning_kod", &code),
                ("ar", &year.to_string()),
                ("kon_kod", kon),
                ("personer_antal", &count.to_string()),
            ])?;
        }
    }
    utlamnande.close("forman_totaler", writer, day(2021, 1, 1), day(2022, 12, 31))?;
    behov(utlamnande, underlag, &people)
}

/// Each stadsdel of Göteborg with its förbund: in order, dealt out to the four.
fn districts(underlag: &Underlag<'_>) -> Result<Vec<(String, String)>> {
    let own: Vec<&str> =
        underlag.map.forbund.iter().filter(|own| own.namn.contains("Göteborg ")).map(|own| own.id.as_str()).collect();
    let codes = Koder::with(underlag.catalogue, "stadsdel", "kommun_kod", GOTEBORG)?;
    let count = codes.all().len();
    let dealt = codes.all().iter().enumerate();
    Ok(dealt.map(|(place, code)| (code.code.clone(), own[place * own.len() / count].to_owned())).collect())
}

fn stadsdelar(utlamnande: &mut Utlamnande<'_>, underlag: &Underlag<'_>) -> Result<()> {
    let mut writer = utlamnande.open("stadsdel_forbund", UTTAG_SUS)?;
    for (district, forbund) in districts(underlag)? {
        writer.row(&[("kommun_kod", GOTEBORG), ("stadsdel_kod", &district), ("forbund_id", &forbund)])?;
    }
    utlamnande.close("stadsdel_forbund", writer, day(2011, 1, 1), UTTAG_SUS)
}

/// People of each kommun at the end of the last year.
fn folkmangd(utlamnande: &mut Utlamnande<'_>, underlag: &Underlag<'_>, chance: &mut Chance) -> Result<Vec<i64>> {
    let whole: u32 = underlag.map.kommuner.iter().map(|kommun| kommun.weight).sum();
    let groups = underlag.catalogue.code_list("aldersgrupp")?;
    let years = |column: &str| -> Result<Vec<i64>> {
        Ok(groups.further(column)?.map(|(_, text)| text.parse().unwrap_or(0)).collect())
    };
    let (first, last) = (years("fran_alder_nr")?, years("till_alder_nr")?);
    let mut people = vec![0; underlag.map.kommuner.len()];
    let mut writer = utlamnande.open("folkmangd", UTTAG_SUS)?;
    for year in YEARS {
        for (kommun, people) in underlag.map.kommuner.iter().zip(&mut people) {
            let own = INHABITANTS * underlag.scale * f64::from(kommun.weight) / f64::from(whole);
            *people = 0;
            for ((group, first), last) in groups.codes.iter().zip(&first).zip(&last) {
                for kon in ["K", "M"] {
                    let share = (last - first + 1) as f64 / 100.0 * chance.between(95, 105) as f64 / 100.0;
                    let count = (own * share).round() as i64;
                    *people += count;
                    writer.row(&[
                        ("kommun_kod", &kommun.kod),
                        ("ar", &year.to_string()),
                        ("kon_kod", kon),
                        ("aldersgrupp_kod", &group.code),
                        ("invanare_antal", &count.to_string()),
                    ])?;
                }
            }
        }
    }
    utlamnande.close("folkmangd", writer, day(2021, 1, 1), day(2022, 12, 31))?;
    Ok(people)
}

/// Support of a year, on every level.
fn draw(underlag: &Underlag<'_>, chance: &mut Chance, people: &[i64]) -> Result<Matt> {
    let mut matt = Matt::new();
    let districts = districts(underlag)?;
    for code in Koder::of(underlag.catalogue, "ersattning")?.all() {
        let (share, mean) = (chance.between(5, 70), chance.between(50, 120));
        for (kommun, inhabitants) in underlag.map.kommuner.iter().zip(people) {
            let persons = inhabitants * share * chance.between(80, 120) / 100_000;
            let stod = Stod { inhabitants: *inhabitants, persons, sum: persons * mean };
            let mut add = |level: &'static str, area: &str, stod: Stod| {
                let held = matt.entry((level, area.to_owned(), code.code.clone())).or_default();
                held.inhabitants += stod.inhabitants;
                held.persons += stod.persons;
                held.sum += stod.sum;
            };
            add("KOMMUN", &kommun.kod, stod);
            add("LAN", &kommun.lans_kod, stod);
            add("RIKET", "00", stod);
            if kommun.kod == GOTEBORG {
                let count = districts.len() as i64;
                for (district, forbund) in &districts {
                    // What does not come out even stays with the kommun alone.
                    let part = Stod {
                        inhabitants: stod.inhabitants / count,
                        persons: stod.persons / count,
                        sum: stod.sum / count,
                    };
                    add("STADSDEL", district, part);
                    add("FORBUND", forbund, part);
                }
            }
        }
    }
    Ok(matt)
}

fn measure(
    writer: &mut DeliveryWriter,
    (level, area, code): &(&'static str, String, String),
    year: i32,
    stod: Stod,
) -> Result<()> {
    let mean = if stod.persons == 0 { String::new() } else { tenths(stod.sum * 10 / stod.persons) };
    writer.row(&[
        ("niva_kod", level),
        ("omrade_kod", area),
        ("ar", &year.to_string()),
        ("ersattning_kod", code),
        ("summa_tkr_antal", &stod.sum.to_string()),
        ("medel_tkr_antal", &mean),
        ("invanare_antal", &stod.inhabitants.to_string()),
        ("helarsekvivalenter_antal", &tenths(stod.persons * 5)),
    ])?;
    Ok(())
}

/// With a decimal comma.
fn tenths(number: i64) -> String {
    format!("{},{}", number / 10, number % 10)
}

fn behov(utlamnande: &mut Utlamnande<'_>, underlag: &Underlag<'_>, people: &[i64]) -> Result<()> {
    let whole: i64 = people.iter().sum();
    let mut writer = utlamnande.open("uppskattat_behov", UTTAG_SUS)?;
    for (source, year, lowest, highest) in NEED {
        let mut row = |level: &str, area: &str, share: f64| {
            let count = |number: f64| (number * underlag.scale * share).round().to_string();
            writer.row(&[
                ("niva_kod", level),
                ("omrade_kod", area),
                ("ar", &year.to_string()),
                ("behovskalla_kod", source),
                ("lagst_antal", &count(lowest)),
                ("hogst_antal", &count(highest)),
            ])
        };
        row("RIKET", "00", 1.0)?;
        if year == 2022 {
            for (kommun, inhabitants) in underlag.map.kommuner.iter().zip(people) {
                row("KOMMUN", &kommun.kod, *inhabitants as f64 / whole.max(1) as f64)?;
            }
        }
    }
    utlamnande.close("uppskattat_behov", writer, day(2002, 1, 1), UTTAG_SUS)
}
