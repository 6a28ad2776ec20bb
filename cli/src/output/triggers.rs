//! Triggers of `triggers list` and `status`.

use std::fmt;
use std::io;

use domain::coded::CodedText;
use domain::history::Outcome;
use domain::time::{Span, Timestamp};
use domain::trigger::{Runner, TriggerOrigin};
use octopus::{FixedKey, OctopusClient};
use operator::overview::{SourceState, TriggerState};
use serde::Serialize;
use serde_json::{Value, json};

use super::grid::{Entry, Grid};
use super::options::{options_json, policy_json};
use super::paint::Tone;
use super::reason::reason_json;
use super::serialized::{coded, rfc3339, rfc3339_of};
use super::{NO_TRIGGER, Output, ReadFailure, ago, print};
use crate::args::{OutputFormat, TriggerFilter, TriggerStatus};

/// The text for a trigger that neither feedctl nor Octopus runs.
const DISABLED: &str = "none (disabled)";

/// A trigger with its last outcome and release.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TriggerRow {
    pub id: String,
    pub name: String,
    /// The space's name.
    pub space: String,
    /// The project's name, or its id if the name is unknown.
    pub project: String,
    /// The channel's name, or its id if the name is unknown.
    pub channel: String,
    /// The place of its definition: `Octopus` or `file`.
    pub origin: &'static str,
    /// The program that runs it.
    pub run_by: &'static str,
    /// The watched package references.
    pub sources: Vec<SourceRow>,
    pub options: Value,
    /// A summary of the options; empty if all are defaults.
    #[serde(skip)]
    pub chosen: String,
    /// Whether no evaluation succeeded for too long.
    pub is_stalled: bool,
    /// The end of the pause after a failed evaluation.
    #[serde(serialize_with = "rfc3339")]
    pub paused_until: Option<Timestamp>,
    /// The problem that prevents evaluations.
    #[serde(serialize_with = "coded")]
    pub problem: Option<CodedText>,
    /// Why the last refresh could not read the trigger; it runs as it was read before.
    #[serde(serialize_with = "coded")]
    pub stale: Option<CodedText>,
    /// The watched packages that could not be read in their last checks.
    pub read_failures: Vec<ReadFailure>,
    /// The outcome of the last evaluation.
    #[serde(serialize_with = "by_name")]
    pub last_outcome: Option<Outcome>,
    /// The reason of that outcome.
    pub last_reason: Option<Value>,
    /// The text of that reason.
    #[serde(skip)]
    pub last_message: Option<String>,
    /// Why it creates no release until something is corrected; `null` if it works.
    #[serde(serialize_with = "coded")]
    pub error: Option<CodedText>,
    /// The time of the last evaluation.
    #[serde(serialize_with = "rfc3339")]
    pub last_at: Option<Timestamp>,
    /// The last release that it created or found.
    pub last_release: Option<ReleaseRow>,
    /// The time of this information.
    #[serde(skip)]
    pub seen_at: Timestamp,
}

/// A package reference that a trigger watches.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SourceRow {
    /// The action and the package reference, as in the trigger.
    pub name: String,
    /// The package; `null` if it is unknown.
    pub package_id: Option<String>,
    pub feed_id: Option<String>,
    pub feed_name: Option<String>,
    /// Why the package is unknown.
    #[serde(serialize_with = "coded")]
    pub problem: Option<CodedText>,
    /// The conditions on its versions.
    pub versions: Value,
}

/// A release that a trigger created or found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReleaseRow {
    pub id: String,
    /// The release number.
    pub version: String,
    /// The time when the trigger created or found it.
    #[serde(serialize_with = "rfc3339_of")]
    pub at: Timestamp,
    /// The URL of its page in Octopus.
    pub link: String,
}

