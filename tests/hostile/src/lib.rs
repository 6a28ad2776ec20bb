//! The hostile world, over real HTTP on loopback.
//!
//! [`Saboteur`] stands before a server that behaves and spoils its answers byte by byte; [`Origins`] are
//! any number of servers under any names, with TLS, that answer as a test says and keep what they were
//! sent; [`Planted`] is a secret that is looked for in every form; [`Published`] is a bus that keeps what goes
//! over it. [`Watched`] is a package under watch, by the engine's own check and with a snapshot, and
//! [`Listed`] is what Octopus holds, by its schedule.

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
mod saboteur;
mod verdict;
mod watched;

pub use clients::Clients;
pub use octopus_under_watch::{DOCUMENTS, LISTS, Listed, TRIGGERS};
pub use origins::{Origins, Reply};
pub use planted::Planted;
pub use published::Published;
pub use route::Route;
pub use saboteur::{Answer, Saboteur, Spoil};
pub use verdict::Verdict;
pub use watched::Watched;
