//! Tables that others have stumbled over.

use super::country::{Size, contracts, country, now, settings};
use super::reader;
use crate::error::{Error, exit};
use crate::protect::{
    Cell, Missing, Relation, Rule, Sense, Status, System, Unit, Value, Witnesses, audit, choose, protect,
};

/// A system of counts where each deltagande is a person; a line is a whole and its parts.
pub fn system(values: &[i64], lines: &[&[usize]]) -> System {
    let wholes: Vec<usize> = lines.iter().map(|line| line[0]).collect();
    let cell = |(index, &value): (usize, &i64)| Cell {
        weight: (10 + value.unsigned_abs()) * if wholes.contains(&index) { 20 } else { 1 },
        ..Cell::count(value, value, 5)
    };
    let cells = values.iter().enumerate().map(cell).collect();
    let mut relations = Vec::new();
    for line in lines {
        for unit in [Unit::Deltaganden, Unit::Personer] {
            let terms = line.iter().enumerate().map(|(at, &cell)| (cell, if at == 0 { 1 } else { -1 }));
            relations.push(Relation::new(Sense::Equal, unit, terms));
        }
    }
    System::new(cells, relations).expect("the table adds up")
}

/// Rows 1–4 and columns 1–4 with their sums: cell 5·row + column, 0 for a sum.
fn square(inner: [[i64; 4]; 4]) -> System {
    let mut values = vec![0; 25];
    for (row, line) in inner.iter().enumerate() {
        for (column, value) in line.iter().enumerate() {
            for cell in [5 * (row + 1) + column + 1, 5 * (row + 1), column + 1, 0] {
                values[cell] += value;
            }
        }
    }
    let rows = (0..5).map(|row| (0..5).map(|column| 5 * row + column).collect::<Vec<_>>());
    let columns = (0..5).map(|column| (0..5).map(|row| 5 * row + column).collect::<Vec<_>>());
    let lines: Vec<Vec<usize>> = rows.chain(columns).collect();
    system(&values, &lines.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Two withheld in every row and column, and still one cell is known to the reader.
#[test]
fn two_in_every_row_and_column_are_not_enough() {
    let square = square([[21, 38, 55, 70], [82, 91, 14, 33], [60, 77, 49, 65], [58, 120, 41, 90]]);
    let mut status = vec![Status::Published; 25];
    for cell in [6, 7, 8, 11, 13, 17, 19, 22, 24] {
        status[cell] = Status::Secondary;
    }
    let report = audit(&square, &status, &Witnesses::new(25));
    let fixed = report.intervals.iter().find(|interval| interval.cell == 7).expect("the cell is withheld");
    assert!(!fixed.safe);
    assert_eq!(fixed.personer, (38, 38));
    let choice = choose(&square, status);
    assert_eq!(audit(&square, &choice.status, &choice.witnesses).unsafe_cells().count(), 0);
    assert!(choice.status.iter().filter(|s| s.withheld()).count() > 9);
}

/// Eight areas in two groupings: each table is safe by itself, together they fix one area.
#[test]
fn linked_tables_are_protected_together() {
    // 0 country; 1–8 areas; 9, 10 counties; 11, 12 small and large.
    let values = [36, 2, 2, 8, 8, 3, 3, 3, 7, 20, 16, 30, 6];
    let county: [&[usize]; 3] = [&[9, 1, 2, 3, 4], &[10, 5, 6, 7, 8], &[0, 9, 10]];
    let size: [&[usize]; 3] = [&[11, 1, 2, 3, 4, 5, 8], &[12, 6, 7], &[0, 11, 12]];
    let few = |value: i64| if value < 5 { Status::Secondary } else { Status::Published };
    let status: Vec<Status> = values.iter().map(|&value| few(value)).collect();
    let fixed = |lines: &[&[usize]]| {
        let system = system(&values, lines);
        (1..=8).filter(|&c| status[c].withheld()).any(|cell| {
            let (low, high) = reader::bounds(&system, &status, cell, Unit::Personer);
            high - low < 0.5
        })
    };
    assert!(!fixed(&county) && !fixed(&size));
    let both = [county, size].concat();
    assert!(fixed(&both));
    let joint = system(&values, &both);
    let primary: Vec<Status> = status
        .iter()
        .map(|s| if s.withheld() { Status::Primary(Rule::FewPersons) } else { Status::Published })
        .collect();
    let choice = choose(&joint, primary);
    assert_eq!(audit(&joint, &choice.status, &choice.witnesses).unsafe_cells().count(), 0);
    for cell in (0..values.len()).filter(|&c| matches!(choice.status[c], Status::Primary(_))) {
        let (low, high) = reader::bounds(&joint, &choice.status, cell, Unit::Personer);
        assert!(low < 1.0 + 1e-6 && high > 5.0 - 1e-6, "cell {cell}");
    }
}

/// Zeros alone hide nobody; marts that do not keep their own relations are refused before anything is shown.
#[test]
fn marts_that_do_not_add_up_are_refused() {
    let mut marts = country(Size { seed: 3, forbund: 3, years: 1, ended: 30 });
    let (_, release) = contracts(true);
    for row in marts.iter_mut().flat_map(|mart| &mut mart.rows) {
        (row.deltaganden, row.personer) = (0, 0);
    }
    let (protected, proof) = protect(marts.clone(), &release, &settings()).expect("nobody is there");
    assert!(proof.cells().is_empty());
    assert!(protected.tables().iter().flat_map(|t| t.rows()).all(|row| row.values()[0] == Value::Whole(0)));
    for (deltaganden, personer) in [(1, 2), (0, 1), (1, 0), (1, 1)] {
        let mut marts = marts.clone();
        let row = marts.iter_mut().flat_map(|mart| &mut mart.rows).next().expect("there are rows");
        (row.deltaganden, row.personer) = (deltaganden, personer);
        let error = protect(marts, &release, &settings()).expect_err("the row is not possible, or not in the sums");
        assert!(matches!(error, Error::Broken { .. }), "{error}");
        assert_eq!(error.exit_code(), exit::CONTRACT_BROKEN);
    }
}

/// Where everybody observed lives on the same, the zeros beside are withheld too.
#[test]
fn a_whole_group_is_not_shown() {
    let mut marts = country(Size { seed: 5, forbund: 6, years: 1, ended: 60 });
    // In f000 everybody had arbetsmarknadsstöd at intag: move those who had not, and those unknown, to "ja".
    let sheet = marts.iter_mut().find(|mart| mart.contract.name == "forsorjning").expect("it is drawn");
    let at = |rows: &[crate::protect::MartRow], level: &str, area: &str, value: &str, kon: &str| {
        let wanted = ["intag", "finsam3", "arbetsmarknadsstod", value, kon].map(str::to_owned);
        let is_it = |r: &crate::protect::MartRow| r.key[0] == level && r.key[1] == area && r.key[5..] == wanted;
        rows.iter().position(is_it).expect("it is dense")
    };
    let upper = [("forbund_nu", now("f000")), ("riket", "riket".to_owned())];
    for kon in ["kvinna", "man", "uppgift_saknas", "totalt"] {
        for value in ["nej", "okand"] {
            let own = |value| at(&sheet.rows, "forbund", "f000", value, kon);
            let (from, to) = (own(value), own("ja"));
            let moved = (sheet.rows[from].deltaganden, sheet.rows[from].personer);
            (sheet.rows[from].deltaganden, sheet.rows[from].personer) = (0, 0);
            sheet.rows[to].deltaganden += moved.0;
            sheet.rows[to].personer += moved.1;
            for (level, area) in &upper {
                let row = |value| at(&sheet.rows, level, area, value, kon);
                let (from, to) = (row(value), row("ja"));
                sheet.rows[from].deltaganden -= moved.0;
                sheet.rows[from].personer -= moved.1;
                sheet.rows[to].deltaganden += moved.0;
                sheet.rows[to].personer += moved.1;
            }
        }
    }
    // The components of the country no longer agree with its groups: leave them out.
    sheet.rows.retain(|row| row.key[6] == "finsam3");
    // Persons moved need not add up exactly; as many persons as deltaganden do.
    marts.iter_mut().flat_map(|mart| &mut mart.rows).for_each(|row| row.personer = row.deltaganden);
    let (_, release) = contracts(true);
    let (protected, proof) = protect(marts, &release, &settings()).expect("it can be protected");
    let table = protected.tables().iter().find(|t| t.contract().name == "forsorjning_forbund").expect("it is there");
    let key = ["f000", "2018", "nya_sus", "intag", "finsam3", "arbetsmarknadsstod", "nej", "totalt"];
    let key = key.map(str::to_owned);
    let row = table.rows().iter().find(|row| row.key() == key).expect("the row is there");
    assert_eq!(row.values()[0], Value::Missing(Missing::Sekretess));
    assert_eq!(row.values()[2], Value::Missing(Missing::Sekretess));
    assert!(proof.cells().iter().any(|cell| cell.reason == "hela_gruppen" && cell.low == 0 && cell.high >= 5));
}
