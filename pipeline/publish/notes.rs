//! What the columns of a release mean, said once: each text of a contract is one note, numbered through all tables.

use crate::contract::Column;
use crate::protect::Protected;

/// The notes of a release, in the order of its tables and their columns.
pub struct Notes {
    notes: Vec<Note>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Note {
    /// Of the column.
    pub title: String,
    pub text: String,
}

impl Notes {
    pub fn of(protected: &Protected) -> Notes {
        let mut notes: Vec<Note> = Vec::new();
        for column in protected.tables().iter().flat_map(|table| &table.contract().columns) {
            let note = Note { title: column.title.clone(), text: column.description.trim().to_owned() };
            if !note.text.is_empty() && !notes.contains(&note) {
                notes.push(note);
            }
        }
        Notes { notes }
    }

    pub fn all(&self) -> impl Iterator<Item = (usize, &Note)> {
        self.notes.iter().enumerate().map(|(place, note)| (place + 1, note))
    }

    /// The number of a column's note, from 1; none where its contract says no more than its title.
    pub fn number(&self, column: &Column) -> Option<usize> {
        let is_its = |note: &Note| note.title == column.title && note.text == column.description.trim();
        self.notes.iter().position(is_its).map(|place| place + 1)
    }

    /// The title of a column, with the mark of its note.
    pub fn header(&self, column: &Column) -> String {
        match self.number(column) {
            Some(number) => format!("{} {}", column.title, mark(number)),
            None => column.title.clone(),
        }
    }
}

/// As it stands in headers: in brackets, which a screen reader says, and never raised.
pub fn mark(number: usize) -> String {
    format!("[not {number}]")
}
