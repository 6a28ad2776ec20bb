//! Handles packages that could not be read: pauses them, records the failure in the history of the triggers
//! that watch them, and removes the pause after a successful read.

use std::collections::BTreeMap;

use domain::cause::EvaluationCause;
use domain::due::BackOff;
use domain::history::{Evaluation, Outcome};
use domain::ids::{PackageId, PackageKey};
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::time::Span;

use super::{Check, CheckReport};
use crate::messages::{CheckFailure, Event, FeedCheck, Message, Origin};
use crate::ports::{Bus, Clock, FeedError, FeedErrorKind, History, PauseKey, Pauses, WatchLists};
use crate::schedule::feed_pauses;
use crate::{StepError, with_causes};

impl<S, R, B, C> Check<'_, S, R, B, C>
where
    S: Pauses + WatchLists + History,
    B: Bus,
    C: Clock,
{
    pub(super) async fn settle_failures(
        &self,
        request: &FeedCheck,
        was_paused: bool,
        origin: &Origin,
        report: &CheckReport,
    ) -> Result<(), StepError> {
        let feed = &request.feed;
        let feed_key = PauseKey::Feed(feed.space.clone(), feed.id.clone());
        let of_feed = report
            .failed
            .iter()
            .find(|(_, error)| error.kind.concerns_feed());
        if was_paused && of_feed.is_none() {
            self.store.resume(&feed_key).await?;
        }
        if report.failed.is_empty() {
            return Ok(());
        }
        let pauses = self.store.pauses().await?;
        let (feed_pause, package_pauses) = feed_pauses(&pauses, &feed.space, &feed.id);
        if let Some((_, error)) = of_feed {
            self.fail(
                request,
                &feed_key,
                &request.packages,
                feed_pause,
                error,
                origin,
            )
            .await?;
        }
        for (key, error) in report
            .failed
            .iter()
            .filter(|(_, error)| !error.kind.concerns_feed())
        {
            let before = package_pauses.get(&key.package).copied();
            let packages = [key.package.clone()];
            let pause_key = PauseKey::Package(key.clone());
            self.fail(request, &pause_key, &packages, before, error, origin)
                .await?;
        }
        Ok(())
    }

    /// Pauses the feed or package and publishes the failure. A new reason is recorded in the history of the
    /// triggers that watch it, before the pause, which marks the reason as recorded.
    async fn fail(
        &self,
        request: &FeedCheck,
        key: &PauseKey,
        packages: &[PackageId],
        before: Option<&BackOff>,
        error: &FeedError,
        origin: &Origin,
    ) -> Result<(), StepError> {
        let feed = &request.feed;
        let now = self.clock.now();
        let reason = with_causes(error);
        let name = packages.first().map_or("", PackageId::as_str);
        let state = BackOff::after_failure(before, reason, error.kind.retry_after(), now)
            .jittered(&format!("{}/{name}", feed.id), now);
        let text = text(error, &state);
        if before.is_none_or(|before| before.reason != state.reason) {
            let details = ReasonDetails::of(ReasonCode::CheckFailed)
                .text("feedId", feed.id.as_str())
                .text("feedName", &feed.name)
                .text("errorKind", error.kind.name())
                .number("failedChecks", state.failures);
            self.record_failure(request, packages, &text, &details)
                .await?;
        }
        self.store.pause(key, &state).await?;
        let failure = CheckFailure {
            space: feed.space.clone(),
            feed: feed.id.clone(),
            feed_name: feed.name.clone(),
            packages: packages.to_vec(),
            kind: error.kind.name().to_owned(),
            reason: text,
            failures: state.failures,
            retry_at: state.until,
        };
        let at = now.as_millis().to_string();
        let unique = [feed.space.as_str(), feed.id.as_str(), name, &at];
        let event = Event::FeedCheckFailed(failure);
        self.bus
            .publish(&[Message::new(origin, event, &unique, now)])
            .await?;
        Ok(())
    }

    async fn record_failure(
        &self,
        request: &FeedCheck,
        packages: &[PackageId],
        reason: &str,
        details: &ReasonDetails,
    ) -> Result<(), StepError> {
        let Some(stored) = self.store.watch_list().await? else {
            return Ok(());
        };
        let feed = &request.feed;
        let mut watchers = BTreeMap::new();
        for package in packages {
            let key = PackageKey {
                space: feed.space.clone(),
                feed: feed.id.clone(),
                package: package.clone(),
            };
            watchers.extend(
                stored
                    .list
                    .watchers(&key)
                    .map(|trigger| (trigger.id.clone(), trigger.clone())),
            );
        }
        for trigger in watchers.into_values() {
            let evaluation = Evaluation {
                trigger: trigger.id,
                trigger_name: trigger.name,
                space: trigger.space,
                project_name: trigger.project_name,
                at: self.clock.now(),
                took: Span::default(),
                cause: EvaluationCause::CheckFailed {
                    feed_name: feed.name.clone(),
                },
                outcome: Outcome::Failed,
                reason: reason.to_owned(),
                details: details.clone(),
                release: None,
                findings: Vec::new(),
            };
            self.store.record(&evaluation).await?;
        }
        Ok(())
    }
}

/// The reason with the end of a throttling. The reason of the pause itself contains no time, so that the same
/// failure is recognised.
fn text(error: &FeedError, state: &BackOff) -> String {
    match error.kind {
        FeedErrorKind::Throttled(_) => format!("{}; throttled until {}", state.reason, state.until),
        _ => state.reason.clone(),
    }
}
