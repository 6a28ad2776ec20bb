//! What `doctor` found.

use std::io;

use operator::doctor::{Finding, Verdict};
use serde_json::{Value, json};

use super::grid::{Entry, Grid};
use super::paint::Tone;
use super::{Output, say};
use crate::args::OutputFormat;

impl Output {
    /// What was found, in the order of looking; in a table the remedies stand below.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn findings(&self, findings: &[Finding]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => {
                let all: Value = findings.iter().map(finding_json).collect();
                say(format_args!("{all:#}"))
            }
            OutputFormat::Basic => findings.iter().try_for_each(|one| {
                let remedy = one.remedy.as_deref().unwrap_or_default();
                say(format_args!(
                    "{}\t{}\t{}\t{}\t{remedy}",
                    one.verdict.name(),
                    one.area,
                    one.subject,
                    one.seen
                ))
            }),
            OutputFormat::Table => {
                let mut all = Grid::new(self.paint, ["Verdict", "What", "Seen", "Remedy"]);
                for one in findings {
                    all.row([
                        Entry::toned(tone(one.verdict), sign(one.verdict)),
                        format!("{}: {}", one.area, one.subject).into(),
                        one.seen.as_str().into(),
                        one.remedy.as_deref().unwrap_or_default().into(),
                    ]);
                }
                say(all)?;
                let count = |verdict| findings.iter().filter(|one| one.verdict == verdict).count();
                say(format_args!(
                    "{} WRONG: somebody has to act; {} doubtful: somebody should know; {} well",
                    count(Verdict::Error),
                    count(Verdict::Warning),
                    count(Verdict::Ok)
                ))
            }
        }
    }
}

/// The verdict, so that what somebody has to act on is seen at a glance, in black and white too.
fn sign(verdict: Verdict) -> String {
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

fn finding_json(finding: &Finding) -> Value {
    json!({
        "Area": finding.area,
        "Subject": finding.subject,
        "Verdict": finding.verdict.name(),
        "Seen": finding.seen,
        "Remedy": finding.remedy,
    })
}
