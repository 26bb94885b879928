//! Renders support as its registers hold it: sjukersättning, pay in programmes, categories of job seekers, a-kassa,
//! studiemedel. Codes that chance would rarely draw go round among the participants.

use super::chance::Chance;
use super::delivery::DeliveryWriter;
use super::facit::Facit;
use super::leveranser::Utlamnande;
use super::nummer::Nummer;
use super::observation::{AF_FROM, KNOWN_TILL, REGISTERS_FROM, SICKNESS_COMPENSATION_FROM, UTTAG, UTTAG_SUS};
use super::person::Person;
use super::stod::{Kategorier, Period, Stod};
use super::tid::{day, month_of, year_month};
use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// Contract, day of the extract, first and last day that it is about.
///
/// The monthly a-kassa is a trial: its law begins after the country was drawn.
const TABLES: [(&str, NaiveDate, NaiveDate, NaiveDate); 9] = [
    ("fk_sjukersattning", UTTAG, SICKNESS_COMPENSATION_FROM, UTTAG),
    ("fk_aktivitetsstod", UTTAG, REGISTERS_FROM, UTTAG),
    ("af_sokandekategori", UTTAG, AF_FROM, UTTAG),
    ("akassa_vecka", UTTAG, REGISTERS_FROM, UTTAG),
    ("akassa_manad", UTTAG, day(2025, 10, 1), day(2025, 12, 31)),
    ("csn_studiemedel", UTTAG, REGISTERS_FROM, UTTAG),
    ("kontrollgrupp", UTTAG_SUS, REGISTERS_FROM, UTTAG_SUS),
    ("sus1_aktivitet", UTTAG_SUS, day(2005, 1, 1), day(2012, 12, 31)),
    ("sus1_deltagare", UTTAG_SUS, day(2005, 1, 1), day(2012, 12, 31)),
];
/// One row in so many is followed by one at fault.
const FAULT: u64 = 150;
/// Participants between two in the monthly a-kassa.
const MONTHLY_EVERY: u64 = 20;
const RARE_FORMS: [&str; 7] = [
    "TILLAGGSLAN",
    "TILLAGGSBIDRAG",
    "MERKOSTNADSLAN",
    "STUDIEHJALP",
    "STUDIESTARTSSTOD",
    "OMSTALLNINGSSTUDIESTOD",
    "LARLINGSERSATTNING",
];
/// The age from which someone can be registered with Arbetsförmedlingen.
const GROWN: i32 = 16;
/// Since then there is omställningsstudiestöd.
const TRANSITION_FROM: NaiveDate = day(2022, 8, 1);

/// A rule, and what breaks it in an otherwise sound row.
type Wrong = (&'static str, &'static [(&'static str, &'static str)]);

/// How rows of each contract are at fault, beside repeated keys and numbers that are none.
const WRONG: [(&str, &[Wrong]); 8] = [
    ("fk_sjukersattning", &[("kodlista", &[("grad_kod", "09")]), ("slut_fore_start", &[("till_datum", "1999-01-01")])]),
    (
        "fk_aktivitetsstod",
        &[
            ("granser", &[("dagar_antal", "31")]),
            ("koddatum", &[("ersattning_kod", "EE"), ("manad", "201011")]),
            ("kodlista", &[("ersattning_kod", "XX")]),
        ],
    ),
    (
        "af_sokandekategori",
        &[
            ("slut_fore_start", &[("till_datum", "19941231")]),
            ("koddatum", &[("skat_kod", "86"), ("fran_datum", "20150101"), ("till_datum", "")]),
            ("kodlista", &[("skat_kod", "99")]),
        ],
    ),
    ("akassa_vecka", &[("typ", &[("vecka", "202253")]), ("granser", &[("dagar_antal", "6")])]),
    ("akassa_manad", &[("rattslig_grund", &[("manad", "202509")]), ("granser", &[("dagar_antal", "23")])]),
    (
        "csn_studiemedel",
        &[
            ("kodlista", &[("omfattning_procent", "25")]),
            (
                "koddatum",
                &[
                    ("stodform_kod", "OMSTALLNINGSSTUDIESTOD"),
                    ("fran_datum", "2019-01-14"),
                    ("till_datum", "2019-06-02"),
                ],
            ),
            ("slut_fore_start", &[("till_datum", "1999-01-01")]),
        ],
    ),
    ("kontrollgrupp", &[("kodlista", &[("urval_kod", "OKLART")])]),
    (
        "sus1_deltagare",
        &[("rattslig_grund", &[("start_datum", "20041201")]), ("kodlista", &[("mattillfalle_kod", "MITT")])],
    ),
];

