//! A package that could not be read.

use std::fmt;

use domain::time::Timestamp;
use operator::overview::FailedPackage;
use serde::Serialize;

use super::ago;
use super::serialized::{rfc3339, rfc3339_of};

/// A package that could not be read in its last checks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReadFailure {
    pub package_id: String,
    pub feed_id: String,
    pub feed_name: String,
    /// The number of checks that failed in a row.
    pub failed_checks: u32,
    /// The first of them.
    #[serde(serialize_with = "rfc3339")]
    pub failing_since: Option<Timestamp>,
    /// The last failure.
    pub error: String,
    /// Whether the feed's server requested the pause.
    pub is_throttled: bool,
    /// The time before which the package is not checked again.
    #[serde(serialize_with = "rfc3339_of")]
    pub next_check_at: Timestamp,
    /// The failure for users, without the next check.
    #[serde(skip)]
    text: String,
    /// The time of this information.
    #[serde(skip)]
    seen_at: Timestamp,
}

impl ReadFailure {
    /// The failure at this time.
    pub fn new(failed: &FailedPackage, now: Timestamp) -> Self {
        let failure = &failed.failure;
        Self {
            package_id: failed.package.package.to_string(),
            feed_id: failed.package.feed.to_string(),
            feed_name: failed.feed_name.clone(),
            failed_checks: failure.failures,
            failing_since: failure.since,
            error: failure.reason.clone(),
            is_throttled: failure.throttled,
            next_check_at: failure.until,
            text: failed.to_string(),
            seen_at: now,
        }
    }
}

impl fmt::Display for ReadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = match self.next_check_at > self.seen_at {
            true => ago(self.next_check_at, self.seen_at),
            false => "with the next scheduler run".to_owned(),
        };
        write!(f, "{}; next check {next}", self.text)
    }
}
