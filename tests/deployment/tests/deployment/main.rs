//! `template.yaml` against what is promised of it: who may do what, and what is encrypted and closed.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

mod calls;
mod checks;
mod console;
mod noting;
mod permissions;
mod protection;
mod template;
