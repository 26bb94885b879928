//! `finsam audit`: a linear system from a JJ file, proven by the means that prove a release.

use super::print_json;
use crate::error::{Error, Result, exit};
use crate::lake;
use crate::protect::{AuditReport, Interval, Jj, Status, prove, solve};
use crate::talk;
use serde::Serialize;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

#[derive(Serialize)]
struct CellOut {
    cell: usize,
    value: i64,
    status: &'static str,
    low: i64,
    high: i64,
    method: &'static str,
    safe: bool,
}

#[derive(Serialize)]
struct AuditOut {
    cells: usize,
    relations: usize,
    primary: usize,
    secondary: usize,
    not_safe: usize,
    seconds: f64,
    intervals: Vec<CellOut>,
}

/// Audits the pattern of a file, or one that is chosen for its primary cells; exit code 13 where a cell is not safe.
///
/// # Errors
/// [`Error::Input`] where the file cannot be read, [`Error::Asked`] where it is no JJ file.
pub fn audit(file: &Path, protect: Option<&Path>, exact: bool, json: bool) -> Result<u8> {
    let text = fs::read_to_string(file).map_err(|source| Error::Input { path: file.to_owned(), source })?;
    let Jj { system, mut status } = Jj::parse(&text).map_err(|reason| Error::Asked {
        what: format!("read {} as a JJ file: {reason}", file.display()),
        hint: "pytauargus, rtauargus and sdcTable (writeJJFormat) write them".into(),
    })?;
    let started = Instant::now();
    let report = match protect {
        None => prove(&system, status.clone(), exact),
        Some(_) => {
            status.iter_mut().filter(|s| **s == Status::Secondary).for_each(|s| *s = Status::Published);
            let (chosen, report) = solve(&system, status);
            status = chosen;
            if exact { prove(&system, status.clone(), true) } else { report }
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    if let Some(out) = protect {
        // A bare name is a file of this folder.
        let out = Path::new(".").join(out);
        lake::write_file(&out, Jj::write(&system, &status).as_bytes())?;
    }
    let count = |wanted: fn(&Status) -> bool| status.iter().filter(|s| wanted(s)).count();
    let out = AuditOut {
        cells: system.cells.len(),
        relations: system.relations.len(),
        primary: count(|s| matches!(s, Status::Primary(_))),
        secondary: count(|s| *s == Status::Secondary),
        not_safe: report.unsafe_cells().count(),
        seconds,
        intervals: cells(&report, &status, |cell| system.cells[cell].personer),
    };
    if json {
        print_json(&out)?
    } else {
        talk::data(&words(&out))?
    }
    Ok(if out.not_safe == 0 { exit::DONE } else { exit::DISCLOSURE })
}

fn cells(report: &AuditReport, status: &[Status], value: impl Fn(usize) -> i64) -> Vec<CellOut> {
    let cell = |interval: &Interval| CellOut {
        cell: interval.cell,
        value: value(interval.cell),
        status: if status[interval.cell] == Status::Secondary { "m" } else { "u" },
        low: interval.personer.0,
        high: interval.personer.1,
        method: interval.method.name(),
        safe: interval.safe,
    };
    report.intervals.iter().map(cell).collect()
}

/// The cells that are not safe, one a line, and the sum of it all.
fn words(out: &AuditOut) -> String {
    let mut text = String::new();
    for cell in out.intervals.iter().filter(|cell| !cell.safe) {
        let _ = writeln!(text, "cell {} ({}) is in {}..{}: not safe", cell.cell, cell.status, cell.low, cell.high);
    }
    let _ = writeln!(
        text,
        "{} cells, {} relations; {} primary, {} secondary; {} not safe; {:.2} s",
        out.cells, out.relations, out.primary, out.secondary, out.not_safe, out.seconds
    );
    text
}
