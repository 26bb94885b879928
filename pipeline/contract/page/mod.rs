//! A page for people of every delivery contract and code list: what to deliver, and what follows from a fault.

mod html;

pub use html::escaped;

use super::diff::{consequence, form, identity, kind, place};
use super::{Catalogue, CodeList, Column, Contract, Every, RowRule};
use crate::error::Result;
use crate::layer::Layer;
use html::{code, heading, link, page, paragraph, table, terms};
use serde_yaml_ng::Value;

/// File names and HTML: `index.html`, `<contract>.html`, `kodlista-<list>.html`. The same contracts, the same bytes.
///
/// # Errors
/// [`crate::error::Error::Contract`] where a contract names a code list that is not there.
pub fn pages(catalogue: &Catalogue) -> Result<Vec<(String, String)>> {
    let contracts: Vec<_> = catalogue.layer(Layer::Deliveries).collect();
    let lists: Vec<_> = catalogue.code_lists().filter(|list| is_used(&contracts, list)).collect();
    let mut pages = vec![("index.html".to_owned(), index(&contracts, &lists))];
    for contract in &contracts {
        for column in &contract.columns {
            column.code_list.as_deref().map(|list| catalogue.code_list(list)).transpose()?;
        }
        pages.push((format!("{}.html", contract.name), delivery(contract)?));
    }
    pages.extend(lists.iter().map(|list| (list_file(&list.name), code_list(list, &contracts))));
    Ok(pages)
}

type Contracts<'a> = [&'a std::sync::Arc<Contract>];

fn list_file(name: &str) -> String {
    format!("kodlista-{name}.html")
}

fn is_used(contracts: &Contracts<'_>, list: &CodeList) -> bool {
    contracts.iter().flat_map(|contract| &contract.columns).any(|c| c.code_list.as_deref() == Some(&list.name))
}

fn index(contracts: &Contracts<'_>, lists: &[&std::sync::Arc<CodeList>]) -> String {
    let deliveries = contracts.iter().map(|contract| {
        vec![
            link(&format!("{}.html", contract.name), &contract.title),
            code(&contract.name),
            escaped(&contract.version),
            escaped(&contract.description),
        ]
    });
    let codes = lists.iter().map(|list| {
        let verified = list.rows.iter().all(|row| row[6] == "ja");
        vec![
            link(&list_file(&list.name), &list.name),
            list.rows.len().to_string(),
            if verified { "ja".into() } else { "nej".into() },
        ]
    });
    let main = paragraph("Vad som ska levereras, i vilken form, och vad som händer när något är fel.")
        + &heading("Leveranser")
        + &table("Leveranser", &["Leverans", "Mapp", "Version", "Innehåll"], &deliveries.collect::<Vec<_>>())
        + &heading("Kodlistor")
        + &table("Kodlistor", &["Kodlista", "Koder", "Kontrollerad mot källan"], &codes.collect::<Vec<_>>());
    page("Leveranser till uppföljningen av samordningsförbundens insatser", &main)
}

fn delivery(contract: &Contract) -> Result<String> {
    let main = paragraph(&contract.description)
        + &terms(&[
            ("Mapp", code(&format!("deliveries/{}/<uttagsdatum>/", contract.name))),
            ("Version", escaped(&contract.version)),
            ("Omfattar", escaped(&contract.grain)),
            ("Nyckel", escaped(&contract.key().iter().map(|c| c.title.as_str()).collect::<Vec<_>>().join(", "))),
        ])
        + &heading("Filens form")
        + &terms(&layout(contract))
        + &heading("Kolumner")
        + &columns(contract)
        + &rules(contract)
        + &heading("Hur leveranser tas emot")
        + &terms(&succession(contract)?)
        + &heading("Rättslig grund och gallring")
        + &terms(&law(contract));
    Ok(page(&contract.title, &main))
}

/// A custom property as text for people; empty where there is none.
fn custom(contract: &Contract, property: &str) -> String {
    contract.custom.get(property).map(|value| escaped(&super::diff::shown(value))).unwrap_or_default()
}

