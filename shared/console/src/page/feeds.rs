//! The feeds that triggers use: route, last check, requests and quota, throttled until.

use domain::feed::Route;
use domain::time::Timestamp;
use engine::ports::Clock;
use maud::{Markup, html};
use operator::overview::{FeedState, FeedStatus};

use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, badge, clock, counted, nothing, silence, time};
use crate::{Actions, Console, Memory, Octopus, path};

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn feeds(&self, visit: &Visit<'_>) -> Result<Page, Fault> {
        let current = self.look().remembered().await?;
        let states = self.look().feeds(&current, false).await?;
        Ok(Page {
            title: "Feeds".to_owned(),
            section: Section::Feeds,
            above: html! {},
            body: html! {
                (silence(current.silence.as_deref()))
                @if states.is_empty() { (nothing("No trigger that is run here uses a feed yet.")) }
                ul.rows { @for state in &states { li { (row(state, visit.now)) } } }
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
            (standing(state, now))
        }
    }
}

/// What a feed is, and how much of it is watched.
pub(super) fn kind(state: &FeedState) -> Markup {
    html! {
        p.muted { (state.feed.kind.feed_type()) " · " (state.space_name) }
        p.small { (counted(state.packages, "package")) ", " (counted(state.versions, "version")) }
    }
}

/// How its last check ended, how it is read, and how often.
pub(super) fn standing(state: &FeedState, now: Timestamp) -> Markup {
    html! {
        div.state { (last_check(state, now)) }
        div { (reading(state)) }
        div { (quota(state, now)) }
    }
}

fn last_check(state: &FeedState, now: Timestamp) -> Markup {
    html! {
        @match &state.standing {
            FeedStatus::Throttled(until) => {
                p { (badge(Tone::Wait, "Throttled")) }
                p.small { "Until " (clock(*until)) }
            }
            FeedStatus::Failed(failures, until) => {
                p { (badge(Tone::Bad, "Last check failed")) }
                p.small.muted {
                    (counted(usize::try_from(*failures).unwrap_or(usize::MAX), "failure")) " in a row, tried again "
                    @match until { Some(until) => (time(*until, now)), None => "with the next round" }
                }
            }
            FeedStatus::Read { at, .. } => {
                p { (badge(Tone::Good, "Last check succeeded")) }
                p.small { "Checked " (time(*at, now)) }
            }
            FeedStatus::NotYet => p { (badge(Tone::Quiet, "Not read yet")) },
            FeedStatus::NotHere => p { (badge(Tone::Quiet, "Not checked here")) },
        }
        @if let Some(reason) = &state.reason { p.small { (reason) } }
        @if let Some(changed) = state.changed_at { p.small.muted { "Last changed " (time(changed, now)) } }
    }
}

/// How it is read, why so, and with whose credential.
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

/// How often it is asked, and what is left of a quota.
fn quota(state: &FeedState, now: Timestamp) -> Markup {
    html! {
        @match (&state.standing, state.interval) {
            (FeedStatus::Throttled(_), _) | (_, None) => p { "Not checked now" },
            (_, Some(interval)) => p { "Checked every " (interval) },
        }
        @match &state.low {
            Some(low) => {
                p.small {
                    "Quota: " (low.quota.remaining)
                    @if let Some(limit) = low.quota.limit { " of " (limit) }
                    " left"
                    @if let Some(resets) = low.quota.resets_at { ", anew " (time(resets, now)) }
                }
                p.small.muted {
                    "Last check: " (low.requests) " requests for " (low.packages) " packages, " (time(low.at, now))
                }
            }
            None => p.small.muted { "Quota: not low, or none that the server tells" },
        }
    }
}
