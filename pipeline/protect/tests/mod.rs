//! Tests of the whole protection; small ones stand in their modules.

mod country;
mod known;
mod laws;
mod reader;
mod scale;
mod series;
