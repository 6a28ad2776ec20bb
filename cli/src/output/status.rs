//! The result of `status`.

use std::io;

use domain::coded::CodedText;
use domain::deployed_settings::DeployedSettings;
use domain::history::Outcome;
use domain::time::Timestamp;
use operator::ports::QueueState;
use serde::Serialize;
use serde_json::json;

use super::grid::{Entry, Grid};
use super::paint::{Paint, Tone};
use super::serialized::all_coded;
use super::{FeedRow, Output, TriggerRow, ago, print};
use crate::args::OutputFormat;

/// Triggers, feeds, queues and the last scheduler run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusRow {
    /// The time of the status.
    pub at: String,
    /// The time of the last complete scheduler run; `null` if there was none.
    pub last_run: Option<String>,
    #[serde(skip)]
    pub last_run_ago: Option<String>,
    /// The settings of a stack's last deployment; `null` on one machine.
    pub settings: Option<SettingsRow>,
    pub triggers: Vec<TriggerRow>,
    /// The feeds that triggers use.
    pub feeds: Vec<FeedRow>,
    /// The queues of a stack; empty without one.
    pub queues: Vec<QueueRow>,
    /// Problems of the applied file that do not concern a single trigger.
    #[serde(serialize_with = "all_coded")]
    pub problems: Vec<CodedText>,
}

/// The settings of a stack's last deployment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SettingsRow {
    /// `create` or `observe`.
    pub mode: &'static str,
    /// The time of the first run with these settings.
    pub since: String,
    #[serde(skip)]
    pub since_ago: String,
    /// The parameters that the deployment changed.
    pub changes: Vec<ChangeRow>,
}

/// A changed parameter.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeRow {
    pub parameter: String,
    /// The value before; may be empty.
    pub before: String,
    /// The value now; may be empty.
    pub after: String,
}

impl SettingsRow {
    pub fn new(settings: &DeployedSettings, now: Timestamp) -> Self {
        let changes = settings.changes.iter();
        let changes = changes.map(|change| ChangeRow {
            parameter: change.name.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        });
        Self {
            mode: if settings.observes() {
                "observe"
            } else {
                "create"
            },
            since: settings.since.to_string(),
            since_ago: ago(settings.since, now),
            changes: changes.collect(),
        }
    }

    fn lines(&self) -> io::Result<()> {
        print(format_args!("mode\t{}", self.mode))?;
        let mut changes = self.changes.iter();
        changes.try_for_each(|one| {
            print(format_args!(
                "changed\t{}\t{}\t{}",
                one.parameter, one.before, one.after
            ))
        })
    }

    fn text(&self) -> io::Result<()> {
        match self.mode {
            "observe" => print("Mode: observe; the stack creates no releases")?,
            mode => print(format_args!("Mode: {mode}"))?,
        }
        if self.changes.is_empty() {
            return Ok(());
        }
        let shown = |value: &str| match value {
            "" => "empty".to_owned(),
            value => value.to_owned(),
        };
        let changes = self.changes.iter().map(|one| {
            let (before, after) = (shown(&one.before), shown(&one.after));
            format!("{} from {before} to {after}", one.parameter)
        });
        let changes = changes.collect::<Vec<_>>().join(", ");
        let ago = &self.since_ago;
        print(format_args!(
            "Changed by the last deployment, {ago}: {changes}"
        ))
    }
}

/// A queue of a stack.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueRow {
    pub queue: &'static str,
    /// The messages that wait, including delayed ones.
    pub waiting: u64,
    /// The messages that a function is processing.
    pub in_flight: u64,
    /// The messages in the dead-letter queue.
    pub dead_letters: u64,
}

impl From<&QueueState> for QueueRow {
    fn from(state: &QueueState) -> Self {
        Self {
            queue: state.kind.name(),
            waiting: state.waiting + state.delayed,
            in_flight: state.in_flight,
            dead_letters: state.dead_letters,
        }
    }
}

impl Output {
    /// The status.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn status(&self, row: &StatusRow) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => print(format_args!("{:#}", json!(row))),
            OutputFormat::Basic => row.lines(),
            OutputFormat::Table => row.tables(self.paint),
        }
    }
}

impl StatusRow {
    fn lines(&self) -> io::Result<()> {
        let last_run = self.last_run.as_deref().unwrap_or("never");
        print(format_args!("run\t{last_run}"))?;
        if let Some(settings) = &self.settings {
            settings.lines()?;
        }
        for one in &self.triggers {
            let outcome = one.last_outcome.map_or("never evaluated", Outcome::name);
            let blocks = one.blocks().join(", ");
            print(format_args!(
                "trigger\t{}\t{}\t{}\t{outcome}\t{blocks}",
                one.id, one.name, one.run_by
            ))?;
        }
        for one in &self.feeds {
            print(format_args!(
                "feed\t{}\t{}\t{}",
                one.id, one.name, one.shown
            ))?;
        }
        for one in &self.queues {
            print(format_args!(
                "queue\t{}\t{}\t{}\t{}",
                one.queue, one.waiting, one.in_flight, one.dead_letters
            ))?;
        }
        let mut problems = self.problems.iter();
        problems.try_for_each(|problem| print(format_args!("problem\t{problem}")))
    }

    /// The URLs of the last releases, each on its own line, so that no column splits them.
    fn links(&self) -> io::Result<()> {
        for one in &self.triggers {
            if let Some(last) = &one.last_release {
                print(format_args!(
                    "{} of {}: {}",
                    last.version, one.name, last.link
                ))?;
            }
        }
        Ok(())
    }

    fn tables(&self, paint: Paint) -> io::Result<()> {
        let ago = self.last_run_ago.as_deref().unwrap_or("never");
        print(format_args!("Last scheduler run: {ago}"))?;
        if let Some(settings) = &self.settings {
            settings.text()?;
        }
        print(self.trigger_table(paint))?;
        self.links()?;
        let mut feeds = Grid::new(paint, ["Feed", "Route", "State"]);
        for one in &self.feeds {
            let state = Entry::toned(one.tone, one.summary());
            feeds.row([one.name.as_str().into(), one.route.into(), state]);
        }
        print(feeds)?;
        if !self.queues.is_empty() {
            let mut queues = Grid::new(paint, ["Queue", "Waiting", "In flight", "Dead letters"]);
            for one in &self.queues {
                queues.row([
                    one.queue.into(),
                    one.waiting.to_string().into(),
                    one.in_flight.to_string().into(),
                    Entry::toned(one.tone(), one.dead_letters.to_string()),
                ]);
            }
            print(queues)?;
        }
        let mut problems = self.problems.iter();
        problems.try_for_each(|problem| print(paint.text(Tone::Bad, &problem.message)))
    }

    fn trigger_table(&self, paint: Paint) -> Grid {
        let header = [
            "Trigger",
            "Project / channel",
            "Run by",
            "Last outcome",
            "Last release",
            "Reason",
        ];
        let mut grid = Grid::new(paint, header);
        for one in &self.triggers {
            grid.row([
                one.name.as_str().into(),
                format!("{}\n{}", one.project, one.channel).into(),
                one.run_by.into(),
                Entry::toned(one.tone(), one.summary()),
                one.released().into(),
                one.why().into(),
            ]);
        }
        grid
    }
}

impl QueueRow {
    fn tone(&self) -> Tone {
        match self.dead_letters {
            0 => Tone::Plain,
            _ => Tone::Bad,
        }
    }
}
