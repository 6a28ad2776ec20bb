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

/// An allowance is remembered for this time.
const KNOWN_FOR: Span = Span::from_hours(24);
/// A remembered allowance is written again after this time.
const RENEWED_AFTER: Span = Span::from_hours(12);

/// The stored state of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetState {
    /// The access at the time of writing, from which the scheduler derives which feeds share the budget.
    pub access: Access,
    /// The pause after a throttled request.
    pub pause: Option<BackOff>,
    /// The last reading of the quota, while it is low.
    pub low: Option<QuotaReading>,
    /// The server's allowance, and what a read costs, if the server limits the requests of a minute.
    pub allowance: Option<AllowanceReading>,
}

/// The allowance of a server that limits the requests of a minute, after a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowanceReading {
    /// Requests per minute.
    pub per_minute: u32,
    pub at: Timestamp,
    /// The number of requests of the read.
    pub requests: u64,
    /// The number of packages that it read.
    pub packages: u64,
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
        let (before, low, allowance) = before.map_or((None, None, None), |state| {
            (state.pause, state.low, state.allowance)
        });
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
            allowance,
        }
    }

    /// The state after a read at `now` that was not throttled. `None`: nothing to store. Equal to `before` if
    /// nothing relevant changed.
    pub fn after_read(
        before: Option<Self>,
        access: &Access,
        seen: Option<QuotaReading>,
        allowed: Option<AllowanceReading>,
        now: Timestamp,
    ) -> Option<Self> {
        let (pause, low, allowance, known) = match before {
            Some(state) => (state.pause, state.low, state.allowance, Some(state.access)),
            None => (None, None, None, None),
        };
        let pause = pause.filter(|pause| !pause.is_over(now));
        let low = low.filter(|low| low.is_running(now));
        let next = match (low, seen) {
            (Some(low), Some(seen)) if !seen.differs(&low) => Some(low),
            (low, None) => low,
            (_, Some(seen)) => Some(seen).filter(|seen| seen.is_low() && seen.is_running(now)),
        };
        let allowance = allowance.filter(|one| one.is_known(now));
        let allowance = match (allowance, allowed) {
            (Some(before), Some(seen)) if !seen.differs(&before) => Some(before),
            (before, seen) => seen.or(before),
        };
        (pause.is_some() || next.is_some() || allowance.is_some()).then(|| Self {
            access: known.unwrap_or_else(|| access.clone()),
            pause,
            low: next,
            allowance,
        })
    }

    /// The end of the current pause. `None`: no pause.
    pub fn throttled_until(&self, now: Timestamp) -> Option<Timestamp> {
        let pause = self.pause.as_ref().filter(|pause| !pause.is_over(now))?;
        Some(pause.until)
    }

    /// The interval between checks of the budget's feeds with this number of packages together: the usual one, or
    /// longer so that the quota lasts, and so that these reads use at most half of the allowance.
    pub fn interval(&self, packages: usize, usual: Span, now: Timestamp) -> Span {
        let allowance = self.allowance.as_ref().filter(|one| one.is_known(now));
        let usual = allowance.map_or(usual, |one| one.interval(packages).max(usual));
        let Some(low) = self.low.as_ref().filter(|low| low.is_running(now)) else {
            return usual;
        };
        let spent = spent(low.requests, low.packages, packages);
        // As of the reading, so that the interval is the same until the next one.
        interval_within(&low.quota, spent, usual, low.at)
    }
}

/// The requests for this number of packages, if those of a read were for `read`.
fn spent(requests: u64, read: u64, packages: usize) -> u64 {
    let packages = u64::try_from(packages).unwrap_or(u64::MAX);
    requests.saturating_mul(packages).div_ceil(read.max(1))
}

impl AllowanceReading {
    /// The requests per minute that checks of this number of packages need at this interval.
    pub fn needed(&self, packages: usize, interval: Span) -> u64 {
        let spent = spent(self.requests, self.packages, packages).saturating_mul(60_000);
        spent.div_ceil(interval.as_millis().unsigned_abs().max(1))
    }

    /// When a stored reading is forgotten.
    pub fn forgotten_at(&self) -> Timestamp {
        self.at + KNOWN_FOR
    }

