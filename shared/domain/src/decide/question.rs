//! Questions to the server: which versions of a package does a rule permit?
//!
//! Some rules cannot be evaluated locally: a pattern uses a feature of .NET that the local engine lacks, or
//! exceeds the work limit. Such a rule becomes a [`Question`] of the decision. The caller asks Octopus and
//! decides again with the [`Answers`]. Until then the trigger is refused; nothing is assumed.

use std::collections::BTreeSet;

use crate::ids::PackageKey;
use crate::rule::VersionRule;

/// Which versions of the package does the rule permit?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub package: PackageKey,
    pub rule: VersionRule,
}

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All versions that the rule permits, as published.
    Permitted(BTreeSet<String>),
    /// The server cannot answer: the cause and the remedy.
    Unanswerable(String),
}

/// The server's answers to the questions of an earlier decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    permitted: Vec<(Question, Answer)>,
    is_simulation: bool,
}

impl Answers {
    pub fn add(&mut self, question: Question, answer: Answer) {
        self.permitted.push((question, answer));
    }

    /// The same answers for a simulation, for which no metadata can be requested.
    #[must_use]
    pub fn for_simulation(mut self) -> Self {
        self.is_simulation = true;
        self
    }

    /// Whether metadata that was not read stays unknown.
    pub(super) fn metadata_is_final(&self) -> bool {
        self.is_simulation
    }

    /// The answer. `None`: the question was not asked.
    pub(super) fn to(&self, question: &Question) -> Option<&Answer> {
        let known = self.permitted.iter().find(|(known, _)| known == question);
        known.map(|(_, answer)| answer)
    }
}
