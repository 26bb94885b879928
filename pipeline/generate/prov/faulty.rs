//! Faulty deliveries: the smallest that breaks a rule and no other, of the first contract that can break it.

use super::cells::{Row, put_in_order, read, rows, written as dated};
use super::damage::{Written, write};
use super::sound::{Line as _, as_format, formats, has_header, head, is_text, last_line, with_room};
use super::{FROM, Prov, UTTAG, deliver};
use crate::contract::{Catalogue, Column, Contract, Every, Kind, PeriodColumns, RowRule, Severity};
use crate::error::{Error, Result};
use crate::fault::Rule;
use crate::generate::{DeliveryWriter, Leverans, Nummer, Slag};
use crate::layer::Layer;
use chrono::{Datelike, Days, NaiveDate};
use std::fs;
use std::path::Path;

/// Fits every column and is no code, number or date.
const WRONG: &str = "?";

/// The sample of a rule; none where no contract as it stands can break it.
pub(super) fn of(rule: Rule, catalogue: &Catalogue, deliveries: &Path) -> Result<Option<Prov>> {
    let made = |contract: &str| {
        let shows = rule.code().to_owned();
        Prov { deliveries: deliveries.to_owned(), contract: contract.to_owned(), shows, rule: Some(rule) }
    };
    if rule == Rule::UnknownContract {
        let stray = deliveries.join("okant_kontrakt").join(UTTAG.to_string());
        fs::create_dir_all(&stray).map_err(|source| Error::Io { path: stray, source })?;
        return Ok(Some(made("okant_kontrakt")));
    }
    for contract in catalogue.layer(Layer::Deliveries) {
        let formats = formats(contract);
        // A last line is shown in text, which everybody can look at.
        let text = formats.iter().find(|format| rule == Rule::AfterSummary && is_text(format));
        let contract = as_format(contract, text.unwrap_or(&formats[0]));
        if break_cell(rule, &contract, catalogue, deliveries)? || break_file(rule, &contract, catalogue, deliveries)? {
            return Ok(Some(made(&contract.name)));
        }
    }
    Ok(None)
}

/// Breaks a rule of rows in the last row of a delivery that tolerates one; whether the contract can break it.
fn break_cell(rule: Rule, contract: &Contract, catalogue: &Catalogue, deliveries: &Path) -> Result<bool> {
    let format = &formats(contract)[0];
    let Some(mut rows) = with_room(contract, catalogue)?.filter(|_| is_text(format)) else { return Ok(false) };
    let Some(last) = rows.last().cloned() else { return Ok(false) };
    let broken = match rule {
        Rule::CodeDate => out_of_date(contract, catalogue, last)?,
        _ => broken(rule, contract, &rows[0], last)?,
    };
    let Some(broken) = broken else { return Ok(false) };
    let place = rows.len() - 1;
    rows[place] = broken;
    deliver(contract, deliveries, UTTAG, &rows)?;
    Ok(true)
}

