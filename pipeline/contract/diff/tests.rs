use super::*;

const BASE: &str = "apiVersion: v3.2.0
version: 1.0.0
schema:
  - name: prov
    businessName: Prov
    dataGranularityDescription: en rad per sak
    quality:
      - {type: custom, engine: finsam, name: ordning, severity: avvisa,
         implementation: {regel: ordning, fran: datum, till: slut}}
    properties:
      - {name: id, businessName: Id, physicalName: Id, logicalType: string, required: true, primaryKey: true,
         primaryKeyPosition: 1}
      - {name: datum, businessName: Datum, physicalName: Datum, logicalType: date, required: true}
      - {name: slut, businessName: Slut, physicalName: Slut, logicalType: date, synonyms: [{synonym: Slutdatum}]}
      - {name: antal, businessName: Antal, physicalName: Antal, logicalType: integer,
         logicalTypeOptions: {minimum: 0, maximum: 9},
         customProperties: [{property: allvar, value: avvisa}, {property: saknasSom, value: [x, z]},
         {property: position, value: {start: 1, bredd: 3}}]}
      - {name: kod, businessName: Kod, physicalName: Kod, logicalType: string,
         customProperties: [{property: kodlista, value: kon}]}
customProperties:
  - {property: format, value: [avgransad, parquet]}
  - {property: teckenkodning, value: cp1252}
  - {property: efterfoljd, value: ersatter}
  - {property: avvisadeHogstPromille, value: 10}
  - {property: efterslapning, value: {manader: 2}}
  - {property: rattsligGrund, value: {text: lag, giltigFran: \"2019-01-01\"}}
";

fn contract(yaml: &str) -> Contract {
    Contract::parse(Layer::Deliveries, "prov", yaml).expect("a contract")
}

/// What a changed text of the contract weighs, and how it is told.
fn changed(from: &str, to: &str) -> Vec<Change> {
    let yaml = BASE.replacen(from, to, 1);
    assert_ne!(yaml, BASE, "there is no {from}");
    Difference::of(&contract(BASE), &contract(&yaml)).changes
}

/// A change per line: what it weighs, the text of the contract before and after, and how it is told.
const CHANGES: &str = "\
Text | businessName: Antal | businessName: Hur många | titeln är Hur många, förut Antal.
Breaks | physicalName: Antal | physicalName: Mängd | rubriken är Mängd, förut Antal.
Breaks | physicalName: Slut, | physicalName: Slutdatum, | rubriken är Slutdatum, förut Slut.
Passes | physicalName: Kod, | physicalName: Ny, synonyms: [{synonym: Kod}], | rubriken är Ny, förut Kod.
Breaks | logicalType: integer | logicalType: number | typen är decimaltal, förut heltal.
Breaks | slut, businessName: Slut, | slut, required: true, businessName: Slut, | \
    om den måste vara ifylld är ja, förut nej.
Passes | logicalType: date, required: true | logicalType: date | om den måste vara ifylld är nej, förut ja.
Breaks | maximum: 9 | maximum: 8 | det största värdet är 8, förut 9.
Passes | maximum: 9 | maximum: 10 | det största värdet är 10, förut 9.
Passes | minimum: 0,  |  | det minsta värdet är —, förut 0.
Breaks | value: kon} | value: lan} | kodlistan är lan, förut kon.
Passes | value: avvisa} | value: notera} | följden av ett fel är värdet töms och noteras, förut raden avvisas.
Breaks | value: avvisa} | value: stoppa} | följden av ett fel är leveransen tas inte emot, förut raden avvisas.
Breaks | [x, z] | [x] | vad som betyder saknas är x, förut x, z.
Breaks | {start: 1, bredd: 3} | {start: 2, bredd: 3} | platsen på raden är tecken 2–4, förut tecken 1–3.
Breaks | value: [avgransad, parquet] | value: avgransad | formatet är avgransad, förut avgransad, parquet.
Passes | value: [avgransad, parquet] | value: [avgransad, parquet, xlsx] | \
    formatet är avgransad, parquet, xlsx, förut avgransad, parquet.
Breaks | value: cp1252 | value: utf-8 | teckenkodningen är utf-8, förut cp1252.
Breaks | value: ersatter | value: period | hur leveranser följer varandra är period, förut ersatter.
Breaks | avvisadeHogstPromille, value: 10 | avvisadeHogstPromille, value: 5 | \
    högsta andel avvisade rader i promille är 5, förut 10.
Passes | avvisadeHogstPromille, value: 10 | avvisadeHogstPromille, value: 20 | \
    högsta andel avvisade rader i promille är 20, förut 10.
