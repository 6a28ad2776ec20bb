//! The list of feeds: route, last check, requests and quota, throttling.

use domain::feed::Route;
use domain::time::Timestamp;
use engine::ports::Clock;
use maud::{Markup, html};
use operator::overview::{FeedState, FeedStatus};

use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{Tone, badge, clock, counted, empty_note, octopus_error, sentence, time};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn feeds(&self, request: &PageRequest<'_>) -> Result<Page, PageError> {
        let current = self.look().remembered().await?;
        let states = self.look().feeds(&current, false).await?;
        Ok(Page {
            title: "Feeds".to_owned(),
            section: Section::Feeds,
            above: html! {},
            body: html! {
                (octopus_error(current.octopus_error.as_deref()))
                @if states.is_empty() { (empty_note("No trigger that this program runs uses a feed yet.")) }
                ul.rows { @for state in &states { li { (row(state, request.now)) } } }
            },
        })
    }
}

fn row(state: &FeedState, now: Timestamp) -> Markup {
    let feed = &state.feed;
    html! {
        div.row.of-feed {
            div.what {
                h2 { a href=(path::feed(&feed.space, &feed.id)) { (feed.name) } }
                (kind(state))
            }
            (status(state, now))
        }
    }
}

/// The type of a feed and the numbers of its watched packages and versions.
pub(super) fn kind(state: &FeedState) -> Markup {
    html! {
        p.muted { (state.feed.kind.feed_type()) " · " (state.space_name) }
        p.small { (counted(state.packages, "package")) ", " (counted(state.versions, "version")) }
    }
}

/// The result of the last check, the route, and the interval.
pub(super) fn status(state: &FeedState, now: Timestamp) -> Markup {
    html! {
        div.state { (last_check(state, now)) }
        div { (reading(state)) }
        div { (quota(state, now)) }
    }
}

fn last_check(state: &FeedState, now: Timestamp) -> Markup {
    html! {
        @match &state.status {
            FeedStatus::Throttled(until) => {
                p { (badge(Tone::Wait, "Throttled")) }
                p.small { "Until " (clock(*until)) }
            }
            FeedStatus::Failed { failures, since, until } => {
                p { (badge(Tone::Bad, "Last check failed")) }
                p.small.muted {
                    (counted(usize::try_from(*failures).unwrap_or(usize::MAX), "failure")) " in a row"
                    @if let Some(since) = since { ", the first " (time(*since, now)) }
                    "; next check "
                    @match until { Some(until) => (time(*until, now)), None => "with the next scheduler run" }
                }
            }
            FeedStatus::Read { at, .. } => {
                p { (badge(Tone::Good, "Last check succeeded")) }
                p.small { "Checked " (time(*at, now)) }
            }
            FeedStatus::NotYet => p { (badge(Tone::Quiet, "Not checked yet")) },
            FeedStatus::NotHere => p { (badge(Tone::Quiet, "Not checked here")) },
        }
        @if let Some(reason) = &state.reason { p.small { (reason) } }
        @if let Some(changed) = state.changed_at { p.small.muted { "Last changed " (time(changed, now)) } }
    }
}

/// The route with its reason, and the credential.
fn reading(state: &FeedState) -> Markup {
    let route = match state.route {
        Route::Direct => "Direct",
        Route::Octopus => "Through Octopus",
    };
    html! {
        p { strong { (route) } }
        p.small { (state.route_reason) }
        p.small.muted { "Credential: " (state.credential) }
    }
}

/// The check interval, and the remaining quota.
fn quota(state: &FeedState, now: Timestamp) -> Markup {
    html! {
        @match (&state.status, state.interval) {
            (FeedStatus::Throttled(_), _) | (_, None) => p { "Not checked now" },
            (_, Some(interval)) => p { "Checked every " (interval) },
        }
        @if let Some(allowance) = &state.allowance { p.small { (sentence(&allowance.to_string())) } }
        @match &state.low {
            Some(low) => {
                p.small {
                    "Quota: " (low.quota.remaining)
                    @if let Some(limit) = low.quota.limit { " of " (limit) }
                    " left"
                    @if let Some(resets) = low.quota.resets_at { ", resets " (time(resets, now)) }
                }
                p.small.muted {
                    "Last check: " (low.requests) " requests for " (low.packages) " packages, " (time(low.at, now))
                }
            }
            None => p.small.muted { "Quota: not low, or not reported by the server" },
        }
    }
}
