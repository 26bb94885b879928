//! Tests of the whole protection; small ones stand in their modules.

mod cell_key;
mod country;
mod inexact;
mod known;
mod laws;
mod reader;
mod scale;
mod series;
