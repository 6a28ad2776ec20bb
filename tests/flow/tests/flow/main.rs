//! Whole runs from a push to a release, and single checks and scheduler runs.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, and a sweep prints its counts"
)]

mod budgets;
mod chart_labels;
mod chart_tags;
mod checks;
mod claims;
mod clock;
mod crashes;
mod dates;
mod entry_problems;
mod faults;
mod files;
mod follow;
mod frugal;
mod labels;
mod lasting;
mod lost_answers;
mod many_changes;
mod many_projects;
mod many_watchers;
mod native_faults;
mod numbers;
mod options;
mod partial_reads;
mod platforms;
mod projects;
mod pushes;
mod questions;
mod renames;
mod repeats;
mod require;
mod returns;
mod scans;
mod scheduler_runs;
mod simulated;
mod stalled;
mod steady;
mod superseded;
mod triggers;
mod unknown_outcomes;
mod unwatched;
mod watch_list;