/// A row with one cell that breaks the rule, where the contract has a column for it.
fn broken(rule: Rule, contract: &Contract, first: &Row, mut row: Row) -> Result<Option<Row>> {
    let rejects = |column: &&Column| column.fault_severity() == Severity::Reject;
    let plain = |column: &&Column| rejects(column) && column.identity.is_none() && column.key_position.is_none();
    let free = |column: &&Column| column.code_list.is_none() && column.pattern.is_none() && column.max_length.is_none();
    let decides = contract.custom_key("rattsligGrund", "datumkolumn");
    let pick = |wanted: &dyn Fn(&&Column) -> bool| {
        let breadth = |column: &&Column| column.position.map_or(usize::MAX, |(_, breadth)| breadth);
        contract.columns.iter().filter(plain).filter(wanted).max_by_key(breadth)
    };
    let mut nummer = Nummer::new(29);
    let (column, text) = match rule {
        Rule::Identity => {
            let person = contract.columns.iter().find(|column| column.identity.is_some() && column.required);
            (person, nummer.invalid(0)?)
        }
        Rule::Embedded => {
            let roomy = |column: &&Column| column.position.is_none_or(|(_, breadth)| breadth >= 12);
            let text = |column: &&Column| column.kind == Kind::Text && free(column) && roomy(column);
            (pick(&text), nummer.next(Slag::Personnummer)?)
        }
        Rule::Missing => (pick(&|column| column.required && decides != Some(&column.name)), String::new()),
        Rule::Type => {
            let typed = |column: &&Column| !matches!(column.kind, Kind::Text | Kind::Boolean | Kind::Uuid);
            (pick(&|column| typed(column) && free(column) && !is_dated(contract, column)), WRONG.into())
        }
        Rule::Code => {
            let listed = |column: &&Column| column.code_list.is_some() && column.kind == Kind::Text;
            (pick(&|column| listed(column) && !is_left_out(contract, column)), WRONG.into())
        }
        Rule::Pattern => {
            let only = |column: &&Column| column.pattern.is_some() && column.min_length.is_none();
            (
                contract.columns.iter().filter(rejects).find(|column| only(column) && column.identity.is_none()),
                WRONG.into(),
            )
        }
        Rule::Length => {
            let long =
                contract.columns.iter().filter(rejects).find(|column| {
                    column.max_length.is_some() && column.pattern.is_none() && column.code_list.is_none()
                });
            (long, "x".repeat(long.and_then(|column| column.max_length).unwrap_or(0) + 1))
        }
        Rule::Bounds => {
            let whole = |column: &&Column| matches!(column.kind, Kind::Integer | Kind::Long) && free(column);
            let least = pick(&|column| whole(column) && column.minimum.is_some());
            (least, (least.and_then(|column| column.minimum).unwrap_or(0) - 1).to_string())
        }
        Rule::Order => {
            let day = |name: &str| read(row.get(name)?, contract.column(name)?.date_form);
            let found = contract.row_rules.iter().find_map(|rule| match rule {
                RowRule::Order { from, till, severity: Severity::Reject, .. } => {
                    let (column, day) = (contract.column(till)?, day(from)?.checked_sub_days(Days::new(1))?);
                    Some((column, dated(day, column.date_form)))
                }
                RowRule::Order { .. } => None,
            });
            (found.as_ref().map(|(column, _)| *column), found.map(|(_, text)| text).unwrap_or_default())
        }
        Rule::LegalBasis => {
            let day = |key: &str| contract.custom_key("rattsligGrund", key)?.parse::<NaiveDate>().ok();
            let column = decides.and_then(|name| contract.column(name));
            let before = day("giltigFran").and_then(|day| day.checked_sub_days(Days::new(1)));
            let text = before.zip(column).map(|(day, column)| dated(day, column.date_form));
            // An end after it would be in order still, and a code may not hold so early: only the day is wrong.
            let is_alone = contract.columns.iter().all(|column| column.code_date.is_none());
            (column.filter(|_| is_alone), text.unwrap_or_default())
        }
        Rule::OutsidePeriod => {
            let first = contract.period_columns()?.map(PeriodColumns::first);
            let legal =
                contract.custom_key("rattsligGrund", "giltigFran").and_then(|day| day.parse::<NaiveDate>().ok());
            let before = FROM.checked_sub_days(Days::new(1)).filter(|day| legal.is_none_or(|legal| legal <= *day));
            let text = before.zip(first).map(|(day, column)| match column.kind {
                Kind::Date => dated(day, column.date_form),
                _ => day.year().to_string(),
            });
            (first.filter(|column| text.is_some() && !is_dated(contract, column)), text.unwrap_or_default())
        }
        Rule::Duplicate => return Ok((!contract.key().is_empty()).then(|| first.clone())),
        _ => return Ok(None),
    };
    let Some(column) = column else { return Ok(None) };
    row.insert(column.name.clone(), text);
    Ok(Some(row))
}

