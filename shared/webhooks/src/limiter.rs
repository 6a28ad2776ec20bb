//! Bounds what one receiver can ask for: a token bucket in memory.

use std::collections::HashMap;

use domain::time::{Span, Timestamp};

/// Requests in a burst.
const BURST: i64 = 30;

/// One request a second is refilled, which is 60 a minute.
const REFILL: Span = Span::from_seconds(1);

/// Over the limit, one check of the whole feed in this time replaces all requests.
const COLLAPSED: Span = Span::from_seconds(10);

/// The limiter's answer for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// The pushes, as they are.
    Each,
    /// One check of the whole feed.
    WholeFeed,
    /// Nothing: a check of the whole feed was requested less than ten seconds ago.
    Nothing,
}

/// The buckets of the receivers that sent something.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    buckets: HashMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: i64,
    refilled_at: Timestamp,
    collapsed_at: Option<Timestamp>,
}

impl Limiter {
    /// Takes a token of the receiver. Only configured receivers get here, so the map is bounded.
    pub(crate) fn take(&mut self, receiver: &str, now: Timestamp) -> Allowance {
        let bucket = self.buckets.entry(receiver.to_owned()).or_insert(Bucket {
            tokens: BURST,
            refilled_at: now,
            collapsed_at: None,
        });
        let refill = now.since(bucket.refilled_at).as_millis() / REFILL.as_millis();
        if refill > 0 || bucket.refilled_at.is_ahead_of(now) {
            bucket.tokens = BURST.min(bucket.tokens.saturating_add(refill));
            bucket.refilled_at = now;
        }
        if bucket.tokens > 0 {
            bucket.tokens -= 1;
            return Allowance::Each;
        }
        let is_recent = |at: Timestamp| now.since(at) < COLLAPSED && !at.is_ahead_of(now);
        if bucket.collapsed_at.is_some_and(is_recent) {
            return Allowance::Nothing;
        }
        bucket.collapsed_at = Some(now);
        Allowance::WholeFeed
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Limiter};
    use domain::time::Timestamp;

    #[test]
    fn limiter_storm_becomes_one_whole_feed_check_in_ten_seconds() {
        let mut limiter = Limiter::default();
        let mut whole = 0;
        let mut each = 0;
        // 1,000 a second for twenty seconds.
        for millis in 0..20_000 {
            match limiter.take("hub", Timestamp::from_millis(millis)) {
                Allowance::Each => each += 1,
                Allowance::WholeFeed => whole += 1,
                Allowance::Nothing => {}
            }
        }
        assert_eq!((each, whole), (30 + 19, 2));
        assert_eq!(
            limiter.take("other", Timestamp::from_millis(0)),
            Allowance::Each
        );
    }
}
