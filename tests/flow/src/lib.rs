//! A small world in which a push leads to a release: the engine's four steps over real HTTP, against the
//! fake Octopus Server and in-process registries.
//!
//! The clock is advanced by the test, the table is in memory, and the bus keeps each message until it was handled,
//! as a queue does. Every effect (a written row, a published message, a created release) passes the [`Fuse`],
//! which can crash the process before or after it. The running step then never continues; [`World::restart`]
//! starts another process over the same table and the same servers.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a world is for tests, where a panic is the report"
)]

mod bus;
mod clock;
mod ecr;
mod file;
mod fuse;
mod fused;
mod look;
mod program;
mod seed;
mod world;

pub use bus::Queue;
pub use clock::TestClock;
pub use ecr::Ecr;
pub use engine::evaluate::INVOCATION_LEASE as LEASE;
pub use file::{FILE, apply, definition};
pub use fuse::{Crashed, Fuse, Moment};
pub use fused::FusedTable;
pub use program::Program;
pub use seed::{API, SHOP, SITE};
pub use world::World;
