//! finsam: what people lived on when they came into an insats financed by a samordningsförbund, when they
//! left, and six months later. Modules in reading order; `stage` is the table of contents.
//!
//! What holds everywhere:
//!
//! 1. A stage reads the layers it names and writes one; nothing is edited in place.
//! 2. Identity numbers exist in `deliveries` and in the memory of `ingest`, nowhere else: no file that we
//!    write holds one, and DuckDB is never shown the deliveries.
//! 3. Only `pseudonymise` touches the key, and only its check value is written down.
//! 4. A writer of a release format takes `&Protected`, which only `protect` makes.
//! 5. Only `job` asks for the time, the environment or the working folder: same inputs, same bytes.
//! 6. SQL never parses, Rust never decides meaning.
//! 7. No message, log or fault holds a value from a person's row.

pub mod rotation;
pub mod stage;

pub mod layer;
pub mod ledger;

pub mod contract;
pub mod fold;

pub mod job;
pub mod log;
pub mod settings;
pub mod talk;

pub mod fault;
pub mod ingest;
pub mod pseudonymise;
pub mod receipt;
pub mod refusal;
pub mod retention;

pub mod calendar;
pub mod derive;
pub mod lake;
pub mod record_key;
pub mod warehouse;

pub mod aggregate;
pub mod lab;
pub mod proof;
pub mod protect;
pub mod publish;

pub mod command;
pub mod error;
pub mod generate;

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|d| char::from(DIGITS[usize::from(d)])).collect()
}
