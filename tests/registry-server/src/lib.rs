//! An OCI registry and a Helm repository that live inside a test.
//!
//! Both keep state, speak their real protocol on a loopback port of their own, count what they are asked
//! and misbehave when told to ([`Fault`]). A test pushes, lets the program look, and asks afterwards what
//! was requested and whether a credential came along. A registry can imitate those of the world
//! ([`Imitation`]) in how it lists tags and what it has beside the protocol. They stop when they are dropped.

mod connection;
mod fault;
mod helm;
mod registry;
mod server;

pub use fault::{Fault, FaultKind};
pub use helm::{ChartVersion, HelmRepository};
pub use hyper::StatusCode;
pub use registry::{Imitation, Registry, SeveralScopes, TokenMaker};
