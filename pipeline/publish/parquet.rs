//! Parquet: `<table>.parquet`, by the release contract.

use super::{Edition, table};
use crate::contract::arrow_schema;
use crate::error::Result;
use crate::lake::Writer;
use crate::protect::Protected;
use std::path::Path;

pub fn write(protected: &Protected, edition: &Edition<'_>, folder: &Path) -> Result<()> {
    for protected_table in protected.tables() {
        let contract = protected_table.contract();
        let name = contract.full_name();
        let metadata = [
            ("finsam.table", name.as_str()),
            ("finsam.contract", contract.version.as_str()),
            ("finsam.run_id", edition.run_id),
        ];
        let path = folder.join(format!("{}.parquet", contract.name));
        let mut writer = Writer::create(&path, arrow_schema(contract), &metadata)?;
        writer.write(&table::batch(protected_table, edition.labels)?)?;
        writer.finish()?;
    }
    Ok(())
}
