//! The hostile world, over real HTTP on loopback.
//!
//! [`Origins`] are any number of servers under any names, with TLS, that answer as a test says and keep what
//! they were sent; [`Planted`] is a secret that is looked for in every form; [`Published`] is a bus that
//! keeps what goes over it.

#![expect(
    clippy::unwrap_used,
    reason = "this is for tests, where a panic is the report"
)]

mod origins;
mod planted;
mod published;

pub use origins::{Origins, Reply};
pub use planted::Planted;
pub use published::Published;
