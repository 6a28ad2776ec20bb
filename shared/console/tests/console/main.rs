//! The console as a browser sees it, without a server: who is let in, what is shown, what is done.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report"
)]

mod actions;
mod add;
mod door;
mod octopus;
mod pages;
mod world;
