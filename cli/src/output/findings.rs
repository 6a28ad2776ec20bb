//! Findings of `doctor`.

use std::io;

use operator::doctor::{DoctorFinding, Verdict};
use serde_json::{Value, json};

use super::grid::{Entry, Grid};
use super::paint::Tone;
use super::reason::coded_json;
use super::{Output, count, print};
use crate::args::OutputFormat;

impl Output {
    /// The findings in the order of the checks; a table ends with the counts.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn findings(&self, findings: &[DoctorFinding]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => {
                let all: Value = findings.iter().map(finding_json).collect();
                print(format_args!("{all:#}"))
            }
            OutputFormat::Basic => findings.iter().try_for_each(|one| {
                let remedy = one.remedy.as_deref().unwrap_or_default();
                print(format_args!(
                    "{}\t{}\t{}\t{}\t{remedy}",
                    one.verdict.name(),
                    one.area,
                    one.subject,
                    one.seen
                ))
            }),
            OutputFormat::Table => {
                let mut all = Grid::new(self.paint, ["Verdict", "Check", "Result", "Remedy"]);
                for one in findings {
                    all.row([
                        Entry::toned(tone(one.verdict), label(one.verdict)),
                        format!("{}: {}", one.area, one.subject).into(),
                        one.seen.message.as_str().into(),
                        one.remedy.as_deref().unwrap_or_default().into(),
                    ]);
                }
                print(all)?;
                print(counts(findings))
            }
        }
    }
}

/// The counts, such as `1 error, 0 warnings, 12 passed`.
fn counts(findings: &[DoctorFinding]) -> String {
    let of = |verdict| findings.iter().filter(|one| one.verdict == verdict).count();
    format!(
        "{}, {}, {} passed",
        count(of(Verdict::Error), "error"),
        count(of(Verdict::Warning), "warning"),
        of(Verdict::Ok)
    )
}

/// The verdict; errors are in capitals, so that they are visible without colours.
fn label(verdict: Verdict) -> String {
    match verdict {
        Verdict::Error => verdict.name().to_uppercase(),
        Verdict::Ok | Verdict::Warning => verdict.name().to_owned(),
    }
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Ok => Tone::Good,
        Verdict::Warning => Tone::Warning,
        Verdict::Error => Tone::Bad,
    }
}

fn finding_json(finding: &DoctorFinding) -> Value {
    json!({
        "Area": finding.area,
        "Subject": finding.subject,
        "Verdict": finding.verdict.name(),
        "Result": coded_json(finding.seen.clone()),
        "Remedy": finding.remedy,
    })
}
