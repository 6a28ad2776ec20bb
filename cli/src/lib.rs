//! `feedctl`: external feed triggers on one machine.
//!
//! [`machine`] connects the engine to an SQLite file, an in-process bus and the user's Octopus Server. [`args`]
//! defines the command line, `reach` resolves the global options, [`commands`] run the commands and [`output`]
//! prints their results. Decisions are made in `domain`.

pub mod args;
pub mod commands;
mod deployed;
pub mod exit;
pub mod machine;
mod names;
pub mod output;
mod reach;
mod state;
