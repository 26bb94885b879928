//! The rows of one delivery, file by file: read and judged piece by piece on several threads, and counted in the order
//! of the file by what became of them.

use super::delivery::{Delivery, MANIFEST, Manifest, ManifestFile, UNSTATED};
use super::judge::{Judge, Part};
use super::layout::Layout;
use super::reader::{Reader, Sifter, Stop};
use super::stream::in_order;
use super::take::{Context, ControlTotal, FileTally, Intake, Taken};
use super::uniqueness::{KeyCheck, order_and_row, place};
use crate::contract::Format;
use crate::error::Result;
use crate::fault::{Place, ROWS_KEPT, Rule};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Blocks that are sifted together: of a register of everybody, some thousand rows are kept.
const SIFTED_TOGETHER: usize = 8;

pub(super) struct Pass<'a> {
    judge: Judge<'a>,
    keys: KeyCheck,
    /// In the order of the judge's columns.
    totals: Vec<i128>,
    context: &'a Context<'a>,
}

impl<'a> Pass<'a> {
    /// # Errors
    /// [`crate::error::Error::Contract`] where the contract names a code list that is not there.
    pub fn new(delivery: &'a Delivery, manifest: &Manifest, context: &'a Context<'a>) -> Result<Pass<'a>> {
        Ok(Pass {
            judge: Judge::new(delivery, manifest, context)?,
            keys: KeyCheck::new(context.spill.clone()),
            totals: Vec::new(),
            context,
        })
    }

    /// One file; `order` is its place among the delivery's.
    ///
    /// # Errors
    /// [`crate::error::Error::Contract`] where the contract lacks its own layout, and the sink's own.
    pub fn file(
        &mut self,
        delivery: &Delivery,
        file: &ManifestFile,
        order: u64,
        intake: &mut Intake,
        sink: &mut dyn FnMut(Taken) -> Result<()>,
    ) -> Result<std::result::Result<(), Stop>> {
        let (path, name) = (delivery.path(file), file.namn.as_str());
        let Pass { judge, keys, totals, context } = self;
        let Some(layout) = Layout::of(judge.contract, name)? else {
            let names: Vec<&str> = judge.contract.formats()?.into_iter().map(Format::name).collect();
            let expected = format!("a file of the contract's formats: {}; text alone packed", names.join(", "));
            intake.faults.add(Rule::Unreadable, name, None, None, &expected);
            return Ok(Err(Stop));
        };
        let named = (name, context.block);
        let began = Instant::now();
        let Ok((reader, mut source)) = Reader::open(judge.contract, &layout, &path, named, &mut intake.faults) else {
            return Ok(Err(Stop));
        };
        let sieve = judge.sieve();
        if sieve.is_some() {
            // A block of which little is kept gives too few rows to be checked by themselves.
            source.hand_out_together(SIFTED_TOGETHER);
        }
        let work = |piece, sink: &mut dyn FnMut(Result<Part>) -> bool| {
            let mut sifter = Sifter::new(sieve.as_ref(), judge.contract);
            let mut began = Instant::now();
            reader.parse(piece, &mut sifter, &mut |parsed| {
                let decode = began.elapsed();
                let mut part = judge.part(parsed, name);
                if let Ok(part) = &mut part {
                    part.spent.decode = decode;
                }
                let wants_more = sink(part);
                began = Instant::now();
                wants_more
            });
        };
        let mut tally = FileTally { name: name.to_owned(), rows: 0, rejected: 0 };
        let mut ended = Ok(());
        let mut summary = reader.summary();
        // Some formats are read where the file is opened, or where its pieces are handed out.
        let reading = Mutex::new(began.elapsed());
        let next = || {
            let began = Instant::now();
            let piece = source.next();
            *reading.lock().unwrap_or_else(PoisonError::into_inner) += began.elapsed();
            piece
        };
        in_order(context.threads, next, work, |part: Result<Part>| {
            let mut part = part?;
            if let Some(row) = part.first.filter(|_| summary.is_passed()) {
                ended = summary.is_it("", name, row, &mut intake.faults).map(|_| ());
                return Ok(false);
            }
            tally.rows += part.records;
            tally.rejected += part.rejected;
            context.progress.advance(part.records);
            let began = Instant::now();
            totals.resize(part.totals.len(), 0);
            totals.iter_mut().zip(&part.totals).for_each(|(total, more)| *total += more);
            for (digest, row) in part.keys.drain(..) {
                keys.add(digest, place(order, row))?;
            }
            for taken in part.taken.drain(..) {
                intake.kept += taken.rows.len() as u64;
                sink(taken)?;
            }
            part.spent.write = began.elapsed();
            let stopped = part.stopped;
            summary = std::mem::take(&mut part.summary).or(summary.clone());
            intake.add(part);
            ended = if stopped { Err(Stop) } else { Ok(()) };
            Ok(!stopped)
        })?;
        intake.spent.decode += reading.into_inner().unwrap_or_else(PoisonError::into_inner);
        if ended.is_ok() {
            ended = summary.end(name, &mut intake.faults);
        }
        intake.rows += tally.rows;
        let rows = tally.rows;
        intake.files.push(tally);
        if ended.is_ok() && file.rader != UNSTATED && rows != file.rader {
            let expected = format!("{} rows as leverans.yaml says", file.rader);
            intake.faults.add(Rule::RowCount, name, None, None, &expected);
            return Ok(Err(Stop));
        }
        Ok(ended)
    }

    /// What only the whole delivery can tell: totals, repeated keys, and whether too many rows are at fault.
    pub fn finish(self, manifest: &Manifest, intake: &mut Intake) -> Result<()> {
        // A record that could not be split is a fault of its own; the total that it lacks is not one more.
        let is_split = |(place, _): (&Place, _)| !matches!(place.rule, Rule::FieldCount | Rule::LineWidth);
        let is_whole = intake.faults.iter().all(is_split);
        for (column, found) in self.judge.totalled(&self.totals) {
            let stated = manifest.kontrollsummor.get(&column).copied();
            if manifest.is_stated() && stated != Some(found) && (is_whole || stated.is_none()) {
                let expected = if stated.is_some() { "the stated total" } else { "a stated total" };
                intake.faults.add(Rule::ControlTotal, MANIFEST, Some(&column), None, expected);
            }
            intake.totals.insert(column, ControlTotal { stated, found });
        }
        let key: Vec<&str> = self.judge.contract.key().iter().map(|column| column.name.as_str()).collect();
        let key = key.join("+");
        let limit = self.judge.contract.custom_number("avvisadeHogstPromille").unwrap_or(0).unsigned_abs();
        // With more repeats than are tolerated the delivery is refused, and only the first of them are told.
        let tolerated = usize::try_from(intake.rows.saturating_mul(limit) / 1000).unwrap_or(usize::MAX);
        let repeats = self.keys.finish(tolerated.max(ROWS_KEPT))?;
        for (order, count) in &repeats.by_file {
            let name = manifest.filer.get(*order as usize).map_or("", |file| file.namn.as_str());
            let rows = repeats.places.iter().map(|place| order_and_row(*place)).filter(|(at, _)| at == order);
            let rows = rows.map(|(_, row)| row).take(ROWS_KEPT);
            intake.faults.add_all(Rule::Duplicate, name, &key, rows, *count, "a key that is there once");
            intake.rejected += count;
            if let Some(tally) = intake.files.iter_mut().find(|tally| tally.name == name) {
                tally.rejected += count;
            }
        }
        intake.repeated = repeats.places;
        if intake.rows == 0 && intake.is_accepted() && !self.judge.contract.custom_flag("tomTillaten") {
            intake.faults.add(Rule::Empty, MANIFEST, None, None, "at least one row");
        }
        // `finsam check` looks on after a file that cannot be read; what it lacks is told already.
        let is_read = intake.faults.stop().is_none_or(|place| place.rule >= Rule::RowCount);
        if is_read && intake.rejected * 1000 > limit * intake.rows {
            let expected = format!("at most {limit} of 1000 rows at fault");
            intake.faults.add(Rule::Tolerance, MANIFEST, None, None, &expected);
        }
        Ok(())
    }
}
