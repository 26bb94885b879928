//! Marts that are perturbed or rounded: what a release shows of them, and what a contract may not say.

use super::country::Dice;
use crate::contract::Contract;
use crate::error::Error;
use crate::layer::Layer;
use crate::protect::cell_key::KEYS;
use crate::protect::{Mark, MartRow, MartTable, Proof, Protected, Settings, Vintage, protect, protect_after};
use std::collections::BTreeMap;
use std::sync::Arc;

const AREAS: [&str; 3] = ["norr", "soder", "totalt"];
const SEXES: [&str; 3] = ["kvinna", "man", "totalt"];
const CELL_KEY: &str = "
  - {property: metod, value: cellnyckel}
  - {property: brus, value: {hogst: 5, varians: 4}}";
const ROUNDED: &str = "
  - {property: avrundning, value: 5}";
const SUMS: &str = "
  - property: relationer
    value:
      - {slag: summa, kolumn: omrade_kod, personer: lika}
      - {slag: summa, kolumn: kon_kod, personer: lika}";

/// A mart of areas and sexes, with a cell key and whatever else is to stand in its contract.
fn mart(name: &str, columns: &str, policy: &str) -> Arc<Contract> {
    let head = format!("id: mart.{name}\nname: {name}");
    let yaml = table(&head, name, &format!("{}{columns}", KEY.replace("TOTAL", "totalt")), &format!("{SUMS}{policy}"));
    Arc::new(Contract::parse(Layer::Mart, name, &yaml).unwrap_or_else(|error| panic!("{error}")))
}

fn release(name: &str) -> Arc<Contract> {
    let share = "
      - {name: andel, businessName: Andel, logicalType: number, physicalType: DOUBLE, required: false,
         customProperties: [{property: titelEn, value: A}, {property: beraknas, value: {slag: andel, inom: kon_kod}}]}
      - {name: status_kod, businessName: S, logicalType: string, physicalType: VARCHAR, required: true,
         customProperties: [{property: titelEn, value: S}, {property: kodlista, value: cellstatus}]}";
    let (head, policy) =
        (format!("id: release.{name}_alla\nname: {name}_alla"), format!("\n  - {{property: mart, value: {name}}}"));
    let yaml = table(&head, &format!("{name}_alla"), share, &policy);
    Arc::new(Contract::parse(Layer::Release, &format!("{name}_alla"), &yaml).unwrap_or_else(|error| panic!("{error}")))
}

const KEY: &str = "
      - {name: cellnyckel_nr, businessName: N, logicalType: integer, physicalType: BIGINT, required: true,
         customProperties: [{property: titelEn, value: N}, {property: matt, value: cellnyckel}]}";

fn table(head: &str, name: &str, columns: &str, policy: &str) -> String {
    let key = |column: &str, place: u8| {
        format!(
            "
      - {{name: {column}, businessName: K, logicalType: string, physicalType: VARCHAR, required: true,
         primaryKey: true, primaryKeyPosition: {place},
         customProperties: [{{property: titelEn, value: K}}, {{property: totalkod, value: totalt}}]}}"
        )
    };
    let count = |column: &str, matt: &str| {
        format!(
            "
      - {{name: {column}, businessName: A, logicalType: integer, physicalType: BIGINT, required: false,
         customProperties: [{{property: titelEn, value: A}}, {{property: matt, value: {matt}}}]}}"
        )
    };
    let (area, sex) = (key("omrade_kod", 1), key("kon_kod", 2));
    let (deltaganden, personer) = (count("deltaganden_antal", "deltaganden"), count("personer_antal", "personer"));
    format!(
        "apiVersion: v3.2.0\nkind: DataContract\n{head}\nversion: 1.0.0\nstatus: active\ndomain: samordning
dataProduct: finsam\ndescription:\n  purpose: Prov.\nschema:\n  - name: {name}\n    businessName: Prov
    description: Prov.\n    dataGranularityDescription: en rad\n    customProperties:
      - {{property: titelEn, value: Trial}}\n    properties:{area}{sex}{deltaganden}{personer}{columns}
customProperties:\n  - {{property: troskel, value: 5}}{policy}\n"
    )
}

/// Area, sex, record key and deltaganden of persons.
type People = Vec<(usize, usize, i64, i64)>;

fn people(count: usize) -> People {
    let mut dice = Dice(7);
    let person = |_| {
        let (area, sex) = (dice.below(2) as usize, usize::from(dice.below(12) == 0));
        (area, sex, (dice.below(1 << 16) << 16 | dice.below(1 << 16)) as i64, 1 + i64::from(dice.below(9) == 0))
    };
    (0..count).map(person).collect()
}

