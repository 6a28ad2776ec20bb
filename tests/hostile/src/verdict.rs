//! What became of a check.

use engine::ports::FeedError;
use engine::with_causes;

/// What a check made of what it met.
#[derive(Debug)]
pub enum Verdict {
    /// The package holds what it held.
    Same,
    /// Too much is gone to believe it yet.
    Doubted,
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
            Self::Doubted => "suspected",
            Self::Changed => "changed",
            Self::Failed(error) => error.kind.name(),
        }
    }

    /// What the error says, with its causes; nothing if there is none.
    pub fn text(&self) -> String {
        match self {
            Self::Failed(error) => with_causes(error),
            _ => String::new(),
        }
    }
}
