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

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
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
mod status;
mod triggers;

pub use added::{AddedRow, AddedSource};
pub use domain::options::in_short;
pub use status::{QueueRow, StatusRow};
pub use triggers::{ReleaseRow, TriggerRow};

pub use feeds::{FeedReport, FeedRow, NewestRow, PackageRow, QuotaRow};

/// Shows results.
#[derive(Debug)]
pub struct Output {
    format: OutputFormat,
    is_verbose: bool,
    /// Whether the answer is for a person at a terminal who wants colours.
    is_coloured: bool,
}

impl Output {
    /// Output in a format, with everything there is to say if it is verbose.
    pub fn new(format: OutputFormat, is_verbose: bool) -> Self {
        let is_wanted = format == OutputFormat::Table && !is_without_colour();
        Self {
            format,
            is_verbose,
            is_coloured: is_wanted && io::stdout().is_terminal(),
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
                let mut findings = one.findings.iter();
                findings.try_for_each(|finding| self.finding(finding))
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

/// The table with columns that are never broken: names and times that are of no use in pieces.
fn kept(mut table: Table, columns: &[&str]) -> Table {
    let header = table
        .header()
        .map(|row| row.cell_iter().map(comfy_table::Cell::content).collect());
    let header: Vec<String> = header.unwrap_or_default();
    for column in columns {
        let index = header.iter().position(|name| name == column);
        let column = index.and_then(|index| table.column_mut(index));
        if let Some(column) = column {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// How long ago it was, or how far ahead it lies.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        format!("in {}", at.since(now))
    } else {
        format!("{} ago", now.since(at))
    }
}

fn evaluation_table(evaluations: &[Evaluation]) -> Table {
    let mut table = table(&[
        "When", "Trigger", "Outcome", "Release", "Reason", "Cause", "Took",
    ]);
    for one in evaluations {
        table.add_row([
            one.at.to_string(),
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
    kept(table, &["When", "Outcome", "Release", "Took"])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_breaks_words_and_no_times() {
        let mut table = table(&["When", "Outcome", "Reason"]);
        let reason = "acme/web 1.5.0 is newer than 1.4.0 in the previous release";
        table.add_row(["2026-03-01T12:00:00Z", "AlreadyReleased", reason]);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(60);
        let shown = kept(table, &["When", "Outcome"]).to_string();
        assert!(shown.contains("2026-03-01T12:00:00Z"), "{shown}");
        assert!(shown.contains("AlreadyReleased"), "{shown}");
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert_eq!(widest, Some(60), "{shown}");
    }

    #[test]
    fn times_are_told_from_now() {
        let now = Timestamp::from_millis(3_600_000);
        let told = [0, 3_570_000, 3_630_000].map(|at| ago(Timestamp::from_millis(at), now));
        assert_eq!(told, ["60 min ago", "30 s ago", "in 30 s"]);
    }
}
