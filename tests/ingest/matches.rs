//! A register that knows too few of the people of SUS is refused: a join of nothing to nothing is silent.

use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, edit_manifest, numbers};
use pipeline::error::exit;
use pipeline::fault::Rule;
use pipeline::ingest::Match;

/// A root in which folkbokföring knows some of the people, and others who are nobody's.
fn root(people: usize, known: usize) -> Root {
    let catalogue = catalogue();
    let root = Root::with_required(&catalogue);
    let numbers = numbers(people + 20);
    let row = |row: usize| vec![("deltagande_id", format!("D{row:07}")), ("personnummer", numbers[row].clone())];
    let sus: Vec<Cells<'_>> = (0..people).map(row).collect();
    root.deliver(&contract(&catalogue, "sus_deltagande"), UTTAG, &sus);
    let folk = numbers[..known].iter().chain(&numbers[people..]);
    let folk: Vec<Cells<'_>> = folk.map(|number| vec![("personnummer", number.clone())]).collect();
    root.deliver(&contract(&catalogue, "folkbokforing"), UTTAG, &folk);
    root
}

#[test]
fn a_register_that_knows_too_few_is_refused() {
    let least = contract(&catalogue(), "folkbokforing").custom_number("traffMinstPromille").expect("a floor");
    assert!((500..1000).contains(&least), "{least}");
    let enough = usize::try_from(least).expect("a share").div_ceil(5);
    // Of fewer than a hundred people a share says nothing.
    for (people, known, is_accepted) in
        [(200, 200, true), (200, enough, true), (200, enough - 1, false), (200, 0, false), (99, 0, true)]
    {
        let root = root(people, known);
        let (outcome, night) = root.ingest(&catalogue());
        let receipt = root.receipt("folkbokforing", UTTAG);
        let found = Match { people: people as u64, known: known as u64 };
        assert_eq!((receipt.accepted, receipt.matched), (is_accepted, Some(found)), "{:?}", night.refused);
        assert_eq!(root.core("folkbokforing", UTTAG).exists(), is_accepted);
        if is_accepted {
            assert!(outcome.is_ok(), "{outcome:?}");
            continue;
        }
        assert_eq!(outcome.expect_err("it is required").exit_code(), exit::DELIVERY_REQUIRED);
        assert_eq!(night.refused[0].rule.as_deref(), Some(Rule::Match.code()));
        assert!(root.felrapport("folkbokforing", UTTAG).contains(Rule::Match.text()));
    }
}

#[test]
fn corrections_need_not_know_many() {
    let root = root(200, 200);
    let agi = contract(&catalogue(), "agi");
    let number = numbers(1).remove(0);
    let folder = root.deliver(&agi, UTTAG, &[vec![("personnummer", number)]]);
    root.ingest(&catalogue()).0.expect("everything that is required is there");
    assert!(!root.receipt("agi", UTTAG).accepted, "a whole delivery knows more than one of 200");
    edit_manifest(&folder, |manifest| manifest["omfattning"] = "rattelse".into());
    root.ingest(&catalogue()).0.expect("everything that is required is there");
    let receipt = root.receipt("agi", UTTAG);
    assert_eq!((receipt.accepted, receipt.matched), (true, Some(Match { people: 200, known: 1 })));
}
