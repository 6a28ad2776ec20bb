//! An OCI registry and a Helm repository for tests.
//!
//! Both have state, speak their real protocol on their own loopback port, log requests and inject faults ([`Fault`]). A
//! test pushes, lets the program read, and inspects the requests and whether they had a credential. A registry can
//! imitate public ones ([`Imitation`]) in how it lists tags and in its own API. They stop when they are dropped.

mod connection;
mod exchange;
mod fault;
mod helm;
mod registry;
mod server;
mod server_state;

pub use fault::{Fault, FaultKind};
pub use helm::{ChartVersion, HelmRepository};
pub use hyper::StatusCode;
pub use registry::{Imitation, Registry, SeveralScopes, TokenMaker};
