//! Rate limiter for the requests of one API key; [`LimiterState`] has its rules.
//!
//! A client learns from its own answers. Clients that share their state also learn from each other: the first 429 stops
//! all of them, because each looks at the shared state before a request. While the server limits the key, each request reserves its slot there. A caller waits
//! inside its call if the wait is short; otherwise it gets the remaining time as an error.

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::budget::{LimiterState, Precedence, RateReading, Slot};
use domain::time::{Span, Timestamp};
use engine::ports::{RateLimiters, StoreError};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// Time limit of a change of the shared state; after it the client uses its own state.
const MAX_SHARED_WAIT: Duration = Duration::from_secs(2);

/// LimiterState that several clients share.
pub trait SharedLimiter: fmt::Debug {
    /// [`RateLimiters::change_rate_limiter`].
    fn change<'a>(&'a self, change: &'a LimiterChange<'a>) -> LimiterUpdate<'a>;
}

/// A change of the shared state.
pub type LimiterChange<'a> = dyn Fn(Option<LimiterState>) -> Option<LimiterState> + 'a;
/// The state after the change.
pub type LimiterUpdate<'a> =
    Pin<Box<dyn Future<Output = Result<Option<LimiterState>, StoreError>> + 'a>>;

impl<S: RateLimiters + fmt::Debug> SharedLimiter for S {
    fn change<'a>(&'a self, change: &'a LimiterChange<'a>) -> LimiterUpdate<'a> {
        Box::pin(self.change_rate_limiter(change))
    }
}

/// The limiter. All requests of a client share one.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    state: Mutex<State>,
    shared: Option<Box<dyn SharedLimiter>>,
    /// An instant and its time, from which the current time is derived.
    origin: (Instant, Timestamp),
    is_off: bool,
}

#[derive(Debug, Default)]
struct State {
    limiter: LimiterState,
    /// Whether the server has answered a request since the shared state was last written.
    is_accepted: bool,
}

impl Default for RateLimiter {
    fn default() -> Self {
        let now = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond());
        Self {
            state: Mutex::default(),
            shared: None,
            origin: (Instant::now(), now),
            is_off: false,
        }
    }
}

impl RateLimiter {
    /// A limiter that never waits.
    pub(crate) fn off() -> Self {
        Self {
            is_off: true,
            ..Self::default()
        }
    }

    /// A limiter whose state other clients share.
    pub(crate) fn sharing(shared: Box<dyn SharedLimiter>) -> Self {
        Self {
            shared: Some(shared),
            ..Self::default()
        }
    }

    /// Waits until the next request may be sent.
    ///
    /// # Errors
    /// The remaining time if it exceeds `most`, which is not waited for.
    pub(crate) async fn acquire(
        &self,
        precedence: Precedence,
        most: Duration,
    ) -> Result<(), Duration> {
        if self.is_off {
            return Ok(());
        }
        let latest = self.now() + span(most);
        loop {
            let now = self.now();
            let slot = self.slot(precedence, latest, now).await;
            let (Slot::At(at) | Slot::AskAgain(at)) = slot;
            let wait = duration(at.since(now));
            if at > latest {
                return Err(wait);
            }
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            if let Slot::At(_) = slot {
                return Ok(());
            }
        }
    }

    /// The requests per minute that the server allows. `None`: it has shown no limit.
    pub(crate) fn allowance(&self) -> Option<u32> {
        self.lock().limiter.allowance
    }

    /// Whether the next request may be sent within this time. False for a limiter that is off: it must not repeat a
    /// refused request at once.
    pub(crate) fn has_short_wait(&self, most: Duration) -> bool {
        let latest = self.now() + span(most);
        let paused_until = self.lock().limiter.paused_until;
        !self.is_off && paused_until.is_none_or(|until| until <= latest)
    }

