//! The one place that prints: data to stdout, talk to stderr.
//!
//! A reader of the data may have seen enough (`finsam query … | head`), and a disk may be full; neither is a bug.

use crate::error::{Error, Result};
use std::io::{self, ErrorKind, Write};

/// Writes data to stdout, as it is. Where the reader has closed the pipe, the rest is not written and nothing is said.
///
/// # Errors
/// [`Error::Output`] where stdout cannot be written, for example to a full disk.
pub fn data(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::Output { source }),
        _ => Ok(()),
    }
}

/// Writes a line of talk to stderr; that nobody can hear it stops nothing.
pub fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
