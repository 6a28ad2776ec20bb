//! The messages between functions and the stored rows, as JSON.
//!
//! [`encode`] turns a message of the engine into what goes on the bus, [`decode`] turns it back;
//! [`EventBridgeEvent`] is the wrapper in which a queue delivers it, and in which ECR tells of a push.
//! [`rows`] holds one module for each kind of stored row. All structs here are this crate's own: the
//! vocabulary of `domain` and `engine` may be renamed without a message changing.
//!
//! A format is never changed in place. Within a version fields are only added, and a reader passes over
//! fields that it does not know; anything else is a new version beside the old one. The files in
//! `fixtures/` are what was once sent and stored, and a test reads them for ever.

mod data;
mod envelope;
mod error;
mod event_bridge;
mod json;
pub mod rows;
mod time;

pub use envelope::{MAX_DETAIL_BYTES, Outgoing, SOURCE, decode, encode};
pub use error::WireError;
pub use event_bridge::EventBridgeEvent;