/// A row with a code of the day before it came to be valid, where the law lets that day be delivered.
fn out_of_date(contract: &Contract, catalogue: &Catalogue, mut row: Row) -> Result<Option<Row>> {
    let lawful = contract.custom_key("rattsligGrund", "giltigFran").and_then(|day| day.parse::<NaiveDate>().ok());
    for column in &contract.columns {
        let date = column.code_date.as_deref().and_then(|name| contract.column(name));
        let (Some(list), Some(date)) = (&column.code_list, date) else { continue };
        let codes = &catalogue.code_list(list)?.codes;
        let found = codes.iter().find_map(|code| {
            let day = code.valid_from?.checked_sub_days(Days::new(1))?;
            let meant = codes.iter().any(|other| other.code == code.code && other.is_valid_on(day));
            (!meant && Some(day) >= lawful).then_some((code, day))
        });
        if let Some((code, day)) = found {
            row.insert(column.name.clone(), code.code.clone());
            row.insert(date.name.clone(), dated(day, date.date_form));
            put_in_order(contract, &mut row);
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Whether another rule reads the column's date.
fn is_dated(contract: &Contract, column: &Column) -> bool {
    let named = |other: &Column| other.code_date.as_ref() == Some(&column.name);
    contract.columns.iter().any(named)
}

fn is_left_out(contract: &Contract, column: &Column) -> bool {
    contract.custom_key("utelamna", "kolumn") == Some(&column.name)
}

/// Breaks a rule of files; whether the contract can break it.
fn break_file(rule: Rule, contract: &Contract, catalogue: &Catalogue, deliveries: &Path) -> Result<bool> {
    let format = formats(contract).remove(0);
    let text = is_text(&format);
    let headed = format == "avgransad" && has_header(contract, &format);
    let tolerant = with_room(contract, catalogue)?;
    let totals = contract.custom.contains_key("kontrollsummor");
    let plain = text && !totals;
    let can = match rule {
        Rule::Manifest | Rule::MissingFile | Rule::Checksum => true,
        Rule::Encoding => text && contract.custom_text("teckenkodning") == Some("utf-8"),
        Rule::Unreadable => !text,
        Rule::Header => headed && contract.columns.len() > 2,
        Rule::ColumnType => format == "parquet",
        Rule::Truncated => plain && contract.columns.len() > 1,
        Rule::Empty => !contract.custom_flag("tomTillaten"),
        Rule::RowCount | Rule::LineEnd => plain,
        Rule::ControlTotal => totals,
        Rule::Tolerance => return over_tolerance(contract, catalogue, deliveries),
        Rule::UnknownColumn => headed && !contract.custom_flag("overskjutandeKolumner"),
        Rule::FieldCount => format == "avgransad" && plain && tolerant.is_some() && contract.columns.len() > 1,
        Rule::LineWidth => format == "fastbredd" && tolerant.is_some(),
        Rule::AfterSummary => text && last_line(contract).is_some(),
        Rule::Older => contract.custom_text("efterfoljd") == Some("ersatter"),
        Rule::NeverDelivered => contract.expectation()?.is_some_and(|expected| expected.every != Every::Never),
        Rule::Late | Rule::Stale => return behind(rule, contract, catalogue, deliveries),
        _ => false,
    };
    if !can {
        return Ok(false);
    }
    if rule == Rule::NeverDelivered {
        return fs::create_dir_all(deliveries)
            .map(|()| true)
            .map_err(|source| Error::Io { path: deliveries.to_owned(), source });
    }
    let rows = match (rule, tolerant) {
        (Rule::Empty, _) => Vec::new(),
        (Rule::FieldCount | Rule::LineWidth, Some(rows)) => rows,
        _ => {
            let mut rows = rows(contract, catalogue, 2)?;
            rows.truncate(3);
            rows
        }
    };
    let mut written = Written::open(deliver(contract, deliveries, UTTAG, &rows)?)?;
    damage(rule, contract, &mut written)?;
    if rule == Rule::Older {
        deliver(contract, deliveries, UTTAG.checked_sub_days(Days::new(90)).unwrap_or(UTTAG), &rows)?;
    }
    Ok(true)
}

fn damage(rule: Rule, contract: &Contract, written: &mut Written) -> Result<()> {
    let delimiter = contract.custom_text("avgransare").and_then(|text| text.bytes().next()).unwrap_or(b';');
    let end: &[u8] = if contract.custom_text("radslut") == Some("lf") { b"\n" } else { b"\r\n" };
    let without_last = |line: &Vec<u8>| {
        let at = line.iter().rposition(|byte| *byte == delimiter).unwrap_or(0);
        [&line[..at], end].concat()
    };
    let lines = || written.lines();
    match rule {
        Rule::Manifest => write(&written.folder.join(crate::generate::delivery::MANIFEST), b"leverans: [\n"),
        Rule::MissingFile => {
            fs::remove_file(written.path()).map_err(|source| Error::Io { path: written.path(), source })
        }
        Rule::Checksum => {
            let bytes = [written.bytes()?, end.to_vec()].concat();
            write(&written.path(), &bytes)
        }
        Rule::Encoding => {
            let bytes = [written.bytes()?, b"\xff".to_vec(), end.to_vec()].concat();
            written.rewrite(bytes)
        }
        Rule::Unreadable => written.rewrite(b"PK\r\n".to_vec()),
        Rule::Header => {
            let lines: Vec<Vec<u8>> = lines()?.iter().map(without_last).collect();
            written.rewrite(lines.concat())
        }
        Rule::ColumnType => {
            let bytes = columnar::binary(contract, &written.path())?;
            written.rewrite(bytes)
        }
        Rule::Truncated => {
            let mut lines = lines()?;
            if let Some(last) = lines.last_mut() {
                let cut = match contract.custom_text("avgransare") {
                    Some(_) => last.iter().rposition(|byte| *byte == delimiter).unwrap_or(0),
                    None => last.len() / 2,
                };
                last.truncate(cut);
            }
            written.rewrite(lines.concat())
        }
        Rule::RowCount => {
            written.manifest["filer"][0]["rader"] = (written.rows() + 1).into();
            written.state()
        }
        Rule::ControlTotal => {
            let totals = written.manifest["kontrollsummor"].as_mapping_mut();
            for (_, total) in totals.into_iter().flatten().take(1) {
                *total = (total.as_i64().unwrap_or(0) + 1).into();
            }
            written.state()
        }
        Rule::AfterSummary => {
            let (mut lines, line) = (lines()?, last_line(contract).unwrap_or_default());
            lines.insert(lines.len() - 1, line);
            written.rewrite(lines.concat())
        }
        Rule::UnknownColumn => {
            let lines = lines()?.into_iter().enumerate();
            let add = |(nr, line): (usize, Vec<u8>)| {
                let field: &[u8] = if nr == 0 { b"Anmarkning" } else { b"" };
                [line.trim_ascii_line(), &[delimiter], field, end].concat()
            };
            let lines: Vec<Vec<u8>> = lines.map(add).collect();
            written.rewrite(lines.concat())
        }
        Rule::LineEnd => {
            let mut lines = lines()?;
            if let Some(last) = lines.last_mut() {
                *last = last.trim_ascii_line().to_vec();
            }
            written.rewrite(lines.concat())
        }
        Rule::FieldCount | Rule::LineWidth => {
            let mut lines = lines()?;
            let place = head(contract);
            lines[place] = match rule {
                Rule::FieldCount => without_last(&lines[place]),
                _ => [lines[place].trim_ascii_line(), b" ", end].concat(),
            };
            written.rewrite(lines.concat())
        }
        _ => Ok(()),
    }
}

/// More rows at fault than the contract tolerates: the rule that they break is told as well.
fn over_tolerance(contract: &Contract, catalogue: &Catalogue, deliveries: &Path) -> Result<bool> {
    let rows = rows(contract, catalogue, 2)?;
    let Some(broken) = broken(Rule::Code, contract, &rows[0], rows[1].clone())? else { return Ok(false) };
    if !is_text(&formats(contract)[0]) {
        return Ok(false);
    }
    deliver(contract, deliveries, UTTAG, &[rows[0].clone(), broken])?;
    Ok(true)
}

/// A delivery whose period is one behind, or as many as make it stale, on the day of the sample.
fn behind(rule: Rule, contract: &Contract, catalogue: &Catalogue, deliveries: &Path) -> Result<bool> {
    let Some(expectation) = contract.expectation()?.filter(|expectation| expectation.stale_after > 1) else {
        return Ok(false);
    };
    let periods = if rule == Rule::Late { 1 } else { expectation.stale_after };
    let last = expectation.due_by(UTTAG).and_then(|due| expectation.period(due - periods));
    let Some((till, _)) = last else { return Ok(false) };
    let mut writer = DeliveryWriter::create(contract, deliveries, till)?;
    for row in rows(contract, catalogue, 2)?.iter().take(2) {
        let row: Vec<(&str, &str)> = row.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        writer.row(&row)?;
    }
    writer.finish(&Leverans::of_all(super::FROM, till))?;
    Ok(true)
}

/// A Parquet file whose first column holds bytes.
mod columnar {
    use crate::contract::Contract;
    use crate::error::{Error, Result};
    use arrow::array::{ArrayRef, BinaryArray, RecordBatch};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use std::fs::File;
    use std::path::Path;
    use std::sync::Arc;

    pub(super) fn binary(contract: &Contract, path: &Path) -> Result<Vec<u8>> {
        let failed = |reason: String| Error::Format { path: path.to_owned(), reason };
        let file = File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
        let batch = reader.map_err(|error| failed(error.to_string()))?.next();
        let batch =
            batch.ok_or_else(|| failed("there are no rows".into()))?.map_err(|error| failed(error.to_string()))?;
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![b"?".as_slice(); batch.num_rows()]));
        let columns = contract.columns.iter().zip(batch.columns()).enumerate().map(|(place, (column, held))| {
            (column.header.as_str(), if place == 0 { bytes.clone() } else { held.clone() })
        });
        let batch = RecordBatch::try_from_iter(columns).map_err(|error| failed(error.to_string()))?;
        let mut out = Vec::new();
        let written = ArrowWriter::try_new(&mut out, batch.schema(), None).and_then(|mut writer| {
            writer.write(&batch)?;
            writer.close()
        });
        written.map_err(|error| failed(error.to_string()))?;
        Ok(out)
    }
}
