//! Registered with Arbetsförmedlingen: the periods as they were, and the rows as they were entered.
//!
//! Rows are never corrected, only added: what was entered by mistake stays and the next row holds; the end is set by
//! the system, now and then too late; what is entered afterwards for a time within an older row cuts it in two.

use crate::contract::{Code, CodeList};
use crate::error::Result;
use crate::generate::chance::Chance;
use crate::generate::observation::{AF_FROM, KNOWN_TILL};
use crate::generate::tid::{day, shift};
use chrono::NaiveDate;
use std::collections::VecDeque;

/// What a category says of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grupp {
    Subventionerat,
    Nystart,
    Annan,
}

/// Days in a category, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    pub fran: NaiveDate,
    /// None while it goes on.
    pub till: Option<NaiveDate>,
    pub skat: String,
    pub grupp: Grupp,
}

impl Period {
    pub fn new(fran: NaiveDate, till: Option<NaiveDate>, skat: &str, grupp: Grupp) -> Period {
        Period { fran, till, skat: skat.to_owned(), grupp }
    }

    fn covers(&self, when: NaiveDate) -> bool {
        self.fran <= when && self.till.is_none_or(|till| when <= till)
    }

    fn until(&self, till: Option<NaiveDate>) -> Period {
        Period { till, ..self.clone() }
    }

    fn length(&self) -> i64 {
        self.till.map_or(i64::MAX, |till| (till - self.fran).num_days() + 1)
    }
}

#[derive(Default)]
pub struct Sokande {
    /// As it was: in order of time, none in the time of another.
    perioder: Vec<Period>,
    /// As it was entered, in that order.
    rader: Vec<Period>,
}

/// The first day of rows that are ended too late, and of a code for what was entered by mistake.
const CARELESS_FROM: NaiveDate = day(2016, 1, 1);
const BY_MISTAKE: &str = "96";

impl Sokande {
    pub fn is_empty(&self) -> bool {
        self.perioder.is_empty()
    }

    /// The rows as entered, in that order.
    pub fn rows(&self) -> &[Period] {
        &self.rader
    }

    /// The category that a person was in.
    pub fn period_on(&self, when: NaiveDate) -> Option<&Period> {
        self.perioder.iter().find(|period| period.covers(when))
    }

    /// The category that the rows say: of those that cover a day the one entered last.
    pub fn row_on(&self, when: NaiveDate) -> Option<&Period> {
        self.rader.iter().rev().find(|rad| rad.covers(when))
    }

    /// Puts a period in, in the place of what was there.
    pub fn put(&mut self, period: Period) {
        let mut all = Vec::new();
        for old in self.perioder.drain(..) {
            if old.fran < period.fran {
                let before = shift(period.fran, -1);
                all.push(old.until(Some(old.till.map_or(before, |till| till.min(before)))));
            }
            if let Some(last) = period.till
                && old.till.is_none_or(|till| till > last)
            {
                all.push(Period { fran: old.fran.max(shift(last, 1)), ..old });
            }
        }
        all.push(period);
        all.sort_by_key(|period| period.fran);
        self.perioder = all;
    }

    /// Nothing after a day.
    pub fn end(&mut self, last: NaiveDate) {
        self.perioder.retain(|period| period.fran <= last);
        for period in &mut self.perioder {
            period.till = Some(period.till.map_or(last, |till| till.min(last)));
        }
    }

    /// Makes the rows: what is known when the register is drawn.
    pub fn enter(&mut self, chance: &mut Chance) {
        let mut rader: Vec<Period> = Vec::new();
        let mut at = 0;
        while let Some(period) = self.perioder.get(at) {
            let careful = period.fran < CARELESS_FROM;
            let (next, after) = (self.perioder.get(at + 1), self.perioder.get(at + 2));
            if let (Some(next), Some(rest)) = (next, after)
                && is_cut(period, next, rest)
            {
                rader.extend([period.until(rest.till), next.clone()]);
                at += 3;
                continue;
            }
            if !careful && period.length() > 4 && chance.promille(80) {
                rader.push(Period::new(period.fran, Some(shift(period.fran, 3)), BY_MISTAKE, Grupp::Annan));
            }
            let till = if careful { period.till } else { ended(chance, period, next) };
            let row = period.until(till);
            let apart = |last: &Period| !last.covers(row.fran) && last.skat != BY_MISTAKE;
            match rader.pop() {
                // Entered after what followed it.
                Some(last) if apart(&last) && chance.promille(30) => rader.extend([row, last]),
                last => rader.extend(last.into_iter().chain([row])),
            }
            at += 1;
        }
        rader.retain(|rad| rad.fran <= KNOWN_TILL);
        for rad in &mut rader {
            rad.till = rad.till.filter(|till| *till <= KNOWN_TILL);
        }
        self.rader = rader;
    }
}

/// Whether the first and the last are one period that the second was put into.
fn is_cut(first: &Period, second: &Period, last: &Period) -> bool {
    let follows = |one: &Period, other: &Period| one.till.is_some_and(|till| shift(till, 1) == other.fran);
    follows(first, second)
        && follows(second, last)
        && first.skat == last.skat
        && first.grupp == last.grupp
        && first.fran >= CARELESS_FROM
}

/// When the system ended a row: a few days into the next one, or after a person was long gone.
fn ended(chance: &mut Chance, period: &Period, next: Option<&Period>) -> Option<NaiveDate> {
    let till = period.till?;
    let Some(next) = next else {
        return match chance.below(1000) {
            0..60 => Some(shift(till, chance.between(10, 200))),
            60..80 => None,
            _ => Some(till),
        };
    };
    let late = if shift(till, 1) == next.fran {
        next.till.map_or(shift(till, 9), |last| last.min(shift(till, 9)))
    } else {
        shift(next.fran, -1).min(shift(till, chance.between(10, 200)))
    };
    Some(if chance.promille(80) { late } else { till })
}

/// The categories there are, and whose turn it is: those that have not been given for the longest time come first.
pub struct Kategorier {
    all: Vec<(Code, Grupp)>,
    next: VecDeque<usize>,
}

impl Kategorier {
    /// # Errors
    /// [`crate::error::Error::Contract`] where the list does not say what the categories mean.
    pub fn new(list: &CodeList) -> Result<Kategorier> {
        let grupp = |grupp: &str| match grupp {
            "atgardssysselsattning" => Grupp::Subventionerat,
            "nystartsjobb" => Grupp::Nystart,
            _ => Grupp::Annan,
        };
        let groups = list.further("scb_grupp_kod")?.map(|(_, name)| grupp(name));
        let all: Vec<(Code, Grupp)> = list.codes.iter().cloned().zip(groups).collect();
        Ok(Kategorier { next: (0..all.len()).collect(), all })
    }

    /// A period in the next category, in days that it was valid in and that are between `first` and `last`.
    pub fn draw(&mut self, chance: &mut Chance, first: NaiveDate, last: NaiveDate) -> Option<Period> {
        let days = |code: &Code| {
            let from = code.valid_from.unwrap_or(AF_FROM).max(AF_FROM).max(first);
            let till = code.valid_till.unwrap_or(last).min(last);
            (from <= till).then_some((from, till))
        };
        let at = self.next.iter().position(|index| days(&self.all[*index].0).is_some())?;
        let index = self.next.remove(at)?;
        self.next.push_back(index);
        let (code, grupp) = &self.all[index];
        let (from, till) = days(code)?;
        let fran = shift(from, chance.between(0, (till - from).num_days()));
        Some(Period::new(fran, Some(shift(fran, chance.between(0, 200)).min(last)), &code.code, *grupp))
    }
}
