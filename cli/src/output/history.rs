//! Evaluations as a table, as lines and as JSON.

use std::io;

use domain::history::Evaluation;
use serde_json::Value;

use super::evaluation::evaluation_json;
use super::grid::{Entry, Grid};
use super::{Output, print, show_time};
use crate::args::OutputFormat;

impl Output {
    /// Evaluations as they are recorded, one a line; in JSON one document a line.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn evaluations(&self, evaluations: &[Evaluation]) -> io::Result<()> {
        evaluations.iter().try_for_each(|one| match self.format {
            OutputFormat::Json => print(evaluation_json(one)),
            OutputFormat::Table | OutputFormat::Basic => print(self.evaluation_line(one)),
        })
    }

    /// Evaluations in this order; verbose output includes the verdict on every candidate.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn history(&self, evaluations: &[Evaluation]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => {
                let all: Value = evaluations.iter().map(evaluation_json).collect();
                print(format_args!("{all:#}"))
            }
            _ if self.is_verbose => evaluations.iter().try_for_each(|one| {
                print(self.evaluation_line(one))?;
                print(format_args!("  took {}", one.took))?;
                let mut findings = one.findings.iter();
                findings.try_for_each(|finding| self.finding(finding))
            }),
            OutputFormat::Basic => evaluations
                .iter()
                .try_for_each(|one| print(self.evaluation_line(one))),
            OutputFormat::Table if evaluations.is_empty() => print(
                "No evaluations. `feedctl run` evaluates triggers; `feedctl history` without filters shows all.",
            ),
            OutputFormat::Table => print(self.evaluation_table(evaluations)),
        }
    }

    fn evaluation_line(&self, one: &Evaluation) -> String {
        let release = one.release.as_ref();
        let release = release.map(|release| format!(" release {}", release.version));
        format!(
            "{} {}: {}{}: {} ({})",
            show_time(one.at),
            one.trigger_name,
            self.paint.text(one.outcome.into(), one.outcome.name()),
            release.unwrap_or_default(),
            one.reason,
            one.cause
        )
    }

    fn evaluation_table(&self, evaluations: &[Evaluation]) -> Grid {
        let header = [
            "When", "Trigger", "Outcome", "Release", "Reason", "Cause", "Took",
        ];
        let mut grid = Grid::new(self.paint, header);
        for one in evaluations {
            let release = one.release.as_ref().map(|release| release.version.clone());
            grid.row([
                one.at.to_string().into(),
                one.trigger_name.as_str().into(),
                Entry::toned(one.outcome.into(), one.outcome.name()),
                release.unwrap_or_default().into(),
                one.reason.as_str().into(),
                one.cause.to_string().into(),
                one.took.to_string().into(),
            ]);
        }
        grid
    }
}