Passes | manader: 2 | manader: 3 | eftersläpningen är manader: 3, förut manader: 2.
Breaks | text: lag, giltigFran: \"2019 | text: lag, giltigFran: \"2020 | \
    den rättsliga grunden är text: lag, giltigFran: 2020-01-01, förut text: lag, giltigFran: 2019-01-01.
Breaks | severity: avvisa | severity: stoppa | Regeln ordning är ändrad.
Breaks | en rad per sak | en rad per ting | radens omfattning är en rad per ting, förut en rad per sak.";

#[test]
fn each_kind_of_change_is_told_once_and_weighed() {
    for line in CHANGES.lines() {
        let fields: Vec<&str> = line.split(" | ").collect();
        let [weight, from, to, told] = fields[..] else { panic!("{line}") };
        let found = changed(from, to);
        let told_of: Vec<_> = found.iter().map(|one| (one.text.as_str(), format!("{:?}", one.weight))).collect();
        assert!(told_of.contains(&(told, weight.to_owned())), "{from} → {to}: {told_of:?}");
        let others = found.iter().filter(|one| one.text != told);
        assert!(others.clone().all(|one| one.text.starts_with("andra rubriker")), "{from} → {to}: {found:?}");
    }
}

#[test]
fn columns_come_go_and_change_their_name() {
    let new = "      - {name: ny, businessName: Ny, logicalType: string}\ncustomProperties:\n  - {property: format";
    let found = changed("customProperties:\n  - {property: format", new);
    assert_eq!((found[0].text.as_str(), found[0].weight, found.len()), ("kolumnen är ny.", Weight::Breaks, 1));
    let kod = "      - {name: kod, businessName: Kod, physicalName: Kod, logicalType: string,
         customProperties: [{property: kodlista, value: kon}]}\n";
    let found = changed(kod, "");
    assert_eq!((found[0].text.as_str(), found[0].weight, found.len()), ("kolumnen är borttagen.", Weight::Passes, 1));
    let found = changed("name: antal,", "name: mangd,");
    assert_eq!(found[0].text, "kolumnen heter mangd, förut antal.");
    assert_eq!((found[0].weight, found.len()), (Weight::Passes, 1));
}

#[test]
fn the_version_must_say_as_much_as_the_changes_weigh() {
    let wanted = |from: &str, to: &str, version: &str| {
        let yaml = BASE.replacen(from, to, 1).replacen("version: 1.0.0", &format!("version: {version}"), 1);
        Difference::of(&contract(BASE), &contract(&yaml)).version_wanted
    };
    let text = ("businessName: Antal", "businessName: Mängd");
    let (passes, breaks) = (("maximum: 9", "maximum: 10"), ("maximum: 9", "maximum: 8"));
    assert_eq!(wanted(text.0, text.1, "1.0.0").as_deref(), Some("1.0.1"));
    assert_eq!(wanted(text.0, text.1, "1.0.1"), None);
    assert_eq!(wanted(passes.0, passes.1, "1.0.1").as_deref(), Some("1.1.0"));
    assert_eq!(wanted(passes.0, passes.1, "1.1.0"), None);
    assert_eq!(wanted(breaks.0, breaks.1, "1.9.9").as_deref(), Some("2.0.0"));
    assert_eq!(wanted(breaks.0, breaks.1, "2.0.0"), None);
    assert_eq!(wanted("sak", "sak", "1.0.0"), None);
}

#[test]
fn codes_come_go_and_change_their_dates() {
    let list = |rows: &str| {
        let head = "kod,titel_sv,titel_en,giltig_fran_datum,giltig_till_datum,kalla,verifierad\n";
        CodeList::parse("prov", &format!("{head}{rows}")).expect("a list")
    };
    let old = list("A,Ett,One,,,prov,ja\nB,Två,Two,,,prov,ja\nC,Tre,Three,,,prov,ja\n");
    let new = list(
        "A,Ett,One,,2020-12-31,prov,ja\nA,Annat,Other,2021-01-01,,prov,ja\nB,Tvåan,Two,,,prov,ja\n\
         D,Fyra,Four,,,prov,ja\n",
    );
    let difference = Difference::of_codes(&old, &new);
    let told: Vec<String> = difference.changes.iter().map(|one| format!("{:?} {}", one.weight, one.text)).collect();
    let expected = [
        "Breaks gäller –2020-12-31 och 2021-01-01–, förut alltid.",
        "Text heter ”Ett och Annat”, förut ”Ett”.",
        "Text heter ”Tvåan”, förut ”Två”.",
        "Breaks Tre är borttagen.",
        "Passes Fyra är ny.",
    ];
    assert_eq!(told, expected);
    assert_eq!(difference.breaks, Some("leverantören"));
}
