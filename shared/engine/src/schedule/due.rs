//! Decides which feeds, packages and triggers are due in a scheduler run.

use std::collections::BTreeMap;

use domain::cause::EvaluationCause;
use domain::due::is_due;
use domain::time::{Span, Timestamp};
use domain::trigger::{Trigger, WatchList};

use super::scope::{EVALUATE_EVERY, RunScope};
use crate::messages::{EvaluationRequest, Event, Message, Origin};
use crate::ports::{PauseKey, Restraints};

/// A request is carried out if it waited less than this, however short the interval is.
const SHORTEST_WAIT: Span = Span::from_minutes(1);

/// The facts by which a run decides what is due.
pub(super) struct Due<'a> {
    pub(super) scope: RunScope,
    pub(super) last_run: Option<Timestamp>,
    /// Only new packages and new or changed triggers are due; the run has published the others.
    pub(super) is_news_only: bool,
    pub(super) now: Timestamp,
    pub(super) restraints: &'a Restraints,
}

impl Due<'_> {
    /// Whether the last attempt failed, and whether the next may begin now.
    pub(super) fn pause(&self, key: &PauseKey) -> (bool, bool) {
        match self.restraints.pauses.get(key) {
            None => (false, true),
            Some(state) => {
                let is_overridden = self.scope == RunScope::Everything && !state.throttled;
                (true, is_overridden || state.is_over(self.now))
            }
        }
    }

    /// When a later run requests the checks of this run again, so that they need not be carried out any more. Not before
    /// another run, which is expected after the time since the last one.
    pub(super) fn superseded_at(&self, interval: Span) -> Option<Timestamp> {
        let between_runs = self.now.since(self.last_run?);
        Some(self.now + interval.max(between_runs).max(SHORTEST_WAIT))
    }

    pub(super) fn slot(&self, name: &str, interval: Span) -> bool {
        self.scope == RunScope::Everything || is_due(name, interval, self.last_run, self.now)
    }
}

/// Requests evaluations of the due triggers. `known` is the list before a refresh; `None` if the list is not
/// new.
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
        known.is_none_or(|known| {
            known
                .get(&trigger.key())
                .is_some_and(|one| one.is_same_as(trigger))
        })
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
        EvaluationCause::TriggerChanged
    } else if !open || due.is_news_only {
        return None;
    } else if retrying {
        EvaluationCause::Retry
    } else if due.scope == RunScope::Everything {
        EvaluationCause::Requested
    } else if due.slot(trigger.id.as_str(), EVALUATE_EVERY) {
        EvaluationCause::Hourly
    } else {
        return None;
    };
    let request = EvaluationRequest {
        space: trigger.space.clone(),
        trigger: trigger.id.clone(),
        cause,
        retrying,
        change: None,
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
