//! The console's responses, without a server: authentication, pages, actions.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report"
)]

mod actions;
mod add;
mod guard;
mod hostile;
mod octopus;
mod ownership;
mod pages;
mod world;
