//! Prints results: tables for people, JSON for programs, plain lines for scripts.
//!
//! Standard output contains only the result. Progress is written to standard error, and only at a terminal.
#![expect(
    clippy::print_stderr,
    reason = "progress is for the user at the terminal"
)]

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use domain::history::{Evaluation, Outcome};
use domain::time::{Span, Timestamp};
use domain::trigger::Trigger;
use serde_json::{Value, json};

use crate::args::OutputFormat;
use machine::RunReport;

mod added;
mod bar;
mod clean;
mod evaluation;
mod explain;
mod feeds;
mod files;
mod findings;
mod grid;
mod history;
mod kept;
mod messages;
mod options;
mod paint;
mod probe;
mod read_failure;
mod reason;
mod run_problem;
mod serialized;
mod status;
mod time;
mod triggers;
mod webhooks;
mod wrap;

use evaluation::evaluation_json;
pub(crate) use evaluation::evaluation_json as evaluation_document;
use paint::Paint;
pub(crate) use reason::coded_json;
use run_problem::run_problems;
pub(crate) use time::show_time;

pub use added::{AddedRow, AddedSource};
pub use bar::{ProgressSteps, StderrWithBar};
pub use kept::KeptCheck;
pub use paint::{Tone, is_without_colour};
pub use status::{ChangeRow, QueueRow, SettingsRow, StatusRow};
pub use triggers::{ReleaseRow, TriggerRow};

pub use self::webhooks::{NewSecretsRow, TestedReceiver};
pub use feeds::{FeedRow, QuotaRow, RouteRow};
pub use probe::{FeedReport, NewestRow, PackageRow};
pub use read_failure::ReadFailure;

/// Prints results.
#[derive(Debug)]
pub struct Output {
    format: OutputFormat,
    is_verbose: bool,
    has_json_logs: bool,
    paint: Paint,
}

impl Output {
    /// Output in a format; verbose output includes the verdict on every candidate.
    pub fn new(format: OutputFormat, is_verbose: bool) -> Self {
        if format == OutputFormat::Table
            && let Some(width) = terminal_width()
        {
            WRAP_AT.get_or_init(|| width);
        }
        let paint = Paint::for_output(format);
        KEEPS_COLOURS.get_or_init(|| paint.is_enabled());
        Self {
            format,
            is_verbose,
            has_json_logs: false,
            paint,
        }
    }

    pub fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }

    /// The URL of the console.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn address(&self, address: &str) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => print(json!({ "Address": address })),
            OutputFormat::Basic | OutputFormat::Table => print(address),
        }
    }

    /// The same, with log lines in JSON.
    #[must_use]
    pub fn with_json_logs(self, has_json_logs: bool) -> Self {
        Self {
            has_json_logs,
            ..self
        }
    }

    /// Reports progress to the user at a terminal.
    pub fn progress(&self, text: &str) {
        if io::stderr().is_terminal() {
            self.announce(text);
        }
    }

    /// Reports on standard error what the process does, also without a terminal.
    ///
    /// With JSON logs, the report is a log line.
    pub fn announce(&self, text: &str) {
        if self.has_json_logs {
            return tracing::info!("{text}");
        }
        print_error(wrapped(text));
    }

    /// Reports what `run` watches, or how to give it something to watch.
    pub fn watching(&self, report: &RunReport, refresh: Span) {
        let triggers = report.list.triggers.len();
        if triggers == 0 {
            return self.announce(&format!(
                "{NO_TRIGGER} New triggers are found within {refresh}."
            ));
        }
        let packages: usize = report.list.packages_by_feed().values().map(Vec::len).sum();
        self.announce(&format!(
            "Watching {} of {} for {}. Press Ctrl-C to stop.",
            count(packages, "package"),
            count(report.list.feeds.len(), "feed"),
            count(triggers, "trigger")
        ));
    }

    /// Reports progress with a bar that counts the completed steps.
    pub fn steps(&self, text: &str) -> ProgressSteps {
        let is_drawn = bar::is_drawn();
        if !is_drawn {
            self.progress(&format!("{text}..."));
        }
        ProgressSteps::show(text, is_drawn)
    }

    /// The result of `run --once`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn run(&self, report: &RunReport) -> io::Result<()> {
        if self.format == OutputFormat::Json {
            return print(format_args!("{:#}", run_json(report)));
        }
        self.history(&results(&report.evaluations))?;
        for problem in run_problems(report) {
            print(problem)?;
        }
        print(format_args!(
            "{}, {} read, {}",
            count(report.list.triggers.len(), "trigger"),
            count(report.checked, "package"),
            count(results(&report.evaluations).len(), "evaluation")
        ))?;
        match report.list.triggers.is_empty() {
            true => print(NO_TRIGGER),
            false => Ok(()),
        }
    }

    /// Whether prompts have colours.
    pub fn has_colours(&self) -> bool {
        io::stderr().is_terminal() && !is_without_colour()
    }

    /// A scheduler run of `run`: prints its evaluations and logs its problems.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn scheduler_run(&self, report: &RunReport) -> io::Result<()> {
        for problem in run_problems(report) {
            tracing::warn!("{problem}");
        }
        self.evaluations(&report.evaluations)
    }

    /// That an evaluation of the trigger was requested from the stack.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn evaluation_requested(&self, trigger: &Trigger) -> io::Result<()> {
        let (id, name) = (&trigger.id, &trigger.name);
        match self.format {
            OutputFormat::Json => {
                print(json!({ "TriggerId": id.as_str(), "TriggerName": name, "Requested": true }))
            }
            OutputFormat::Table | OutputFormat::Basic => print(format_args!(
                "{name}: evaluation requested; `feedctl history` shows its result"
            )),
        }
    }
}

