//! Rate limiter: when the next request with Octopus's API key is sent.
//!
//! Octopus limits the requests of each user by a token bucket and answers 429 beyond it (Octopus 2026.3 and later). All
//! processes with the same key share the bucket, so they share the state: one reserves the next slot and stores it before
//! it sends. After a 429
//! - no request is sent before `Retry-After` has passed, or before a growing pause if there is none;
//! - requests are then spaced to use [`SHARE`] of the allowance, until a minute has passed without a 429 and the program is
//!   idle.
//!
//! Slots go to requests in the order of their [`Precedence`]: a request of a lower one waits until few slots are
//! reserved.

use crate::due::LONGEST_THROTTLE;
use crate::time::{Span, Timestamp};

/// Percentage of the allowance that requests use once it is nearly used up; other clients may share the user.
const SHARE: u32 = 80;
/// Octopus's default allowance: requests per minute of a user.
pub const DEFAULT_ALLOWANCE: u32 = 200;
/// First pause after a 429 without `Retry-After`; doubled with each further 429.
const FIRST_PAUSE: Span = Span::from_seconds(1);
/// Longest pause after a 429 without `Retry-After`.
const LONGEST_PAUSE: Span = Span::from_seconds(60);
/// The spacing doubles with each further 429, up to this.
const LONGEST_SPACING: Span = Span::from_seconds(10);
/// The spacing is halved after this time without 429, and ends once the program is idle.
const RELAX_AFTER: Span = Span::from_seconds(60);
/// A program that has sent no request for this time is idle.
const IDLE_AFTER: Span = Span::from_seconds(10);
/// Requests are spaced while fewer than this percentage of the allowance remains.
const RESERVE: u32 = 20;
/// Slots are reserved at most this long before they begin.
const LONGEST_QUEUE: Span = Span::from_minutes(1);
/// The allowance is remembered for this time after the last sign of it.
const REMEMBERED_FOR: Span = Span::from_hours(24);

/// The order of requests while the server limits them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    /// Requests of evaluations, and of users who wait.
    First,
    /// Requests of a refresh of the watch list.
    Refresh,
    /// Reads of a feed's versions.
    Versions,
}

impl Precedence {
    /// How many slots may be reserved before a request of this precedence waits. `None`: it never waits for others.
    fn most_reserved(self) -> Option<i64> {
        match self {
            Self::First => None,
            Self::Refresh => Some(4),
            Self::Versions => Some(1),
        }
    }
}

/// The state of a rate limiter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimiterState {
    /// No request before: the end of a `Retry-After` or a pause.
    pub paused_until: Option<Timestamp>,
    /// No request before: the first slot that is not reserved.
    pub next: Option<Timestamp>,
    /// The time between two slots.
    pub spacing: Span,
    /// When the spacing is halved. `None` while it follows the server's headers.
    pub relaxed_at: Option<Timestamp>,
    /// Consecutive 429 answers.
    pub refusals: u32,
    /// The requests per minute that the server allows the key's user, by its headers, or [`DEFAULT_ALLOWANCE`] after a
    /// 429 without them. `None`: unknown, perhaps unlimited.
    pub allowance: Option<u32>,
    /// The last sign of the allowance.
    pub seen_at: Timestamp,
}

/// The server's headers about its rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateReading {
    /// The remaining requests.
    pub remaining: u32,
    /// The requests of a window; at least 1.
    pub quota: u32,
    /// The window.
    pub window: Span,
}

/// The answer to the request for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The request may be sent at this time.
    At(Timestamp),
    /// Requests with more precedence go first; ask again at this time.
    AskAgain(Timestamp),
}

impl LimiterState {
    /// Whether requests have to reserve slots.
    pub fn is_limiting(&self, now: Timestamp) -> bool {
        !self.spacing_at(now).is_zero() || self.pause(now).is_some()
    }

    /// The end of the current pause. A later end than a server may request was stored by a clock that was ahead.
    pub fn pause(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.paused_until.filter(|&until| until > now)?;
        (until.since(now) <= LONGEST_THROTTLE).then_some(until)
    }

