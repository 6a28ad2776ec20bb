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

use comfy_table::{ContentArrangement, Table, presets};
use domain::decide::Finding;
use domain::history::Evaluation;
use domain::time::Timestamp;
use domain::trigger::Trigger;
use serde_json::{Value, json};

use crate::args::OutputFormat;
use crate::machine::RoundReport;

mod added;
mod explain;
mod feeds;
mod files;
mod findings;
mod letters;
mod options;
mod status;
mod triggers;

pub use added::{AddedRow, AddedSource};
pub use options::in_short;
pub use status::{QueueRow, StatusRow};
pub use triggers::{ReleaseRow, TriggerRow};

pub use feeds::{FeedReport, FeedRow, NewestRow, PackageRow, QuotaRow};

/// Shows results.
#[derive(Debug)]
pub struct Output {
    format: OutputFormat,
    is_verbose: bool,
}

impl Output {
    /// Output in a format, with everything there is to say if it is verbose.
    pub fn new(format: OutputFormat, is_verbose: bool) -> Self {
        Self { format, is_verbose }
    }

    /// Tells the person at the terminal what goes on.
    pub fn progress(&self, text: &str) {
        if io::stderr().is_terminal() {
            eprintln!("{text}");
        }
    }

    /// A finished round.
    ///
    /// # Errors
    /// When standard output cannot be written, like all that show something.
    pub fn round(&self, report: &RoundReport) -> io::Result<()> {
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

    /// Evaluations as they come, one a line; in JSON one document a line.
    pub fn happened(&self, evaluations: &[Evaluation]) -> io::Result<()> {
        evaluations.iter().try_for_each(|one| match self.format {
            OutputFormat::Json => say(evaluation_json(one)),
            OutputFormat::Table | OutputFormat::Basic => say(evaluation_line(one)),
        })
    }

    /// A round of `run`: only what happened.
    pub fn tick(&self, report: &RoundReport) -> io::Result<()> {
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

    /// Evaluations, in the order given; verbosely with the verdict on every candidate.
    pub fn history(&self, evaluations: &[Evaluation]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => {
                let all: Value = evaluations.iter().map(evaluation_json).collect();
                say(format_args!("{all:#}"))
            }
            _ if self.is_verbose => evaluations.iter().try_for_each(|one| {
                say(evaluation_line(one))?;
                say(format_args!("  it took {}", one.took))?;
                one.findings.iter().try_for_each(explain::show_finding)
            }),
            OutputFormat::Basic => evaluations
                .iter()
                .try_for_each(|one| say(evaluation_line(one))),
            OutputFormat::Table => say(evaluation_table(evaluations)),
        }
    }
}

/// Whether the user wants no colours anywhere: <https://no-color.org>.
pub fn is_without_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A line, or several, of the answer.
fn say(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

fn troubles(report: &RoundReport) -> Vec<String> {
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

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    if let Some((width, _)) = terminal_size::terminal_size() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.0);
    }
    table.set_header(header.to_vec());
    table
}

fn evaluation_table(evaluations: &[Evaluation]) -> Table {
    let mut table = table(&[
        "When", "Trigger", "Outcome", "Release", "Reason", "Cause", "Took",
    ]);
    for one in evaluations {
        table.add_row([
            show_time(one.at),
            one.trigger_name.clone(),
            one.outcome.to_string(),
            one.release
                .as_ref()
                .map(|release| release.version.clone())
                .unwrap_or_default(),
            one.reason.clone(),
            one.cause.clone(),
            one.took.to_string(),
        ]);
    }
    table
}

fn evaluation_line(one: &Evaluation) -> String {
    let release = one
        .release
        .as_ref()
        .map(|release| format!(" release {}", release.version));
    format!(
        "{} {}: {}{}: {} ({})",
        show_time(one.at),
        one.trigger_name,
        one.outcome,
        release.unwrap_or_default(),
        one.reason,
        one.cause
    )
}

fn round_json(report: &RoundReport) -> Value {
    json!({
        "Triggers": report.list.triggers.len(),
        "PackagesRead": report.checked,
        "Evaluations": report.evaluations.iter().map(evaluation_json).collect::<Vec<_>>(),
        "Troubles": troubles(report),
    })
}

fn evaluation_json(one: &Evaluation) -> Value {
    json!({
        "TriggerId": one.trigger.as_str(),
        "TriggerName": one.trigger_name,
        "SpaceId": one.space.as_str(),
        "ProjectName": one.project_name,
        "At": show_time(one.at),
        "TookMilliseconds": one.took.as_millis(),
        "Cause": one.cause,
        "Outcome": one.outcome.name(),
        "Reason": one.reason,
        "ReleaseId": one.release.as_ref().map(|release| release.id.as_str()),
        "ReleaseVersion": one.release.as_ref().map(|release| release.version.as_str()),
        "Sources": one.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn finding_json(finding: &Finding) -> Value {
    let candidates: Vec<_> = finding
        .candidates
        .iter()
        .map(|one| json!({ "Version": one.version, "Refused": one.refused }))
        .collect();
    json!({
        "Source": finding.reference.to_string(),
        "PackageId": finding.package,
        "Previous": finding.previous,
        "Latest": finding.latest,
        "Considered": finding.considered,
        "Obstacle": finding.obstacle,
        "Candidates": candidates,
    })
}

fn show_time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.as_millis().to_string(), |time| time.to_string())
}
