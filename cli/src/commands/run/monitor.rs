//! The counters of `run`, as Prometheus metrics and health checks.

use std::collections::BTreeMap;

use domain::history::Outcome;
use domain::time::{Span, Timestamp};
use engine::messages::Event;

use machine::RunReport;

/// A process without a scheduler run in this time is unhealthy: runs start at least every minute, and each may last
/// long while Octopus does not answer.
const MAX_AGE: Span = Span::from_minutes(10);

/// Counters since the start of the process.
#[derive(Debug)]
pub(super) struct Monitor {
    started: Timestamp,
    runs: u64,
    failed_runs: u64,
    last_run: Option<Timestamp>,
    last_success: Option<Timestamp>,
    last_error: Option<String>,
    triggers: usize,
    feeds: usize,
    packages_read: u64,
    package_failures: u64,
    failed_steps: u64,
    stalled: u64,
    unconfirmed: u64,
    evaluations: BTreeMap<&'static str, u64>,
}

impl Monitor {
    /// Counters of a process that starts now.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            started: now,
            runs: 0,
            failed_runs: 0,
            last_run: None,
            last_success: None,
            last_error: None,
            triggers: 0,
            feeds: 0,
            packages_read: 0,
            package_failures: 0,
            failed_steps: 0,
            stalled: 0,
            unconfirmed: 0,
            evaluations: OUTCOMES.map(|outcome| (outcome.name(), 0)).into(),
        }
    }

    /// Counts a scheduler run.
    pub(super) fn finished(&mut self, report: &RunReport, now: Timestamp) {
        self.runs += 1;
        self.last_run = Some(now);
        self.triggers = report.list.triggers.len();
        self.feeds = report.list.feeds.len();
        self.packages_read += number(report.checked);
        self.package_failures += number(report.unread.len());
        self.failed_steps += number(report.broken.len());
        let stalled = report.messages.iter();
        let stalled = stalled.filter(|one| matches!(one.event, Event::TriggerStalled(_)));
        self.stalled += number(stalled.count());
        for evaluation in &report.evaluations {
            *self
                .evaluations
                .entry(evaluation.outcome.name())
                .or_default() += 1;
        }
        self.last_error.clone_from(&report.stale);
        if report.stale.is_none() {
            self.last_success = Some(now);
        }
    }

    /// Counts a push that the registry did not list after the last further check.
    pub(super) fn unconfirmed(&mut self) {
        self.unconfirmed += 1;
    }

    /// Counts a scheduler run that failed.
    pub(super) fn failed(&mut self, error: &anyhow::Error, now: Timestamp) {
        self.runs += 1;
        self.failed_runs += 1;
        self.last_run = Some(now);
        self.last_error = Some(format!("{error:#}"));
    }

    /// Whether scheduler runs take place; the error has the reason for a restart.
    pub(super) fn health(&self, now: Timestamp) -> Result<(), String> {
        let last = self.last_run.unwrap_or(self.started);
        let age = now.since(last);
        if age <= MAX_AGE {
            Ok(())
        } else {
            Err(format!("no scheduler run has finished for {age}"))
        }
    }

    /// Whether the last scheduler run could read the triggers from Octopus.
    pub(super) fn readiness(&self, now: Timestamp) -> Result<(), String> {
        self.health(now)?;
        match (&self.last_error, self.last_success) {
            (Some(error), _) => Err(error.clone()),
            (None, None) => Err("the first scheduler run has not finished".to_owned()),
            (None, Some(_)) => Ok(()),
        }
    }

    /// The metrics in Prometheus's text format.
    pub(super) fn metrics(&self) -> String {
        let seconds = |at: Option<Timestamp>| at.map_or(0, |at| at.as_millis() / 1_000);
        let mut text = String::new();
        let mut add = |name: &str, kind: &str, help: &str, value: String| {
            text.push_str(&format!(
                "# HELP feedctl_{name} {help}\n# TYPE feedctl_{name} {kind}\n{value}\n"
            ));
        };
        let mut counter = |name: &str, help: &str, value: u64| {
            add(name, "counter", help, format!("feedctl_{name} {value}"));
        };
        counter("scheduler_runs_total", "Scheduler runs.", self.runs);
        counter(
            "scheduler_run_failures_total",
            "Scheduler runs that failed.",
            self.failed_runs,
        );
        counter(
            "packages_read_total",
            "Packages that were read.",
            self.packages_read,
        );
        counter(
            "package_read_failures_total",
            "Packages that could not be read.",
            self.package_failures,
        );
        counter(
            "failed_steps_total",
            "Steps that failed and are retried.",
            self.failed_steps,
        );
        counter(
            "pushes_unconfirmed_total",
            "Pushes that the registry does not list after the last further check.",
            self.unconfirmed,
        );
        counter(
            "triggers_stalled_total",
            "Times that a trigger became stalled.",
            self.stalled,
        );
        let evaluations = self.evaluations.iter().map(|(outcome, count)| {
            format!("feedctl_evaluations_total{{outcome=\"{outcome}\"}} {count}")
        });
        let evaluations = evaluations.collect::<Vec<_>>().join("\n");
        add(
            "evaluations_total",
            "counter",
            "Evaluations by outcome.",
            evaluations,
        );
        let mut gauge = |name: &str, help: &str, value: String| {
            add(name, "gauge", help, format!("feedctl_{name} {value}"));
        };
        gauge(
            "triggers",
            "Triggers that feedctl runs.",
            self.triggers.to_string(),
        );
        gauge(
            "feeds",
            "Feeds that triggers watch.",
            self.feeds.to_string(),
        );
        gauge(
            "start_time_seconds",
            "Start of the process, in Unix time.",
            seconds(Some(self.started)).to_string(),
        );
        gauge(
            "last_run_time_seconds",
            "End of the last scheduler run, in Unix time; 0 before the first.",
            seconds(self.last_run).to_string(),
        );
        gauge(
            "last_success_time_seconds",
            "End of the last scheduler run that read the triggers from Octopus, in Unix time; 0 before the first.",
            seconds(self.last_success).to_string(),
        );
        let version = env!("CARGO_PKG_VERSION");
        add(
            "build_info",
            "gauge",
            "The version of the program.",
            format!("feedctl_build_info{{version=\"{version}\"}} 1"),
        );
        text
    }
}