impl TriggerRow {
    /// The current state of a trigger, with links to this server.
    pub fn new(state: &TriggerState, octopus: &OctopusClient<FixedKey>, now: Timestamp) -> Self {
        let last = state.last.as_ref();
        let release = state.last_release.as_ref().map(|last| ReleaseRow {
            id: last.release.id.to_string(),
            version: last.release.version.clone(),
            at: last.at,
            link: octopus.page_of_release(&state.space, &last.release.id),
        });
        let policies = state.sources.iter().map(|source| &source.policy);
        Self {
            id: state.id.to_string(),
            name: state.name.clone(),
            space: state.space_name.clone(),
            project: state.project.clone(),
            channel: state.channel.clone(),
            origin: match state.origin {
                TriggerOrigin::Octopus => "Octopus",
                TriggerOrigin::File => "file",
            },
            run_by: match state.runner {
                Runner::ThisProgram => "feedctl",
                Runner::Both => "feedctl and Octopus",
                Runner::Octopus => "Octopus",
                Runner::Disabled => DISABLED,
            },
            sources: state.sources.iter().map(SourceRow::from).collect(),
            options: options_json(&state.options),
            chosen: state.options.summary(policies),
            is_stalled: state.is_stalled,
            paused_until: state.pause.as_ref().map(|pause| pause.until),
            problem: state.problem.clone().map(CodedText::from),
            stale: state.stale.clone().map(CodedText::from),
            read_failures: state
                .failed_packages
                .iter()
                .map(|failed| ReadFailure::new(failed, now))
                .collect(),
            last_outcome: last.map(|one| one.outcome),
            last_reason: last.map(|one| reason_json(&one.reason, &one.details)),
            last_message: last.map(|one| one.reason.clone()),
            error: state.error(),
            last_at: last.map(|one| one.at),
            last_release: release,
            seen_at: now,
        }
    }

    /// Whether the filter selects the trigger.
    pub fn matches(&self, filter: &TriggerFilter, now: Timestamp) -> bool {
        let is_project = |name: &String| self.project.eq_ignore_ascii_case(name);
        let is_outcome = |outcome: Outcome| filter.outcome.contains(&outcome);
        let is_recent = |since: Span| self.last_at.is_some_and(|at| now.since(at) <= since);
        filter.project.as_ref().is_none_or(is_project)
            && (filter.outcome.is_empty() || self.last_outcome.is_some_and(is_outcome))
            && filter.since.is_none_or(is_recent)
            && (filter.status.is_empty() || filter.status.iter().any(|status| self.has(*status)))
    }

    fn has(&self, status: TriggerStatus) -> bool {
        let is_disabled = self.run_by == DISABLED;
        let is_failing = self.problem.is_some()
            || self.stale.is_some()
            || self.error.is_some()
            || self.is_stalled;
        match status {
            TriggerStatus::Failing => is_failing,
            TriggerStatus::Stalled => self.is_stalled,
            TriggerStatus::Paused => self.paused_until.is_some(),
            TriggerStatus::Ok => !is_failing && !is_disabled && self.paused_until.is_none(),
            TriggerStatus::Disabled => is_disabled,
        }
    }

