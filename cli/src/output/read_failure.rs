//! A package that could not be read.

use std::fmt;

use domain::time::Timestamp;
use serde::Serialize;

use super::serialized::rfc3339_of;
use super::{ago, count};

/// A package that could not be read in its last checks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReadFailure {
    pub package: String,
    /// The feed's name.
    pub feed: String,
    /// The number of checks that failed in a row.
    pub failed_checks: u32,
    /// The last failure.
    pub reason: String,
    /// Whether the feed's server requested the pause.
    pub is_throttled: bool,
    /// The time before which the package is not checked again.
    #[serde(serialize_with = "rfc3339_of")]
    pub next_check_at: Timestamp,
    /// The time of this information.
    #[serde(skip)]
    pub seen_at: Timestamp,
}

impl fmt::Display for ReadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            package,
            feed,
            reason,
            ..
        } = self;
        let failed = usize::try_from(self.failed_checks).unwrap_or(usize::MAX);
        let failed = count(failed, "failed check");
        let next = match self.next_check_at > self.seen_at {
            true => ago(self.next_check_at, self.seen_at),
            false => "with the next scheduler run".to_owned(),
        };
        write!(
            f,
            "cannot read {package} from {feed}: {reason} ({failed}; next check {next})"
        )
    }
}
