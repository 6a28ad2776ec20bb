//! What goes on, as `status` shows it.

use std::io;

use domain::history::Outcome;
use operator::ports::QueueState;
use serde::Serialize;
use serde_json::json;

use super::grid::{Entry, Grid};
use super::paint::{Paint, Tone};
use super::{FeedRow, Output, TriggerRow, say};
use crate::args::OutputFormat;

/// What goes on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusRow {
    /// When this was gathered.
    pub at: String,
    /// When the last round of the schedule was published in full.
    pub last_run: Option<String>,
    /// How long ago that was.
    #[serde(skip)]
    pub last_tick_ago: Option<String>,
    /// All triggers.
    pub triggers: Vec<TriggerRow>,
    /// The feeds that triggers use.
    pub feeds: Vec<FeedRow>,
    /// A stack's queues.
    pub queues: Vec<QueueRow>,
    /// What is wrong with the applied file and with no single trigger of it.
    pub problems: Vec<String>,
}

/// One queue of a stack.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueRow {
    /// Its name.
    pub queue: &'static str,
    /// Messages that wait.
    pub waiting: u64,
    /// Messages that are being handled.
    pub in_flight: u64,
    /// Messages that were given up.
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
    /// What goes on.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn status(&self, row: &StatusRow) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => say(format_args!("{:#}", json!(row))),
            OutputFormat::Basic => row.lines(),
            OutputFormat::Table => row.tables(self.paint),
        }
    }
}

impl StatusRow {
    fn lines(&self) -> io::Result<()> {
        let tick = self.last_run.as_deref().unwrap_or("never");
        say(format_args!("tick\t{tick}"))?;
        for one in &self.triggers {
            let outcome = one.last_outcome.map_or("never evaluated", Outcome::name);
            let hindrances = one.hindrances().join(", ");
            say(format_args!(
                "trigger\t{}\t{}\t{}\t{outcome}\t{hindrances}",
                one.id, one.name, one.run_by
            ))?;
        }
        for one in &self.feeds {
            say(format_args!(
                "feed\t{}\t{}\t{}",
                one.id, one.name, one.state
            ))?;
        }
        for one in &self.queues {
            say(format_args!(
                "queue\t{}\t{}\t{}\t{}",
                one.queue, one.waiting, one.in_flight, one.dead_letters
            ))?;
        }
        let mut problems = self.problems.iter();
        problems.try_for_each(|problem| say(format_args!("problem\t{problem}")))
    }

    /// The last releases' pages, each on a line of its own, which no column breaks.
    fn links(&self) -> io::Result<()> {
        for one in &self.triggers {
            if let Some(last) = &one.last_release {
                say(format_args!(
                    "{} of {}: {}",
                    last.version, one.name, last.link
                ))?;
            }
        }
        Ok(())
    }

    fn tables(&self, paint: Paint) -> io::Result<()> {
        let ago = self.last_tick_ago.as_deref().unwrap_or("never");
        say(format_args!("last round: {ago}"))?;
        say(self.trigger_table(paint))?;
        self.links()?;
        let mut feeds = Grid::new(paint, ["Feed", "Read", "State"]);
        for one in &self.feeds {
            let state = Entry::toned(one.tone, one.told());
            feeds.row([one.name.as_str().into(), one.route.into(), state]);
        }
        say(feeds)?;
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
            say(queues)?;
        }
        let mut problems = self.problems.iter();
        problems.try_for_each(|problem| say(paint.text(Tone::Bad, problem)))
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
                Entry::toned(one.tone(), one.told()),
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
