//! Feeds of `feeds list` and `status`.

use std::io;

use domain::budget::Quota;
use domain::feed::Feed;
use domain::time::Timestamp;
use operator::overview::{Allowance, FeedState, FeedStatus, LookSettings};
use serde::Serialize;
use serde_json::json;

use super::grid::{Entry, Grid};
use super::paint::Tone;
use super::serialized::rfc3339;
use super::{Output, print};
use crate::args::OutputFormat;

/// A feed with its route and the result of its last check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FeedRow {
    pub id: String,
    pub name: String,
    /// Octopus's feed type.
    pub kind: String,
    pub space: String,
    /// `direct` or `octopus`.
    pub route: &'static str,
    /// The reason for the route.
    pub route_reason: &'static str,
    /// The credential that is sent, as far as it is known.
    pub credential: String,
    /// The number of its packages that triggers watch.
    pub packages: usize,
    /// The number of their versions in the last check.
    pub versions: usize,
    /// The result of its last check: `Read`, `Failed`, `Throttled`, `NotChecked` or `NotWatched`.
    pub state: &'static str,
    /// The result for users.
    #[serde(skip)]
    pub shown: String,
    #[serde(skip)]
    pub tone: Tone,
    /// The time of the last check; `null` unless it succeeded.
    #[serde(serialize_with = "rfc3339")]
    pub checked_at: Option<Timestamp>,
    /// The last change of a package.
    #[serde(serialize_with = "rfc3339")]
    pub changed_at: Option<Timestamp>,
    /// The number of checks that failed in a row.
    pub failed_checks: u32,
    /// The first of them.
    #[serde(serialize_with = "rfc3339")]
    pub failing_since: Option<Timestamp>,
    /// The time of the next check after failures; `null` if it is the next scheduler run.
    #[serde(serialize_with = "rfc3339")]
    pub next_check_at: Option<Timestamp>,
    /// The end of the pause that the feed's server requested.
    #[serde(serialize_with = "rfc3339")]
    pub throttled_until: Option<Timestamp>,
    /// The last failure; `null` if the last check succeeded.
    pub error: Option<String>,
    /// The seconds between two checks while the quota is low.
    pub stretched_to_seconds: Option<i64>,
    /// The server's limit for all requests of the API key's user, if it has shown one.
    pub allowance: Option<AllowanceRow>,
    /// The remaining quota while it is low.
    pub quota: Option<QuotaRow>,
}

/// A quota of requests.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QuotaRow {
    /// The number of requests in a window.
    pub limit: Option<u64>,
    /// The remaining requests.
    pub remaining: u64,
    /// The end of the window.
    pub resets_at: Option<String>,
}

/// The requests per minute that a server allows, and those that its feeds need.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AllowanceRow {
    pub per_minute: u32,
    pub needed_per_minute: u64,
}

/// A route to a feed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteRow {
    /// `direct` or `octopus`.
    pub route: &'static str,
    /// The reason for the route.
    pub route_reason: &'static str,
    /// The credential that is sent, as far as it is known.
    pub credential: String,
}

impl From<&FeedState> for FeedRow {
    fn from(state: &FeedState) -> Self {
        let mut row = Self::of(state);
        match &state.status {
            FeedStatus::Throttled(until) => {
                row.throttled_until = Some(*until);
                row.next_check_at = Some(*until);
            }
            FeedStatus::Failed {
                failures,
                since,
                until,
            } => {
                row.failed_checks = *failures;
                row.failing_since = *since;
                row.next_check_at = *until;
            }
            FeedStatus::Read { at, .. } => row.checked_at = Some(*at),
            FeedStatus::NotYet | FeedStatus::NotHere => {}
        }
        row
    }
}

