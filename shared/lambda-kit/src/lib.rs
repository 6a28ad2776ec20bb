//! The code around the engine that all functions share.
//!
//! [`env`] reads the environment, [`telemetry`] writes JSON log lines, [`metrics`] writes CloudWatch's embedded
//! metric format, [`batch`] handles SQS batches and reports the failed records, [`invoke`] runs the function,
//! [`url`] converts requests and responses of Function URLs, and [`wiring`] builds the adapters.

pub mod batch;
pub mod env;
pub mod invoke;
pub mod metrics;
pub mod telemetry;
pub mod url;
pub mod wiring;
