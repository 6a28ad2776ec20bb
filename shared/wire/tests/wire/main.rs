//! The JSON formats of messages and rows.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's panic is its report"
)]

mod documents;
mod fixtures;
mod messages;
mod samples;
mod schemas;