/// The deliveries while they are being written.
pub struct Stodregister {
    writers: BTreeMap<&'static str, DeliveryWriter>,
    /// Numbers that are none; apart from those of persons, which stay as they are.
    ogiltiga: Nummer,
    kategorier: Kategorier,
    rows_of_study: usize,
}

/// Whose rows are written, and whether ingest keeps them: only then are columns beside the number checked.
pub struct Vem<'a> {
    pub person: &'a Person,
    pub behalls: bool,
}

impl Stodregister {
    /// # Errors
    /// As [`DeliveryWriter::create`].
    pub fn open(utlamnande: &Utlamnande<'_>, seed: u64) -> Result<Stodregister> {
        let mut writers = BTreeMap::new();
        for (table, uttag, ..) in TABLES {
            writers.insert(table, utlamnande.open(table, uttag)?);
        }
        let kategorier = Kategorier::new(utlamnande.catalogue.code_list("af_sokandekategori")?)?;
        Ok(Stodregister { writers, ogiltiga: Nummer::new(seed + 1), kategorier, rows_of_study: 0 })
    }

    /// # Errors
    /// As [`DeliveryWriter::finish`].
    pub fn close(mut self, utlamnande: &mut Utlamnande<'_>) -> Result<()> {
        for (table, _, fran, till) in TABLES {
            if let Some(writer) = self.writers.remove(table) {
                utlamnande.close(table, writer, fran, till)?;
            }
        }
        Ok(())
    }

