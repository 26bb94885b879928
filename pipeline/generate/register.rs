//! Renders lives as the registers hold them: sjukpenning, bistånd per household, pay per month.

use super::chance::Chance;
use super::facit::Facit;
use super::geografi::Geografi;
use super::leveranser::{Arsvis, Leveranser};
use super::levnad::{FkRad, Levnad};
use super::nummer::{Nummer, organisation};
use super::observation::{AGI_FROM, KNOWN_TILL, REGISTERS_FROM, UTTAG};
use super::person::Person;
use super::tackning::Tackning;
use super::tid::{first_day, month_of, shift, year_month};
use crate::error::Result;
use chrono::{Datelike, NaiveDate};

/// One row in so many is at fault: below what the contracts tolerate.
const SJUKPENNING_FAULT: u64 = 400;
const BISTAND_FAULT: u64 = 700;
const AGI_FAULT: u64 = 3000;
/// The payer of benefits in employer declarations.
const BENEFIT_PAYER: u64 = 0;
const EMPLOYERS: usize = 40_000;

/// What rendering needs beside the person.
pub struct Render<'a> {
    pub map: &'a Geografi,
    pub tackning: &'a Tackning,
    pub nummer: &'a mut Nummer,
    pub leveranser: &'a mut Leveranser,
    pub facit: &'a mut Facit,
}

impl Render<'_> {
    /// Sjukpenning and rehabiliteringspenning: the number is the one of the extract.
    ///
    /// # Errors
    /// As [`super::delivery::DeliveryWriter::row`].
    pub fn sjukpenning(
        &mut self,
        chance: &mut Chance,
        person: &Person,
        levnad: &Levnad,
        deltagare: bool,
    ) -> Result<()> {
        for rad in levnad.sjukfall.iter().flat_map(|sjukfall| &sjukfall.rader) {
            if !rad.levererad || rad.fran > KNOWN_TILL || rad.till < REGISTERS_FROM {
                continue;
            }
            let row = SjukpenningRow::new(chance, rad);
            row.write(self.leveranser, person.latest_number(), rad.forman, &row.till)?;
            let count = self.leveranser.sjukpenning.row_count();
            if count.is_multiple_of(SJUKPENNING_FAULT) {
                self.spoil_sjukpenning(&row, person, rad, deltagare, count / SJUKPENNING_FAULT)?;
            }
        }
        Ok(())
    }

    /// A further row that is at fault; columns beside the number are only checked for participants.
    fn spoil_sjukpenning(
        &mut self,
        row: &SjukpenningRow,
        person: &Person,
        rad: &FkRad,
        deltagare: bool,
        way: u64,
    ) -> Result<()> {
        let own = person.latest_number();
        let before = compact(shift(rad.fran, -40));
        let (rule, at) = match (deltagare, way % 3) {
            (true, 0) => ("nyckel", row.write(self.leveranser, own, rad.forman, &row.till)?),
            (true, 1) => ("kodlista", row.write(self.leveranser, own, "XX", &row.till)?),
            (true, _) => {
                // Another extent than the row above, so that the key is not the fault.
                let other = SjukpenningRow { omfattning: if rad.omfattning == 25 { 50 } else { 25 }, ..row.clone() };
                ("slut_fore_start", other.write(self.leveranser, own, rad.forman, &before)?)
            }
            (false, _) => {
                let number = self.nummer.invalid(way)?;
                ("identitetsnummer", row.write(self.leveranser, &number, rad.forman, &row.till)?)
            }
        };
        let fil = self.leveranser.sjukpenning.file_name().to_owned();
        self.facit.reject("fk_sjukpenning", UTTAG, &fil, at, rule)
    }

    /// Bistånd to the household, one row a month that the kommun reported; either adult may come first.
    ///
    /// # Errors
    /// As [`super::delivery::DeliveryWriter::row`].
    pub fn bistand(
        &mut self,
        chance: &mut Chance,
        person: &Person,
        partner: Option<&Person>,
        levnad: &Levnad,
    ) -> Result<()> {
        if levnad.bistand.is_empty() {
            return Ok(());
        }
        let children: Vec<String> = (0..chance.weighted(&[50, 20, 20, 10]))
            .map(|_| self.nummer.next(super::nummer::Slag::Personnummer))
            .collect::<Result<_>>()?;
        let partner_first = chance.promille(450);
        for month in month_of(REGISTERS_FROM)..=month_of(KNOWN_TILL) {
            let kommun = person.kommun_on(first_day(month));
            if !levnad.bistand.has(month) || !self.tackning.reported(kommun, month) {
                continue;
            }
            let belopp = chance.between(900, 14_000).to_string();
            let (first, second) = match partner {
                Some(partner) if partner_first => (partner, Some(person)),
                other => (person, other),
            };
            let household = Hushall { first, second, children: &children, kommun: &self.map.kommuner[kommun].kod };
            household.write(self.leveranser, month, &belopp, first.number_on(first_day(month)))?;
            self.spoil_bistand(&household, month, &belopp)?;
        }
        Ok(())
    }

    fn spoil_bistand(&mut self, household: &Hushall<'_>, month: u32, belopp: &str) -> Result<()> {
        let year = year_month(month).0;
        let Some(writer) = self.leveranser.bistand.of_year(year) else { return Ok(()) };
        let (count, fil) = (writer.row_count(), writer.file_name().to_owned());
        if count % BISTAND_FAULT != 0 {
            return Ok(());
        }
        let number = self.nummer.invalid(count / BISTAND_FAULT)?;
        let row = household.write(self.leveranser, month, belopp, &number)?;
        self.facit.reject("ekonomiskt_bistand", Arsvis::uttag(year), &fil, row, "identitetsnummer")
    }

    /// Employer declarations: pay for work, a second employer now and then, and benefits as what they are not.
    ///
    /// # Errors
    /// As [`super::delivery::DeliveryWriter::row`].
    pub fn agi(&mut self, chance: &mut Chance, person: &Person, levnad: &Levnad) -> Result<()> {
        let mut employer = employer(chance);
        let mut pay = chance.between(11_000, 38_000);
        let payer = organisation(BENEFIT_PAYER);
        for month in month_of(AGI_FROM)..=month_of(KNOWN_TILL) {
            let number = person.number_on(first_day(month));
            if levnad.arbete.has(month) {
                if chance.promille(15) {
                    employer = self::employer(chance);
                    pay = chance.between(100, 38_000);
                }
                self.declare(month, &employer, number, Some(pay), None)?;
                if chance.promille(20) {
                    self.declare(month, &organisation(EMPLOYERS as u64 + 1), number, Some(pay / 4), None)?;
                }
            } else if chance.promille(2) {
                // Under 100 kronor is not work (SCB's rule for RAMS from 2019).
                self.declare(month, &employer, number, Some(chance.between(1, 99)), None)?;
            }
            if levnad.is_paid_in(month) {
                self.declare(month, &payer, number, None, Some(chance.between(4_000, 17_000)))?;
            }
        }
        Ok(())
    }

    fn declare(
        &mut self,
        month: u32,
        employer: &str,
        number: &str,
        work: Option<i64>,
        other: Option<i64>,
    ) -> Result<()> {
        let (year, month_number) = year_month(month);
        let Some(writer) = self.leveranser.agi.of_year(year) else { return Ok(()) };
        let manad = format!("{year}{month_number:02}");
        let text = |amount: Option<i64>| amount.map(|kronor| kronor.to_string()).unwrap_or_default();
        let (work, other) = (text(work), text(other));
        let mut row = [
            ("arbetsgivare", employer),
            ("personnummer", number),
            ("manad", manad.as_str()),
            ("ersattning_arbete_antal", work.as_str()),
            ("ersattning_ovrig_antal", other.as_str()),
        ];
        writer.row(&row)?;
        let count = writer.row_count();
        if count % AGI_FAULT == 0 {
            let invalid = self.nummer.invalid(count / AGI_FAULT)?;
            row[1].1 = &invalid;
            let at = writer.row(&row)?;
            self.facit.reject("agi", Arsvis::uttag(year), "agi.parquet", at, "identitetsnummer")?;
        }
        Ok(())
    }
}

