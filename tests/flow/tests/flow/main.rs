//! Whole runs, from a push to a release, and the checks and rounds that they are made of.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, and a sweep says what it swept"
)]

mod budgets;
mod checks;
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
mod repeats;
mod stalled;
mod steady;
mod triggers;
