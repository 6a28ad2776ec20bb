//! What every function needs around its one call of the engine.
//!
//! [`env`] reads the environment once, [`telemetry`] writes one JSON line an event, [`metrics`] writes
//! CloudWatch's embedded metric format, [`batch`] runs the records of an SQS batch and reports those that
//! failed, [`invoke`] runs the function and keeps the whole chain of an error, and [`wiring`] puts the
//! adapters together the same way in each function.

pub mod batch;
pub mod env;
pub mod invoke;
pub mod metrics;
pub mod telemetry;
pub mod url;
pub mod wiring;
