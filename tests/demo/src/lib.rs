//! What external feed triggers do, told step by step to whoever has never seen them.
//!
//! [`story`] is the script: what is pushed, and what has to come of it. It is played on a [`stage`]:
//! [`local`] is everything in one process, [`cloud`] is the compiled functions, deployed from
//! `template.yaml` on an emulator of AWS. Every step is held against what Octopus then has, so the
//! story is a test of the whole as well.
#![expect(
    async_fn_in_trait,
    reason = "a story is told on one thread, so no caller needs the futures to be Send"
)]

pub mod cloud;
pub mod local;
pub mod narrator;
pub mod stage;
pub mod story;
pub mod world;
