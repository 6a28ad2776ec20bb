//! The stored state of a budget: a requested pause, and a low quota.
//!
//! A budget without either has no state, so an ordinary check writes nothing. A quota is stored from half of its
//! limit downwards, and again only when the remaining requests have halved or doubled since: a few writes per
//! window for any number of checks.

use super::quota::{Quota, interval_within};
use crate::due::{BackOff, LONGEST_THROTTLE};
use crate::feed::Access;
use crate::time::{Span, Timestamp};

/// The level from which a quota without a known limit is low: Docker Hub's anonymous limit.
const LOW: u64 = 100;

/// The stored state of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetState {
    /// The access at the time of writing, from which the scheduler derives which feeds share the budget.
    pub access: Access,
    /// The pause after a throttled request.
    pub pause: Option<BackOff>,
    /// The last reading of the quota, while it is low.
    pub low: Option<QuotaReading>,
}

/// A quota as reported after a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaReading {
    pub quota: Quota,
    pub at: Timestamp,
    /// The number of requests of the read.
    pub requests: u64,
    /// The number of packages that it read.
    pub packages: u64,
}

impl BudgetState {
    /// The state after a throttled read at `now`. `asked`: the pause that the server requested; without one, the
    /// wait doubles from one minute to fifteen. A pause that another read started is never shortened, and
    /// counts as the same failure.
    pub fn after_throttle(
        before: Option<Self>,
        access: &Access,
        reason: String,
        asked: Option<Span>,
        now: Timestamp,
    ) -> Self {
        let (before, low) = before.map_or((None, None), |state| (state.pause, state.low));
        let running = before.as_ref().filter(|pause| !pause.is_over(now));
        let mut pause = BackOff::after_failure(before.as_ref(), reason, asked, now);
        pause.throttled = true;
        if let Some(running) = running {
            pause.failures = running.failures;
            pause.until = running
                .until
                .max(now + asked.unwrap_or_default().min(LONGEST_THROTTLE));
        }
        Self {
            access: access.clone(),
            pause: Some(pause),
            low,
        }
    }

    /// The state after a read at `now` that was not throttled. `None`: nothing to store. Equal to `before` if
    /// nothing relevant changed.
    pub fn after_read(
        before: Option<Self>,
        access: &Access,
        seen: Option<QuotaReading>,
        now: Timestamp,
    ) -> Option<Self> {
        let (pause, low, known) = match before {
            Some(state) => (state.pause, state.low, Some(state.access)),
            None => (None, None, None),
        };
        let pause = pause.filter(|pause| !pause.is_over(now));
        let low = low.filter(|low| low.is_running(now));
        let next = match (low, seen) {
            (Some(low), Some(seen)) if !seen.differs(&low) => Some(low),
            (low, None) => low,
            (_, Some(seen)) => Some(seen).filter(|seen| seen.is_low() && seen.is_running(now)),
        };
        (pause.is_some() || next.is_some()).then(|| Self {
            access: known.unwrap_or_else(|| access.clone()),
            pause,
            low: next,
        })
    }

    /// The end of the current pause. `None`: no pause.
    pub fn throttled_until(&self, now: Timestamp) -> Option<Timestamp> {
        let pause = self.pause.as_ref().filter(|pause| !pause.is_over(now))?;
        Some(pause.until)
    }

    /// The interval between checks of the budget's feeds with this number of packages together: the usual one, or
    /// longer so that the quota lasts.
    pub fn interval(&self, packages: usize, usual: Span, now: Timestamp) -> Span {
        let Some(low) = self.low.as_ref().filter(|low| low.is_running(now)) else {
            return usual;
        };
        let packages = u64::try_from(packages).unwrap_or(u64::MAX);
        let spent = low
            .requests
            .saturating_mul(packages)
            .div_ceil(low.packages.max(1));
        // As of the reading, so that the interval is the same until the next one.
        interval_within(&low.quota, spent, usual, low.at)
    }
}

impl QuotaReading {
    /// Whether the window of the reading lasts. A reading of a clock that was ahead does not count.
    fn is_running(&self, now: Timestamp) -> bool {
        let lasts = |resets_at| now < resets_at;
        self.quota.resets_at.is_some_and(lasts) && !self.at.is_ahead_of(now)
    }

    fn is_low(&self) -> bool {
        self.quota.remaining <= self.quota.limit.map_or(LOW, |limit| limit / 2)
    }

