//! The relations and the policy that a mart contract declares (`customProperties`): what a reader knows about
//! how its cells hang together, and what counts as too few. The README of `data-contracts/` lists the keys.

use super::treatment::Treatment;
use crate::contract::Contract;
use crate::error::Result;
use serde_yaml_ng::Value;
use std::collections::BTreeMap;

/// How persons of the parts stand to persons of the whole; deltaganden always add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persons {
    /// A person is in one part only: the parts add up (`lika`).
    Equal,
    /// A person may be in several: the largest part ≤ the whole ≤ the sum of the parts (`hogst`).
    AtMost,
}

/// Where the whole of some parts stands in another mart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub mart: String,
    /// Column there → column here, where the names differ (`mot`).
    pub renamed: BTreeMap<String, String>,
    /// Column there → code (`med`).
    pub fixed: BTreeMap<String, String>,
}

/// Rows chosen by their codes: column → the codes that are meant (`dar`).
pub type Where = BTreeMap<String, Vec<String>>;

/// One declared relation (`slag`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `summa`: the codes of a column add up to its total code; with a division (`uppdelning`) those of each of its
    /// values do by themselves.
    Sum { column: String, total: String, division: Option<String>, deltaganden: Persons, persons: Persons },
    /// `nivaer`: the areas of one level add up to the area of another.
    Levels { level: String, area: String, whole: String, part: String, persons: Persons },
    /// `delar`: the codes of a column add up to a cell of another mart.
    Parts { column: String, rows: Where, link: Link, persons: Persons },
    /// `samma`: rows that differ in one column only are the same cell.
    Same { over: String, rows: Where },
    /// `hogst`: each row is at most a cell of another mart.
    AtMost { rows: Where, link: Link },
    /// `union`: a group of one classification is made of components of another; one component with the value
    /// `any` gives the group that value, and the group has the value `all` only if every component has it.
    Union { column: String, within: String, whole: String, part: String, value: String, any: String, all: String },
    /// `enPerson`: each deltagande in these rows is one person.
    OnePerson { rows: Where },
    /// `noll`: where the upper level has none of these codes, everybody knows that there is none.
    None { column: String, codes: Vec<String> },
}

/// Whom the rows of a mart are about (`skydd`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// People: counts of deltaganden and persons.
    People,
    /// Kronor of few contributors (`belopp`).
    Amounts(Amounts),
    /// Nobody who could be revealed (`oppet`); the contract says why.
    Open,
}

/// When an amount says too much of one contributor (`belopp`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// Fewest contributors.
    pub least: i64,
    /// Percent: nobody who knows his own part may know another's closer than this.
    pub percent: i64,
    /// So many contributors may not have more than so many percent: one or two.
    pub dominance: (i64, i64),
    /// Rows that are public whoever contributes: column and codes.
    pub open: Option<(String, Vec<String>)>,
}

/// What a mart contract says about protection.
#[derive(Clone, Debug)]
pub struct Policy {
    pub kind: Kind,
    pub treatment: Treatment,
    /// Persons; 1 to one fewer are too few.
    pub threshold: i64,
    /// Persons in the denominator of a share or mean that is shown.
    pub denominator: i64,
    /// Column and codes of which it is sensitive that a whole group has them.
    pub sensitive: Option<(String, Vec<String>)>,
    pub rules: Vec<Rule>,
}

/// Threshold of a mart whose contract names none, in persons (design §6).
const THRESHOLD_DEFAULT: i64 = 5;

/// Fewest persons in a cell of a mart that is shown, as its contract says.
pub fn threshold(contract: &Contract) -> i64 {
    contract.custom_number("troskel").unwrap_or(THRESHOLD_DEFAULT)
}

impl Policy {
    /// Reads the policy; `threshold_min` may raise the threshold, never lower it.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where a relation is of an unknown kind or names no column.
    pub fn of(contract: &Contract, threshold_min: i64) -> Result<Policy> {
        let declared = threshold(contract);
        if declared < 2 {
            return Err(contract.fault("troskel is at least 2 persons"));
        }
        let sensitive = match contract.custom.get("kansligaVarden") {
            None => None,
            Some(value) => {
                let reader = Reader { contract, value };
                Some((reader.column("kolumn")?, texts(value.get("koder"))))
            }
        };
        let rules = match contract.custom.get("relationer") {
            None => Vec::new(),
            Some(Value::Sequence(values)) => {
                values.iter().map(|value| Reader { contract, value }.rule()).collect::<Result<_>>()?
            }
            Some(_) => return Err(contract.fault("relationer is a list")),
        };
        let threshold = declared.max(threshold_min);
        let denominator = contract.custom_number("minstNamnare").unwrap_or(threshold);
        let kind = kind(contract)?;
        let treatment = Treatment::of(contract, &kind, declared, threshold)?;
        Ok(Policy { kind, treatment, threshold, denominator, sensitive, rules })
    }

    /// The column of the level and its code for the whole, of the first relation between levels.
    pub fn levels(&self) -> Option<(&str, &str)> {
        self.rules.iter().find_map(|rule| match rule {
            Rule::Levels { level, whole, .. } => Some((level.as_str(), whole.as_str())),
            _ => None,
        })
    }
}

/// One mapping of `customProperties`.
struct Reader<'a> {
    contract: &'a Contract,
    value: &'a Value,
}

