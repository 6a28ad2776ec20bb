//! What goes on, as `status` shows it.

use std::io;

use engine::ports::QueueState;
use serde::Serialize;
use serde_json::json;

use super::{FeedRow, Output, TriggerRow, kept, say, table};
use crate::args::OutputFormat;

/// What goes on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusRow {
    /// When this was gathered.
    pub at: String,
    /// When the last round of the schedule was published in full.
    pub last_tick: Option<String>,
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
            OutputFormat::Table => row.tables(),
        }
    }
}

impl StatusRow {
    fn lines(&self) -> io::Result<()> {
        let tick = self.last_tick.as_deref().unwrap_or("never");
        say(format_args!("tick\t{tick}"))?;
        for one in &self.triggers {
            let outcome = one.last_outcome.as_deref().unwrap_or("never evaluated");
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

    fn tables(&self) -> io::Result<()> {
        let ago = self.last_tick_ago.as_deref().unwrap_or("never");
        say(format_args!("last round: {ago}"))?;
        let mut triggers = table(&[
            "Trigger",
            "Project / channel",
            "Run by",
            "Last outcome",
            "Last release",
            "Reason",
        ]);
        for one in &self.triggers {
            triggers.add_row([
                one.name.clone(),
                format!("{}\n{}", one.project, one.channel),
                one.run_by.to_owned(),
                one.told(),
                one.released(),
                one.why(),
            ]);
        }
        say(kept(triggers, &["Run by", "Last outcome", "Last release"]))?;
        self.links()?;
        let mut feeds = table(&["Feed", "Read", "State"]);
        for one in &self.feeds {
            feeds.add_row([one.name.clone(), one.route.to_owned(), one.told()]);
        }
        say(feeds)?;
        if !self.queues.is_empty() {
            let mut queues = table(&["Queue", "Waiting", "In flight", "Dead letters"]);
            for one in &self.queues {
                let counts = [one.waiting, one.in_flight, one.dead_letters];
                let counts = counts.map(|count| count.to_string());
                queues.add_row([&[one.queue.to_owned()], &counts[..]].concat());
            }
            say(queues)?;
        }
        self.problems.iter().try_for_each(say)
    }
}