    /// Whether the remaining requests have halved or doubled, so that the interval changes.
    fn differs(&self, before: &Self) -> bool {
        let (now, then) = (self.quota.remaining, before.quota.remaining);
        now != then && (now <= then / 2 || now / 2 >= then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::FeedId;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(0) + Span::from_minutes(minutes)
    }

    fn access() -> Access {
        Access {
            aws_account: None,
            own_credentials: vec![FeedId::new("Feeds-9")],
        }
    }

    fn reading(remaining: u64, minute: i64) -> QuotaReading {
        QuotaReading {
            quota: Quota {
                limit: Some(100),
                remaining,
                resets_at: Some(at(60)),
            },
            at: at(minute),
            requests: 2,
            packages: 1,
        }
    }

    fn throttled(before: Option<BudgetState>, minutes: Option<i64>, now: i64) -> BudgetState {
        let asked = minutes.map(Span::from_minutes);
        BudgetState::after_throttle(before, &access(), "429".into(), asked, at(now))
    }

    /// `throttled_until` at a minute, in minutes.
    fn until(state: &BudgetState, minute: i64) -> Option<i64> {
        let until = state.throttled_until(at(minute))?;
        Some(until.as_millis() / 60_000)
    }

    #[test]
    fn pause_is_never_shortened_before_its_end() {
        let first = throttled(None, Some(30), 0);
        assert_eq!((until(&first, 29), until(&first, 30)), (Some(30), None));
        // A concurrent request is asked to wait for less time, no time, or more time.
        assert_eq!(
            until(&throttled(Some(first.clone()), Some(5), 1), 1),
            Some(30)
        );
        assert_eq!(until(&throttled(Some(first.clone()), None, 1), 1), Some(30));
        let more = throttled(Some(first), Some(60), 1);
        assert_eq!(until(&more, 1), Some(61));
        assert_eq!(more.pause.unwrap().failures, 1);
    }

    #[test]
    fn pause_doubles_without_a_requested_time() {
        let mut state = None;
        let mut waits = Vec::new();
        let mut now = 0;
        for _ in 0..6 {
            let next = throttled(state, None, now);
            let end = until(&next, now).unwrap();
            waits.push(end - now);
            (now, state) = (end, Some(next));
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 15]);
    }

    #[test]
    fn pause_is_cleared_by_a_read_after_its_end() {
        let state = throttled(None, Some(30), 0);
        let during = BudgetState::after_read(Some(state.clone()), &access(), None, at(10));
        assert_eq!(
            during,
            Some(state.clone()),
            "another read started the pause"
        );
        let after = BudgetState::after_read(Some(state), &access(), None, at(30));
        assert_eq!(after, None);
    }

    #[test]
    fn quota_is_stored_when_it_is_low_and_has_halved() {
        let mut state = None;
        let mut written = Vec::new();
        for (minute, remaining) in [100, 80, 51, 50, 40, 26, 25, 20, 12, 3, 2, 1, 0, 0, 40, 90]
            .into_iter()
            .enumerate()
        {
            let seen = Some(reading(remaining, i64::try_from(minute).unwrap()));
            let now = at(i64::try_from(minute).unwrap());
            let next = BudgetState::after_read(state.clone(), &access(), seen, now);
            if next != state {
                written.push(next.clone().map(|state| state.low.unwrap().quota.remaining));
            }
            state = next;
        }
        let expected = [50, 25, 12, 3, 1, 0, 40].map(Some);
        assert_eq!(written[..7], expected);
        assert_eq!(written[7..], [None], "the quota is high again");
    }

    #[test]
    fn interval_grows_so_that_a_low_quota_lasts() {
        let minute = Span::from_minutes(1);
        let low = BudgetState::after_read(None, &access(), Some(reading(40, 0)), at(0)).unwrap();
        // Two requests per package: 40 are enough for four checks of five packages within the hour.
        let minutes = |packages, now| low.interval(packages, minute, at(now)).as_millis() / 60_000;
        assert_eq!((minutes(5, 0), minutes(5, 59)), (15, 15));
        assert_eq!(minutes(1, 0), 3);
        assert_eq!(minutes(1_000, 0), 60);
        assert_eq!(minutes(5, 60), 1, "the window is over");
        assert_eq!(
            BudgetState::after_read(Some(low), &access(), None, at(60)),
            None
        );
    }

    #[test]
    fn quota_of_a_clock_that_was_ahead_is_ignored() {
        let state = BudgetState {
            access: access(),
            pause: None,
            low: Some(reading(0, 30)),
        };
        let minute = Span::from_minutes(1);
        assert!(state.interval(5, minute, at(25)) > minute);
        assert_eq!(state.interval(5, minute, at(24)), minute);
        assert_eq!(
            BudgetState::after_read(Some(state), &access(), None, at(24)),
            None
        );
    }

    #[test]
    fn quota_without_a_window_is_not_stored() {
        let mut seen = reading(0, 0);
        seen.quota.resets_at = None;
        assert_eq!(
            BudgetState::after_read(None, &access(), Some(seen), at(0)),
            None
        );
    }
}
