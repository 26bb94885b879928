//! The sheets before the tables: cover, contents, notes.

use super::book::{Outcome, headed, height, letters, lines, link, table, widen};
use super::{CONTENTS, Edition, NOTES};
use crate::protect::{Missing, PUBLISHED, Protected, ProtectedTable};
use crate::publish::notes::{Notes, mark};
use crate::publish::{CONTACT, QUALITY, TITLE};
use rust_xlsxwriter::{Format, FormatAlign, Worksheet};

/// As many letters of running text as are easy to follow.
const WIDE: usize = 100;

/// What the workbook is, of when, by whom, and what to know before a number is used.
pub fn cover(sheet: &mut Worksheet, protected: &Protected, edition: &Edition<'_>) -> Outcome {
    headed(sheet, "Försättsblad", TITLE)?;
    let text = wrapped();
    let heading = Format::new().set_bold();
    let tables = protected.tables().len();
    let mut row = 1;
    let mut say = |sheet: &mut Worksheet, words: &str, format: &Format| -> Outcome {
        sheet.write_with_format(row, 0, words, format)?;
        sheet.set_row_height(row, tall(words))?;
        row += 1;
        Ok(())
    };
    say(sheet, &format!("Uttag till och med {}. Körning {}.", edition.date, edition.run_id), &text)?;
    say(
        sheet,
        &format!("{tables} tabeller, en på varje blad. Samma tabeller finns i andra format i samma mapp."),
        &text,
    )?;
    if !edition.not_in_force.is_empty() {
        say(sheet, "Ej i kraft", &heading)?;
        for name in &edition.not_in_force {
            say(sheet, name, &text)?;
        }
    }
    say(sheet, "Kvalitet", &heading)?;
    for words in QUALITY {
        say(sheet, words, &text)?;
    }
    say(sheet, "Kontakt", &heading)?;
    say(sheet, CONTACT, &text)?;
    say(sheet, "Hitta i arbetsboken", &heading)?;
    let last = row;
    link(sheet, last, 0, CONTENTS, "Innehåll: alla tabeller, med länkar")?;
    link(sheet, last + 1, 0, NOTES, "Noter: vad kolumner och tecken betyder")?;
    widen(sheet, &[WIDE])
}

/// Every table, and the way to it.
pub fn contents(sheet: &mut Worksheet, protected: &Protected) -> Outcome {
    headed(sheet, CONTENTS, "Innehåll")?;
    sheet.write(1, 0, "Bladet har en tabell: arbetsbokens tabeller, med länk till var och en.")?;
    link(sheet, 2, 0, NOTES, "Till noterna")?;
    list(sheet, protected)
}

/// The first sheet of the data: what differs from the workbook that is made to be read.
pub fn data_contents(sheet: &mut Worksheet, protected: &Protected, edition: &Edition<'_>) -> Outcome {
    headed(sheet, CONTENTS, &format!("{TITLE}: data"))?;
    let mark = match edition.not_in_force.join(", ") {
        names if names.is_empty() => String::new(),
        names => format!(" Ej i kraft: {names}."),
    };
    let made = format!("Uttag till och med {}. Körning {}.{mark}", edition.date, edition.run_id);
    sheet.write(1, 0, made)?;
    let about =
        "Kolumnerna heter som i Parquet; efter en kod följer dess benämning. En tom cell har sitt skäl i status_kod.";
    sheet.write(2, 0, about)?;
    list(sheet, protected)
}

fn list(sheet: &mut Worksheet, protected: &Protected) -> Outcome {
    const HEADER: u32 = 3;
    let headers = ["Tabell", "Blad", "Rader", "Utelämnade rader", "Beskrivning"].map(str::to_owned);
    let tables = protected.tables();
    table(sheet, HEADER, tables.len(), "innehall", "Arbetsbokens tabeller", &headers)?;
    let (top, text) = (Format::new().set_align(FormatAlign::Top), wrapped().set_indent(1));
    for (row, one) in (HEADER + 1..).zip(tables) {
        let contract = one.contract();
        link(sheet, row, 0, &contract.name, &contract.title)?;
        sheet.write_with_format(row, 1, contract.name.as_str(), &top)?;
        sheet.write_with_format(row, 2, one.rows().len() as f64, &top)?;
        sheet.write_with_format(row, 3, withheld(one) as f64, &top)?;
        sheet.write_with_format(row, 4, contract.description.as_str(), &text)?;
        sheet.set_row_height(row, tall(&contract.description))?;
    }
    let longest = |text: &dyn Fn(&ProtectedTable) -> usize| tables.iter().map(text).max().unwrap_or(0) + 2;
    let title = longest(&|one| letters(&one.contract().title));
    let name = longest(&|one| letters(&one.contract().name));
    widen(sheet, &[title, name, 10, 14, WIDE])
}

/// What columns, symbols and statuses mean.
pub fn notes(sheet: &mut Worksheet, notes: &Notes, edition: &Edition<'_>) -> Outcome {
    const HEADER: u32 = 3;
    headed(sheet, NOTES, "Noter och tecken")?;
    sheet.write(
        1,
        0,
        "Bladet har en tabell: noterna i tabellernas rubriker, och tecknen som står i stället för tal.",
    )?;
    link(sheet, 2, 0, CONTENTS, "Till innehållet")?;
    let mut rows: Vec<[String; 3]> = Vec::new();
    rows.extend(notes.all().map(|(number, note)| [mark(number), note.title.clone(), note.text.clone()]));
    let status = |code| edition.labels.title("cellstatus", code).to_owned();
    for missing in Missing::ALL {
        rows.push([missing.symbol().into(), "Tecken i stället för ett tal".into(), status(missing.code())]);
    }
    rows.push([status(PUBLISHED), "Status".into(), "Talet visas. Andra status är tecknens ord.".into()]);
    let headers = ["Not eller tecken", "Gäller", "Betydelse"].map(str::to_owned);
    table(sheet, HEADER, rows.len(), "noter", "Noter och tecken", &headers)?;
    let (top, text) = (Format::new().set_align(FormatAlign::Top), wrapped());
    let mut widths = [18, 10, WIDE];
    for (row, [sign, about, meaning]) in (HEADER + 1..).zip(rows) {
        widths[0] = widths[0].max(letters(&sign) + 1);
        widths[1] = widths[1].max(letters(&about) + 1);
        sheet.set_row_height(row, tall(&meaning))?;
        sheet.write_string_with_format(row, 0, sign, &top)?;
        sheet.write_string_with_format(row, 1, about, &top)?;
        sheet.write_string_with_format(row, 2, meaning, &text)?;
    }
    widen(sheet, &widths)
}

fn withheld(table: &ProtectedTable) -> usize {
    table.rows().iter().filter(|row| row.status() != PUBLISHED).count()
}

fn wrapped() -> Format {
    Format::new().set_text_wrap().set_align(FormatAlign::Top)
}

/// Letters differ in width: fewer are counted on than would fit.
fn tall(text: &str) -> f64 {
    height(lines(text, WIDE - 10).len())
}
