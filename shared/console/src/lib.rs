//! The web console: pages that show and control external feed triggers.
//!
//! [`Console`] turns a request into a response. The server is outside this crate: `feedctl console` serves on
//! loopback, and the function `console` is called through a Function URL. Each request builds its page from the
//! engine's ports; nothing is kept between requests, and the crate has no access to secrets. All text is escaped
//! when a page is rendered. Pages work without JavaScript; the script adds convenience.
//!
//! [`Guard`] authenticates requests, [`Actions`] executes actions. Each action is logged at level `info` with the
//! principal, the action, its trigger or queue, and the outcome.
#![expect(
    async_fn_in_trait,
    reason = "a console answers on one thread, so no caller needs the futures to be Send"
)]

mod action;
mod actions;
mod answer;
mod asset;
mod chart;
mod content;
mod file_action;
mod form;
mod guard;
mod header;
mod layout;
mod octopus_link;
mod page;
mod page_error;
mod parts;
mod path;
mod request;
mod timing;

use engine::ports::{
    Catalogue, Ledger, OctopusReader, Pauses, SnapshotReader, TriggerCreator, TriggerOwnership,
    WebhookRequests,
};
use operator::overview::{self, LookSettings};

pub use actions::{ActionFailed, Actions, Evaluated, FeedChecked, NoQueues, StackActions};
pub use answer::MAX_BODY_BYTES;
pub use guard::{AccessKey, Guard, RandomnessError};
pub use octopus_link::OctopusLinks;

/// The stored data that pages show.
pub trait ConsoleStore:
    overview::Memory + Pauses + SnapshotReader + Ledger + WebhookRequests
{
}

impl<T: overview::Memory + Pauses + SnapshotReader + Ledger + WebhookRequests> ConsoleStore for T {}

/// The operations of Octopus that the console uses.
pub trait ConsoleOctopus: OctopusReader + Catalogue + TriggerCreator + TriggerOwnership {}

impl<T: OctopusReader + Catalogue + TriggerCreator + TriggerOwnership> ConsoleOctopus for T {}

#[derive(Clone, Debug)]
pub struct ConsoleSettings {
    /// The name of the stack or state file, for the page header.
    pub place: String,
    pub links: OctopusLinks,
    /// The spaces and triggers of the console, and how feeds are read.
    pub look: LookSettings,
}

/// The console over a store, Octopus, a clock and actions.
pub struct Console<S, O, C, H> {
    pub store: S,
    pub octopus: O,
    pub clock: C,
    pub actions: H,
    pub guard: Guard,
    pub settings: ConsoleSettings,
}
