//! Checks `template.yaml`: permissions, encryption and transport.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

mod alarms;
mod calls;
mod checks;
mod console;
mod install;
mod noting;
mod permissions;
mod protection;
mod sounding;
mod template;
