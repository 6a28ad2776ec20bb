//! Elements that many pages share: times, links, outcomes, tables, forms.

mod block;
mod tone;

use domain::time::{Span, Timestamp};
use maud::{Markup, html};

pub(crate) use block::{button, empty_note, failed_package, octopus_error, section, table};
pub(crate) use tone::{Tone, badge, notice, outcome_badge, outcome_words, tone};

/// A relative time, with the absolute time as its title.
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

/// An absolute time.
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

/// A link, or plain text without an address.
pub(crate) fn link(place: Option<&str>, text: &Markup) -> Markup {
    html! {
        @match place {
            Some(place) => a href=(place) { (text) },
            None => (text),
        }
    }
}

/// A link to Octopus, or plain text without an address.
pub(crate) fn outside(place: Option<&str>, text: &str) -> Markup {
    html! {
        @match place {
            Some(place) => {
                a.outside href=(place) rel="noopener noreferrer" {
                    (text) span.sign aria-hidden="true" { " ↗" } span.visually-hidden { " in Octopus" }
                }
            }
            None => (text),
        }
    }
}

/// The text as a sentence: capitalized, with a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut messages = text.chars();
    let first = messages.next().into_iter().flat_map(char::to_uppercase);
    let end = if text.ends_with('.') { "" } else { "." };
    first.chain(messages).chain(end.chars()).collect()
}

/// Links to the pages before and after this one. `place` is the address of the list with its query.
pub(crate) fn page_links(number: usize, last: usize, place: &str) -> Markup {
    let place = |page: usize| format!("{place}&page={page}");
    html! {
        @if last > 1 {
            nav.pages aria-label="Pages" {
                @if number > 1 { a rel="prev" href=(place(number - 1)) { "Previous" } }
                span { "Page " (number) " of " (last) }
                @if number < last { a rel="next" href=(place(number + 1)) { "Next" } }
            }
        }
    }
}

/// `1 trigger`, `2 triggers`
pub(crate) fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}
