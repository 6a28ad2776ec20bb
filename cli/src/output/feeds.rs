//! Feeds, as `feeds list` and `status` show them.

use std::io;

use domain::budget::Quota;
use domain::feed::Feed;
use operator::overview::{FeedState, FeedStatus, LookSettings};
use serde::Serialize;
use serde_json::json;

use super::grid::{Entry, Grid};
use super::paint::Tone;
use super::{Output, say};
use crate::args::OutputFormat;

/// One feed, as `feeds list` shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FeedRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Octopus's name of its kind.
    pub kind: String,
    /// The space's name.
    pub space: String,
    /// `direct` or `octopus`.
    pub route: &'static str,
    /// Why it is read that way.
    pub route_reason: &'static str,
    /// Whose credential is sent, as far as that is known.
    pub credential: String,
    /// How many of its packages triggers watch.
    pub packages: usize,
    /// How its last check ended.
    pub state: String,
    /// Whether somebody should know of that.
    #[serde(skip)]
    pub tone: Tone,
    /// Until when it is not asked, because that was asked for.
    pub throttled_until: Option<String>,
    /// The last failure.
    pub reason: Option<String>,
    /// Seconds between two checks, while a quota is low.
    pub stretched_to_seconds: Option<i64>,
    /// What is left of the quota, while it is low.
    pub quota: Option<QuotaRow>,
}

/// What is left of a quota.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QuotaRow {
    /// How many requests a window has.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: u64,
    /// When the window ends.
    pub resets_at: Option<String>,
}

/// How a feed is read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WayRow {
    /// `direct` or `octopus`.
    pub route: &'static str,
    /// Why it is read that way.
    pub route_reason: &'static str,
    /// Whose credential is sent, as far as that is known.
    pub credential: String,
}

impl From<&FeedState> for FeedRow {
    fn from(state: &FeedState) -> Self {
        let throttled = match state.standing {
            FeedStatus::Throttled(until) => Some(until.to_string()),
            _ => None,
        };
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
            state: state.standing.to_string(),
            tone: Tone::from(&state.standing),
            throttled_until: throttled,
            reason: state.reason.clone(),
            stretched_to_seconds: stretched.map(|interval| interval.as_millis() / 1_000),
            quota: quota.map(QuotaRow::from),
        }
    }
}

impl From<&FeedStatus> for Tone {
    fn from(standing: &FeedStatus) -> Self {
        match standing {
            FeedStatus::Read { .. } => Self::Good,
            FeedStatus::Throttled(_) => Self::Warning,
            FeedStatus::Failed(..) => Self::Bad,
            FeedStatus::NotYet | FeedStatus::NotHere => Self::Plain,
        }
    }
}

impl WayRow {
    /// As whoever these settings are of reads it.
    pub fn of(feed: &Feed, settings: &LookSettings) -> Self {
        let (route, route_reason) = feed.route(&settings.access);
        Self {
            route: route.name(),
            route_reason,
            credential: settings.credential(feed),
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
    /// All feeds.
    pub fn feeds(&self, rows: &[FeedRow]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => say(format_args!("{:#}", json!(rows))),
            OutputFormat::Basic => rows.iter().try_for_each(|row| {
                let (id, name, kind) = (&row.id, &row.name, &row.kind);
                say(format_args!(
                    "{id}\t{name}\t{kind}\t{}\t{}",
                    row.route, row.state
                ))
            }),
            OutputFormat::Table => {
                let header = ["Feed", "Kind", "Packages", "Read", "Credential", "State"];
                let mut grid = Grid::new(self.paint, header);
                for row in rows {
                    grid.row([
                        Entry::named(&row.name, &row.id),
                        row.kind.as_str().into(),
                        row.packages.to_string().into(),
                        format!("{}: {}", row.route, row.route_reason).into(),
                        row.credential.as_str().into(),
                        Entry::toned(row.tone, row.told()),
                    ]);
                }
                say(grid)
            }
        }
    }
}

impl FeedRow {
    /// The state with all that explains it.
    pub(super) fn told(&self) -> String {
        let pace = self
            .stretched_to_seconds
            .map(|seconds| format!("checked every {seconds} s, to last"));
        let quota = self.quota.as_ref().map(QuotaRow::told);
        let lines = [Some(self.state.clone()), self.reason.clone(), quota, pace];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

impl QuotaRow {
    pub(super) fn told(&self) -> String {
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
