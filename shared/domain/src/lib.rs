//! The vocabulary of external feed triggers, and every decision they make.
//!
//! Octopus projects reference images and charts from **feeds**. A **trigger** watches some of those
//! references (its **sources**); each names a package of a feed. What a package held when it was last
//! read is its **snapshot**; two snapshots differ by **changes**. From the snapshots, the rules of the
//! trigger's channel and the channel's previous release, [`decide::decide`] makes a **decision**:
//! create a release by this **plan**, wait, skip, or refuse, always with its reason. The **ledger** is the
//! record by which the same plan never makes two releases.
//!
//! Nothing here does I/O, reads a clock, or knows how a message or a row is written: time comes in as
//! an argument, and the same input gives the same answer. The crates around this one fetch, store and
//! send; they decide nothing.

pub mod budget;
pub mod decide;
pub mod due;
pub mod ecr;
pub mod feed;
pub mod history;
pub mod ids;
pub mod ledger;
pub mod plan;
pub mod process;
pub mod push;
pub mod simulate;
pub mod snapshot;
pub mod time;
pub mod trigger;
pub mod usage;

pub mod definition;
pub mod lifecycle;
pub mod link;
pub mod mask;
pub mod options;
pub mod pattern;
pub mod range;
pub mod rule;
pub mod template;
pub mod version;
