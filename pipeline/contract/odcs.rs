//! From ODCS v3.2 YAML to a [`Contract`]: names are checked, nothing is guessed.

use super::{Column, Contract, DateForm, Identity, Kind, Retention, RowRule, Sensitivity, Severity};
use crate::error::{Error, Result};
use crate::layer::Layer;
use crate::pseudonymise::Issuers;
use serde::Deserialize;
use serde_yaml_ng::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

// What we do not read is named too, so that a misspelt key is refused and not passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    api_version: String,
    #[serde(rename = "kind")]
    _kind: Option<String>,
    #[serde(rename = "id")]
    _id: Option<String>,
    #[serde(rename = "name")]
    _name: Option<String>,
    version: String,
    #[serde(rename = "status")]
    _status: Option<String>,
    #[serde(rename = "domain")]
    _domain: Option<String>,
    #[serde(rename = "dataProduct")]
    _data_product: Option<String>,
    #[serde(rename = "description")]
    _description: Option<Value>,
    schema: Vec<Table>,
    #[serde(default)]
    custom_properties: Vec<Custom>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    property: String,
    value: Value,
    #[serde(rename = "description")]
    _description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Table {
    name: String,
    business_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    data_granularity_description: String,
    #[serde(default)]
    quality: Vec<Quality>,
    #[serde(default)]
    custom_properties: Vec<Custom>,
    properties: Vec<Property>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quality {
    name: String,
    #[serde(rename = "type")]
    _kind: Option<String>,
    engine: Option<String>,
    severity: Option<String>,
    implementation: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Synonym {
    synonym: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Property {
    name: String,
    business_name: String,
    physical_name: Option<String>,
    logical_type: String,
    physical_type: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    primary_key: bool,
    primary_key_position: Option<u32>,
    classification: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    logical_type_options: Options,
    #[serde(default)]
    synonyms: Vec<Synonym>,
    #[serde(default)]
    transform_source_objects: Vec<String>,
    #[serde(default)]
    examples: Vec<Value>,
    #[serde(default)]
    custom_properties: Vec<Custom>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Options {
    minimum: Option<i64>,
    maximum: Option<i64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    pattern: Option<String>,
}

pub(super) fn parse(layer: Layer, name: &str, yaml: &str) -> Result<Contract> {
    let fault = |reason: String| Error::Contract { contract: format!("{layer}.{name}"), reason };
    let document: Document = serde_yaml_ng::from_str(yaml).map_err(|e| fault(e.to_string()))?;
    if document.api_version != "v3.2.0" {
        return Err(fault("apiVersion is not v3.2.0".into()));
    }
    let [table] = <[Table; 1]>::try_from(document.schema).map_err(|_| fault("one table per contract".into()))?;
    if table.name != name {
        return Err(fault(format!("the file is named {name}, the table {}", table.name)));
    }
    let head = map(table.custom_properties);
    let columns = table.properties.into_iter().map(|p| column(p).map_err(&fault)).collect::<Result<Vec<_>>>()?;
    let custom = map(document.custom_properties);
    let contract = Contract {
        layer,
        name: name.to_owned(),
        version: document.version,
        title: table.business_name,
        title_en: text(&head, "titelEn").unwrap_or_default(),
        description: table.description,
        grain: table.data_granularity_description,
        columns,
        row_rules: table.quality.into_iter().map(|q| row_rule(q).map_err(&fault)).collect::<Result<_>>()?,
        retention: retention(&custom).map_err(&fault)?,
        custom,
        digest: crate::hex(&Sha256::digest(yaml.as_bytes())),
    };
    check_names(&contract)?;
    Ok(contract)
}

fn check_names(contract: &Contract) -> Result<()> {
    for (index, column) in contract.columns.iter().enumerate() {
        if column.name != crate::fold::fold(&column.name) {
            return Err(contract.fault(format!("column {} is not a folded name", column.name)));
        }
        if contract.position(&column.name) != Some(index) {
            return Err(contract.fault(format!("column {} is there twice", column.name)));
        }
    }
    for column in contract.columns.iter().filter(|column| column.code_date.is_some()) {
        let date = column.code_date.as_ref().and_then(|name| contract.column(name));
        let is_whole = |date: &Column| date.kind == Kind::Date && date.date_form != DateForm::Partial;
        if column.code_list.is_none() || !date.is_some_and(is_whole) {
            return Err(contract.fault(format!("{}: koddatum takes a kodlista and the name of a date", column.name)));
        }
    }
    for RowRule::Order { from, till, .. } in &contract.row_rules {
        for name in [from, till] {
            if contract.column(name).is_none() {
                return Err(contract.fault(format!("a rule names {name}, which is no column")));
            }
        }
    }
    Ok(())
}

fn map(properties: Vec<Custom>) -> BTreeMap<String, Value> {
    properties.into_iter().map(|custom| (custom.property, custom.value)).collect()
}

fn text(custom: &BTreeMap<String, Value>, key: &str) -> Option<String> {
    custom.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn kind(logical: &str, physical: Option<&str>) -> std::result::Result<Kind, String> {
    Ok(match (logical, physical) {
        ("string", Some("UUID")) => Kind::Uuid,
        ("string", _) => Kind::Text,
        ("integer", Some("INTEGER")) => Kind::Integer,
        ("integer", _) => Kind::Long,
        ("number", _) => Kind::Decimal,
        ("date", _) => Kind::Date,
        ("boolean", _) => Kind::Boolean,
        (other, _) => return Err(format!("logicalType {other} is not one of ours")),
    })
}

fn column(property: Property) -> std::result::Result<Column, String> {
    let custom = map(property.custom_properties);
    let name = property.name;
    let date_form = match text(&custom, "datumformat").as_deref() {
        None | Some("yyyy-mm-dd") => DateForm::Dashed,
        Some("yyyymmdd") => DateForm::Compact,
        Some("yyyymm") => DateForm::Month,
        Some("yyyyww") => DateForm::Week,
        Some("ofullstandig") => DateForm::Partial,
        Some(other) => return Err(format!("{name}: datumformat {other} is not one of ours")),
    };
    let identity = match text(&custom, "identitet").as_deref() {
        None => None,
        Some("person") => Some(Identity::Person),
        Some("arbetsgivare") => Some(Identity::Employer),
        Some("hushall") => Some(Identity::Household),
        Some(other) => return Err(format!("{name}: identitet {other} is not one of ours")),
    };
    let codes = custom.get("reservnummer").and_then(Value::as_sequence).into_iter().flatten();
    let issuers = Issuers::named(codes.map(|code| code.as_str().unwrap_or_default()));
    let issuers = issuers.map_err(|code| format!("{name}: reservnummer {code} is no issuer of ours"))?;
    if custom.contains_key("reservnummer") && (issuers.is_empty() || identity != Some(Identity::Person)) {
        return Err(format!("{name}: reservnummer is a list of issuers, of a column with identitet person"));
    }
    let number =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let position = match custom.get("position") {
        None => None,
        Some(value) => match (number(value, "start"), number(value, "bredd")) {
            (Some(start), Some(width)) if start > 0 && width > 0 => Some((start, width)),
            _ => return Err(format!("{name}: position takes start (from 1) and bredd")),
        },
    };
    let key_position =
        property.primary_key.then(|| property.primary_key_position.ok_or(format!("{name}: key without position")));
    let blank = property.examples.first().map(|value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    });
    let sensitivity = match property.classification.as_deref() {
        None => None,
        Some(class) => match Sensitivity::ALL.into_iter().find(|one| one.name() == class) {
            None => return Err(format!("{name}: classification {class} is not one of ours")),
            found => found,
        },
    };
    Ok(Column {
        header: property.physical_name.unwrap_or_else(|| name.clone()),
        title: property.business_name,
        title_en: text(&custom, "titelEn").unwrap_or_default(),
        description: property.description,
        aliases: property.synonyms.into_iter().map(|s| s.synonym).collect(),
        kind: kind(&property.logical_type, property.physical_type.as_deref())?,
        required: property.required,
        key_position: key_position.transpose()?,
        date_form,
        minimum: property.logical_type_options.minimum,
        maximum: property.logical_type_options.maximum,
        min_length: property.logical_type_options.min_length,
        max_length: property.logical_type_options.max_length,
        pattern: property.logical_type_options.pattern,
        code_list: text(&custom, "kodlista"),
        code_date: text(&custom, "koddatum"),
        identity,
        sensitivity,
        issuers,
        position,
        null_texts: custom
            .get("saknasSom")
            .and_then(Value::as_sequence)
            .map(|texts| texts.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default(),
        severity: severity(text(&custom, "allvar").as_deref())?,
        decimal_mark: text(&custom, "decimaltecken").and_then(|t| t.chars().next()).unwrap_or('.'),
        blank: blank.unwrap_or_default(),
        source: property.transform_source_objects.into_iter().next(),
        name,
        custom,
    })
}

fn retention(custom: &BTreeMap<String, Value>) -> std::result::Result<Option<Retention>, String> {
    let Some(value) = custom.get("gallras") else { return Ok(None) };
    let years = value.get("ar").and_then(Value::as_u64).and_then(|years| u32::try_from(years).ok());
    let reason = value.get("skal").and_then(Value::as_str).unwrap_or_default();
    match years {
        Some(years @ 1..=100) => Ok(Some(Retention { years, reason: reason.to_owned() })),
        _ => Err("gallras takes ar, whole years from 1 to 100, and skal".into()),
    }
}

fn severity(name: Option<&str>) -> std::result::Result<Severity, String> {
    match name {
        None | Some("avvisa") => Ok(Severity::Reject),
        Some("notera") => Ok(Severity::Note),
        Some("stoppa") => Ok(Severity::Stop),
        Some(other) => Err(format!("severity {other} is not avvisa, notera or stoppa")),
    }
}

fn row_rule(quality: Quality) -> std::result::Result<RowRule, String> {
    let name = quality.name;
    let value = match (quality.engine.as_deref(), quality.implementation) {
        (Some("finsam"), Some(value)) => value,
        _ => return Err(format!("rule {name} is not of engine finsam")),
    };
    let field = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    match (field("regel").as_deref(), field("fran"), field("till")) {
        (Some("ordning"), Some(from), Some(till)) => {
            Ok(RowRule::Order { name, from, till, severity: severity(quality.severity.as_deref())? })
        }
        _ => Err(format!("rule {name} is not an ordning of two columns")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(lines: &str) -> Result<Contract> {
        let yaml = format!(
            "apiVersion: v3.2.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nschema:\n  \
             - name: prov\n    businessName: Prov\n    properties:\n{lines}"
        );
        Contract::parse(Layer::Deliveries, "prov", &yaml)
    }

    #[test]
    fn reads_a_column() {
        let contract = contract(
            "      - {name: datum, businessName: Datum, logicalType: date, required: true, \
             customProperties: [{property: datumformat, value: yyyymm}]}\n",
        )
        .expect("the contract is sound");
        assert_eq!(contract.columns[0].date_form, DateForm::Month);
        assert_eq!(contract.columns[0].header, "datum");
        assert!(contract.columns[0].required);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for lines in [
            "      - {name: Datum, businessName: Datum, logicalType: date}\n",
            "      - {name: datum, businessName: Datum, logicalType: moment}\n",
            "      - {name: a, businessName: A, logicalType: date, \
             customProperties: [{property: datumformat, value: dd/mm}]}\n",
            "      - {name: a, businessName: A, logicalType: string, customProperties: \
             [{property: identitet, value: person}, {property: reservnummer, value: [dalarna]}]}\n",
            "      - {name: a, businessName: A, logicalType: string, customProperties: \
             [{property: identitet, value: hushall}, {property: reservnummer, value: [sll]}]}\n",
        ] {
            let error = contract(lines).expect_err("the contract is at fault");
            assert!(matches!(error, Error::Contract { .. }), "{lines}");
        }
    }
}
