//! The small country of `tests/golden/land.md`: its lines, and the deliveries that say the same.

use super::root::{Cells, Root, UTTAG, contract, numbers};
use chrono::{Days, Months, NaiveDate};
use pipeline::contract::Catalogue;

/// So many persons who left an insats the same day and lived on the same.
#[derive(Clone, Debug)]
pub struct Line {
    pub count: usize,
    pub forbund: String,
    pub kon: String,
    pub slut: NaiveDate,
    /// At intag, avslut and six months after.
    pub means: [Vec<String>; 3],
    pub note: String,
}

impl Line {
    pub fn start(&self) -> NaiveDate {
        self.slut - Months::new(9)
    }

    /// The days of the three mätpunkter.
    fn days(&self) -> [NaiveDate; 3] {
        [self.start() - Days::new(1), self.slut + Days::new(1), self.slut + Months::new(6)]
    }
}

pub fn lines() -> Vec<Line> {
    let text = include_str!("../golden/land.md");
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let means = |at: usize| cells[at].split_whitespace().map(str::to_owned).collect();
        Line {
            count: cells[0].parse().expect("a count"),
            forbund: cells[1].into(),
            kon: cells[2].into(),
            slut: cells[3].parse().expect("a date"),
            means: [means(4), means(5), means(6)],
            note: cells[7].into(),
        }
    })
    .collect()
}

/// Every delivery of the country, in its true format.
pub struct Land<'a> {
    catalogue: &'a Catalogue,
    pub root: Root,
}

impl<'a> Land<'a> {
    pub fn new(catalogue: &'a Catalogue) -> Land<'a> {
        let land = Land { catalogue, root: Root::new() };
        let lines = lines();
        land.reference(&lines);
        land.people(&lines);
        land
    }

    fn deliver(&self, table: &str, rows: &[Cells<'_>]) {
        let period =
            if table == "sus_deltagande" { ("2021-01-01", "2022-01-01") } else { ("2020-01-01", "2023-06-30") };
        self.root.deliver_period(&contract(self.catalogue, table), UTTAG, period, rows);
    }

    fn reference(&self, lines: &[Line]) {
        let mut forbund: Vec<&str> = lines.iter().map(|line| line.forbund.as_str()).collect();
        forbund.sort_unstable();
        forbund.dedup();
        let of = |rows: &dyn Fn(&str) -> Cells<'static>| forbund.iter().map(|id| rows(id)).collect::<Vec<_>>();
        let from = || ("giltig_fran_datum", "2004-01-01".to_owned());
        let named = |id: &str| vec![("forbund_id", id.to_owned()), ("forbund_namn", format!("Förbund {id}"))];
        self.deliver("forbund", &of(&|id| [named(id), vec![from()]].concat()));
        self.deliver("sus_forbund", &of(&named));
        let member = |id: &str| vec![("forbund_id", id.to_owned()), ("kommun_kod", "0180".to_owned()), from()];
        self.deliver("forbund_kommun", &of(&member));
        let insats = |id: &str| vec![("insats_id", format!("I{id}")), ("forbund_id", id.to_owned())];
        self.deliver("sus_insats", &of(&insats));
        let kommun =
            vec![("kommun_kod", "0180".into()), ("kommun_namn", "Stockholm".into()), ("lans_kod", "01".into())];
        self.deliver("kommun", &[kommun]);
        let months: Vec<Cells<'_>> = (0..42)
            .map(|month| {
                let manad = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day") + Months::new(month);
                let manad = manad.format("%Y%m").to_string();
                vec![("kommun_kod", "0180".to_owned()), ("manad", manad), ("rapporterad_kod", "J".to_owned())]
            })
            .collect();
        self.deliver("bistand_tackning", &months);
    }

    fn people(&self, lines: &[Line]) {
        let mut fresh = numbers(lines.iter().map(|line| line.count).sum()).into_iter();
        let (mut deltagande, mut folk, mut dag, mut bistand, mut agi, mut anonyma) =
            (vec![], vec![], vec![], vec![], vec![], vec![]);
        let mut known: Vec<String> = Vec::new();
        for line in lines {
            if line.note == "anonym" {
                let count = |kon: &str| if line.kon == kon { line.count.to_string() } else { "0".into() };
                anonyma.push(vec![
                    ("insats_id", format!("I{}", line.forbund)),
                    ("ar", "2021".to_owned()),
                    ("kvinnor_antal", count("K")),
                    ("man_antal", count("M")),
                ]);
                continue;
            }
            if line.note != "igen" {
                known = fresh.by_ref().take(line.count).collect();
                folk.extend(known.iter().map(|number| person(line, number)));
            }
            for number in known.iter().take(line.count) {
                deltagande.push(vec![
                    ("deltagande_id", format!("D{:05}", deltagande.len())),
                    ("insats_id", format!("I{}", line.forbund)),
                    ("personnummer", number.clone()),
                    ("start_datum", line.start().to_string()),
                    ("slut_datum", line.slut.to_string()),
                ]);
                for (point, (means, day)) in line.means.iter().zip(line.days()).enumerate() {
                    // At intag the registers of months say the month before.
                    let month = if point == 0 { line.start() - Months::new(1) } else { day };
                    for means in means {
                        match means.as_str() {
                            "sp" | "rp" => dag.push(sick(number, means, day)),
                            "eb" => bistand.push(support(number, month)),
                            "lön" => agi.push(pay(number, month)),
                            other => panic!("{other} is no means of support"),
                        }
                    }
                }
            }
        }
        for rows in [&mut dag, &mut bistand, &mut agi] {
            rows.sort();
            rows.dedup();
        }
        self.deliver("sus_deltagande", &deltagande);
        self.deliver("folkbokforing", &folk);
        self.deliver("fk_sjukpenning", &dag);
        self.deliver("ekonomiskt_bistand", &bistand);
        self.deliver("agi", &agi);
        self.deliver("sus_anonyma", &anonyma);
    }
}

fn person(line: &Line, number: &str) -> Cells<'static> {
    let mut row = vec![
        ("personnummer", number.to_owned()),
        ("kon_kod", line.kon.clone()),
        ("kommun_kod", "0180".to_owned()),
        ("giltig_fran_datum", "2000-01-01".to_owned()),
    ];
    let code = match line.note.as_str() {
        "avliden" => "AV",
        "utvandrad" => "UV",
        _ => return row,
    };
    let day = line.slut + Months::new(2);
    row.push(("avregistrering_kod", code.to_owned()));
    row.push(("avregistrering_datum", day.format("%Y%m%d").to_string()));
    row
}

fn sick(number: &str, means: &str, day: NaiveDate) -> Cells<'static> {
    let form = |day: NaiveDate| day.format("%Y%m%d").to_string();
    vec![
        ("personnummer", number.to_owned()),
        ("forman_kod", means.to_uppercase()),
        ("fran_datum", form(day)),
        ("till_datum", form(day)),
        ("omfattning_procent", "100".to_owned()),
    ]
}

fn support(number: &str, month: NaiveDate) -> Cells<'static> {
    vec![
        ("ar", month.format("%Y").to_string()),
        ("manad_nr", month.format("%-m").to_string()),
        ("kommun_kod", "0180".to_owned()),
        ("belopp_antal", "9000".to_owned()),
        ("personnummer_1", number.to_owned()),
    ]
}

fn pay(number: &str, month: NaiveDate) -> Cells<'static> {
    vec![
        ("personnummer", number.to_owned()),
        ("manad", month.format("%Y%m").to_string()),
        ("specifikation_nr", "1".to_owned()),
        ("ersattning_arbete_antal", "20000".to_owned()),
    ]
}
