//! States as badges and notices.

use domain::history::Outcome;
use maud::{Markup, html};

/// The tone of a state, shown by colour, sign and text together, never by colour alone.
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

/// The outcome as display text.
pub(crate) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "Release created",
        Outcome::AlreadyReleased => "Already released",
        Outcome::Observed => "Dry run",
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

/// A highlighted message.
pub(crate) fn notice(tone: Tone, text: &Markup) -> Markup {
    html! {
        div.notice.(tone.class()) role="status" {
            span.sign aria-hidden="true" { (tone.sign()) }
            div { (text) }
        }
    }
}
