//! Options of `dlq list`, `show`, `redrive` and `delete`.

use clap::{Args, Subcommand};
use operator::ports::QueueKind;

/// Commands about the dead-letter queues of a stack.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// List the messages of the dead-letter queues. Each listing counts as one more receive.
    #[command(visible_alias = "ls")]
    List(ListMessages),
    /// Show one message with its body.
    Show(ShowMessage),
    /// Redrive messages to their source queues.
    Redrive(SelectMessages),
    /// Delete messages.
    Delete(SelectMessages),
}

/// Options of `dlq list`.
#[derive(Debug, Args)]
pub struct ListMessages {
    /// List only this queue: schedule, checks, releases or pushes.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
    /// List at most this many messages of each queue.
    #[arg(long, default_value_t = 100, value_parser = super::number_up_to::<1_000>)]
    pub limit: u16,
}

/// Options of `dlq show`.
#[derive(Debug, Args)]
pub struct ShowMessage {
    /// The message id, from `dlq list`.
    pub id: String,
    /// Search only this queue [default: all].
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
}

/// Options of `dlq redrive` and `dlq delete`.
#[derive(Debug, Args)]
pub struct SelectMessages {
    /// The message ids, from `dlq list`.
    #[arg(required_unless_present = "all")]
    pub ids: Vec<String>,
    /// Select all messages, at most 1000 of each queue.
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// Select only from this queue: schedule, checks, releases or pushes [default: all].
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<QueueKind>,
}
