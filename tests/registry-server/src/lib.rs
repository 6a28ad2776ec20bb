//! An OCI registry and a Helm repository that live inside a test.
//!
//! Both keep state, speak their real protocol on a loopback port of their own, count what they are asked
//! and misbehave when told to ([`Fault`]). A test pushes, lets the program look, and asks afterwards what
//! was requested and whether a credential came along. They stop when they are dropped.

mod connection;
mod fault;
mod helm;
mod registry;
mod server;

pub use fault::{Fault, FaultKind};
pub use helm::{ChartVersion, HelmRepository};
pub use registry::Registry;
