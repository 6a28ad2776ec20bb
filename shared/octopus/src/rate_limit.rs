//! Rate limiter for the requests of one API key (Octopus 2026.3 and later; section "Rate limiting" of its docs).
//!
//! Octopus limits each user by a token bucket and answers 429 beyond it. The limiter learns from these answers and
//! from the rate limit headers:
//! - after a 429 no request is sent before `Retry-After` has passed, or before a growing pause if there is none;
//! - requests are then spaced to stay below the allowance, at [`SHARE`] of it, as long as it is nearly used up;
//! - a caller waits inside its call if the wait is short; otherwise it gets the remaining time as an error.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// Percentage of the allowance that requests use once it is nearly used up; other clients may share the user.
const SHARE: u32 = 80;
/// Spacing of requests after a 429 without headers: 80 % of Octopus's default of 200 requests per minute.
const SPACING: Duration = Duration::from_millis(375);
/// First pause after a 429 without `Retry-After`; doubled with each further 429.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause after a 429 without `Retry-After`.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The spacing doubles with each further 429, up to this.
const LONGEST_SPACING: Duration = Duration::from_secs(10);
/// The spacing is halved after this time without 429.
const RELAX_AFTER: Duration = Duration::from_secs(60);
/// Requests are spaced while fewer than this percentage of the allowance remains.
const RESERVE: u32 = 20;

/// The limiter. All requests of a client share one.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    state: Mutex<State>,
    is_off: bool,
}

#[derive(Debug, Default)]
struct State {
    /// No request before: the end of a `Retry-After` or a pause.
    paused_until: Option<Instant>,
    /// No request before: the spacing after the previous request.
    next: Option<Instant>,
    spacing: Duration,
    /// When the spacing is halved.
    relaxed_at: Option<Instant>,
    /// Consecutive 429 answers.
    refusals: u32,
}

impl RateLimiter {
    /// A limiter that never waits.
    pub(crate) fn off() -> Self {
        Self {
            is_off: true,
            ..Self::default()
        }
    }

