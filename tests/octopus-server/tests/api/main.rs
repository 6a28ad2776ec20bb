//! The fake server over real HTTP.

mod creation;
mod deployments;
mod faults;
mod feeds;
mod processes;
mod program;
mod refusals;
mod support;
mod triggers;
mod wire_traces;
