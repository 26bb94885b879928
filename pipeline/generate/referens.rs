//! Deliveries without persons: kommuner, förbund, insatser, counts, reporting coverage.

use super::geografi::Geografi;
use super::insats::{Anonyma, Insatser, OTHERS};
use super::leveranser::{Arsvis, Utlamnande};
use super::observation::{REGISTERS_FROM, UTTAG, UTTAG_SUS};
use super::tackning::Tackning;
use super::tid::{day, first_day, month_of, year_month};
use crate::error::Result;
use chrono::{Datelike, NaiveDate};

/// First day that the reference tables hold for.
const REFERENCE_FROM: NaiveDate = day(2003, 1, 1);

fn text(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// Kommuner, förbund and who is a member of which.
///
/// # Errors
/// As [`super::delivery::DeliveryWriter::row`].
pub fn geografi(utlamnande: &mut Utlamnande<'_>, map: &Geografi) -> Result<()> {
    let mut kommun = utlamnande.open("kommun", UTTAG_SUS)?;
    for place in &map.kommuner {
        kommun.row(&[("kommun_kod", &place.kod), ("kommun_namn", &place.namn), ("lans_kod", &place.lans_kod)])?;
    }
    utlamnande.close("kommun", kommun, REFERENCE_FROM, UTTAG)?;

    let mut forbund = utlamnande.open("forbund", UTTAG_SUS)?;
    let mut members = utlamnande.open("forbund_kommun", UTTAG_SUS)?;
    for own in &map.forbund {
        forbund.row(&[
            ("forbund_id", &own.id),
            ("forbund_namn", &own.namn),
            ("giltig_fran_datum", &own.fran.to_string()),
            ("giltig_till_datum", &text(own.till)),
            ("eftertradare_id", own.eftertradare.as_deref().unwrap_or("")),
        ])?;
        for medlem in &own.medlemmar {
            members.row(&[
                ("forbund_id", &own.id),
                ("kommun_kod", &map.kommuner[medlem.kommun].kod),
                ("giltig_fran_datum", &medlem.fran.to_string()),
                ("giltig_till_datum", &text(medlem.till)),
            ])?;
        }
    }
    utlamnande.close("forbund", forbund, REFERENCE_FROM, UTTAG)?;
    utlamnande.close("forbund_kommun", members, REFERENCE_FROM, UTTAG)
}

/// What SUS holds beside persons.
///
/// # Errors
/// As [`super::delivery::DeliveryWriter::row`].
pub fn sus(utlamnande: &mut Utlamnande<'_>, map: &Geografi, insatser: &Insatser, anonyma: &[Anonyma]) -> Result<()> {
    let (fran, till) = (day(2012, 1, 1), day(2022, 12, 31));
    let mut forbund = utlamnande.open("sus_forbund", UTTAG_SUS)?;
    for own in &map.forbund {
        let (start, slut) = (own.fran.to_string(), text(own.till));
        forbund.row(&[
            ("forbund_id", &own.id),
            ("forbund_namn", &own.namn),
            ("start_datum", &start),
            ("slut_datum", &slut),
        ])?;
    }
    for (id, namn, form) in OTHERS {
        forbund.row(&[("forbund_id", id), ("forbund_namn", namn), ("samverkansform_kod", form)])?;
    }
    utlamnande.close("sus_forbund", forbund, fran, till)?;

    let mut writer = utlamnande.open("sus_insats", UTTAG_SUS)?;
    for insats in &insatser.all {
        writer.row(&[
            ("insats_id", &insats.id),
            ("forbund_id", &insats.forbund_id),
            ("insats_namn", &insats.namn),
            ("samverkansform_kod", insats.form),
            ("inriktning_kod", if insats.struktur { "STRUKTUR" } else { "INDIVID" }),
            ("registrering_kod", if insats.struktur { "VOLYM" } else { "PERSON" }),
            ("start_datum", &insats.start.to_string()),
            ("slut_datum", &text(insats.slut)),
            ("planerat_antal", &insats.planerat.map(|count| count.to_string()).unwrap_or_default()),
        ])?;
    }
    utlamnande.close("sus_insats", writer, fran, till)?;

    let mut writer = utlamnande.open("sus_anonyma", UTTAG_SUS)?;
    for counted in anonyma {
        writer.row(&[
            ("insats_id", &insatser.all[counted.insats].id),
            ("ar", &counted.ar.to_string()),
            ("kvinnor_antal", &counted.kvinnor.to_string()),
            ("man_antal", &counted.man.to_string()),
        ])?;
    }
    utlamnande.close("sus_anonyma", writer, fran, till)
}

/// One row per kommun and month of bistånd, one workbook per year.
///
/// # Errors
/// As [`super::delivery::DeliveryWriter::row`].
pub fn tackning(utlamnande: &mut Utlamnande<'_>, map: &Geografi, tackning: &Tackning) -> Result<()> {
    for year in REGISTERS_FROM.year()..=UTTAG.year() {
        let mut writer = utlamnande.open("bistand_tackning", Arsvis::uttag(year))?;
        let last = day(year, 12, 31).min(UTTAG);
        for (position, kommun) in map.kommuner.iter().enumerate() {
            for month in month_of(day(year, 1, 1))..=month_of(last) {
                let (_, number) = year_month(month);
                let reported = tackning.reported(position, month) && first_day(month) < day(2023, 6, 1);
                writer.row(&[
                    ("kommun_kod", &kommun.kod),
                    ("manad", &format!("{year}{number:02}")),
                    ("rapporterad_kod", if reported { "J" } else { "N" }),
                ])?;
            }
        }
        utlamnande.close("bistand_tackning", writer, day(year, 1, 1), last)?;
    }
    Ok(())
}
