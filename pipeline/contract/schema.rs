//! A contract as the schema of an Arrow batch, a Parquet file or a DuckDB table.

use super::{Contract, Kind};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

impl Kind {
    /// The type in DuckDB.
    pub const fn sql(self) -> &'static str {
        match self {
            Kind::Text => "VARCHAR",
            Kind::Integer => "INTEGER",
            Kind::Long => "BIGINT",
            Kind::Decimal => "DOUBLE",
            Kind::Date => "DATE",
            Kind::Boolean => "BOOLEAN",
            Kind::Uuid => "UUID",
        }
    }

    /// The type in Arrow and, through it, in Parquet.
    pub fn arrow(self) -> DataType {
        match self {
            Kind::Text => DataType::Utf8,
            Kind::Integer => DataType::Int32,
            Kind::Long => DataType::Int64,
            Kind::Decimal => DataType::Float64,
            Kind::Date => DataType::Date32,
            Kind::Boolean => DataType::Boolean,
            Kind::Uuid => DataType::FixedSizeBinary(16),
        }
    }
}

/// The Arrow schema of a table; pseudonyms carry the UUID extension, which becomes Parquet's logical type.
pub fn arrow_schema(contract: &Contract) -> SchemaRef {
    let fields: Vec<Field> = contract
        .columns
        .iter()
        .map(|column| {
            let field = Field::new(&column.name, column.kind.arrow(), !column.required);
            if column.kind == Kind::Uuid { field.with_extension_type(arrow_schema::extension::Uuid) } else { field }
        })
        .collect();
    Arc::new(Schema::new(fields))
}
