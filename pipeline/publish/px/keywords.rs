//! The keywords that our files may hold: which are needed, which have languages, what they refer to, what they say.
//!
//! From *PX-file format specification*, AXIS-VERSION 2013. A keyword that is not here is refused, CONFIDENTIAL above
//! all: it shows other figures than the file holds, and hides none.

/// What stands in the brackets of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subkey {
    Nothing,
    /// Each variable once.
    EveryVariable,
    /// A variable.
    Variable,
    /// The variable of time.
    Time,
    /// Each value of CONTVARIABLE once, the variable itself not named.
    EveryMeasure,
    /// A variable and one of its values.
    Value,
    /// Of each variable a value, or `*` for all of them.
    Cell,
}

/// What stands after the equals sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One text of at most so many characters.
    Text(usize),
    /// One text, which may be in pieces.
    Note,
    /// One or several texts.
    Texts,
    /// `TLIST(…)` and texts.
    Times,
    YesOrNo,
    /// YES, NO or a text.
    YesNoOrText,
    /// A whole number of at most so much.
    Number(u32),
    /// `CCYYMMDD hh:mm`
    Moment,
}

#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    pub name: &'static str,
    pub needed: bool,
    /// Stands once per language.
    pub languages: bool,
    pub subkey: Subkey,
    pub form: Form,
}

const fn keyword(name: &'static str, needed: bool, languages: bool, subkey: Subkey, form: Form) -> Keyword {
    Keyword { name, needed, languages, subkey, form }
}

use Form::{Moment, Note, Number, Text, Texts, Times, YesNoOrText, YesOrNo};
use Subkey::{Cell, EveryMeasure, EveryVariable, Nothing, Time, Value, Variable};

pub const KEYWORDS: [Keyword; 45] = [
    keyword("CHARSET", true, false, Nothing, Text(20)),
    keyword("AXIS-VERSION", true, false, Nothing, Text(20)),
    keyword("CODEPAGE", true, false, Nothing, Text(20)),
    keyword("LANGUAGE", true, false, Nothing, Text(2)),
    keyword("LANGUAGES", true, false, Nothing, Texts),
    keyword("CREATION-DATE", true, false, Nothing, Moment),
    keyword("NEXT-UPDATE", false, false, Nothing, Moment),
    keyword("UPDATE-FREQUENCY", false, false, Nothing, Text(256)),
    keyword("FIRST-PUBLISHED", false, false, Nothing, Moment),
    keyword("TABLEID", true, false, Nothing, Text(256)),
    keyword("MATRIX", true, false, Nothing, Text(20)),
    keyword("SUBJECT-CODE", true, false, Nothing, Text(20)),
    keyword("SUBJECT-AREA", true, true, Nothing, Text(256)),
    keyword("DECIMALS", true, false, Nothing, Number(15)),
    keyword("SHOWDECIMALS", false, false, Nothing, Number(6)),
    keyword("COPYRIGHT", false, false, Nothing, YesOrNo),
    keyword("AGGREGALLOWED", true, false, Nothing, YesOrNo),
    keyword("OFFICIAL-STATISTICS", true, false, Nothing, YesOrNo),
    keyword("TITLE", true, true, Nothing, Text(256)),
    keyword("DESCRIPTION", false, true, Nothing, Text(256)),
    keyword("DESCRIPTIONDEFAULT", false, false, Nothing, YesOrNo),
    keyword("CONTENTS", true, true, Nothing, Text(256)),
    keyword("STUB", true, true, Nothing, Texts),
    keyword("HEADING", true, true, Nothing, Texts),
    keyword("CONTVARIABLE", true, true, Nothing, Text(256)),
    keyword("VARIABLECODE", true, true, EveryVariable, Text(256)),
    keyword("VALUES", true, true, EveryVariable, Texts),
    keyword("CODES", true, true, EveryVariable, Texts),
    keyword("TIMEVAL", true, true, Time, Times),
    keyword("VARIABLE-TYPE", false, true, Variable, Text(20)),
    keyword("MAP", false, true, Variable, Text(256)),
    keyword("ELIMINATION", false, true, Variable, YesNoOrText),
    keyword("PRECISION", false, true, Value, Number(6)),
    keyword("LAST-UPDATED", false, true, EveryMeasure, Moment),
    keyword("UNITS", true, true, EveryMeasure, Text(256)),
    keyword("CONTACT", false, true, EveryMeasure, Text(256)),
    keyword("SOURCE", false, true, Nothing, Text(256)),
    keyword("NOTEX", false, true, Nothing, Note),
    keyword("NOTE", false, true, Variable, Note),
    keyword("VALUENOTE", false, true, Value, Note),
    keyword("CELLNOTEX", false, true, Cell, Note),
    keyword("DATASYMBOL1", false, true, Nothing, Text(20)),
    keyword("DATASYMBOL2", false, true, Nothing, Text(20)),
    keyword("DATASYMBOL3", false, true, Nothing, Text(20)),
    keyword("DATASYMBOL4", false, true, Nothing, Text(20)),
];