    /// Learns from an answer. `pause` is its `Retry-After`.
    pub(crate) async fn learn(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        pause: Option<Duration>,
    ) {
        let (now, reading) = (self.now(), reading(headers));
        let is_refused = status == StatusCode::TOO_MANY_REQUESTS;
        let learnt = |mut limiter: LimiterState| {
            match is_refused {
                true => limiter.refuse(pause.map(span), reading, now),
                false => limiter.accept(reading, now),
            }
            limiter
        };
        let (before, after) = {
            let mut state = self.lock();
            let before = state.limiter.clone();
            state.limiter = learnt(before.clone());
            state.is_accepted |= !is_refused;
            (before, state.limiter.clone())
        };
        // Readings of a server that does not limit are not shared.
        let is_news = before.is_limiting(now) != after.is_limiting(now);
        if is_refused || is_news {
            self.share(|stored| learnt(limiting(stored, &before, now)))
                .await;
        }
    }

    async fn slot(&self, precedence: Precedence, latest: Timestamp, now: Timestamp) -> Slot {
        let (own, is_accepted) = {
            let state = self.lock();
            (state.limiter.clone(), state.is_accepted)
        };
        let reserved = Cell::new(None);
        let shared = self.share(|stored| {
            let mut limiter = limiting(stored, &own, now);
            let is_limiting = limiter.is_limiting(now);
            if is_limiting && is_accepted {
                limiter.refusals = 0;
            }
            let slot = is_limiting.then(|| limiter.reserve(precedence, latest, now));
            reserved.set(Some(slot.unwrap_or(Slot::At(now))));
            limiter
        });
        if shared.await.is_some() {
            return reserved.get().unwrap_or(Slot::At(now));
        }
        match own.is_limiting(now) {
            true => self.lock().limiter.reserve(precedence, latest, now),
            false => Slot::At(now),
        }
    }

    /// Changes the shared state, and takes it over. `None` if that fails, or if the client shares no state.
    async fn share(&self, change: impl Fn(Option<LimiterState>) -> LimiterState) -> Option<()> {
        let shared = self.shared.as_ref()?;
        let change = |stored: Option<LimiterState>| {
            let was_known = stored.is_some();
            let next = change(stored);
            (was_known || next != LimiterState::default()).then_some(next)
        };
        let changed = tokio::time::timeout(MAX_SHARED_WAIT, shared.change(&change)).await;
        match changed {
            Ok(Ok(limiter)) => {
                let mut state = self.lock();
                state.limiter = limiter.unwrap_or_default();
                state.is_accepted = false;
                return Some(());
            }
            Ok(Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::debug!(error, "cannot share the rate limiter of Octopus's requests");
            }
            Err(_) => {
                tracing::debug!("cannot share the rate limiter of Octopus's requests in time");
            }
        }
        None
    }

    fn now(&self) -> Timestamp {
        let (start, time) = self.origin;
        time + span(start.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shared state, or the client's own state if only that limits requests.
fn limiting(stored: Option<LimiterState>, own: &LimiterState, now: Timestamp) -> LimiterState {
    let stored = stored.unwrap_or_default();
    match own.is_limiting(now) && !stored.is_limiting(now) {
        true => own.clone(),
        false => stored,
    }
}

fn span(duration: Duration) -> Span {
    Span::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

fn duration(span: Span) -> Duration {
    Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or_default())
}

/// The headers `Octopus-RateLimit: "user";r=REMAINING` and `Octopus-RateLimit-Policy: "user";q=QUOTA;w=SECONDS`.
fn reading(headers: &HeaderMap) -> Option<RateReading> {
    let number = |header: &str, name: &str| -> Option<u32> {
        let text = headers.get(header)?.to_str().ok()?;
        let parts = text.split([';', ',']).map(str::trim);
        let value = parts.filter_map(|part| part.strip_prefix(name)).next()?;
        value.strip_prefix('=')?.trim().parse().ok()
    };
    let remaining = number("octopus-ratelimit", "r")?;
    let quota = number("octopus-ratelimit-policy", "q").filter(|&quota| quota > 0)?;
    let seconds = number("octopus-ratelimit-policy", "w").unwrap_or(60);
    Some(RateReading {
        remaining,
        quota,
        window: Span::from_seconds(i64::from(seconds)),
    })
}
