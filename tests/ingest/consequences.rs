//! What a night makes of bad deliveries: what was accepted before stays in force, and the night goes on.

use super::{SECRET, sound};
use crate::support::catalogue;
use crate::support::root::{Root, UTTAG, contract, damage, edit_manifest};
use pipeline::contract::Catalogue;
use pipeline::error::{Error, exit};
use pipeline::fault::Rule;
use pipeline::ingest::MANIFEST;
use std::fs;

/// Later than [`UTTAG`].
pub const LATER: &str = "2023-09-30";

fn in_force(night: &pipeline::stage::Night, table: &str) -> Vec<String> {
    night.in_force.iter().filter(|one| one.table == table).map(|one| one.uttagsdatum.to_string()).collect()
}

fn with_anonyma(catalogue: &Catalogue) -> Root {
    let root = Root::with_required(catalogue);
    root.deliver(&contract(catalogue, "sus_anonyma"), UTTAG, &sound("sus_anonyma", 3));
    root
}

#[test]
fn what_was_accepted_stays_in_force_and_the_night_goes_on() {
    let catalogue = catalogue();
    let root = with_anonyma(&catalogue);
    let (outcome, night) = root.ingest(&catalogue);
    assert!(outcome.is_ok() && night.refused.is_empty(), "{outcome:?} {:?}", night.refused);
    let before = fs::read(root.core("sus_anonyma", UTTAG)).expect("a core file");
    let folder = root.deliver(&contract(&catalogue, "sus_anonyma"), LATER, &sound("sus_anonyma", 4));
    damage(&folder, |_| b"PK HEMLIGT;\r\n".to_vec());
    for night_nr in 0..2 {
        let (outcome, night) = root.ingest(&catalogue);
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(in_force(&night, "sus_anonyma"), [UTTAG]);
        assert_eq!(night.refused.len(), 1, "{:?}", night.refused);
        assert!(night.refused[0].line().starts_with("sus_anonyma 2023-09-30: refused (rubrik)"), "{:?}", night.refused);
        assert_eq!(night.read, u64::from(night_nr == 0), "a refused delivery is not read again");
        assert_eq!(fs::read(root.core("sus_anonyma", UTTAG)).expect("still there"), before);
        assert!(!root.core("sus_anonyma", LATER).exists());
    }
    // Mended, it takes over; the felrapport goes.
    root.deliver(&contract(&catalogue, "sus_anonyma"), LATER, &sound("sus_anonyma", 4));
    let (outcome, night) = root.ingest(&catalogue);
    assert!(outcome.is_ok() && night.refused.is_empty());
    assert_eq!(in_force(&night, "sus_anonyma"), [LATER]);
    assert!(root.core("sus_anonyma", LATER).exists() && !root.core("sus_anonyma", UTTAG).exists());
    assert_eq!(root.felrapport("sus_anonyma", LATER), "");
}

#[test]
fn a_required_delivery_that_is_refused_or_missing_ends_the_night() {
    let catalogue = catalogue();
    let root = with_anonyma(&catalogue);
    assert!(root.ingest(&catalogue).0.is_ok());
    let folder = root.deliver(&contract(&catalogue, "kommun"), LATER, &[vec![]]);
    damage(&folder, |_| b"HEMLIGT\r\n".to_vec());
    let error = root.ingest(&catalogue).0.expect_err("kommun is required");
    assert!(matches!(&error, Error::Required { contract, .. } if contract == "kommun"), "{error}");
    assert_eq!(error.exit_code(), exit::DELIVERY_REQUIRED);
    assert!(root.core("kommun", UTTAG).exists(), "what was accepted stays");
    fs::remove_dir_all(root.path.join("deliveries/kommun")).expect("removable");
    let error = root.ingest(&catalogue).0.expect_err("kommun is required");
    assert_eq!(error.to_string(), "publish: the required delivery kommun is missing");
}