    /// The last outcome and its time, below the reasons for no further evaluation.
    pub(super) fn summary(&self) -> String {
        let outcome = self.last_outcome.map(|outcome| outcome.to_string());
        let when = self.last_at.map(|at| ago(at, self.seen_at));
        let lines = self.blocks().into_iter().chain(outcome).chain(when);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The colour for that summary.
    pub(super) fn tone(&self) -> Tone {
        let of_outcome = self.last_outcome.map(Tone::from).unwrap_or_default();
        let is_failing = self.is_stalled || self.stale.is_some() || self.error.is_some();
        match (is_failing, self.paused_until) {
            (true, _) => Tone::Bad,
            (false, Some(_)) if of_outcome != Tone::Bad => Tone::Warning,
            (false, _) => of_outcome,
        }
    }

    fn described_sources(&self) -> String {
        let sources = self.sources.iter().map(ToString::to_string);
        sources.collect::<Vec<_>>().join("\n")
    }

    /// The last release and its time.
    pub(super) fn released(&self) -> String {
        let release = self.last_release.as_ref();
        let shown = release.map(|last| format!("{}\n{}", last.version, ago(last.at, self.seen_at)));
        shown.unwrap_or_default()
    }

    /// Whether it is stalled or stale, and the end of its pause.
    pub(super) fn blocks(&self) -> Vec<String> {
        let stalled = self.is_stalled.then(|| "STALLED".to_owned());
        let paused = self
            .paused_until
            .map(|until| format!("paused until {until}"));
        let stale = self.stale.is_some().then(|| "STALE".to_owned());
        stalled.into_iter().chain(stale).chain(paused).collect()
    }

    /// The problem that prevents evaluations, or the reason of the last outcome.
    pub(super) fn why(&self) -> String {
        let failures = self.read_failures.iter().map(ToString::to_string);
        let failures = failures.chain(self.stale.as_ref().map(ToString::to_string));
        let problem = self.problem.as_ref().map(ToString::to_string);
        let reason = problem.or_else(|| self.last_message.clone());
        failures.chain(reason).collect::<Vec<_>>().join("\n")
    }
}

impl Output {
    /// The triggers, and the problems of the applied file that do not concern a single one.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn triggers(
        &self,
        rows: &[TriggerRow],
        problems: &[CodedText],
        is_filtered: bool,
    ) -> io::Result<()> {
        let empty = match is_filtered {
            true => "No trigger matches the filters.",
            false => NO_TRIGGER,
        };
        for problem in problems {
            self.note(&problem.message);
        }
        match self.format {
            OutputFormat::Json => print(format_args!("{:#}", json!(rows))),
            OutputFormat::Basic => rows.iter().try_for_each(|row| {
                print(format_args!(
                    "{}\t{}\t{}\t{}",
                    row.id, row.name, row.project, row.run_by
                ))
            }),
            OutputFormat::Table if rows.is_empty() => print(empty),
            OutputFormat::Table => print(self.trigger_table(rows)),
        }
    }

    fn trigger_table(&self, rows: &[TriggerRow]) -> Grid {
        let header = [
            "Trigger",
            "Project",
            "Origin",
            "Run by",
            "Sources",
            "Options",
            "Last outcome",
            "Reason",
        ];
        let mut grid = Grid::new(self.paint, header);
        for row in rows {
            grid.row([
                Entry::named(&row.name, &row.id),
                row.project.as_str().into(),
                row.origin.into(),
                row.run_by.into(),
                row.described_sources().into(),
                row.chosen.as_str().into(),
                Entry::toned(row.tone(), row.summary()),
                row.why().into(),
            ]);
        }
        grid
    }
}

impl From<&SourceState> for SourceRow {
    fn from(source: &SourceState) -> Self {
        let package = source.package.as_ref();
        Self {
            name: source.name.clone(),
            package_id: package.map(|key| key.package.to_string()),
            feed_id: package.map(|key| key.feed.to_string()),
            feed_name: source.feed_name.clone(),
            problem: source.problem.clone().map(CodedText::from),
            versions: policy_json(&source.policy),
        }
    }
}

impl fmt::Display for SourceRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, problem, .. } = self;
        match (&self.package_id, problem) {
            (Some(package), _) => {
                let feed = self.feed_name.as_ref().or(self.feed_id.as_ref());
                let feed = feed.map(String::as_str).unwrap_or_default();
                write!(f, "{name} = {package} from {feed}")
            }
            (None, Some(why)) => write!(f, "{name}: {why}"),
            (None, None) => f.write_str(name),
        }
    }
}

#[expect(clippy::ref_option, reason = "the shape of a serde function")]
fn by_name<S: serde::Serializer>(
    outcome: &Option<Outcome>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    outcome.map(Outcome::name).serialize(serializer)
}