    /// Reserves the next slot that begins by `latest`. A slot after that is not reserved.
    pub fn reserve(&mut self, precedence: Precedence, latest: Timestamp, now: Timestamp) -> Slot {
        self.relax(now);
        let free = self.pause(now).unwrap_or(now);
        // A later slot was reserved by a clock that was ahead.
        let next = self.next.filter(|next| next.since(free) <= LONGEST_QUEUE);
        let at = next.map_or(free, |next| next.max(free));
        if let Some(most) = precedence.most_reserved() {
            let reserved = Span::from_millis(self.spacing.as_millis().saturating_mul(most));
            if at.since(free) > reserved {
                return Slot::AskAgain(at - reserved);
            }
        }
        if at <= latest {
            self.next = Some(at + self.spacing);
        }
        Slot::At(at)
    }

    /// Learns from a 429. `retry_after`: the pause that the server requested.
    pub fn refuse(
        &mut self,
        retry_after: Option<Span>,
        reading: Option<RateReading>,
        now: Timestamp,
    ) {
        // Requests that were sent together are refused together; they count as one refusal.
        if self.pause(now).is_none() {
            self.refusals = self.refusals.saturating_add(1);
            let doubled = Span::from_millis(self.spacing.as_millis().saturating_mul(2));
            self.see(reading, now);
            self.spacing = doubled.max(self.usual_spacing()).min(LONGEST_SPACING);
        }
        let pause = retry_after.unwrap_or_else(|| {
            let factor = 1 << self.refusals.saturating_sub(1).min(6);
            Span::from_millis(FIRST_PAUSE.as_millis() * factor).min(LONGEST_PAUSE)
        });
        let until = now + pause.min(LONGEST_THROTTLE);
        let until = self.pause(now).map_or(until, |before| before.max(until));
        self.paused_until = Some(until);
        self.relaxed_at = Some(until + RELAX_AFTER);
    }

    /// Learns from any other answer.
    pub fn accept(&mut self, reading: Option<RateReading>, now: Timestamp) {
        self.refusals = 0;
        let Some(seen) = reading else { return };
        self.see(reading, now);
        let is_enough = seen.remaining.saturating_mul(100) >= seen.quota.saturating_mul(RESERVE);
        self.spacing = if is_enough {
            Span::default()
        } else {
            self.usual_spacing()
        };
        self.relaxed_at = None;
    }

    /// When the state has no effect any more.
    pub fn forgotten_at(&self) -> Timestamp {
        self.seen_at + REMEMBERED_FOR
    }

    fn see(&mut self, reading: Option<RateReading>, now: Timestamp) {
        let by_headers = reading.map(|seen| {
            let minutes = seen.window.as_millis().max(1);
            let per_minute = i64::from(seen.quota).saturating_mul(60_000) / minutes;
            u32::try_from(per_minute).unwrap_or(u32::MAX).max(1)
        });
        let known = by_headers.or(self.allowance);
        self.allowance = Some(known.unwrap_or(DEFAULT_ALLOWANCE));
        self.seen_at = now;
    }

    /// The spacing at [`SHARE`] of the allowance.
    fn usual_spacing(&self) -> Span {
        let allowance = self.allowance.unwrap_or(DEFAULT_ALLOWANCE);
        Span::from_millis(60_000 * 100 / i64::from(SHARE) / i64::from(allowance.max(1)))
    }

    fn spacing_at(&self, now: Timestamp) -> Span {
        let mut relaxed = self.clone();
        relaxed.relax(now);
        relaxed.spacing
    }

