//! A protected table as a cube: variables with values in two languages, measures as one variable, time as one.
//!
//! PX and JSON-stat hold a number for every combination of values, so a combination that the table lacks is
//! `.`, cannot occur. Titles are made fit for PX, which has no way to write a quotation mark, and unique within their
//! variable, because PX refers to values by title. Both formats are made of this and say the same words.

use super::table::{Cell, Labels, cells};
use crate::contract::{Column, Contract};
use crate::error::{Error, Result};
use crate::protect::decimals;
use crate::protect::{Mark, Missing, PUBLISHED, ProtectedTable};
use std::collections::{BTreeMap, BTreeSet};

/// The languages of every text, the main one first.
pub const LANGUAGES: [&str; 2] = ["sv", "en"];

/// A text in each of [`LANGUAGES`].
pub type Words = [String; 2];

/// What a variable is to those who read by machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Area,
    Measure,
    Time,
    Other,
}

/// One value of a variable.
#[derive(Debug)]
pub struct Member {
    pub code: String,
    pub title: Words,
}

/// A variable.
#[derive(Debug)]
pub struct Dimension {
    pub code: String,
    pub title: Words,
    pub role: Role,
    pub members: Vec<Member>,
    /// The member that means all.
    pub total: Option<usize>,
    /// What the variable is, in Swedish; empty where its title says it.
    pub note: String,
}

/// What a member of the measures' variable holds.
#[derive(Debug)]
pub struct Measure {
    pub unit: Words,
    pub decimals: usize,
    /// Definition, in Swedish; may be empty.
    pub note: String,
}

/// A table, dense.
#[derive(Debug)]
pub struct Cube<'a> {
    pub contract: &'a Contract,
    /// Those of the key, then the measures, then time, which varies fastest.
    pub dimensions: Vec<Dimension>,
    /// By the members of the measures' variable.
    pub measures: Vec<Measure>,
    pub quarterly: bool,
    /// Row-major over the dimensions.
    pub cells: Vec<Cell>,
    /// Of each row whose numbers are shown, the place in each dimension but the measures', and the remark.
    pub marks: Vec<(Vec<usize>, Mark)>,
}

/// Units of measures (`enhet`), Swedish and English.
const UNITS: [(&str, &str); 5] =
    [("antal", "number"), ("procent", "percent"), ("promille", "per mille"), ("dagar", "days"), ("kronor", "SEK")];

/// Code of the variable whose values are the measures.
const MEASURES: &str = "matt_kod";

/// A variable while it is being found: the columns that its codes are made of, by place in the contract.
struct Axis<'a> {
    columns: Vec<(usize, &'a Column)>,
    role: Role,
}

