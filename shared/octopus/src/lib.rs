//! The few Octopus Server calls that external feed triggers need, behind the engine's ports.
//!
//! [`OctopusClient`] reads spaces, triggers, feeds, projects, processes, channels and releases, lists the
//! versions of a feed's package through Octopus, which holds the credentials, and creates releases. It
//! deletes nothing. What it changes, it changes when somebody asks for that: who runs a native trigger
//! ([`OctopusClient::adopt_trigger`], [`OctopusClient::return_trigger`]), and a trigger that is added.
//!
//! It is made for every server since 2020.5. What a server adds to its answers is ignored, what it leaves
//! out is absent, and a kind of feed, trigger or action that this program does not know spoils no list.
//! What decides a release (rules, processes, templates) must be understood or is an error.
//!
//! Nothing is unbounded: answers, pages and waiting have limits, and a read is tried twice at most. A
//! request that creates is never sent twice; if no answer comes, the error says that the release may exist.
#![expect(
    async_fn_in_trait,
    reason = "every step runs on one thread, so no caller needs the futures to be Send"
)]

mod add;
mod address;
mod caller;
mod channels;
mod client;
mod create;
mod ecr_account;
mod error;
mod feeds;
mod hand_over;
mod http;
mod keys;
mod legacy_create;
mod lifecycles;
mod names;
mod overrides;
mod paging;
pub mod parsing;
mod ports;
mod process;
mod projects;
mod refusal;
mod releases;
mod server_version;
mod spaces;
mod template;
mod tolerant;
mod triggers;
mod versioning;
mod versions;

pub use client::{OctopusClient, Timeouts};
pub use hand_over::{HandOver, SwitchedOff};
pub use keys::{ApiKeys, FixedKey};
