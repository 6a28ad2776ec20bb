//! The actions of forms, each with a record in the audit log.

use domain::ids::{FeedId, SpaceId, TriggerId};
use engine::ports::Clock;
use operator::ports::{DeadLetterQueues, QueueKind, Which};

use crate::form::Form;
use crate::page_error::PageError;
use crate::request::{PageRequest, Reply};
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, Evaluated, FeedChecked, path};

/// An action on a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerAction {
    Evaluate,
    /// This program runs a native trigger from now on.
    Adopt,
    /// This program runs a native trigger that a user disabled.
    AdoptDisabled,
    /// Octopus runs the native trigger again.
    Return,
    /// Enables a trigger in the trigger file.
    Enable,
    /// Disables a trigger in the trigger file.
    Disable,
    /// Removes a trigger from the trigger file.
    Remove,
    /// Sets the options of a trigger in the trigger file.
    SetOptions,
}

/// The actions with their path segments.
const TRIGGER_ACTIONS: [(TriggerAction, &str); 8] = [
    (TriggerAction::Evaluate, "evaluate"),
    (TriggerAction::Adopt, "adopt"),
    (TriggerAction::AdoptDisabled, "adopt-disabled"),
    (TriggerAction::Return, "return"),
    (TriggerAction::Enable, "enable"),
    (TriggerAction::Disable, "disable"),
    (TriggerAction::Remove, "remove"),
    (TriggerAction::SetOptions, "options"),
];

impl TriggerAction {
    pub(crate) fn parse(segment: &str) -> Option<Self> {
        let mut all = TRIGGER_ACTIONS.into_iter();
        all.find(|(_, own)| *own == segment)
            .map(|(action, _)| action)
    }

    pub(crate) fn segment(self) -> &'static str {
        let mut all = TRIGGER_ACTIONS.into_iter();
        all.find(|(action, _)| *action == self)
            .map_or("", |(_, segment)| segment)
    }
}

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// Executes an action on a trigger and redirects to its page.
    pub(crate) async fn act(
        &self,
        action: TriggerAction,
        space: &SpaceId,
        id: &TriggerId,
        form: &Form,
        request: &PageRequest<'_>,
    ) -> Result<Reply, PageError> {
        let result = match action {
            TriggerAction::Evaluate => self.evaluate(space, id).await,
            TriggerAction::Adopt => self.adopt(space, id, false).await,
            TriggerAction::AdoptDisabled => self.adopt(space, id, true).await,
            TriggerAction::Return => {
                let returned = self.octopus.return_to_octopus(space, id).await;
                returned.map(|()| "Returned").map_err(PageError::from)
            }
            TriggerAction::Enable => self.set_enabled(id, true).await,
            TriggerAction::Disable => self.set_enabled(id, false).await,
            TriggerAction::Remove => self.remove(id).await,
            TriggerAction::SetOptions => self.set_options(space, id, form).await,
        };
        let outcome = result.as_ref().map_or("ActionFailed", |done| *done);
        let (principal, name) = (request.principal, action.segment());
        tracing::info!(principal, action = name, %space, trigger = %id, outcome, "console");
        let done = result?.to_lowercase();
        let place = match action {
            TriggerAction::Remove => {
                format!("{}?removed={}", path::TRIGGERS, path::segment(id.as_str()))
            }
            TriggerAction::Evaluate if done != "requested" => {
                format!("{}?done=evaluated", path::trigger(space, id))
            }
            _ => format!("{}?done={done}", path::trigger(space, id)),
        };
        Ok(Reply::SeeOther(place))
    }

    /// The name of the outcome, or `Requested`.
    async fn evaluate(&self, space: &SpaceId, id: &TriggerId) -> Result<&'static str, PageError> {
        let trigger = self.watched(space, id).await?;
        Ok(match self.actions.evaluate(&trigger).await? {
            Evaluated::Now(outcome) => outcome.name(),
            Evaluated::Requested => "Requested",
        })
    }

    async fn adopt(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        includes_disabled: bool,
    ) -> Result<&'static str, PageError> {
        self.octopus.adopt(space, id, includes_disabled).await?;
        Ok("Adopted")
    }

    /// Checks a feed and redirects to its page.
    pub(crate) async fn check_feed(
        &self,
        space: &SpaceId,
        id: &FeedId,
        request: &PageRequest<'_>,
    ) -> Result<Reply, PageError> {
        let stored = self.store.watch_list().await?;
        let list = stored.map(|stored| stored.list).unwrap_or_default();
        let feed = list.feed(space, id).ok_or(PageError::NoSuchFeed)?;
        let result = self.actions.check_feed(&list, feed).await;
        let outcome = match &result {
            Ok(FeedChecked::Now { failed: 0 }) => "checked",
            Ok(FeedChecked::Now { .. }) => "failed",
            Ok(FeedChecked::Requested) => "requested",
            Err(_) => "ActionFailed",
        };
        let (principal, name) = (request.principal, feed.name.as_str());
        tracing::info!(principal, action = "check feed", %space, feed = %id, name, outcome, "console");
        result?;
        let place = path::feed(space, id);
        Ok(Reply::SeeOther(format!("{place}?done={outcome}")))
    }

    /// Redrives the dead-letter messages of a queue and redirects to the health page.
    pub(crate) async fn redrive(
        &self,
        queue: QueueKind,
        request: &PageRequest<'_>,
    ) -> Result<Reply, PageError> {
        let queues = self.actions.queues().ok_or(PageError::NoQueues)?;
        let result = queues.redrive(queue, &Which::All).await;
        let (done, left) = match &result {
            Ok(report) => (report.done.len(), report.left.len()),
            Err(_) => (0, 0),
        };
        let (principal, failed) = (request.principal, result.is_err());
        tracing::info!(principal, action = "redrive", %queue, done, left, failed, "console");
        result?;
        let place = path::HEALTH;
        Ok(Reply::SeeOther(format!(
            "{place}?redriven={queue}&done={done}&left={left}"
        )))
    }
}
