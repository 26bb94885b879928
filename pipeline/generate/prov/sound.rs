//! Sound deliveries: one as the contract has it, and one for each option that it leaves open.

use super::cells::{Row, rows};
use super::damage::Written;
use super::{Prov, UTTAG, deliver};
use crate::contract::{Catalogue, Contract};
use crate::error::Result;
use serde_yaml_ng::Value;
use std::path::Path;

/// The sound samples of a contract.
pub(super) fn of(contract: &Contract, catalogue: &Catalogue, folder: &Path) -> Result<Vec<Prov>> {
    let rows = rows(contract, catalogue, 1)?;
    let mut found = Vec::new();
    let mut add = |shows: &str, as_is: &Contract, change: &dyn Fn(&mut Written) -> Result<()>| -> Result<()> {
        let deliveries = folder.join(shows);
        let mut written = Written::open(deliver(as_is, &deliveries, UTTAG, &rows)?)?;
        change(&mut written)?;
        found.push(Prov { deliveries, contract: contract.name.clone(), shows: shows.into(), rule: None });
        Ok(())
    };
    let nothing = |_: &mut Written| Ok(());
    let first = formats(contract).remove(0);
    let base = as_format(contract, &first);
    add("grund", &base, &nothing)?;
    for format in formats(contract).iter().skip(1) {
        add(&format!("format_{format}"), &as_format(contract, format), &nothing)?;
    }
    let aliases = contract.columns.iter().map(|column| column.aliases.len()).max().unwrap_or(0);
    for nr in 0..aliases {
        let mut other = base.clone();
        for column in &mut other.columns {
            column.header = column.aliases.get(nr).unwrap_or(&column.header).clone();
        }
        add(&format!("annan_rubrik_{}", nr + 1), &other, &nothing)?;
    }
    if has_header(contract, &first) {
        let mut other = base.clone();
        other.columns.reverse();
        add("annan_ordning", &other, &nothing)?;
    }
    if let Some(text) = formats(contract).iter().find(|format| is_text(format)) {
        as_text(contract, text, &mut add)?;
    }
    Ok(found)
}

/// Writes one sample: what it shows, the contract that it is written by, and what is changed when it is written.
type Add<'a> = dyn FnMut(&str, &Contract, &dyn Fn(&mut Written) -> Result<()>) -> Result<()> + 'a;

/// The options of text alone.
fn as_text(contract: &Contract, text: &str, add: &mut Add<'_>) -> Result<()> {
    let base = as_format(contract, text);
    add("annat_radslut", &base, &|written| other_line_end(contract, written))?;
    add("flera_filer", &base, &|written| in_two(contract, written))?;
    for packing in ["gz", "zip"] {
        let mut packed = base.clone();
        let name = format!("{}.{packing}", base.custom_text("filnamn").unwrap_or("prov.txt"));
        packed.custom.insert("filnamn".into(), name.into());
        add(packing, &packed, &|_| Ok(()))?;
    }
    if contract.custom_text("teckenkodning") == Some("utf-8") {
        add("bom", &base, &|written| {
            let bytes = [b"\xef\xbb\xbf".as_slice(), &written.bytes()?].concat();
            written.rewrite(bytes)
        })?;
    }
    if has_header(contract, text) && contract.custom_number("rubrikHogstRad").is_some_and(|row| row > 2) {
        let title = [b"Sammanst\xe4llning".as_slice(), end(contract), end(contract)].concat();
        add("titel", &base, &|written| written.rewrite([title.clone(), written.bytes()?].concat()))?;
    }
    if let Some(line) = last_line(contract) {
        add("slutrad", &base, &|written| written.rewrite([written.bytes()?, line.clone()].concat()))?;
    }
    if contract.custom_flag("overskjutandeKolumner") && has_header(contract, text) {
        add("fler_kolumner", &base, &|written| with_column(contract, written))?;
    }
    Ok(())
}

