//! The families that are no person registers: each takes a row into core and turns a bad one away; and what people do
//! to their workbooks.

use crate::support::root::{Cells, Root, UTTAG, contract, damage, edit_manifest, take};
use crate::support::{catalogue, paths};
use duckdb::Connection;
use pipeline::fault::Rule;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// A table, what a row of it says (column of the delivery, text), what of it is found in core (SQL), and a column
/// with a text that breaks a rule.
type Family = (&'static str, &'static [(&'static str, &'static str)], &'static str, (&'static str, &'static str, Rule));

const FAMILIES: &[Family] = &[
    (
        "sus_insatsbudget",
        &[("planerat_antal", "20"), ("budget_belopp_antal", "3000000000"), ("beskrivning", "Fri text")],
        "insats_id = 'I000001' and ar = 2019 and budget_belopp_antal = 3000000000 and utfall_belopp_antal is null",
        ("budgettyp_kod", "HEMLIGT", Rule::Code),
    ),
    ("sus_volyminsats", &[("deltagare_antal", "120")], "deltagare_antal = 120", ("ar", "2023", Rule::LegalBasis)),
    (
        "sus_kompletterande_fraga",
        &[("innehall", "Fri text")],
        "fraga_id = '1' and giltig_fran_datum = date '2018-01-01'",
        ("giltig_till_datum", "2017-12-31", Rule::Order),
    ),
    (
        "indikator_svar",
        &[("svar_kod", "vet ej"), ("formular_kod", "deltagare,  pågående"), ("indikator_kod", "JAMSTALLDHET")],
        "svar_kod = 'VET_EJ' and formular_kod = 'DELTAGARE_PAGAENDE' and insats_id is null",
        ("respondent_id", "anna.a@example.se", Rule::Pattern),
    ),
    (
        "uppfoljning_insats",
        &[("preciserad_inriktning_kod", "UTBILDNING"), ("inriktning_kod", "STRUKTUR"), ("esf_kod", "J")],
        "insats_id = 'U000001' and preciserad_inriktning_kod = 'UTBILDNING' and esf_kod = 'J'",
        ("uppfoljningsmetod_kod", "HEMLIGT", Rule::Code),
    ),
    (
        "uppfoljning_antal",
        &[("kvinnor_antal", "7"), ("man_antal", "5")],
        "kvinnor_antal = 7 and man_antal = 5",
        ("kvinnor_antal", "-7", Rule::Bounds),
    ),
    (
        "lokal_uppfoljning",
        &[("kon_kod", "kvinna"), ("kommun_kod", "Håbo"), ("utskrivningsorsak_kod", "åter remittent")],
        "kon_kod = 'K' and kommun_kod = '0305' and utskrivningsorsak_kod = 'ATER_REMITTENT'
        and inskrivning_datum = date '2022-03-01' and utskrivning_datum = date '2023-03-01'",
        ("utskrivning_datum", "2022-12-31", Rule::LegalBasis),
    ),
    (
        "arsredovisning",
        &[
            ("deltagare_antal", "uppgift saknas"),
            ("eget_kapital_belopp_antal", "-250000"),
            ("utfall_belopp_antal", "-"),
        ],
        "deltagare_antal is null and utfall_belopp_antal is null and eget_kapital_belopp_antal = -250000",
        ("budget_belopp_antal", "HEMLIGT", Rule::Type),
    ),
    (
        "stadsdel_forbund",
        &[],
        "stadsdel_kod = 'ANGERED' and giltig_till_datum is null",
        ("stadsdel_kod", "X", Rule::Code),
    ),
    ("folkmangd", &[("invanare_antal", "800")], "invanare_antal = 800", ("aldersgrupp_kod", "0-15", Rule::Code)),
    (
        "forsorjningsmatt",
        &[("medel_tkr_antal", "61,5"), ("summa_tkr_antal", "123000")],
        "medel_tkr_antal = 61.5 and summa_tkr_antal = 123000 and helarsekvivalenter_antal is null",
        ("ersattning_kod", "HEMLIGT", Rule::Code),
    ),
    (
        "forman_totaler",
        &[("personer_antal", "9")],
        "personer_antal = 9 and kon_kod = 'K'",
        ("kon_kod", "X", Rule::Code),
    ),
    (
        "uppskattat_behov",
        &[("lagst_antal", "280000"), ("hogst_antal", "500000")],
        "lagst_antal = 280000 and hogst_antal = 500000 and niva_kod = 'RIKET'",
        ("hogst_antal", "", Rule::Missing),
    ),
];

fn cells(row: &[(&'static str, &str)]) -> Cells<'static> {
    row.iter().map(|(column, text)| (*column, (*text).to_owned())).collect()
}

#[test]
fn each_family_takes_a_row_into_core() {
    let catalogue = catalogue();
    let database = Connection::open_in_memory().expect("DuckDB is compiled in");
    for (table, row, found, _) in FAMILIES {
        let root = Root::new();
        root.deliver(&contract(&catalogue, table), UTTAG, &[cells(row)]);
        // The night ends because required deliveries are missing, after it has taken this one.
        assert!(root.ingest(&catalogue).0.is_err());
        assert_eq!(root.receipt(table, UTTAG).faults, [], "{table}");
        let path = root.core(table, UTTAG);
        let sql = format!("select count(*) from read_parquet('{}') where {found}", path.display());
        let count: i64 = database.query_row(&sql, [], |row| row.get(0)).expect("the columns are there");
        assert_eq!(count, 1, "{table}: {found}");
    }
}

#[test]
fn each_family_turns_a_bad_row_away() {
    let catalogue = catalogue();
    for (table, row, _, (column, text, rule)) in FAMILIES {
        let root = Root::new();
        let bad = cells(row).into_iter().filter(|(name, _)| name != column).chain([(*column, (*text).to_owned())]);
        let folder = root.deliver(&contract(&catalogue, table), UTTAG, &[bad.collect()]);
        let (intake, _) = take(&catalogue, &folder);
        let broken: Vec<Rule> = intake.faults.iter().map(|(place, _)| place.rule).collect();
        assert_eq!(broken, [Rule::Tolerance, *rule], "{table}");
        assert_eq!((intake.kept, intake.rejected), (0, 1), "{table}");
    }
}

#[test]
fn the_families_deliver_no_identities() {
    for (table, ..) in FAMILIES {
        let contract = contract(&catalogue(), table);
        assert!(contract.columns.iter().all(|column| column.identity.is_none()), "{table}");
    }
}

#[test]
fn free_text_passes_no_door() {
    let (catalogue, root) = (catalogue(), Root::new());
    let text = "Samtal med Anna, 18320517-2384";
    let row = vec![("beskrivning", text.to_owned())];
    root.deliver(&contract(&catalogue, "sus_insatsbudget"), UTTAG, &[row]);
    assert!(root.ingest(&catalogue).0.is_err());
    assert_eq!(root.receipt("sus_insatsbudget", UTTAG).kept, 1, "the row stays");
    let outside = paths(&root.path).into_iter().filter(|path| !path.starts_with(root.path.join("deliveries")));
    let mut looked = 0;
    for path in outside {
        let bytes = std::fs::read(&path).expect("readable");
        assert!(!String::from_utf8_lossy(&bytes).contains("Anna"), "{}", path.display());
        looked += 1;
    }
    assert!(looked > 2, "core and receipt were searched");
}

#[test]
fn a_year_is_in_force_from_its_newest_delivery() {
    let (catalogue, root) = (catalogue(), Root::with_required(&catalogue()));
    let year = |forbund: &str, year: &str, count: &str| {
        vec![("forbund_id", forbund.to_owned()), ("ar", year.to_owned()), ("deltagare_antal", count.to_owned())]
    };
    let report = contract(&catalogue, "arsredovisning");
    let period = ("2021-01-01", "2022-12-31");
    root.deliver_period(&report, "2023-03-31", period, &[year("F001", "2021", "10"), year("F001", "2022", "20")]);
    root.deliver_period(&report, "2023-06-30", ("2022-01-01", "2022-12-31"), &[year("F001", "2022", "22")]);
    let (outcome, night) = root.ingest(&catalogue);
    outcome.expect("nothing that is required is missing");
    let parts: Vec<String> = night
        .in_force
        .iter()
        .filter(|one| one.table == "arsredovisning")
        .map(|one| format!("{} {} {}", one.uttagsdatum, one.from, one.till))
        .collect();
    assert_eq!(parts, ["2023-03-31 2021-01-01 2022-01-01", "2023-06-30 2022-01-01 2023-01-01"]);
}

/// A workbook as a förbund keeps it: other headers, a column of its own, dates as dates, numbers as text.
fn kept_by_people() -> Vec<u8> {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Blad1").expect("a name");
    let headers = [
        "Samordningsförbund",
        "Insatsens namn",
        "Kön",
        "Hemkommun",
        "Ålder",
        "Inskriven",
        "Utskriven",
        "Anteckning",
        "Tid i offentlig försörjning",
        "Sysselsättning in",
        "Sysselsättning ut",
        "Orsak",
    ];
    for (place, header) in (0..).zip(headers) {
        sheet.write_string(0, place, header).expect("a cell");
    }
    // The second row of people is left empty.
    for (row, age) in [(1, 24), (3, 58)] {
        let texts = ["F007", "Samverkansteamet", "KVINNA", "gislaved"];
        for (place, text) in (0..).zip(texts) {
            sheet.write_string(row, place, text).expect("a cell");
        }
        if row == 1 {
            sheet.write_string(row, 4, age.to_string()).expect("a cell");
        } else {
            sheet.write_number(row, 4, f64::from(age)).expect("a cell");
        }
        for (place, month) in [(5, 2), (6, 5)] {
            let day = ExcelDateTime::from_ymd(2023, month, 17).expect("a day");
            sheet.write_datetime_with_format(row, place, day, &date).expect("a cell");
        }
        let texts = ["vill byta handläggare", "1-2 år", "Övriga", "Studier", "Arbete/studier"];
        for (place, text) in (7..).zip(texts) {
            sheet.write_string(row, place, text).expect("a cell");
        }
    }
    workbook.save_to_buffer().expect("in memory")
}

#[test]
fn a_workbook_as_people_keep_it_is_read() {
    let (catalogue, root) = (catalogue(), Root::new());
    let folder = root.deliver(&contract(&catalogue, "lokal_uppfoljning"), UTTAG, &[vec![]]);
    damage(&folder, |_| kept_by_people());
    edit_manifest(&folder, |manifest| manifest["filer"][0]["rader"] = 2.into());
    assert!(root.ingest(&catalogue).0.is_err(), "required deliveries are missing");
    assert_eq!(root.receipt("lokal_uppfoljning", UTTAG).faults, []);
    let sql = format!(
        "select string_agg(concat_ws(' ', forbund_id, insats_namn, kon_kod, kommun_kod, alder_ar, inskrivning_datum,
        utskrivning_datum, tid_i_forsorjning_kod, sysselsattning_in_kod, sysselsattning_ut_kod, utskrivningsorsak_kod,
        rad_nr), chr(10) order by rad_nr) from read_parquet('{}')",
        root.core("lokal_uppfoljning", UTTAG).display()
    );
    let database = Connection::open_in_memory().expect("DuckDB is compiled in");
    let rows: String = database.query_row(&sql, [], |row| row.get(0)).expect("the columns are there");
    let row = |age: i32, at: i32| {
        let row = "2023-02-01 2023-05-01 1_2 OVRIGT STUDIER ARBETE_STUDIER";
        format!("F007 Samverkansteamet K 0662 {age} {row} {at}")
    };
    assert_eq!(rows, format!("{}\n{}", row(24, 2), row(58, 4)));
}

#[test]
fn a_birth_year_in_place_of_an_age_is_not_stored() {
    let (catalogue, root) = (catalogue(), Root::new());
    let row = vec![("alder_ar", "1979".to_owned())];
    let folder = root.deliver(&contract(&catalogue, "lokal_uppfoljning"), UTTAG, &[row]);
    let (intake, taken) = take(&catalogue, &folder);
    let broken: Vec<Rule> = intake.faults.iter().map(|(place, _)| place.rule).collect();
    assert_eq!((broken, intake.kept), (vec![Rule::Bounds], 1));
    assert_eq!(taken[0].columns["alder_ar"].null_count(), 1);
}