/// The width at which lines wrap; unset unless tables are printed to a terminal.
static WRAP_AT: OnceLock<usize> = OnceLock::new();

/// Whether standard output has colours; unset means no.
static KEEPS_COLOURS: OnceLock<bool> = OnceLock::new();

/// The width of the terminal at standard output, if it is one.
fn terminal_width() -> Option<usize> {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map(|(width, _)| width.0.into())
}

/// The text, wrapped to the terminal at standard error, if it is one.
pub(crate) fn wrapped(text: &str) -> String {
    match terminal_size::terminal_size_of(io::stderr()) {
        Some((width, _)) => wrap::wrap_lines(text, width.0.into()),
        None => text.to_owned(),
    }
}

/// Prints lines of the result to standard output.
fn print(text: impl Display) -> io::Result<()> {
    match WRAP_AT.get() {
        Some(width) => print_unwrapped(wrap::wrap_lines(&text.to_string(), *width)),
        None => print_unwrapped(text),
    }
}

/// Prints text that is meant for programs, such as a file.
fn print_unwrapped(text: impl Display) -> io::Result<()> {
    let keeps_colours = KEEPS_COLOURS.get().copied().unwrap_or_default();
    let text = clean::clean(&text.to_string(), keeps_colours);
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints lines to standard error, without control characters.
pub fn print_error(text: impl Display) {
    eprintln!("{}", shown(text));
}

/// The text without control characters, for prompts.
pub fn shown(text: impl Display) -> String {
    clean::clean(&text.to_string(), false)
}

/// A count with its noun, in the plural unless the count is one: `1 trigger`, `2 triggers`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The remedy if there is no trigger to run.
const NO_TRIGGER: &str = "No trigger to run: `feedctl triggers add` adds one, `feedctl triggers adopt` adopts one of \
                          Octopus's, `feedctl apply` applies a trigger file.";

/// The evaluations without those that only repeat that nothing changed: one run may evaluate a trigger several
/// times, for example for a new trigger and for its packages.
pub fn results(evaluations: &[Evaluation]) -> Vec<Evaluation> {
    let is_idle = |one: &Evaluation| {
        matches!(
            one.outcome,
            Outcome::Skipped | Outcome::AlreadyReleased | Outcome::Waiting
        )
    };
    let is_repeated = |index: usize, one: &Evaluation| {
        let mut others = evaluations.iter().enumerate();
        others.any(|(other_index, other)| {
            let is_same = other.trigger == one.trigger && other.space == one.space;
            let is_later = other_index > index;
            let has_same_result = other.outcome == one.outcome && other.reason == one.reason;
            is_same
                && match is_idle(one) {
                    true => is_later || (other_index != index && !is_idle(other)),
                    false => is_later && has_same_result,
                }
        })
    };
    let kept = evaluations.iter().enumerate();
    let kept = kept.filter(|(index, one)| !is_repeated(*index, one));
    kept.map(|(_, one)| one.clone()).collect()
}

/// The time relative to `now`: `3 min ago` or `in 3 min`.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        format!("in {}", at.since(now))
    } else {
        format!("{} ago", now.since(at))
    }
}

fn run_json(report: &RunReport) -> Value {
    json!({
        "Triggers": report.list.triggers.len(),
        "PackagesRead": report.checked,
        "Evaluations": results(&report.evaluations).iter().map(evaluation_json).collect::<Vec<_>>(),
        "Problems": run_problems(report).into_iter().map(coded_json).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ago_is_relative_to_now() {
        let now = Timestamp::from_millis(3_600_000);
        let shown = [0, 3_570_000, 3_630_000].map(|at| ago(Timestamp::from_millis(at), now));
        assert_eq!(shown, ["60 min ago", "30 s ago", "in 30 s"]);
    }
}
