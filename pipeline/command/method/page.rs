//! The page itself: HTML that stands alone, for a reader, a screen reader and paper.

use super::markdown::{self, Block, Role};
use super::{Method, Table, name_at};
use crate::contract::{CodeList, Contract, HEAD, Kind, escaped};
use std::fmt::Write as _;

const TITLE: &str = "Metodbeskrivning: vad försörjning betyder";

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:75rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}\
p,li,dd{max-width:48rem}\
h1{font-size:1.9rem;line-height:1.2}\
h2{font-size:1.45rem;margin:3rem 0 .5rem;border-top:3px solid #0b4f9e;padding-top:1rem}\
h3{font-size:1.15rem;margin:1.8rem 0 .4rem}h4{font-size:1rem;margin:1.6rem 0 .3rem}h5{font-size:1rem;font-weight:500}\
h2 code{font-size:1rem;font-weight:400}\
a{color:#0b4f9e}a:focus-visible{outline:3px solid #d97706;outline-offset:2px}\
.bredd{overflow-x:auto;margin:.6rem 0 1rem}\
table{border-collapse:collapse;font-size:.88rem}\
caption{text-align:left;padding:.2rem 0;color:#444}\
th,td{border-bottom:1px solid #bbb;padding:.2rem .7rem .2rem .3rem;text-align:left;vertical-align:top}\
thead th{background:#eef2f6;border-bottom:2px solid #666;vertical-align:bottom}tbody th{font-weight:400}\
.vantat thead th{background:#e6f2e6}.vantat{border-left:4px solid #2e7d32}.givet{border-left:4px solid #8a96a3}\
code{font-family:ui-monospace,monospace;font-size:.92em}p code,dd code{overflow-wrap:anywhere}\
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0}\
nav ol{columns:2;column-gap:3rem}\
.hoppa{position:absolute;left:-99rem}.hoppa:focus{left:1rem;top:1rem;background:#fff;padding:.5rem}\
@media(max-width:40rem){dl{grid-template-columns:1fr}nav ol{columns:1}}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#16191d}a{color:#8ec5ff}thead th{background:#252b32}\
caption{color:#bbb}.vantat thead th{background:#1d3320}.hoppa:focus{background:#16191d}}\
@media print{body{max-width:none;padding:0;font-size:10pt}.bredd{overflow:visible}table{font-size:7.5pt}\
th,td{overflow-wrap:anywhere}tr{break-inside:avoid}h2,h3,h4,caption{break-after:avoid}}";

const ABOUT: &str = "\
<p>Sidan säger hur uppföljningen av samordningsförbundens insatser kommer fram till vad en deltagare levde på. Den är \
framställd ur samma filer som räknar: tabellernas kontrakt, inledningen till varje SQL-fil, kodlistorna och de fall \
som reglerna prövas mot. Ett fall som inte stämmer stoppar en ny version.</p>\n\
<p>Tabellerna står i den ordning som de görs; var och en läser bara dem som står före. Varje fall visar vad som är \
<strong>givet</strong> och vad regeln ska ge, <strong>väntat</strong>. En tabell som är given före det första fallet \
gäller alla fall som inte själva ger den. En tom ruta är en uppgift som saknas, och en kolumn som inte visas har \
ingen betydelse för fallet. Bokstäver är pseudonymer. Där inget annat sägs är ett slutdatum den första dagen efter \
perioden, och ett tomt slut är en period som pågår.</p>\n";

/// The same method, the same bytes.
pub fn page(method: &Method<'_>) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{TITLE}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"hoppa\" href=\"#innehall\">Till innehållet</a>\n\
         <main id=\"innehall\">\n<h1>{TITLE}</h1>\n{ABOUT}"
    );
    version(method, &mut html);
    contents(method, &mut html);
    for table in &method.tables {
        section(method, table, &mut html);
    }
    for list in &method.lists {
        code_list(method, list, &mut html);
    }
    html + "</main>\n</body>\n</html>\n"
}

fn version(method: &Method<'_>, html: &mut String) {
    let cases: usize = method.tables.iter().map(Table::cases).sum();
    let _ = write!(
        html,
        "<dl>\n<dt>Omfattar</dt><dd>{} tabeller, {cases} fall, {} kodlistor</dd>\n<dt>Fingeravtryck</dt>\
         <dd><code>{}</code><br>SHA-256 över tabellernas kontrakt och SQL, fallen och kodlistorna</dd>\n</dl>\n",
        method.tables.len(),
        method.lists.len(),
        method.digest
    );
}

fn contents(method: &Method<'_>, html: &mut String) {
    *html += "<nav aria-labelledby=\"forteckning\">\n<h2 id=\"forteckning\">Innehåll</h2>\n<h3>Tabeller</h3>\n<ol>\n";
    for table in &method.tables {
        let (contract, name) = (table.contract, &table.contract.name);
        let (title, version) = (escaped(&contract.title), escaped(&contract.version));
        let _ =
            writeln!(html, "<li><a href=\"#derived-{name}\">{title}</a> <code>{name}</code>, version {version}</li>");
    }
    *html += "</ol>\n<h3>Kodlistor</h3>\n<ol>\n";
    for list in &method.lists {
        let _ = writeln!(html, "<li><a href=\"#codes-{0}\"><code>{0}</code></a></li>", escaped(&list.name));
    }
    *html += "</ol>\n</nav>\n";
}

fn section(method: &Method<'_>, table: &Table<'_>, html: &mut String) {
    let contract = table.contract;
    let target = |name: &str| method.target(name);
    let key: Vec<String> = contract.key().iter().map(|column| code(&column.name)).collect();
    let _ = write!(
        html,
        "<section aria-labelledby=\"derived-{name}\">\n\
         <h2 id=\"derived-{name}\">{title} <code>derived.{name}</code></h2>\n\
         <p>{about}</p>\n<dl>\n<dt>Korn</dt><dd>{grain}</dd>\n<dt>Nyckel</dt><dd>{key}</dd>\n\
         <dt>Kontraktets version</dt><dd>{version}</dd>\n</dl>\n<h3>Definition</h3>\n",
        name = contract.name,
        title = escaped(&contract.title),
        about = escaped(&contract.description),
        grain = escaped(&contract.grain),
        key = key.join(", "),
        version = escaped(&contract.version),
    );
    for paragraph in definition(table.sql, &contract.name) {
        let _ = writeln!(html, "<p>{}</p>", named(&paragraph, &target));
    }
    *html += "<h3>Kolumner</h3>\n";
    columns(contract, &target, html);
    for block in &table.suite {
        piece(block, &target, html);
    }
    *html += "</section>\n";
}

/// What the name of a relation begins with.
const SCHEMAS: [&str; 4] = ["core.", "derived.", "codes.", "calendar."];

/// What a header says under a name of its own.
const LABELS: [&str; 3] = ["Korn: ", "Nyckel: ", "Definition: "];

/// The header of an SQL file, all of it: a paragraph for every label, and for every line that begins a sentence after a
/// whole one.
fn definition(sql: &str, name: &str) -> Vec<String> {
    let header = sql.lines().take_while(|line| line.starts_with("--")).map(|line| line.trim_start_matches('-').trim());
    let mut paragraphs: Vec<String> = Vec::new();
    for line in header {
        match paragraphs.last_mut() {
            Some(last) if !last.ends_with('.') && !LABELS.iter().any(|label| line.starts_with(label)) => {
                *last += &format!(" {line}");
            }
            _ => paragraphs.push(line.to_owned()),
        }
    }
    let lead = format!("derived.{name}: ");
    let without_label = |text: String| {
        let told = text.strip_prefix(&lead).or(text.strip_prefix("Definition: "));
        told.map_or(text.clone(), capitalised)
    };
    paragraphs.into_iter().map(without_label).collect()
}

/// As a sentence begins; the name of a relation is left as it is.
fn capitalised(text: &str) -> String {
    if SCHEMAS.iter().any(|schema| text.starts_with(schema)) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Text in which the names of relations are code, and links where the page tells of them.
fn named(text: &str, target: &dyn Fn(&str) -> Option<String>) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((at, schema)) = SCHEMAS.iter().filter_map(|s| rest.find(s).map(|at| (at, *s))).min() {
        let (name, is_word) = (name_at(&rest[at + schema.len()..]), rest[..at].ends_with(char::is_alphanumeric));
        let end = at + schema.len() + name.len();
        if name.is_empty() || is_word {
            html += &markdown::inline(&rest[..end], target);
        } else {
            html += &markdown::inline(&rest[..at], target);
            html += &markdown::code(&rest[at..end], target);
        }
        rest = &rest[end..];
    }
    html + &markdown::inline(rest, target)
}

fn columns(contract: &Contract, target: &dyn Fn(&str) -> Option<String>, html: &mut String) {
    let rows = contract.columns.iter().map(|column| {
        let about = match column.description.as_str() {
            "" => String::new(),
            text => format!("<br>{}", markdown::inline(text, target)),
        };
        let holds = match &column.code_list {
            Some(list) => format!("kod ur {}", markdown::code(&format!("codes.{list}"), target)),
            None => kind(column.kind).to_owned(),
        };
        let missing = if column.required { "aldrig" } else { "kan saknas" };
        vec![code(&column.name), escaped(&column.title) + &about, holds, missing.into()]
    });
    let head = ["Kolumn", "Betydelse", "Innehåll", "Saknas"].map(String::from);
    wide(&format!("Kolumner i {}", contract.title), &head, rows, html);
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer | Kind::Long => "heltal",
        Kind::Decimal => "decimaltal",
        Kind::Date => "datum",
        Kind::Boolean => "sant eller falskt",
        Kind::Uuid => "pseudonym",
    }
}

/// A piece of a suite; its headings stand two levels below the table's.
fn piece(block: &Block, target: &dyn Fn(&str) -> Option<String>, html: &mut String) {
    let inline = |text: &str| markdown::inline(text, target);
    let _ = match block {
        Block::Heading(depth, title) => {
            let level = (depth + 2).min(6);
            writeln!(html, "<h{level}>{}</h{level}>", inline(title))
        }
        Block::Paragraph(text) => writeln!(html, "<p>{}</p>", inline(text)),
        Block::Code(text) => writeln!(html, "<pre><code>{}</code></pre>", escaped(text)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", inline(item))).collect();
            writeln!(html, "<ul>\n{items}</ul>")
        }
        Block::Table(table) => {
            let linked = |text: &str| markdown::code(text, target);
            let (class, caption) = match &table.role {
                Role::None => ("", String::new()),
                Role::Given(name) => ("givet", format!("Givet: {}", linked(name))),
                Role::Expected(name, None) => ("vantat", format!("Väntat: {}", linked(name))),
                Role::Expected(name, Some(condition)) => {
                    ("vantat", format!("Väntat: {} där {}", linked(name), linked(condition)))
                }
            };
            rows(table, class, &caption, html);
            Ok(())
        }
    };
}

/// The rows of a case; the caption is HTML.
fn rows(table: &markdown::Table, class: &str, caption: &str, html: &mut String) {
    *html += "<div class=\"bredd\">\n";
    let _ = writeln!(html, "<table{}>", if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") });
    if !caption.is_empty() {
        let _ = writeln!(html, "<caption>{caption}</caption>");
    }
    let head: String = table.head.iter().map(|name| format!("<th scope=\"col\">{}</th>", broken(name))).collect();
    let _ = writeln!(html, "<thead><tr>{head}</tr></thead>\n<tbody>");
    for row in &table.rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        let _ = writeln!(html, "<tr>{cells}</tr>");
    }
    if table.rows.is_empty() {
        let _ = writeln!(html, "<tr><td colspan=\"{}\">Inga rader.</td></tr>", table.head.len());
    }
    *html += "</tbody>\n</table>\n</div>\n";
}

/// A long name at the head of a narrow column, which may be broken after its parts.
fn broken(name: &str) -> String {
    escaped(name).replace('_', "_<wbr>")
}

/// A table that a keyboard can scroll. Heads and cells are HTML; the first cell of a row is its head.
fn wide(caption: &str, head: &[String], rows: impl Iterator<Item = Vec<String>>, html: &mut String) {
    let head: String = head.iter().map(|title| format!("<th scope=\"col\">{title}</th>")).collect();
    let _ = write!(
        html,
        "<div class=\"bredd\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\">\n<table>\n<caption>{0}</caption>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n",
        escaped(caption)
    );
    for row in rows {
        let cells: String = row.iter().skip(1).map(|cell| format!("<td>{cell}</td>")).collect();
        let first = row.first().map_or("", String::as_str);
        let _ = writeln!(html, "<tr><th scope=\"row\">{first}</th>{cells}</tr>");
    }
    *html += "</tbody>\n</table>\n</div>\n";
}

fn code_list(method: &Method<'_>, list: &CodeList, html: &mut String) {
    let name = escaped(&list.name);
    let users = method.tables.iter().filter(|table| table.uses(&list.name)).map(|table| {
        let contract = table.contract;
        format!("<a href=\"#derived-{}\">{}</a>", contract.name, escaped(&contract.title))
    });
    let _ = write!(
        html,
        "<section aria-labelledby=\"codes-{name}\">\n<h2 id=\"codes-{name}\">Kodlista <code>codes.{name}</code></h2>\n\
         <p>Används i {}.</p>\n",
        users.collect::<Vec<_>>().join(", ")
    );
    let rows = list.rows.iter().map(|row| {
        let dates = match (row[3].as_str(), row[4].as_str()) {
            ("", "") => "alltid".to_owned(),
            (from, "") => format!("från {from}"),
            ("", till) => format!("till {till}"),
            (from, till) => format!("{from} till {till}"),
        };
        vec![code(&row[0]), escaped(&row[1]), dates, escaped(&row[5]), escaped(&row[6])]
    });
    let head = ["Kod", "Betydelse", "Gäller", "Källa", "Kontrollerad"].map(String::from);
    wide(&format!("Koder i {}", list.name), &head, rows, html);
    if list.columns.len() > HEAD.len() {
        let head: Vec<String> = list
            .columns
            .iter()
            .enumerate()
            .filter(|(at, _)| is_told(*at))
            .map(|(_, name)| format!("<code>{}</code>", broken(name)))
            .collect();
        let rows = list.rows.iter().map(|row| {
            let cells = row.iter().enumerate().filter(|(at, _)| is_told(*at));
            cells.map(|(at, cell)| if at == 0 { code(cell) } else { escaped(cell) }).collect()
        });
        wide(&format!("Vad reglerna läser i {}", list.name), &head, rows, html);
    }
    *html += "</section>\n";
}

/// The code itself, and what a list has beyond titles, dates and source.
const fn is_told(at: usize) -> bool {
    at == 0 || at >= HEAD.len()
}

impl Method<'_> {
    /// Where the page tells of a relation.
    fn target(&self, name: &str) -> Option<String> {
        let (schema, name) = name.split_once('.')?;
        let is_told = match schema {
            "derived" => self.tables.iter().any(|table| table.contract.name == name),
            "codes" => self.lists.iter().any(|list| list.name == name),
            _ => false,
        };
        is_told.then(|| format!("#{schema}-{name}"))
    }
}