    fn relax(&mut self, now: Timestamp) {
        if self.relaxed_at.is_none_or(|at| at > now) {
            return;
        }
        let halved = Span::from_millis(self.spacing.as_millis() / 2);
        // Without spacing, a busy program would soon use up the allowance again.
        let is_idle = self.next.is_none_or(|next| now.since(next) >= IDLE_AFTER);
        let is_over = is_idle && halved < self.usual_spacing();
        self.spacing = match is_over {
            true => Span::default(),
            false => halved.max(self.usual_spacing()),
        };
        self.relaxed_at = (!is_over).then(|| now + RELAX_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn slot(limiter: &mut LimiterState, precedence: Precedence, now: i64) -> Slot {
        limiter.reserve(precedence, at(now) + Span::from_seconds(100), at(now))
    }

    fn next(limiter: &mut LimiterState, now: i64) -> i64 {
        match slot(limiter, Precedence::First, now) {
            Slot::At(at) => at.as_millis(),
            Slot::AskAgain(_) => panic!("an evaluation waits for others"),
        }
    }

    fn refused(limiter: &mut LimiterState, seconds: Option<i64>, now: i64) {
        limiter.refuse(seconds.map(Span::from_seconds), None, at(now));
    }

    #[test]
    fn requests_wait_for_retry_after_and_are_spaced_then() {
        let mut limiter = LimiterState::default();
        assert_eq!((next(&mut limiter, 0), next(&mut limiter, 0)), (0, 0));
        refused(&mut limiter, Some(7), 0);
        let slots = [(); 3].map(|()| next(&mut limiter, 0));
        assert_eq!(slots, [7_000, 7_375, 7_750]);
        assert!(limiter.is_limiting(at(66_999)) && !limiter.is_limiting(at(67_000)));
        assert_eq!(
            [(); 2].map(|()| next(&mut limiter, 67_000)),
            [67_000, 67_000]
        );
    }

    #[test]
    fn spacing_stays_while_the_program_is_busy() {
        let mut limiter = LimiterState::default();
        refused(&mut limiter, Some(0), 0);
        for now in (0..600_000).step_by(3_000) {
            next(&mut limiter, now);
            assert_eq!(limiter.spacing, Span::from_millis(375));
        }
        assert!(limiter.is_limiting(at(607_000)));
        assert!(!limiter.is_limiting(at(700_000)));
    }

    #[test]
    fn pauses_without_retry_after_grow_and_so_does_the_spacing() {
        let (mut limiter, mut now) = (LimiterState::default(), 0);
        for (pause, spacing) in [(1_000, 375), (2_000, 750), (4_000, 1_500)] {
            refused(&mut limiter, None, now);
            let first = next(&mut limiter, now);
            assert_eq!(
                (first, next(&mut limiter, now)),
                (now + pause, now + pause + spacing)
            );
            now = first + spacing;
        }
        limiter.accept(None, at(now));
        refused(&mut limiter, None, now);
        assert_eq!(
            limiter.paused_until,
            Some(at(now + 1_000)),
            "the first pause again"
        );
        for _ in 0..100 {
            now += 120_000;
            refused(&mut limiter, None, now);
        }
        assert_eq!(limiter.paused_until, Some(at(now + 60_000)));
        assert!(limiter.spacing <= LONGEST_SPACING);
    }

    #[test]
    fn requests_that_are_refused_together_count_once() {
        let mut limiter = LimiterState::default();
        refused(&mut limiter, Some(5), 0);
        refused(&mut limiter, Some(9), 1);
        refused(&mut limiter, Some(1), 2);
        assert_eq!(
            (limiter.refusals, limiter.paused_until),
            (1, Some(at(9_001)))
        );
    }

    #[test]
    fn slot_after_the_latest_time_is_not_reserved() {
        let mut limiter = LimiterState::default();
        refused(&mut limiter, Some(60), 0);
        for _ in 0..2 {
            let slot = limiter.reserve(Precedence::First, at(15_000), at(0));
            assert_eq!(slot, Slot::At(at(60_000)));
        }
    }

    #[test]
    fn lower_precedence_waits_until_few_slots_are_reserved() {
        let mut limiter = LimiterState::default();
        refused(&mut limiter, Some(0), 0);
        for _ in 0..6 {
            next(&mut limiter, 0);
        }
        let waits = [Precedence::Refresh, Precedence::Versions];
        let asked = waits.map(|precedence| slot(&mut limiter, precedence, 0));
        assert_eq!(asked, [Slot::AskAgain(at(750)), Slot::AskAgain(at(1_875))]);
        assert_eq!(
            slot(&mut limiter, Precedence::Versions, 750),
            Slot::AskAgain(at(1_875))
        );
        assert_eq!(
            slot(&mut limiter, Precedence::Refresh, 750),
            Slot::At(at(2_250))
        );
    }

    #[test]
    fn headers_space_requests_when_little_remains() {
        let mut limiter = LimiterState::default();
        let reading = |remaining, quota, seconds| {
            let window = Span::from_seconds(seconds);
            Some(RateReading {
                remaining,
                quota,
                window,
            })
        };
        for (remaining, spacing) in [(199, 0), (40, 0), (39, 375), (0, 375), (100, 0)] {
            limiter.accept(reading(remaining, 200, 60), at(0));
            assert_eq!(limiter.spacing, Span::from_millis(spacing), "{remaining}");
        }
        limiter.accept(reading(0, 50, 30), at(0));
        assert_eq!(
            (limiter.allowance, limiter.spacing),
            (Some(100), Span::from_millis(750))
        );
        let mut refused = LimiterState::default();
        refused.refuse(None, None, at(5));
        assert_eq!(
            (refused.allowance, refused.forgotten_at()),
            (Some(200), at(5) + REMEMBERED_FOR)
        );
    }
}