    /// The shortest interval at which checks of this number of packages use half of the allowance. Evaluations and
    /// refreshes of the watch list need the other half.
    fn interval(&self, packages: usize) -> Span {
        let share = u64::from(self.per_minute / 2).max(1);
        let millis = spent(self.requests, self.packages, packages).saturating_mul(60_000);
        Span::from_millis(i64::try_from(millis / share).unwrap_or(i64::MAX))
    }

    fn is_known(&self, now: Timestamp) -> bool {
        now < self.forgotten_at() && !self.at.is_ahead_of(now)
    }

    /// Whether the interval changes, or the reading before is so old that it is soon forgotten.
    fn differs(&self, before: &Self) -> bool {
        let cost = |one: &Self| spent(one.requests, one.packages, 1_000);
        let (now, then) = (cost(self), cost(before));
        self.per_minute != before.per_minute
            || now != then && (now <= then / 2 || now / 2 >= then)
            || self.at.since(before.at) >= RENEWED_AFTER
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
        let during = BudgetState::after_read(Some(state.clone()), &access(), None, None, at(10));
        assert_eq!(
            during,
            Some(state.clone()),
            "another read started the pause"
        );
        let after = BudgetState::after_read(Some(state), &access(), None, None, at(30));
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
            let next = BudgetState::after_read(state.clone(), &access(), seen, None, now);
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
        let low =
            BudgetState::after_read(None, &access(), Some(reading(40, 0)), None, at(0)).unwrap();
        // Two requests per package: 40 are enough for four checks of five packages within the hour.
        let minutes = |packages, now| low.interval(packages, minute, at(now)).as_millis() / 60_000;
        assert_eq!((minutes(5, 0), minutes(5, 59)), (15, 15));
        assert_eq!(minutes(1, 0), 3);
        assert_eq!(minutes(1_000, 0), 60);
        assert_eq!(minutes(5, 60), 1, "the window is over");
        assert_eq!(
            BudgetState::after_read(Some(low), &access(), None, None, at(60)),
            None
        );
    }

    #[test]
    fn quota_of_a_clock_that_was_ahead_is_ignored() {
        let state = BudgetState {
            access: access(),
            pause: None,
            low: Some(reading(0, 30)),
            allowance: None,
        };
        let minute = Span::from_minutes(1);
        assert!(state.interval(5, minute, at(25)) > minute);
        assert_eq!(state.interval(5, minute, at(24)), minute);
        assert_eq!(
            BudgetState::after_read(Some(state), &access(), None, None, at(24)),
            None
        );
    }

    #[test]
    fn quota_without_a_window_is_not_stored() {
        let mut seen = reading(0, 0);
        seen.quota.resets_at = None;
        assert_eq!(
            BudgetState::after_read(None, &access(), Some(seen), None, at(0)),
            None
        );
    }

    #[test]
    fn interval_grows_so_that_reads_use_half_of_the_allowance() {
        let minute = Span::from_minutes(1);
        let allowed = |requests, minute: i64| AllowanceReading {
            per_minute: 200,
            at: at(minute),
            requests,
            packages: 10,
        };
        let read = |before: Option<&BudgetState>, requests, minute| {
            let allowed = Some(allowed(requests, minute));
            BudgetState::after_read(before.cloned(), &access(), None, allowed, at(minute)).unwrap()
        };
        let state = read(None, 10, 0);
        for (packages, seconds) in [(0, 60), (100, 60), (150, 90), (1_000, 600)] {
            let interval = state.interval(packages, minute, at(1));
            assert_eq!(interval, Span::from_seconds(seconds), "{packages}");
        }
        assert_eq!(allowed(20, 0).needed(300, minute), 600);
        // A read of the same cost changes nothing before half a day; one of twice the cost does.
        assert_eq!(read(Some(&state), 11, 1), state);
        assert_ne!(read(Some(&state), 20, 1), state);
        assert_ne!(read(Some(&state), 10, 720), state);
        let forgotten = BudgetState::after_read(Some(state), &access(), None, None, at(1_440));
        assert_eq!(forgotten, None);
    }
}
