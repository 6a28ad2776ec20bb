//! The causes of evaluations: a changed package, or a request.

use domain::cause::EvaluationCause;
use domain::history::{Evaluation, SeenChanges};
use domain::trigger::Trigger;

use super::Evaluate;
use crate::StepError;
use crate::messages::{Announcement, EvaluationRequest, Event, Message, PackageChange};
use crate::ports::{
    Bus, Clock, DocumentCache, History, Ledger, OctopusReader, Pauses, ReleaseCreator,
    SnapshotReader, TriggerFiles, WatchLists,
};

/// The triggers that one change of a package evaluates directly. Each evaluation takes seconds, and a message must be
/// handled before its invocation ends.
const WATCHERS_AT_ONCE: usize = 5;

impl<S, O, B, C> Evaluate<'_, S, O, B, C>
where
    S: WatchLists + TriggerFiles + SnapshotReader + DocumentCache + Ledger + History + Pauses,
    O: OctopusReader + ReleaseCreator,
    B: Bus,
    C: Clock,
{
    /// Evaluates every trigger that watches the package, except for those whose last completed evaluation has considered
    /// the change, because another message had caused it. If there are many, requests an evaluation of each.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn changed(
        &self,
        announcement: &Announcement,
        message: &Message,
    ) -> Result<Vec<Evaluation>, StepError> {
        let Some(stored) = self.store.watch_list().await? else {
            return Ok(Vec::new());
        };
        let cause = EvaluationCause::PackageChanged {
            package: announcement.package.package.clone(),
            feed_name: announcement.feed_name.clone(),
        };
        let change = PackageChange {
            package: announcement.package.clone(),
            generation: announcement.generation,
        };
        let watchers: Vec<_> = stored.list.watchers(&announcement.package).collect();
        if watchers.len() > WATCHERS_AT_ONCE {
            let requests = watchers
                .into_iter()
                .map(|one| request(one, &cause, &change, message));
            self.bus.publish(&requests.collect::<Vec<_>>()).await?;
            return Ok(Vec::new());
        }
        let origin = &message.origin();
        let mut evaluations = Vec::new();
        for trigger in watchers {
            if self.is_seen(trigger, &change, message).await? {
                continue;
            }
            let evaluation = self.evaluate(&stored.list, trigger, &cause, false, origin);
            evaluations.push(evaluation.await?);
        }
        Ok(evaluations)
    }

    /// Evaluates one trigger. Returns `None` if the watch list does not contain it, or if its last completed evaluation
    /// has considered the change.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn requested(
        &self,
        request: &EvaluationRequest,
        message: &Message,
    ) -> Result<Option<Evaluation>, StepError> {
        let Some(stored) = self.store.watch_list().await? else {
            return Ok(None);
        };
        let Some(trigger) = stored.list.trigger(&request.space, &request.trigger) else {
            return Ok(None);
        };
        if let Some(change) = &request.change
            && self.is_seen(trigger, change, message).await?
        {
            return Ok(None);
        }
        let (cause, origin) = (&request.cause, &message.origin());
        let evaluation = self.evaluate(&stored.list, trigger, cause, request.retrying, origin);
        evaluation.await.map(Some)
    }

    async fn is_seen(
        &self,
        trigger: &Trigger,
        change: &PackageChange,
        message: &Message,
    ) -> Result<bool, StepError> {
        let PackageChange {
            package,
            generation,
        } = change;
        let seen = self.store.seen_changes(&trigger.space, &trigger.id).await?;
        let is_seen =
            |seen: SeenChanges| seen.contains(&message.id, message.time, package, *generation);
        let is_seen = seen.is_some_and(is_seen);
        if is_seen {
            tracing::debug!(trigger = %trigger.name, "an earlier evaluation has considered the change");
        }
        Ok(is_seen)
    }
}

/// The request to evaluate one of many triggers that watch a changed package. It counts as sent when the change was
/// announced: a later evaluation has considered the change.
fn request(
    trigger: &Trigger,
    cause: &EvaluationCause,
    change: &PackageChange,
    message: &Message,
) -> Message {
    let request = EvaluationRequest {
        space: trigger.space.clone(),
        trigger: trigger.id.clone(),
        cause: cause.clone(),
        retrying: false,
        change: Some(change.clone()),
    };
    let unique = [
        message.id.as_str(),
        trigger.space.as_str(),
        trigger.id.as_str(),
    ];
    let event = Event::TriggerEvaluationRequested(request);
    Message::new(&message.origin(), event, &unique, message.time)
}
