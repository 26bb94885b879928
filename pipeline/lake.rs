//! Reads and writes one table of one layer as Parquet: one writer, one set of properties, renamed into place whole.

use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Rows per row group. The writer holds one until it is full, and what describes those before it until the file is
/// closed: so many that a long table has few, so few that a short one costs as much.
const ROW_GROUP: usize = 32_768;

/// Writes a table; nothing stands under its name until [`Writer::finish`].
pub struct Writer {
    path: PathBuf,
    unfinished: PathBuf,
    inner: ArrowWriter<File>,
    /// Rows that do not fill a row group yet.
    pending: Vec<RecordBatch>,
    rows: u64,
    is_named: bool,
}

impl Writer {
    /// Begins a table. `metadata` holds no time, so that the same rows give the same bytes.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be written.
    pub fn create(path: &Path, schema: SchemaRef, metadata: &[(&str, &str)]) -> Result<Writer> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })?;
        let unfinished = path.with_extension("ofardig");
        let file = File::create(&unfinished).map_err(|source| Error::Io { path: unfinished.clone(), source })?;
        let level = ZstdLevel::try_new(3).map_err(|e| failed(path, &e))?;
        let pairs = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            // What is told of each page is held until the file is closed, and none of our readers asks for it.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by("finsam".into())
            .set_key_value_metadata(Some(pairs.collect()))
            .build();
        let inner = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| failed(path, &e))?;
        Ok(Writer { path: path.to_owned(), unfinished, inner, pending: Vec::new(), rows: 0, is_named: false })
    }

    /// # Errors
    /// [`Error::Io`] where the disk is full, [`Error::Parquet`] where the batch is not of the schema.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.pending.push(batch.clone());
        if self.pending.iter().map(RecordBatch::num_rows).sum::<usize>() >= ROW_GROUP { self.settle() } else { Ok(()) }
    }

    /// Writes what is pending, a row group at a time: the bytes depend on the rows, not on how many came together.
    fn settle(&mut self) -> Result<()> {
        let Some(first) = self.pending.first() else { return Ok(()) };
        let rows = concat_batches(&first.schema(), &self.pending);
        let rows = rows.map_err(|e| Error::Unexpected(format!("join batches: {e}")))?;
        self.pending.clear();
        for start in (0..rows.num_rows()).step_by(ROW_GROUP) {
            let group = rows.slice(start, ROW_GROUP.min(rows.num_rows() - start));
            if group.num_rows() < ROW_GROUP {
                self.pending.push(group);
            } else {
                self.inner.write(&group).map_err(|e| failed(&self.path, &e))?;
            }
        }
        Ok(())
    }

    /// Closes the file, makes it durable and gives it its name; the number of rows.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`]; the file of that name, if there was one, is then as before.
    pub fn finish(self) -> Result<u64> {
        let path = self.path.clone();
        self.finish_as(&path)
    }

    /// As [`Writer::finish`], under another name in the same file system.
    ///
    /// # Errors
    /// As [`Writer::finish`].
    pub fn finish_as(mut self, path: &Path) -> Result<u64> {
        self.settle()?;
        for rest in std::mem::take(&mut self.pending) {
            self.inner.write(&rest).map_err(|e| failed(&self.path, &e))?;
        }
        self.inner.finish().map_err(|e| failed(&self.path, &e))?;
        self.inner.inner().sync_all().map_err(|source| Error::Io { path: self.unfinished.clone(), source })?;
        rename(&self.unfinished, path)?;
        self.is_named = true;
        Ok(self.rows)
    }
}

/// A table that was not finished leaves nothing behind: on a full disk that is room for the next attempt.
impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_named {
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

/// Renames and makes the new name durable.
///
/// # Errors
/// [`Error::Io`] where the file system refuses.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    let failed = |source| Error::Io { path: to.to_owned(), source };
    fs::rename(from, to).map_err(failed)?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// Makes the names in a folder durable.
///
/// # Errors
/// [`Error::Io`] where the file system refuses.
pub fn sync_folder(folder: &Path) -> Result<()> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Writes a small file whole: aside, synced, renamed.
///
/// # Errors
/// [`Error::Io`] where the file system refuses.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = |source| Error::Io { path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let aside = path.with_extension("ofardig");
    fs::write(&aside, bytes).map_err(failed)?;
    File::open(&aside).and_then(|file| file.sync_all()).map_err(failed)?;
    rename(&aside, path)
}

/// The hash of a file, hexadecimal, and its size.
///
/// # Errors
/// The file system's own.
pub fn sha256(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((crate::hex(&hash.finalize()), size));
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
}

/// Reads a table of ours batch by batch.
///
/// # Errors
/// [`Error::Parquet`] where it is not whole.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
    let file = File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
    let reader = reader.map_err(|e| failed(path, &e))?;
    let path = path.to_owned();
    // Arrow hands on the reader's error as text alone, so a disk that fails is told by its words.
    Ok(reader.map(move |batch| {
        batch.map_err(|error| {
            let broken = || Error::Parquet { path: path.clone(), reason: error.to_string() };
            Error::of_disk(&path, &error).unwrap_or_else(broken)
        })
    }))
}

/// The key-value metadata of a table of ours.
///
/// # Errors
/// [`Error::Parquet`] where it is not whole.
pub fn metadata(path: &Path) -> Result<Vec<(String, String)>> {
    let file = File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| failed(path, &e))?;
    let pairs = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    Ok(pairs.into_iter().map(|pair| (pair.key, pair.value.unwrap_or_default())).collect())
}

fn failed(path: &Path, error: &parquet::errors::ParquetError) -> Error {
    let broken = || Error::Parquet { path: path.to_owned(), reason: error.to_string() };
    Error::of_disk(path, error).unwrap_or_else(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use std::sync::Arc;

    #[test]
    fn the_bytes_of_a_table_do_not_depend_on_how_many_rows_came_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let rows = 3 * ROW_GROUP as i64 + 17;
        let numbers: ArrayRef = Arc::new((0..rows).map(Some).collect::<Int64Array>());
        let text = |row: i64| Some(format!("{row}").repeat(row as usize % 90));
        let texts: ArrayRef = Arc::new((0..rows).map(text).collect::<StringArray>());
        let batch = RecordBatch::try_from_iter([("nr", numbers), ("text", texts)]).expect("two columns");
        let written = [1000, 7, ROW_GROUP, rows as usize].map(|together| {
            let path = folder.path().join("tabell.parquet");
            let mut writer = Writer::create(&path, batch.schema(), &[]).expect("writable");
            for start in (0..batch.num_rows()).step_by(together) {
                writer.write(&batch.slice(start, together.min(batch.num_rows() - start))).expect("writable");
            }
            assert_eq!(writer.finish().expect("writable"), rows as u64);
            fs::read(&path).expect("written")
        });
        assert!(written.iter().all(|bytes| *bytes == written[0]));
    }
}
