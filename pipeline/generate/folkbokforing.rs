//! Renders persons as folkbokföringen holds them: versions, changes of number, protected persons.

use super::chance::Chance;
use super::observation::UTTAG;
use super::person::Person;
use super::register::Render;
use super::tid::{day, shift};
use crate::error::Result;
use chrono::NaiveDate;

/// One row in so many is at fault.
const FAULT: u64 = 900;

/// What holds of a person from one day to another.
struct Version {
    fran: NaiveDate,
    till: Option<NaiveDate>,
    kommun: Option<usize>,
    kod: &'static str,
    avregistrerad: String,
}

impl Render<'_> {
    /// The versions of a person under every number they have had, and the changes between the numbers.
    ///
    /// # Errors
    /// As [`super::delivery::DeliveryWriter::row`].
    pub fn folkbokforing(&mut self, chance: &mut Chance, person: &Person) -> Result<()> {
        let life = versions(person);
        for (index, identitet) in person.identiteter.iter().enumerate() {
            let next = person.identiteter.get(index + 1);
            let last_day = next.map(|next| shift(next.fran, -1));
            for version in &life {
                let fran = version.fran.max(if index == 0 { version.fran } else { identitet.fran });
                let till = earlier(version.till, last_day);
                if till.is_none_or(|till| fran <= till) {
                    self.version(chance, person, &identitet.nummer, &Version { till, fran, ..version.clone() })?;
                }
            }
            if let Some(next) = next {
                let left = Version {
                    fran: next.fran,
                    till: None,
                    kommun: person.falsk.then(|| person.kommun_on(next.fran)),
                    kod: next.byte,
                    avregistrerad: next.fran.to_string(),
                };
                self.version(chance, person, &identitet.nummer, &left)?;
                self.leveranser.nummerbyte.row(&[
                    ("tidigare", &identitet.nummer),
                    ("nytt", &next.nummer),
                    ("datum", &next.fran.to_string()),
                    ("byte_kod", next.byte),
                ])?;
            }
        }
        if person.skyddad {
            let since = shift(day(2018, 1, 1), chance.between(0, 1800)).to_string();
            let number = person.latest_number();
            self.leveranser.skyddade.row(&[("personnummer", number), ("giltig_fran_datum", &since)])?;
        }
        Ok(())
    }

    fn version(&mut self, chance: &mut Chance, person: &Person, number: &str, version: &Version) -> Result<()> {
        let open = if chance.promille(300) { "9999-12-31" } else { "" };
        let till = version.till.map_or(open.to_owned(), |till| till.to_string());
        let (fodd, fran) = (person.fodd.to_string(), version.fran.to_string());
        let mut row = [
            ("personnummer", number),
            ("fodelse_datum", fodd.as_str()),
            ("kon_kod", if person.kvinna { "K" } else { "M" }),
            ("fodd_kod", if person.utrikes { "U" } else { "I" }),
            ("kommun_kod", version.kommun.map_or("", |kommun| self.map.kommuner[kommun].kod.as_str())),
            ("giltig_fran_datum", fran.as_str()),
            ("giltig_till_datum", till.as_str()),
            ("avregistrering_kod", version.kod),
            ("avregistrering_datum", version.avregistrerad.as_str()),
        ];
        let writer = &mut self.leveranser.folkbokforing;
        writer.row(&row)?;
        let count = writer.row_count();
        if count.is_multiple_of(FAULT) {
            let invalid = self.nummer.invalid(count / FAULT)?;
            row[0].1 = &invalid;
            let at = writer.row(&row)?;
            let fil = writer.file_name().to_owned();
            self.facit.reject("folkbokforing", UTTAG, &fil, at, "identitetsnummer")?;
        }
        Ok(())
    }
}

impl Clone for Version {
    fn clone(&self) -> Version {
        Version { avregistrerad: self.avregistrerad.clone(), ..*self }
    }
}

/// A life in order of time: kommuner, time abroad, death. The day of death is the last of the living version.
fn versions(person: &Person) -> Vec<Version> {
    let mut starts: Vec<NaiveDate> = person.bosattningar.iter().map(|(fran, _)| *fran).collect();
    if let Some(abroad) = person.utvandring {
        starts.push(abroad.fran);
        starts.extend(abroad.till.map(|till| shift(till, 1)));
    }
    let dead_from = person.dod.as_ref().map(|dod| shift(dod.datum, 1));
    starts.extend(dead_from);
    starts.sort_unstable();
    starts.dedup();
    starts.retain(|start| dead_from.is_none_or(|dead| *start <= dead));
    let ends = starts.iter().skip(1).map(|next| Some(shift(*next, -1))).chain([None]);
    starts
        .iter()
        .zip(ends)
        .map(|(fran, till)| {
            let kommun = Some(person.kommun_on(*fran));
            let abroad = person.utvandring.filter(|u| u.fran <= *fran && u.till.is_none_or(|last| *fran <= last));
            let (kod, avregistrerad) = match (&person.dod, abroad) {
                (Some(dod), _) if dead_from == Some(*fran) => ("AV", dod.skriven.clone()),
                (_, Some(abroad)) => (abroad.kod, abroad.fran.to_string()),
                _ => ("", String::new()),
            };
            Version { fran: *fran, till, kommun, kod, avregistrerad }
        })
        .collect()
}

fn earlier(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
