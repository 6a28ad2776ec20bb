//! Feeds, as `feeds list` and `feeds check` show them.

use std::io;

use domain::budget::Quota;
use engine::overview::{FeedStanding, FeedState};
use serde::Serialize;
use serde_json::json;

use super::{Output, say, table};
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
    /// Whose credential is sent.
    pub credential: &'static str,
    /// How many of its packages triggers watch.
    pub packages: usize,
    /// How its last check ended.
    pub state: String,
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

/// What `feeds check` found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FeedReport {
    /// The feed's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Octopus's name of its kind.
    pub kind: String,
    /// The space's id.
    pub space_id: String,
    /// `direct` or `octopus`.
    pub route: &'static str,
    /// Why it is read that way.
    pub route_reason: &'static str,
    /// Whose credential was sent.
    pub credential: &'static str,
    /// How many requests were made.
    pub requests: usize,
    /// How long it took.
    pub took_milliseconds: i64,
    /// What is left of the quota, if the server said so.
    pub quota: Option<QuotaRow>,
    /// The packages.
    pub packages: Vec<PackageRow>,
    /// What the rules of the triggers that watch them permit.
    pub triggers: Vec<NewestRow>,
}

/// One package of a report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PackageRow {
    /// Its name.
    pub package: String,
    /// How many versions it has.
    pub versions: usize,
    /// For how many of them the feed says when they were published.
    pub published: usize,
    /// When the one that was published last was, as far as the feed says so.
    pub last_published: Option<String>,
    /// Why it could not be read.
    pub error: Option<String>,
    /// The kind of failure.
    pub error_kind: Option<&'static str>,
}

/// One source of a trigger.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewestRow {
    /// The trigger's id.
    pub trigger_id: String,
    /// Its name.
    pub trigger_name: String,
    /// The source.
    pub source: String,
    /// The package.
    pub package: String,
    /// The rule; empty if it permits everything.
    pub rule: String,
    /// The newest version that it permits.
    pub newest: Option<String>,
    /// When that was published, where the feed says so.
    pub published: Option<String>,
    /// Why there is none.
    pub problem: Option<String>,
}

impl From<&FeedState> for FeedRow {
    fn from(state: &FeedState) -> Self {
        let throttled = match state.standing {
            FeedStanding::Throttled(until) => Some(until.to_string()),
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
            credential: state.credential,
            packages: state.packages,
            state: state.standing.to_string(),
            throttled_until: throttled,
            reason: state.reason.clone(),
            stretched_to_seconds: stretched.map(|interval| interval.as_millis() / 1_000),
            quota: quota.map(QuotaRow::from),
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
                let mut table = table(&header);
                for row in rows {
                    table.add_row([
                        format!("{}\n{}", row.name, row.id),
                        row.kind.clone(),
                        row.packages.to_string(),
                        format!("{}: {}", row.route, row.route_reason),
                        row.credential.to_owned(),
                        row.told(),
                    ]);
                }
                say(table)
            }
        }
    }

    /// What reading a feed gave.
    pub fn feed_report(&self, report: &FeedReport) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => say(format_args!("{:#}", json!(report))),
            OutputFormat::Basic => report.lines(),
            OutputFormat::Table => report.tables(),
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
    fn told(&self) -> String {
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

impl FeedReport {
    fn lines(&self) -> io::Result<()> {
        for row in &self.packages {
            let outcome = row
                .error
                .clone()
                .unwrap_or_else(|| format!("{} versions", row.versions));
            say(format_args!("{}\t{outcome}", row.package))?;
        }
        self.triggers.iter().try_for_each(|row| {
            let (trigger, source) = (&row.trigger_name, &row.source);
            say(format_args!("{trigger}\t{source}\t{}", row.outcome()))
        })
    }

    fn tables(&self) -> io::Result<()> {
        let quota = self.quota.as_ref().map(QuotaRow::told);
        say(format_args!(
            "{} ({}), {}\nread {}: {}\ncredential: {}\n{} requests in {} ms\nquota: {}",
            self.name,
            self.id,
            self.kind,
            self.route,
            self.route_reason,
            self.credential,
            self.requests,
            self.took_milliseconds,
            quota.as_deref().unwrap_or("the server says nothing of one"),
        ))?;
        let mut packages = table(&["Package", "Versions", "Published"]);
        for row in &self.packages {
            packages.add_row([row.package.clone(), row.found(), row.dates()]);
        }
        say(packages)?;
        if self.packages.iter().all(|row| row.error.is_some()) {
            return Ok(());
        }
        if self.triggers.is_empty() {
            return say("no trigger that is run here watches this");
        }
        let mut triggers = table(&[
            "Trigger",
            "Source",
            "Package",
            "Rule",
            "Newest",
            "Published",
        ]);
        for row in &self.triggers {
            triggers.add_row([
                format!("{}\n{}", row.trigger_name, row.trigger_id),
                row.source.clone(),
                row.package.clone(),
                row.rule.clone(),
                row.outcome().to_owned(),
                row.published.clone().unwrap_or_default(),
            ]);
        }
        say(triggers)
    }
}

impl PackageRow {
    fn found(&self) -> String {
        self.error
            .clone()
            .unwrap_or_else(|| self.versions.to_string())
    }

    fn dates(&self) -> String {
        let last = self.last_published.as_deref().unwrap_or_default();
        match (self.published, self.versions) {
            _ if self.error.is_some() => String::new(),
            (0, _) => "not told by the feed: the time of first sight stands in".to_owned(),
            (published, versions) if published == versions => format!("known; the last {last}"),
            (published, versions) => {
                format!("known of {published} of {versions}; the last {last}")
            }
        }
    }
}

impl NewestRow {
    fn outcome(&self) -> &str {
        let newest = self.newest.as_deref().filter(|_| self.problem.is_none());
        newest.or(self.problem.as_deref()).unwrap_or_default()
    }
}
