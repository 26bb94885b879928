//! One test binary: the large engines are linked once.
#![allow(clippy::expect_used, reason = "where a test cannot go on it says so and stops")]

mod cell_key; // noise from deliveries to release
mod cli; // exit codes, messages, plan, status
mod contracts; // a changed rule changes the outcome
mod disclosure; // a reader who computes
mod disk; // a full disk
mod facit; // derived against the truth that the demo country was drawn from
mod floor; // the least that ingest can take, measured
mod formats; // every format read back
mod golden; // a small country and its whole release
mod ingest; // one bad delivery per rule, and what follows from it
mod lab; // views of what is confidential, and questions to them
mod leak; // no identity number in any file that we write
mod memory; // as much at sixteen times the rows
mod prov; // the sample: every code, every option, every rule
mod rates;
mod redovisning; // what the country delivers beside its registers
mod reference; // SQL against a second, naive implementation
mod reference_measures; // the measures, the same way
mod rotation; // another key for a whole data root
mod run; // the whole night
mod spec; // meaning, case by case
mod support;
mod tidy; // conventions that lints cannot see
mod warehouse; // what DuckDB may reach
