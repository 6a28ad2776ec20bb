//! Hostile servers, over real HTTP on loopback.
//!
//! [`TamperingProxy`] forwards to a well-behaved server and spoils its answers byte by byte. [`Origins`] are any number
//! of servers under any names, with TLS, that answer by rules and record requests. [`Planted`] is a secret that is
//! searched for in every form. [`Published`] is a bus that records messages. [`Watched`] is a package with a
//! snapshot, checked by the engine's `Check`; [`WatchedTriggers`] are Octopus's triggers, read by its `Schedule`.

#![expect(
    clippy::unwrap_used,
    reason = "this is for tests, where a panic is the report"
)]

mod clients;
mod octopus_under_watch;
mod origins;
mod planted;
mod published;
mod route;
mod tampering_proxy;
mod verdict;
mod watched;

pub use clients::Clients;
pub use octopus_under_watch::{DOCUMENTS, LISTS, TRIGGERS, WatchedTriggers};
pub use origins::{Origins, Reply};
pub use planted::Planted;
pub use published::Published;
pub use route::Route;
pub use tampering_proxy::{Answer, Spoil, TamperingProxy};
pub use verdict::Verdict;
pub use watched::Watched;
