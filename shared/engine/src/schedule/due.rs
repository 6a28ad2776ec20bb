//! What is due in a round, and which triggers are.

use std::collections::BTreeMap;

use domain::due::is_due;
use domain::time::{Span, Timestamp};
use domain::trigger::{Trigger, WatchList};

use super::{EVALUATE_EVERY, RunScope};
use crate::messages::{EvaluationRequest, Event, Message, Origin};
use crate::ports::{PauseKey, Restraints};

/// What tells whether something is due in this round.
pub(super) struct Due<'a> {
    pub(super) round: RunScope,
    pub(super) last_run: Option<Timestamp>,
    pub(super) now: Timestamp,
    pub(super) restraints: &'a Restraints,
}

impl Due<'_> {
    /// Whether the last attempt failed, and whether the next may be made now.
    pub(super) fn pause(&self, key: &PauseKey) -> (bool, bool) {
        match self.restraints.pauses.get(key) {
            None => (false, true),
            Some(state) => {
                let asked = self.round == RunScope::Everything && !state.throttled;
                (true, asked || state.is_over(self.now))
            }
        }
    }

    pub(super) fn slot(&self, name: &str, interval: Span) -> bool {
        self.round == RunScope::Everything || is_due(name, interval, self.last_run, self.now)
    }
}

/// Requests to evaluate the triggers whose time has come. `known` is the list before this one, if there is
/// another.
pub(super) fn evaluations(
    list: &WatchList,
    known: Option<&WatchList>,
    due: &Due<'_>,
    origin: &Origin,
) -> Vec<Message> {
    let known = known.map(|known| {
        let known = known.triggers.iter().rev();
        let by_key = known.map(|trigger| (trigger.key(), trigger));
        by_key.collect::<BTreeMap<_, _>>()
    });
    let is_known = |trigger: &Trigger| {
        let known = known.as_ref();
        known.is_none_or(|known| known.get(&trigger.key()) == Some(&trigger))
    };
    let evaluation = |trigger| evaluation(trigger, is_known(trigger), due, origin);
    list.triggers.iter().filter_map(evaluation).collect()
}

fn evaluation(
    trigger: &Trigger,
    is_known: bool,
    due: &Due<'_>,
    origin: &Origin,
) -> Option<Message> {
    let key = PauseKey::Trigger(trigger.space.clone(), trigger.id.clone());
    let (retrying, open) = due.pause(&key);
    let cause = if !is_known {
        "new or changed"
    } else if !open {
        return None;
    } else if retrying {
        "retry"
    } else if due.round == RunScope::Everything {
        "asked for"
    } else if due.slot(trigger.id.as_str(), EVALUATE_EVERY) {
        "hourly"
    } else {
        return None;
    };
    let request = EvaluationRequest {
        space: trigger.space.clone(),
        trigger: trigger.id.clone(),
        cause: cause.to_owned(),
        retrying,
    };
    let unique = [
        origin.correlation_id.as_str(),
        trigger.space.as_str(),
        trigger.id.as_str(),
    ];
    Some(Message::new(
        origin,
        Event::TriggerEvaluationRequested(request),
        &unique,
        due.now,
    ))
}
