//! The four steps from a feed to a release: [`schedule`], [`check`], [`evaluate`] and [`receive`].
//!
//! Each step takes one kind of message, acts through [`ports`] and publishes another kind. No step calls
//! another. Each may run twice with the same input and do no harm:
//!
//! - **transactional outbox**: a change and its pending event are stored in one write; the event is published
//!   after that, and cleared last;
//! - **claim, then create**: a plan is claimed in the ledger before the release is created;
//! - **search, then create again**: before a claimed plan is carried out, its release is searched in Octopus.
//!
//! `domain` makes every decision and this crate carries it out. The crate has no AWS and no HTTP code.
//! [`steps`] is the dispatcher that all hosts call.
#![expect(
    async_fn_in_trait,
    reason = "every step runs on one thread, so no caller needs the futures to be Send"
)]

pub mod check;
pub mod documents;
pub mod evaluate;
pub mod messages;
pub mod ports;
pub mod receive;
pub mod routed;
pub mod schedule;
pub mod steps;
pub mod watchlist;

/// A step that failed. It can be repeated as a whole; nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    #[error(transparent)]
    Store(#[from] ports::StoreError),
    /// A conditional write failed, or another invocation changed the row first.
    #[error(transparent)]
    Save(#[from] ports::SaveError),
    #[error(transparent)]
    Bus(#[from] ports::BusError),
    /// Octopus failed, and the step requires its answer.
    #[error(transparent)]
    Octopus(#[from] ports::OctopusError),
    /// The host has no step for a message. The text is the message's detail type.
    #[error(
        "cannot handle {0}: this program has no step for it; check the rules that fill its queue"
    )]
    NoSuchStep(&'static str),
}

/// The error and its chain of causes on one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
