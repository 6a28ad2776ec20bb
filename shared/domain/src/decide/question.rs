//! What only the server can tell: which versions of a package a rule permits.
//!
//! Some rules cannot be applied here: a pattern may hold what only .NET knows, or take more work than is
//! allowed. Such a rule becomes a [`Question`] of the judgement. Whoever can ask Octopus does, and has
//! the case decided again with the [`Answers`]. Nothing is guessed in between.

use std::collections::BTreeSet;

use crate::ids::PackageKey;
use crate::rule::VersionRule;

/// Which versions of the package does the rule permit?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The package.
    pub package: PackageKey,
    /// The rule.
    pub rule: VersionRule,
}

/// What the server says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All versions that the rule permits, as published.
    Permitted(BTreeSet<String>),
    /// It cannot say; why, with the remedy.
    Unanswerable(String),
}

/// What the server said to the questions of a judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(Vec<(Question, Answer)>);

impl Answers {
    /// Adds an answer.
    pub fn add(&mut self, question: Question, answer: Answer) {
        self.0.push((question, answer));
    }

    /// What was said to the question, if it was asked.
    pub(super) fn to(&self, question: &Question) -> Option<&Answer> {
        let known = self.0.iter().find(|(known, _)| known == question);
        known.map(|(_, answer)| answer)
    }
}
