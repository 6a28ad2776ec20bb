//! A deterministic simulator of everything between the schedule and Octopus.
//!
//! The real steps and the real decisions run over fakes that behave as the services do, in all the ways
//! that matter and that no other test can arrange: the bus delivers twice, late, in any order and into
//! the dead-letter queue; the queues hand a message out again; invocations die at any await; the table is
//! too busy, refuses conditional writes, and is slow to delete; registries and Octopus are slow, down
//! for hours, and break connections before and after the effect. Messages and rows are in their real
//! formats. Time and chance come from a seed: the same seed is the same history, step by step.
//!
//! A history is judged by what Octopus and the registries truly hold, see [`property`]. [`Fault`]s are
//! planted to see whether that judgement is worth something.

mod chance;
mod effects;
mod eventbridge;
mod faults;
mod hands;
mod history;
mod lambda;
mod octopus;
mod people;
mod property;
mod registry;
mod scenario;
mod sqs;
mod story;
mod table;
mod time;
mod weather;
mod world;

pub use effects::Call;
pub use faults::Fault;
pub use hands::Moment;
pub use history::{Report, calls, catch, history};
pub use lambda::Function;
pub use scenario::{
    Flood, Sweep, crash_everywhere, detect_without_pushes, flood, repeat_everything, roll_back,
};
