//! Reads feeds directly: OCI registries and Helm repositories. It never writes to one.
//!
//! [`DirectFeeds`] implements the engine's port. A read opens one `Session` with the feed: the feed's
//! credential ([`Credentials`]), what the server asked for before (challenges and tokens are remembered),
//! and a gate that closes when the server asks for a pause. Then:
//!
//! - an OCI registry is asked for each package's tags, page by page to the end, several packages side by
//!   side. Charts in OCI registries are tags like any others;
//! - a Helm repository is asked once for its index, on the condition that it changed, and the index is
//!   read as a stream, of which only the versions of the wanted charts are kept.
//!
//! What comes back is complete or an error. Every byte, page, tag and second is capped by [`Limits`].
//! A credential goes to the feed's own origin and to token servers that belong to it, and nowhere else.
//! To read another kind of feed, add a module beside `oci` and `helm` and an arm in [`DirectFeeds`].

mod address;
mod auth;
mod budgets;
mod credentials;
mod direct;
mod error;
mod gate;
mod helm;
mod limits;
mod meter;
mod oci;
pub mod parsing;
mod provider;
mod session;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use credentials::{Credential, Credentials, NoCredentials};
pub use direct::DirectFeeds;
pub use http_client::{AllowedNetworks, NetworksError, OutboundClient};
pub use limits::{INDEX_MEBIBYTES, Limits};

/// What the locks here guard is whole after every statement, so a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
