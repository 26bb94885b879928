//! Rows that are sound by a contract, made from it alone: its blank row, its code lists, its bounds.

use crate::contract::{Catalogue, CodeList, Column, Contract, DateForm, Identity, Kind, RowRule};
use crate::error::Result;
use crate::generate::nummer::organisation;
use crate::generate::{Nummer, Slag};
use chrono::{Days, Months, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Column and text.
pub(super) type Row = BTreeMap<String, String>;

/// Rows in which every code, every text for "not delivered" and every form of a date occurs; at least so many.
pub(super) fn rows(contract: &Contract, catalogue: &Catalogue, least: usize) -> Result<Vec<Row>> {
    let shown: Vec<Vec<Shown>> =
        contract.columns.iter().map(|column| shown(contract, column, catalogue)).collect::<Result<_>>()?;
    // A row that is left out shows nothing else: those come last, one for each code that leaves a row out.
    let left_out = contract.custom_key("utelamna", "kolumn").and_then(|name| contract.position(name));
    let wanted = |one: &Shown| Some(one.text.as_str()) == contract.custom_key("utelamna", "annatAn");
    let (kept, others): (Vec<Shown>, Vec<Shown>) =
        left_out.map(|at| shown[at].iter().cloned().partition(wanted)).unwrap_or_default();
    let lengths = shown.iter().enumerate().filter(|(at, _)| Some(*at) != left_out).map(|(_, shown)| shown.len());
    let first = lengths.max().unwrap_or(1).max(least).max(2);
    let count = first + others.len();
    let mut nummer = Nummer::new(17);
    let (mut rows, mut keys) = (Vec::with_capacity(count), BTreeSet::new());
    for place in 0..count {
        let mut row = Row::new();
        for (at, (column, shown)) in contract.columns.iter().zip(&shown).enumerate() {
            let one = match (Some(at) == left_out, place.checked_sub(first)) {
                (true, Some(other)) => &others[other],
                (true, None) => kept.first().unwrap_or(&shown[0]),
                (false, _) => &shown[place % shown.len()],
            };
            row.insert(column.name.clone(), one.text.clone());
        }
        identify(contract, place, &mut nummer, &mut row)?;
        // After the rest, so that the day on which a code holds is not overwritten.
        for one in shown.iter().map(|shown| &shown[place % shown.len()]) {
            row.extend(one.when.clone());
        }
        put_in_order(contract, &mut row);
        let key: Vec<String> = contract.key().iter().map(|column| row[&column.name].clone()).collect();
        if key.is_empty() || keys.insert(key) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// A text of a column, with the day that it asks of another.
#[derive(Clone, Debug, Default)]
struct Shown {
    text: String,
    when: Option<(String, String)>,
}

fn plain(text: impl Into<String>) -> Shown {
    Shown { text: text.into(), when: None }
}

/// What a column is to show, row after row.
fn shown(contract: &Contract, column: &Column, catalogue: &Catalogue) -> Result<Vec<Shown>> {
    if let Some(list) = &column.code_list {
        return Ok(codes(contract, column, catalogue.code_list(list)?));
    }
    let mut texts = vec![plain(column.blank.clone())];
    if column.key_position.is_some() || column.identity.is_some() {
        return Ok(texts);
    }
    let typed = typed(contract, column);
    texts.extend(typed.into_iter().map(plain));
    if !column.required {
        texts.extend(column.null_texts.iter().chain([&String::new()]).map(plain));
    }
    let breadth = column.position.map_or(usize::MAX, |(_, breadth)| breadth);
    texts.retain(|one| one.text.chars().count() <= breadth);
    Ok(texts)
}

/// Texts of the column's type that its bounds allow.
fn typed(contract: &Contract, column: &Column) -> Vec<String> {
    let free = column.pattern.is_none() && column.min_length.is_none() && column.max_length.is_none();
    match column.kind {
        Kind::Date => {
            let day = crate::generate::tid::day(2019, 3, 1);
            let mut texts = vec![written(day, column.date_form)];
            if column.date_form == DateForm::Partial {
                texts.extend(["2019-03-00", "2019-00-00", "20190301", "201903", "2019"].map(str::to_owned));
            }
            // A day of the legal basis or of a code is set where it is needed.
            let decides = contract.custom_key("rattsligGrund", "datumkolumn") == Some(&column.name);
            if decides { Vec::new() } else { texts }
        }
        Kind::Integer | Kind::Long => vec![column.minimum.unwrap_or(1).to_string()],
        Kind::Decimal => {
            let least = column.minimum.unwrap_or(0);
            vec![format!("{least}{}5", column.decimal_mark)]
        }
        Kind::Text if free && !is_id(column) => {
            let mut texts = vec!["Å, ä och ö".to_owned()];
            // Only where `;` divides may a field be quoted.
            if contract.custom_text("avgransare") == Some(";") {
                texts.push("Ett \"citat\"; och mer".to_owned());
            }
            texts
        }
        Kind::Text | Kind::Boolean | Kind::Uuid => Vec::new(),
    }
}

/// A text that ends with digits stands for something.
fn is_id(column: &Column) -> bool {
    column.blank.ends_with(|letter: char| letter.is_ascii_digit())
}

/// Every code; one that holds between certain days with a day on which it does.
fn codes(contract: &Contract, column: &Column, list: &CodeList) -> Vec<Shown> {
    let dated = column.code_date.as_deref().and_then(|name| contract.column(name));
    let bound = |text: &str| text.parse::<NaiveDate>().ok();
    let legal = |key: &str| contract.custom_key("rattsligGrund", key).and_then(bound);
    let shown = list.codes.iter().filter_map(|code| {
        let when = match dated {
            None => None,
            Some(other) => {
                let (mut from, mut till) = (code.valid_from, code.valid_till);
                if contract.custom_key("rattsligGrund", "datumkolumn") == Some(&other.name) {
                    from = from.max(legal("giltigFran"));
                    till = [till, legal("giltigTill")].into_iter().flatten().min();
                }
                let blank = read(&other.blank, other.date_form);
                let inside = |day: &NaiveDate| Some(*day) >= from && till.is_none_or(|till| *day <= till);
                let day = blank.filter(inside).or(from).or(till)?;
                // One that the law does not let be delivered on any of its days is not shown.
                inside(&day).then_some(())?;
                Some((other.name.clone(), written(day, other.date_form)))
            }
        };
        Some(Shown { text: code.code.clone(), when })
    });
    let mut shown: Vec<Shown> = shown.collect();
    if !column.required && column.key_position.is_none() {
        shown.extend(column.null_texts.iter().chain([&String::new()]).map(plain));
    }
    shown
}

/// Numbers of persons and employers, each row its own; and where none tells the rows of a key apart, what else does.
fn identify(contract: &Contract, place: usize, nummer: &mut Nummer, row: &mut Row) -> Result<()> {
    const KINDS: [Slag; 5] =
        [Slag::Personnummer, Slag::Samordningsnummer, Slag::UtanManad, Slag::UtanDag, Slag::MedPlus];
    let mut apart = false;
    for column in contract.columns.iter().filter(|column| column.identity.is_some()) {
        // A second person of a row, or one who need not be named, is there in every other.
        if !column.required && place % 2 == 1 {
            continue;
        }
        let text = match column.identity {
            Some(Identity::Person) => nummer.next(KINDS[place % KINDS.len()])?,
            Some(Identity::Employer) => organisation(place as u64),
            _ => continue,
        };
        apart |= column.key_position.is_some() && column.required;
        row.insert(column.name.clone(), text);
    }
    let plain = |column: &&&Column| column.identity.is_none() && column.code_list.is_none();
    let key = contract.key();
    let texts = || key.iter().filter(plain).filter(|column| column.kind == Kind::Text);
    for column in texts() {
        row.insert(column.name.clone(), numbered(&column.blank, place));
        apart = true;
    }
    for column in key.iter().filter(plain).filter(|_| !apart) {
        let next = match column.kind {
            Kind::Date => later(column, place),
            Kind::Integer | Kind::Long => {
                let (least, most) = (column.minimum.unwrap_or(0), column.maximum.unwrap_or(i64::MAX));
                let blank = column.blank.parse::<i64>().unwrap_or(least);
                Some((blank - least + place as i64) % (most - least).saturating_add(1).max(1) + least)
                    .map(|number| number.to_string())
            }
            _ => None,
        };
        row.extend(next.map(|next| (column.name.clone(), next)));
    }
    Ok(())
}

/// `F001` → `F004`; a text without digits gets some.
fn numbered(blank: &str, place: usize) -> String {
    let stem = blank.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let digits = &blank[stem.len()..];
    let number = digits.parse::<usize>().unwrap_or(0) + place;
    format!("{stem}{number:0width$}", width = digits.len())
}

fn later(column: &Column, place: usize) -> Option<String> {
    let blank = read(&column.blank, column.date_form)?;
    let day = match column.date_form {
        DateForm::Month => blank.checked_add_months(Months::new(u32::try_from(place).ok()?)),
        DateForm::Week => blank.checked_add_days(Days::new(7 * place as u64)),
        _ => blank.checked_add_days(Days::new(place as u64)),
    };
    day.map(|day| written(day, column.date_form))
}

/// Where one date may not be before another and is, it becomes the same day.
pub(super) fn put_in_order(contract: &Contract, row: &mut Row) {
    for rule in &contract.row_rules {
        let RowRule::Order { from, till, .. } = rule;
        let (Some(first), Some(last)) = (contract.column(from), contract.column(till)) else { continue };
        let is_open = |column: &Column| {
            let text = row.get(&column.name).map_or("", String::as_str);
            text.is_empty() || column.null_texts.iter().any(|null| null == text)
        };
        let day = row.get(from).and_then(|text| read(text, first.date_form));
        let is_before = |day: &NaiveDate| row.get(till).and_then(|text| read(text, last.date_form)) < Some(*day);
        if let Some(day) = day.filter(is_before).filter(|_| !is_open(last) && !is_open(first)) {
            row.insert(till.clone(), written(day, last.date_form));
        }
    }
}

/// A day in the form of a column.
pub(super) fn written(day: NaiveDate, form: DateForm) -> String {
    let form = match form {
        DateForm::Dashed | DateForm::Partial => "%Y-%m-%d",
        DateForm::Compact => "%Y%m%d",
        DateForm::Month => "%Y%m",
        DateForm::Week => "%G%V",
    };
    day.format(form).to_string()
}

/// The day that a text in the form of a column stands for.
pub(super) fn read(text: &str, form: DateForm) -> Option<NaiveDate> {
    match form {
        DateForm::Dashed | DateForm::Partial => text.parse().ok(),
        DateForm::Compact => NaiveDate::parse_from_str(text, "%Y%m%d").ok(),
        DateForm::Month => NaiveDate::parse_from_str(&format!("{text}01"), "%Y%m%d").ok(),
        DateForm::Week => NaiveDate::parse_from_str(&format!("{text}1"), "%G%V%u").ok(),
    }
}
