//! The result of `feeds check`.

use std::io;

use domain::coded::CodedText;
use serde::Serialize;
use serde_json::json;

use super::feeds::{QuotaRow, RouteRow};
use super::grid::{Entry, Grid};
use super::paint::{Paint, Tone};
use super::serialized::coded;
use super::{Output, count, print};
use crate::args::OutputFormat;

/// The result of reading a feed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FeedReport {
    pub id: String,
    pub name: String,
    /// Octopus's feed type.
    pub kind: String,
    pub space_id: String,
    /// `direct` or `octopus`.
    pub route: &'static str,
    /// The reason for the route.
    pub route_reason: &'static str,
    /// The credential that was sent.
    pub credential: String,
    /// The route of the stack's own checks; `null` without a stack.
    pub in_stack: Option<RouteRow>,
    /// The number of requests that were sent.
    pub requests: usize,
    pub took_milliseconds: i64,
    /// The quota, if the server reports one.
    pub quota: Option<QuotaRow>,
    pub packages: Vec<PackageRow>,
    /// The newest permitted version for each source of the triggers that watch the packages.
    pub triggers: Vec<NewestRow>,
}

/// One package of a report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PackageRow {
    pub package: String,
    /// The number of versions.
    pub versions: usize,
    /// The number of versions with a publishing time.
    pub published: usize,
    /// The latest publishing time that the feed reports.
    pub last_published: Option<String>,
    /// The error, if the package could not be read.
    pub error: Option<String>,
    /// The kind of error.
    pub error_kind: Option<&'static str>,
}

/// One source of a trigger.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewestRow {
    pub trigger_id: String,
    pub trigger_name: String,
    pub source: String,
    pub package: String,
    /// The channel rule; empty if it permits all versions.
    pub rule: String,
    /// The newest version that the rule permits.
    pub newest: Option<String>,
    /// The publishing time of that version, if the feed reports it.
    pub published: Option<String>,
    /// The reason why there is no such version.
    #[serde(serialize_with = "coded")]
    pub problem: Option<CodedText>,
}

impl Output {
    /// The result of `feeds check`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn feed_report(&self, report: &FeedReport) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => print(format_args!("{:#}", json!(report))),
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
                .unwrap_or_else(|| count(row.versions, "version"));
            print(format_args!("{}\t{outcome}", row.package))?;
        }
        self.triggers.iter().try_for_each(|row| {
            let (trigger, source) = (&row.trigger_name, &row.source);
            print(format_args!("{trigger}\t{source}\t{}", row.outcome()))
        })
    }

    fn tables(&self, paint: Paint) -> io::Result<()> {
        print(format_args!(
            "{} ({}), {}\nRoute: {}: {}\nCredential: {}",
            self.name, self.id, self.kind, self.route, self.route_reason, self.credential,
        ))?;
        if let Some(stack) = &self.in_stack {
            print(format_args!(
                "Route in the stack: {}: {}; credential: {}",
                stack.route, stack.route_reason, stack.credential
            ))?;
        }
        let quota = self.quota.as_ref().map(QuotaRow::summary);
        print(format_args!(
            "{} in {} ms\nQuota: {}",
            count(self.requests, "request"),
            self.took_milliseconds,
            quota.as_deref().unwrap_or("not reported by the server"),
        ))?;
        let mut packages = Grid::new(paint, ["Package", "Versions", "Published"]);
        for row in &self.packages {
            packages.row([
                row.package.as_str().into(),
                Entry::toned(row.tone(), row.found()),
                row.dates().into(),
            ]);
        }
        print(packages)?;
        if self.packages.iter().all(|row| row.error.is_some()) {
            return Ok(());
        }
        if self.triggers.is_empty() {
            return print("No trigger that feedctl runs watches this feed.");
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
        print(triggers)
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
            (0, _) => "not reported by the feed; the time of the first check is used".to_owned(),
            (published, versions) if published == versions => format!("latest {last}"),
            (published, versions) => {
                format!("{published} of {versions}; latest {last}")
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
        let problem = self
            .problem
            .as_ref()
            .map(|problem| problem.message.as_str());
        newest.or(problem).unwrap_or_default()
    }
}
