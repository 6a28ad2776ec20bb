//! The console: what external feed triggers do, as pages for people.
//!
//! A request goes in and a response comes out. There is no server in here: `feedctl console` puts one around
//! it on loopback, and the function `console` is called through a Function URL. The pages are made from the
//! engine's ports on each request; nothing is kept between two requests, and no secret is ever at hand here
//! to be shown. Whatever a page shows is escaped where it is written down. Pages need no script; the one
//! that there is makes them more convenient.
//!
//! [`Guard`] says who may come in, [`Actions`] is what can be done besides looking. Everything that is done
//! leaves an audit line at level `info`: who, what, on which trigger or queue, and how it ended.
#![expect(
    async_fn_in_trait,
    reason = "a console answers on one thread, so no caller needs the futures to be Send"
)]

mod action;
mod actions;
mod answer;
mod asset;
mod chart;
mod fault;
mod form;
mod guard;
mod layout;
mod octopus_link;
mod page;
mod parts;
mod path;
mod timing;

use engine::ports::{Catalogue, OctopusReader, Pauses, SnapshotReader, TriggerCreator};
use operator::overview::{self, LookSettings};

pub use actions::{ActionFailed, Actions, Evaluated, NoQueues, StackActions};
pub use answer::MOST_BODY;
pub use guard::{Guard, NoRandomness, Pass};
pub use octopus_link::OctopusLinks;

/// What the pages are made from: everything that is remembered.
pub trait Memory: overview::Memory + Pauses + SnapshotReader {}

impl<T: overview::Memory + Pauses + SnapshotReader> Memory for T {}

/// What Octopus is asked for: what it knows, what there is to choose from, and new triggers.
pub trait Octopus: OctopusReader + Catalogue + TriggerCreator {}

impl<T: OctopusReader + Catalogue + TriggerCreator> Octopus for T {}

/// What the console is told about where it stands.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is looked at, as the pages' heads call it: a stack's name, or a state file's.
    pub place: String,
    /// Links into Octopus.
    pub links: OctopusLinks,
    /// Which spaces and triggers are looked at, and how feeds are read.
    pub look: LookSettings,
}

/// The console.
pub struct Console<S, O, C, H> {
    /// What is remembered.
    pub store: S,
    /// Octopus.
    pub octopus: O,
    /// The time.
    pub clock: C,
    /// What can be done.
    pub actions: H,
    /// Who may come in.
    pub guard: Guard,
    /// Where it stands.
    pub settings: Settings,
}
