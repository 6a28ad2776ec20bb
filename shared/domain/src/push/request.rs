//! The last requests that receivers of webhooks got, for users.

use crate::time::Timestamp;

/// The last request of one receiver with one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRequest {
    /// The receiver's name.
    pub receiver: String,
    /// The kind of sender, such as `github`.
    pub sender: String,
    pub outcome: WebhookOutcome,
    pub at: Timestamp,
    /// Why it was ignored or refused.
    pub reason: Option<String>,
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WebhookOutcome {
    /// It announced pushes.
    Accepted,
    /// It was proven, and announced no push of a version.
    Ignored,
    /// It had no proof of its sender, or another form.
    Refused,
}

impl WebhookOutcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Ignored, Self::Refused];

    /// The name, such as `accepted`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        }
    }
}
