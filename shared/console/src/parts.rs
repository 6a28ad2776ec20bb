//! Small pieces that many pages show: times, outcomes, versions, forms.

use domain::history::Outcome;
use domain::time::{Span, Timestamp};
use maud::{Markup, html};

use crate::answer::Visit;
use crate::guard::TOKEN;

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

/// How long ago it was, or how far ahead it lies, with the time itself for whoever wants it.
pub(crate) fn time(at: Timestamp, now: Timestamp) -> Markup {
    let text = if at > now {
        format!("in {}", at.since(now))
    } else if now.since(at) < Span::from_seconds(1) {
        "just now".to_owned()
    } else {
        format!("{} ago", now.since(at))
    };
    html! { time datetime=(at) title=(long(at)) { (text) } }
}

/// The time itself.
pub(crate) fn clock(at: Timestamp) -> Markup {
    html! { time datetime=(at) title=(long(at)) { (long(at)) } }
}

/// `2026-03-01 12:00:00 UTC`
pub(crate) fn long(at: Timestamp) -> String {
    at.to_string().replace('T', " ").replace('Z', " UTC")
}

/// `03-01`
pub(crate) fn day(at: Timestamp) -> String {
    at.to_string().get(5..10).unwrap_or_default().to_owned()
}

/// A link if there is where to.
pub(crate) fn link(place: Option<&str>, text: &Markup) -> Markup {
    html! {
        @match place {
            Some(place) => a href=(place) { (text) },
            None => (text),
        }
    }
}

/// A link that leaves the console.
pub(crate) fn outside(place: Option<&str>, text: &str) -> Markup {
    html! {
        @match place {
            Some(place) => {
                a.outside href=(place) rel="noopener noreferrer" {
                    (text) span.sign aria-hidden="true" { " ↗" } span.unseen { " in Octopus" }
                }
            }
            None => (text),
        }
    }
}

/// A form of one button that has something done. `doing` is what the button says meanwhile.
pub(crate) fn button(
    place: &str,
    text: &str,
    doing: &str,
    class: &str,
    visit: &Visit<'_>,
) -> Markup {
    html! {
        form.inline method="post" action=(place) {
            input type="hidden" name=(TOKEN) value=(visit.token);
            button.(class) type="submit" data-doing=(doing) { (text) }
        }
    }
}

/// What stands where there is nothing.
pub(crate) fn nothing(text: &str) -> Markup {
    html! { p.nothing { (text) } }
}

/// A text that begins small and ends open, as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let end = if text.ends_with('.') { "" } else { "." };
    first.chain(letters).chain(end.chars()).collect()
}

/// `1 trigger`, `2 triggers`
pub(crate) fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}
