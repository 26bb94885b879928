//! What holds at a point, put together from its components.

use super::calendar::civil;
use super::codes::Codes;
use super::component::Found;
use super::window::Measured;

/// True, false or not known.
type Three = Option<bool>;

fn word(value: Three) -> &'static str {
    match value {
        Some(true) => "ja",
        Some(false) => "nej",
        None => "okand",
    }
}

fn either(all: &[Three]) -> Three {
    if all.contains(&Some(true)) {
        return Some(true);
    }
    if all.contains(&None) { None } else { Some(false) }
}

fn both(one: Three, other: Three) -> Three {
    not(either(&[not(one), not(other)]))
}

fn not(value: Three) -> Three {
    value.map(|value| !value)
}

/// The columns of `derived.lage` in order, as text.
pub fn situation(codes: &Codes, found: &[Found], observed: bool, at: Option<Measured>) -> Vec<String> {
    let nothing = "-".to_owned();
    let of = |code: &str| {
        let at = codes.components.iter().position(|component| component.code == code).expect("of the list");
        &found[at]
    };
    let three = |code: &str| match of(code).value {
        _ if !observed => None,
        "ja" => Some(true),
        "nej" => Some(false),
        _ => None,
    };
    let public: Vec<&str> = codes.components.iter().filter(|c| c.public).map(|c| c.code.as_str()).collect();
    let supported = either(&public.iter().map(|code| three(code)).collect::<Vec<Three>>());
    let extents = public.iter().filter(|code| of(code).value == "ja").filter_map(|code| of(code).extent);
    let sum: Option<i32> = supported.map(|_| extents.sum());
    let (work, studies, enrolled) = (three("arbete"), three("studiemedel"), three("inskriven"));
    let subsidised = either(&[three("subventionerat_arbete"), three("nystartsjobb")]);
    let income = work.map(|working| if working { i64::from(of("arbete").kronor) } else { 0 });
    let level = income.zip(at).and_then(|(kronor, at)| level(codes, kronor, civil(at.month).0));
    let market = either(&[
        enrolled,
        three("a_kassa"),
        three("aktivitetsstod"),
        three("utvecklingsersattning"),
        three("etableringsersattning"),
    ]);
    let step = step(work, supported, studies, market);
    vec![
        word(supported).to_owned(),
        sum.map_or(nothing.clone(), |sum| sum.to_string()),
        sum.map_or(nothing.clone(), |sum| if sum > 1000 { "J" } else { "N" }.to_owned()),
        word(work).to_owned(),
        word(both(work, subsidised)).to_owned(),
        word(both(work, not(subsidised))).to_owned(),
        word(studies).to_owned(),
        word(either(&[work, studies])).to_owned(),
        word(enrolled).to_owned(),
        income.map_or(nothing.clone(), |kronor| kronor.to_string()),
        level.unwrap_or(nothing.clone()),
        step.map_or(nothing, |step| step.to_string()),
    ]
}

/// The level of twelve times the pay against the base amount of the year; none where there is no amount of it. No pay
/// is the first level in any year.
fn level(codes: &Codes, kronor: i64, year: i32) -> Option<String> {
    let amount = codes.base_amounts.iter().find(|(of_year, _)| *of_year == year).map(|(_, base)| base);
    let base = if kronor == 0 { &0 } else { amount? };
    let pay = 12 * kronor;
    let within = |over: &Option<i64>, up_to: &Option<i64>| {
        over.is_none_or(|over| over * base < pay) && up_to.is_none_or(|up_to| pay <= up_to * base)
    };
    codes.levels.iter().find(|(_, over, up_to)| within(over, up_to)).map(|(code, ..)| code.clone())
}

fn step(work: Three, supported: Three, studies: Three, market: Three) -> Option<i32> {
    if work? {
        return Some(if supported? { 4 } else { 5 });
    }
    if studies? {
        return Some(3);
    }
    if market? {
        return Some(2);
    }
    Some(i32::from(supported?))
}
