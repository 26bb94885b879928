//! `finsam run`: one night.

use super::print_json;
use crate::error::Result;
use crate::ingest::Overdue;
use crate::job::Job;
use crate::log::Reason;
use crate::refusal::Refusal;
use crate::stage::{Night, run_stages};
use serde::Serialize;

#[derive(Serialize)]
struct Outcome<'a> {
    run_id: &'a str,
    published: bool,
    deliveries_read: u64,
    refused: &'a [Refusal],
    overdue: &'a [Overdue],
    gone: &'a [String],
    notes: &'a [String],
}

pub fn run(mut job: Job, verify: bool, reason: Option<&Reason>, json: bool) -> Result<u8> {
    job.verify = verify;
    job.lock()?;
    job.begin("run", reason)?;
    job.end("run", night(&job, json))
}

fn night(job: &Job, json: bool) -> Result<u8> {
    let night = run_stages(job)?;
    if json {
        let Night { run_id, published, read, refused, overdue, gone, notes, .. } = &night;
        print_json(&Outcome { run_id, published: *published, deliveries_read: *read, refused, overdue, gone, notes })?;
    } else {
        tell(job, &night);
    }
    Ok(night.exit_code())
}

/// Says what happened and where to look.
pub(super) fn tell(job: &Job, night: &Night) {
    for line in night.notes.iter().chain(&night.gone) {
        job.progress.say(&format!("note: {line}"));
    }
    for refusal in &night.refused {
        let now = if refusal.stays { " as it lies now" } else { "" };
        job.progress.say(&format!("not in force{now}: {}", refusal.line()));
        for cause in &refusal.causes {
            job.progress.say(&format!("    {cause}"));
        }
        job.progress.say(match refusal.is_delivery() {
            true => "    send the supplier the felrapport, and ask for a new delivery",
            false => "    name the folder deliveries/<contract>/<uttagsdatum>, or take it away",
        });
    }
    for overdue in &night.overdue {
        job.progress.say(&format!("overdue: {overdue}; {}", overdue.report));
    }
    if night.published {
        job.progress.say(&format!("published {} in {}/release/{0}", night.run_id, job.root.display()));
    } else {
        job.progress.say(&format!("nothing to do: {} is in force and nothing has changed", night.run_id));
    }
}
