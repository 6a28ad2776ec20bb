//! Views and actions for operators, over the same ports as the engine's steps.
//!
//! [`overview`] shows triggers, feeds and runs; [`doctor`] finds problems and their remedies; [`explain`]
//! evaluates a trigger without creating anything; [`probe`] reads one package now; [`ask`] requests an
//! evaluation; [`follow`] reads the history as it grows; [`projects`] lists the projects with and without triggers; [`add`] leads through a new trigger;
//! [`names`] checks the names in a trigger file and [`export`] writes native triggers as one. [`cost`]
//! estimates what a stack costs and [`permission`] lists what the API key's user must be permitted.
//!
//! Nothing here is needed to run triggers: the step functions do not contain this crate.
#![expect(
    async_fn_in_trait,
    reason = "every program runs on one thread, so no caller needs the futures to be Send"
)]

pub mod add;
pub mod ask;
pub mod cost;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod follow;
pub mod names;
pub mod overview;
pub mod permission;
pub mod ports;
pub mod probe;
pub mod projects;
