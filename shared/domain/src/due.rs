//! When a feed is checked and a trigger is evaluated again.
//!
//! Each feed has its own slot in the interval, derived from its name, so that a stack's feeds are not checked all
//! at the same time. It is due when its slot has passed since the last scheduler run. A healthy feed needs no
//! stored state, and a late run includes the slots that it missed. Only a feed that failed has a state: the
//! number of failures, and the time of the next attempt.

use crate::time::{Span, Timestamp};

/// The first wait after a failure; each further failure doubles it.
const FIRST_WAIT: Span = Span::from_seconds(60);

/// The longest wait after failures without a requested time: the usual rate limit window of registries, and short
/// enough to notice that a feed has recovered.
const LONGEST_WAIT: Span = Span::from_minutes(15);

/// The longest accepted `Retry-After` of a server.
pub(crate) const LONGEST_THROTTLE: Span = Span::from_hours(24);

/// The longest pause without a requested time: a trigger's, which replaces its hourly evaluation.
const LONGEST_PAUSE: Span = Span::from_hours(1);

/// The maximum delay of a retry, so that feeds that failed together are not retried together.
const MOST_JITTER: Span = Span::from_minutes(1);

/// Whether the task `name` with this interval is due at `now`. `last_run`: the last scheduler run; without one,
/// every task is due. A last run of a clock that was ahead counts as none.
pub fn is_due(name: &str, interval: Span, last_run: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(last_run) = last_run.filter(|last_run| !last_run.is_ahead_of(now)) else {
        return true;
    };
    last_due(name, interval, now) > last_due(name, interval, last_run)
}

/// The last time up to `at` at which the task `name` was due.
pub fn last_due(name: &str, interval: Span, at: Timestamp) -> Timestamp {
    let interval = interval.as_millis().max(1);
    let offset = i64::try_from(spread(name) % interval.unsigned_abs()).unwrap_or_default();
    Timestamp::from_millis(at.as_millis() - (at.as_millis() - offset).rem_euclid(interval))
}

/// FNV-1a: distributes names evenly and is the same in every build.
fn spread(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The state of a feed, or of a trigger, whose last attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// The number of consecutive failures. 0: a user requested an attempt without an earlier failure.
    pub failures: u32,
    /// The first of these failures. `None`: an earlier version of this program stored the state.
    pub since: Option<Timestamp>,
    /// The time of the next attempt.
    pub until: Timestamp,
    /// The last failure, for operators.
    pub reason: String,
    /// The server requested the pause.
    pub throttled: bool,
}

impl BackOff {
    /// The state after another failure at `now`. `retry_after`: the pause that the server requested.
    pub fn after_failure(
        before: Option<&Self>,
        reason: String,
        retry_after: Option<Span>,
        now: Timestamp,
    ) -> Self {
        let failures = before.map_or(0, |state| state.failures).saturating_add(1);
        let doubling = FIRST_WAIT
            .as_millis()
            .saturating_mul(1 << (failures - 1).min(16));
        let own = Span::from_millis(doubling).min(LONGEST_WAIT);
        let wait = retry_after.map_or(own, |asked| asked.min(LONGEST_THROTTLE).max(own));
        Self {
            failures,
            since: before.and_then(|state| state.since).or(Some(now)),
            until: now + wait,
            reason,
            throttled: retry_after.is_some(),
        }
    }

    /// The same state, ending later by up to a quarter of the wait and at most a minute. The delay is derived from
    /// the name, so that feeds that failed together are retried one by one.
    #[must_use]
    pub fn jittered(mut self, name: &str, now: Timestamp) -> Self {
        let most = Span::from_millis(self.until.since(now).as_millis() / 4).min(MOST_JITTER);
        let most = most.as_millis().unsigned_abs().max(1);
        let jitter = i64::try_from(spread(name) % most).unwrap_or_default();
        self.until = self.until + Span::from_millis(jitter);
        self
    }

