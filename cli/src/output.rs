//! What is shown, and how: a table for people, JSON for programs, plain lines for scripts.
//!
//! In JSON nothing but the answer stands on standard output. Progress goes to standard error, and only
//! if that is a terminal.
#![expect(
    clippy::print_stderr,
    reason = "progress is for the person at the terminal"
)]

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use domain::time::Timestamp;
use domain::trigger::Trigger;
use serde_json::{Value, json};

use crate::args::OutputFormat;
use crate::machine::RunReport;

mod added;
mod bar;
mod explain;
mod feeds;
mod files;
mod findings;
mod grid;
mod history;
mod letters;
mod paint;
mod probe;
mod status;
mod triggers;

use history::evaluation_json;
use paint::Paint;

pub use added::{AddedRow, AddedSource};
pub use bar::{BesideBar, Steps};
pub use domain::options::summary;
pub use paint::{Tone, is_without_colour};
pub use status::{QueueRow, StatusRow};
pub use triggers::{ReleaseRow, TriggerRow};

pub use feeds::{FeedRow, QuotaRow, WayRow};
pub use probe::{FeedReport, NewestRow, PackageRow};

/// Shows results.
#[derive(Debug)]
pub struct Output {
    format: OutputFormat,
    is_verbose: bool,
    paint: Paint,
}

impl Output {
    /// Output in a format, with everything there is to say if it is verbose.
    pub fn new(format: OutputFormat, is_verbose: bool) -> Self {
        Self {
            format,
            is_verbose,
            paint: Paint::of_answer(format),
        }
    }

    /// Whether a program reads what is shown.
    pub fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }

    /// Where something is served.
    pub fn address(&self, address: &str) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => say(json!({ "Address": address })),
            OutputFormat::Basic | OutputFormat::Table => say(address),
        }
    }

    /// Tells the person at the terminal what goes on.
    pub fn progress(&self, text: &str) {
        if io::stderr().is_terminal() {
            eprintln!("{text}");
        }
    }

    /// The same of something whose steps are counted as they are done.
    pub fn steps(&self, text: &str) -> Steps {
        let is_drawn = bar::is_drawn();
        if !is_drawn {
            self.progress(&format!("{text}..."));
        }
        Steps::show(text, is_drawn)
    }

    /// A finished round.
    ///
    /// # Errors
    /// When standard output cannot be written, like all that show something.
    pub fn round(&self, report: &RunReport) -> io::Result<()> {
        if self.format == OutputFormat::Json {
            return say(format_args!("{:#}", round_json(report)));
        }
        self.history(&report.evaluations)?;
        for trouble in troubles(report) {
            say(trouble)?;
        }
        say(format_args!(
            "{} triggers, {} packages read, {} evaluations",
            report.list.triggers.len(),
            report.checked,
            report.evaluations.len()
        ))
    }

    /// Whether the person at the terminal is shown colours.
    pub fn has_colours(&self) -> bool {
        io::stderr().is_terminal() && !is_without_colour()
    }

    /// A round of `run`: only what happened.
    pub fn tick(&self, report: &RunReport) -> io::Result<()> {
        for trouble in troubles(report) {
            tracing::warn!("{trouble}");
        }
        self.happened(&report.evaluations)
    }

    /// That a stack was asked to evaluate the trigger.
    pub fn asked(&self, trigger: &Trigger) -> io::Result<()> {
        let (id, name) = (&trigger.id, &trigger.name);
        match self.format {
            OutputFormat::Json => {
                say(json!({ "TriggerId": id.as_str(), "TriggerName": name, "Requested": true }))
            }
            OutputFormat::Table | OutputFormat::Basic => say(format_args!(
                "{name}: the evaluation was asked for; `feedctl history` shows what becomes of it"
            )),
        }
    }
}

/// A line, or several, of the answer.
fn say(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

fn troubles(report: &RunReport) -> Vec<String> {
    let stale = report
        .stale
        .iter()
        .map(|why| format!("the last list of triggers was used: {why}"));
    let unread = report
        .unread
        .iter()
        .map(|(_, error)| engine::with_causes(error));
    let broken = report
        .broken
        .iter()
        .map(|why| format!("a step is repeated later: {why}"));
    stale.chain(unread).chain(broken).collect()
}

/// How long ago it was, or how far ahead it lies.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        format!("in {}", at.since(now))
    } else {
        format!("{} ago", now.since(at))
    }
}

fn round_json(report: &RunReport) -> Value {
    json!({
        "Triggers": report.list.triggers.len(),
        "PackagesRead": report.checked,
        "Evaluations": report.evaluations.iter().map(evaluation_json).collect::<Vec<_>>(),
        "Problems": troubles(report),
    })
}

fn show_time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.as_millis().to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        let now = Timestamp::from_millis(3_600_000);
        let told = [0, 3_570_000, 3_630_000].map(|at| ago(Timestamp::from_millis(at), now));
        assert_eq!(told, ["60 min ago", "30 s ago", "in 30 s"]);
    }
}
