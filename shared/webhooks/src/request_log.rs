//! The last requests of each receiver, in memory until the host stores them.

use std::collections::BTreeMap;

use domain::push::{WebhookOutcome, WebhookRequest};
use domain::time::{Span, Timestamp};

use crate::kind::Kind;

/// The shortest time between two stores of one receiver and outcome, so that a storm is not one write for each request.
const PAUSE: Span = Span::from_minutes(1);

/// The last request of each receiver and outcome. Only configured receivers are in it, so it is bounded.
#[derive(Debug, Default)]
pub struct RequestLog {
    entries: BTreeMap<(String, WebhookOutcome), Entry>,
}

#[derive(Debug)]
struct Entry {
    request: WebhookRequest,
    is_stored: bool,
    stored_at: Option<Timestamp>,
}

impl RequestLog {
    /// Notes a request of a receiver.
    pub fn note(
        &mut self,
        receiver: &str,
        kind: Kind,
        outcome: WebhookOutcome,
        reason: Option<&str>,
        now: Timestamp,
    ) {
        let request = WebhookRequest {
            receiver: receiver.to_owned(),
            sender: kind.to_string(),
            outcome,
            at: now,
            reason: reason.map(str::to_owned),
        };
        let key = (receiver.to_owned(), outcome);
        let stored_at = self.entries.get(&key).and_then(|entry| entry.stored_at);
        let entry = Entry {
            request,
            is_stored: false,
            stored_at,
        };
        self.entries.insert(key, entry);
    }

    /// Takes the requests to store: those noted since their last store, at most one a minute for each receiver and outcome.
    pub fn due(&mut self, now: Timestamp) -> Vec<WebhookRequest> {
        let is_recent = |at: Timestamp| now.since(at) < PAUSE && !at.is_ahead_of(now);
        let entries = self.entries.values_mut();
        let due =
            entries.filter(|entry| !entry.is_stored && !entry.stored_at.is_some_and(is_recent));
        due.map(|entry| {
            entry.is_stored = true;
            entry.stored_at = Some(now);
            entry.request.clone()
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    #[test]
    fn storm_is_stored_once_a_minute_for_each_outcome() {
        let mut log = RequestLog::default();
        let mut stored = Vec::new();
        for at in 0..150 {
            let now = second(at);
            log.note("ci", Kind::Generic, WebhookOutcome::Accepted, None, now);
            let reason = Some("no version tag");
            log.note("ci", Kind::Generic, WebhookOutcome::Ignored, reason, now);
            stored.extend(log.due(now));
        }
        let of = |outcome| {
            let of = stored.iter().filter(|one| one.outcome == outcome);
            of.map(|one| one.at.as_seconds()).collect::<Vec<_>>()
        };
        assert_eq!(of(WebhookOutcome::Accepted), [0, 60, 120]);
        assert_eq!(of(WebhookOutcome::Ignored), [0, 60, 120]);
        // The last request of the storm is stored too, and only once.
        let last = log.due(second(200));
        assert_eq!(last.len(), 2);
        assert_eq!(last[0].at, second(149));
        assert_eq!(log.due(second(300)), []);
    }
}
