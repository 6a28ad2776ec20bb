//! What is remembered of a budget: the pause that was asked for, and a quota that runs low.
//!
//! A budget that is well has no state, so a check that finds nothing out of the ordinary writes nothing.
//! A quota is remembered from half of its limit downwards, and again only when what is left has halved or
//! doubled since: a few writes in a window, however many checks there are.

use super::{Quota, pace};
use crate::due::BackOff;
use crate::feed::Access;
use crate::time::{Span, Timestamp};

/// A quota without a known limit is low from here on: what Docker Hub gives without a credential.
const LOW: u64 = 100;

/// What is remembered of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetState {
    /// How feeds were read when this was written: what tells the planner which feeds share the budget.
    pub access: Access,
    /// The pause that was asked for, or that follows from being told to stop.
    pub pause: Option<BackOff>,
    /// The quota, while it is low.
    pub low: Option<QuotaReading>,
}

/// What a read left of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaReading {
    /// The quota after the read.
    pub quota: Quota,
    /// When that was.
    pub at: Timestamp,
    /// How many requests the read took.
    pub requests: u64,
    /// How many packages it read.
    pub packages: u64,
}

impl BudgetState {
    /// The state after a read at `now` was told to stop. `asked` is the pause that it was given; without
    /// one, the wait doubles from one minute to fifteen. A pause that somebody else was given meanwhile is
    /// never shortened, and counts as the same one.
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
            pause.until = running.until.max(now + asked.unwrap_or_default());
        }
        Self {
            access: access.clone(),
            pause: Some(pause),
            low,
        }
    }

    /// The state after a read at `now` that was not told to stop, if there is anything to remember. It
    /// equals `before` if nothing material changed.
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

    /// Until when nothing may be asked.
    pub fn throttled_until(&self, now: Timestamp) -> Option<Timestamp> {
        let pause = self.pause.as_ref().filter(|pause| !pause.is_over(now))?;
        Some(pause.until)
    }

    /// The interval between checks of the budget's feeds, which watch so many packages together: the usual
    /// one, or as much longer as the quota needs to last.
    pub fn interval(&self, packages: usize, usual: Span, now: Timestamp) -> Span {
        let Some(low) = self.low.as_ref().filter(|low| low.is_running(now)) else {
            return usual;
        };
        let packages = u64::try_from(packages).unwrap_or(u64::MAX);
        let spent = low
            .requests
            .saturating_mul(packages)
            .div_ceil(low.packages.max(1));
        // As of the reading, so that the plan stands until there is a new one.
        pace(&low.quota, spent, usual, low.at)
    }
}

impl QuotaReading {
    fn is_running(&self, now: Timestamp) -> bool {
        self.quota
            .resets_at
            .is_some_and(|resets_at| now < resets_at)
    }

    fn is_low(&self) -> bool {
        self.quota.remaining <= self.quota.limit.map_or(LOW, |limit| limit / 2)
    }

    /// Whether what is left has halved or doubled, so that the pace is another one.
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

    fn told(before: Option<BudgetState>, minutes: Option<i64>, now: i64) -> BudgetState {
        let asked = minutes.map(Span::from_minutes);
        BudgetState::after_throttle(before, &access(), "429".into(), asked, at(now))
    }

    /// What `throttled_until` says at a minute, in minutes.
    fn until(state: &BudgetState, minute: i64) -> Option<i64> {
        let until = state.throttled_until(at(minute))?;
        Some(until.as_millis() / 60_000)
    }

    #[test]
    fn a_pause_is_kept_to_its_end_and_never_shortened() {
        let first = told(None, Some(30), 0);
        assert_eq!((until(&first, 29), until(&first, 30)), (Some(30), None));
        // Somebody whose request was under way is told less, nothing, or more.
        assert_eq!(until(&told(Some(first.clone()), Some(5), 1), 1), Some(30));
        assert_eq!(until(&told(Some(first.clone()), None, 1), 1), Some(30));
        let more = told(Some(first), Some(60), 1);
        assert_eq!(until(&more, 1), Some(61));
        assert_eq!(more.pause.unwrap().failures, 1);
    }

    #[test]
    fn without_a_time_the_wait_doubles() {
        let mut state = None;
        let mut waits = Vec::new();
        let mut now = 0;
        for _ in 0..6 {
            let next = told(state, None, now);
            let end = until(&next, now).unwrap();
            waits.push(end - now);
            (now, state) = (end, Some(next));
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 15]);
    }

    #[test]
    fn a_pause_is_forgotten_once_it_is_over_and_a_read_went_well() {
        let state = told(None, Some(30), 0);
        let during = BudgetState::after_read(Some(state.clone()), &access(), None, at(10));
        assert_eq!(during, Some(state.clone()), "somebody else is told to wait");
        let after = BudgetState::after_read(Some(state), &access(), None, at(30));
        assert_eq!(after, None);
    }

    #[test]
    fn a_quota_is_remembered_when_it_is_low_and_changed_by_half() {
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
        assert_eq!(written[7..], [None], "there is plenty again");
    }

    #[test]
    fn the_interval_is_stretched_until_the_quota_is_there_anew() {
        let minute = Span::from_minutes(1);
        let low = BudgetState::after_read(None, &access(), Some(reading(40, 0)), at(0)).unwrap();
        // Two requests a package: 40 are enough for four rounds of five packages, in an hour.
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
    fn a_quota_without_an_end_is_not_remembered() {
        let mut seen = reading(0, 0);
        seen.quota.resets_at = None;
        assert_eq!(
            BudgetState::after_read(None, &access(), Some(seen), at(0)),
            None
        );
    }
}
