//! Employer declarations as they are delivered: a file per year, in which rows are sent again, and a small one later
//! that corrects it (`omfattning: rattelse`).
//!
//! What a row said before it was sent again is never the truth, nor is a row that was removed (Borttag).

use super::chance::Chance;
use super::delivery::{DeliveryWriter, Leverans};
use super::leveranser::{Arsvis, Utlamnande};
use super::levnad::Levnad;
use super::nummer::organisation;
use super::observation::{AGI_FROM, KNOWN_TILL, UTTAG};
use super::person::Person;
use super::register::Render;
use super::tid::{day, first_day, month_of, year_month};
use crate::error::Result;
use chrono::Datelike;
use std::collections::BTreeMap;

const CONTRACT: &str = "agi";
/// One row in so many is at fault: below what the contract tolerates.
const FAULT: u64 = 3000;
/// The payer of benefits.
const BENEFIT_PAYER: u64 = 0;
const EMPLOYERS: usize = 40_000;
/// One month of pay in so many was wrong at first, and one month without in so many had pay at first.
const CORRECTED: u64 = 301;
const REMOVED: u64 = 1999;
/// What was declared at first, in kronor: too little to be work, and pay of somebody else.
const TOO_LITTLE: i64 = 7;
const OF_ANOTHER: i64 = 20_000;

/// A delivery per year, and one that corrects each year but the last.
pub struct Agileveranser {
    years: Arsvis,
    corrections: BTreeMap<i32, DeliveryWriter>,
    /// Months of pay by year, and months without.
    paid: BTreeMap<i32, u64>,
    unpaid: u64,
}

impl Agileveranser {
    /// # Errors
    /// As [`DeliveryWriter::create`].
    pub fn open(utlamnande: &Utlamnande<'_>) -> Result<Agileveranser> {
        let corrected = AGI_FROM.year()..UTTAG.year();
        let corrections = corrected.map(|year| Ok((year, utlamnande.open(CONTRACT, day(year + 1, 5, 31))?)));
        Ok(Agileveranser {
            years: Arsvis::open(utlamnande, CONTRACT, AGI_FROM)?,
            corrections: corrections.collect::<Result<_>>()?,
            paid: BTreeMap::new(),
            unpaid: 0,
        })
    }

    /// # Errors
    /// As [`DeliveryWriter::finish`].
    pub fn close(self, utlamnande: &mut Utlamnande<'_>) -> Result<()> {
        self.years.close(utlamnande)?;
        for (year, writer) in self.corrections {
            let of_the_year = Leverans::of_all(day(year, 1, 1), day(year, 12, 31));
            utlamnande.finish(CONTRACT, writer, &of_the_year.correcting())?;
        }
        Ok(())
    }

    /// The delivery that mends what the year's own says: the later one, or of the last year the same.
    fn mending(&mut self, year: i32) -> Option<&mut DeliveryWriter> {
        match self.corrections.get_mut(&year) {
            Some(writer) => Some(writer),
            None => self.years.of_year(year),
        }
    }

    /// How the next month of pay is declared.
    fn next_paid(&mut self, year: i32) -> Sent {
        let nr = self.paid.entry(year).or_default();
        *nr += 1;
        match (*nr % CORRECTED, *nr / CORRECTED % 3) {
            (1, 0) => Sent::Corrected,
            (1, 1) => Sent::Again,
            (1, _) => Sent::Late,
            _ => Sent::Once,
        }
    }

    /// Whether the next month without pay had some at first.
    const fn next_unpaid(&mut self) -> bool {
        self.unpaid += 1;
        self.unpaid.is_multiple_of(REMOVED)
    }
}

/// How often and where a month of pay is declared.
enum Sent {
    Once,
    /// Wrong at first, and right later in the same delivery.
    Again,
    /// Wrong in the year's delivery, right in the one that corrects it.
    Corrected,
    /// Only in the one that corrects.
    Late,
}

/// A row.
#[derive(Clone, Copy)]
struct Uppgift<'a> {
    month: u32,
    employer: &'a str,
    number: &'a str,
    work: Option<i64>,
    other: Option<i64>,
}