/// The formats that the contract takes, the first one first.
pub(super) fn formats(contract: &Contract) -> Vec<String> {
    match contract.custom.get("format") {
        Some(Value::Sequence(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        other => vec![other.and_then(Value::as_str).unwrap_or_default().to_owned()],
    }
}

/// The contract as if it took one format alone, with a file name that says which.
pub(super) fn as_format(contract: &Contract, format: &str) -> Contract {
    let mut other = contract.clone();
    let name = contract.custom_text("filnamn").unwrap_or("prov");
    let (stem, suffix) = name.rsplit_once('.').unwrap_or((name, "txt"));
    let suffix = match format {
        "xlsx" | "parquet" | "sas7bdat" => format,
        _ if matches!(suffix, "xlsx" | "parquet" | "sas7bdat") => "txt",
        _ => suffix,
    };
    other.custom.insert("filnamn".into(), format!("{stem}.{suffix}").into());
    other.custom.insert("format".into(), format.into());
    other
}

pub(super) fn is_text(format: &str) -> bool {
    matches!(format, "avgransad" | "fastbredd")
}

/// Whether columns are found by their headers.
pub(super) fn has_header(contract: &Contract, format: &str) -> bool {
    match format {
        "avgransad" => contract.custom_flag("rubrikrad"),
        "fastbredd" => false,
        _ => true,
    }
}

/// Lines before the first row.
pub(super) fn head(contract: &Contract) -> usize {
    usize::from(contract.custom_flag("rubrikrad"))
}

fn other_line_end(contract: &Contract, written: &mut Written) -> Result<()> {
    let end: &[u8] = if contract.custom_text("radslut") == Some("lf") { b"\r\n" } else { b"\n" };
    let lines = written.lines()?.into_iter().map(|line| [line.trim_ascii_line(), end].concat());
    written.rewrite(lines.collect::<Vec<_>>().concat())
}

fn in_two(contract: &Contract, written: &mut Written) -> Result<()> {
    let lines = written.lines()?;
    let (head, body) = lines.split_at(head(contract));
    let (first, second) = body.split_at(body.len() / 2);
    let name = written.name();
    let (stem, suffix) = name.rsplit_once('.').unwrap_or((&name, "txt"));
    let file = |nr: usize, body: &[Vec<u8>]| {
        (format!("{stem}_{nr}.{suffix}"), [head.concat(), body.concat()].concat(), body.len() as u64)
    };
    written.replace(&[file(1, first), file(2, second)])
}

fn with_column(contract: &Contract, written: &mut Written) -> Result<()> {
    let delimiter = contract.custom_text("avgransare").unwrap_or(";");
    let end = if contract.custom_text("radslut") == Some("lf") { "\n" } else { "\r\n" };
    let add = |(nr, line): (usize, Vec<u8>)| {
        let field = if nr == 0 { "Anmarkning" } else { "" };
        [line.trim_ascii_line(), delimiter.as_bytes(), field.as_bytes(), end.as_bytes()].concat()
    };
    let lines: Vec<Vec<u8>> = written.lines()?.into_iter().enumerate().map(add).collect();
    written.rewrite(lines.concat())
}

/// The last line that the contract lets be there, which is no row.
pub(super) fn last_line(contract: &Contract) -> Option<Vec<u8>> {
    let text = contract.custom.get("slutradTillaten")?.as_sequence()?.first()?.as_str()?;
    Some([text.as_bytes(), end(contract)].concat())
}

/// The contract's own line end.
fn end(contract: &Contract) -> &'static [u8] {
    if contract.custom_text("radslut") == Some("lf") { b"\n" } else { b"\r\n" }
}

/// A line without its end.
pub(super) trait Line {
    fn trim_ascii_line(&self) -> &[u8];
}

impl Line for Vec<u8> {
    fn trim_ascii_line(&self) -> &[u8] {
        let end = self.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        &self[..end]
    }
}

/// The rows of a sound delivery that leaves room for one fault.
pub(super) fn with_room(contract: &Contract, catalogue: &Catalogue) -> Result<Option<Vec<Row>>> {
    let limit = contract.custom_number("avvisadeHogstPromille").unwrap_or(0);
    let Some(least) = (limit > 0).then(|| 1000 / limit + 1).and_then(|least| usize::try_from(least).ok()) else {
        return Ok(None);
    };
    let rows = rows(contract, catalogue, least)?;
    Ok((rows.len() >= least).then_some(rows))
}