impl Reader<'_> {
    fn text(&self, key: &str) -> Result<String> {
        let text = self.value.get(key).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| self.contract.fault(format!("a relation lacks {key}")))
    }

    fn column(&self, key: &str) -> Result<String> {
        let name = self.text(key)?;
        self.known(&name)?;
        Ok(name)
    }

    fn known(&self, name: &str) -> Result<()> {
        match self.contract.column(name) {
            Some(column) if column.key_position.is_some() => Ok(()),
            _ => Err(self.contract.fault(format!("a relation names {name}, which is no key column"))),
        }
    }

    fn persons(&self) -> Result<Persons> {
        self.adds_up("personer", None)
    }

    fn adds_up(&self, key: &str, unsaid: Option<Persons>) -> Result<Persons> {
        match (self.value.get(key).and_then(Value::as_str), unsaid) {
            (Some("lika"), _) => Ok(Persons::Equal),
            (Some("hogst"), _) => Ok(Persons::AtMost),
            (None, Some(unsaid)) => Ok(unsaid),
            _ => Err(self.contract.fault(format!("{key} is lika or hogst"))),
        }
    }

    fn rows(&self) -> Result<Where> {
        let rows = self.some_rows()?;
        if rows.is_empty() { Err(self.contract.fault("a relation lacks dar")) } else { Ok(rows) }
    }

    /// The rows that a relation is about; all where it names none.
    fn some_rows(&self) -> Result<Where> {
        let pairs = self.value.get("dar").and_then(Value::as_mapping).into_iter().flatten();
        let rows: Where = pairs.filter_map(|(k, v)| Some((k.as_str()?.to_owned(), texts(Some(v))))).collect();
        rows.keys().try_for_each(|column| self.known(column))?;
        Ok(rows)
    }

    fn link(&self) -> Result<Link> {
        let link = Link::of(self.contract, self.value)?;
        link.renamed.values().try_for_each(|column| self.known(column))?;
        Ok(link)
    }

    fn rule(&self) -> Result<Rule> {
        Ok(match self.text("slag")?.as_str() {
            "summa" => {
                let column = self.column("kolumn")?;
                let total = self.contract.column(&column).and_then(|c| c.custom_text("totalkod"));
                let total = total.ok_or_else(|| self.contract.fault(format!("{column} has no totalkod")))?.to_owned();
                let division = self.value.get("uppdelning").and_then(Value::as_str).map(str::to_owned);
                let deltaganden = self.adds_up("deltaganden", Some(Persons::Equal))?;
                Rule::Sum { column, total, division, deltaganden, persons: self.persons()? }
            }
            "nivaer" => Rule::Levels {
                level: self.column("niva")?,
                area: self.column("omrade")?,
                whole: self.text("hel")?,
                part: self.text("del")?,
                persons: self.persons()?,
            },
            "delar" => Rule::Parts {
                column: self.column("kolumn")?,
                rows: self.some_rows()?,
                link: self.link()?,
                persons: self.persons()?,
            },
            "samma" => Rule::Same { over: self.column("over")?, rows: self.rows()? },
            "hogst" => Rule::AtMost { rows: self.rows()?, link: self.link()? },
            "union" => Rule::Union {
                column: self.column("kolumn")?,
                within: self.column("inom")?,
                whole: self.text("hel")?,
                part: self.text("del")?,
                value: self.column("varde")?,
                any: self.text("nagon")?,
                all: self.text("alla")?,
            },
            "enPerson" => Rule::OnePerson { rows: self.rows()? },
            "noll" => Rule::None { column: self.column("kolumn")?, codes: texts(self.value.get("koder")) },
            other => return Err(self.contract.fault(format!("{other} is no kind of relation"))),
        })
    }
}

impl Link {
    /// Reads `mart`, `mot` and `med` of a mapping.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where no mart is named.
    pub fn of(contract: &Contract, value: &Value) -> Result<Link> {
        let pairs = |key: &str| {
            let pairs = value.get(key).and_then(Value::as_mapping).into_iter().flatten();
            pairs.filter_map(|(k, v)| Some((k.as_str()?.to_owned(), v.as_str()?.to_owned()))).collect()
        };
        let mart = value.get("mart").and_then(Value::as_str).ok_or_else(|| contract.fault("a link lacks mart"))?;
        Ok(Link { mart: mart.to_owned(), renamed: pairs("mot"), fixed: pairs("med") })
    }
}

fn kind(contract: &Contract) -> Result<Kind> {
    match contract.custom_text("skydd") {
        None => Ok(Kind::People),
        Some("oppet") if contract.custom_text("skal").is_some() => Ok(Kind::Open),
        Some("oppet") => Err(contract.fault("skydd: oppet needs its reason (skal)")),
        Some("belopp") => {
            let rule = contract.custom.get("belopp").ok_or_else(|| contract.fault("skydd: belopp lacks belopp"))?;
            let number = |of: Option<&Value>, key: &str| {
                let number = of.and_then(|of| of.get(key)).and_then(Value::as_i64);
                number.ok_or_else(|| contract.fault(format!("belopp lacks {key}")))
            };
            let dominance = rule.get("dominans");
            let open = rule.get("oppna").map(|open| {
                let column = open.get("kolumn").and_then(Value::as_str);
                let column = column.filter(|name| contract.column(name).is_some_and(|c| c.key_position.is_some()));
                let column = column.ok_or_else(|| contract.fault("oppna names no key column"))?;
                Ok((column.to_owned(), texts(open.get("koder"))))
            });
            Ok(Kind::Amounts(Amounts {
                least: number(Some(rule), "minst")?,
                percent: number(Some(rule), "p")?,
                dominance: (number(dominance, "antal")?, number(dominance, "andel")?),
                open: open.transpose()?,
            }))
        }
        Some(_) => Err(contract.fault("skydd is oppet or belopp")),
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let values = value.and_then(Value::as_sequence).into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}
