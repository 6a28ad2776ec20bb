//! Client for the Octopus Server REST API calls that external feed triggers need, behind the engine's ports.
//!
//! [`OctopusClient`] reads spaces, triggers, feeds, projects, processes, channels and releases, lists the
//! versions of packages through Octopus's feeds, and creates releases. It deletes nothing. Two further writes
//! happen only on a user's request: changing the ownership of a native trigger
//! ([`OctopusClient::adopt_trigger`], [`OctopusClient::return_trigger`]) and creating a trigger.
//!
//! Supports every server since 2020.5: unknown properties are ignored, missing properties are absent, and an
//! unknown kind of feed, trigger or action never fails a list. Documents that decide a release (rules,
//! processes, templates) must parse, or the call is an error.
//!
//! Answers, pages and waiting time are bounded. Reads are tried at most twice. A create request is sent at most
//! once; if no answer arrives, the error is [`Unknown`](engine::ports::OctopusErrorKind::Unknown).
#![expect(
    async_fn_in_trait,
    reason = "every step runs on one thread, so no caller needs the futures to be Send"
)]

mod add;
mod address;
mod advisory;
mod build_information;
mod bulk;
mod call;
mod caller;
mod channels;
mod chart_tags;
mod client;
mod create;
mod ecr_account;
mod error;
mod feeds;
mod http;
mod keys;
mod legacy_create;
mod lifecycles;
mod names;
mod overrides;
mod ownership;
mod paging;
pub mod parsing;
mod ports;
mod precedence;
mod process;
mod process_path;
mod projects;
mod rate_limit;
mod refusal;
mod releases;
mod server_version;
mod snapshot_cache;
mod snapshots;
mod spaces;
mod template;
mod tolerant;
mod triggers;
mod versioning;
mod versions;

pub use address::check_address;
pub use client::{OctopusClient, Timeouts};
pub use keys::{ApiKeys, FixedKey};
pub use ownership::{DisabledTrigger, OwnershipChange};
pub use rate_limit::{LimiterChange, LimiterUpdate, SharedLimiter};
