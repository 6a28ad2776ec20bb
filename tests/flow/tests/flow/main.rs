//! Whole runs, from a push to a release, and the checks and rounds that they are made of.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, and a sweep says what it swept"
)]

mod budgets;
mod checks;
mod claims;
mod crashes;
mod dates;
mod doubts;
mod faults;
mod files;
mod follow;
mod lasting;
mod native_faults;
mod numbers;
mod options;
mod platforms;
mod projects;
mod pushes;
mod questions;
mod repeats;
mod rounds;
mod silence;
mod simulated;
mod stalled;
mod steady;
mod told;
mod triggers;