    /// Writes a row, and after some of them one that is at fault.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn write(&mut self, facit: &mut Facit, table: &'static str, row: &[(&str, &str)], behalls: bool) -> Result<()> {
        let missing = || Error::Unexpected(format!("{table} is not open"));
        let writer = self.writers.get_mut(table).ok_or_else(missing)?;
        writer.row(row)?;
        let ways = WRONG.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, ways)| ways);
        let count = writer.row_count();
        if ways.is_empty() || !count.is_multiple_of(FAULT) {
            return Ok(());
        }
        let way = (count / FAULT) as usize % (ways.len() + 2);
        let invalid = self.ogiltiga.invalid(count / FAULT)?;
        let (rule, changes): (&str, &[(&str, &str)]) = match way.checked_sub(2).and_then(|way| ways.get(way)) {
            Some((rule, changes)) if behalls => (rule, changes),
            _ if behalls && way == 0 => ("nyckel", &[]),
            _ => ("identitetsnummer", &[("personnummer", invalid.as_str())]),
        };
        let (fil, at) = (writer.file_name().to_owned(), writer.row(&[row, changes].concat())?);
        let uttag = TABLES.iter().find(|(name, ..)| *name == table).map_or(UTTAG, |(_, uttag, ..)| *uttag);
        facit.reject(table, uttag, &fil, at, rule)
    }

    /// What a person lived on, and as what they were registered. The number is the one of the extract.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn stod(&mut self, facit: &mut Facit, chance: &mut Chance, vem: &Vem<'_>, stod: &Stod) -> Result<()> {
        for one in stod.beslut.iter().filter(|one| one.levererad && one.fran <= KNOWN_TILL) {
            let (fran, till) = (one.fran.to_string(), text(one.till, "%Y-%m-%d"));
            let row = [
                ("personnummer", vem.person.latest_number()),
                ("forman_kod", one.forman),
                ("fran_datum", fran.as_str()),
                ("till_datum", if till.is_empty() && chance.promille(300) { "9999-12-31" } else { &till }),
                ("grad_kod", one.grad),
                ("vilande_kod", if one.vilande { "J" } else { "N" }),
            ];
            self.write(facit, "fk_sjukersattning", &row, vem.behalls)?;
        }
        self.program(facit, chance, vem, stod)?;
        self.akassa(facit, vem, stod)?;
        self.studier(facit, vem, stod)?;
        self.sokande(facit, chance, vem, stod)
    }

    fn program(&mut self, facit: &mut Facit, chance: &mut Chance, vem: &Vem<'_>, stod: &Stod) -> Result<()> {
        let known = month_of(REGISTERS_FROM)..=month_of(KNOWN_TILL);
        for one in stod.program.iter().filter(|one| one.levererad && known.contains(&one.paid())) {
            let (year, nr) = year_month(one.paid());
            let amount = if one.dagar == 0 { 180 } else { one.dagar * 365 * one.omfattning / 100 };
            let row = [
                ("personnummer", vem.person.latest_number()),
                ("ersattning_kod", one.ersattning),
                ("manad", &format!("{year}{nr:02}")),
                ("omfattning_procent", &one.omfattning.to_string()),
                ("dagar_antal", &one.dagar.to_string()),
                ("sjuk_dagar_antal", if one.dagar > 2 && chance.promille(100) { "2" } else { "" }),
                ("belopp_antal", &amount.to_string()),
            ];
            self.write(facit, "fk_aktivitetsstod", &row, vem.behalls)?;
        }
        Ok(())
    }

    fn akassa(&mut self, facit: &mut Facit, vem: &Vem<'_>, stod: &Stod) -> Result<()> {
        let known = REGISTERS_FROM..=KNOWN_TILL;
        for one in stod.akassa.iter().filter(|one| one.levererad && known.contains(&one.mandag)) {
            let row = [
                ("personnummer", vem.person.latest_number()),
                ("vecka", &one.mandag.format("%G%V").to_string()),
                ("ersattning_kod", one.ersattning),
                ("dagar_antal", &one.dagar.to_string()),
                ("belopp", &format!("{},50", one.dagar * 710)),
            ];
            self.write(facit, "akassa_vecka", &row, vem.behalls)?;
        }
        Ok(())
    }

    fn studier(&mut self, facit: &mut Facit, vem: &Vem<'_>, stod: &Stod) -> Result<()> {
        let known = stod.studier.iter().filter(|one| one.fran <= KNOWN_TILL && one.till >= REGISTERS_FROM);
        for one in known.filter(|one| one.levererad) {
            self.rows_of_study += 1;
            let rare = RARE_FORMS[self.rows_of_study % RARE_FORMS.len()];
            for form in ["BIDRAG", "LAN", rare] {
                if form == "OMSTALLNINGSSTUDIESTOD" && one.fran < TRANSITION_FROM {
                    continue;
                }
                let row = [
                    ("personnummer", vem.person.latest_number()),
                    ("stodform_kod", form),
                    ("fran_datum", &one.fran.to_string()),
                    ("till_datum", &one.till.to_string()),
                    ("omfattning_procent", &one.omfattning.to_string()),
                    ("veckor_antal", &((one.till - one.fran).num_days() / 7 + 1).to_string()),
                ];
                self.write(facit, "csn_studiemedel", &row, vem.behalls)?;
            }
        }
        Ok(())
    }

    fn sokande(&mut self, facit: &mut Facit, chance: &mut Chance, vem: &Vem<'_>, stod: &Stod) -> Result<()> {
        for (nr, rad) in (1..).zip(stod.sokande.rows()) {
            let days = rad.till.map(|till| ((till - rad.fran).num_days() + 1).to_string()).unwrap_or_default();
            let row = [
                ("personnummer", vem.person.latest_number()),
                ("period_nr", &nr.to_string()),
                ("fran_datum", &text(Some(rad.fran), "%Y%m%d")),
                ("till_datum", &text(rad.till, "%Y%m%d")),
                ("skat_kod", &rad.skat),
                ("ahkp_kod", if chance.promille(60) { "11" } else { "" }),
                ("dagar_antal", &days),
            ];
            self.write(facit, "af_sokandekategori", &row, vem.behalls)?;
        }
        Ok(())
    }

    /// A period from before, when the person was grown, in the category that was not given for the longest time.
    pub fn older(&mut self, chance: &mut Chance, person: &Person) -> Option<Period> {
        let dead = person.dod.as_ref().map(|dod| dod.datum);
        let last = dead.unwrap_or(KNOWN_TILL).min(day(2017, 12, 31));
        self.kategorier.draw(chance, day(person.fodd.year() + GROWN, 1, 1), last)
    }

    /// The monthly a-kassa of every so manieth participant.
    ///
    /// # Errors
    /// As [`DeliveryWriter::row`].
    pub fn akassa_per_manad(&mut self, facit: &mut Facit, index: u64, vem: &Vem<'_>) -> Result<()> {
        if !index.is_multiple_of(MONTHLY_EVERY) || vem.person.dod.is_some() {
            return Ok(());
        }
        let turn = index / MONTHLY_EVERY;
        for (month, days) in [("202510", 22), ("202511", 11), ("202512", 20)] {
            let row = [
                ("personnummer", vem.person.latest_number()),
                ("manad", month),
                ("ersattning_kod", if turn.is_multiple_of(4) { "GRU" } else { "INK" }),
                ("niva_procent", ["80", "70", "65"][(turn % 3) as usize]),
                ("dagar_antal", &days.to_string()),
                ("belopp", &format!("{},00", days * 900)),
            ];
            self.write(facit, "akassa_manad", &row, vem.behalls)?;
        }
        Ok(())
    }
}

fn text(day: Option<NaiveDate>, form: &str) -> String {
    day.map(|day| day.format(form).to_string()).unwrap_or_default()
}
