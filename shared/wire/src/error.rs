//! Errors of encoding and decoding.

/// A message or row cannot be encoded or decoded. `kind` is the detail type or the kind of row.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("{kind} is not JSON")]
    NotJson {
        kind: String,
        #[source]
        source: serde_json::Error,
    },
    /// A field is missing or has an invalid value; the source has the details.
    #[error("{kind} is invalid at `{field}`")]
    Field {
        kind: String,
        /// The path of the field; for a missing field, the path of its object.
        field: String,
        #[source]
        source: serde_json::Error,
    },
    /// A text of another program is too long, or contains control characters.
    #[error(
        "{kind} has an unusable text at `{field}`; send at most 512 bytes without control characters"
    )]
    Text { kind: String, field: &'static str },
    /// A newer program wrote it.
    #[error(
        "{kind} has version {version}, and this program reads version {known}; update this program"
    )]
    Version {
        kind: String,
        version: u64,
        /// The version that this program reads.
        known: u64,
    },
    /// The message has an unknown type or comes from another program.
    #[error("the event `{detail_type}` of `{event_source}` is not a message of this program")]
    Foreign {
        event_source: String,
        detail_type: String,
    },
    /// It exceeds the limit even when truncated.
    #[error("{kind} has {bytes} bytes, and the limit is {limit} bytes")]
    TooLarge {
        kind: String,
        bytes: usize,
        limit: usize,
    },
    /// It has no JSON form: a time outside the years of RFC 3339.
    #[error("cannot encode {kind}")]
    Unwritable {
        kind: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("cannot compress or decompress {kind}")]
    Compression {
        kind: String,
        #[source]
        source: std::io::Error,
    },
}
