//! The gate against every sender's payload, against forgeries, and against bodies that nobody should send.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

mod accepted;
mod handshakes;
mod ignored;
mod refused;
mod support;
mod tokens;
