//! Secrets are planted, servers repeat them in every way that they can, and then everything that leaves the
//! process is searched: logs at the most talkative level, errors with their causes, debug output, events as
//! they are sent, and the rows of the table.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod amazon;
mod captured;
mod feeds_repeat;
mod octopus_repeats;
mod replies;
