//! The stand-in over real HTTP, as clients meet it.

mod creation;
mod faults;
mod feeds;
mod processes;
mod program;
mod refusals;
mod support;
mod triggers;
mod wire_traces;
