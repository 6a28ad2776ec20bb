//! How something stands, and what is said of it in a box or a badge.

use domain::history::Outcome;
use maud::{Markup, html};

/// How something stands. It is shown by colour, sign and word together, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Info,
    Wait,
    Bad,
    Quiet,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Wait => "wait",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Info => "→",
            Self::Wait => "…",
            Self::Bad => "✕",
            Self::Quiet => "–",
        }
    }
}

pub(crate) fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Created => Tone::Good,
        Outcome::AlreadyReleased | Outcome::Observed => Tone::Info,
        Outcome::Waiting => Tone::Wait,
        Outcome::Skipped => Tone::Quiet,
        Outcome::Refused | Outcome::Failed => Tone::Bad,
    }
}

/// The outcome in words that people read.
pub(crate) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "Release created",
        Outcome::AlreadyReleased => "Already released",
        Outcome::Observed => "Observed",
        Outcome::Waiting => "Waiting",
        Outcome::Skipped => "Nothing to do",
        Outcome::Refused => "Refused",
        Outcome::Failed => "Failed",
    }
}

pub(crate) fn badge(tone: Tone, text: &str) -> Markup {
    html! {
        span.badge.(tone.class()) {
            span.sign aria-hidden="true" { (tone.sign()) } " " (text)
        }
    }
}

pub(crate) fn outcome_badge(outcome: Outcome) -> Markup {
    badge(tone(outcome), outcome_words(outcome))
}

/// A sentence in a box of its own.
pub(crate) fn notice(tone: Tone, text: &Markup) -> Markup {
    html! {
        div.notice.(tone.class()) role="status" {
            span.sign aria-hidden="true" { (tone.sign()) }
            div { (text) }
        }
    }
}