fn counted(contract: &Arc<Contract>, people: &People) -> MartTable {
    let mut rows = Vec::new();
    for (a, area) in AREAS.iter().enumerate() {
        for (s, sex) in SEXES.iter().enumerate() {
            let of = |held: &&(usize, usize, i64, i64)| (a == 2 || held.0 == a) && (s == 2 || held.1 == s);
            let within: Vec<_> = people.iter().filter(of).collect();
            rows.push(MartRow {
                key: vec![(*area).to_owned(), (*sex).to_owned()],
                deltaganden: within.iter().map(|held| held.3).sum(),
                personer: within.len() as i64,
                further: vec![within.iter().map(|held| held.2).sum::<i64>() % KEYS],
            });
        }
    }
    MartTable { contract: contract.clone(), rows }
}

fn protected(marts: &[(&Arc<Contract>, &People)]) -> Result<(Protected, Proof), Error> {
    let releases: Vec<_> = marts.iter().map(|(contract, _)| release(&contract.name)).collect();
    let tables = marts.iter().map(|(contract, people)| counted(contract, people)).collect();
    protect(tables, &releases, &Settings::default())
}

type Shown = BTreeMap<Vec<String>, (i64, i64)>;

fn shown(protected: &Protected, at: usize) -> Shown {
    let rows = protected.tables()[at].rows().iter();
    rows.map(|row| {
        let number = |at: usize| row.values()[at].number().expect("nothing is withheld") as i64;
        (row.key().to_vec(), (number(0), number(1)))
    })
    .collect()
}

#[test]
fn the_same_persons_have_the_same_noise_in_every_table_and_order() {
    let (one, two) = (mart("ett", "", CELL_KEY), mart("tva", "", CELL_KEY));
    let mut people = people(300);
    let (first, proof) = protected(&[(&one, &people), (&two, &people)]).expect("both are perturbed");
    assert_eq!(shown(&first, 0), shown(&first, 1));
    assert_eq!((proof.cells().len(), proof.relation_count), (0, 0), "nothing is withheld, nothing is exact");
    people.reverse();
    let mut tables: Vec<MartTable> = [&two, &one].map(|contract| counted(contract, &people)).into();
    tables.iter_mut().for_each(|table| table.rows.reverse());
    let again = protect(tables, &[release("ett")], &Settings::default()).expect("perturbed").0;
    assert_eq!(shown(&again, 0), shown(&first, 0));
    // One person more is other noise, as far as the table of it has more than one.
    people.push((0, 0, 123_456_789, 1));
    let others = shown(&protected(&[(&one, &people)]).expect("perturbed").0, 0);
    let soder = |shown: &Shown| shown[&vec!["soder".to_owned(), "totalt".to_owned()]];
    assert_eq!(soder(&others), soder(&shown(&first, 0)), "whom it does not count, it does not hang on");
}

#[test]
fn every_row_and_table_says_that_it_is_perturbed() {
    let people = people(300);
    for (policy, mark, word) in
        [(CELL_KEY, Mark::Perturbed, "cellnyckelmetoden"), (ROUNDED, Mark::Rounded, "avrundade")]
    {
        let contract = mart("ett", "", policy);
        let (protected, _) = protected(&[(&contract, &people)]).expect("no relation is exact");
        let table = &protected.tables()[0];
        assert!(table.contract().description.contains(word), "{}", table.contract().description);
        assert!(table.rows().iter().all(|row| row.mark() == mark && row.status() == "publicerad"));
        for row in table.rows() {
            let counts = shown(&protected, 0);
            let whole = counts[&vec![row.key()[0].clone(), "totalt".to_owned()]].0;
            let part = counts[row.key()].0;
            let share = row.values()[2].number().expect("there is somebody everywhere");
            assert!((share - 100.0 * part as f64 / whole as f64).abs() < 0.051, "shares are of what is shown");
        }
    }
}

#[test]
fn neither_counts_nor_keys_reach_the_ledger() {
    let (people, contract) = (people(300), mart("ett", "", CELL_KEY));
    let releases = [release("ett")];
    let mut tables = vec![counted(&contract, &people)];
    let truth = counted(&contract, &people);
    let first = protect_after(&mut tables, &releases, &Settings::default(), &[]).expect("perturbed");
    let (entered, _) = &first.entry.tables[0];
    assert!(entered.rows.iter().all(|row| row.further == [0]));
    assert!(entered.rows.iter().zip(&truth.rows).any(|(held, own)| held.personer != own.personer));
    // With that vintage behind, the next is protected as before: what is shown is what was known.
    let history = [Vintage { name: "ar2022".into(), ..first.entry }];
    let mut tables = vec![counted(&contract, &people)];
    let second = protect_after(&mut tables, &releases, &Settings::default(), &history).expect("perturbed");
    assert_eq!(shown(&second.protected, 0), shown(&first.protected, 0));
    assert_eq!(second.changed, 0);
}

