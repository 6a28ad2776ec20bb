//! Dead letters: `dlq list`, `show`, `redrive` and `discard`.

use clap::{Args, Subcommand};
use operator::ports::QueueKind;

/// Commands about dead letters. They are about a stack.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// What was given up, and what it was about. Each look counts as one more delivery.
    List(ListLetters),
    /// One dead letter, with all it says.
    Show(ShowLetter),
    /// Hand dead letters back to the queues they were given up in.
    Redrive(ClearLetters),
    /// Throw dead letters away.
    Discard(ClearLetters),
}

/// Options of `dlq list`.
#[derive(Debug, Args)]
pub struct ListLetters {
    /// Only those of this queue: schedule, checks, releases, pushes.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
    /// At most so many of each queue.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub limit: u16,
}

/// Options of `dlq show`.
#[derive(Debug, Args)]
pub struct ShowLetter {
    /// Its id, as `dlq list` shows it.
    pub id: String,
    /// The queue it was given up in; without, all are looked through.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
}

/// Options of `dlq redrive` and `dlq discard`.
#[derive(Debug, Args)]
pub struct ClearLetters {
    /// Their ids, as `dlq list` shows them.
    #[arg(required_unless_present = "all")]
    pub ids: Vec<String>,
    /// All that are there now, at most 1000 of each queue.
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// Only those of this queue: schedule, checks, releases, pushes.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
}
