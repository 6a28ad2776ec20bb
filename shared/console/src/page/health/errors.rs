//! The triggers that create no release until something is corrected, and the feeds that cannot be read.

use domain::time::Timestamp;
use domain::trigger::Runner;
use maud::{Markup, html};
use operator::overview::{FeedState, FeedStatus, TriggerState};

use crate::page::trigger::to_trigger;
use crate::parts::{Tone, badge, empty_note, link, section, time};
use crate::path;

/// The triggers that this program runs.
pub(super) fn run_here(triggers: &[TriggerState]) -> impl Iterator<Item = &TriggerState> {
    let is_here = |one: &&TriggerState| matches!(one.runner, Runner::ThisProgram | Runner::Both);
    triggers.iter().filter(is_here)
}

/// Stalled triggers, and triggers whose reason is an error.
pub(super) fn trigger_errors(triggers: &[TriggerState], now: Timestamp) -> Markup {
    let listed = run_here(triggers).map(|one| (one, one.error()));
    let listed: Vec<_> = listed
        .filter(|(one, error)| one.is_stalled || error.is_some())
        .collect();
    section(
        "trigger-errors",
        "Triggers that need attention",
        &html! {
            @if run_here(triggers).next().is_none() {
                (empty_note("This program runs no trigger."))
            } @else if listed.is_empty() {
                (empty_note("None. Every trigger works, and had a successful evaluation recently."))
            }
            ul.plain {
                @for (one, error) in listed {
                    li {
                        @if one.is_stalled { (badge(Tone::Bad, "Stalled")) } @else { (badge(Tone::Bad, "Error")) }
                        " " (to_trigger(&one.space, &one.id, &one.name))
                        span.muted {
                            " of " (one.project)
                            @if let Some(error) = error { ": " (error) }
                            @match &one.last {
                                Some(last) => { "; last evaluated " (time(last.at, now)) },
                                None => "; never evaluated",
                            }
                        }
                    }
                }
            }
        },
    )
}

/// The feeds whose last check failed.
pub(super) fn feed_errors(feeds: &[FeedState], now: Timestamp) -> Markup {
    let failed = feeds.iter().filter_map(|feed| match feed.status {
        FeedStatus::Failed {
            failures, since, ..
        } => Some((feed, failures, since)),
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    section(
        "feed-errors",
        "Feeds that cannot be read",
        &html! {
            @if failed.is_empty() { (empty_note("None.")) }
            ul.plain {
                @for (state, failures, since) in failed {
                    li {
                        (badge(Tone::Bad, "Failed")) " "
                        (link(Some(&path::feed(&state.feed.space, &state.feed.id)), &html! { (state.feed.name) }))
                        span.muted {
                            @if let Some(reason) = &state.reason { ": " (reason) }
                            ", " @if failures == 1 { "once" } @else { (failures) " times" }
                            @if let Some(since) = since { ", the first " (time(since, now)) }
                        }
                    }
                }
            }
        },
    )
}
