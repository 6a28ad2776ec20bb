//! Errors of reading an index.

use std::io;

/// An index that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexError {
    #[error("the answer ends early")]
    Broken(#[source] reqwest::Error),
    #[error("the index ends in the middle")]
    Cut,
    #[error("the index is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("the index is not correctly compressed")]
    Gzip(#[source] io::Error),
    #[error("the index is not text in UTF-8")]
    Encoding,
    #[error(
        "the index contains plain text, comments or white space of more than {limit} characters"
    )]
    LongValue { limit: usize },
    #[error("the index contains a JSON text of more than {limit} bytes")]
    LongJson { limit: usize },
    #[error("the index contains a name or a version of more than {limit} characters")]
    LongText { limit: usize },
    #[error("the answer is empty")]
    Empty,
    #[error("the answer is a web page")]
    Html,
    #[error("the index is not YAML: {info}{}", position(*.line, *.column))]
    Yaml {
        info: String,
        /// The line in the index; `None` if it is not known.
        line: Option<usize>,
        column: usize,
    },
    #[error("the index is not JSON of the expected form")]
    Json(#[source] serde_json::Error),
    #[error(
        "the index has a YAML alias in a watched chart that is not supported; anchors or aliases of texts and of \
         versions of the same chart are"
    )]
    Alias,
    #[error("the index has more than {limit} YAML anchors or aliases to them")]
    Anchors { limit: usize },
    #[error("the index is nested more than {limit} deep")]
    Depth { limit: usize },
    #[error("the index has no apiVersion")]
    NoApiVersion,
    #[error("the index has no entries")]
    NoEntries,
    #[error("the index has {what} where {expected} is expected")]
    Unexpected {
        what: &'static str,
        expected: &'static str,
    },
    #[error("the index has the key {0:?} twice")]
    Twice(String),
    #[error("the index has more versions of a chart than fit into {limit} bytes")]
    Overfull { limit: usize },
    #[error("reading the index was cancelled")]
    Stopped,
}

fn position(line: Option<usize>, column: usize) -> String {
    line.map_or_else(String::new, |line| {
        format!(", at line {line}, column {column}")
    })
}

impl IndexError {
    /// An error of the decompressor or the network, where no stage before it recorded a better one.
    pub(super) fn reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut,
            _ => Self::Gzip(error),
        }
    }
}
