//! Errors of patterns.

/// A text that is not a pattern, or a pattern that cannot be evaluated locally.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {offset})")]
pub struct PatternError {
    /// The byte of the pattern at which the error is.
    pub offset: usize,
    pub fault: PatternFault,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// Not a regular expression, in .NET either.
    #[error("it is not a regular expression: {0}")]
    Invalid(String),
    /// The server may support it. Names the construct that the local engine does not support.
    #[error("it cannot be evaluated locally, because it contains {0}")]
    NotEvaluable(String),
}

impl PatternError {
    pub(super) fn invalid(offset: usize, why: impl Into<String>) -> Self {
        Self {
            offset,
            fault: PatternFault::Invalid(why.into()),
        }
    }

    pub(super) fn not_evaluable(offset: usize, construct: impl Into<String>) -> Self {
        Self {
            offset,
            fault: PatternFault::NotEvaluable(construct.into()),
        }
    }

    /// Whether the server may accept the pattern although it cannot be evaluated locally.
    pub fn is_not_evaluable(&self) -> bool {
        matches!(self.fault, PatternFault::NotEvaluable(_))
    }
}
