//! Triggers, as `triggers list` and `status` show them.

use std::io;

use domain::history::Outcome;
use domain::time::Timestamp;
use domain::trigger::{Runner, TriggerOrigin};
use octopus::{FixedKey, OctopusClient};
use operator::overview::{SourceState, TriggerState};
use serde::Serialize;
use serde_json::json;

use super::grid::{Entry, Grid};
use super::paint::Tone;
use super::{Output, ago, say, show_time, summary};
use crate::args::OutputFormat;

/// One trigger.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TriggerRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its space's name.
    pub space: String,
    /// Its project's name; the id where it was not read.
    pub project: String,
    /// Its channel's name; the id where it was not read.
    pub channel: String,
    /// Where it is defined: `Octopus` or `file`.
    pub origin: &'static str,
    /// Who runs it.
    pub run_by: &'static str,
    /// What it watches.
    pub sources: Vec<String>,
    /// Its options in few words; empty if nothing was chosen.
    pub options: String,
    /// It was not evaluated with success for too long.
    pub is_stalled: bool,
    /// Until when it is left alone, because its evaluation failed.
    #[serde(serialize_with = "rfc3339")]
    pub paused_until: Option<Timestamp>,
    /// What stands in its way.
    pub problem: Option<String>,
    /// How the last evaluation ended.
    #[serde(serialize_with = "by_name")]
    pub last_outcome: Option<Outcome>,
    /// Why.
    pub last_reason: Option<String>,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub last_at: Option<Timestamp>,
    /// The last release that it made, or found made.
    pub last_release: Option<ReleaseRow>,
    /// When all this was gathered.
    #[serde(skip)]
    pub seen_at: Timestamp,
}

/// A release of a trigger.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReleaseRow {
    /// Its id.
    pub id: String,
    /// Its number.
    pub version: String,
    /// When it was made, or found made.
    #[serde(serialize_with = "rfc3339_of")]
    pub at: Timestamp,
    /// Its page in Octopus.
    pub link: String,
}

impl TriggerRow {
    /// A trigger as it is now, with links into this server.
    pub fn new(state: &TriggerState, octopus: &OctopusClient<FixedKey>, now: Timestamp) -> Self {
        let last = state.last.as_ref();
        let release = state.last_release.as_ref().map(|last| ReleaseRow {
            id: last.release.id.to_string(),
            version: last.release.version.clone(),
            at: last.at,
            link: octopus.page_of_release(&state.space, &last.release.id),
        });
        let selections = state.sources.iter().map(|source| &source.selection);
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
                Runner::Disabled => "nobody (off)",
            },
            sources: state.sources.iter().map(described).collect(),
            options: summary(&state.options, selections),
            is_stalled: state.is_stalled,
            paused_until: state.pause.as_ref().map(|pause| pause.until),
            problem: state.problem.clone(),
            last_outcome: last.map(|one| one.outcome),
            last_reason: last.map(|one| one.reason.clone()),
            last_at: last.map(|one| one.at),
            last_release: release,
            seen_at: now,
        }
    }

    /// The last outcome and when it was, below what keeps it from the next.
    pub(super) fn told(&self) -> String {
        let outcome = self.last_outcome.map(|outcome| outcome.to_string());
        let when = self.last_at.map(|at| ago(at, self.seen_at));
        let lines = self.hindrances().into_iter().chain(outcome).chain(when);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// How it stands with all that.
    pub(super) fn tone(&self) -> Tone {
        let of_outcome = self.last_outcome.map(Tone::from).unwrap_or_default();
        match (self.is_stalled, self.paused_until) {
            (true, _) => Tone::Bad,
            (false, Some(_)) if of_outcome != Tone::Bad => Tone::Warning,
            (false, _) => of_outcome,
        }
    }

    /// The last release, and when it was made.
    pub(super) fn released(&self) -> String {
        let release = self.last_release.as_ref();
        let told = release.map(|last| format!("{}\n{}", last.version, ago(last.at, self.seen_at)));
        told.unwrap_or_default()
    }

    /// That it is stalled, and until when it is left alone.
    pub(super) fn hindrances(&self) -> Vec<String> {
        let stalled = self.is_stalled.then(|| "STALLED".to_owned());
        let paused = self
            .paused_until
            .map(|until| format!("paused until {until}"));
        stalled.into_iter().chain(paused).collect()
    }

    /// What stands in its way, or why the last evaluation ended as it did.
    pub(super) fn why(&self) -> String {
        let reason = self.problem.as_ref().or(self.last_reason.as_ref());
        reason.cloned().unwrap_or_default()
    }
}

impl Output {
    /// All triggers, and what is wrong with the applied file and with no single one of them.
    ///
    /// # Errors
    /// When standard output cannot be written, like all that show something.
    pub fn triggers(&self, rows: &[TriggerRow], problems: &[String]) -> io::Result<()> {
        for problem in problems {
            self.note(problem);
        }
        match self.format {
            OutputFormat::Json => say(format_args!("{:#}", json!(rows))),
            OutputFormat::Basic => rows.iter().try_for_each(|row| {
                say(format_args!(
                    "{}\t{}\t{}\t{}",
                    row.id, row.name, row.project, row.run_by
                ))
            }),
            OutputFormat::Table => say(self.trigger_table(rows)),
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
                row.sources.join("\n").into(),
                row.options.as_str().into(),
                Entry::toned(row.tone(), row.told()),
                row.why().into(),
            ]);
        }
        grid
    }
}

fn described(source: &SourceState) -> String {
    match (&source.package, &source.problem) {
        (Some(package), _) => {
            let feed = source.feed_name.as_deref().unwrap_or(package.feed.as_str());
            format!("{} = {} from {feed}", source.name, package.package)
        }
        (None, Some(why)) => format!("{}: {why}", source.name),
        (None, None) => source.name.clone(),
    }
}

#[expect(clippy::ref_option, reason = "the shape of a serde function")]
fn rfc3339<S: serde::Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(show_time).serialize(serializer)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape of a serde function"
)]
fn rfc3339_of<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    show_time(*at).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the shape of a serde function")]
fn by_name<S: serde::Serializer>(
    outcome: &Option<Outcome>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    outcome.map(Outcome::name).serialize(serializer)
}