#[test]
fn an_older_delivery_that_comes_late_is_kept_and_never_in_force() {
    let catalogue = catalogue();
    let root = with_anonyma(&catalogue);
    assert!(root.ingest(&catalogue).0.is_ok());
    let late = root.deliver(&contract(&catalogue, "sus_anonyma"), "2023-01-31", &sound("sus_anonyma", 9));
    let (outcome, night) = root.ingest(&catalogue);
    assert!(outcome.is_ok() && night.refused.is_empty());
    assert_eq!(in_force(&night, "sus_anonyma"), [UTTAG]);
    assert_eq!(night.read, 0);
    let noted = "sus_anonyma 2023-01-31: kept but not read, newer is in force";
    assert_eq!(night.notes, [noted]);
    assert!(late.join(MANIFEST).exists() && !root.core("sus_anonyma", "2023-01-31").exists());
    // The supplier is told, and told once.
    let receipt = root.receipt("sus_anonyma", "2023-01-31");
    assert_eq!((receipt.is_older, receipt.accepted, receipt.rows, receipt.noted), (true, false, 0, 1));
    assert_eq!((receipt.faults[0].rule.as_str(), receipt.faults[0].severity.as_str()), (Rule::Older.code(), "note"));
    let told = root.felrapport("sus_anonyma", "2023-01-31");
    assert!(told.contains(Rule::Older.text()) && told.contains("Leveransen är mottagen men läses inte."), "{told}");
    let written = |path: &str| fs::metadata(root.path.join(path)).and_then(|meta| meta.modified()).expect("a time");
    let before = written("receipts/sus_anonyma/2023-01-31.json");
    assert_eq!(in_force(&root.ingest(&catalogue).1, "sus_anonyma"), [UTTAG]);
    assert_eq!(written("receipts/sus_anonyma/2023-01-31.json"), before);
    // What was in force in its time is not told that it is older.
    assert_eq!(root.felrapport("sus_anonyma", UTTAG), "");
    root.deliver(&contract(&catalogue, "sus_anonyma"), LATER, &sound("sus_anonyma", 4));
    assert_eq!(in_force(&root.ingest(&catalogue).1, "sus_anonyma"), [LATER]);
    assert!(!root.receipt("sus_anonyma", UTTAG).is_older && root.felrapport("sus_anonyma", UTTAG).is_empty());
    // Once the newer ones are gone, it is read as if it had come today.
    for date in [UTTAG, LATER] {
        fs::remove_dir_all(root.path.join("deliveries/sus_anonyma").join(date)).expect("ours");
    }
    let (_, night) = root.ingest(&catalogue);
    assert_eq!((in_force(&night, "sus_anonyma"), night.read), (vec!["2023-01-31".to_owned()], 1));
    assert!(
        !root.receipt("sus_anonyma", "2023-01-31").is_older && root.felrapport("sus_anonyma", "2023-01-31").is_empty()
    );
}

#[test]
fn a_folder_of_no_contract_is_named_and_the_night_goes_on() {
    let catalogue = catalogue();
    let root = with_anonyma(&catalogue);
    for stray in ["okand_leverans/2023-06-30", "sus_anonyma/senaste"] {
        fs::create_dir_all(root.path.join("deliveries").join(stray)).expect("writable");
    }
    let (outcome, night) = root.ingest(&catalogue);
    assert!(outcome.is_ok());
    let code = Rule::UnknownContract.code();
    let told: Vec<_> = night.refused.iter().map(|refusal| (refusal.name.as_str(), refusal.rule.as_deref())).collect();
    assert_eq!(told, [("deliveries/okand_leverans", Some(code)), ("deliveries/sus_anonyma/senaste", Some(code))]);
    assert_eq!(in_force(&night, "sus_anonyma"), [UTTAG]);
}

#[test]
fn a_delivery_without_leverans_yaml_is_waited_for() {
    let catalogue = catalogue();
    let root = with_anonyma(&catalogue);
    let folder = root.deliver(&contract(&catalogue, "sus_anonyma"), LATER, &sound("sus_anonyma", 4));
    let manifest = fs::read(folder.join(MANIFEST)).expect("a manifest");
    fs::remove_file(folder.join(MANIFEST)).expect("removable");
    let (outcome, night) = root.ingest(&catalogue);
    assert!(outcome.is_ok() && night.refused.is_empty());
    assert_eq!(night.notes, ["deliveries/sus_anonyma/2023-09-30: no leverans.yaml yet, still being copied"]);
    assert_eq!(in_force(&night, "sus_anonyma"), [UTTAG]);
    fs::write(folder.join(MANIFEST), manifest).expect("writable");
    assert_eq!(in_force(&root.ingest(&catalogue).1, "sus_anonyma"), [LATER]);
}