#[test]
fn true_counts_are_still_held_to_the_relations() {
    let contract = mart("ett", "", CELL_KEY);
    let mut table = counted(&contract, &people(300));
    table.rows[0].personer -= 1;
    let error = protect(vec![table], &[release("ett")], &Settings::default()).expect_err("a sum is broken");
    assert!(matches!(error, Error::Broken { .. }), "{error}");
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let people = people(300);
    let key = "{property: matt, value: cellnyckel}";
    let exact = "
      - {name: dagar_summa, businessName: D, logicalType: integer, physicalType: BIGINT, required: true,
         customProperties: [{property: titelEn, value: D}, {property: matt, value: summa}]}";
    let cases = [
        ("", "\n  - {property: metod, value: brus}", "undertryckning or cellnyckel"),
        ("", "\n  - {property: metod, value: 3}", "undertryckning or cellnyckel"),
        ("", "\n  - {property: metod, value: cellnyckel}", "lacks brus"),
        ("", &CELL_KEY.replace("hogst: 5", "hogst: 4"), "few must be able to become enough"),
        ("", &CELL_KEY.replace("varians: 4", "varians: 10"), "even odds"),
        ("", &format!("{CELL_KEY}{ROUNDED}"), "two methods"),
        ("", &ROUNDED.replace('5', "4"), "at least troskel"),
        ("", &format!("{CELL_KEY}\n  - {{property: skydd, value: oppet}}\n  - {{property: skal, value: x}}"), "people"),
        (exact, CELL_KEY, "dagar_summa is exact"),
        (exact, ROUNDED, "dagar_summa is exact"),
    ];
    for (columns, policy, reason) in cases {
        let contract = mart("ett", columns, policy);
        let error = protected(&[(&contract, &people)]).expect_err(reason);
        assert!(matches!(&error, Error::Contract { reason: said, .. } if said.contains(reason)), "{reason}: {error}");
    }
    // The measure is what it must be, and no table shows it.
    let lacking =
        Contract { columns: mart("ett", "", CELL_KEY).columns[..4].to_vec(), ..(*mart("ett", "", CELL_KEY)).clone() };
    let error = protected(&[(&Arc::new(lacking), &people)]).expect_err("no key");
    assert!(error.to_string().contains("lacks a measure"), "{error} ({key})");
}

#[test]
fn exact_and_perturbed_marts_are_not_linked() {
    let people = people(300);
    let link = |mart: &str| format!("\n      - {{slag: hogst, dar: {{kon_kod: [man]}}, mart: {mart}}}");
    for (one, two) in [(CELL_KEY, ""), ("", CELL_KEY), (CELL_KEY, ROUNDED), (ROUNDED, "")] {
        let linked = mart("ett", "", &format!("{}{one}", link("tva")));
        let other = mart("tva", "", two);
        let error = protected(&[(&linked, &people), (&other, &people)]).expect_err("methods are mixed");
        let said = error.to_string();
        assert!(said.contains("one method") && said.contains("utkast"), "{said}");
    }
    let other_noise = CELL_KEY.replace("varians: 4", "varians: 3");
    let linked = mart("ett", "", &format!("{}{CELL_KEY}", link("tva")));
    assert!(protected(&[(&linked, &people), (&mart("tva", "", &other_noise), &people)]).is_err());
    assert!(protected(&[(&linked, &people), (&mart("tva", "", CELL_KEY), &people)]).is_ok());
    assert!(protected(&[(&linked, &people)]).is_ok(), "what is not in the release is no total beside it");
}

/// A threshold that the settings raise is kept by both methods.
#[test]
fn a_raised_threshold_raises_noise_and_base() {
    let people = people(60);
    for policy in [CELL_KEY, ROUNDED] {
        let contract = mart("ett", "", policy);
        let settings = Settings { threshold_min: 8, ..Settings::default() };
        let tables = vec![counted(&contract, &people)];
        let (protected, _) = protect(tables, &[release("ett")], &settings).expect("it can be raised");
        for (key, (_, persons)) in shown(&protected, 0) {
            assert!(persons == 0 || persons >= 8, "{key:?} shows {persons}");
        }
    }
}