/// Most employers are organisations.
fn employer(chance: &mut Chance) -> String {
    organisation(1 + chance.below(EMPLOYERS) as u64)
}

#[derive(Clone)]
struct SjukpenningRow {
    fran: String,
    till: String,
    omfattning: i64,
    brutto: String,
    netto: String,
}

impl SjukpenningRow {
    /// A row that runs on when the register is drawn is open, or ends with what is paid so far.
    fn new(chance: &mut Chance, rad: &FkRad) -> SjukpenningRow {
        let days = (rad.till.min(KNOWN_TILL) - rad.fran).num_days() + 1;
        let netto = days * rad.omfattning;
        let till = if rad.is_open() {
            (*chance.pick(&["", "00000000", "99991231"])).to_owned()
        } else {
            compact(rad.till.min(KNOWN_TILL))
        };
        SjukpenningRow {
            fran: compact(rad.fran),
            till,
            omfattning: rad.omfattning,
            brutto: days.to_string(),
            netto: format!("{},{:02}", netto / 100, netto % 100),
        }
    }

    fn write(&self, leveranser: &mut Leveranser, number: &str, forman: &str, till: &str) -> Result<u64> {
        leveranser.sjukpenning.row(&[
            ("personnummer", number),
            ("forman_kod", forman),
            ("fran_datum", &self.fran),
            ("till_datum", till),
            ("omfattning_procent", &self.omfattning.to_string()),
            ("brutto_dagar_antal", &self.brutto),
            ("netto_dagar_antal", &self.netto),
        ])
    }
}

fn compact(day: NaiveDate) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

struct Hushall<'a> {
    first: &'a Person,
    second: Option<&'a Person>,
    children: &'a [String],
    kommun: &'a str,
}

impl Hushall<'_> {
    fn write(&self, leveranser: &mut Leveranser, month: u32, belopp: &str, number: &str) -> Result<u64> {
        let (year, month_number) = year_month(month);
        let Some(writer) = leveranser.bistand.of_year(year) else { return Ok(0) };
        // Socialstyrelsen's 1 is a man, 2 a woman.
        let sex = |person: &Person| if person.kvinna { "2" } else { "1" };
        let age = |person: &Person| (year - person.fodd.year()).to_string();
        let second_age = self.second.map(age).unwrap_or_default();
        let extra: Vec<&str> = self.children.iter().map(String::as_str).collect();
        writer.row_with(
            &[
                ("ar", &year.to_string()),
                ("manad_nr", &format!("{month_number:02}")),
                ("kommun_kod", self.kommun),
                ("barn_antal", &self.children.len().to_string()),
                ("belopp_antal", belopp),
                ("personnummer_1", number),
                ("hushallsstatus_1_kod", "1"),
                ("flykting_1_kod", "0"),
                ("kon_1_kod", sex(self.first)),
                ("alder_1_antal", &age(self.first)),
                ("personnummer_2", self.second.map_or("", |second| second.number_on(first_day(month)))),
                ("kon_2_kod", self.second.map_or("", sex)),
                ("alder_2_antal", &second_age),
            ],
            &extra,
        )
    }
}
