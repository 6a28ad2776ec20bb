//! The vocabulary of external feed triggers, and all of their decisions.
//!
//! Octopus projects reference images and charts of **feeds**. A **trigger** watches some of these references (its
//! **sources**); each resolves to a package of a feed. The versions of a package at its last reading are its
//! **snapshot**; two snapshots differ by **changes**. From the snapshots, the rules of the trigger's channel and
//! the channel's previous release, [`decide::decide`] makes a **decision**: create a release by a **plan**, wait,
//! skip, or refuse, always with a reason. The **ledger** prevents two releases of one plan.
//!
//! This crate does no I/O, reads no clock, and does not serialise messages or rows: time is an argument, and the
//! same input results in the same output. Other crates read, store and send; they decide nothing.

pub mod budget;
pub mod build_information;
pub mod cause;
pub mod coded;
pub mod decide;
pub mod deployed_settings;
pub mod due;
pub mod ecr;
pub mod feed;
pub mod history;
pub mod ids;
pub mod ledger;
pub mod plan;
pub mod problem;
pub mod process;
pub mod public_key;
pub mod push;
pub mod simulate;
pub mod snapshot;
pub mod time;
pub mod trigger;
pub mod usage;

pub mod condition;
pub mod definition;
pub mod lifecycle;
pub mod link;
pub mod markdown;
pub mod mask;
pub mod metadata;
pub mod options;
pub mod pattern;
pub mod platform;
pub mod range;
pub mod reason_code;
pub mod registry;
pub mod rule;
pub mod scan;
pub mod similar;
pub mod template;
pub mod version;
pub mod window;
