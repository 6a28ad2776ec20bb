//! What a feed holds, as `feeds check` shows it.

use std::io;

use serde::Serialize;
use serde_json::json;

use super::feeds::{QuotaRow, WayRow};
use super::grid::{Entry, Grid};
use super::paint::{Paint, Tone};
use super::{Output, say};
use crate::args::OutputFormat;

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
    /// How the stack reads it, of which this was asked.
    pub where_it_is_run: Option<WayRow>,
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

impl Output {
    /// What reading a feed gave.
    pub fn feed_report(&self, report: &FeedReport) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => say(format_args!("{:#}", json!(report))),
            OutputFormat::Basic => report.lines(),
            OutputFormat::Table => report.tables(self.paint),
        }
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

    fn tables(&self, paint: Paint) -> io::Result<()> {
        say(format_args!(
            "{} ({}), {}\nread {}: {}\ncredential: {}",
            self.name, self.id, self.kind, self.route, self.route_reason, self.credential,
        ))?;
        if let Some(way) = &self.where_it_is_run {
            say(format_args!(
                "where it is run: read {}: {}; credential: {}",
                way.route, way.route_reason, way.credential
            ))?;
        }
        let quota = self.quota.as_ref().map(QuotaRow::told);
        say(format_args!(
            "{} requests in {} ms\nquota: {}",
            self.requests,
            self.took_milliseconds,
            quota.as_deref().unwrap_or("the server says nothing of one"),
        ))?;
        let mut packages = Grid::new(paint, ["Package", "Versions", "Published"]);
        for row in &self.packages {
            packages.row([
                row.package.as_str().into(),
                Entry::toned(row.tone(), row.found()),
                row.dates().into(),
            ]);
        }
        say(packages)?;
        if self.packages.iter().all(|row| row.error.is_some()) {
            return Ok(());
        }
        if self.triggers.is_empty() {
            return say("no trigger that is run here watches this");
        }
        let header = [
            "Trigger",
            "Source",
            "Package",
            "Rule",
            "Newest",
            "Published",
        ];
        let mut triggers = Grid::new(paint, header);
        for row in &self.triggers {
            triggers.row([
                Entry::named(&row.trigger_name, &row.trigger_id),
                row.source.as_str().into(),
                row.package.as_str().into(),
                row.rule.as_str().into(),
                Entry::toned(row.tone(), row.outcome()),
                row.published.as_deref().unwrap_or_default().into(),
            ]);
        }
        say(triggers)
    }
}

impl PackageRow {
    fn tone(&self) -> Tone {
        self.error.as_ref().map_or(Tone::Plain, |_| Tone::Bad)
    }

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
    fn tone(&self) -> Tone {
        match (&self.problem, &self.newest) {
            (Some(_), _) => Tone::Bad,
            (None, Some(_)) => Tone::Good,
            (None, None) => Tone::Plain,
        }
    }

    fn outcome(&self) -> &str {
        let newest = self.newest.as_deref().filter(|_| self.problem.is_none());
        newest.or(self.problem.as_deref()).unwrap_or_default()
    }
}