fn layout(contract: &Contract) -> Vec<(&'static str, String)> {
    let formats = match contract.custom.get("format") {
        Some(Value::Sequence(formats)) => formats.iter().filter_map(Value::as_str).map(format_name).collect(),
        Some(Value::String(format)) => vec![format_name(format)],
        _ => Vec::new(),
    };
    let totals = contract.custom.get("kontrollsummor").and_then(Value::as_sequence);
    let totals = totals.into_iter().flatten().filter_map(Value::as_str);
    let totals = totals.map(|name| contract.column(name).map_or(name, |column| column.title.as_str()));
    vec![
        ("Format", escaped(&formats.join(", "))),
        ("Teckenkodning", custom(contract, "teckenkodning")),
        (
            "Avgränsare",
            code(contract.custom_text("avgransare").map_or("", |mark| if mark == "\t" { "tabb" } else { mark })),
        ),
        ("Rubrikrad", custom(contract, "rubrikrad")),
        ("Radens bredd", custom(contract, "radbredd")),
        ("Blad", custom(contract, "blad")),
        ("Filnamn, till exempel", code(contract.custom_text("filnamn").unwrap_or_default())),
        ("Kontrollsummor i leverans.yaml", escaped(&totals.collect::<Vec<_>>().join(", "))),
    ]
}

fn format_name(name: &str) -> &str {
    match name {
        "avgransad" => "avgränsad text",
        "fastbredd" => "text med fast bredd",
        "xlsx" => "Excel (xlsx)",
        "parquet" => "Parquet",
        "sas7bdat" => "SAS (sas7bdat)",
        other => other,
    }
}

fn columns(contract: &Contract) -> String {
    let rows = contract.columns.iter().map(|column| {
        let aliases = column.aliases.iter().map(|alias| code(alias)).collect::<Vec<_>>().join(", ");
        let also = if aliases.is_empty() { String::new() } else { format!("<br>eller {aliases}") };
        let about =
            if column.description.is_empty() { String::new() } else { format!("<br>{}", escaped(&column.description)) };
        vec![
            escaped(&column.title) + &about,
            code(&column.header) + &also,
            shape(column),
            if column.required { "ja".into() } else { "nej".into() },
            escaped(consequence(column)),
        ]
    });
    let head = ["Kolumn", "Rubrik i filen", "Form", "Måste vara ifylld", "Vid fel"];
    table("Kolumner", &head, &rows.collect::<Vec<_>>())
}

/// Type, form and bounds of a column.
fn shape(column: &Column) -> String {
    let number = |text: &str, bound: Option<i64>| bound.map(|bound| format!("{text} {bound}"));
    let length = |text: &str, bound: Option<usize>| bound.map(|bound| format!("{text} {bound} tecken"));
    let nulls = column.null_texts.iter().map(|text| code(text)).collect::<Vec<_>>().join(", ");
    let parts = [
        Some(identity(column).unwrap_or_else(|| kind(column.kind).to_owned())),
        Some(form(column).to_owned()),
        place(column),
        number("minst", column.minimum),
        number("högst", column.maximum),
        length("minst", column.min_length),
        length("högst", column.max_length),
        (column.decimal_mark == ',').then(|| "decimalkomma".to_owned()),
    ];
    let mut html = parts.iter().flatten().filter(|part| !part.is_empty()).map(|part| escaped(part)).collect::<Vec<_>>();
    html.extend(column.pattern.as_ref().map(|pattern| format!("mönster {}", code(pattern))));
    html.extend(column.code_list.as_ref().map(|list| link(&list_file(list), &format!("kodlista {list}"))));
    html.extend(
        column.custom_text("koddatum").map(|date| format!("koden ska gälla den dag som står i {}", code(date))),
    );
    html.extend((!nulls.is_empty()).then(|| format!("{nulls} betyder att uppgiften saknas")));
    html.join("<br>")
}

