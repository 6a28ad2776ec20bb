//! Reads feeds directly: OCI registries and Helm repositories. It never writes to one.
//!
//! [`DirectFeeds`] implements the engine's port. Each read opens one `Session` with the feed, which adds the
//! feed's credential ([`Credentials`]), answers challenges, caches tokens, keeps to the budget of the host and
//! has a circuit breaker. Then:
//!
//! - `oci` reads the tags of each package, page by page to the end, several packages in parallel. Charts in
//!   OCI registries are tags like any others;
//! - `helm` reads the index of a Helm repository with one conditional request, parses it as a stream and
//!   keeps only the versions of the requested charts.
//!
//! A listing is complete or an error. [`Limits`] caps bytes, pages, tags and seconds. A credential is sent to
//! the feed's own origin and to token servers that belong to it, and nowhere else.
//!
//! Modules depend on each other in this order: `parsing`, `direct`; `oci`, `helm`; `provider_api`;
//! `repository`; `session`; `auth`, `provider`, `budget`, `circuit_breaker`; the others. To read another kind
//! of feed, add a module beside `oci` and `helm` and an arm in [`DirectFeeds`].

mod address;
mod auth;
mod budget;
mod by_repository;
mod circuit_breaker;
mod credentials;
mod direct;
mod error;
mod facts;
mod helm;
mod limits;
mod link;
mod meter;
mod oci;
pub mod parsing;
mod provider;
mod provider_api;
mod repository;
mod session;
mod sync;

pub use address::registry_host;
pub use credentials::{Credential, Credentials, NoCredentials};
pub use direct::DirectFeeds;
pub use http_client::{AllowedNetworks, NetworksError, OutboundClient};
pub use limits::{INDEX_MEBIBYTES, Limits};