    /// Whether the next attempt is due. An end that is later than the longest pause was stored by a clock that was
    /// ahead, and counts as past.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let longest = match self.throttled {
            true => LONGEST_THROTTLE,
            false => LONGEST_PAUSE,
        };
        now >= self.until || self.until.is_ahead_of(now + longest + MOST_JITTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Span = Span::from_minutes(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn task_is_due_once_per_interval() {
        for name in ["Feeds-1", "Feeds-2", "feeds-builtin"] {
            let interval = Span::from_minutes(5);
            let due = (0..600).filter(|minute| {
                let now = at(minute * 60);
                is_due(name, interval, Some(now - MINUTE), now)
            });
            assert_eq!(due.count(), 120, "{name}");
        }
    }

    #[test]
    fn task_is_due_from_its_last_slot_on() {
        let (interval, now) = (Span::from_minutes(5), at(100_000));
        let last = last_due("Feeds-1", interval, now);
        assert!(last <= now && now < last + interval, "{last}");
        let just_before = last - Span::from_millis(1);
        assert!(is_due("Feeds-1", interval, Some(just_before), last));
        assert!(!is_due("Feeds-1", interval, Some(last), now));
    }

    #[test]
    fn slots_are_spread_over_the_interval() {
        let interval = Span::from_minutes(10);
        let due_in = |minute: i64| {
            let now = at(minute * 60);
            let is_its = |name: &String| is_due(name, interval, Some(now - MINUTE), now);
            let names = (0..1_000).map(|number| format!("Feeds-{number}"));
            names.filter(is_its).count()
        };
        for minute in 1..=10 {
            let due = due_in(minute);
            assert!(
                (50..=150).contains(&due),
                "{due} of 1,000 in minute {minute}"
            );
        }
    }

    #[test]
    fn late_run_includes_missed_slots() {
        let (before, late) = (at(0), at(3_600));
        assert!(is_due("Feeds-1", Span::from_minutes(5), Some(before), late));
    }

    #[test]
    fn task_is_due_without_a_last_run() {
        assert!(is_due("Feeds-1", Span::from_days(1), None, at(0)));
    }

    #[test]
    fn last_run_of_a_clock_that_was_ahead_counts_as_none() {
        let now = at(1_000_000);
        let interval = Span::from_minutes(5);
        for (ahead, expected) in [
            (Span::default(), false),
            (Span::from_minutes(6), true),
            (Span::from_days(300), true),
        ] {
            let due = is_due("Feeds-1", interval, Some(now + ahead), now);
            assert_eq!(due, expected, "{ahead}");
        }
    }

    #[test]
    fn pause_that_is_longer_than_possible_is_over() {
        let now = at(1_000_000);
        for (throttled, wait, expected) in [
            (false, Span::default(), true),
            (false, Span::from_seconds(1), false),
            (false, Span::from_minutes(61), false),
            (false, Span::from_minutes(67), true),
            (true, Span::from_minutes(67), false),
            (true, Span::from_hours(24), false),
            (true, Span::from_hours(25), true),
            (true, Span::from_days(300), true),
        ] {
            let state = BackOff {
                failures: 1,
                since: Some(now),
                until: now + wait,
                reason: "down".into(),
                throttled,
            };
            assert_eq!(state.is_over(now), expected, "{throttled} {wait}");
        }
    }

    #[test]
    fn wait_doubles_up_to_a_limit_and_respects_a_requested_pause() {
        let mut state = None;
        let mut waits = Vec::new();
        for _ in 0..7 {
            let next = BackOff::after_failure(state.as_ref(), "down".into(), None, at(0));
            waits.push(next.until.as_millis() / 60_000);
            state = Some(next);
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 15, 15]);

        let asked = BackOff::after_failure(None, "429".into(), Some(Span::from_hours(2)), at(0));
        assert_eq!((asked.until, asked.throttled), (at(7_200), true));
        let later = asked.clone().jittered("Feeds-1", at(0));
        assert!(asked.until <= later.until && later.until < at(7_260));
        assert!(!asked.is_over(at(7_199)) && asked.is_over(at(7_200)));
    }

    #[test]
    fn jitter_spreads_retries_within_a_quarter_of_the_wait() {
        let failed = BackOff::after_failure(None, "down".into(), None, at(0));
        let mut ends: Vec<_> = (0..100)
            .map(|number| {
                failed
                    .clone()
                    .jittered(&format!("Feeds-{number}"), at(0))
                    .until
            })
            .collect();
        assert!(ends.iter().all(|end| at(60) <= *end && *end < at(75)));
        ends.sort_unstable();
        ends.dedup();
        assert!(ends.len() > 90, "{}", ends.len());
        let again = failed.clone().jittered("Feeds-1", at(0));
        assert_eq!(again, failed.jittered("Feeds-1", at(0)));
    }
}
