//! JSON-stat 2.0: `<table>.json` in Swedish and `<table>.en.json` in English, one dataset each, as PxWeb gives them.
//!
//! A value that is missing is null and has its symbol under `status`; one that has a remark has its letter there. What
//! PxWeb says of a table beside that stands under `extension.px`, by PxWeb's own names.

use super::Edition;
use super::cube::{Cube, Dimension, LANGUAGES, Measure, Member, Role, in_swedish, missing, reason, symbol};
use super::px::{Subject, matrix, notes};
use super::remarks;
use super::table::Cell;
use crate::error::{Error, Result};
use crate::lake;
use crate::protect::{Mark, Missing, Protected};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    for table in protected.tables() {
        let Some(cube) = Cube::new(table, edition.labels)? else { continue };
        for (language, suffix) in ["json", "en.json"].into_iter().enumerate() {
            let path = folder.join(format!("{}.{suffix}", cube.contract.name));
            let text = serde_json::to_vec(&dataset(&cube, edition, language))
                .map_err(|error| Error::Format { path: path.clone(), reason: error.to_string() })?;
            lake::write_file(&path, &text)?;
        }
    }
    Ok(())
}

fn dataset(cube: &Cube<'_>, edition: &Edition<'_>, language: usize) -> Value {
    let codes = |role| cube.with_role(role).map(|dimension| dimension.code.as_str()).collect::<Vec<_>>();
    let mut role = Map::new();
    for (name, codes) in [("time", codes(Role::Time)), ("geo", codes(Role::Area)), ("metric", codes(Role::Measure))] {
        if !codes.is_empty() {
            role.insert(name.into(), json!(codes));
        }
    }
    let symbols = cube.cells.iter().enumerate().filter_map(|(at, cell)| Some((at, symbol(cell)?)));
    let status: BTreeMap<usize, &str> = symbols.chain(remarks::letters(cube)).collect();
    let status: Map<String, Value> = status.into_iter().map(|(at, symbol)| (at.to_string(), json!(symbol))).collect();
    let dimensions: Map<String, Value> =
        cube.dimensions.iter().map(|d| (d.code.clone(), dimension(cube, d, language))).collect();
    json!({
        "version": "2.0",
        "class": "dataset",
        "label": cube.title(language),
        "source": Subject::SOURCE[language],
        "updated": format!("{}T00:00:00Z", edition.date),
        "note": notes(cube, edition, language),
        "role": role,
        "id": cube.dimensions.iter().map(|dimension| &dimension.code).collect::<Vec<_>>(),
        "size": cube.sizes(),
        "dimension": dimensions,
        "value": values(cube),
        "status": status,
        "extension": extension(cube, edition, language),
    })
}

fn values(cube: &Cube<'_>) -> Vec<Value> {
    let number = |cell: &Cell| match cell {
        Cell::Whole(number) => json!(number),
        // Whole kronor are whole here too, as in PX.
        Cell::Decimal(number) if number.fract() == 0.0 && number.abs() < 1e15 => json!(*number as i64),
        Cell::Decimal(number) => json!(number),
        Cell::Text(_) | Cell::Missing(_) => Value::Null,
    };
    cube.cells.iter().map(number).collect()
}

fn dimension(cube: &Cube<'_>, dimension: &Dimension, language: usize) -> Value {
    let index: Map<String, Value> =
        dimension.members.iter().enumerate().map(|(at, member)| (member.code.clone(), json!(at))).collect();
    let label: Map<String, Value> =
        dimension.members.iter().map(|member| (member.code.clone(), json!(member.title[language]))).collect();
    let mut category = Map::from_iter([("index".to_owned(), json!(index)), ("label".to_owned(), json!(label))]);
    let mut extension = Map::new();
    if dimension.role == Role::Measure {
        let both = || dimension.members.iter().zip(&cube.measures);
        let unit = |(member, measure): (&Member, &Measure)| {
            (member.code.clone(), json!({"base": measure.unit[language], "decimals": measure.decimals}))
        };
        category.insert("unit".into(), json!(both().map(unit).collect::<Map<_, _>>()));
        let notes: Map<String, Value> = both()
            .filter(|(_, measure)| !measure.note.is_empty())
            .map(|(member, measure)| (member.code.clone(), json!([in_swedish(&measure.note, language)])))
            .collect();
        if !notes.is_empty() {
            category.insert("note".into(), json!(notes));
        }
    } else if dimension.role != Role::Time {
        // Without a total nothing may be added up: what is withheld would be lost in the sum.
        extension.insert("elimination".into(), json!(dimension.total.is_some()));
        if let Some(total) = dimension.total {
            extension.insert("eliminationValueCode".into(), json!(dimension.members[total].code));
        }
    }
    let mut out = Map::from_iter([("label".to_owned(), json!(dimension.title[language]))]);
    if !dimension.note.is_empty() {
        out.insert("note".into(), json!([in_swedish(&dimension.note, language)]));
    }
    out.insert("category".into(), json!(category));
    if !extension.is_empty() {
        out.insert("extension".into(), json!(extension));
    }
    json!(out)
}

fn extension(cube: &Cube<'_>, edition: &Edition<'_>, language: usize) -> Value {
    let split = cube.dimensions.len().saturating_sub(2).max(1);
    let codes = |part: &[Dimension]| part.iter().map(|dimension| dimension.code.clone()).collect::<Vec<_>>();
    let (stub, heading) = (codes(&cube.dimensions[..split]), codes(&cube.dimensions[split..]));
    let title = if language == 0 { &cube.contract.title } else { &cube.contract.title_en };
    let words = |missing: &Missing| (missing.symbol().to_owned(), json!(reason(*missing, edition.labels, language)));
    let remark = |mark: Mark| (mark.symbol().to_owned(), json!(remarks::words(mark, edition.labels, language)));
    let remarks = remarks::shown(cube).into_iter().map(remark);
    json!({
        "px": {
            "tableid": cube.contract.name,
            "matrix": matrix(&cube.contract.name),
            "decimals": cube.measures.iter().map(|measure| measure.decimals).max(),
            "official-statistics": false,
            "aggregallowed": false,
            "language": LANGUAGES[language],
            "contents": title,
            "description": title,
            "descriptiondefault": true,
            "subject-code": Subject::CODE,
            "subject-area": Subject::AREA[language],
            "stub": stub,
            "heading": heading,
        },
        "status": { "label": missing(cube).iter().map(words).chain(remarks).collect::<Map<_, _>>() },
        "run_id": edition.run_id,
    })
}
