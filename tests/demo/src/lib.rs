//! A demonstration of external feed triggers, step by step.
//!
//! [`script`] lists the steps and the expected result of each. It runs on a [`testbed`]: [`local`] is
//! everything in one process; the crate `local-cloud` has the compiled functions on an emulator of AWS.
//! Each step compares its result with the releases that Octopus has, so the demo is also an end-to-end
//! test.
#![expect(
    async_fn_in_trait,
    reason = "a demo runs on one thread, so no caller needs the futures to be Send"
)]

pub mod deadline;
pub mod local;
pub mod printer;
pub mod script;
pub mod testbed;
pub mod world;
