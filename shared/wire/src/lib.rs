//! The JSON formats of messages and stored rows.
//!
//! [`encode`] and [`decode`] convert the engine's messages. [`EventBridgeEvent`] is the envelope in which a queue
//! delivers them, and the format of ECR's push events. [`rows`] has one module for each kind of stored row. The
//! JSON structs are separate from the types of `domain` and `engine`, so renaming those changes no format.
//!
//! A format is never changed in place. Within a version fields are only added, and readers ignore unknown
//! fields; any other change is a new version beside the old one. The files in `fixtures/` are samples of every
//! format ever released, and a test decodes all of them.

mod data;
mod envelope;
mod error;
mod event_bridge;
mod json;
pub mod rows;
mod time;

pub use envelope::{MAX_DETAIL_BYTES, Outgoing, SOURCE, decode, encode, encode_push};
pub use error::WireError;
pub use event_bridge::EventBridgeEvent;