#[test]
fn the_felrapport_tells_the_supplier_in_swedish() {
    let catalogue = catalogue();
    let root = with_anonyma(&catalogue);
    let mut rows = sound("sus_anonyma", 60);
    rows.push(vec![("insats_id", SECRET.into()), ("ar", "2004".into())]);
    let folder = root.deliver(&contract(&catalogue, "sus_anonyma"), LATER, &rows);
    assert!(root.ingest(&catalogue).0.is_ok());
    let told = root.felrapport("sus_anonyma", LATER);
    for expected in [
        "<html lang=\"sv\">",
        "<h1>Felrapport: Nya SUS, anonyma deltagare, uttag 2023-09-30</h1>",
        "Leveransen är mottagen.",
        "<dt>Lästa rader</dt><dd>61</dd>\n<dt>Avvisade rader</dt><dd>1</dd>",
        "<h2 id=\"granser\">Talet ligger utanför kontraktets gränser.</h2>\n<p>Gör så här: Kontrollera talet.</p>",
        "<tr><th scope=\"row\">anonyma.csv</th><td>År (ar)</td><td>2005–2022</td><td>raden tas inte med</td>\
         <td class=\"antal\">1</td><td>62</td></tr>",
    ] {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    let receipt = root.receipt("sus_anonyma", LATER);
    assert_eq!((receipt.accepted, receipt.rows, receipt.kept, receipt.rejected), (true, 61, 60, 1));
    edit_manifest(&folder, |manifest| manifest["filer"][0]["rader"] = 60.into());
    assert!(root.ingest(&catalogue).0.is_ok());
    assert!(root.felrapport("sus_anonyma", LATER).contains("Leveransen är inte mottagen."));
    assert!(!root.receipt("sus_anonyma", LATER).accepted);
}

#[test]
fn a_delivery_that_is_damaged_where_it_lies_stays_in_force_as_it_was_read() {
    let catalogue = catalogue();
    let root = with_anonyma(&catalogue);
    assert!(root.ingest(&catalogue).0.is_ok());
    let core = fs::read(root.core("sus_anonyma", UTTAG)).expect("it is stored");
    let folder = root.path.join("deliveries/sus_anonyma").join(UTTAG);
    damage(&folder, |bytes| bytes[..bytes.len() - 5].to_vec());
    for _ in 0..2 {
        let (outcome, night) = root.ingest(&catalogue);
        assert!(outcome.is_ok());
        assert_eq!(in_force(&night, "sus_anonyma"), [UTTAG]);
        let said = night.refused[0].line();
        assert!(said.contains("refused (") && said.contains("stays in force"), "{said}");
        assert_eq!(fs::read(root.core("sus_anonyma", UTTAG)).expect("it is stored"), core);
    }
    // Its rows lost, it is in force no longer: what is not there is unknown, never no.
    fs::remove_file(root.core("sus_anonyma", UTTAG)).expect("ours");
    assert!(in_force(&root.ingest(&catalogue).1, "sus_anonyma").is_empty());
    root.deliver(&contract(&catalogue, "sus_anonyma"), UTTAG, &sound("sus_anonyma", 9));
    assert_eq!(in_force(&root.ingest(&catalogue).1, "sus_anonyma"), [UTTAG]);
    // A manifest that cannot be read says nothing of the period: that of the earlier reading holds.
    fs::write(folder.join(MANIFEST), "leverans: [").expect("writable");
    assert_eq!(in_force(&root.ingest(&catalogue).1, "sus_anonyma"), [UTTAG]);
    // Without its folder it is no longer in force, and that is told.
    fs::remove_dir_all(&folder).expect("ours");
    let (_, night) = root.ingest(&catalogue);
    assert!(in_force(&night, "sus_anonyma").is_empty());
    assert_eq!(night.gone, [format!("sus_anonyma {UTTAG}: was in force, and its delivery is gone")]);
    assert_eq!((night.refused.len(), night.exit_code()), (0, exit::DELIVERY_REFUSED));
}
