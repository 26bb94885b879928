//! `finsam explain`: what one deltagande was found to live on at each mätpunkt, and what decided it.
//!
//! For those who may read core and derived. It decides nothing: it lays the rows that `sql/derived/` made beside the
//! code lists that they were made by. Persons are pseudonyms; no key is needed, and nothing is written.

mod lab;
mod told;
mod why;

use super::print_json;
use crate::contract::Catalogue;
use crate::error::{Error, Result, exit};
use crate::talk;
use lab::{Lab, Row, text};
use serde::Serialize;
use std::path::Path;

/// One deltagande, by the columns of its tables.
#[derive(Serialize)]
struct Explanation {
    deltagande: Row,
    /// What folkbokföring says of the person, by time: kommun and departures.
    personversioner: Vec<Row>,
    matpunkter: Vec<Matpunkt>,
}

#[derive(Serialize)]
struct Matpunkt {
    #[serde(flatten)]
    row: Row,
    /// Why the observation status is what it is, in words.
    varfor: String,
    komponenter: Vec<Komponent>,
    hierarkier: Vec<Hierarki>,
    lage: Row,
    forandring: Row,
    /// SUS's own ticks, and what the registers say where they are compared.
    sus: Vec<Row>,
    sus_utfall: Row,
}

#[derive(Serialize)]
struct Komponent {
    #[serde(flatten)]
    row: Row,
    kallor: Vec<Kalla>,
    /// Of a sjuklonperiod: the sjukfall that begin after the day.
    sjukfall: Vec<Row>,
    /// Of ekonomiskt bistånd: where the person was registered in the month.
    kommuner: Vec<Row>,
}

/// A register that answers for a komponent: its window, the extraction that answered, and the spells of it.
#[derive(Serialize)]
struct Kalla {
    #[serde(flatten)]
    row: Row,
    spells: Vec<Row>,
}

#[derive(Serialize)]
struct Hierarki {
    #[serde(flatten)]
    row: Row,
    grupper: Vec<Row>,
}

/// Explains a deltagande at the named mätpunkter; where none is named, at all but windows of sensitivity and of SUS.
///
/// # Errors
/// [`Error::Asked`] where the data root has no such deltagande, no such mätpunkt or is not derived;
/// [`Error::Locked`] where a run is under way.
pub fn explain(root: &Path, catalogue: &Catalogue, id: &str, matpunkter: &[String], json: bool) -> Result<u8> {
    let chosen = chosen(catalogue, matpunkter)?;
    let explanation = assemble(&Lab::open(root, catalogue, id)?, &chosen)?;
    if json {
        print_json(&explanation)?;
    } else {
        talk::data(&told::told(&explanation))?;
    }
    Ok(exit::DONE)
}

fn chosen(catalogue: &Catalogue, named: &[String]) -> Result<Vec<String>> {
    let list = catalogue.code_list("matpunkt")?;
    if let Some(unknown) = named.iter().position(|name| list.codes.iter().all(|code| code.code != *name)) {
        let codes: Vec<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
        return Err(Error::Asked {
            what: format!("explain: --matpunkt number {} is in no row of codes.matpunkt", unknown + 1),
            hint: format!("name one of {}", codes.join(", ")),
        });
    }
    let kinds = list.further("slag_kod")?;
    let wanted = kinds.filter(|(code, kind)| match named {
        [] => *kind == "matpunkt",
        named => named.iter().any(|name| name == code),
    });
    Ok(wanted.map(|(code, _)| code.to_owned()).collect())
}

fn assemble(lab: &Lab, chosen: &[String]) -> Result<Explanation> {
    let deltagande = lab.one("select * from asked.deltagande")?;
    let personversioner = lab.rows("select * from asked.personversion order by fran_datum, version_nr")?;
    let register = lab.one(lab::FOLKBOKFORING)?;
    let [points, components, sources, spells] =
        [lab::MATPUNKTER, lab::KOMPONENTER, lab::KALLOR, lab::SPELLS].map(|sql| lab.rows(sql));
    let [sick, places, hierarchies, groups] =
        [lab::SJUKFALL, lab::KOMMUNER, lab::HIERARKIER, lab::GRUPPER].map(|sql| lab.rows(sql));
    let [situations, changes, ticks, outcomes] =
        [lab::LAGE, lab::FORANDRING, lab::SUS, lab::SUS_UTFALL].map(|sql| lab.rows(sql));
    let (components, sources, spells, sick) = (components?, sources?, spells?, sick?);
    let (places, hierarchies, groups, situations) = (places?, hierarchies?, groups?, situations?);
    let (changes, ticks, outcomes) = (changes?, ticks?, outcomes?);
    let mut matpunkter = Vec::new();
    for row in points?.into_iter().filter(|row| chosen.contains(&text(row, "matpunkt_kod"))) {
        let at = text(&row, "matpunkt_kod");
        let here = |rows: &[Row]| of(rows, "matpunkt_kod", &at);
        let (sources, spells) = (here(&sources), here(&spells));
        let komponenter: Vec<Komponent> = here(&components)
            .into_iter()
            .map(|row| {
                let code = text(&row, "komponent_kod");
                let kallor = of(&sources, "komponent_kod", &code).into_iter().map(|row| {
                    let ours = of(&of(&spells, "komponent_kod", &code), "kalla", &text(&row, "tabell_namn"));
                    Kalla { row, spells: ours }
                });
                let kallor = kallor.collect();
                let sjukfall = if text(&row, "orsak_kod") == "sjuklonperiod" { here(&sick) } else { Vec::new() };
                let kommuner = if code == "ekonomiskt_bistand" { here(&places) } else { Vec::new() };
                Komponent { row, kallor, sjukfall, kommuner }
            })
            .collect();
        let groups = here(&groups);
        let hierarkier = here(&hierarchies).into_iter().map(|row| {
            let grupper = of(&groups, "hierarki_kod", &text(&row, "hierarki_kod"));
            Hierarki { row, grupper }
        });
        let first = |rows: &[Row]| here(rows).into_iter().next().unwrap_or_default();
        matpunkter.push(Matpunkt {
            varfor: why::why(&why::Facts {
                deltagande: &deltagande,
                personversioner: &personversioner,
                folkbokforing: &register,
                matpunkt: &row,
                komponenter: &komponenter,
            }),
            komponenter,
            hierarkier: hierarkier.collect(),
            lage: first(&situations),
            forandring: first(&changes),
            sus: here(&ticks),
            sus_utfall: first(&outcomes),
            row,
        });
    }
    Ok(Explanation { deltagande, personversioner, matpunkter })
}

/// The rows that hold a text in a column, without it.
fn of(rows: &[Row], column: &str, wanted: &str) -> Vec<Row> {
    let ours = rows.iter().filter(|row| text(row, column) == wanted).cloned();
    ours.map(|mut row| {
        row.shift_remove(column);
        row
    })
    .collect()
}
