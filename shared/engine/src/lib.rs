//! The four steps from a feed to a release: [`schedule`], [`check`], [`evaluate`] and [`receive`].
//!
//! Each step takes one kind of message, acts through [`ports`] and publishes another kind. No step calls
//! another. Each may run twice with the same input and do no harm:
//!
//! - **owe before announcing**: a change and the announcement of it are stored in one write, the
//!   announcement is published after, and struck off last;
//! - **claim before creating**: a plan is claimed in the ledger before the release is created;
//! - **look before creating again**: a plan that was claimed before is looked for in Octopus first.
//!
//! Every choice is made by `domain`; this crate carries it out. It knows neither AWS nor HTTP.
#![expect(
    async_fn_in_trait,
    reason = "every step runs on one thread, so no caller needs the futures to be Send"
)]

pub mod check;
pub mod evaluate;
pub mod messages;
pub mod ports;
pub mod receive;
pub mod routed;
pub mod schedule;
pub mod steps;
pub mod watchlist;

/// A step that could not be carried out. It is repeated as a whole; nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] ports::StoreError),
    /// A conditional write failed, or lost against somebody else.
    #[error(transparent)]
    Save(#[from] ports::SaveError),
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] ports::BusError),
    /// Octopus failed, and the step cannot do without.
    #[error(transparent)]
    Octopus(#[from] ports::OctopusError),
    /// The host has no step for a message. The text is the message's detail type.
    #[error(
        "cannot handle {0}: this program has no step for it; check the rules that fill its queue"
    )]
    NoSuchStep(&'static str),
}

/// The error and everything that led to it, on one line.
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
