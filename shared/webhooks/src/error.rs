//! The error of a configuration.

/// A configuration that cannot be used. It never contains an id or a key.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    /// The configuration is no JSON of the documented form.
    #[error(
        "cannot read the configuration of the webhooks: line {line}, column {column}: {problem}"
    )]
    Form {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The problem, without any value of the configuration.
        problem: &'static str,
    },
    /// A receiver is not usable.
    #[error("cannot use receiver `{receiver}`: {problem}")]
    Receiver {
        /// Its name.
        receiver: String,
        /// The cause and the remedy.
        problem: String,
    },
}

impl ReceiverError {
    pub(crate) fn of(receiver: &str, problem: impl Into<String>) -> Self {
        Self::Receiver {
            receiver: receiver.to_owned(),
            problem: problem.into(),
        }
    }
}
