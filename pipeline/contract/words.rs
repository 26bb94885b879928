//! How a value of a column is written, in words: English for operators, Swedish for suppliers.

use super::{Column, DateForm, Kind};

/// The same in both languages.
pub struct Words {
    pub english: String,
    pub swedish: String,
}

impl Column {
    /// What a value is to look like, by its type and, of a date, its form.
    pub fn form_in_words(&self) -> Words {
        let said = |english: &str, swedish: &str| Words { english: english.into(), swedish: swedish.into() };
        match (self.kind, self.date_form) {
            (Kind::Date, DateForm::Dashed) => said("a date YYYY-MM-DD", "en dag ÅÅÅÅ-MM-DD"),
            (Kind::Date, DateForm::Compact) => said("a date YYYYMMDD", "en dag ÅÅÅÅMMDD"),
            (Kind::Date, DateForm::Month) => said("a month YYYYMM", "en månad ÅÅÅÅMM"),
            (Kind::Date, DateForm::Week) => said("a week YYYYWW", "en ISO-vecka ÅÅÅÅVV"),
            (Kind::Date, DateForm::Partial) => {
                said("a date, with 00 for unknown month and day", "en dag, med 00 för okänd månad och dag")
            }
            (Kind::Decimal, _) => Words {
                english: format!("a number with decimal mark {}", self.decimal_mark),
                swedish: format!("ett tal med decimaltecknet {}", self.decimal_mark),
            },
            _ => said("a whole number", "ett heltal"),
        }
    }
}
