//! The layers: each one a promise about data, a folder under the data root, a folder under
//! `data-contracts/` and `sql/`, and a schema in DuckDB.

use std::fmt;

/// A promise about data. The order is the order in which data pass through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Bytes as received, hashed, never edited; the only layer with identity numbers.
    Deliveries,
    /// Typed, checked against its contract, pseudonymised; one file per delivery.
    Core,
    /// Meaning decided; one row per unit of analysis.
    Derived,
    /// Counts and sums, never divided; confidential.
    Mart,
    /// Suppression pattern and intervals of a run; confidential.
    Proof,
    /// Protected tables in every format, immutable.
    Release,
}

impl Layer {
    pub const ALL: [Layer; 6] =
        [Layer::Deliveries, Layer::Core, Layer::Derived, Layer::Mart, Layer::Proof, Layer::Release];

    /// The folder name and the DuckDB schema.
    pub const fn name(self) -> &'static str {
        match self {
            Layer::Deliveries => "deliveries",
            Layer::Core => "core",
            Layer::Derived => "derived",
            Layer::Mart => "mart",
            Layer::Proof => "proof",
            Layer::Release => "release",
        }
    }

    /// What holds for every table of the layer.
    pub const fn promise(self) -> &'static str {
        match self {
            Layer::Deliveries => "bytes as received, hashed, never edited",
            Layer::Core => "typed, checked against its contract, pseudonymised",
            Layer::Derived => "meaning decided; one row per unit of analysis",
            Layer::Mart => "counts and sums, never divided",
            Layer::Proof => "what was withheld, and why that is enough",
            Layer::Release => "protected tables in every format, immutable",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
