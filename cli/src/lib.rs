//! `feedctl`: external feed triggers on one machine.
//!
//! [`machine`] is the engine wired to an SQLite file, an in-process bus and the user's own Octopus
//! Server. [`args`] says what can be asked for, `reach` what that comes to of a machine or a stack,
//! [`commands`] do it, [`output`] shows it. Nothing here decides anything: that is `domain`'s.

pub mod args;
pub mod commands;
mod deployed;
pub mod exit;
pub mod machine;
mod names;
pub mod output;
mod reach;
mod state;
