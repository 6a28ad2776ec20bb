//! The parts of the machine that every program uses, in a function as on an operator's computer: its clock
//! ([`SystemClock`]) and the filter that decides which log records may leave the process ([`log`]).

mod clock;
pub mod log;

pub use clock::SystemClock;
