//! `feedctl`: external feed triggers on one machine.
//!
//! [`args`] defines the command line, `reach` resolves the global options, [`commands`] run the commands and
//! [`output`] prints their results. The crate `machine` has the engine on one machine. Decisions are made in `domain`.

pub mod args;
pub mod commands;
mod deployed;
pub mod exit;
pub mod output;
mod reach;
mod read_failures;
mod select;
mod settings;
mod state;