fn rules(contract: &Contract) -> String {
    let title = |name: &str| contract.column(name).map_or(name.to_owned(), |column| column.title.clone());
    let rows: Vec<Vec<String>> = contract
        .row_rules
        .iter()
        .map(|rule| match rule {
            RowRule::Order { from, till, .. } => {
                vec![escaped(&format!("{} får inte komma efter {}.", title(from), title(till)))]
            }
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        heading("Regler över flera kolumner") + &table("Regler", &["Regel"], &rows)
    }
}

fn succession(contract: &Contract) -> Result<Vec<(&'static str, String)>> {
    let follows = match contract.custom_text("efterfoljd") {
        Some("ersatter") => "Den senaste leveransen ersätter alla tidigare.",
        Some("period") => "Den senaste leveransen ersätter tidigare för samma period.",
        Some("tillagg") => "Varje leverans läggs till de tidigare.",
        _ => "",
    };
    let repeated = match contract.custom_text("upprepadNyckel") {
        Some("ersatter") => "Den rad som skickades sist gäller.",
        _ => "Den första raden gäller, senare avvisas.",
    };
    let tolerance = contract.custom_number("avvisadeHogstPromille").unwrap_or(0);
    let empty = if contract.custom_flag("tomTillaten") { "ja" } else { "nej" };
    let lag = contract.custom.get("efterslapning").and_then(|lag| lag.get("manader")).and_then(Value::as_i64);
    let expected = contract.expectation()?.and_then(|expectation| {
        let period = match expectation.every {
            Every::Day => "dag",
            Every::Week => "vecka",
            Every::Month => "månad",
            Every::Quarter => "kvartal",
            Every::Year => "år",
            Every::Once => return Some("en gång".to_owned()),
            Every::Never => return None,
        };
        Some(format!("varje {period}, senast {} dagar efter periodens slut", expectation.within_days))
    });
    Ok(vec![
        ("Flera leveranser", follows.into()),
        ("Samma nyckel flera gånger", repeated.into()),
        ("Väntas", escaped(&expected.unwrap_or_default())),
        ("Får vara tom", empty.into()),
        ("Tas inte emot när", format!("fler än {tolerance} rader av tusen avvisas")),
        ("Registret är färdigt", lag.map_or(String::new(), |months| format!("efter {months} månader"))),
        (
            "Rader som behålls",
            match contract.custom_text("avgransning") {
                Some("deltagare") => "bara de som rör personer i uppföljningen; övriga räknas och glöms".into(),
                _ => "alla".into(),
            },
        ),
    ])
}

fn law(contract: &Contract) -> Vec<(&'static str, String)> {
    let of = |key: &str| escaped(contract.custom_key("rattsligGrund", key).unwrap_or_default());
    let dates = match (of("giltigFran"), of("giltigTill")) {
        (from, till) if from.is_empty() && till.is_empty() => String::new(),
        (from, till) if till.starts_with("9999") => format!("från {from}"),
        (from, till) => format!("{from} till {till}; rader utanför avvisas"),
    };
    let retention = contract
        .retention
        .as_ref()
        .map(|retention| format!("{} år efter uttagsdatum. {}", retention.years, escaped(&retention.reason)));
    vec![
        ("Rättslig grund", of("text")),
        ("Ändamål", of("andamal")),
        ("Gäller", dates),
        ("Gallras", retention.unwrap_or_default()),
        (
            "Utformningen är",
            match contract.custom_text("verifierad") {
                Some("ja") => "bekräftad av den som levererar".into(),
                _ => "antagen, och ännu inte bekräftad av den som levererar".into(),
            },
        ),
    ]
}

fn code_list(list: &CodeList, contracts: &Contracts<'_>) -> String {
    let rows = list.rows.iter().map(|row| {
        let dates = match (row[3].as_str(), row[4].as_str()) {
            ("", "") => "alltid".to_owned(),
            (from, "") => format!("från {from}"),
            ("", till) => format!("till {till}"),
            (from, till) => format!("{from} till {till}"),
        };
        vec![code(&row[0]), escaped(&row[1]), escaped(&row[2]), escaped(&dates), escaped(&row[5]), escaped(&row[6])]
    });
    let head = ["Kod", "Betydelse", "Engelska", "Gäller", "Källa", "Kontrollerad"];
    let users = contracts.iter().flat_map(|contract| {
        let columns = contract.columns.iter().filter(|column| column.code_list.as_deref() == Some(&list.name));
        columns.map(|column| vec![link(&format!("{}.html", contract.name), &contract.title), escaped(&column.title)])
    });
    let main = table("Koder", &head, &rows.collect::<Vec<_>>())
        + &heading("Används i")
        + &table("Används i", &["Leverans", "Kolumn"], &users.collect::<Vec<_>>());
    page(&format!("Kodlista {}", list.name), &main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delivery_has_a_page_and_every_link_an_end() {
        let catalogue = Catalogue::embedded().expect("sound contracts");
        let pages = pages(&catalogue).expect("sound contracts");
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for contract in catalogue.layer(Layer::Deliveries) {
            let (_, html) = pages.iter().find(|(name, _)| *name == format!("{}.html", contract.name)).expect("a page");
            for column in &contract.columns {
                assert!(html.contains(&format!("<code>{}</code>", escaped(&column.header))), "{}", column.header);
            }
            assert!(html.contains(&contract.retention.as_ref().expect("gallras").reason), "{}", contract.name);
        }
        for (name, html) in &pages {
            for target in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(target == "#innehall" || names.contains(&target), "{name} leads to {target}");
            }
            for tag in ["table", "tr", "td", "th", "dl", "dt", "dd", "main", "code", "a", "p", "h2"] {
                let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
                assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{name}: {tag}");
            }
            for fetches in ["src=", "href=\"http", "url(", "@import"] {
                assert!(!html.contains(fetches), "{name} fetches something");
            }
        }
    }
}
