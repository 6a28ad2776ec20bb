//! The crate against registries and repositories over HTTP: one program, so that it is linked once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a panic is the report of a test, and cases are given by value"
)]

mod addresses;
mod authentication;
mod budgets;
mod common;
mod dates;
mod digests;
mod grants;
mod helm;
mod labels;
mod listings;
mod real_registry;
mod real_servers;
mod registry;
mod signatures;
mod token_server;
mod tokens;
mod unchanged;
