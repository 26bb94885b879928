//! Parameters from the code lists: the figures, not what is made of them.

use super::calendar::{Day, parsed};
use pipeline::contract::Catalogue;
use std::collections::BTreeMap;

/// A row of `codes.matpunkt`.
pub struct Point {
    pub code: String,
    pub from_start: bool,
    pub months: i32,
    pub days: i32,
    /// Month registers are asked for the month before.
    pub month_before: bool,
    /// Days of the window.
    pub window: i32,
}

/// A row of `codes.komponentkalla`.
pub struct Source {
    pub component: String,
    /// What its spells are called.
    pub spell: String,
    pub table: String,
    pub measure: String,
    /// Months from the month concerned to the month of payment.
    pub paid_after: i32,
    pub valid: Valid,
}

/// First and last day, where there are such.
#[derive(Clone, Copy)]
pub struct Valid(Option<Day>, Option<Day>);

impl Valid {
    pub fn on(self, day: Day) -> bool {
        self.0.is_none_or(|first| first <= day) && self.1.is_none_or(|last| day <= last)
    }
}

pub struct Component {
    pub code: String,
    pub public: bool,
    pub with_extent: bool,
    pub least_amount: i32,
}

pub struct Hierarchy {
    pub code: String,
    pub rule: String,
    pub first_day: Option<Day>,
    /// Groups in order.
    pub groups: Vec<String>,
    /// Component and its group, in order.
    pub steps: Vec<(String, String)>,
}

pub struct Codes {
    pub points: Vec<Point>,
    pub sources: Vec<Source>,
    pub components: Vec<Component>,
    pub hierarchies: Vec<Hierarchy>,
    /// From when, to when, days.
    pub sick_pay: Vec<(Valid, i32)>,
    /// Year and kronor.
    pub base_amounts: Vec<(i32, i64)>,
    /// Code, over this many base amounts, up to this many.
    pub levels: Vec<(String, Option<i64>, Option<i64>)>,
    pub grades: Vec<(String, i32)>,
    /// Code, its dates, SCB's group.
    pub categories: Vec<(String, Valid, String)>,
}

type Row = BTreeMap<String, String>;

fn rows(catalogue: &Catalogue, list: &str) -> Vec<Row> {
    let list = catalogue.code_list(list).expect("the code list is there");
    let row = |cells: &Vec<String>| list.columns.iter().cloned().zip(cells.iter().cloned()).collect();
    let mut rows: Vec<Row> = list.rows.iter().map(row).collect();
    rows.sort_by_key(|row| row.get("rang_nr").map_or(0, |text| text.parse::<i32>().unwrap_or(0)));
    rows
}

fn number(row: &Row, column: &str) -> i32 {
    row[column].parse().expect("a figure")
}

fn some_number<T: std::str::FromStr>(row: &Row, column: &str) -> Option<T> {
    row[column].parse().ok()
}

fn some_day(row: &Row, column: &str) -> Option<Day> {
    Some(&row[column]).filter(|text| !text.is_empty()).map(|text| parsed(text))
}

fn valid(row: &Row) -> Valid {
    Valid(some_day(row, "giltig_fran_datum"), some_day(row, "giltig_till_datum"))
}

impl Codes {
    pub fn read(catalogue: &Catalogue) -> Codes {
        let all = |list: &str| rows(catalogue, list);
        let sources = all("komponentkalla").into_iter().map(|row| Source {
            component: row["komponent_kod"].clone(),
            spell: row["spell_komponent_kod"].clone(),
            table: row["tabell_namn"].clone(),
            measure: row["matning_kod"].clone(),
            paid_after: number(&row, "utbetalning_manader_antal"),
            valid: valid(&row),
        });
        let points = all("matpunkt").into_iter().map(|row| Point {
            code: row["kod"].clone(),
            from_start: row["ankare_kod"] == "start",
            months: number(&row, "manader_antal"),
            days: number(&row, "dagar_antal"),
            month_before: row["manadsregister_kod"] == "foregaende",
            window: number(&row, "fonster_dagar_antal"),
        });
        let components = all("komponent").into_iter().map(|row| Component {
            code: row["kod"].clone(),
            public: row["offentlig_kod"] == "J",
            with_extent: row["omfattning_kod"] == "J",
            least_amount: some_number(&row, "belopp_minst_antal").unwrap_or(0),
        });
        let levels = all("inkomstniva");
        let level = |row: &Row| (row["kod"].clone(), some_number(row, "ibb_fran_nr"), some_number(row, "ibb_till_nr"));
        let amounts = all("inkomstbasbelopp");
        let amount = |row: &Row| (number(row, "ar_nr"), i64::from(number(row, "belopp_antal")));
        let categories = all("af_sokandekategori");
        let category = |row: &Row| (row["kod"].clone(), valid(row), row["scb_grupp_kod"].clone());
        Codes {
            points: points.collect(),
            sources: sources.collect(),
            components: components.collect(),
            hierarchies: hierarchies(catalogue),
            sick_pay: all("sjukloneperiod").iter().map(|row| (valid(row), number(row, "dagar_antal"))).collect(),
            base_amounts: amounts.iter().map(amount).collect(),
            levels: levels.iter().map(level).collect(),
            grades: all("fk_grad").iter().map(|row| (row["kod"].clone(), number(row, "omfattning_promille"))).collect(),
            categories: categories.iter().map(category).collect(),
        }
    }

    pub fn component(&self, code: &str) -> &Component {
        self.components.iter().find(|component| component.code == code).expect("a component of the list")
    }
}

fn hierarchies(catalogue: &Catalogue) -> Vec<Hierarchy> {
    let (groups, steps) = (rows(catalogue, "hierarkigrupp"), rows(catalogue, "hierarkisteg"));
    let own = |rows: &[Row], code: &str| -> Vec<Row> {
        rows.iter().filter(|row| row["hierarki_kod"] == code).cloned().collect()
    };
    let hierarchy = |row: Row| Hierarchy {
        groups: own(&groups, &row["kod"]).iter().map(|group| group["grupp_kod"].clone()).collect(),
        steps: own(&steps, &row["kod"])
            .iter()
            .map(|step| (step["komponent_kod"].clone(), step["grupp_kod"].clone()))
            .collect(),
        rule: row["regel_kod"].clone(),
        first_day: some_day(&row, "giltig_fran_datum"),
        code: row["kod"].clone(),
    };
    rows(catalogue, "hierarki").into_iter().map(hierarchy).collect()
}