/// The outcomes that have a metric from the start.
const OUTCOMES: [Outcome; 7] = [
    Outcome::Created,
    Outcome::AlreadyReleased,
    Outcome::Observed,
    Outcome::Waiting,
    Outcome::Skipped,
    Outcome::Refused,
    Outcome::Failed,
];

fn number(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(minutes: i64) -> Timestamp {
        START + Span::from_minutes(minutes)
    }

    #[test]
    fn readiness_requires_a_run_that_read_the_triggers() {
        let mut monitor = Monitor::new(START);
        assert!(monitor.readiness(START).is_err(), "no run yet");
        monitor.finished(&RunReport::default(), START);
        assert_eq!(monitor.readiness(START), Ok(()));
        let stale = RunReport {
            stale: Some("Octopus does not answer".to_owned()),
            ..RunReport::default()
        };
        monitor.finished(&stale, START);
        assert_eq!(
            monitor.readiness(START),
            Err("Octopus does not answer".to_owned())
        );
        monitor.failed(&anyhow::anyhow!("disk full"), START);
        assert_eq!(monitor.readiness(START), Err("disk full".to_owned()));
        assert_eq!(monitor.health(START), Ok(()));
    }

    #[test]
    fn health_requires_a_run_in_the_last_ten_minutes() {
        let mut monitor = Monitor::new(START);
        assert_eq!(monitor.health(after(10)), Ok(()));
        assert!(monitor.health(after(11)).is_err());
        monitor.finished(&RunReport::default(), after(11));
        assert_eq!(monitor.health(after(20)), Ok(()));
    }

    #[test]
    fn metrics_have_help_and_type() {
        let mut monitor = Monitor::new(START);
        monitor.finished(&RunReport::default(), START);
        let text = monitor.metrics();
        assert!(text.contains("feedctl_scheduler_runs_total 1\n"), "{text}");
        assert!(text.contains("feedctl_evaluations_total{outcome=\"Created\"} 0\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split([' ', '{']).next().unwrap();
            for comment in ["HELP", "TYPE"] {
                assert!(text.contains(&format!("# {comment} {name} ")), "{name}");
            }
        }
    }
}
