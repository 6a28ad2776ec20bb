//! Step 4: a push requests an early check.
//!
//! The push is a hint, never data: it is mapped to the feeds and packages that it concerns and becomes a
//! `FeedCheckRequested` for these packages alone. The check reads the registry, and the schedule makes up for
//! lost events. A finished scan requests a read of the scans that a release waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::cause::CheckCause;
use domain::ids::PackageKey;
use domain::metadata::SCAN_AGAIN;
use domain::push::{
    EcrPush, EcrRepository, FURTHER_CHECKS, Ignored, PackagePush, packages_in, packages_of,
};
use domain::time::Span;
use domain::trigger::WatchList;

use crate::StepError;
use crate::messages::{Message, Origin};
use crate::ports::{Bus, Clock, Pauses, SnapshotReader, WatchLists};
use crate::schedule::{PackageRequest, feed_pauses, requests};

pub struct Receive<'a, S, B, C> {
    pub store: &'a S,
    pub bus: &'a B,
    pub clock: &'a C,
    /// The AWS account of this program. It owns the registry of an ECR feed for which Octopus names no account.
    pub own_account: &'a str,
}

/// The outcome of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// So many checks were requested.
    Requested(usize),
    /// No check was requested, and the reason.
    Ignored(Ignored),
}

/// The outcome of an announced push that is checked until a registry lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// The push was handled.
    Handled {
        /// The checks, or why there are none.
        outcome: PushOutcome,
        /// When to call [`Receive::confirm`] again, with one more earlier check; `None` for never.
        again_after: Option<Span>,
    },
    /// The registry lists the push.
    Listed,
    /// The registry does not list the push, and there are no further checks.
    Unlisted,
}

impl<S: WatchLists + Pauses, B: Bus, C: Clock> Receive<'_, S, B, C> {
    /// Handles a push to ECR.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn ecr(&self, push: &EcrPush, event_id: &str) -> Result<PushOutcome, StepError> {
        let origin = Origin::new(&["push", event_id]);
        let packages = |list: &WatchList| packages_of(push, list, self.own_account);
        self.request(packages, &origin).await
    }

    /// Handles a push that a webhook or a CI job announced.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn package(&self, push: &PackagePush) -> Result<PushOutcome, StepError> {
        let origin = Origin::new(&["hook", &push.receiver, &push.delivery]);
        self.request(|list| push.packages(list), &origin).await
    }

    async fn watch_list(&self) -> Result<Arc<WatchList>, StepError> {
        let stored = self.store.watch_list().await?;
        Ok(stored.map(|stored| stored.list).unwrap_or_default())
    }

    async fn request(
        &self,
        packages: impl FnOnce(&WatchList) -> Result<Vec<PackageKey>, Ignored>,
        origin: &Origin,
    ) -> Result<PushOutcome, StepError> {
        let list = self.watch_list().await?;
        let packages = match packages(&list) {
            Ok(packages) => packages,
            Err(ignored) => return Ok(PushOutcome::Ignored(ignored)),
        };
        let pauses = self.store.pauses().await?;
        let now = self.clock.now();
        let mut by_feed: BTreeMap<_, Vec<PackageKey>> = BTreeMap::new();
        for key in packages {
            let feed = (key.space.clone(), key.feed.clone());
            by_feed.entry(feed).or_default().push(key);
        }
        let mut messages = Vec::new();
        for ((space, feed), keys) in by_feed {
            let (feed_pause, paused) = feed_pauses(&pauses, &space, &feed);
            let Some(feed) = list.feed(&space, &feed) else {
                continue;
            };
            let chosen: Vec<_> = keys
                .iter()
                .map(|key| PackageRequest::new(key, paused.contains_key(&key.package), &list))
                .collect();
            let feed_retrying = feed_pause.is_some();
            messages.extend(requests(
                feed,
                &chosen,
                feed_retrying,
                CheckCause::Push,
                None,
                origin,
                now,
            ));
        }
        self.bus.publish(&messages).await?;
        Ok(PushOutcome::Requested(messages.len()))
    }
}

impl<S: WatchLists + Pauses + SnapshotReader, B: Bus, C: Clock> Receive<'_, S, B, C> {
    /// Handles an announced push: requests checks of its packages, and further ones as long as their snapshots do not
    /// list it. `earlier` is the number of checks that were requested for it before.
    ///
    /// A push without a tag has no further checks, because a snapshot cannot show it.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn confirm(
        &self,
        push: &PackagePush,
        earlier: usize,
    ) -> Result<Confirmation, StepError> {
        if earlier > 0 && self.is_listed(push).await? {
            return Ok(Confirmation::Listed);
        }
        if earlier > FURTHER_CHECKS.len() {
            return Ok(Confirmation::Unlisted);
        }
        let outcome = self.package(push).await?;
        let has_further = matches!(outcome, PushOutcome::Requested(_)) && push.push.tag.is_some();
        let pause = FURTHER_CHECKS.get(earlier).or(FURTHER_CHECKS.last());
        Ok(Confirmation::Handled {
            outcome,
            again_after: pause.copied().filter(|_| has_further),
        })
    }

    /// Handles a finished scan in a repository: requests reads of the scans in it that releases wait for. An event that
    /// arrives just after such a read is handled a second time. `earlier`: how often it was handled before.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn scan(
        &self,
        scanned: &EcrRepository,
        event_id: &str,
        earlier: usize,
    ) -> Result<Confirmation, StepError> {
        let ignored = |reason| Confirmation::Handled {
            outcome: PushOutcome::Ignored(reason),
            again_after: None,
        };
        let list = self.watch_list().await?;
        let packages = match packages_in(scanned, &list, self.own_account) {
            Ok(packages) => packages,
            Err(reason) => return Ok(ignored(reason)),
        };
        let origin = Origin::new(&["scan", event_id]);
        let now = self.clock.now();
        let (mut messages, mut is_just_read) = (Vec::new(), false);
        let packages = packages.into_iter();
        for key in packages.filter(|key| list.requires_scan(key)) {
            let (Some(feed), Some(snapshot)) = (
                list.feed(&key.space, &key.feed),
                self.store.snapshot(&key).await?,
            ) else {
                continue;
            };
            let (due, read): (Vec<_>, Vec<_>) = snapshot
                .awaited_scans(now)
                .partition(|(_, read)| read.is_read_again_at(now));
            is_just_read |= !read.is_empty();
            if !due.is_empty() {
                let contents = due.into_iter().map(|(content, _)| content);
                let contents: BTreeSet<_> = contents.collect();
                messages.push(Message::metadata_request(
                    &origin, feed, &key, contents, now,
                ));
            }
        }
        if messages.is_empty() && !is_just_read {
            let repository = scanned.name.clone();
            return Ok(ignored(Ignored::ScanNotRequired { repository }));
        }
        self.bus.publish(&messages).await?;
        Ok(Confirmation::Handled {
            outcome: PushOutcome::Requested(messages.len()),
            again_after: (is_just_read && earlier == 0).then_some(SCAN_AGAIN),
        })
    }

    /// Whether the snapshots of all packages that a push concerns list it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_listed(&self, push: &PackagePush) -> Result<bool, StepError> {
        let list = self.watch_list().await?;
        for package in push.packages(&list).unwrap_or_default() {
            let snapshot = self.store.snapshot(&package).await?;
            if !snapshot.is_some_and(|snapshot| push.push.is_listed_in(&snapshot)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
