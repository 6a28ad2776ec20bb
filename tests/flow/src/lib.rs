//! A small world in which a push leads to a release: the engine's four steps over real HTTP, against the
//! stand-in for Octopus Server and in-process registries.
//!
//! What is not real: the clock, which a test turns, the table, which is in memory, and the bus, which
//! keeps a message until it was handled, as a queue does. Every effect (a row written, a message
//! published, a release created) passes the [`Fuse`], which can blow before or after any of them. The step
//! at work then never goes on, as if its process had died; [`World::restart`] starts another one over the
//! same table and the same servers.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a world is for tests, where a panic is the report"
)]

mod bus;
mod clock;
mod file;
mod fuse;
mod fused;
mod look;
mod program;
mod seed;
mod world;

pub use bus::Queue;
pub use clock::TestClock;
pub use engine::steps::INVOCATION_LEASE as LEASE;
pub use file::{FILE, apply, definition};
pub use fuse::{Crashed, Fuse, Moment};
pub use fused::FusedTable;
pub use program::Program;
pub use seed::{API, SHOP, SITE};
pub use world::World;
