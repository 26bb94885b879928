//! Time and quality at the size of a country.

use super::country::{Size, contracts, country, settings};
use crate::protect::protect;
use std::time::Instant;

fn measure(name: &str, size: Size, whole: bool) {
    let marts = country(size);
    let rows: usize = marts.iter().map(|m| m.rows.len()).sum();
    let (_, release) = contracts(whole);
    let started = Instant::now();
    let result = protect(marts, &release, &settings());
    let took = started.elapsed();
    match result {
        Err(error) => eprintln!("{name}: {rows} rows, {took:?}: {error}"),
        Ok((protected, proof)) => {
            eprintln!(
                "{name}: {rows} rows, {} cells, {} relations, {} primary, {} secondary, {} witnesses, {} programs, \
                 {took:?}",
                proof.cell_count,
                proof.relation_count,
                proof.primary_count,
                proof.secondary_count,
                proof.witness_count,
                proof.program_count
            );
            for table in protected.tables() {
                let withheld = table.rows().iter().filter(|row| row.values()[0].number().is_none()).count();
                eprintln!("  {:22} {:6} rows {withheld:6} withheld", table.contract().name, table.rows().len());
            }
        }
    }
}

#[test]
#[ignore = "a measurement: cargo test --release --lib protect::tests::scale -- --ignored --nocapture"]
fn measures_a_country() {
    for (name, years, ended) in [("one year", 1, 200), ("the country", 5, 200), ("a tenth of it", 5, 20)] {
        for whole in [false, true] {
            let name = format!("{name}, {}", if whole { "every row" } else { "as the contracts show it" });
            measure(&name, Size { seed: 1, forbund: 75, years, ended }, whole);
        }
    }
}
