//! Step 4: a push to ECR requests an early check.
//!
//! The push is a hint, never data: it is mapped to the feed and package that it concerns and becomes a
//! `FeedCheckRequested` for that package alone. The check reads the registry, and the schedule makes up for
//! lost events.

use domain::push::{EcrPush, Ignored, packages_of};

use crate::StepError;
use crate::messages::Origin;
use crate::ports::{Bus, Clock, Pauses, WatchLists};
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

impl<S: WatchLists + Pauses, B: Bus, C: Clock> Receive<'_, S, B, C> {
    /// Handles one push.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn run(&self, push: &EcrPush, event_id: &str) -> Result<PushOutcome, StepError> {
        let Some(stored) = self.store.watch_list().await? else {
            return Ok(PushOutcome::Ignored(Ignored::UnwatchedRepository {
                repository: push.repository.clone(),
            }));
        };
        let packages = match packages_of(push, &stored.list, self.own_account) {
            Ok(packages) => packages,
            Err(ignored) => return Ok(PushOutcome::Ignored(ignored)),
        };
        let pauses = self.store.pauses().await?;
        let origin = Origin::new(&["push", event_id]);
        let now = self.clock.now();
        let mut messages = Vec::new();
        for key in packages {
            let Some(feed) = stored.list.feed(&key.space, &key.feed) else {
                continue;
            };
            let (feed_pause, paused) = feed_pauses(&pauses, &key.space, &key.feed);
            let retrying = paused.contains_key(&key.package);
            let chosen = [PackageRequest::new(&key, retrying, &stored.list)];
            messages.extend(requests(
                feed,
                &chosen,
                feed_pause.is_some(),
                "push",
                &origin,
                now,
            ));
        }
        self.bus.publish(&messages).await?;
        Ok(PushOutcome::Requested(messages.len()))
    }
}
