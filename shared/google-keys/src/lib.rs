//! The public keys of Google's tokens, by which webhooks of Pub/Sub are verified.
//!
//! They are fetched from one fixed address at the first token, and kept as long as the answer's `Cache-Control` permits.
//! A token with an unknown key causes another fetch, at most one in five minutes, so that forged tokens cost nothing.

mod fetch;

use std::cell::RefCell;
use std::rc::Rc;

use domain::time::{Span, Timestamp};
use engine::with_causes;
use tokio::sync::Mutex;
use webhooks::JwtKeys;

use fetch::{Fetched, fetch};

/// The address of the keys. No other is asked.
const ADDRESS: &str = "https://www.googleapis.com/oauth2/v3/certs";

/// The shortest time between two fetches, whether or not they succeed.
const PAUSE: Span = Span::from_minutes(5);

/// The longest time that keys are kept, also if the answer permits more. Google permits about six hours.
const LONGEST: Span = Span::from_hours(24);

/// Keys that were fetched, and may be fetched again.
#[derive(Debug)]
pub struct GoogleKeys {
    address: String,
    last: RefCell<LastFetch>,
    /// Only one fetch at a time; others wait for its result.
    fetching: Mutex<()>,
}

#[derive(Debug, Default)]
struct LastFetch {
    at: Option<Timestamp>,
    keys: Option<Rc<JwtKeys>>,
    /// The time from which the keys are not used.
    until: Timestamp,
}

impl Default for GoogleKeys {
    /// Makes no request.
    fn default() -> Self {
        Self::at(ADDRESS)
    }
}

impl GoogleKeys {
    /// Keys from another address, for tests. Makes no request.
    pub fn at(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            last: RefCell::default(),
            fetching: Mutex::default(),
        }
    }

    /// The keys that may be used now.
    pub fn known(&self, now: Timestamp) -> Option<Rc<JwtKeys>> {
        let last = self.last.borrow();
        last.keys.clone().filter(|_| now < last.until)
    }

    /// The keys for a token whose key is not known: fetched now, unless there was a fetch in the last five minutes.
    pub async fn newer(&self, now: Timestamp) -> Option<Rc<JwtKeys>> {
        let _fetching = self.fetching.lock().await;
        let is_recent = |at: Timestamp| now.since(at) < PAUSE && !at.is_ahead_of(now);
        if self.last.borrow().at.is_some_and(is_recent) {
            return self.known(now);
        }
        self.last.borrow_mut().at = Some(now);
        match fetch(&self.address).await {
            Ok(Fetched { keys, max_age }) => {
                let mut last = self.last.borrow_mut();
                last.keys = Some(Rc::new(keys));
                last.until = now + max_age.clamp(PAUSE, LONGEST);
            }
            Err(error) => {
                let exception = with_causes(&error);
                tracing::error!(exception, "cannot fetch the keys of Google's tokens");
            }
        }
        self.known(now)
    }
}
