//! What can be wrong with a message or a row.

/// A message or row that cannot be read or written. `what` is the detail type or the kind of row.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The text is no JSON.
    #[error("{what} is not JSON")]
    NotJson {
        /// What was to be read.
        what: String,
        /// Where it breaks off.
        #[source]
        source: serde_json::Error,
    },
    /// A field is missing or holds a wrong value. The source says which of the two.
    #[error("{what} is wrong at `{field}`")]
    Field {
        /// What was to be read.
        what: String,
        /// The path of the field; for a missing one, the path of the object that lacks it.
        field: String,
        /// What was expected there.
        #[source]
        source: serde_json::Error,
    },
    /// A newer program wrote it.
    #[error(
        "{what} has version {version}, and this program reads version {known}: update this program"
    )]
    Version {
        /// What was to be read.
        what: String,
        /// The version it has.
        version: u64,
        /// The version that can be read.
        known: u64,
    },
    /// The message is of no known type, or somebody else's.
    #[error("the event `{detail_type}` of `{event_source}` is not a message of this program")]
    Foreign {
        /// The event's source.
        event_source: String,
        /// Its detail type.
        detail_type: String,
    },
    /// It stays too large when everything that may be cut is cut.
    #[error("{what} takes {bytes} bytes where {limit} are allowed")]
    TooLarge {
        /// What was to be written.
        what: String,
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        limit: usize,
    },
    /// It cannot be written as JSON: a time outside the years that have a written form.
    #[error("{what} cannot be written")]
    Unwritable {
        /// What was to be written.
        what: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A compressed row does not decompress.
    #[error("{what} cannot be decompressed")]
    Compression {
        /// What was to be read.
        what: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
