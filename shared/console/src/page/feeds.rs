//! The feeds that triggers use: route, last check, requests and quota, throttled until.

use domain::due::BackOff;
use domain::feed::{Feed, Route};
use domain::time::{Span, Timestamp};
use domain::trigger::WatchList;
use engine::ports::{Clock, Head, PauseKey, Restraints, StoreError};
use engine::schedule::interval;
use maud::{Markup, html};

use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, badge, clock, counted, nothing, time};
use crate::{Console, Hand, Memory, Octopus, path};

/// A feed with what is remembered of it.
pub(super) struct Known<'a> {
    pub(super) feed: &'a Feed,
    /// The heads of its watched packages that were ever read.
    pub(super) heads: Vec<Head>,
    /// How many of its packages are watched.
    pub(super) watched: usize,
    restraints: &'a Restraints,
    /// How often it is checked; nothing while that is forbidden.
    interval: Option<Span>,
}

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
    pub(crate) async fn feeds(&self, visit: &Visit<'_>) -> Result<Page, Fault> {
        let list = self.list().await?;
        let restraints = self.store.restraints().await?;
        let mut rows = Vec::new();
        for feed in &list.feeds {
            rows.push(self.known(feed, &list, &restraints, visit.now).await?);
        }
        Ok(Page {
            title: "Feeds".to_owned(),
            section: Section::Feeds,
            above: html! {},
            body: html! {
                @if rows.is_empty() { (nothing("No trigger that is run here uses a feed yet.")) }
                ul.rows {
                    @for known in &rows {
                        li {
                            div.row.of-feed {
                                div.what {
                                    h2 { a href=(path::feed(&known.feed.space, &known.feed.id)) { (known.feed.name) } }
                                    p.muted { (known.feed.kind.feed_type()) " · " (known.feed.space) }
                                    p.small { (counted(known.watched, "package")) ", " (known.versions()) }
                                }
                                div.state { (known.state(visit.now)) }
                                div { (self.reading(known.feed)) }
                                div { (known.quota(visit.now)) }
                            }
                        }
                    }
                }
            },
        })
    }

    pub(super) async fn known<'a>(
        &self,
        feed: &'a Feed,
        list: &WatchList,
        restraints: &'a Restraints,
        now: Timestamp,
    ) -> Result<Known<'a>, StoreError> {
        let by_feed = list.packages_by_feed();
        let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
        let watched = watched.into_iter().flatten();
        let watched: Vec<_> = watched.map(|key| key.package.clone()).collect();
        let budget = feed.budget(&self.settings.look.access);
        let opened = self.store.open(feed, &budget, &watched).await?;
        Ok(Known {
            feed,
            heads: opened.heads.into_iter().flatten().collect(),
            watched: watched.len(),
            restraints,
            interval: interval(restraints, list, feed, self.settings.look.check_every, now),
        })
    }

    /// How it is read, why so, and with whose credential.
    pub(super) fn reading(&self, feed: &Feed) -> Markup {
        let (route, why) = feed.route(&self.settings.look.access);
        let route = match route {
            Route::Direct => "Direct",
            Route::Octopus => "Through Octopus",
        };
        let credential = feed.budget(&self.settings.look.access).credential();
        html! {
            p { strong { (route) } }
            p.small { (why) }
            p.small.muted { "Credential: " (credential) }
        }
    }
}

impl Known<'_> {
    pub(super) fn versions(&self) -> String {
        counted(self.heads.iter().map(|head| head.count).sum(), "version")
    }

    /// The pause that the other side asked for, of the feed or of all that is counted with it.
    fn throttled(&self, now: Timestamp) -> Option<&BackOff> {
        let of_budget = self.restraints.budget(self.feed);
        let of_budget = of_budget.and_then(|(_, state)| state.pause.as_ref());
        let of_feed = self.of_feed().filter(|pause| pause.throttled);
        let pauses = [of_budget, of_feed].into_iter().flatten();
        pauses
            .filter(|pause| !pause.is_over(now))
            .max_by_key(|pause| pause.until)
    }

    fn of_feed(&self) -> Option<&BackOff> {
        let key = PauseKey::Feed(self.feed.space.clone(), self.feed.id.clone());
        self.restraints.pauses.get(&key)
    }

    /// What the last check ended with, if it failed: as a whole, or at one of the packages.
    fn failed(&self) -> Option<&BackOff> {
        self.of_feed().or_else(|| {
            let mut pauses = self.restraints.pauses.iter();
            pauses.find_map(|(key, pause)| match key {
                PauseKey::Package(key)
                    if key.space == self.feed.space && key.feed == self.feed.id =>
                {
                    Some(pause)
                }
                _ => None,
            })
        })
    }

    /// How its last check ended.
    pub(super) fn state(&self, now: Timestamp) -> Markup {
        let changed = self.heads.iter().map(|head| head.changed_at).max();
        html! {
            @match (self.throttled(now), self.failed()) {
                (Some(pause), _) => {
                    p { (badge(Tone::Wait, "Throttled")) }
                    p.small { "Until " (clock(pause.until)) }
                    p.small { (pause.reason) }
                }
                (None, Some(pause)) => {
                    p { (badge(Tone::Bad, "Last check failed")) }
                    p.small { (pause.reason) }
                    p.small.muted {
                        (counted(usize::try_from(pause.failures).unwrap_or(usize::MAX), "failure")) " in a row, tried again "
                        @if pause.is_over(now) { "with the next round" } @else { (time(pause.until, now)) }
                    }
                }
                (None, None) if self.heads.is_empty() => p { (badge(Tone::Quiet, "Not read yet")) },
                (None, None) => p { (badge(Tone::Good, "Last check succeeded")) },
            }
            @if let Some(changed) = changed { p.small.muted { "Last changed " (time(changed, now)) } }
        }
    }

    /// How often it is asked, and what is left of a quota.
    pub(super) fn quota(&self, now: Timestamp) -> Markup {
        let known = self.restraints.budget(self.feed);
        let low = known.and_then(|(_, state)| state.low.as_ref());
        html! {
            @match self.interval {
                Some(interval) => p { "Checked every " (interval) },
                None => p { "Not checked now" },
            }
            @match low {
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
}