impl Uppgift<'_> {
    fn write(&self, writer: &mut DeliveryWriter, removes: bool) -> Result<u64> {
        let (year, month_number) = year_month(self.month);
        let text = |amount: Option<i64>| amount.map(|kronor| kronor.to_string()).unwrap_or_default();
        writer.row(&[
            ("arbetsgivare", self.employer),
            ("personnummer", self.number),
            ("manad", &format!("{year}{month_number:02}")),
            ("ersattning_arbete_antal", &text(self.work)),
            ("ersattning_ovrig_antal", &text(self.other)),
            ("borttag_nr", if removes { "1" } else { "" }),
        ])
    }
}

impl Render<'_> {
    /// Employer declarations: pay for work, a second employer now and then, and benefits as what they are not.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn agi(&mut self, chance: &mut Chance, person: &Person, levnad: &Levnad) -> Result<()> {
        let mut employer = employer(chance);
        let mut pay = chance.between(11_000, 38_000);
        let (payer, second) = (organisation(BENEFIT_PAYER), organisation(EMPLOYERS as u64 + 1));
        for month in month_of(AGI_FROM)..=month_of(KNOWN_TILL) {
            let number = person.number_on(first_day(month));
            let uppgift = |employer, work, other| Uppgift { month, employer, number, work, other };
            if levnad.arbete.has(month) {
                if chance.promille(15) {
                    employer = self::employer(chance);
                    pay = chance.between(100, 38_000);
                }
                self.declare_pay(uppgift(&employer, Some(pay), None))?;
                if chance.promille(20) {
                    self.declare(uppgift(&second, Some(pay / 4), None))?;
                }
            } else if chance.promille(2) {
                // Under 100 kronor is not work (SCB's rule for RAMS from 2019).
                self.declare(uppgift(&employer, Some(chance.between(1, 99)), None))?;
            } else if self.leveranser.agi.next_unpaid() {
                let not_hers = uppgift(&employer, Some(OF_ANOTHER), None);
                self.declare(not_hers)?;
                self.mend(not_hers, true)?;
            }
            if levnad.is_paid_in(month) {
                self.declare(uppgift(&payer, None, Some(chance.between(4_000, 17_000))))?;
            }
        }
        Ok(())
    }

    /// Pay for a month, now and then not right at first.
    fn declare_pay(&mut self, right: Uppgift<'_>) -> Result<()> {
        let wrong = Uppgift { work: Some(TOO_LITTLE), ..right };
        match self.leveranser.agi.next_paid(year_month(right.month).0) {
            Sent::Once => self.declare(right),
            Sent::Again => {
                self.declare(wrong)?;
                self.declare(right)
            }
            Sent::Corrected => {
                self.declare(wrong)?;
                self.mend(right, false)
            }
            Sent::Late => self.mend(right, false),
        }
    }

    /// In the delivery of the year, and after some rows one that is at fault.
    fn declare(&mut self, uppgift: Uppgift<'_>) -> Result<()> {
        let year = year_month(uppgift.month).0;
        let Some(writer) = self.leveranser.agi.years.of_year(year) else { return Ok(()) };
        uppgift.write(writer, false)?;
        let count = writer.row_count();
        if count.is_multiple_of(FAULT) {
            let invalid = self.nummer.invalid(count / FAULT)?;
            let at = Uppgift { number: &invalid, ..uppgift }.write(writer, false)?;
            self.facit.reject(CONTRACT, Arsvis::uttag(year), writer.file_name(), at, "identitetsnummer")?;
        }
        Ok(())
    }

    fn mend(&mut self, uppgift: Uppgift<'_>, removes: bool) -> Result<()> {
        match self.leveranser.agi.mending(year_month(uppgift.month).0) {
            Some(writer) => uppgift.write(writer, removes).map(drop),
            None => Ok(()),
        }
    }
}

/// Most employers are organisations.
fn employer(chance: &mut Chance) -> String {
    organisation(1 + chance.below(EMPLOYERS) as u64)
}
