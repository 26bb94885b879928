//! `LASMIG.md`: what a release is, for whoever finds its folder. Swedish, as its readers are.

use super::{CONTACT, Edition, FORMATS, QUALITY, TITLE};
use crate::error::Result;
use crate::lake;
use crate::protect::{Missing, Protected};
use std::path::Path;

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    lake::write_file(&folder.join("LASMIG.md"), text(protected, edition).as_bytes())
}

/// The same text is a table of the database.
pub(super) fn text(protected: &Protected, edition: &Edition<'_>) -> String {
    let mut parts = vec![format!("# {TITLE}")];
    parts.push(format!("Uttag till och med {}. Körning {}.", edition.date, edition.run_id));
    if !edition.not_in_force.is_empty() {
        let names: Vec<String> = edition.not_in_force.iter().map(|name| format!("- {name}")).collect();
        parts.push(format!("**Ej i kraft.** Utgåvan är gjord utan:\n\n{}", names.join("\n")));
    }
    parts.push(QUALITY.join("\n"));
    parts.push("## Tabeller".into());
    let tables = protected.tables().iter().map(|table| {
        let contract = table.contract();
        format!("- `{}`: {}. {}", contract.name, contract.title, contract.description)
    });
    parts.push(tables.collect::<Vec<_>>().join("\n"));
    parts.push("## Filer".into());
    parts.push("Alla format har samma tabeller och samma tal.".into());
    let files = FORMATS.iter().map(|format| format!("- `{}`: {}", format.files, format.words));
    let manifest = "- `manifest.json`: vilka leveranser utgåvan är gjord av, tabellerna, och varje fils storlek och \
                    SHA-256";
    parts.push(files.chain([manifest.to_owned()]).collect::<Vec<_>>().join("\n"));
    parts.push("## När ett tal saknas".into());
    let signs = Missing::ALL.into_iter().map(|missing| {
        let words = edition.labels.title("cellstatus", missing.code());
        format!("- `{}` i Excel och CSV, `{}` i övriga format: {words}", missing.symbol(), missing.code())
    });
    parts.push(signs.collect::<Vec<_>>().join("\n"));
    parts.push("## Kontakt och källhänvisning".into());
    parts.push(format!("Kontakt: {CONTACT}"));
    parts.push(format!("Ange vid användning: {TITLE}, uttag {}, körning {}.", edition.date, edition.run_id));
    parts.push(
        "Filerna ändras aldrig. Nya eller rättade uppgifter kommer i en ny mapp med ett nytt körnings-id.".into(),
    );
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}
