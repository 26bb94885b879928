//! As much of JSON Schema (2019-09) as the published schema of ODCS needs; a keyword that is not known here panics.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A schema with its definitions.
pub struct JsonSchema {
    root: Value,
}

/// What a schema says of a value.
#[derive(Default)]
struct Finding {
    /// Where, and which keyword is not kept.
    faults: Vec<String>,
    /// The keys of an object that a `properties` or `additionalProperties` has judged.
    judged: BTreeSet<String>,
}

impl Finding {
    fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    /// A subschema that has to hold.
    fn and(&mut self, other: Finding) {
        self.faults.extend(other.faults);
        self.judged.extend(other.judged);
    }
}

/// Keywords that say nothing about whether a value is sound.
const WORDS: [&str; 10] =
    ["$schema", "$defs", "title", "description", "examples", "default", "deprecated", "format", "then", "else"];

impl JsonSchema {
    pub fn parse(text: &str) -> JsonSchema {
        JsonSchema { root: serde_json::from_str(text).expect("a schema is JSON") }
    }

    /// Where the value does not hold; nothing where it does.
    pub fn faults(&self, value: &Value) -> Vec<String> {
        self.judge(&self.root, value, "").faults
    }

    fn judge(&self, schema: &Value, value: &Value, path: &str) -> Finding {
        let mut finding = Finding::default();
        let keywords = match schema {
            Value::Bool(true) => return finding,
            Value::Bool(false) => {
                finding.faults.push(format!("{path}: nothing may stand here"));
                return finding;
            }
            _ => schema.as_object().expect("a schema is an object or a boolean"),
        };
        for (keyword, rule) in keywords.iter().filter(|(keyword, _)| !WORDS.contains(&keyword.as_str())) {
            self.keyword(keyword, rule, keywords, value, path, &mut finding);
        }
        if let (Some(rule), Value::Object(object)) = (keywords.get("unevaluatedProperties"), value) {
            self.others(rule, object, path, &mut finding);
        }
        finding
    }

    fn keyword(
        &self,
        keyword: &str,
        rule: &Value,
        keywords: &Map<String, Value>,
        value: &Value,
        path: &str,
        finding: &mut Finding,
    ) {
        let all = || rule.as_array().expect("a list of schemas").iter().map(|one| self.judge(one, value, path));
        match keyword {
            "$ref" => {
                let place = rule.as_str().and_then(|place| place.strip_prefix('#')).expect("a place in this schema");
                finding.and(self.judge(self.root.pointer(place).expect("the place is there"), value, path));
            }
            "allOf" => all().for_each(|one| finding.and(one)),
            "anyOf" | "oneOf" => {
                let kept: Vec<Finding> = all().filter(Finding::holds).collect();
                if kept.is_empty() || keyword == "oneOf" && kept.len() > 1 {
                    finding.faults.push(format!("{path}: {keyword} holds for {}", kept.len()));
                }
                kept.into_iter().for_each(|one| finding.and(one));
            }
            "not" if self.judge(rule, value, path).holds() => finding.faults.push(format!("{path}: not")),
            "if" => {
                let condition = self.judge(rule, value, path);
                let next = if condition.holds() { "then" } else { "else" };
                if condition.holds() {
                    finding.and(condition);
                }
                if let Some(schema) = keywords.get(next) {
                    finding.and(self.judge(schema, value, path));
                }
            }
            "properties" | "additionalProperties" | "required" => {
                if let Value::Object(object) = value {
                    self.object(keyword, rule, keywords, object, path, finding);
                }
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    finding.and(self.judge(rule, item, &format!("{path}/{at}")));
                }
            }
            "not" | "unevaluatedProperties" => {}
            _ if !plain(keyword, rule, value) => finding.faults.push(format!("{path}: {keyword} {rule}")),
            _ => {}
        }
    }

    fn object(
        &self,
        keyword: &str,
        rule: &Value,
        keywords: &Map<String, Value>,
        object: &Map<String, Value>,
        path: &str,
        finding: &mut Finding,
    ) {
        let named = |name: &str| keywords.get("properties").is_some_and(|named| named.get(name).is_some());
        match keyword {
            "required" => {
                for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if !object.contains_key(name) {
                        finding.faults.push(format!("{path}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, value) in object.iter().filter(|(name, _)| named(name)) {
                    let judged = self.judge(&rule[name], value, &format!("{path}/{name}"));
                    finding.faults.extend(judged.faults);
                    finding.judged.insert(name.clone());
                }
            }
            _ => {
                let further = object.iter().filter(|(name, _)| !named(name));
                let further: Map<String, Value> = further.map(|(name, value)| (name.clone(), value.clone())).collect();
                finding.judged.retain(|name| !further.contains_key(name));
                self.others(rule, &further, path, finding);
            }
        }
    }

    /// A rule for the keys of an object that nothing has judged.
    fn others(&self, rule: &Value, object: &Map<String, Value>, path: &str, finding: &mut Finding) {
        for (name, value) in object {
            if finding.judged.insert(name.clone()) {
                finding.faults.extend(self.judge(rule, value, &format!("{path}/{name}")).faults);
            }
        }
    }
}

/// A keyword that looks at one value only.
fn plain(keyword: &str, rule: &Value, value: &Value) -> bool {
    let length = value.as_array().map(Vec::len);
    let bound = || rule.as_u64().and_then(|bound| usize::try_from(bound).ok()).expect("a number of items");
    match keyword {
        "type" => match rule {
            Value::Array(types) => types.iter().any(|one| is_of(one, value)),
            one => is_of(one, value),
        },
        "const" => rule == value,
        "enum" => rule.as_array().expect("a list").contains(value),
        "minItems" => length.is_none_or(|length| length >= bound()),
        "maxItems" => length.is_none_or(|length| length <= bound()),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
        "exclusiveMinimum" => value.as_f64().is_none_or(|number| number > rule.as_f64().expect("a number")),
        "uniqueItems" => {
            let items = value.as_array().map_or(&[][..], Vec::as_slice);
            items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))
        }
        // The pattern of an id; no other pattern is for what our contracts use.
        "pattern" => {
            assert_eq!(rule, r"^[^\s.#/\\@!%&^]+$", "a pattern that is not judged here");
            let is_sound = |id: &str| !id.contains(|c: char| c.is_whitespace() || r".#/\@!%&^".contains(c));
            value.as_str().is_none_or(|id| !id.is_empty() && is_sound(id))
        }
        other => panic!("the keyword {other} is not judged here"),
    }
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("a type is named") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("the type {other} is not judged here"),
    }
}
