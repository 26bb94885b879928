//! One test binary: the large engines are linked once.

mod facit; // derived against the truth that the demo country was drawn from
mod reference; // SQL against a second, naive implementation
mod run; // the whole night
mod spec; // meaning, case by case
mod support;
mod tidy; // conventions that lints cannot see
mod warehouse; // what DuckDB may reach
