//! Tests the admission of every sender's payload, of forgeries and of malformed bodies.

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