impl FeedRow {
    /// The row without the facts of the last check.
    fn of(state: &FeedState) -> Self {
        let stretched = state.stretched();
        let quota = state.low.as_ref().map(|low| &low.quota);
        Self {
            id: state.feed.id.to_string(),
            name: state.feed.name.clone(),
            kind: state.feed.kind.feed_type().to_owned(),
            space: state.space_name.clone(),
            route: state.route.name(),
            route_reason: state.route_reason,
            credential: state.credential.clone(),
            packages: state.packages,
            versions: state.versions,
            state: match &state.status {
                FeedStatus::Throttled(_) => "Throttled",
                FeedStatus::Failed { .. } => "Failed",
                FeedStatus::Read { .. } => "Read",
                FeedStatus::NotYet => "NotChecked",
                FeedStatus::NotHere => "NotWatched",
            },
            shown: state.status.to_string(),
            tone: Tone::from(&state.status),
            checked_at: None,
            changed_at: state.changed_at,
            failed_checks: 0,
            failing_since: None,
            next_check_at: None,
            throttled_until: None,
            error: state.reason.clone(),
            stretched_to_seconds: stretched.map(|interval| interval.as_millis() / 1_000),
            allowance: state.allowance.map(AllowanceRow::from),
            quota: quota.map(QuotaRow::from),
        }
    }
}

impl FeedRow {
    /// Names the login of this machine with which the feed is read.
    #[must_use]
    pub fn with_login(self, login: Option<String>) -> Self {
        Self {
            credential: login.unwrap_or(self.credential),
            ..self
        }
    }
}

impl From<&FeedStatus> for Tone {
    fn from(status: &FeedStatus) -> Self {
        match status {
            FeedStatus::Read { .. } => Self::Good,
            FeedStatus::Throttled(_) => Self::Warning,
            FeedStatus::Failed { .. } => Self::Bad,
            FeedStatus::NotYet | FeedStatus::NotHere => Self::Plain,
        }
    }
}

impl RouteRow {
    /// The route that these settings select.
    pub fn of(feed: &Feed, settings: &LookSettings) -> Self {
        let (route, route_reason) = feed.route(&settings.access);
        Self {
            route: route.name(),
            route_reason,
            credential: settings.credential(feed),
        }
    }
}

impl From<Allowance> for AllowanceRow {
    fn from(allowance: Allowance) -> Self {
        Self {
            per_minute: allowance.per_minute,
            needed_per_minute: allowance.needed,
        }
    }
}

impl From<&Quota> for QuotaRow {
    fn from(quota: &Quota) -> Self {
        Self {
            limit: quota.limit,
            remaining: quota.remaining,
            resets_at: quota.resets_at.map(|at| at.to_string()),
        }
    }
}

impl Output {
    /// The feeds of `feeds list`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn feeds(&self, rows: &[FeedRow]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => print(format_args!("{:#}", json!(rows))),
            OutputFormat::Basic => rows.iter().try_for_each(|row| {
                let (id, name, kind) = (&row.id, &row.name, &row.kind);
                print(format_args!(
                    "{id}\t{name}\t{kind}\t{}\t{}",
                    row.route, row.shown
                ))
            }),
            OutputFormat::Table if rows.is_empty() => print(
                "No feeds: no trigger that feedctl runs watches one. `feedctl feeds list --all` lists all feeds.",
            ),
            OutputFormat::Table => {
                let header = ["Feed", "Kind", "Packages", "Route", "Credential", "State"];
                let mut grid = Grid::new(self.paint, header);
                for row in rows {
                    grid.row([
                        Entry::named(&row.name, &row.id),
                        row.kind.as_str().into(),
                        row.packages.to_string().into(),
                        format!("{}: {}", row.route, row.route_reason).into(),
                        row.credential.as_str().into(),
                        Entry::toned(row.tone, row.summary()),
                    ]);
                }
                print(grid)
            }
        }
    }
}

impl FeedRow {
    /// The state with the failure, the quota and the interval.
    pub(super) fn summary(&self) -> String {
        let interval = self.stretched_to_seconds.map(|seconds| match &self.allowance {
            Some(AllowanceRow {
                per_minute,
                needed_per_minute,
            }) => format!(
                "checked every {seconds} s: the server allows {per_minute} requests a minute, and the feeds that \
                 are read through it need {needed_per_minute}"
            ),
            None => format!("checked every {seconds} s while the quota is low"),
        });
        let quota = self.quota.as_ref().map(QuotaRow::summary);
        let lines = [
            Some(self.shown.clone()),
            self.error.clone(),
            quota,
            interval,
        ];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

impl QuotaRow {
    pub(super) fn summary(&self) -> String {
        let limit = self.limit.map(|limit| format!(" of {limit}"));
        let resets = self.resets_at.as_ref().map(|at| format!(" until {at}"));
        format!(
            "{}{} requests left{}",
            self.remaining,
            limit.unwrap_or_default(),
            resets.unwrap_or_default()
        )
    }
}