impl<'a> Cube<'a> {
    /// None where the table has no rows: a cube of nothing has no values to name.
    ///
    /// # Errors
    /// [`Error::Contract`] where the table has no year, or its rows do not follow its contract.
    pub fn new(table: &'a ProtectedTable, labels: &Labels) -> Result<Option<Cube<'a>>> {
        let contract = &**table.contract();
        let rows: Vec<Vec<Cell>> =
            table.rows().iter().map(|row| cells(contract, row, labels)).collect::<Result<_>>()?;
        Cube::of(contract, &rows, labels)
    }

    /// The same, of cells in the order of the contract.
    pub(super) fn of(contract: &'a Contract, rows: &[Vec<Cell>], labels: &Labels) -> Result<Option<Cube<'a>>> {
        let (axes, time) = axes(contract)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut dimensions: Vec<Dimension> = axes.iter().map(|axis| axis.dimension(contract, rows, labels)).collect();
        let (measured, measures) = measures(contract);
        dimensions.push(measured);
        dimensions.push(time.dimension(contract, rows, labels));
        distinct(dimensions.iter_mut().map(|dimension| (dimension.code.clone(), &mut dimension.title)).collect());
        for dimension in &mut dimensions {
            distinct(dimension.members.iter_mut().map(|member| (member.code.clone(), &mut member.title)).collect());
        }
        let quarterly = time.columns.len() > 1;
        let mut cube = Cube { contract, dimensions, measures, quarterly, cells: Vec::new(), marks: Vec::new() };
        cube.fill(&axes, &time, rows)?;
        Ok(Some(cube))
    }

    /// How many values each variable has.
    pub fn sizes(&self) -> Vec<usize> {
        self.dimensions.iter().map(|dimension| dimension.members.len()).collect()
    }

    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Dimension> {
        self.dimensions.iter().filter(move |dimension| dimension.role == role)
    }

    /// The table's title, and by what it is split.
    pub fn title(&self, language: usize) -> String {
        let title = fit(if language == 0 { &self.contract.title } else { &self.contract.title_en });
        let by: Vec<String> = self
            .dimensions
            .iter()
            .filter(|dimension| dimension.role != Role::Measure)
            .map(|dimension| dimension.title[language].to_lowercase())
            .collect();
        let ([efter, och], Some((last, before))) = ([["efter", "by"], ["och", "and"]], by.split_last()) else {
            return title;
        };
        match before.join(", ") {
            list if list.is_empty() => format!("{title} {} {last}", efter[language]),
            list => format!("{title} {} {list} {} {last}", efter[language], och[language]),
        }
    }

    fn fill(&mut self, axes: &[Axis<'_>], time: &Axis<'_>, rows: &[Vec<Cell>]) -> Result<()> {
        let too_large = || self.contract.fault("it has more combinations than a cube can hold");
        let size = self.sizes().iter().try_fold(1_usize, |size, &n| size.checked_mul(n)).ok_or_else(too_large)?;
        let places: Vec<BTreeMap<&str, usize>> = self
            .dimensions
            .iter()
            .map(|dimension| dimension.members.iter().enumerate().map(|(at, m)| (m.code.as_str(), at)).collect())
            .collect();
        let place = |dimension: usize, code: &str| {
            let lost = || Error::Unexpected(format!("{}: a code of no variable", self.contract.full_name()));
            places[dimension].get(code).copied().ok_or_else(lost)
        };
        let times = self.dimensions.last().map_or(0, |time| time.members.len());
        let mut filled = vec![absent(); size];
        let mut marks = Vec::new();
        for row in rows {
            let (mut at, mut of_row) = (0, Vec::with_capacity(axes.len() + 1));
            for (dimension, axis) in axes.iter().enumerate() {
                of_row.push(place(dimension, &axis.code(row))?);
                at = at * self.dimensions[dimension].members.len() + of_row[dimension];
            }
            let year = place(axes.len() + 1, &time.code(row))?;
            of_row.push(year);
            marks.extend(mark(self.contract, row).map(|mark| (of_row, mark)));
            for (measure, member) in self.dimensions[axes.len()].members.iter().enumerate() {
                let cell = self.contract.position(&member.code).and_then(|column| row.get(column));
                let cell = cell.ok_or_else(|| self.contract.fault("a measure without a column"))?;
                filled[(at * self.measures.len() + measure) * times + year] = cell.clone();
            }
        }
        self.cells = filled;
        self.marks = marks;
        Ok(())
    }
}

impl Axis<'_> {
    /// The code of a row: of time in quarters, both.
    fn code(&self, row: &[Cell]) -> String {
        let part = |&(column, _): &(usize, &Column)| match row.get(column) {
            Some(Cell::Text(text)) => text.clone(),
            Some(Cell::Whole(number)) => number.to_string(),
            _ => String::new(),
        };
        self.columns.iter().map(part).collect()
    }

    fn dimension(&self, contract: &Contract, rows: &[Vec<Cell>], labels: &Labels) -> Dimension {
        let column = self.columns[0].1;
        let named = contract.columns.iter().find(|c| self.role == Role::Area && is_area_name(c)).unwrap_or(column);
        let (mut code, mut title) = (column.name.clone(), [fit(&named.title), fit(&named.title_en)]);
        for (_, further) in &self.columns[1..] {
            code = format!("{code}_{}", further.name.trim_end_matches("_kod"));
            title[0] = format!("{} och {}", title[0], fit(&further.title).to_lowercase());
            title[1] = format!("{} and {}", title[1], fit(&further.title_en).to_lowercase());
        }
        let list = if self.role == Role::Area { "omrade" } else { column.code_list.as_deref().unwrap_or_default() };
        let codes: BTreeSet<String> = rows.iter().map(|row| self.code(row)).collect();
        let mut codes: Vec<String> = codes.into_iter().collect();
        codes.sort_by_key(|code| labels.place(list, code));
        let total = column.custom_text("totalkod").and_then(|total| codes.iter().position(|code| code == total));
        let member = |code: String| {
            let title = [fit(labels.title(list, &code)), fit(labels.title_en(list, &code))];
            Member { code, title }
        };
        let members = codes.into_iter().map(member).collect();
        Dimension { code, title, role: self.role, members, total, note: fit(&column.description) }
    }
}

/// The variables of the key less time, and time: the year, and the quarter where the table has one.
fn axes(contract: &Contract) -> Result<(Vec<Axis<'_>>, Axis<'_>)> {
    let (mut axes, mut time) = (Vec::new(), Vec::new());
    for key in contract.key() {
        let Some(column) = contract.position(&key.name) else { continue };
        if key.name == "ar" || key.name.ends_with("_ar") && time.is_empty() {
            time.insert(0, (column, key));
        } else if key.name == "kvartal_kod" {
            time.push((column, key));
        } else {
            let area = key.custom_text("kalla") == Some("omrade_kod");
            let role = if area { Role::Area } else { Role::Other };
            axes.push(Axis { columns: vec![(column, key)], role });
        }
    }
    if time.first().is_none_or(|(_, first)| first.name == "kvartal_kod") {
        return Err(contract.fault("its key has no year: a published table has exactly one variable of time"));
    }
    Ok((axes, Axis { columns: time, role: Role::Time }))
}

/// What is neither key, name of an area nor status.
fn measures(contract: &Contract) -> (Dimension, Vec<Measure>) {
    let is_measure = |c: &&Column| {
        c.key_position.is_none()
            && !is_area_name(c)
            && !matches!(c.code_list.as_deref(), Some("cellstatus" | "markering"))
    };
    let columns: Vec<&Column> = contract.columns.iter().filter(is_measure).collect();
    let measure = |column: &&Column| {
        let unit = column.custom_text("enhet").unwrap_or("antal");
        let english = UNITS.iter().find(|(swedish, _)| *swedish == unit).map_or(unit, |(_, english)| english);
        Measure {
            unit: [fit(unit), fit(english)],
            decimals: usize::from(decimals(column)),
            note: fit(&column.description),
        }
    };
    let member = |c: &&Column| Member { code: c.name.clone(), title: [fit(&c.title), fit(&c.title_en)] };
    let dimension = Dimension {
        code: MEASURES.into(),
        title: ["Mått".into(), "Measure".into()],
        role: Role::Measure,
        members: columns.iter().map(member).collect(),
        total: None,
        note: String::new(),
    };
    (dimension, columns.iter().map(measure).collect())
}

fn is_area_name(column: &Column) -> bool {
    column.custom_text("kalla") == Some("omrade_namn")
}

/// The remark of a row; none where its numbers are withheld, or it can have no remark.
fn mark(contract: &Contract, row: &[Cell]) -> Option<Mark> {
    let code = |list: &str| {
        let column = contract.columns.iter().position(|column| column.code_list.as_deref() == Some(list))?;
        if let Some(Cell::Text(code)) = row.get(column) { Some(code.as_str()) } else { None }
    };
    (code("cellstatus") == Some(PUBLISHED)).then(|| code("markering").and_then(Mark::of)).flatten()
}

/// What stands where the table has no row.
fn absent() -> Cell {
    Cell::Missing(Missing::KanEjForekomma)
}

/// The symbol of a cell that has no number.
pub fn symbol(cell: &Cell) -> Option<&'static str> {
    match cell {
        Cell::Missing(missing) => Some(missing.symbol()),
        _ => None,
    }
}

/// A note, which contracts have in Swedish only: in another language it says so.
pub fn in_swedish(note: &str, language: usize) -> String {
    if language == 0 { note.to_owned() } else { format!("In Swedish: {note}") }
}

/// A reason in words.
pub fn reason(missing: Missing, labels: &Labels, language: usize) -> &str {
    let title = if language == 0 { Labels::title } else { Labels::title_en };
    title(labels, "cellstatus", missing.code())
}

/// Which of the reasons a cube shows, in their order.
pub fn missing(cube: &Cube<'_>) -> Vec<Missing> {
    let shown: BTreeSet<&str> = cube.cells.iter().filter_map(symbol).collect();
    Missing::ALL.into_iter().filter(|missing| shown.contains(missing.symbol())).collect()
}

/// A text without the signs that PX or its readers cannot hold in a title, on one line.
pub fn fit(text: &str) -> String {
    let signs = text.replace('"', "”").replace(';', ",").replace('=', ":").replace('#', "nr ");
    signs.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Two of one title are told apart by their codes.
fn distinct(mut titles: Vec<(String, &mut Words)>) {
    for language in 0..LANGUAGES.len() {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        titles.iter().for_each(|(_, title)| *times.entry(title[language].clone()).or_default() += 1);
        for (code, title) in &mut titles {
            if times[&title[language]] > 1 || title[language].is_empty() {
                title[language] = format!("{} ({code})", title[language]).trim_start().to_owned();
            }
        }
    }
}
