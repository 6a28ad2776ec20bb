//! A deterministic simulator of everything between the schedule and Octopus.
//!
//! The real steps and decisions run over fakes that fail as the services do, in ways that no other test can arrange: the
//! bus delivers twice, late, in any order and to the dead-letter queue; queues redeliver messages; invocations crash at
//! any await; the table throttles, refuses conditional writes and deletes expired rows late; registries and Octopus are
//! slow, down for hours, and reset connections before and after the effect. Messages and rows have their real formats.
//! Time and randomness follow from a seed: the same seed is the same history, step by step.
//!
//! A history is judged by the true content of Octopus and the registries, see [`property`]. [`Fault`]s are planted to test
//! that judgement.

mod chance;
mod effects;
mod eventbridge;
mod fault_injection;
mod faults;
mod function;
mod hints;
mod history;
mod invocation;
mod lambda;
mod octopus;
mod ports;
mod property;
mod pushes;
mod registry;
mod renames;
mod returns;
mod scenario;
mod sqs;
mod table;
mod time;
mod trace;
mod truth;
mod users;
mod world;

pub use effects::{Call, Moment};
pub use faults::Fault;
pub use function::Function;
pub use history::{Report, calls, catch, history};
pub use pushes::{EarlyHint, early_hint, poll_during_storm, push_behind_polls};
pub use renames::renamed_actions;
pub use returns::{returning_tag, roll_back};
pub use scenario::{
    Flood, Sweep, crash_everywhere, detect_without_pushes, flood, repeat_everything,
};
