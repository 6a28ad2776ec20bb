//! The configured receivers, from a secret of Secrets Manager.
//!
//! They are read again after five minutes, or after one minute if a request does not match them, because a
//! receiver or a key may be new. Requests of strangers therefore cost at most one read a minute.

use std::cell::RefCell;
use std::rc::Rc;

use aws::Secrets;
use domain::time::{Span, Timestamp};
use engine::with_causes;
use secrecy::ExposeSecret;
use webhooks::Receivers;

/// How long the receivers are used without another read.
const TIME_TO_LIVE: Span = Span::from_minutes(5);

/// The shortest time between two reads, whether or not they succeed.
const PAUSE: Span = Span::from_minutes(1);

/// The receivers of a secret.
pub(crate) struct StoredReceivers {
    secrets: Secrets,
    arn: String,
    last: RefCell<LastRead>,
}

#[derive(Default)]
struct LastRead {
    /// The receivers of the last read that succeeded.
    receivers: Option<Rc<Receivers>>,
    at: Option<Timestamp>,
}

impl StoredReceivers {
    /// Makes no request.
    pub(crate) fn new(secrets: Secrets, arn: String) -> Self {
        Self {
            secrets,
            arn,
            last: RefCell::default(),
        }
    }

    /// The receivers, read at most five minutes ago; older ones if the secret cannot be read. `None` if it could never be
    /// read.
    pub(crate) async fn current(&self, now: Timestamp) -> Option<Rc<Receivers>> {
        let is_due = match &*self.last.borrow() {
            LastRead {
                receivers: Some(_),
                at: Some(at),
            } => is_over(*at, TIME_TO_LIVE, now),
            LastRead { at, .. } => at.is_none_or(|at| is_over(at, PAUSE, now)),
        };
        if is_due {
            self.read(now).await;
        }
        self.last.borrow().receivers.clone()
    }

    /// The receivers of another read, for a request that the current ones refuse; `None` within a minute of the
    /// last read.
    pub(crate) async fn newer(&self, now: Timestamp) -> Option<Rc<Receivers>> {
        let at = self.last.borrow().at;
        if at.is_some_and(|at| !is_over(at, PAUSE, now)) {
            return None;
        }
        self.read(now).await;
        self.last.borrow().receivers.clone()
    }

    async fn read(&self, now: Timestamp) {
        self.last.borrow_mut().at = Some(now);
        let text = match self.secrets.get(&self.arn, true).await {
            Ok(text) => text,
            Err(error) => {
                let exception = with_causes(&error);
                tracing::error!(exception, "cannot read the receivers of webhooks");
                return;
            }
        };
        match Receivers::parse(text.expose_secret()) {
            Ok(receivers) => self.last.borrow_mut().receivers = Some(Rc::new(receivers)),
            Err(error) => {
                let exception = with_causes(&error);
                tracing::error!(exception, "cannot use the receivers of webhooks");
            }
        }
    }
}

fn is_over(since: Timestamp, time: Span, now: Timestamp) -> bool {
    now.since(since) >= time || since.is_ahead_of(now)
}
