//! The engine's ports on Octopus and the table, implemented for [`Invocation`](crate::invocation::Invocation).

mod creation;
pub(crate) mod mistakes;
pub(crate) mod observer;
mod reading;
mod table;
