//! Whose register rows are kept: participants of both SUS and control groups, as far as they may be joined.

use crate::support::catalogue;
use crate::support::root::{Cells, Root, UTTAG, contract, numbers};

/// Of these numbers: the first in nya SUS, then the first SUS, another samverkansform of it, a control group, nobody.
const COUNT: usize = 5;

struct Country {
    root: Root,
    numbers: Vec<String>,
}

impl Country {
    fn new() -> Country {
        let country = Country { root: Root::with_required(&catalogue()), numbers: numbers(COUNT) };
        let number = |at: usize| country.numbers[at].clone();
        country.deliver("sus_deltagande", &[vec![("personnummer", number(0))]]);
        let first = |id: &str, at: usize, form: &str| {
            vec![
                ("deltagande_id", id.to_owned()),
                ("personnummer", number(at)),
                ("samverkansform_kod", form.to_owned()),
            ]
        };
        country.deliver("sus1_deltagare", &[first("V0000001", 1, "FINSAM"), first("V0000002", 2, "TVAPART")]);
        country.deliver("kontrollgrupp", &[vec![("personnummer", number(3))]]);
        let rows: Vec<Cells<'_>> =
            country.numbers.iter().map(|number| vec![("personnummer", number.clone())]).collect();
        for register in ["fk_sjukpenning", "fk_sjukersattning", "af_sokandekategori"] {
            country.deliver(register, &rows);
        }
        country
    }

    fn deliver(&self, table: &str, rows: &[Cells<'_>]) {
        self.root.deliver(&contract(&catalogue(), table), UTTAG, rows);
    }

    /// Rows kept and rows about others, by register.
    fn kept(&self) -> Vec<(u64, u64)> {
        let (outcome, night) = self.root.ingest(&catalogue());
        assert!(outcome.is_ok() && night.refused.is_empty(), "{outcome:?} {:?}", night.refused);
        let of = |table| {
            let receipt = self.root.receipt(table, UTTAG);
            (receipt.kept, receipt.outside)
        };
        ["fk_sjukpenning", "fk_sjukersattning", "af_sokandekategori"].map(of).to_vec()
    }
}

#[test]
fn the_first_sus_and_control_groups_belong_to_the_population() {
    let country = Country::new();
    assert_eq!(country.kept(), [(3, 2); 3]);
    let receipt = country.root.receipt("sus1_deltagare", UTTAG);
    assert_eq!((receipt.kept, receipt.left_out), (1, 1), "other samverkansformer are left out and counted");
}

#[test]
fn withdrawn_samtycke_acts_on_the_first_sus() {
    let country = Country::new();
    assert_eq!(country.kept()[0], (3, 2));
    country.deliver("samtycke_atertaget", &[vec![("deltagande_id", "V0000001".to_owned())]]);
    assert_eq!(country.kept(), [(2, 3); 3]);
    assert_eq!(country.root.receipt("sus1_deltagare", UTTAG).anonymised, 1);
}

#[test]
fn protection_acts_on_the_first_sus_and_on_control_groups() {
    let country = Country::new();
    let protected = [1, 3].map(|at| vec![("personnummer", country.numbers[at].clone())]);
    country.deliver("skyddade_personer", &protected);
    assert_eq!(country.kept(), [(1, 4); 3]);
    for table in ["sus1_deltagare", "kontrollgrupp"] {
        assert_eq!(country.root.receipt(table, UTTAG).anonymised, 1, "{table}");
    }
}
