//! What forms have done, each with its line in the audit.

use domain::ids::{SpaceId, TriggerId};
use engine::ports::Clock;
use operator::ports::{DeadLetterQueues, QueueKind, Which};

use crate::answer::{Reply, Visit};
use crate::fault::Fault;
use crate::{Actions, Console, Evaluated, Memory, Octopus, path};

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// Evaluates a trigger now, and shows its page.
    pub(crate) async fn evaluate(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        visit: &Visit<'_>,
    ) -> Result<Reply, Fault> {
        let trigger = self.watched(space, id).await?;
        let result = self.actions.evaluate(&trigger).await;
        let (ended, done) = match &result {
            Ok(Evaluated::Now(outcome)) => (outcome.name(), "evaluated"),
            Ok(Evaluated::Asked) => ("asked for", "asked"),
            Err(_) => ("not done", ""),
        };
        let (name, who) = (trigger.name.as_str(), visit.who);
        tracing::info!(who, action = "evaluate", %space, trigger = %id, name, ended, "console");
        result?;
        let place = path::trigger(space, id);
        Ok(Reply::SeeOther(format!("{place}?done={done}")))
    }

    /// Hands the dead letters of a queue back, and shows the health page.
    pub(crate) async fn redrive(
        &self,
        queue: QueueKind,
        visit: &Visit<'_>,
    ) -> Result<Reply, Fault> {
        let queues = self.actions.queues().ok_or(Fault::NoQueues)?;
        let result = queues.redrive(queue, &Which::All).await;
        let (done, left) = match &result {
            Ok(clearing) => (clearing.done.len(), clearing.left.len()),
            Err(_) => (0, 0),
        };
        let (who, failed) = (visit.who, result.is_err());
        tracing::info!(who, action = "redrive", %queue, done, left, failed, "console");
        result?;
        let place = path::HEALTH;
        Ok(Reply::SeeOther(format!(
            "{place}?redriven={queue}&done={done}&left={left}"
        )))
    }
}
