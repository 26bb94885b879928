//! Rows per second and peak memory of the readers that the full-population bench does not reach, with the share of
//! each part of the work. Measured by `make bench`, on the program itself, from outside.

use crate::memory::watch;
use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, day, numbers};
use pipeline::generate::{DeliveryWriter, Leverans};
use std::process::{Command, Stdio};

const PEOPLE: usize = 500;

/// A participant's rows of a register, each of a day of its own: contract, column of the number, column and form of the
/// day, rows.
const REGISTERS: [(&str, Option<&str>, &str, &str, usize); 3] = [
    ("fk_sjukpenning", Some("personnummer"), "fran_datum", "%Y%m%d", 2_000_000),
    ("fk_sjukersattning", Some("personnummer"), "fran_datum", "%Y-%m-%d", 1_000_000),
    ("lokal_uppfoljning", None, "utskrivning_datum", "%Y-%m-%d", 200_000),
];

fn long(table: &str, person: Option<&str>, (column, form): (&str, &str), rows: usize) -> Root {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    std::fs::remove_dir_all(root.path.join("deliveries/kommun")).expect("ours");
    let people = numbers(PEOPLE);
    let participant = |(row, number): (usize, &String)| -> Cells<'static> {
        vec![("deltagande_id", format!("D{row:07}")), ("personnummer", number.clone())]
    };
    let participants: Vec<Cells<'_>> = people.iter().enumerate().map(participant).collect();
    root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &participants);
    let contract = contract(&catalogue, table);
    let mut writer = DeliveryWriter::create(&contract, &root.path.join("deliveries"), day(UTTAG)).expect("a layout");
    for row in 0..rows {
        let date = day("2008-01-01") + chrono::Days::new((row / PEOPLE) as u64 % 5000);
        let date = date.format(form).to_string();
        let mut cells = vec![(column, date.as_str())];
        cells.extend(person.map(|person| (person, people[row % PEOPLE].as_str())));
        writer.row(&cells).expect("the row fits");
    }
    writer.finish(&Leverans::of_all(day("2008-01-01"), day("2023-06-30"))).expect("writable");
    root
}

#[test]
#[ignore = "a measurement, for make bench"]
fn rates() {
    for (table, person, column, form, rows) in REGISTERS {
        let root = long(table, person, (column, form), rows);
        let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
        command.args(["run", "--root"]).arg(&root.path).arg("--key-file").arg(&root.key);
        let talk = root.folder.path().join("tal");
        let file = std::fs::File::create(&talk).expect("writable");
        let child = command.stderr(Stdio::from(file)).stdout(Stdio::null()).spawn().expect("the program starts");
        let (_, peak) = watch(child);
        let said = std::fs::read_to_string(&talk).expect("it was told");
        let mut lines = said.lines().skip_while(|line| !line.starts_with(table));
        let line = lines.next().unwrap_or_default();
        let parts = lines.next().map(str::trim).filter(|parts| parts.starts_with("thread seconds")).unwrap_or_default();
        let seconds: f64 = line.split_whitespace().nth(2).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
        let rate = rows as f64 / seconds;
        println!("rates: {table} {rows} rows, {rate:.0} rows/s, peak {} MiB; {parts}", peak >> 10);
        assert_eq!(root.receipt(table, UTTAG).rows, rows as u64, "{said}");
    }
}
