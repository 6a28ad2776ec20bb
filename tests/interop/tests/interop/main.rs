//! Third-party programs against `feedctl` and the fake Octopus Server.
//!
//! `cargo xtask interop` installs the programs, names each in a variable and runs these tests, which are ignored
//! otherwise.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "in a test a panic is the report, and the log of a failure is printed"
)]

mod charts;
mod clients;
mod logins;
mod oracles;
mod programs;
mod registries;
mod servers_of_the_user;
mod signed;
#[path = "../../../../shared/feeds/tests/suite/token_server.rs"]
mod token_server;
mod versions;
mod webhooks;
mod workflows;
mod world;
