//! Laws of ingest: order does not matter, a bad row changes only the count of faults, and the readers agree.

use super::SECRET;
use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, numbers, take};
use arrow::util::display::array_value_to_string;
use pipeline::contract::{Catalogue, Severity};
use pipeline::ingest::Taken;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Every row that was kept, as text by column; without its place in the file.
pub fn kept(taken: &[Taken]) -> Vec<String> {
    let mut rows = Vec::new();
    for part in taken {
        for row in 0..part.rows.len() {
            let text = |array: &dyn arrow::array::Array| array_value_to_string(array, row).expect("a value");
            let mut cells: BTreeMap<&str, String> = BTreeMap::new();
            // The delivered text of an identity is held until the batch is written; the pseudonym stands for it.
            let plain = part.columns.iter().filter(|(name, _)| !part.pseudonyms.contains_key(*name));
            cells.extend(plain.map(|(name, array)| (name.as_str(), text(array.as_ref()))));
            cells.extend(part.pseudonyms.iter().map(|(name, array)| (name.as_str(), text(array))));
            rows.push(format!("{cells:?}"));
        }
    }
    rows.sort();
    rows
}

/// A row of sjukpenning: person, start, length, extent, gross days, net days in quarters.
type Drawn = (usize, u32, Option<u32>, usize, Option<u16>, Option<u16>);

fn row() -> impl Strategy<Value = Drawn> {
    let length = proptest::option::weighted(0.8, 0u32..28);
    (0usize..40, 0u32..1800, length, 0usize..4, proptest::option::of(0u16..366), proptest::option::of(0u16..1000))
}

fn rows() -> impl Strategy<Value = Vec<Cells<'static>>> {
    proptest::collection::vec(row(), 1..60).prop_map(|drawn| {
        let numbers = numbers(40);
        let first = crate::support::root::day("2018-01-01");
        let date = |days: u32| (first + chrono::Days::new(u64::from(days))).format("%Y%m%d").to_string();
        let cells = |(person, from, length, extent, gross, net): Drawn| {
            vec![
                ("personnummer", numbers[person].clone()),
                ("fran_datum", date(from)),
                ("till_datum", length.map_or(String::new(), |days| date(from + days))),
                ("omfattning_procent", ["25", "50", "75", "100"][extent].to_owned()),
                ("brutto_dagar_antal", gross.map_or(String::new(), |days| days.to_string())),
                ("netto_dagar_antal", net.map_or(String::new(), |days| (f64::from(days) / 4.0).to_string())),
            ]
        };
        // A key is delivered once: person, day and extent.
        let mut seen = std::collections::BTreeSet::new();
        drawn.into_iter().filter(|row| seen.insert((row.0, row.1, row.3))).map(cells).collect()
    })
}

/// Sjukpenning with decimal points, in one of the formats.
pub fn in_format(format: &str) -> Catalogue {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a file of the repository");
    let (path, core) = ("data-contracts/deliveries/fk_sjukpenning.yaml", "data-contracts/core/fk_sjukpenning.yaml");
    let layout = format!(
        "- {{property: format, value: {format}}}\n  - {{property: avgransare, value: ;}}\n  \
         - {{property: blad, value: Blad1}}"
    );
    let text = read(path)
        .replace("- {property: format, value: fastbredd}", &layout)
        .replace("{property: decimaltecken, value: \",\"}", "{property: decimaltecken, value: .}");
    let has_header = format != "fastbredd" && format != "parquet";
    let text = text.replace("rubrikrad, value: false", &format!("rubrikrad, value: {has_header}"));
    let codes = ["fk_forman", "fk_omfattning"].map(|name| format!("data-contracts/codes/{name}.csv"));
    let files = codes.into_iter().map(|path| (path.clone(), read(&path)));
    Catalogue::from_files(files.chain([(path.to_owned(), text), (core.to_owned(), read(core))])).expect("sound")
}

fn deliver(catalogue: &Catalogue, rows: &[Cells<'_>]) -> (u64, u64, Vec<String>) {
    let root = Root::new();
    let folder = root.deliver(&contract(catalogue, "fk_sjukpenning"), UTTAG, rows);
    let (intake, taken) = take(catalogue, &folder);
    (intake.rows, intake.faults.total(Severity::Reject), kept(&taken))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_does_not_matter(rows in rows(), turn in 0usize..60) {
        let catalogue = catalogue();
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        turned.reverse();
        let (given, found) = (deliver(&catalogue, &rows), deliver(&catalogue, &turned));
        prop_assert_eq!(given.2.len(), rows.len());
        prop_assert_eq!(given, found);
    }

    #[test]
    fn a_bad_row_changes_only_the_count_of_faults(rows in rows(), at in 0usize..60, bad in 0usize..4) {
        let catalogue = catalogue();
        let (column, text) = [
            ("personnummer", "184011302398"),
            ("fran_datum", "20190230"),
            ("forman_kod", "XX"),
            ("till_datum", "20170101"),
        ][bad];
        let mut worse = rows.clone();
        let spare = numbers(41).pop().expect("a number");
        let row = vec![("personnummer", spare), (column, text.to_owned())];
        worse.insert(at % (rows.len() + 1), row);
        let (given, found) = (deliver(&catalogue, &rows), deliver(&catalogue, &worse));
        prop_assert_eq!((given.0 + 1, given.1 + 1, given.2), found);
    }

    #[test]
    fn the_readers_agree(rows in rows()) {
        let formats = ["fastbredd", "avgransad", "xlsx", "parquet"];
        let found = formats.map(|format| deliver(&in_format(format), &rows));
        prop_assert_eq!(found[0].2.len(), rows.len());
        for (format, other) in formats.iter().zip(&found).skip(1) {
            prop_assert_eq!(&found[0], other, "{} differs", format);
        }
        prop_assert!(found[0].2.iter().all(|row| !row.contains(SECRET)));
    }
}
