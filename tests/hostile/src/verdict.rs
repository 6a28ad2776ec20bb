//! The outcome of a check.

use engine::ports::FeedError;
use engine::with_causes;

/// The outcome of a check.
#[derive(Debug)]
pub enum Verdict {
    /// The package is unchanged.
    Same,
    /// The listing lost too many versions; the shrink guard waits for a second one.
    Suspected,
    /// The snapshot changed.
    Changed,
    /// The package could not be read.
    Failed(FeedError),
}

impl Verdict {
    /// In one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Suspected => "suspected",
            Self::Changed => "changed",
            Self::Failed(error) => error.kind.name(),
        }
    }

    /// The error with its causes; empty if there is none.
    pub fn text(&self) -> String {
        match self {
            Self::Failed(error) => with_causes(error),
            _ => String::new(),
        }
    }
}
