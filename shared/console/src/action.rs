//! The actions of forms, each with a record in the audit log.

use domain::ids::{SpaceId, TriggerId};
use engine::ports::Clock;
use operator::ports::{DeadLetterQueues, QueueKind, Which};

use crate::answer::{PageRequest, Reply};
use crate::page_error::PageError;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, Evaluated, path};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// Evaluates a trigger and redirects to its page.
    pub(crate) async fn evaluate(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        request: &PageRequest<'_>,
    ) -> Result<Reply, PageError> {
        let trigger = self.watched(space, id).await?;
        let result = self.actions.evaluate(&trigger).await;
        let (outcome, done) = match &result {
            Ok(Evaluated::Now(outcome)) => (outcome.name(), "evaluated"),
            Ok(Evaluated::Requested) => ("Requested", "requested"),
            Err(_) => ("ActionFailed", ""),
        };
        let (name, principal) = (trigger.name.as_str(), request.principal);
        tracing::info!(principal, action = "evaluate", %space, trigger = %id, name, outcome, "console");
        result?;
        let place = path::trigger(space, id);
        Ok(Reply::SeeOther(format!("{place}?done={done}")))
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
