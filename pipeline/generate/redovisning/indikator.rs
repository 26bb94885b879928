//! Answers to the Indikator surveys: every second förbund takes part, each answer is a row.

use super::rader::{DUBBLETT, Fel, Koder, Rader};
use super::{STREAM, Underlag};
use crate::error::Result;
use crate::generate::chance::Chance;
use crate::generate::facit::Facit;
use crate::generate::insats::Insats;
use crate::generate::leveranser::Utlamnande;
use crate::generate::tid::day;

/// Answering persons in the country, as in 2022, over the förbund that took part.
const ANSWERING: f64 = 3_970.0 / 36.0;
const FAULTS: &[Fel] = &[
    Fel { column: "svar_kod", text: "6", rule: "kodlista" },
    DUBBLETT,
    Fel { column: "respondent_id", text: "anna.a@example.se", rule: "monster" },
];
/// Of a thousand questions, those that a person passes over.
const PASSED_OVER: usize = 30;

/// One delivery per mätperiod, which goes from November to October.
pub fn write(utlamnande: &mut Utlamnande<'_>, facit: &mut Facit, underlag: &Underlag<'_>) -> Result<()> {
    let mut chance = Chance::new(underlag.seed, STREAM + 7);
    let mut answers = Koder::of(underlag.catalogue, "svarsskala")?;
    let per_forbund = (ANSWERING * underlag.scale).round().max(1.0) as i64;
    for (year, file) in [(2021, "indikator.csv"), (2022, "indikator.xlsx")] {
        let mut forms = Koder::of(underlag.catalogue, "indikator_formular")?;
        let indicators = Koder::of(underlag.catalogue, "indikator")?;
        let uttag = day(year, 12, 15);
        let writer = utlamnande.open_named("indikator_svar", file, uttag)?;
        let mut rader = Rader::of(writer, "indikator_svar", uttag, facit, FAULTS);
        for own in underlag.forbund(year).step_by(2) {
            let of_own = |insats: &&Insats| insats.forbund_id == own.id;
            let insats = underlag.insatser.all.iter().find(of_own).map_or("", |insats| insats.id.as_str());
            for respondent in 1..=chance.between(1, per_forbund * 2) {
                let form = forms.written(&mut chance).to_owned();
                for indicator in indicators.all() {
                    // Some indicators are asked about twice.
                    for question in 1..=1 + i64::from(indicator.code.ends_with('3')) {
                        if chance.promille(PASSED_OVER) {
                            continue;
                        }
                        rader.row(&[
                            ("forbund_id", &own.id),
                            ("matperiod_ar", &year.to_string()),
                            ("formular_kod", &form),
                            ("respondent_id", &respondent.to_string()),
                            ("insats_id", if form.to_uppercase().starts_with("DELTAGARE") { insats } else { "" }),
                            ("indikator_kod", &indicator.code),
                            ("fraga_nr", &question.to_string()),
                            ("svar_kod", answers.written(&mut chance)),
                        ])?;
                    }
                }
            }
        }
        rader.close(utlamnande, day(year - 1, 11, 1), day(year, 10, 31))?;
    }
    Ok(())
}