    /// Waits until the next request may be sent.
    ///
    /// # Errors
    /// The remaining time if it exceeds `most`; nothing was waited for.
    pub(crate) async fn acquire(&self, most: Duration) -> Result<(), Duration> {
        if self.is_off {
            return Ok(());
        }
        let wait = self.reserve(most)?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Whether the next request may be sent within this time. False for a limiter that is off: it must not repeat a
    /// refused request at once.
    pub(crate) fn has_short_wait(&self, most: Duration) -> bool {
        let state = self.lock();
        let latest = Instant::now() + most;
        !self.is_off && state.paused_until.is_none_or(|at| at <= latest)
    }

    /// Reserves the next slot; returns the time until it begins.
    fn reserve(&self, most: Duration) -> Result<Duration, Duration> {
        let mut state = self.lock();
        let now = Instant::now();
        if state.relaxed_at.is_some_and(|at| at <= now) {
            let halved = state.spacing / 2;
            state.spacing = halved
                .checked_sub(SPACING)
                .map_or(Duration::ZERO, |_| halved);
            state.relaxed_at = (!state.spacing.is_zero()).then(|| now + RELAX_AFTER);
        }
        let waits = [state.paused_until, state.next].into_iter().flatten();
        let at = waits.max().map_or(now, |at| at.max(now));
        let wait = at - now;
        if wait > most {
            return Err(wait);
        }
        state.next = Some(at + state.spacing);
        Ok(wait)
    }

    /// Learns from an answer. `pause` is its `Retry-After`.
    pub(crate) fn learn(&self, status: StatusCode, headers: &HeaderMap, pause: Option<Duration>) {
        let mut state = self.lock();
        let now = Instant::now();
        if status == StatusCode::TOO_MANY_REQUESTS {
            // Requests that were sent together are refused together; they count as one refusal.
            if state.paused_until.is_none_or(|at| at <= now) {
                state.refusals += 1;
                state.spacing = (state.spacing * 2).clamp(SPACING, LONGEST_SPACING);
            }
            let doubled = FIRST_PAUSE.saturating_mul(1 << state.refusals.saturating_sub(1).min(6));
            let until = now + pause.unwrap_or_else(|| doubled.min(LONGEST_PAUSE));
            state.paused_until = Some(state.paused_until.map_or(until, |at| at.max(until)));
            state.relaxed_at = Some(until + RELAX_AFTER);
        } else {
            state.refusals = 0;
            if let Some(spacing) = spacing(headers) {
                state.spacing = spacing;
                state.relaxed_at = None;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The spacing by `Octopus-RateLimit: "user";r=REMAINING` and `Octopus-RateLimit-Policy: "user";q=QUOTA;w=SECONDS`.
/// None without these headers.
fn spacing(headers: &HeaderMap) -> Option<Duration> {
    let number = |header: &str, name: &str| -> Option<u32> {
        let text = headers.get(header)?.to_str().ok()?;
        let parts = text.split([';', ',']).map(str::trim);
        let value = parts.filter_map(|part| part.strip_prefix(name)).next()?;
        value.strip_prefix('=')?.trim().parse().ok()
    };
    let remaining = number("octopus-ratelimit", "r")?;
    let quota = number("octopus-ratelimit-policy", "q").filter(|&quota| quota > 0)?;
    let window = number("octopus-ratelimit-policy", "w").unwrap_or(60);
    if remaining.saturating_mul(100) >= quota.saturating_mul(RESERVE) {
        return Some(Duration::ZERO);
    }
    let per_request = Duration::from_secs(u64::from(window)) / quota;
    Some(per_request * 100 / SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(100);

    fn refuse(limiter: &RateLimiter, pause: Option<u64>) {
        let pause = pause.map(Duration::from_secs);
        limiter.learn(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), pause);
    }

    async fn waited(limiter: &RateLimiter) -> u128 {
        let start = Instant::now();
        limiter.acquire(LONG).await.unwrap();
        start.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_retry_after_and_are_spaced_then() {
        let limiter = RateLimiter::default();
        assert_eq!(waited(&limiter).await, 0);
        refuse(&limiter, Some(7));
        assert_eq!(waited(&limiter).await, 7_000);
        assert_eq!(waited(&limiter).await, 375);
        tokio::time::advance(RELAX_AFTER).await;
        assert_eq!(waited(&limiter).await, 0);
        assert_eq!(waited(&limiter).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_without_retry_after_grow() {
        let limiter = RateLimiter::default();
        for seconds in [1, 2, 4] {
            refuse(&limiter, None);
            assert_eq!(waited(&limiter).await, seconds * 1_000);
        }
        limiter.learn(StatusCode::OK, &HeaderMap::new(), None);
        refuse(&limiter, None);
        assert_eq!(
            waited(&limiter).await,
            1_500,
            "the first pause, and the spacing"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn long_wait_is_an_error_with_the_remaining_time() {
        let limiter = RateLimiter::default();
        refuse(&limiter, Some(300));
        tokio::time::advance(Duration::from_secs(100)).await;
        let left = limiter.acquire(LONG).await.unwrap_err();
        assert_eq!(left, Duration::from_secs(200));
        assert_eq!(RateLimiter::off().acquire(Duration::ZERO).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn headers_space_requests_when_little_remains() {
        let limiter = RateLimiter::default();
        let headers = |remaining: u32| {
            let mut headers = HeaderMap::new();
            let limit = format!("\"user\";r={remaining};t=9");
            headers.insert("octopus-ratelimit", limit.parse().unwrap());
            headers.insert(
                "octopus-ratelimit-policy",
                "\"user\";q=200;w=60".parse().unwrap(),
            );
            headers
        };
        for (remaining, spacing) in [(199, 0), (40, 0), (39, 375), (0, 375), (100, 0)] {
            limiter.learn(StatusCode::OK, &headers(remaining), None);
            waited(&limiter).await;
            assert_eq!(waited(&limiter).await, spacing, "{remaining}");
            limiter.learn(StatusCode::OK, &headers(200), None);
            waited(&limiter).await;
        }
    }
}
